package stats_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/study/stats"
)

// Each p-value that is counted agrees with the orders of the values, gone through one by one.
func TestMannWhitneyExactBesideEveryOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		n, m := 1+r.IntN(5), 1+r.IntN(6)
		values := r.Perm(n + m)
		x, y := make([]float64, n), make([]float64, m)
		for i, v := range values {
			if i < n {
				x[i] = float64(v)
			} else {
				y[i-n] = float64(v)
			}
		}
		got := stats.MannWhitney(x, y)
		require.True(t, got.Exact)
		middle := float64(n*m) / 2
		as, all := 0, 0
		for set := range 1 << (n + m) { // which of the ranks are x's
			u, before, size := 0, 0, 0
			for rank := range n + m {
				if set>>rank&1 == 1 {
					u += rank - before
					before++
					size++
				}
			}
			if size != n {
				continue
			}
			all++
			if math.Abs(float64(u)-middle) >= math.Abs(got.U-middle) {
				as++
			}
		}
		require.InDelta(t, float64(as)/float64(all), got.P, 1e-14)
	}
}

// Counting and approximating agree where counting is still possible.
func TestMannWhitneyExactIsCloseToNormalStatistically(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x, y := make([]float64, 8), make([]float64, 30_000)
	for i := range x {
		x[i] = r.NormFloat64() + 0.5
	}
	for i := range y {
		y[i] = r.NormFloat64()
	}
	counted := stats.MannWhitney(x, y)
	require.True(t, counted.Exact)
	tied := stats.MannWhitney(x, append(y, y[0])) // a tie forbids counting
	require.False(t, tied.Exact)
	require.InDelta(t, tied.P, counted.P, 0.01)
}

func TestNothingToTest(t *testing.T) {
	require.True(t, math.IsNaN(stats.MannWhitney(nil, []float64{1}).P))
	require.True(t, math.IsNaN(stats.Mean(nil)))
	require.True(t, math.IsNaN(stats.Median(nil)))
	delta, interval := stats.CliffsDelta([]float64{1}, []float64{0, 1}, 0.95)
	require.Equal(t, 0.5, delta)
	require.True(t, math.IsNaN(interval.Low))
	none, err := stats.Shares(0, 0, 1, 2, 0.95)
	require.NoError(t, err)
	require.True(t, math.IsNaN(none.P) && math.IsNaN(none.Difference))
	require.True(t, math.IsNaN(stats.Wilson(0, 0, 0.95).Low))
	s, err := stats.KaplanMeier(nil, 0.95)
	require.NoError(t, err)
	median, _ := s.Quantile(0.5)
	require.True(t, math.IsNaN(median))
	c, err := stats.Kendall([]float64{1, 1}, []float64{1, 2})
	require.NoError(t, err)
	require.True(t, math.IsNaN(c.Tau))
	p := stats.Holm([]float64{math.NaN(), 0.04, 0.03})
	require.True(t, math.IsNaN(p[0]))
	require.Equal(t, []float64{0.06, 0.06}, p[1:], "two tests were made, not three")
	require.Equal(t, 1.0, stats.MannWhitney(make([]float64, 20), make([]float64, 30)).P, "all equal")
}

func TestNoOverlap(t *testing.T) {
	delta, up := stats.CliffsDelta([]float64{4, 5, 6, 7}, []float64{1, 2, 3}, 0.95)
	require.Equal(t, 1.0, delta)
	_, down := stats.CliffsDelta([]float64{1, 2, 3}, []float64{4, 5, 6, 7}, 0.95)
	require.Equal(t, stats.Interval{Low: -up.High, High: -up.Low}, down)
	require.Less(t, up.Low, 1.0)
	require.Equal(t, 1.0, up.High)
}

func TestBadInput(t *testing.T) {
	_, err := stats.Shares(3, 2, 0, 1, 0.95)
	require.ErrorContains(t, err, "3 in 2")
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err = stats.KaplanMeier([]stats.Duration{{Time: 1}, {Time: bad}}, 0.95)
		require.ErrorContains(t, err, "duration 1 is ")
		_, err = stats.LogRank([]stats.Duration{{Time: bad}}, nil)
		require.Error(t, err)
	}
	_, err = stats.Kendall([]float64{1}, nil)
	require.ErrorContains(t, err, "pairs")
	_, _, err = stats.Bootstrap{Resamples: -1, Level: 2, Workers: -1}.Intervals(t.Context(), []float64{1, 2})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	for _, field := range []string{"Resamples", "Level", "Workers"} {
		require.ErrorContains(t, err, "stats.Bootstrap."+field)
	}
}

func TestSameBitsForAnyWorkers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	x := make([]float64, 3000)
	for i := range x {
		x[i] = math.Exp(r.NormFloat64())
	}
	b := stats.DefaultBootstrap()
	b.Resamples, b.Workers = 300, 1
	mean, median, err := b.Intervals(t.Context(), x)
	require.NoError(t, err)
	for _, workers := range []int{2, 3, 0} {
		b.Workers = workers
		again, medianAgain, err := b.Intervals(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, mean, again)
		require.Equal(t, median, medianAgain)
	}
	b.Seed++
	other, _, err := b.Intervals(t.Context(), x)
	require.NoError(t, err)
	require.NotEqual(t, mean, other)
}

func TestBootstrapIsCancelled(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, _, err := stats.DefaultBootstrap().Intervals(ctx, []float64{1, 2, 3})
	require.ErrorIs(t, err, why)
}

// 95 % intervals hold the true mean about 95 times in 100.
func TestBootstrapCoverageStatistically(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	b := stats.DefaultBootstrap()
	b.Resamples = 400
	held := 0
	const trials = 400
	for range trials {
		x := make([]float64, 60)
		for i := range x {
			x[i] = r.ExpFloat64()
		}
		mean, _, err := b.Intervals(t.Context(), x)
		require.NoError(t, err)
		if mean.Low <= 1 && 1 <= mean.High {
			held++
		}
	}
	require.InDelta(t, 0.95, float64(held)/trials, 0.04)
}
