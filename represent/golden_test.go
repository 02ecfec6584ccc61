package represent_test

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/represent"
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

type goldenTerms []topic.Term

func (g *goldenTerms) UnmarshalJSON(b []byte) error {
	var pairs [][2]any
	if err := json.Unmarshal(b, &pairs); err != nil {
		return err
	}
	for _, p := range pairs {
		*g = append(*g, topic.Term{Term: p[0].(string), Weight: p[1].(float64)})
	}
	return nil
}

var golden = sync.OnceValue(func() goldenFile {
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
})

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

// given is a clusterer that knows the labels.
type given []int

func (g given) Cluster(context.Context, topic.Run, blas32.General) (topic.Clustering, error) {
	return g, nil
}
func (g given) Labels() []int { return g }
func (given) Predict(context.Context, blas32.General) ([]int, []float64, error) {
	panic("nothing is predicted here")
}

func (g goldenFile) config() topic.Config {
	cfg := topic.DefaultConfig()
	cfg.Embedder, cfg.Reducer, cfg.Clusterer = g.embedder(), nil, given(g.Labels)
	return cfg
}

func requireTerms(t *testing.T, want goldenTerms, got []topic.Term, delta float64, about string) {
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
	cfg.Representers = []topic.Representer{represent.DefaultKeyBERT()}
	for name := range g.MMR {
		diversity, err := strconv.ParseFloat(name, 64)
		require.NoError(t, err)
		cfg.Aspects = append(cfg.Aspects, topic.Aspect{Name: name, Representers: []topic.Representer{represent.MMR{Diversity: diversity}}})
	}
	m, err := topic.Fit(t.Context(), g.Docs, cfg)
	require.NoError(t, err)
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
		m, err := topic.Fit(t.Context(), g.Docs, cfg)
		require.NoError(t, err)
		for _, tp := range m.Topics() {
			require.ElementsMatch(t, want[strconv.Itoa(tp.ID)], tp.Representative, "topic %d, diversity %s", tp.ID, diversity)
		}
	}
}
