package topic_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// bitsFile holds the hashes of what models of the corpora contain: case → part → hash. The tests below fail when a change
// of the code changes a single bit of them. A change that is meant to change results writes the file again:
//
//	GOBERTOPIC_RECORD_BITS=1 go test ./topic -run Bits
const bitsFile = "testdata/bits.json"

// bits collects hashes of the parts of models.
type bits map[string]map[string]string

// compare compares the cases with those of bitsFile, or records them.
func (b bits) compare(t *testing.T) {
	t.Helper()
	recorded := bits{}
	text, err := os.ReadFile(bitsFile)
	if err == nil {
		require.NoError(t, json.Unmarshal(text, &recorded))
	}
	if os.Getenv("GOBERTOPIC_RECORD_BITS") != "" {
		maps.Copy(recorded, b)
		text, err := json.MarshalIndent(recorded, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(bitsFile, append(text, '\n'), 0o644))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		require.Contains(t, recorded, name, "record the hashes first")
		for part, was := range recorded[name] {
			if got := b[name][part]; got != was {
				t.Errorf("%s: %s has the hash %q, want %q", name, part, got, was)
			}
		}
	}
}

// add hashes values as part of a case.
func (b bits) add(name, part string, values ...any) {
	h := sha256.New()
	for _, v := range values {
		hashValue(h, v)
	}
	if b[name] == nil {
		b[name] = map[string]string{}
	}
	b[name][part] = hex.EncodeToString(h.Sum(nil)[:8])
}

