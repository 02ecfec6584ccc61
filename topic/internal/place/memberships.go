package place

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Soft reports whether the chain has memberships of every document.
func (c *Chain) Soft() bool {
	if c.Union != nil && !c.Union.Soft() {
		return false
	}
	for _, p := range c.Clusters {
		if _, ok := p.Clustering.(stage.Soft); !ok {
			return false
		}
	}
	return c.Union != nil || len(c.Clusters) > 0 || c.Labels != nil
}

// Memberships labels the open documents of q by what was fitted, and returns how strongly each
// belongs to the labels: a row per document. A document has what the placer says that took it; one
// that nobody took has what the clusterer of the fit says, or nothing in a model that was grown. A
// zero-shot label that took a document is its only one. It fails with ErrNoMemberships.
func (c *Chain) Memberships(ctx context.Context, q *Query, top int) (sparse.CSR[float64], error) {
	if !c.Soft() {
		return sparse.CSR[float64]{}, ErrNoMemberships
	}
	if err := c.LabelByClusters(ctx, q); err != nil {
		return sparse.CSR[float64]{}, err
	}
	from := make([]memberRow, len(q.by))
	of := map[Placer][]int{}
	for i, p := range q.by {
		if p == nil && c.Union == nil && len(c.Clusters) > 0 && c.Clusters[0].Accept == nil {
			p = c.Clusters[0]
		}
		if p != nil {
			of[p] = append(of[p], i)
		}
	}
	fill := func(p Placer, offset int, ask func(at []int) (sparse.CSR[float64], error)) error {
		at := of[p]
		if len(at) == 0 {
			return nil
		}
		m, err := ask(at)
		for k, i := range at {
			if err == nil {
				from[i] = memberRow{m, k, offset}
			}
		}
		return err
	}
	for _, p := range c.Clusters {
		err := fill(p, p.Offset, func(at []int) (sparse.CSR[float64], error) { return p.Memberships(ctx, q, at, top) })
		if err != nil {
			return sparse.CSR[float64]{}, err
		}
	}
	if c.Union != nil {
		err := fill(c.Union, 0, func(at []int) (sparse.CSR[float64], error) { return c.Union.Memberships(ctx, q, at, top) })
		if err != nil {
			return sparse.CSR[float64]{}, err
		}
	}
	if c.Labels != nil {
		for _, i := range of[c.Labels] {
			from[i] = single(q.label[i], q.strength[i])
		}
	}
	return joinRows(from), nil
}

// FittedMemberships returns the memberships of the rows of the fit and of all growths: x and texts
// are theirs, labels and strengths what Query.Labels returned of them. A row has what the clusterer
// says that saw it last: that of the growth that set it aside, or that of the fit; one that came
// later and was placed has what Memberships says.
func (c *Chain) FittedMemberships(ctx context.Context, x blas32.General, labels []int, strengths []float64, top int) (sparse.CSR[float64], error) {
	if !c.Soft() {
		return sparse.CSR[float64]{}, ErrNoMemberships
	}
	if p := c.Clusters; c.Union == nil && c.Labels == nil && len(p) == 1 && p[0].Same == nil && len(p[0].Rows) == x.Rows {
		return p[0].FittedMemberships(ctx, top) // the clusterer saw all rows
	}
	from := make([]memberRow, x.Rows)
	clustered := make([]bool, x.Rows)
	first := 0 // the number of rows that the fit saw
	if c.Union != nil {
		of, err := c.Union.FittedMemberships(ctx, top)
		if err != nil {
			return of, err
		}
		for i := range of.Rows() {
			from[i], clustered[i] = memberRow{of: of, row: i}, true
		}
		first = of.Rows()
	}
	for k, p := range c.Clusters {
		of, err := p.FittedMemberships(ctx, top)
		if err != nil {
			return of, err
		}
		for at, i := range p.Rows {
			if p.Same != nil {
				at = p.Same[at]
			}
			from[i], clustered[i] = memberRow{of, at, p.Offset}, true
			if k == 0 && c.Union == nil {
				first = i + 1
			}
		}
	}
	if c.Labels != nil { // zero-shot labels take documents before the clusterer sees them
		for i, l := range labels {
			if !clustered[i] && l != stage.Outlier && l < len(c.Labels.Centroids.IDs) {
				from[i], clustered[i] = single(l, strengths[i]), true
			}
		}
	}
	var later []int
	for i := range clustered {
		if !clustered[i] && i >= first {
			later = append(later, i)
		}
	}
	if len(later) > 0 {
		all := Query{X: x}
		placed, err := c.Memberships(ctx, NewQuery(all.rows(later), nil), top)
		if err != nil {
			return placed, err
		}
		for k, i := range later {
			from[i] = memberRow{of: placed, row: k}
		}
	}
	return joinRows(from), nil
}

// memberRow is a row of memberships whose labels are to be raised by offset. The zero value is a row
// without any.
type memberRow struct {
	of     sparse.CSR[float64]
	row    int
	offset int
}

// single returns the row of a document that belongs to one label alone.
func single(label int, strength float64) memberRow {
	return memberRow{of: sparse.CSR[float64]{Cols: label + 1, RowPtr: []int{0, 1}, Col: []int32{int32(label)}, Value: []float64{strength}}}
}

// joinRows returns a matrix of rows.
func joinRows(from []memberRow) sparse.CSR[float64] {
	out := sparse.CSR[float64]{RowPtr: make([]int, 1, len(from)+1)}
	for _, r := range from {
		if r.of.Rows() > 0 {
			labels, values := r.of.Row(r.row)
			for k, l := range labels {
				out.Col, out.Value = append(out.Col, l+int32(r.offset)), append(out.Value, values[k])
			}
			out.Cols = max(out.Cols, r.offset+r.of.Cols)
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out
}
