package sweep

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gobertopic/gobertopic/study"
)

// figures are those that settings are compared by; more is better.
var figures = []struct {
	name string
	of   func(s *Setting) float64
}{
	{"coherence", func(s *Setting) float64 { return s.Coherence }},
	{"diversity", func(s *Setting) float64 { return s.Diversity }},
	{"stability", func(s *Setting) float64 { return s.Stability }},
	{"share in topics", func(s *Setting) float64 { return 1 - s.Outliers }},
}

// score scales the figures over the settings and takes their mean.
func (r *Result) score() {
	for _, f := range figures {
		low, high := r.bounds(f.of)
		for i := range r.Settings {
			switch v := f.of(&r.Settings[i]); {
			case math.IsNaN(v):
			case high == low:
				r.Settings[i].Score += 0.25
			default:
				r.Settings[i].Score += float64(0.25 * (v - low) / (high - low))
			}
		}
	}
	for i, s := range r.Settings {
		if s.Score > r.Settings[r.Best].Score {
			r.Best = i
		}
	}
}

// bounds are the least and the greatest value over the settings; low is above high where there is none.
func (r *Result) bounds(of func(*Setting) float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i := range r.Settings {
		if v := of(&r.Settings[i]); !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// near is how far scores may lie from each other of settings between which the scores do not decide.
const near = 0.05

// Why says in a few sentences which setting is recommended, what speaks for it and against it, and which settings are as
// good but for chance and taste.
func (r *Result) Why() string {
	best := &r.Settings[r.Best]
	var b strings.Builder
	fmt.Fprintf(&b, "Recommended: %v, which gives %s. Its score of %.2f is the highest of %d settings. "+
		"A score is the mean of coherence, diversity, stability and the share of documents in topics, each scaled from the worst setting of this sweep (0) "+
		"to the best (1), so that all four count the same; it says nothing outside this sweep.",
		best, topics(best.Topics), best.Score, len(r.Settings))
	for _, f := range figures {
		v := f.of(best)
		if math.IsNaN(v) {
			fmt.Fprintf(&b, " It has no %s.", f.name)
			continue
		}
		top, better := r.Best, 0
		for i := range r.Settings {
			if w := f.of(&r.Settings[i]); w > v {
				better++
				if w > f.of(&r.Settings[top]) {
					top = i
				}
			}
		}
		if better == 0 {
			fmt.Fprintf(&b, " Its %s of %.3f is not exceeded.", f.name, v)
			continue
		}
		other := &r.Settings[top]
		fmt.Fprintf(&b, " Its %s of %.3f is exceeded by %d, the most by %v: %.3f, but a score of %.2f.", f.name, v, better, other, f.of(other), other.Score)
	}
	var close []string
	for i := range r.Settings {
		if s := &r.Settings[i]; i != r.Best && best.Score-s.Score < near {
			close = append(close, fmt.Sprintf("%v (%s, %.2f)", s, topics(s.Topics), s.Score))
		}
	}
	if len(close) > 0 {
		fmt.Fprintf(&b, " So close in score that reading the topics should decide: %s.", strings.Join(close, "; "))
	}
	return b.String()
}

// topics is a mean number of topics in words.
func topics(n float64) string {
	text := strconv.FormatFloat(n, 'f', 1, 64)
	text = strings.TrimSuffix(text, ".0")
	if text == "1" {
		return "1 topic"
	}
	return text + " topics"
}

// Table has a row per setting.
func (r *Result) Table() study.Table {
	t := study.Table{Title: "Settings", Columns: []study.Column{
		{Name: "min_cluster_size", Format: study.Decimal},
		{Name: "neighbors", Format: study.Decimal},
		{Name: "merged to", Format: study.Text},
		{Name: "topics", Format: study.Decimal},
		{Name: "outliers, %", Format: study.Percent},
		{Name: "coherence (c_npmi)", Format: study.Ratio},
		{Name: "diversity", Format: study.Ratio},
		{Name: "stability (ARI)", Format: study.Ratio},
		{Name: "score", Format: study.Ratio},
	}, Notes: []string{r.Why()}}
	for _, s := range r.Settings {
		wanted := "–"
		if s.Wanted > 0 {
			wanted = strconv.Itoa(s.Wanted)
		}
		t.Rows = append(t.Rows, []any{s.MinClusterSize, s.Neighbors, wanted, s.Topics, s.Outliers, s.Coherence, s.Diversity, s.Stability, s.Score})
	}
	return t
}
