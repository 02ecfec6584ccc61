package community

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/membership"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Memberships are how strongly rows belong to communities. Row(i) has the communities that row i belongs to, rising, and how
// strongly; the fields are Rows and Clusters, the numbers of rows and of communities, and the rows behind each other: those of
// row i are the entries Start[i] to Start[i+1] of Label and of Value. Values are above 0 and those of a row add up to at most 1.
type Memberships = membership.Matrix

// Memberships gives for each row the shares of the weight of its edges that lead into the communities, the top greatest of
// them, equal ones by number, or all when top is 0. What they lack to 1 leads to outliers, or into communities that were left
// out. The share of a row's own community is its strength (Strengths), as far as its neighbours are no outliers. A row without
// edges has no memberships; rows that are equal have the same.
func (m *Model) Memberships(ctx context.Context, top int) (*Memberships, error) {
	out, err := m.memberships(ctx, m.x.Rows, top, func(row int, s *shares) { m.edges(row, s) })
	if err != nil {
		return nil, fmt.Errorf("community: %w", err)
	}
	return out, nil
}

// PredictMemberships is Memberships for new rows: the shares that the communities have of the votes by which Predict decides,
// those of the fitted rows nearest to it. A row that lies on fitted ones has their memberships.
func (m *Model) PredictMemberships(ctx context.Context, points blas32.General, top int) (*Memberships, error) {
	fail := func(err error) (*Memberships, error) { return nil, fmt.Errorf("community: %w", err) }
	nb, err := m.neighbours(ctx, points)
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

// edges adds up the weights of the edges of a row by the communities that they lead into.
func (m *Model) edges(row int, s *shares) {
	v := m.first[row]
	for e := m.graph.Start[v]; e < m.graph.Start[v+1]; e++ {
		s.add(m.layers[m.chosen].labels[m.graph.Index[e]], float64(m.graph.Weight[e]))
	}
}

// memberships makes rows of what of adds for each.
func (m *Model) memberships(ctx context.Context, rows, top int, of func(row int, s *shares)) (*Memberships, error) {
	if top < 0 {
		return nil, fmt.Errorf("top is %d, want at least 1, or 0 for all communities", top)
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
		return nil, err
	}
	out := &Memberships{Rows: rows, Clusters: m.layers[m.chosen].count, Start: make([]int, 1, rows+1)}
	for _, p := range parts {
		for _, n := range p.length {
			out.Start = append(out.Start, out.Start[len(out.Start)-1]+n)
		}
		out.Label, out.Value = append(out.Label, p.label...), append(out.Value, p.value...)
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
