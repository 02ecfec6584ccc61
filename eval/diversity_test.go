package eval_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/eval"
)

func TestDiversityWithin1e12OfOCTIS(t *testing.T) {
	var g coherenceGolden
	readJSON(t, "coherence.json.gz", &g)
	require.Equal(t, "1.14.0", g.Versions["octis"])
	require.Greater(t, len(g.Diversity), 50)
	for _, c := range g.Diversity {
		r, err := eval.Diversity(t.Context(), c.Topics, eval.DiversityConfig{TopN: c.TopN, Weight: c.Weight})
		require.NoError(t, err)
		require.InDelta(t, c.IRBO, r.InvertedRBO, 1e-12, "%+v", c)
		require.InDelta(t, c.Unique, r.Unique, 1e-12, "%+v", c)
		require.InDelta(t, c.Overlap, r.Overlap, 1e-12, "%+v", c)
	}
}

func TestDiversityProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		topics := make([][]string, 1+rng.IntN(8))
		for i := range topics {
			for range 1 + rng.IntN(14) {
				topics[i] = append(topics[i], fmt.Sprint("w", rng.IntN(20)))
			}
		}
		cfg := eval.DiversityConfig{TopN: rng.IntN(12), Weight: 0.01 + 0.98*rng.Float64()}
		r, err := eval.Diversity(t.Context(), topics, cfg)
		require.NoError(t, err)
		for _, v := range []float64{r.Unique, r.InvertedRBO, r.Overlap} {
			require.GreaterOrEqual(t, v, 0.0)
			require.LessOrEqual(t, v, 1.0)
		}
		turned := slices.Clone(topics)
		slices.Reverse(turned)
		o, err := eval.Diversity(t.Context(), turned, cfg)
		require.NoError(t, err)
		require.Equal(t, r.Unique, o.Unique)
		require.InDelta(t, r.InvertedRBO, o.InvertedRBO, 1e-12)
		require.InDelta(t, r.Overlap, o.Overlap, 1e-12)
	}
	same := [][]string{{"a", "b", "c"}, {"a", "b", "c"}}
	r, err := eval.Diversity(t.Context(), same, eval.DefaultDiversityConfig())
	require.NoError(t, err)
	require.InDelta(t, 0, r.InvertedRBO, 1e-12)
	require.Equal(t, 1.0, r.Overlap)
	require.Equal(t, 0.5, r.Unique)
}

func TestDiversityErrors(t *testing.T) {
	cfg := eval.DefaultDiversityConfig()
	r, err := eval.Diversity(t.Context(), [][]string{{"a", "b"}, nil}, cfg)
	require.NoError(t, err)
	require.Equal(t, eval.DiversityResult{Unique: 1, InvertedRBO: 1, Topics: 1}, r)
	_, err = eval.Diversity(t.Context(), [][]string{nil, {}}, cfg)
	require.ErrorContains(t, err, "no topic has words")
	for _, weight := range []float64{0, 1, -1} {
		_, err = eval.Diversity(t.Context(), [][]string{{"a"}}, eval.DiversityConfig{TopN: -1, Weight: weight})
		require.ErrorContains(t, err, "Weight")
		require.ErrorContains(t, err, "TopN")
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = eval.Diversity(stopped, [][]string{{"a"}, {"b"}}, cfg)
	require.ErrorIs(t, err, context.Canceled)
}
