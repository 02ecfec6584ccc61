package represent_test

import (
	"cmp"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// golden is testdata/golden.json.gz; see scripts/golden/represent.py.
type goldenFile struct {
	Docs    []string
	Labels  []int
	Dim     int
	Texts   []string
	Vectors []byte
	KeyBERT map[string]goldenTerms
	MMR     map[string]map[string]goldenTerms
	POS     map[string]goldenTerms
	Tags    []string
	Tagged  map[string][]int
	Typical map[string]map[string][]int
	Cut     [][]any
}

type goldenTerms []ctfidf.Term

func (g *goldenTerms) UnmarshalJSON(b []byte) error {
	var pairs [][2]any
	if err := json.Unmarshal(b, &pairs); err != nil {
		return err
	}
	for _, p := range pairs {
		*g = append(*g, ctfidf.Term{Term: p[0].(string), Weight: p[1].(float64)})
	}
	return nil
}

var golden = sync.OnceValue(readGolden)

func readGolden() goldenFile {
	f, err := os.Open("testdata/golden.json.gz")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		panic(err)
	}
	var raw struct {
		goldenFile
		Vectors string
	}
	if err := json.NewDecoder(z).Decode(&raw); err != nil {
		panic(err)
	}
	if raw.goldenFile.Vectors, err = base64.StdEncoding.DecodeString(raw.Vectors); err != nil {
		panic(err)
	}
	return raw.goldenFile
}

// table is an embedder that knows the vectors of some texts.
type table struct {
	at      map[string]int
	dim     int
	vectors []byte
}

func (g goldenFile) embedder() table {
	t := table{map[string]int{}, g.Dim, g.Vectors}
	for i, d := range append(append([]string(nil), g.Docs...), g.Texts...) {
		t.at[d] = i
	}
	return t
}

func (e table) Embed(_ context.Context, texts []string) (blas32.General, error) {
	x := blas32.General{Rows: len(texts), Cols: e.dim, Stride: e.dim, Data: make([]float32, len(texts)*e.dim)}
	for i, text := range texts {
		at, ok := e.at[text]
		if !ok {
			return x, fmt.Errorf("no vector for %q", text)
		}
		for j := range e.dim {
			x.Data[i*e.dim+j] = float32(int8(e.vectors[at*e.dim+j]))
		}
	}
	return x, nil
}

// config makes the labels of the file the topics; see fit.
func (g goldenFile) config() topic.Config {
	cfg := topic.DefaultConfig()
	cfg.Vocabulary = ctfidf.Config{}
	cfg.Embedder, cfg.Reducer, cfg.Clusterer = g.embedder(), nil, supervised.Fixed{}
	return cfg
}

// fit fits the documents with their labels.
func (g goldenFile) fit(t *testing.T, cfg topic.Config) *topic.Model {
	t.Helper()
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: g.Docs, Classes: g.Labels}, cfg)
	require.NoError(t, err)
	return m
}

func requireTerms(t *testing.T, want goldenTerms, got []ctfidf.Term, delta float64, about string) {
	t.Helper()
	require.Len(t, got, len(want), about)
	for i, w := range want {
		require.Equal(t, w.Term, got[i].Term, "%s, word %d", about, i)
		require.InDelta(t, w.Weight, got[i].Weight, delta, "%s, word %d", about, i)
	}
}

// 20 topics and outliers: the words of BERTopic 0.17.4, in their order. Its weights are float32 cosines for
// KeyBERTInspired.
func TestSameWordsAsBERTopicWithinTolerance(t *testing.T) {
	g := golden()
	cfg := g.config()
	cfg.Representers = []topic.Representer{represent.KeyBERT{}}
	for name := range g.MMR {
		diversity, err := strconv.ParseFloat(name, 64)
		require.NoError(t, err)
		if diversity == 0 {
			diversity = stage.None
		}
		cfg.Aspects = append(cfg.Aspects, topic.Aspect{Name: name, Representers: []topic.Representer{represent.MMR{Diversity: diversity}}})
	}
	m := g.fit(t, cfg)
	require.NoError(t, m.Check())
	require.Len(t, m.Topics(), 21)
	for _, tp := range m.Topics() {
		id := strconv.Itoa(tp.ID)
		requireTerms(t, g.KeyBERT[id], tp.Terms, 1e-6, "KeyBERT, topic "+id)
		for name, want := range g.MMR {
			requireTerms(t, want[id], tp.Aspects[name], 1e-12, "MMR "+name+", topic "+id)
		}
	}
}

// The documents that BERTopic 0.17.4 finds typical, as sets: it gives them in no order.
func TestSameTypicalDocumentsAsBERTopicExact(t *testing.T) {
	g := golden()
	for diversity, want := range g.Typical {
		cfg := g.config()
		cfg.RepresentativeDocs = 5
		var err error
		cfg.RepresentativeDiversity, err = strconv.ParseFloat(diversity, 64)
		require.NoError(t, err)
		m := g.fit(t, cfg)
		for _, tp := range m.Topics() {
			require.ElementsMatch(t, want[strconv.Itoa(tp.ID)], tp.Representative, "topic %d, diversity %s", tp.ID, diversity)
		}
	}
}

