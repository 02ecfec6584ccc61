package study_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/study/stats"
)

var day = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)

// A source that tells nothing gives figures of nothing, not zeros.
func TestUnknownIsNotNone(t *testing.T) {
	threads := make([]corpus.Thread, 5)
	r, err := study.Measure(t.Context(), threads, []int{0, 0, 1, 1, -1}, study.DefaultConfig())
	require.NoError(t, err)
	require.Len(t, r.Topics, 3)
	for _, g := range append(r.Topics, r.Overall) {
		for _, n := range []study.Numbers{g.Views, g.Score, g.Favorites, g.Likes, g.Replies} {
			require.Zero(t, n.N)
			require.True(t, math.IsNaN(n.Mean) && math.IsNaN(n.Median) && math.IsNaN(n.MeanInterval.Low))
		}
		for _, s := range []study.Share{g.NoAccepted, g.NoAnswer} {
			require.Zero(t, s.N)
			require.True(t, math.IsNaN(s.Share) && math.IsNaN(s.Interval.Low))
		}
		for _, h := range []study.Times{g.HoursToAccepted, g.HoursToAnswer} {
			require.Equal(t, [3]int{}, [3]int{h.N, h.Open, h.Untimed})
			require.True(t, math.IsNaN(h.Median) && math.IsNaN(h.Waiting.Median))
		}
		require.Zero(t, g.ReplyBands)
	}
	c, err := study.Compare(t.Context(), r, r)
	require.NoError(t, err)
	require.Empty(t, c.Tests)
	k, err := study.Correlate(r)
	require.NoError(t, err)
	require.Empty(t, k)
	require.Len(t, r.Popularity().Columns, 3, "no measure that nobody has")
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.Contains(t, string(text), `"Mean":null`)
}

// Accepted answers whose times are unknown leave the open threads without a curve: how long the others waited is not known.
func TestAcceptanceWithoutTimes(t *testing.T) {
	threads := []corpus.Thread{
		{Created: day, Accepted: corpus.Yes, Answers: corpus.Known(1)},
		{Created: day, Accepted: corpus.No, Answers: corpus.Known(2)},
		{Created: day, Accepted: corpus.No, Answers: corpus.Known(0)},
		{Created: day},
	}
	cfg := study.DefaultConfig()
	cfg.Until = day.Add(48 * time.Hour)
	r, err := study.Measure(t.Context(), threads, nil, cfg)
	require.NoError(t, err)
	require.Equal(t, [2]int{3, 2}, [2]int{r.Overall.NoAccepted.N, r.Overall.NoAccepted.Count})
	require.Equal(t, [2]int{3, 1}, [2]int{r.Overall.NoAnswer.N, r.Overall.NoAnswer.Count})
	h := r.Overall.HoursToAccepted
	require.Equal(t, [3]int{0, 2, 1}, [3]int{h.N, h.Open, h.Untimed})
	require.True(t, math.IsNaN(h.Waiting.Median))
	a := r.Overall.HoursToAnswer
	require.Equal(t, [3]int{0, 1, 2}, [3]int{a.N, a.Open, a.Untimed})

	// One time that is known, and one before the question.
	threads[0].AcceptedAt = day.Add(90 * time.Minute)
	threads = append(threads, corpus.Thread{Created: day, Accepted: corpus.Yes, AcceptedAt: day.Add(-time.Hour)})
	r, err = study.Measure(t.Context(), threads, nil, cfg)
	require.NoError(t, err)
	h = r.Overall.HoursToAccepted
	require.Equal(t, [3]int{1, 2, 1}, [3]int{h.N, h.Open, h.Untimed})
	require.Equal(t, 1.5, h.Median)
	require.Equal(t, 1.5, h.Waiting.Q1)
	require.True(t, math.IsInf(h.Waiting.Median, 1), "two of three are still open")
}

func TestBadInput(t *testing.T) {
	_, err := study.Measure(t.Context(), make([]corpus.Thread, 2), []int{0}, study.DefaultConfig())
	require.ErrorContains(t, err, "1 topics for 2 threads")
	_, err = study.Measure(t.Context(), make([]corpus.Thread, 1), []int{-2}, study.DefaultConfig())
	require.ErrorContains(t, err, "thread 0 has topic -2")
	var bad *stage.ConfigError
	_, err = study.Measure(t.Context(), nil, nil, study.Config{})
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "stats.Bootstrap.Level", bad.Field)

	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	threads, topics := threadsOf(readGolden(t).Corpora[0])
	r, err := study.Measure(ctx, threads, topics, config(10))
	require.NoError(t, err)
	cancel(why)
	_, err = study.Measure(ctx, threads, topics, config(10))
	require.ErrorIs(t, err, why)
	_, err = study.Compare(ctx, r, r)
	require.ErrorIs(t, err, why)
	_, err = study.Contrast(ctx, r)
	require.ErrorIs(t, err, why)
}

