package eval_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/stage"
)

func randomSolutions(rng *rand.Rand, runs, docs, dims int, topics func() int) []eval.Solution {
	out := make([]eval.Solution, runs)
	for r := range out {
		k := topics()
		s := eval.Solution{Labels: make([]int, docs), Words: make([][]string, k), Centroids: matrix(k, dims, make([]float32, k*dims))}
		for i := range s.Labels {
			s.Labels[i] = rng.IntN(k+1) - 1
		}
		for i := range s.Words {
			for range 4 {
				s.Words[i] = append(s.Words[i], fmt.Sprint("w", rng.IntN(12)))
			}
		}
		for i := range s.Centroids.Data {
			s.Centroids.Data[i] = float32(rng.NormFloat64())
		}
		out[r] = s
	}
	return out
}

// bestTwin tries all ways to pair topics.
func bestTwin(n, m int, similarity func(p, q int) float64) float64 {
	var best func(p int, taken int) float64
	best = func(p, taken int) float64 {
		if p == n {
			return 0
		}
		most := math.Inf(-1)
		if n > m {
			most = best(p+1, taken)
		}
		for q := range m {
			if taken>>q&1 == 0 {
				most = max(most, similarity(p, q)+best(p+1, taken|1<<q))
			}
		}
		return most
	}
	if n > m {
		return bestTwin(m, n, func(p, q int) float64 { return similarity(q, p) })
	}
	return best(0, 0) / float64(m)
}

func TestStabilityWithin1e12OfAllPairings(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		runs := randomSolutions(rng, 3, 60, 3, func() int { return 1 + rng.IntN(5) })
		cfg := eval.StabilityConfig{TopN: 3}
		got, err := eval.Stability(t.Context(), runs, cfg)
		require.NoError(t, err)
		want := eval.StabilityResult{Pairs: 3, LowestARI: 1}
		for i, b := range runs {
			for _, a := range runs[:i] {
				g, err := eval.Compare(t.Context(), a.Labels, b.Labels, eval.OutliersGroup)
				require.NoError(t, err)
				want.ARI += g.ARI / 3
				want.AMI += g.AMI / 3
				want.LowestARI = min(want.LowestARI, g.ARI)
				want.Words += bestTwin(len(a.Words), len(b.Words), func(p, q int) float64 {
					all, both := map[string]int{}, 0
					for _, w := range a.Words[p][:3] {
						all[w] |= 1
					}
					for _, w := range b.Words[q][:3] {
						all[w] |= 2
					}
					for _, in := range all {
						both += in / 3
					}
					return float64(both) / float64(len(all))
				}) / 3
				want.Centroids += bestTwin(a.Centroids.Rows, b.Centroids.Rows, func(p, q int) float64 {
					x, y := a.Centroids.Data[3*p:3*p+3], b.Centroids.Data[3*q:3*q+3]
					xy, xx, yy := 0.0, 0.0, 0.0
					for i := range x {
						xy += float64(x[i]) * float64(y[i])
						xx += float64(x[i]) * float64(x[i])
						yy += float64(y[i]) * float64(y[i])
					}
					return xy / math.Sqrt(xx*yy)
				}) / 3
			}
		}
		require.Equal(t, want.Pairs, got.Pairs)
		require.Equal(t, want.LowestARI, got.LowestARI)
		require.InDeltaSlice(t, []float64{want.ARI, want.AMI, want.Words, want.Centroids}, []float64{got.ARI, got.AMI, got.Words, got.Centroids}, 1e-12)
	}
}

// A run beside itself, with its topics in another order, is the same.
func TestStabilityOfTheSameExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	one := randomSolutions(rng, 1, 100, 5, func() int { return 8 })[0]
	other := eval.Solution{Words: make([][]string, 8), Centroids: matrix(8, 5, make([]float32, 40))}
	order := rng.Perm(8)
	for i, j := range order {
		other.Words[j] = one.Words[i]
		copy(other.Centroids.Data[5*j:5*j+5], one.Centroids.Data[5*i:5*i+5])
	}
	for _, l := range one.Labels {
		if l >= 0 {
			l = order[l]
		}
		other.Labels = append(other.Labels, l)
	}
	r, err := eval.Stability(t.Context(), []eval.Solution{one, other, one}, eval.DefaultStabilityConfig())
	require.NoError(t, err)
	require.Equal(t, []float64{3, 1, 1, 1, 1}, []float64{float64(r.Pairs), r.ARI, r.AMI, r.LowestARI, r.Words})
	require.InDelta(t, 1, r.Centroids, 1e-12)
}

func TestSameBitsStability(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	runs := randomSolutions(rng, 5, 500, 16, func() int { return 20 + rng.IntN(10) })
	var want eval.StabilityResult
	for i, workers := range []int{1, 2, 7} {
		r, err := eval.Stability(t.Context(), runs, eval.StabilityConfig{Workers: workers})
		require.NoError(t, err)
		if i == 0 {
			want = r
		}
		require.Equal(t, want, r)
	}
}

func TestStabilityErrors(t *testing.T) {
	cfg := eval.DefaultStabilityConfig()
	plain := eval.Solution{Labels: []int{0, 0, 1}}
	r, err := eval.Stability(t.Context(), []eval.Solution{plain, plain}, cfg)
	require.NoError(t, err)
	require.True(t, math.IsNaN(r.Words) && math.IsNaN(r.Centroids))
	require.Equal(t, 1.0, r.ARI)
	empty := eval.Solution{Labels: []int{-1, -1, -1}, Words: [][]string{}}
	r, err = eval.Stability(t.Context(), []eval.Solution{empty, empty, {Labels: []int{0, 0, 0}, Words: [][]string{{"a"}}}}, cfg)
	require.NoError(t, err)
	require.InDelta(t, 1.0/3, r.Words, 1e-15) // the two without topics agree, and a topic has no partner in them

	for want, runs := range map[string][]eval.Solution{
		"1 solutions, want at least two": {plain},
		"solution 1 has 1 labels":        {plain, {Labels: []int{0}}},
		"one has words":                  {plain, {Labels: plain.Labels, Words: [][]string{{"a"}}}},
		"one has centroids":              {plain, {Labels: plain.Labels, Centroids: matrix(1, 1, []float32{1})}},
		"of 2 columns, solution 0 of 1": {
			{Labels: plain.Labels, Centroids: matrix(1, 1, []float32{1})}, {Labels: plain.Labels, Centroids: matrix(1, 2, []float32{1, 1})},
		},
		"centroids of solution 0: matrix of 2×1": {
			{Labels: plain.Labels, Centroids: blas32.General{Rows: 2, Cols: 1, Stride: 1, Data: []float32{1}}}, {Labels: plain.Labels, Centroids: matrix(1, 1, []float32{1})},
		},
	} {
		_, err := eval.Stability(t.Context(), runs, cfg)
		require.ErrorContains(t, err, want)
	}
	var bad *stage.ValueError
	nan := eval.Solution{Labels: plain.Labels, Centroids: matrix(1, 1, []float32{float32(math.NaN())})}
	_, err = eval.Stability(t.Context(), []eval.Solution{nan, nan}, cfg)
	require.ErrorAs(t, err, &bad)
	_, err = eval.Stability(t.Context(), []eval.Solution{plain, plain}, eval.StabilityConfig{Outliers: "x", TopN: -1})
	require.ErrorContains(t, err, "Outliers")
	require.ErrorContains(t, err, "TopN")
	cause := errors.New("enough")
	stopped, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err = eval.Stability(stopped, []eval.Solution{plain, plain}, cfg)
	require.ErrorIs(t, err, cause)
}