func hashValue(h hash.Hash, v any) {
	number := func(v uint64) { h.Write(binary.LittleEndian.AppendUint64(nil, v)) }
	switch v := v.(type) {
	case error:
		h.Write([]byte("error"))
	case int:
		number(uint64(v))
	case float64:
		number(math.Float64bits(v))
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
func (b bits) model(t *testing.T, name string, m *topic.Model, err error, fresh []string, x blas32.General) {
	t.Helper()
	if err != nil {
		t.Logf("%s: %v", name, err)
		b.add(name, "error", err)
		return
	}
	ctx := t.Context()
	b.add(name, "assignments", m.Assignments())
	var topics, terms, means []any
	for _, tp := range m.Topics() {
		topics = append(topics, tp.ID, tp.Size, tp.Name, tp.Label, tp.Representative)
		terms, means = append(terms, tp.Terms), append(means, tp.Embedding)
	}
	b.add(name, "topics", topics...)
	b.add(name, "terms", terms...)
	b.add(name, "topic embeddings", means...)
	weights := testutil.Got(t, m.Weights)
	b.add(name, "weights", weights.Rows.RowPtr, weights.Rows.Col, weights.Rows.Value, strings.Join(weights.Vocabulary, "\n"))
	p, err := m.Probabilities(ctx, 5)
	if err != nil {
		b.add(name, "probabilities", err)
	} else {
		b.add(name, "probabilities", p.RowPtr, p.Col, p.Value)
	}
	found, err := m.TransformEmbedded(ctx, fresh, x)
	require.NoError(t, err)
	b.add(name, "transform", found)
	if p, err = m.TransformProbabilities(ctx, topic.Input{Docs: fresh, Embeddings: x}, 5); err != nil {
		b.add(name, "transform probabilities", err)
	} else {
		b.add(name, "transform probabilities", p.RowPtr, p.Col, p.Value)
	}
}

// bitsCorpora reads a corpus by its name: the texts of the first documents.
var bitsCorpora = map[string]func(t *testing.T, n int) []string{
	"bbc":         gzipped("bbc_raw/documents.jsonl.gz", "text"),
	"newsgroups":  gzipped("newsgroups_raw/documents.jsonl.gz", "text"),
	"summaries":   gzipped("package_summaries/documents.jsonl.gz", "text"),
	"issues":      gzipped("llm_app_issues/issues_en.jsonl.gz", "title"),
	"genai":       plain("genai_stackexchange/questions.jsonl", "title"),
	"security":    plain("security_secrets_se/questions.jsonl", "title"),
	"forum163":    plain("openai_forum_163/topics.jsonl", "title"),
	"forumTitles": table("openai_forum/topics.csv", 2),
	"forumOADF":   table("openai_forum_oadf/annotated_2365.csv", 2),
	"so24k":       table("so_24k_meta/QueryResults.csv", 1),
}

func gzipped(path, field string) func(t *testing.T, n int) []string {
	return func(t *testing.T, n int) []string {
		f, err := os.Open(testutil.Data(t, filepath.FromSlash(path)))
		require.NoError(t, err)
		defer f.Close()
		r, err := gzip.NewReader(f)
		require.NoError(t, err)
		return jsonField(t, r, field, n)
	}
}

func plain(path, field string) func(t *testing.T, n int) []string {
	return func(t *testing.T, n int) []string {
		f, err := os.Open(testutil.Data(t, filepath.FromSlash(path)))
		require.NoError(t, err)
		defer f.Close()
		return jsonField(t, f, field, n)
	}
}

func jsonField(t *testing.T, r io.Reader, field string, n int) (out []string) {
	d := json.NewDecoder(bufio.NewReader(r))
	for len(out) < n {
		var record map[string]any
		err := d.Decode(&record)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		out = append(out, record[field].(string))
	}
	return out
}

func table(path string, col int) func(t *testing.T, n int) []string {
	return func(t *testing.T, n int) (out []string) {
		f, err := os.Open(testutil.Data(t, filepath.FromSlash(path)))
		require.NoError(t, err)
		defer f.Close()
		r := csv.NewReader(f)
		r.FieldsPerRecord, r.LazyQuotes = -1, true
		_, err = r.Read()
		require.NoError(t, err)
		for len(out) < n {
			record, err := r.Read()
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			out = append(out, record[col])
		}
		return out
	}
}

// bitsPresets are the two presets.
var bitsPresets = map[string]func() topic.Config{"default": topic.DefaultConfig, "bertopic": topic.BERTopicConfig}

// freshTitles returns a thousand titles that no corpus above begins with, and their embeddings.
func freshTitles(t *testing.T) ([]string, blas32.General) {
	docs := bitsCorpora["forumTitles"](t, 13000)[12000:]
	return docs, embedded(t, docs)
}

func embedded(t *testing.T, docs []string) blas32.General {
	x, err := topic.DefaultConfig().Embedder.Embed(t.Context(), docs)
	require.NoError(t, err)
	return x
}

// Every corpus gives the bits that were recorded, with both presets and three seeds.
func TestCorporaBitsExact(t *testing.T) {
	if testing.Short() {
		t.Skip("fits 20,000 titles several times")
	}
	b := bits{}
	fresh, y := freshTitles(t)
	corpora := map[string][]string{"so20k": lines(t, testutil.Data(t, "so20k", "title_StackOverflow.txt"))}
	for name, read := range bitsCorpora {
		corpora[name] = read(t, 500)
	}
	for name, docs := range corpora {
		x := embedded(t, docs)
		for preset, config := range bitsPresets {
			for seed := uint64(1); seed <= 3; seed++ {
				cfg := config()
				cfg.Seed = seed
				m, err := topic.FitEmbedded(t.Context(), docs, x, cfg)
				b.model(t, fmt.Sprintf("%s %s %d", name, preset, seed), m, err, fresh, y)
			}
		}
	}
	b.compare(t)
}

// bitsModes are ways to fit a model.
func bitsModes(classes []int) map[string]func(d *topic.Input, cfg *topic.Config) {
	return map[string]func(d *topic.Input, cfg *topic.Config){
		"default":  func(*topic.Input, *topic.Config) {},
		"bertopic": func(_ *topic.Input, cfg *topic.Config) { *cfg = topic.BERTopicConfig() },
		"plscan": func(_ *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			cfg.Clusterer = hdbscan.PLSCAN{}
		},
		"given":    func(d *topic.Input, cfg *topic.Config) { d.Classes, cfg.Clusterer = classes, supervised.Fixed{} },
		"logistic": func(d *topic.Input, cfg *topic.Config) { d.Classes, cfg.Clusterer = classes, supervised.Logistic{} },
		"classes":  func(d *topic.Input, cfg *topic.Config) { d.Classes = classes },
		"bertopic classes": func(d *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			d.Classes = classes
		},
		"guided": func(_ *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			cfg.Seeds = [][]string{{"password", "hash"}, {"certificate", "ssl"}, {"api", "key"}}
		},
		"zero-shot": func(_ *topic.Input, cfg *topic.Config) {
			cfg.ZeroShot = topic.ZeroShot{Labels: []string{"storing passwords", "certificates", "cooking"}, MinSimilarity: 0.35}
		},
		"bertopic zero-shot": func(_ *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			cfg.ZeroShot = topic.ZeroShot{Labels: []string{"storing passwords", "certificates", "cooking"}, MinSimilarity: 0.35}
		},
		"soft": func(_ *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			cfg.Outliers = topic.SoftOutliers
		},
		"all": func(_ *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			cfg.Outliers = topic.AllOutliers
		},
		"five": func(_ *topic.Input, cfg *topic.Config) { cfg.Granularity = topic.NumTopics(5) },
		"bertopic five": func(_ *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			cfg.Granularity = topic.NumTopics(5)
		},
		"auto": func(_ *topic.Input, cfg *topic.Config) {
			*cfg = topic.BERTopicConfig()
			cfg.Granularity = topic.Merged()
		},
	}
}

// sameWords returns the default configuration with the vocabulary of m.
func sameWords(m *topic.Model) topic.Config {
	cfg := topic.DefaultConfig()
	cfg.Vocabulary = m.Config().Vocabulary
	return cfg
}

// bitsOperations are operations on a model; fresh documents are given to those that take some.
func bitsOperations(fresh []string, y blas32.General, dir string) map[string]func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
	grow := func(ctx context.Context, m *topic.Model) (*topic.Model, error) { return m.GrowEmbedded(ctx, fresh, y) }
	saved := func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
		if err := m.Save(ctx, dir, topic.SaveOptions{}); err != nil {
			return nil, err
		}
		return topic.Load(ctx, dir, topic.LoadOptions{Embedder: topic.DefaultConfig().Embedder})
	}
	out := map[string]func(ctx context.Context, m *topic.Model) (*topic.Model, error){
		"none": func(_ context.Context, m *topic.Model) (*topic.Model, error) { return m, nil },
		"grow": grow,
		"grow twice": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			half := y
			half.Rows = len(fresh) / 2
			first, err := m.GrowEmbedded(ctx, fresh[:half.Rows], half)
			if err != nil {
				return nil, err
			}
			return first.GrowEmbedded(ctx, fresh, y)
		},
		"reduce": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.ReduceTopics(ctx, topic.NumTopics(4), topic.ReduceOptions{})
		},
		"reduce words": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.ReduceTopics(ctx, topic.NumTopics(4), topic.ReduceOptions{UseWords: true})
		},
		"reduce auto": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.ReduceTopics(ctx, topic.Merged(), topic.ReduceOptions{})
		},
		"merge": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.MergeTopics(ctx, []int{0, 2})
		},
		"delete": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.DeleteTopics(ctx, 1)
		},
		"split": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.SplitTopic(ctx, 0, topic.SplitOptions{Parts: 3})
		},
		"split dense": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.SplitTopic(ctx, 0, topic.SplitOptions{MinSize: 5})
		},
		"update": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			words := m.Config().Words
			words.Vocabulary.NGramMax, words.TopWords = 2, 7
			return m.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
		},
		"layer": func(ctx context.Context, m *topic.Model) (*topic.Model, error) { return m.AtLayer(ctx, 1) },
		"saved": saved,
		"grow saved": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			grown, err := grow(ctx, m)
			if err != nil {
				return nil, err
			}
			return saved(ctx, grown)
		},
		"merged models": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			other, err := topic.FitEmbedded(ctx, fresh, y, sameWords(m))
			if err != nil {
				return nil, err
			}
			return topic.MergeModels(ctx, []*topic.Model{m, other}, 0.6)
		},
		"merged models grow": func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			half := y
			half.Rows = len(fresh) / 2
			other, err := topic.FitEmbedded(ctx, fresh[:half.Rows], half, sameWords(m))
			if err != nil {
				return nil, err
			}
			merged, err := topic.MergeModels(ctx, []*topic.Model{m, other}, 0.6)
			if err != nil {
				return nil, err
			}
			return grow(ctx, merged)
		},
	}
	for _, s := range []topic.OutlierStrategy{topic.ByEmbeddings, topic.ByWords, topic.ByDistributions, topic.ByProbabilities} {
		out["outliers "+string(s)] = func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
			return m.ReduceOutliers(ctx, topic.OutlierRule{Strategy: s, Threshold: 0.1})
		}
	}
	out["outliers grow"] = func(ctx context.Context, m *topic.Model) (*topic.Model, error) {
		some, err := m.ReduceOutliers(ctx, topic.OutlierRule{Strategy: topic.ByWords, Threshold: 0.2})
		if err != nil {
			return nil, err
		}
		return grow(ctx, some)
	}
	return out
}

