package stats_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/study/stats"
)

// number is a value of the golden file: a number, "inf", or null for NaN.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "null":
		*n = number(math.NaN())
	case `"inf"`:
		*n = number(math.Inf(1))
	default:
		var v float64
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		*n = number(v)
	}
	return nil
}

type golden struct {
	Ranks []struct {
		X, Y        []float64
		U, P, Delta float64
		Low, High   *float64
	}
	Shares []struct {
		A, N, B, M                                    int
		Exact                                         bool
		P, Difference, OddsRatio                      float64
		DifferenceInterval, OddsRatioInterval, Wilson [2]float64
	}
	Survival []struct {
		T, U      []float64
		E, F      []bool
		Curve     [][4]float64
		Quantiles [][4]number
		LogRank   *float64
	}
	Kendall []struct {
		X, Y   []float64
		Tau, P float64
	}
	Bootstrap []struct {
		X         []float64
		Seed      uint64
		Resamples int
		Intervals [][4]json.RawMessage
	}
	Holm      struct{ P, Adjusted []float64 }
	Quantiles struct {
		X      []float64
		Values [][2]float64
		Mean   float64
	}
}

func readGolden(t *testing.T) golden {
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	return g
}

// near compares to 1e-10 of the value, and for what rounds to nothing to 1e-13.
func near(t *testing.T, want, got float64, what ...any) {
	t.Helper()
	if math.IsNaN(want) || math.IsInf(want, 0) {
		require.Equal(t, fmt.Sprint(want), fmt.Sprint(got), what...)
		return
	}
	require.InDelta(t, want, got, max(1e-13, 1e-10*math.Abs(want)), what...)
}

func TestMannWhitneyWithin1e10OfScipy(t *testing.T) {
	cases := readGolden(t).Ranks
	require.NotEmpty(t, cases)
	exact := 0
	for i, c := range cases {
		got := stats.MannWhitney(c.X, c.Y)
		require.Equal(t, c.U, got.U, "case %d", i)
		near(t, c.P, got.P, "case %d", i)
		near(t, c.Delta, got.Delta, "case %d", i)
		if got.Exact {
			exact++
		}
		other := stats.MannWhitney(c.Y, c.X)
		near(t, c.P, other.P)
		require.Equal(t, -got.Delta, other.Delta)
		if c.Low != nil {
			delta, interval := stats.CliffsDelta(c.X, c.Y, 0.95)
			near(t, c.Delta, delta, "case %d", i)
			near(t, *c.Low, interval.Low, "case %d", i)
			near(t, *c.High, interval.High, "case %d", i)
		}
	}
	require.Greater(t, exact, 4)
}

func TestSharesWithin1e10OfStatsmodelsAndScipy(t *testing.T) {
	cases := readGolden(t).Shares
	require.NotEmpty(t, cases)
	for _, c := range cases {
		got, err := stats.Shares(c.A, c.N, c.B, c.M, 0.95)
		require.NoError(t, err)
		require.Equal(t, c.Exact, got.Exact, "%+v", c)
		near(t, c.P, got.P, "%+v", c)
		near(t, c.Difference, got.Difference)
		near(t, c.DifferenceInterval[0], got.DifferenceInterval.Low, "%+v", c)
		near(t, c.DifferenceInterval[1], got.DifferenceInterval.High, "%+v", c)
		near(t, c.OddsRatio, got.OddsRatio)
		near(t, c.OddsRatioInterval[0], got.OddsRatioInterval.Low)
		near(t, c.OddsRatioInterval[1], got.OddsRatioInterval.High)
		wilson := stats.Wilson(c.A, c.N, 0.95)
		near(t, c.Wilson[0], wilson.Low)
		near(t, c.Wilson[1], wilson.High)
	}
}

func durations(times []float64, ended []bool) []stats.Duration {
	d := make([]stats.Duration, len(times))
	for i := range d {
		d[i] = stats.Duration{Time: times[i], Ended: ended[i]}
	}
	return d
}

func TestKaplanMeierWithin1e10OfLifelines(t *testing.T) {
	cases := readGolden(t).Survival
	require.NotEmpty(t, cases)
	for i, c := range cases {
		first := durations(c.T, c.E)
		s, err := stats.KaplanMeier(first, 0.95)
		require.NoError(t, err)
		ended := 0
		for _, e := range c.E {
			if e {
				ended++
			}
		}
		require.Equal(t, [2]int{ended, len(c.T) - ended}, [2]int{s.Events(), s.Censored()})
		for _, at := range c.Curve {
			survival, interval := s.At(at[0])
			near(t, at[1], survival, "case %d at %v", i, at[0])
			near(t, at[2], interval.Low, "case %d at %v", i, at[0])
			near(t, at[3], interval.High, "case %d at %v", i, at[0])
		}
		for _, q := range c.Quantiles {
			time, interval := s.Quantile(float64(q[0]))
			require.Equal(t, fmt.Sprint(q[1:]), fmt.Sprint([]number{number(time), number(interval.Low), number(interval.High)}), "case %d, quantile %v", i, q[0])
		}
		p, err := stats.LogRank(first, durations(c.U, c.F))
		require.NoError(t, err)
		if c.LogRank == nil {
			require.True(t, math.IsNaN(p))
			continue
		}
		near(t, *c.LogRank, p, "case %d", i)
	}
}

func TestKendallWithin1e10OfScipy(t *testing.T) {
	cases := readGolden(t).Kendall
	require.NotEmpty(t, cases)
	for i, c := range cases {
		got, err := stats.Kendall(c.X, c.Y)
		require.NoError(t, err)
		near(t, c.Tau, got.Tau, "case %d", i)
		near(t, c.P, got.P, "case %d", i)
	}
}

func TestBootstrapWithin1e10OfScipyOnTheSameResamples(t *testing.T) {
	cases := readGolden(t).Bootstrap
	require.NotEmpty(t, cases)
	for i, c := range cases {
		for _, want := range c.Intervals {
			var figure, method string
			require.NoError(t, json.Unmarshal(want[0], &figure))
			require.NoError(t, json.Unmarshal(want[1], &method))
			var low, high number
			require.NoError(t, low.UnmarshalJSON(want[2]))
			require.NoError(t, high.UnmarshalJSON(want[3]))
			b := stats.Bootstrap{Resamples: c.Resamples, Level: 0.9, Seed: c.Seed, Percentile: method == "percentile"}
			mean, median, err := b.Intervals(t.Context(), c.X)
			require.NoError(t, err)
			got := mean
			if figure == "median" {
				got = median
			}
			if math.IsNaN(float64(low)) { // scipy gives none where the correction is not determined
				require.False(t, b.Percentile)
				b.Percentile = true
				mean, median, err := b.Intervals(t.Context(), c.X)
				require.NoError(t, err)
				require.Contains(t, []stats.Interval{mean, median}, got)
				continue
			}
			near(t, float64(low), got.Low, "case %d, %s, %s", i, figure, method)
			near(t, float64(high), got.High, "case %d, %s, %s", i, figure, method)
		}
	}
}

func TestHolmAndQuantilesWithin1e10OfStatsmodelsAndNumpy(t *testing.T) {
	g := readGolden(t)
	for i, p := range stats.Holm(g.Holm.P) {
		near(t, g.Holm.Adjusted[i], p)
	}
	sorted := slices.Sorted(slices.Values(g.Quantiles.X))
	for _, q := range g.Quantiles.Values {
		near(t, q[1], stats.Quantile(q[0], sorted))
	}
	near(t, g.Quantiles.Mean, stats.Mean(g.Quantiles.X))
}