// spaCy is a tagger that knows what spaCy says of some texts.
type spaCy map[string][]represent.Token

func (s spaCy) Tag(_ context.Context, text string) ([]represent.Token, error) {
	tokens, ok := s[text]
	if !ok {
		return nil, fmt.Errorf("nobody tagged %q", text)
	}
	return tokens, nil
}

// tagged is the documents in lower case, and what spaCy says of some of them.
func (g goldenFile) tagged(t *testing.T) ([]string, spaCy) {
	docs := slices.Clone(g.Docs)
	for i, d := range docs {
		docs[i] = strings.ToLower(d)
	}
	out := spaCy{}
	for key, spans := range g.Tagged {
		i, err := strconv.Atoi(key)
		require.NoError(t, err)
		var starts []int // of the characters
		for at := range docs[i] {
			starts = append(starts, at)
		}
		starts = append(starts, len(docs[i]))
		end := 0
		for ; len(spans) > 0; spans = spans[3:] {
			start := end + spans[0]
			end = start + spans[1]
			out[docs[i]] = append(out[docs[i]], represent.Token{Start: starts[start], End: starts[end], Tag: g.Tags[spans[2]]})
		}
	}
	return docs, out
}

// 20 topics and outliers, tagged by spaCy on both sides: all words of BERTopic 0.17.4, in their order. It leaves the order
// of equal weights open.
func TestSamePartsOfSpeechAsBERTopicWithinTolerance(t *testing.T) {
	g := golden()
	cfg := g.config() // knows the vectors of the documents as they are, which play no part
	x, err := cfg.Embedder.Embed(t.Context(), g.Docs)
	require.NoError(t, err)
	docs, tagger := g.tagged(t)
	pos := represent.PartOfSpeech{Tagger: tagger, Patterns: [][]string{{"ADJ", "NOUN"}, {"NOUN"}, {"ADJ"}}, TopTerms: 1000}
	cfg.Representers, cfg.TopWords = []topic.Representer{widen{pos, docs}}, 1000
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Embeddings: x, Classes: g.Labels}, cfg)
	require.NoError(t, err)
	words := 0
	for _, tp := range m.Topics() {
		want := g.POS[strconv.Itoa(tp.ID)]
		slices.SortStableFunc(want, func(a, b ctfidf.Term) int { // equal weights by the vocabulary
			if c := cmp.Compare(b.Weight, a.Weight); c != 0 && math.Abs(a.Weight-b.Weight) > 1e-12 {
				return c
			}
			return cmp.Compare(a.Term, b.Term)
		})
		requireTerms(t, want, tp.Terms, 1e-12, fmt.Sprint("topic ", tp.ID))
		words += len(want)
	}
	require.Greater(t, words, 500)
}

// widen gives a representer the best 30 terms of each topic.
type widen struct {
	topic.Representer
	docs []string // in the order in which BERTopic saw them: it takes the first with a word
}

func (w widen) Represent(ctx context.Context, v topic.View, candidates [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	few := make([][]ctfidf.Term, len(candidates))
	for i, terms := range candidates {
		few[i] = terms[:30]
	}
	topics := map[string][]int{} // of the documents with a text
	for i, text := range v.Docs {
		topics[text] = append(topics[text], v.Topics[i])
	}
	v.Docs, v.Topics = w.docs, make([]int, len(w.docs))
	for i, text := range w.docs {
		v.Topics[i], topics[text] = topics[text][0], topics[text][1:]
	}
	return w.Representer.Represent(ctx, v, few)
}

// The tagger in the binary finds the nouns and adjectives that spaCy finds in Go's doc comments in lower case, most of the
// time.
func TestEnglishAgreesWithSpaCyStatistically(t *testing.T) {
	_, teacher := golden().tagged(t)
	same, ours, theirs := 0, 0, 0
	for text, tokens := range teacher {
		want := map[int]string{}
		for _, s := range tokens {
			if s.Tag == "NOUN" || s.Tag == "ADJ" {
				want[s.Start] = s.Tag
				theirs++
			}
		}
		got, err := represent.English().Tag(t.Context(), text)
		require.NoError(t, err)
		for _, s := range got {
			if s.Tag == "NOUN" || s.Tag == "ADJ" {
				ours++
				if want[s.Start] == s.Tag {
					same++
				}
			}
		}
	}
	f1 := 2 * float64(same) / float64(ours+theirs)
	t.Logf("F1 %.3f of %d words", f1, theirs)
	require.Greater(t, theirs, 2000)
	require.Greater(t, f1, 0.85)
}
