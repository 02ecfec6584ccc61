package analysis

import (
	"cmp"
	"context"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/topic"
)

// cell is the documents of one topic in one slice of the documents.
type cell struct {
	slice, topic, count int
	terms               []ctfidf.Term
}

// tuning says how the weights of a cell are made.
type tuning struct {
	evolution bool // average with the same topic in the slice before
	global    bool // average with the topic in the whole model
	terms     int
}

// describeCells describes each topic in each slice, by rising slice and topic. slice holds the number
// of the slice of each document, or −1. All documents are counted in one pass, with a class for each
// cell.
func describeCells(ctx context.Context, m *topic.Model, slice []int, tune tuning) ([]cell, error) {
	cells, docs, classes, err := listCells(m, slice)
	if err != nil {
		return nil, err
	}
	weights, err := m.Weights()
	if err != nil {
		return nil, err
	}
	if weights.Rows.Rows() == 0 || len(cells) == 0 {
		return cells, context.Cause(ctx)
	}
	cfg := vocabularyOf(m)
	cfg.Vocabulary = weights.Vocabulary
	counts, err := ctfidf.Count(ctx, docs, classes, cfg)
	if err != nil {
		return nil, err
	}
	rows, err := weights.Transform(counts.Rows)
	if err != nil {
		return nil, err
	}
	_, outliers := embeddingsOf(m)
	before := cellsBefore(cells)
	mixers := make([]mixer, parallel.Workers(cfg.Workers))
	err = parallel.Loop{Workers: cfg.Workers, Block: 16}.Run(ctx, len(cells), func(worker, lo, hi int) error {
		x := &mixers[worker]
		for i := lo; i < hi; i++ {
			x.set(rows.Row(i))
			if tune.evolution || tune.global {
				x.scale()
			}
			if tune.evolution && before[i] >= 0 {
				x.average(rows.Row(before[i]))
			}
			if tune.global {
				x.average(weights.Rows.Row(cells[i].topic + outliers))
			}
			cells[i].terms = x.top(weights.Vocabulary, tune.terms)
		}
		return nil
	})
	return cells, err
}

// listCells returns the cells that have documents, by rising slice and topic, without terms, and the
// documents with the index of the cell of each.
func listCells(m *topic.Model, slice []int) (cells []cell, docs []string, classes []int, err error) {
	type key struct{ slice, topic int }
	all, err := m.Documents()
	if err != nil {
		return nil, nil, nil, err
	}
	assignments := m.Assignments()
	found := map[key]int{} // in the order of finding
	for i, s := range slice {
		if s < 0 {
			continue
		}
		k := key{s, assignments[i].Topic}
		at, ok := found[k]
		if !ok {
			at, found[k] = len(cells), len(cells)
			cells = append(cells, cell{slice: k.slice, topic: k.topic})
		}
		cells[at].count++
		docs, classes = append(docs, all[i]), append(classes, at)
	}
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := cells[i], cells[j]
		return cmp.Or(cmp.Compare(a.slice, b.slice), cmp.Compare(a.topic, b.topic))
	})
	sorted, index := make([]cell, len(cells)), make([]int, len(cells))
	for to, from := range order {
		sorted[to], index[from] = cells[from], to
	}
	for k, at := range classes {
		classes[k] = index[at]
	}
	return sorted, docs, classes, nil
}

// cellsBefore returns, for each cell, the index of the cell of the same topic in the slice before, or
// −1. A slice without any documents does not count as one.
func cellsBefore(cells []cell) []int {
	before := make([]int, len(cells))
	last := map[int]int{} // topic → its latest cell
	begin, previous := 0, -1
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
	return before
}

// mixer averages sparse rows and reuses its memory.
type mixer struct {
	row, next sparseRow
}

func (x *mixer) set(cols []int32, values []float64) {
	x.row = sparseRow{append(x.row.cols[:0], cols...), append(x.row.values[:0], values...)}
}

// scale divides the row by the sum of its absolute values.
func (x *mixer) scale() {
	sum := absoluteSum(x.row.values)
	for k := range x.row.values {
		x.row.values[k] /= sum
	}
}

// average averages the row with another, which is scaled first.
func (x *mixer) average(cols []int32, values []float64) {
	x.row, x.next = x.row.plus(sparseRow{cols, values}, absoluteSum(values), x.next), x.row
	for k := range x.row.values {
		x.row.values[k] /= 2
	}
}

// top returns the n terms of the highest weight.
func (x *mixer) top(vocabulary []string, n int) []ctfidf.Term {
	return ctfidf.Weights{Vocabulary: vocabulary, Rows: x.row.matrix(len(vocabulary))}.TopTerms(0, n)
}