// Every way to fit a model and every operation gives the bits that were recorded.
func TestOperationsBitsExact(t *testing.T) {
	if testing.Short() {
		t.Skip("fits many models")
	}
	b := bits{}
	docs := bitsCorpora["security"](t, 700)
	docs[17], docs[300] = "", docs[4] // a blank one and one that occurs twice
	x := embedded(t, docs)
	fresh, y := freshTitles(t)
	classes := make([]int, len(docs))
	for i, d := range docs {
		switch d = strings.ToLower(d); {
		case strings.Contains(d, "password"):
			classes[i] = 2
		case strings.Contains(d, "key"):
			classes[i] = 0
		case strings.Contains(d, "token") || strings.Contains(d, "secret"):
			classes[i] = 5
		default:
			classes[i] = -1
		}
	}
	few := y
	few.Rows = 200
	operations := bitsOperations(fresh[:400], blas32.General{Rows: 400, Cols: y.Cols, Stride: y.Stride, Data: y.Data}, filepath.Join(t.TempDir(), "model"))
	for mode, set := range bitsModes(classes) {
		d := topic.Input{Docs: docs, Embeddings: x}
		cfg := topic.DefaultConfig()
		set(&d, &cfg)
		m, err := topic.FitInput(t.Context(), d, cfg)
		require.NoError(t, err, mode)
		for name, operation := range operations {
			out, err := operation(t.Context(), m)
			b.model(t, mode+", "+name, out, err, fresh[:few.Rows], few)
		}
	}
	words, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: classes, WordsAlone: true}, topic.Config{
		Clusterer: supervised.Fixed{}, Words: topic.DefaultConfig().Words,
	})
	require.NoError(t, err)
	found, err := words.Transform(t.Context(), fresh)
	require.NoError(t, err)
	b.add("words alone", "assignments", words.Assignments(), found)
	b.compare(t)
}
