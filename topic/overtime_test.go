package topic_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

func goldenTimes(g goldenDistributions) []time.Time {
	var out []time.Time
	for _, ns := range g.Times {
		out = append(out, time.Unix(0, ns).UTC())
	}
	return out
}

// requireWords compares words but where weights are tied, which BERTopic puts in any order.
func requireWords(t *testing.T, want []any, got []topic.Term, what string) {
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
		before, err := m.Weights(t.Context())
		require.NoError(t, err)
		weights := append([]float64(nil), before.Rows.Value...)
		for _, want := range s.OverTime {
			opt := topic.OverTimeOptions{Bins: want.Bins, GlobalTuning: want.Global, Terms: 5}
			got, err := m.OverTime(t.Context(), times, opt)
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
			opt := topic.DefaultOverTimeOptions()
			opt.Bins, opt.GlobalTuning = want.Bins, want.Global
			got, err := m.OverTime(t.Context(), times, opt)
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
			opt := topic.DefaultPerClassOptions()
			opt.GlobalTuning = want.Global
			got, err := m.PerClass(t.Context(), g.Classes, opt)
			require.NoError(t, err)
			require.Len(t, got, len(want.Rows))
			for i, r := range want.Rows {
				require.EqualValues(t, r[0], got[i].Topic)
				require.EqualValues(t, r[2], got[i].Count)
				require.Equal(t, r[3], got[i].Class)
				requireWords(t, r[1].([]any), got[i].Terms, name)
			}
		}
		after, err := m.Weights(t.Context())
		require.NoError(t, err)
		require.Equal(t, weights, after.Rows.Value, "the model has changed")
	}
}

func TestSameBitsOverTime(t *testing.T) {
	g := readDistributions(t)
	opt := topic.DefaultOverTimeOptions()
	opt.Bins = 9
	want, err := goldenModel(t, g, "ngrams", 1).OverTime(t.Context(), goldenTimes(g), opt)
	require.NoError(t, err)
	for workers := 2; workers <= 4; workers++ {
		got, err := goldenModel(t, g, "ngrams", workers).OverTime(t.Context(), goldenTimes(g), opt)
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
	for every, want := range map[topic.Period][]string{
		topic.Day:     {"2023-12-31", "2024-03-01"},
		topic.Week:    {"2023-12-25", "2024-02-26"},
		topic.Month:   {"2023-12-01", "2024-03-01"},
		topic.Quarter: {"2023-10-01", "2024-01-01"},
		topic.Year:    {"2023-01-01", "2024-01-01"},
	} {
		opt := topic.DefaultOverTimeOptions()
		opt.Every = every
		rows, err := m.OverTime(t.Context(), times, opt)
		require.NoError(t, err)
		seen, total := map[string]bool{}, 0
		for _, r := range rows {
			seen[r.Time.Format(time.DateOnly)] = true
			total += r.Count
		}
		require.Equal(t, 3, total)
		require.Equal(t, map[string]bool{want[0]: true, want[1]: true}, seen, every)
	}
	rows, err := m.OverTime(t.Context(), make([]time.Time, len(g.Texts)), topic.DefaultOverTimeOptions())
	require.NoError(t, err)
	require.Empty(t, rows)
	_, err = m.OverTime(t.Context(), times[1:], topic.DefaultOverTimeOptions())
	require.ErrorContains(t, err, "want one each")
	_, err = m.OverTime(t.Context(), times, topic.OverTimeOptions{Bins: 2, Every: topic.Day, Terms: 1})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
}
