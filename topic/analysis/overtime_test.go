package analysis_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

func goldenTimes(g goldenDistributions) []time.Time {
	var out []time.Time
	for _, ns := range g.Times {
		out = append(out, time.Unix(0, ns).UTC())
	}
	return out
}

// requireWords compares words but where weights are tied, which BERTopic puts in any order.
func requireWords(t *testing.T, want []any, got []ctfidf.Term, what string) {
	t.Helper()
	same := func(i, j int) bool { return math.Abs(got[i].Weight-got[j].Weight) <= 1e-12 }
	require.GreaterOrEqual(t, len(want), len(got)-1, what)
	for i := range got {
		if tied := i > 0 && same(i, i-1) || i+1 == len(got) || same(i, i+1); !tied {
			require.Equal(t, want[i], got[i].Term, "%s: want %v, got %v", what, want, got)
		}
	}
}

func TestOverTimeWithin1e9OfBERTopic(t *testing.T) {
	g := readDistributions(t)
	times := goldenTimes(g)
	for name, s := range g.Settings {
		m := goldenModel(t, g, name, 0)
		before := testutil.Got(t, m.Weights)
		weights := append([]float64(nil), before.Rows.Value...)
		for _, want := range s.OverTime {
			opt := analysis.OverTimeOptions{Bins: want.Bins, NoEvolutionTuning: true, NoGlobalTuning: !want.Global}
			got, err := analysis.OverTime(t.Context(), m, times, opt)
			require.NoError(t, err)
			require.Len(t, got, len(want.Rows))
			for i, r := range want.Rows {
				require.EqualValues(t, r[0], got[i].Topic)
				require.EqualValues(t, r[2], got[i].Count)
				require.InDelta(t, r[3], got[i].Time.UnixNano(), 1e3)
				if name != "ngrams" { // which run over documents that BERTopic joins in no defined order
					requireWords(t, r[1].([]any), got[i].Terms, fmt.Sprint(name, want.Bins, want.Global, i))
				}
			}
		}
		for _, want := range s.Evolution {
			opt := analysis.OverTimeOptions{Bins: want.Bins, NoGlobalTuning: !want.Global}
			got, err := analysis.OverTime(t.Context(), m, times, opt)
			require.NoError(t, err)
			require.Len(t, got, len(want.Rows))
			for i, r := range want.Rows {
				require.EqualValues(t, r[0], got[i].Topic)
				require.EqualValues(t, r[3], got[i].Count)
				require.InDelta(t, r[4], got[i].Time.UnixNano(), 1e3)
				require.Len(t, got[i].Terms, len(r[2].([]any)))
				for k, w := range r[2].([]any) {
					require.InDelta(t, w, got[i].Terms[k].Weight, 1e-9)
				}
				requireWords(t, r[1].([]any), got[i].Terms, name)
			}
		}
		for _, want := range s.PerClass {
			opt := analysis.PerClassOptions{NoGlobalTuning: !want.Global}
			got, err := analysis.PerClass(t.Context(), m, g.Classes, opt)
			require.NoError(t, err)
			require.Len(t, got, len(want.Rows))
			for i, r := range want.Rows {
				require.EqualValues(t, r[0], got[i].Topic)
				require.EqualValues(t, r[2], got[i].Count)
				require.Equal(t, r[3], got[i].Class)
				requireWords(t, r[1].([]any), got[i].Terms, name)
			}
		}
		after := testutil.Got(t, m.Weights)
		require.Equal(t, weights, after.Rows.Value, "the model has changed")
	}
}

func TestSameBitsOverTime(t *testing.T) {
	g := readDistributions(t)
	opt := analysis.OverTimeOptions{Bins: 9}
	want, err := analysis.OverTime(t.Context(), goldenModel(t, g, "ngrams", 1), goldenTimes(g), opt)
	require.NoError(t, err)
	for workers := 2; workers <= 4; workers++ {
		got, err := analysis.OverTime(t.Context(), goldenModel(t, g, "ngrams", workers), goldenTimes(g), opt)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestOverTimeByCalendar(t *testing.T) {
	g := readDistributions(t)
	m := goldenModel(t, g, "plain", 0)
	times := make([]time.Time, len(g.Texts)) // all but three are unknown
	times[0] = time.Date(2024, 2, 29, 23, 30, 0, 0, time.FixedZone("", -3600))
	times[1] = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	times[2] = time.Date(2023, 12, 31, 23, 59, 59, 0, time.UTC) // a Sunday
	for every, want := range map[analysis.Period][]string{
		analysis.Day:     {"2023-12-31", "2024-03-01"},
		analysis.Week:    {"2023-12-25", "2024-02-26"},
		analysis.Month:   {"2023-12-01", "2024-03-01"},
		analysis.Quarter: {"2023-10-01", "2024-01-01"},
		analysis.Year:    {"2023-01-01", "2024-01-01"},
	} {
		opt := analysis.OverTimeOptions{Every: every}
		rows, err := analysis.OverTime(t.Context(), m, times, opt)
		require.NoError(t, err)
		seen, total := map[string]bool{}, 0
		for _, r := range rows {
			seen[r.Time.Format(time.DateOnly)] = true
			total += r.Count
		}
		require.Equal(t, 3, total)
		require.Equal(t, map[string]bool{want[0]: true, want[1]: true}, seen, every)
	}
	rows, err := analysis.OverTime(t.Context(), m, make([]time.Time, len(g.Texts)), analysis.OverTimeOptions{})
	require.NoError(t, err)
	require.Empty(t, rows)
	_, err = analysis.OverTime(t.Context(), m, times[1:], analysis.OverTimeOptions{})
	require.ErrorContains(t, err, "want one each")
	_, err = analysis.OverTime(t.Context(), m, times, analysis.OverTimeOptions{Bins: 2, Every: analysis.Day, Terms: -1})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	for _, field := range []string{"Every is day", "Terms is -1"} {
		require.ErrorContains(t, err, "analysis.OverTimeOptions."+field)
	}
	require.ErrorContains(t, analysis.OverTimeOptions{Bins: 1 << 30}.Validate(), "Bins is 1073741824")
	require.ErrorContains(t, analysis.OverTimeOptions{Every: "decade"}.Validate(), "Every is decade")
	require.ErrorContains(t, analysis.PerClassOptions{Terms: -1}.Validate(), "analysis.PerClassOptions.Terms is -1")
	_, err = analysis.PerClass(t.Context(), m, nil, analysis.PerClassOptions{})
	require.ErrorContains(t, err, "0 classes")
}
