package online_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	topiconline "github.com/gobertopic/gobertopic/topic/online"
)

// bitsFile holds hashes of what Learners and their models say: case → part → hash. A change that is
// meant to change results writes the file again:
//
//	GOBERTOPIC_RECORD_BITS=1 go test ./topic/online -run Bits
const bitsFile = "testdata/bits.json"

// bits collects hashes of the parts of models.
type bits map[string]map[string]string

// add hashes values as part of a case. What is added again must have the same hash.
func (b bits) add(t *testing.T, name, part string, values ...any) {
	t.Helper()
	h := sha256.New()
	for _, v := range values {
		hashValue(h, v)
	}
	if b[name] == nil {
		b[name] = map[string]string{}
	}
	sum := hex.EncodeToString(h.Sum(nil)[:8])
	if was, ok := b[name][part]; ok && was != sum {
		t.Errorf("%s: %s has the hashes %q and %q", name, part, was, sum)
	}
	b[name][part] = sum
}

func hashValue(h hash.Hash, v any) {
	number := func(v uint64) { h.Write(binary.LittleEndian.AppendUint64(nil, v)) }
	switch v := v.(type) {
	case error:
		h.Write([]byte("error"))
	case int:
		number(uint64(v))
	case string:
		number(uint64(len(v)))
		h.Write([]byte(v))
	case []int:
		for _, n := range v {
			number(uint64(n))
		}
	case []int32:
		for _, n := range v {
			number(uint64(n))
		}
	case []float64:
		for _, n := range v {
			number(math.Float64bits(n))
		}
	case []float32:
		for _, n := range v {
			number(uint64(math.Float32bits(n)))
		}
	case []topic.Assignment:
		for _, a := range v {
			number(uint64(a.Topic))
			number(math.Float64bits(a.Probability))
		}
	case []ctfidf.Term:
		for _, term := range v {
			hashValue(h, term.Term)
			number(math.Float64bits(term.Weight))
		}
	default:
		panic(fmt.Sprintf("a %T", v))
	}
}

// model adds what a model says of its documents and of fresh ones.
func (b bits) model(t *testing.T, name string, m *topic.Model, fresh []string, x blas32.General) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, m.Check())
	b.add(t, name, "assignments", m.Assignments())
	var topics, terms, means []any
	for _, tp := range m.Topics() {
		topics = append(topics, tp.ID, tp.Size, tp.Name, tp.Label, tp.Representative)
		terms, means = append(terms, tp.Terms), append(means, tp.Embedding)
	}
	b.add(t, name, "topics", topics...)
	b.add(t, name, "terms", terms...)
	b.add(t, name, "topic embeddings", means...)
	weights := testutil.Got(t, m.Weights)
	b.add(t, name, "weights", weights.Rows.RowPtr, weights.Rows.Col, weights.Rows.Value, strings.Join(weights.Vocabulary, "\n"))
	_, err := m.Probabilities(ctx, 5)
	require.ErrorIs(t, err, topic.ErrNoMemberships)
	b.add(t, name, "probabilities", err)
	found, err := m.TransformEmbedded(ctx, fresh, x)
	require.NoError(t, err)
	b.add(t, name, "transform", found)
	_, err = m.TransformProbabilities(ctx, topic.Input{Docs: fresh, Embeddings: x}, 5)
	require.ErrorIs(t, err, topic.ErrNoMemberships)
	b.add(t, name, "transform probabilities", err)
}

// Batches give the bits that were recorded, and so does a Learner that was saved and loaded on the
// way, and a saved model.
func TestBitsExact(t *testing.T) {
	if testing.Short() {
		t.Skip("embeds 900 titles")
	}
	docs := questionTitles(t, 700)
	docs[17], docs[300] = "", docs[4] // a blank one and one that occurs twice
	x := embedded(t, docs)
	fresh := forumTitles(t)
	y := embedded(t, fresh)
	b := bits{}
	for name, c := range map[string]stage.Clusterer{
		"online kmeans": online.KMeansConfig{NClusters: 12}, "online dbstream": online.DBStreamConfig{},
	} {
		b.learn(t, name, c, 0, docs, x, fresh, y)
		b.learn(t, name, c, 300, docs, x, fresh, y)
	}
	b.compare(t)
}

// learn adds the assignments of batches, and the models after them: as it is, refreshed, grown. If
// resume is not 0, the Learner is saved and loaded after so many documents, and each model before
// it is asked.
func (b bits) learn(t *testing.T, name string, c stage.Clusterer, resume int, docs []string, x blas32.General, fresh []string, y blas32.General) {
	t.Helper()
	saved := func(m *topic.Model) *topic.Model {
		if resume == 0 {
			return m
		}
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
		back, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
		require.NoError(t, err)
		return back
	}
	cfg := topic.DefaultConfig()
	cfg.Reducer, cfg.Clusterer = online.PCAConfig{NComponents: 8}, c
	l, err := topiconline.New(cfg, ctfidf.Online{Decay: 0.1})
	require.NoError(t, err)
	for lo := 0; lo < len(docs); lo += 100 {
		if lo == resume && lo > 0 {
			l, err = topiconline.Resume(saved(modelOf(t, l)))
			require.NoError(t, err)
		}
		found, err := l.PartialFitEmbedded(t.Context(), docs[lo:lo+100], slice(x, lo, lo+100))
		require.NoError(t, err)
		b.add(t, name+", batches", fmt.Sprintf("batch %d", lo/100), found)
	}
	b.model(t, name, saved(modelOf(t, l)), fresh, y)
	require.NoError(t, l.Refresh(t.Context()))
	m := saved(modelOf(t, l))
	b.model(t, name+", refreshed", m, fresh, y)
	m, err = m.GrowEmbedded(t.Context(), fresh, y)
	require.NoError(t, err)
	b.model(t, name+", grown", saved(m), fresh, y)
}

// compare compares the cases with those of bitsFile, or records them.
func (b bits) compare(t *testing.T) {
	t.Helper()
	if os.Getenv("GOBERTOPIC_RECORD_BITS") != "" {
		text, err := json.MarshalIndent(b, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(bitsFile, append(text, '\n'), 0o644))
		return
	}
	text, err := os.ReadFile(bitsFile)
	require.NoError(t, err)
	recorded := bits{}
	require.NoError(t, json.Unmarshal(text, &recorded))
	require.Equal(t, recorded, b)
}

// questionTitles returns n titles of questions about secrets.
func questionTitles(t *testing.T, n int) (out []string) {
	t.Helper()
	f, err := os.Open(testutil.Data(t, "security_secrets_se", "questions.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	for d := json.NewDecoder(f); len(out) < n; {
		var q struct{ Title string }
		require.NoError(t, d.Decode(&q))
		out = append(out, q.Title)
	}
	return out
}

// forumTitles returns 200 titles of a forum, from the 12,000th on.
func forumTitles(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(testutil.Data(t, "openai_forum", "topics.csv"))
	require.NoError(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	_, err = r.Read()
	require.NoError(t, err)
	var out []string
	for len(out) < 12200 {
		record, err := r.Read()
		require.NoError(t, err)
		out = append(out, record[2])
	}
	return out[12000:]
}

func embedded(t *testing.T, docs []string) blas32.General {
	t.Helper()
	x, err := topic.DefaultConfig().Embedder.Embed(t.Context(), docs)
	require.NoError(t, err)
	return x
}
