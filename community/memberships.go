package community

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
)

// Memberships returns for each row the shares of the weight of its edges that lead into the
// communities: one row per row of the fit, one column per community. Of each row the top greatest
// shares are stored, equal ones by number, or all if top is 0; they are above 0. What they lack to 1
// leads to outliers, or into communities that were left out. The share of a row's own community is
// its strength (Strengths), as far as its neighbors are no outliers. A row without edges has no
// memberships; equal rows have the same.
func (m *Model) Memberships(ctx context.Context, top int) (sparse.CSR[float64], error) {
	out, err := m.memberships(ctx, m.x.Rows, top, func(row int, s *shares) { m.edges(row, s) })
	if err != nil {
		return sparse.CSR[float64]{}, fmt.Errorf("community: %w", err)
	}
	return out, nil
}

// PredictMemberships returns for new rows the shares that the communities have of the votes by which
// Predict decides, those of the fitted rows nearest to each. A row equal to a fitted one has the
// memberships of that row. top is as for Memberships.
func (m *Model) PredictMemberships(ctx context.Context, points blas32.General, top int) (sparse.CSR[float64], error) {
	fail := func(err error) (sparse.CSR[float64], error) {
		return sparse.CSR[float64]{}, fmt.Errorf("community: %w", err)
	}
	nb, err := m.neighbors(ctx, points)
	if err != nil {
		return fail(err)
	}
	out, err := m.memberships(ctx, points.Rows, top, func(i int, s *shares) {
		index, distance := nb.Index[i*nb.K:][:nb.K], nb.Distance[i*nb.K:][:nb.K]
		if first := int(index[0]); slices.Equal(dense.Row(points, i), dense.Row(m.x, first)) {
			m.edges(first, s)
			return
		}
		for k, j := range index {
			s.add(m.layers[m.chosen].labels[j], max(1-float64(distance[k]), 0))
		}
	})
	if err != nil {
		return fail(err)
	}
	return out, nil
}

// edges adds the weights of the edges of a row by the communities that they lead into.
func (m *Model) edges(row int, s *shares) {
	v := m.first[row]
	for e := m.graph.RowPtr[v]; e < m.graph.RowPtr[v+1]; e++ {
		s.add(m.layers[m.chosen].labels[m.graph.Col[e]], float64(m.graph.Value[e]))
	}
}

// memberships builds one row per item from the weights that of adds to s.
func (m *Model) memberships(ctx context.Context, rows, top int, of func(row int, s *shares)) (sparse.CSR[float64], error) {
	if top < 0 {
		return sparse.CSR[float64]{}, fmt.Errorf("top is %d, want at least 1, or 0 for all communities", top)
	}
	const block = 256
	type part struct {
		length []int
		label  []int32
		value  []float64
	}
	parts := make([]part, (rows+block-1)/block)
	workers := make([]*shares, parallel.Workers(m.cfg.Workers))
	err := parallel.Loop{Workers: m.cfg.Workers, Block: block}.Run(ctx, rows, func(worker, lo, hi int) error {
		s := workers[worker]
		if s == nil {
			s = &shares{sum: make([]float64, m.layers[m.chosen].count)}
			workers[worker] = s
		}
		p := &parts[lo/block]
		for i := lo; i < hi; i++ {
			of(i, s)
			labels := s.greatest(top)
			p.length = append(p.length, len(labels))
			for _, c := range labels {
				p.label, p.value = append(p.label, c), append(p.value, s.sum[c]/s.all)
			}
			s.clear()
		}
		return nil
	})
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	out := sparse.CSR[float64]{Cols: m.layers[m.chosen].count, RowPtr: make([]int, 1, rows+1)}
	for _, p := range parts {
		for _, n := range p.length {
			out.RowPtr = append(out.RowPtr, out.RowPtr[len(out.RowPtr)-1]+n)
		}
		out.Col, out.Value = append(out.Col, p.label...), append(out.Value, p.value...)
	}
	return out, nil
}

// shares adds up weights by community.
type shares struct {
	all   float64
	sum   []float64 // by community
	there []int32   // those with a sum
}

// add adds the weight of something of a community, −1 for none.
func (s *shares) add(community int, weight float64) {
	s.all += weight
	if community < 0 || weight <= 0 {
		return
	}
	if s.sum[community] == 0 {
		s.there = append(s.there, int32(community))
	}
	s.sum[community] += weight
}

// greatest lists the top communities by their sums, all when top is 0, by rising number.
func (s *shares) greatest(top int) []int32 {
	if top > 0 && top < len(s.there) {
		slices.SortFunc(s.there, func(a, b int32) int { return cmp.Or(cmp.Compare(s.sum[b], s.sum[a]), cmp.Compare(a, b)) })
		for _, c := range s.there[top:] {
			s.sum[c] = 0
		}
		s.there = s.there[:top]
	}
	slices.Sort(s.there)
	return s.there
}

func (s *shares) clear() {
	for _, c := range s.there {
		s.sum[c] = 0
	}
	s.all, s.there = 0, s.there[:0]
}
