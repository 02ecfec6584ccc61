package study

import (
	"fmt"
	"strconv"
)

// rows are the topics of the result and then the whole.
func (r *Result) rows(cells func(*Group) []any) [][]any {
	var out [][]any
	for i := range r.Topics {
		out = append(out, cells(&r.Topics[i]))
	}
	return append(out, cells(&r.Overall))
}

// number is a topic's number in a table, empty for a whole corpus.
func number(topic int) string {
	if topic == Overall {
		return ""
	}
	return strconv.Itoa(topic)
}

func level(l float64) string { return strconv.FormatFloat(100*l, 'g', 6, 64) + " %" }

// Popularity has views, score, favorites and likes per topic; a measure that no thread has is left out.
func (r *Result) Popularity() Table {
	t := Table{
		Title:   "Popularity: " + r.Corpus,
		Columns: []Column{{"topic", Text}, {"name", Text}, {"threads", Decimal}},
	}
	kept := []func(*Group) *Numbers{}
	for _, m := range []struct {
		name Quantity
		of   func(*Group) *Numbers
	}{
		{Views, func(g *Group) *Numbers { return &g.Views }},
		{Score, func(g *Group) *Numbers { return &g.Score }},
		{Favorites, func(g *Group) *Numbers { return &g.Favorites }},
		{Likes, func(g *Group) *Numbers { return &g.Likes }},
	} {
		if m.of(&r.Overall).N == 0 {
			continue
		}
		kept = append(kept, m.of)
		for _, c := range []Column{
			{"%s: n", Decimal},
			{"%s: mean", Decimal},
			{"%s: mean, interval", Decimal},
			{"%s: median", Decimal},
			{"%s: median, interval", Decimal},
		} {
			t.Columns = append(t.Columns, Column{fmt.Sprintf(c.Name, m.name), c.Format})
		}
	}
	t.Rows = r.rows(func(g *Group) []any {
		row := []any{number(g.Topic), g.Name, g.Threads}
		for _, of := range kept {
			n := of(g)
			row = append(row, n.N, n.Mean, n.MeanInterval, n.Median, n.MedianInterval)
		}
		return row
	})
	t.Notes = []string{"Intervals are bootstrap intervals at " + level(r.Level) + "; n is the number of threads whose figure is known."}
	if len(kept) == 0 {
		t.Notes = []string{"No thread tells its views, score, favorites or likes."}
	}
	return t
}

// Difficulty has the shares without an accepted answer and without an answer, and the hours to both, per topic; a measure
// that no thread has is left out.
func (r *Result) Difficulty() Table {
	t := Table{
		Title:   "Difficulty: " + r.Corpus,
		Columns: []Column{{"topic", Text}, {"name", Text}, {"threads", Decimal}},
	}
	var shares []func(*Group) *Share
	for _, m := range []struct {
		name Quantity
		of   func(*Group) *Share
	}{
		{NoAccepted, func(g *Group) *Share { return &g.NoAccepted }},
		{NoAnswer, func(g *Group) *Share { return &g.NoAnswer }},
	} {
		if m.of(&r.Overall).N == 0 {
			continue
		}
		shares = append(shares, m.of)
		name := string(m.name)
		t.Columns = append(t.Columns, Column{name + ": n", Decimal}, Column{name + ", %", Percent}, Column{name + ", %, interval", Percent})
	}
	var times []func(*Group) *Times
	for _, m := range []struct {
		name Quantity
		of   func(*Group) *Times
	}{
		{HoursToAccepted, func(g *Group) *Times { return &g.HoursToAccepted }},
		{HoursToAnswer, func(g *Group) *Times { return &g.HoursToAnswer }},
	} {
		if all := m.of(&r.Overall); all.N+all.Open == 0 {
			continue
		}
		times = append(times, m.of)
		for _, c := range []string{": n", ": median", ": median, interval", ": Q1", ": Q3", ": open", ": left out", ": median with the open", ": median with the open, interval"} {
			t.Columns = append(t.Columns, Column{string(m.name) + c, Decimal})
		}
	}
	t.Rows = r.rows(func(g *Group) []any {
		row := []any{number(g.Topic), g.Name, g.Threads}
		for _, of := range shares {
			s := of(g)
			row = append(row, s.N, s.Share, s.Interval)
		}
		for _, of := range times {
			h := of(g)
			row = append(row, h.N, h.Median, h.MedianInterval, h.Q1, h.Q3, h.Open, h.Untimed, h.Waiting.Median, h.Waiting.MedianInterval)
		}
		return row
	})
	if len(times) > 0 {
		t.Notes = append(t.Notes, "Medians and quartiles of hours are over the n threads that have ended; those with the open threads are Kaplan-Meier "+
			"estimates, ∞ where fewer than half have ended. Left out are threads whose time is not known or lies before their beginning.")
	}
	switch {
	case len(shares) > 0 && len(times) > 0:
		t.Notes = append(t.Notes, "Intervals at "+level(r.Level)+": Wilson's for shares, bootstrap for medians, log-log for the Kaplan-Meier median.")
	case len(shares) > 0:
		t.Notes = append(t.Notes, "Intervals at "+level(r.Level)+" are Wilson's.")
	default:
		t.Notes = append(t.Notes, "No thread tells whether it was answered.")
	}
	return t
}