// The order of the threads, the workers and the other topics decide nothing.
func TestSameBitsForAnyWorkersAndOrder(t *testing.T) {
	threads, topics := threadsOf(readGolden(t).Corpora[0])
	marshal := func(threads []corpus.Thread, topics []int, workers int) string {
		cfg := config(200)
		cfg.Bootstrap.Workers = workers
		r, err := study.Measure(t.Context(), threads, topics, cfg)
		require.NoError(t, err)
		text, err := json.Marshal(r)
		require.NoError(t, err)
		return string(text)
	}
	want := marshal(threads, topics, 1)
	for _, workers := range []int{2, 3, 0} {
		require.Equal(t, want, marshal(threads, topics, workers))
	}
	var back []corpus.Thread
	var backTopics []int
	for i := len(threads) - 1; i >= 0; i-- {
		back, backTopics = append(back, threads[i]), append(backTopics, topics[i])
	}
	require.Equal(t, want, marshal(back, backTopics, 0))
}

func TestTables(t *testing.T) {
	g := readGolden(t)
	threads, topics := threadsOf(g.Corpora[0])
	cfg := config(50)
	cfg.Corpus, cfg.Names = "a|b", map[int]string{0: `=cmd, "x" <b> a_b _c_ *d*`}
	r, err := study.Measure(t.Context(), threads, topics, cfg)
	require.NoError(t, err)
	c, err := study.Compare(t.Context(), r, measured(t, g)[1])
	require.NoError(t, err)
	k, err := study.Correlate(r)
	require.NoError(t, err)
	for _, table := range []study.Table{r.Popularity(), r.Difficulty(), r.ReplyCounts(), study.Corpora(r, r), c.Table(), study.CorrelationTable(k)} {
		var md, out bytes.Buffer
		require.NoError(t, table.WriteMarkdown(&md))
		require.NoError(t, table.WriteCSV(&out))
		records, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err, "every record has the fields of the header")
		require.Len(t, records, len(table.Rows)+1)
		bars := -1
		for line := range strings.Lines(md.String()) {
			if !strings.HasPrefix(line, "|") {
				continue
			}
			n := strings.Count(line, "|") - strings.Count(line, `\|`)
			if bars < 0 {
				bars = n
			}
			require.Equal(t, bars, n, line)
		}
		require.Equal(t, len(table.Columns)+1, bars)
	}
	var md, out bytes.Buffer
	require.NoError(t, r.Popularity().WriteMarkdown(&md))
	require.Contains(t, md.String(), `## Popularity: a\|b`)
	require.Contains(t, md.String(), `=cmd, "x" \<b> a_b \_c\_ \*d\*`)
	require.NoError(t, r.Difficulty().WriteCSV(&out))
	records, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	last := records[len(records)-1]
	require.Equal(t, []string{"", "all", fmt.Sprint(len(threads))}, last[:3])
	require.Equal(t, fmt.Sprint(100*r.Overall.NoAccepted.Share), last[4], "all digits, in percent")
	require.Equal(t, "without accepted answer, %", records[0][4])
	require.Equal(t, "without accepted answer, %, interval low", records[0][5])
}

func TestRounding(t *testing.T) {
	table := study.Table{
		Columns: []study.Column{{"a", study.Decimal}, {"b", study.Percent}, {"c", study.PValue}, {"d", study.Ratio}, {"e", study.Decimal}},
		Rows: [][]any{
			{1234567.8, 0.12345, 0.0004, 1.005, stats.Interval{Low: 1.25, High: math.Inf(1)}},
			{-1234.5, 1.0, 0.0451, -0.5, stats.Interval{Low: math.NaN(), High: math.NaN()}},
			{12.34, math.NaN(), 1.0, 0.0, ""},
			{9999, 0.5, 0.001, 123.456, stats.Interval{Low: 0.004, High: 100.4}},
		},
	}
	var b bytes.Buffer
	require.NoError(t, table.WriteMarkdown(&b))
	require.Equal(t, strings.Join([]string{
		"| a | b | c | d | e |",
		"|--:|--:|--:|--:|--:|",
		`| 1,234,568 | 12.3 | \<0.001 | 1.00 | 1.25 to ∞ |`,
		"| -1,234 | 100.0 | 0.045 | -0.50 | – |",
		"| 12.3 | – | 1.000 | 0.00 |  |",
		"| 9,999 | 50.0 | 0.001 | 123.46 | 0.00 to 100 |",
		"",
	}, "\n"), b.String())
	b.Reset()
	require.NoError(t, table.WriteCSV(&b))
	require.Equal(t, strings.Join([]string{
		"a,b,c,d,e low,e high",
		"1.2345678e+06,12.345,0.0004,1.005,1.25,",
		"-1234.5,100,0.0451,-0.5,,",
		"12.34,,1,0,,",
		"9999,50,0.001,123.456,0.004,100.4",
		"",
	}, "\n"), b.String())
}

// Tables without figures say why.
func TestTablesOfNothing(t *testing.T) {
	r, err := study.Measure(t.Context(), []corpus.Thread{{ID: "1"}, {ID: "2"}}, []int{0, 1}, study.DefaultConfig())
	require.NoError(t, err)
	require.Equal(t, []string{"No thread tells its views, score, favorites or likes."}, r.Popularity().Notes)
	require.Equal(t, []string{"No thread tells whether it was answered."}, r.Difficulty().Notes)
	require.Len(t, r.Difficulty().Columns, 3)
	correlations, err := study.Correlate(r)
	require.NoError(t, err)
	require.Empty(t, correlations)
	require.Contains(t, study.CorrelationTable(correlations).Notes[1], "There is none")
}
