package analysis_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

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
	readGolden(t, "testdata/distributions.json.gz", &g)
	require.Len(t, g.Settings, 5)
	return g
}

// goldenModel is the model of one of the settings.
func goldenModel(t *testing.T, g goldenDistributions, name string, workers int) *topic.Model {
	t.Helper()
	cfg := config()
	cfg.Reducer, cfg.Clusterer, cfg.Workers = nil, supervised.Fixed{}, workers
	v := &cfg.Vocabulary
	v.Join, v.PythonWords = true, true // as BERTopic
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
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: g.Texts, Classes: g.Settings[name].Topics}, cfg)
	require.NoError(t, err)
	for i, a := range m.Assignments() {
		require.Equal(t, g.Settings[name].Topics[i], a.Topic)
	}
	return m
}

// noneIfZero returns stage.None for 0, as the golden file says 0 for no minimum.
func noneIfZero(v float64) float64 {
	if v == 0 {
		return stage.None
	}
	return v
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
			opt := analysis.DistributionOptions{}
			opt.Size, opt.Stride, opt.MinSimilarity, opt.Padding = want.Window, want.Stride, noneIfZero(want.MinSimilarity), want.Padding
			got, err := analysis.ApproximateDistribution(t.Context(), m, docs, opt)
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
			got, err = analysis.ApproximateDistribution(t.Context(), m, tokenDocs, opt)
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
	opt := analysis.DistributionOptions{}
	opt.Tokens = true
	var want ctfidf.Distribution
	for workers := 1; workers <= 4; workers++ {
		got, err := analysis.ApproximateDistribution(t.Context(), goldenModel(t, g, "ngrams", workers), g.Texts, opt)
		require.NoError(t, err)
		if workers == 1 {
			want = got
		}
		require.Equal(t, want, got)
	}
}

// TestDistributionTakesTheMemoryOfItsResult: 100,000 documents among 500 topics, whose full matrix
// would be 400 MB.
func TestDistributionTakesTheMemoryOfItsResult(t *testing.T) {
	const n, topics = 100_000, 500
	docs, labels := make([]string, n), make([]int, n)
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
	cfg.Reducer, cfg.Clusterer, cfg.RepresentativeDocs = nil, supervised.Fixed{}, 0
	x := blas32.General{Rows: n, Cols: 1, Stride: 1, Data: slices.Repeat([]float32{1}, n)}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Embeddings: x, Classes: labels}, cfg)
	require.NoError(t, err)
	var got ctfidf.Distribution
	taken := testutil.Allocated(func() {
		got, err = analysis.ApproximateDistribution(t.Context(), m, docs, analysis.DistributionOptions{})
	})
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
	opt := analysis.DistributionOptions{}
	opt.UseEmbeddings, opt.MinSimilarity = true, 0.5
	got, err := analysis.ApproximateDistribution(t.Context(), m, docs[:12], opt)
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
	_, err = analysis.ApproximateDistribution(cancelled, m, docs, analysis.DistributionOptions{})
	require.ErrorIs(t, err, context.Canceled)
	opt.Size = -1
	_, err = analysis.ApproximateDistribution(t.Context(), m, docs, opt)
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
}

func TestDistributionOptionsExact(t *testing.T) {
	require.NoError(t, analysis.DistributionOptions{}.Validate())
	require.NoError(t, analysis.DistributionOptions{Size: 9, Stride: 3, MinSimilarity: stage.None}.Validate())
	own := func(context.Context, []string) (sparse.CSR[float64], error) { return sparse.CSR[float64]{}, nil }
	bad := analysis.DistributionOptions{Size: -1, Stride: -2, MinSimilarity: math.NaN(), UseEmbeddings: true, Similarity: own}
	for _, field := range []string{"Size is -1", "Stride is -2", "MinSimilarity is NaN", "UseEmbeddings is true"} {
		require.ErrorContains(t, bad.Validate(), "analysis.DistributionOptions."+field)
	}
	require.ErrorContains(t, analysis.DistributionOptions{MinSimilarity: 1.5}.Validate(), "MinSimilarity is 1.5")

	// The zero value means the numbers that it is documented to mean.
	g := readDistributions(t)
	m := goldenModel(t, g, "plain", 0)
	want, err := analysis.ApproximateDistribution(t.Context(), m, g.Probe, analysis.DistributionOptions{Size: 4, Stride: 1, MinSimilarity: 0.1})
	require.NoError(t, err)
	got, err := analysis.ApproximateDistribution(t.Context(), m, g.Probe, analysis.DistributionOptions{})
	require.NoError(t, err)
	require.Equal(t, want, got)
	none, err := analysis.ApproximateDistribution(t.Context(), m, g.Probe, analysis.DistributionOptions{MinSimilarity: stage.None})
	require.NoError(t, err)
	require.Greater(t, len(none.Rows.Value), len(got.Rows.Value))

	// A similarity of the caller's: every window is all topic 1.
	got, err = analysis.ApproximateDistribution(t.Context(), m, []string{"server client body", "a request of the client body and more"}, analysis.DistributionOptions{
		Similarity: func(_ context.Context, windows []string) (sparse.CSR[float64], error) {
			x := sparse.CSR[float64]{Cols: topicCount(m), RowPtr: []int{0}}
			for range windows {
				x.Col, x.Value, x.RowPtr = append(x.Col, 1), append(x.Value, 0.5), append(x.RowPtr, len(x.Col)+1)
			}
			return x, nil
		},
	})
	require.NoError(t, err)
	for i := range got.Rows.Rows() {
		cols, values := got.Rows.Row(i)
		require.Equal(t, []int32{1}, cols)
		require.Equal(t, []float64{1}, values)
	}
}

func TestDistributionByEmbeddingsNeedsThem(t *testing.T) {
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	data := topic.Input{Docs: themes(4), Classes: []int{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, WordsAlone: true}
	words, err := topic.FitInput(t.Context(), data, cfg)
	require.NoError(t, err)
	_, err = analysis.ApproximateDistribution(t.Context(), words, data.Docs, analysis.DistributionOptions{UseEmbeddings: true})
	require.ErrorIs(t, err, topic.ErrNoEmbeddings)
	cfg.Embedder = nil
	words, err = topic.FitInput(t.Context(), data, cfg)
	require.NoError(t, err)
	_, err = analysis.ApproximateDistribution(t.Context(), words, data.Docs, analysis.DistributionOptions{UseEmbeddings: true})
	require.ErrorIs(t, err, topic.ErrNoEmbedder)
}