// ReplyCounts has the replies per thread and how they are distributed, per topic.
func (r *Result) ReplyCounts() Table {
	t := Table{
		Title: "Replies: " + r.Corpus,
		Columns: []Column{
			{"topic", Text},
			{"name", Text},
			{"threads", Decimal},
			{"n", Decimal},
			{"mean", Decimal},
			{"mean, interval", Decimal},
			{"median", Decimal},
			{"0", Decimal},
			{"1-2", Decimal},
			{"3-5", Decimal},
			{"6-10", Decimal},
			{">10", Decimal},
		},
		Notes: []string{"The last five columns count threads by their replies. Intervals are bootstrap intervals at " + level(r.Level) + "."},
	}
	t.Rows = r.rows(func(g *Group) []any {
		row := []any{number(g.Topic), g.Name, g.Threads, g.Replies.N, g.Replies.Mean, g.Replies.MeanInterval, g.Replies.Median}
		for _, n := range g.ReplyBands {
			row = append(row, n)
		}
		return row
	})
	return t
}

// Corpora has the main figures of whole corpora, one a row.
func Corpora(results ...*Result) Table {
	t := Table{
		Title: "Corpora",
		Columns: []Column{
			{"corpus", Text},
			{"threads", Decimal},
			{"views: n", Decimal},
			{"views: mean", Decimal},
			{"views: median", Decimal},
			{"score: n", Decimal},
			{"score: mean", Decimal},
			{"favorites: n", Decimal},
			{"favorites: mean", Decimal},
			{"replies: n", Decimal},
			{"replies: mean", Decimal},
			{"replies: median", Decimal},
			{"without accepted answer: n", Decimal},
			{"without accepted answer, %", Percent},
			{"without answer: n", Decimal},
			{"without answer, %", Percent},
			{"hours to accepted answer: n", Decimal},
			{"hours to accepted answer: median", Decimal},
			{"hours to accepted answer: median with the open", Decimal},
			{"hours to first reply: n", Decimal},
			{"hours to first reply: median", Decimal},
			{"hours to first reply: median with the open", Decimal},
		},
		Notes: []string{"n is the number of threads whose figure is known; – where it is that of none."},
	}
	for _, r := range results {
		g := &r.Overall
		t.Rows = append(t.Rows, []any{
			r.Corpus, g.Threads, g.Views.N, g.Views.Mean, g.Views.Median, g.Score.N, g.Score.Mean, g.Favorites.N, g.Favorites.Mean,
			g.Replies.N, g.Replies.Mean, g.Replies.Median, g.NoAccepted.N, g.NoAccepted.Share, g.NoAnswer.N, g.NoAnswer.Share,
			g.HoursToAccepted.N, g.HoursToAccepted.Median, g.HoursToAccepted.Waiting.Median,
			g.HoursToAnswer.N, g.HoursToAnswer.Median, g.HoursToAnswer.Waiting.Median,
		})
	}
	return t
}

// Table is the tests, one a row.
func (c *Comparison) Table() Table {
	t := Table{
		Title: "Comparison: " + c.Corpus,
		Columns: []Column{
			{"measure", Text},
			{"topic", Text},
			{"name", Text},
			{"baseline", Text},
			{"n", Decimal},
			{"n of the baseline", Decimal},
			{"value", Decimal},
			{"value of the baseline", Decimal},
			{"test", Text},
			{"p", PValue},
			{"p, Holm", PValue},
			{"effect", Ratio},
			{"effect, interval", Ratio},
			{"odds ratio", Ratio},
			{"odds ratio, interval", Ratio},
		},
		Notes: []string{
			"Values are medians, or shares in 0 to 1. The effect is Cliff's delta (Mann-Whitney; the rank-biserial correlation is the same " +
				"number) or the difference of the shares, positive where the group has more. Holm corrects for the tests of the same measure and kind.",
			"Intervals at " + level(c.Level) + ". The log-rank test counts open threads as lasting at least until they were seen; its values are Kaplan-Meier medians.",
		},
	}
	for _, x := range c.Tests {
		t.Rows = append(t.Rows, []any{
			string(x.Measure), number(x.Topic), x.Name, x.Baseline, x.N, x.BaselineN, x.Value, x.BaselineValue, string(x.Method), x.P, x.Holm,
			x.Effect, x.EffectInterval, x.OddsRatio, x.OddsRatioInterval,
		})
	}
	return t
}

// CorrelationTable is correlations, one a row.
func CorrelationTable(correlations []Correlation) Table {
	t := Table{
		Title: "Popularity and difficulty",
		Columns: []Column{
			{"popularity: mean", Text}, {"difficulty", Text}, {"topics", Decimal}, {"Kendall's tau-b", Ratio}, {"p", PValue}, {"p, Holm", PValue},
		},
		Notes: []string{"Over the topics that have both figures, outliers left out."},
	}
	if len(correlations) == 0 {
		t.Notes = append(t.Notes, "There is none: no measure of popularity and of difficulty is known of three topics.")
	}
	for _, c := range correlations {
		t.Rows = append(t.Rows, []any{string(c.Popularity), string(c.Difficulty), c.Topics, c.Tau, c.P, c.Holm})
	}
	return t
}
