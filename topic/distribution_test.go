package topic_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// labelled is a clusterer that knows the topics.
type labelled []int

func (l labelled) Cluster(context.Context, topic.Run, blas32.General) (topic.Clustering, error) {
	return l, nil
}

func (l labelled) Labels() []int { return l }

func (l labelled) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	return make([]int, x.Rows), make([]float64, x.Rows), nil
}

// goldenDistributions is what BERTopic makes of a corpus; see scripts/golden/distributions.py.
type goldenDistributions struct {
	Texts    []string
	Times    []int64
	Classes  []string
	Probe    []string
	Settings map[string]struct {
		Topics        []int
		Distributions []struct {
			Window, Stride int
			MinSimilarity  float64 `json:"min_similarity"`
			Padding        bool
			Rows           [][]float64
			TokenDocs      [][]float64 `json:"token_docs"`
			Tokens         [][][]float64
		}
		OverTime []struct {
			Bins   int
			Global bool
			Rows   [][4]any
		} `json:"over_time"`
		Evolution []struct {
			Bins   int
			Global bool
			Rows   [][5]any
		}
		PerClass []struct {
			Global bool
			Rows   [][4]any
		} `json:"per_class"`
	}
}

func readDistributions(t *testing.T) (g goldenDistributions) {
	t.Helper()
	readGolden(t, "distributions.json.gz", &g)
	require.Len(t, g.Settings, 5)
	return g
}

// goldenModel is the model of one of the settings.
func goldenModel(t *testing.T, g goldenDistributions, name string, workers int) *topic.Model {
	t.Helper()
	cfg := config()
	cfg.Reducer, cfg.Clusterer, cfg.Workers = nil, labelled(g.Settings[name].Topics), workers
	v := &cfg.Vocabulary
	v.Join = true
	switch name {
	case "english":
		v.StopWords = ctfidf.English() // with an embedding model BERTopic does not clean
	case "ngrams":
		v.NGramMax, v.StopWords, v.MinDF = 3, []string{"of", "and", "the"}, ctfidf.DF{Count: 2}
	case "accents":
		v.StripAccents, v.Binary = ctfidf.AccentsUnicode, true
		cfg.Weigher = ctfidf.Weighting{ReduceFrequentWords: true}
	case "bm25":
		v.KeepCase = true
		cfg.Weigher = ctfidf.Weighting{BM25: true}
	}
	m, err := topic.Fit(t.Context(), g.Texts, cfg)
	require.NoError(t, err)
	for i, a := range m.Assignments() {
		require.Equal(t, g.Settings[name].Topics[i], a.Topic)
	}
	return m
}

func requireRow(t *testing.T, pairs []float64, got sparse.CSR[float64], i int, what string) {
	t.Helper()
	cols, values := got.Row(i)
	require.Len(t, cols, len(pairs)/2, "%s: row %d", what, i)
	for k, col := range cols {
		require.EqualValues(t, pairs[2*k], col, "%s: row %d", what, i)
		require.InDelta(t, pairs[2*k+1], values[k], 1e-9, "%s: row %d", what, i)
	}
}

func TestApproximateDistributionWithin1e9OfBERTopic(t *testing.T) {
	g := readDistributions(t)
	for name, s := range g.Settings {
		m := goldenModel(t, g, name, 0)
		docs := append(g.Texts[:30:30], g.Probe...)
		tokenDocs := append(g.Texts[:15:15], g.Probe...)
		for _, want := range s.Distributions {
			opt := topic.DefaultDistributionOptions()
			opt.Size, opt.Stride, opt.MinSimilarity, opt.Padding = want.Window, want.Stride, cmp.Or(want.MinSimilarity, stage.None), want.Padding
			got, err := m.ApproximateDistribution(t.Context(), docs, opt)
			require.NoError(t, err)
			require.Equal(t, len(want.Rows), got.Rows.Rows())
			for i := range docs {
				requireRow(t, want.Rows[i], got.Rows, i, name)
			}
			require.Nil(t, got.Tokens)
			if want.Tokens == nil {
				continue
			}
			opt.Tokens = true
			got, err = m.ApproximateDistribution(t.Context(), tokenDocs, opt)
			require.NoError(t, err)
			for i, tokens := range want.Tokens {
				requireRow(t, want.TokenDocs[i], got.Rows, i, name)
				of := got.Tokens[i]
				require.Len(t, of.Tokens, of.Rows.Rows())
				if len(of.Tokens) == 0 { // one row of zeros there
					require.Len(t, tokens, 1)
					require.Empty(t, tokens[0])
					continue
				}
				require.Equal(t, len(tokens), of.Rows.Rows())
				for k := range tokens {
					requireRow(t, tokens[k], of.Rows, k, name)
				}
			}
		}
	}
}

func TestSameBitsDistribution(t *testing.T) {
	g := readDistributions(t)
	opt := topic.DefaultDistributionOptions()
	opt.Tokens = true
	var want ctfidf.Distribution
	for workers := 1; workers <= 4; workers++ {
		got, err := goldenModel(t, g, "ngrams", workers).ApproximateDistribution(t.Context(), g.Texts, opt)
		require.NoError(t, err)
		if workers == 1 {
			want = got
		}
		require.Equal(t, want, got)
	}
}

// TestDistributionTakesTheMemoryOfItsResult: 100,000 documents among 500 topics, whose full matrix would be 400 MB.
func TestDistributionTakesTheMemoryOfItsResult(t *testing.T) {
	const n, topics = 100_000, 500
	docs, labels := make([]string, n), make(labelled, n)
	r := rng.New(9)
	for i := range docs {
		labels[i] = i % topics
		words := make([]string, 9)
		for j := range words {
			words[j] = fmt.Sprint("word", r.Intn(30_000)) // some of anything
			if j%3 == 0 {
				words[j] = fmt.Sprintf("of%dthere%d", (labels[i]+r.Intn(3))%topics, r.Intn(20))
			}
		}
		docs[i] = strings.Join(words, " ")
	}
	cfg := config()
	cfg.Reducer, cfg.Clusterer, cfg.RepresentativeDocs = nil, labels, 0
	x := blas32.General{Rows: n, Cols: 1, Stride: 1, Data: make([]float32, n)}
	m, err := topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	var got ctfidf.Distribution
	taken := testutil.Allocated(func() { got, err = m.ApproximateDistribution(t.Context(), docs, topic.DefaultDistributionOptions()) })
	require.NoError(t, err)
	require.Equal(t, topics, got.Rows.Cols)
	require.Greater(t, len(got.Rows.Value), n)
	require.Less(t, taken, uint64(100<<20), "bytes for %d shares, with those let go of", len(got.Rows.Value))
	t.Logf("%d MiB for %d shares", taken>>20, len(got.Rows.Value))
}

func TestDistributionByEmbeddings(t *testing.T) {
	docs := themes(30)
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	opt := topic.DefaultDistributionOptions()
	opt.UseEmbeddings, opt.MinSimilarity = true, 0.5
	got, err := m.ApproximateDistribution(t.Context(), docs[:12], opt)
	require.NoError(t, err)
	for i, a := range m.Assignments()[:12] {
		cols, values := got.Rows.Row(i)
		best := 0
		for k := range values {
			if values[k] > values[best] {
				best = k
			}
		}
		if a.Topic != topic.Outlier {
			require.EqualValues(t, a.Topic, cols[best], docs[i])
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.ApproximateDistribution(cancelled, docs, topic.DefaultDistributionOptions())
	require.ErrorIs(t, err, context.Canceled)
	opt.Size = -1
	_, err = m.ApproximateDistribution(t.Context(), docs, opt)
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
}
