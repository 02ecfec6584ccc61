package topic

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Period is a stretch of the calendar, in UTC.
type Period string

// The periods. A week begins on Monday.
const (
	Day     Period = "day"
	Week    Period = "week"
	Month   Period = "month"
	Quarter Period = "quarter"
	Year    Period = "year"
)

// begin is when the period that t lies in begins.
func (p Period) begin(t time.Time) time.Time {
	t = t.UTC()
	y, m, d := t.Date()
	switch p {
	case Week:
		d -= (int(t.Weekday()) + 6) % 7
	case Month:
		d = 1
	case Quarter:
		m, d = (m-1)/3*3+1, 1
	case Year:
		m, d = 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// OverTimeOptions says how OverTime divides the time and weighs words.
type OverTimeOptions struct {
	// Bins is the number of equal stretches that the time from the first to the last document is cut into, or 0, the
	// default, for none: then Every decides. Each ends with its right edge, as those of pandas.cut do, and the first begins
	// 0.1 % of the whole time before the first document. BERTopic's nr_bins.
	Bins int
	// Every is the calendar period to divide by. "", the default, without Bins: each time that occurs stands for itself.
	Every Period
	// EvolutionTuning averages what a topic has at one time with what it has at the time before, if it has documents at
	// both. Default true; BERTopic's evolution_tuning, which has no effect in version 0.17.4.
	EvolutionTuning bool
	// GlobalTuning averages what a topic has at a time with what it has in the whole model. Default true; BERTopic's
	// global_tuning.
	GlobalTuning bool
	// Terms is the number of terms of a row, at least 1. Default 5.
	Terms int
}

// DefaultOverTimeOptions is both kinds of tuning and five terms, as in BERTopic.
func DefaultOverTimeOptions() OverTimeOptions {
	return OverTimeOptions{EvolutionTuning: true, GlobalTuning: true, Terms: 5}
}

// Validate reports every field that is out of range.
func (o OverTimeOptions) Validate() error {
	var f check.Fields
	f.Want(o.Bins >= 0, "topic.OverTimeOptions.Bins", o.Bins, "0 (none) or more")
	f.Want(o.Terms >= 1, "topic.OverTimeOptions.Terms", o.Terms, "1 or more")
	f.Want(slices.Contains([]Period{"", Day, Week, Month, Quarter, Year}, o.Every), "topic.OverTimeOptions.Every", o.Every, `"", "day", "week", "month", "quarter" or "year"`)
	f.Want(o.Bins == 0 || o.Every == "", "topic.OverTimeOptions.Every", o.Every, `"" beside topic.OverTimeOptions.Bins`)
	return f.Err()
}

// TimeRow is a topic at a time.
type TimeRow struct {
	Topic int
	Time  time.Time // where the stretch of time begins
	Count int       // the number of documents
	Terms []Term
}

// OverTime describes the topics by the documents of each stretch of time: a row for each stretch and each topic with
// documents in it, by rising time and topic. times has one entry for each fitted document; a document whose time is zero is
// left out. The words of a row are weighed with the factors of the model (the IDF) and, with tuning, put to a sum of 1
// before they are averaged. The model stays as it is. BERTopic's topics_over_time; arXiv:2203.05794, section 3.4.
func (m *Model) OverTime(ctx context.Context, times []time.Time, opt OverTimeOptions) ([]TimeRow, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if len(times) != len(m.docs) {
		return nil, fmt.Errorf("over time: %d times for %d documents, want one each", len(times), len(m.docs))
	}
	at, begins := divide(times, opt)
	cells, err := m.slices(ctx, at, opt.EvolutionTuning, opt.GlobalTuning, opt.Terms)
	if err != nil {
		return nil, fmt.Errorf("over time: %w", err)
	}
	out := make([]TimeRow, len(cells))
	for i, c := range cells {
		out[i] = TimeRow{c.topic, begins[c.slice], c.count, c.terms}
	}
	return out, nil
}

// divide is the number of the stretch of each time, −1 for a zero time, and when the stretches begin, rising.
func divide(times []time.Time, opt OverTimeOptions) (at []int, begins []time.Time) {
	at = make([]int, len(times))
	var known []time.Time
	for _, t := range times {
		if !t.IsZero() {
			known = append(known, t.UTC())
		}
	}
	if len(known) == 0 {
		for i := range at {
			at[i] = -1
		}
		return at, nil
	}
	if opt.Bins > 0 {
		edges := equalEdges(slices.MinFunc(known, time.Time.Compare), slices.MaxFunc(known, time.Time.Compare), opt.Bins)
		begins = edges[:opt.Bins]
		for i, t := range times {
			// The first edge that is not before t is the right one of its bin.
			right, _ := slices.BinarySearchFunc(edges, t, time.Time.Compare)
			at[i] = min(max(right-1, 0), opt.Bins-1)
			if t.IsZero() {
				at[i] = -1
			}
		}
		return at, begins
	}
	begin := func(t time.Time) time.Time {
		if opt.Every == "" {
			return t.UTC()
		}
		return opt.Every.begin(t)
	}
	for _, t := range known {
		begins = append(begins, begin(t))
	}
	slices.SortFunc(begins, time.Time.Compare)
	begins = slices.CompactFunc(begins, time.Time.Equal)
	for i, t := range times {
		at[i] = -1
		if !t.IsZero() {
			at[i], _ = slices.BinarySearchFunc(begins, begin(t), time.Time.Compare)
		}
	}
	return at, begins
}

// equalEdges is n+1 times from first to last at equal distances, the first moved back by a thousandth of the whole. When
// the two are the same they are moved apart by a second each.
func equalEdges(first, last time.Time, n int) []time.Time {
	if first.Equal(last) {
		first, last = first.Add(-time.Second), last.Add(time.Second)
	}
	nanoseconds := func(t time.Time) *big.Int {
		x := big.NewInt(t.Unix())
		return x.Add(x.Mul(x, big.NewInt(1e9)), big.NewInt(int64(t.Nanosecond())))
	}
	from := nanoseconds(first)
	whole := new(big.Int).Sub(nanoseconds(last), from)
	edge := func(part, of int64, sign int64) time.Time {
		x := new(big.Int).Mul(whole, big.NewInt(part))
		x.Add(x.Div(x, big.NewInt(of)).Mul(x, big.NewInt(sign)), from)
		s, ns := new(big.Int).DivMod(x, big.NewInt(1e9), new(big.Int))
		return time.Unix(s.Int64(), ns.Int64()).UTC()
	}
	edges := make([]time.Time, n+1)
	for i := range edges {
		edges[i] = edge(int64(i), int64(n), 1)
	}
	edges[0] = edge(1, 1000, -1)
	return edges
}

// PerClassOptions says how PerClass weighs words.
type PerClassOptions struct {
	// GlobalTuning averages what a topic has in a class with what it has in the whole model. Default true; BERTopic's
	// global_tuning.
	GlobalTuning bool
	// Terms is the number of terms of a row, at least 1. Default 5.
	Terms int
}

// DefaultPerClassOptions is global tuning and five terms, as in BERTopic.
func DefaultPerClassOptions() PerClassOptions { return PerClassOptions{GlobalTuning: true, Terms: 5} }

// Validate reports a field that is out of range.
func (o PerClassOptions) Validate() error {
	var f check.Fields
	f.Want(o.Terms >= 1, "topic.PerClassOptions.Terms", o.Terms, "1 or more")
	return f.Err()
}

// ClassRow is a topic in a class of documents.
type ClassRow struct {
	Topic int
	Class string
	Count int // the number of documents
	Terms []Term
}

// PerClass describes the topics by the documents of each class, such as an author or a source: a row for each class and
// each topic with documents in it, by class in code point order and rising topic. classes has one entry for each fitted
// document. The model stays as it is. BERTopic's topics_per_class.
func (m *Model) PerClass(ctx context.Context, classes []string, opt PerClassOptions) ([]ClassRow, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if len(classes) != len(m.docs) {
		return nil, fmt.Errorf("per class: %d classes for %d documents, want one each", len(classes), len(m.docs))
	}
	names := slices.Compact(slices.Sorted(slices.Values(classes)))
	at := make([]int, len(classes))
	for i, c := range classes {
		at[i], _ = slices.BinarySearch(names, c)
	}
	cells, err := m.slices(ctx, at, false, opt.GlobalTuning, opt.Terms)
	if err != nil {
		return nil, fmt.Errorf("per class: %w", err)
	}
	out := make([]ClassRow, len(cells))
	for i, c := range cells {
		out[i] = ClassRow{c.topic, names[c.slice], c.count, c.terms}
	}
	return out, nil
}

// cell is the documents of a topic in a slice of the documents.
type cell struct {
	slice, topic, count int
	terms               []Term
}

// slices describes the topics in each slice: at has the number of each document's, −1 for none. The documents are counted
// once, with a class for each topic in each slice.
func (m *Model) slices(ctx context.Context, at []int, evolution, global bool, terms int) ([]cell, error) {
	var docs []string
	var classes []int
	count := map[int]int{}
	for i, slice := range at {
		if slice < 0 {
			continue
		}
		class := slice*len(m.topics) + m.assignments[i].Topic + m.outliers()
		docs, classes = append(docs, m.docs[i]), append(classes, class)
		count[class]++
	}
	var cells []cell
	for class, n := range count {
		cells = append(cells, cell{slice: class / len(m.topics), topic: class%len(m.topics) - m.outliers(), count: n})
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.slice, b.slice), cmp.Compare(a.topic, b.topic)) })
	weights, err := m.Weights(ctx)
	if err != nil || weights.Rows.Rows() == 0 || len(cells) == 0 {
		return cells, err
	}
	cfg := m.vocabulary()
	cfg.Vocabulary, cfg.Progress = weights.Vocabulary, nil
	counts, err := ctfidf.Count(ctx, docs, classes, cfg)
	if err != nil {
		return nil, err
	}
	rows, err := weights.Transform(counts.Rows)
	if err != nil {
		return nil, err
	}
	before := make([]int, len(cells)) // the cell of the same topic in the slice before, −1 for none
	last, begin, previous := map[int]int{}, 0, -1
	for i, c := range cells {
		if i > 0 && c.slice != cells[i-1].slice {
			previous, begin = begin, i
		}
		before[i] = -1
		if j, ok := last[c.topic]; ok && previous >= 0 && j >= previous {
			before[i] = j
		}
		last[c.topic] = i
	}
	workers := make([]mixer, parallel.Workers(m.cfg.Workers))
	err = parallel.Loop{Workers: m.cfg.Workers, Block: 16}.Run(ctx, len(cells), func(worker, lo, hi int) error {
		x := &workers[worker]
		for i := lo; i < hi; i++ {
			x.set(rows.Row(i))
			if evolution || global {
				x.scale()
			}
			if evolution && before[i] >= 0 {
				x.average(rows.Row(before[i]))
			}
			if global {
				x.average(weights.Rows.Row(cells[i].topic + m.outliers()))
			}
			cells[i].terms = x.top(weights.Vocabulary, terms)
		}
		return nil
	})
	return cells, err
}

// mixer averages sparse rows.
type mixer struct {
	row, next sparseRow
}

func (x *mixer) set(cols []int32, values []float64) {
	x.row = sparseRow{append(x.row.cols[:0], cols...), append(x.row.values[:0], values...)}
}

// scale puts the absolute values to a sum of 1.
func (x *mixer) scale() {
	total := absolute(x.row.values)
	for k := range x.row.values {
		x.row.values[k] /= total
	}
}

// average averages with a row that is put to a sum of 1.
func (x *mixer) average(cols []int32, values []float64) {
	x.row, x.next = x.row.plus(sparseRow{cols, values}, absolute(values), x.next), x.row
	for k := range x.row.values {
		x.row.values[k] /= 2
	}
}

func (x *mixer) top(vocabulary []string, n int) []Term {
	return ctfidf.Weights{Vocabulary: vocabulary, Rows: x.row.matrix(len(vocabulary))}.TopTerms(0, n)
}

// absolute is the sum of the absolute values, 1 where it is 0.
func absolute(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += math.Abs(v)
	}
	if total == 0 {
		return 1
	}
	return total
}
