package ctfidf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
)

// TestDistributeIsWhatItsDefinitionSaysWithin1e12 writes each window out as a text of its own.
func TestDistributeIsWhatItsDefinitionSaysWithin1e12(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields("Server client the request of response header café body and Timeout cache buffer stream socket packet")
	var docs []string
	var classes []int
	for i := range 90 {
		n := r.IntN(13)
		var doc []string
		for range n {
			doc = append(doc, words[(i%5*3+r.IntN(8))%len(words)])
		}
		docs, classes = append(docs, strings.Join(doc, " ")), append(classes, i%5)
	}
	checkDistribution(t, docs, classes, []Config{
		{},
		{NGramMin: 1, NGramMax: 3, StopWords: []string{"the", "of", "and"}},
		{NGramMin: 2, NGramMax: 2, Binary: true},
		{NGramMin: 2, NGramMax: 3, Analyzer: CharsWithin},
		{NGramMin: 1, NGramMax: 1, Stem: func(s string) string { return s[:2] }},
	}, []Weighting{{}, {BM25: true}})
}

// TestDistributeAmongManyClassesWithin1e12 has terms that few classes have, terms that most have, and windows of both.
func TestDistributeAmongManyClassesWithin1e12(t *testing.T) {
	docs, classes := manyClasses(150)
	checkDistribution(t, docs, classes, []Config{{}, {NGramMin: 1, NGramMax: 2, Binary: true}}, []Weighting{{}, {BM25: true, ReduceFrequentWords: true}})
}

// manyClasses is two documents for each of n classes.
func manyClasses(n int) (docs []string, classes []int) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 2 * n {
		doc := []string{"only" + strconv.Itoa(i%n)}
		for range r.IntN(25) {
			// Word w is drawn more often than the next.
			doc = append(doc, "word"+strconv.Itoa(int(60*math.Pow(r.Float64(), 3))))
		}
		r.Shuffle(len(doc), func(a, b int) { doc[a], doc[b] = doc[b], doc[a] })
		docs, classes = append(docs, strings.Join(doc, " ")), append(classes, i%n)
	}
	return docs, classes
}

func checkDistribution(t *testing.T, docs []string, classes []int, configs []Config, weightings []Weighting) {
	for i, cfg := range configs {
		weighting := weightings[i%len(weightings)]
		counts, err := Count(t.Context(), docs, classes, cfg)
		require.NoError(t, err)
		w, err := weighting.Weigh(counts)
		require.NoError(t, err)
		for _, opt := range []Windows{{}, {Size: 3, Stride: 2, Padding: true, MinSimilarity: stage.None}, {Size: 5, Stride: 1, MinSimilarity: 0.3, Padding: true}, {Size: 1, Stride: 3, MinSimilarity: stage.None}} {
			got, err := w.Distribute(t.Context(), docs, cfg, opt)
			require.NoError(t, err)
			opt := opt.resolved()
			for i, doc := range docs {
				want := make([]float64, len(w.Classes))
				total := 0.0
				var windows []string
				tokens := strings.Fields(doc)
				require.NoError(t, opt.each(len(tokens), func(lo, hi int) error {
					windows = append(windows, strings.Join(tokens[lo:hi], " "))
					return nil
				}))
				rows, err := counts.Documents(t.Context(), windows, cfg)
				require.NoError(t, err)
				weighed, err := w.Transform(rows)
				require.NoError(t, err)
				for k := range windows {
					for c := range want {
						if s := weighed.Cosine(k, w.Rows, c); s > 0 && s >= opt.MinSimilarity {
							want[c] += s
							total += s
						}
					}
				}
				have := make([]float64, len(want))
				cols, values := got.Rows.Row(i)
				for k, c := range cols {
					have[c] = values[k]
				}
				for c := range want {
					if total > 0 {
						want[c] /= total
					}
					require.InDelta(t, want[c], have[c], 1e-12, fmt.Sprintf("%+v: %q", opt, doc))
				}
			}
		}
	}
}

// TestSameBitsDistributeAtEveryLevel: the rows of common terms are used or not, whatever the kernels.
func TestSameBitsDistributeAtEveryLevel(t *testing.T) {
	docs, classes := manyClasses(150)
	cfg := Config{}
	counts, err := Count(t.Context(), docs, classes, cfg)
	require.NoError(t, err)
	w, err := Weighting{}.Weigh(counts)
	require.NoError(t, err)
	products := func(k *simd.Kernels) (all []float64) {
		x := newTermParts(w, k)
		common := 0
		for _, c := range x.columns {
			if c.common {
				common++
			}
		}
		require.Greater(t, common, 9)
		require.Less(t, common, len(x.columns)-5)
		s := newComparing(x)
		r := rand.New(rand.NewPCG(7, 8))
		for range 500 {
			s.terms = s.terms[:0]
			for id := r.IntN(40); id < len(x.columns); id += 1 + r.IntN(100) {
				s.terms = append(s.terms, weighed{column: &x.columns[id], n: float64(1 + r.IntN(3))})
			}
			least := []float64{0, 0.1, 1}[r.IntN(3)]
			s.compare(least)
			for k, class := range s.found {
				require.GreaterOrEqual(t, s.products[k], least)
				all = append(all, float64(class), s.products[k])
			}
			require.Zero(t, s.dot[r.IntN(len(s.dot))])
		}
		return all
	}
	want := products(nil)
	require.NotEmpty(t, want)
	for _, level := range simd.Levels() {
		k, err := simd.For(level)
		require.NoError(t, err)
		require.Equal(t, want, products(k), level)
	}
}
