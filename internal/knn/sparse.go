package knn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
)

// SparseIndex is a set of sparse points made ready for exact searches, under a metric for which Sparse is true. It does not
// change and is safe for concurrent use, if the options' Progress is.
type SparseIndex struct {
	metric Metric
	opt    Options
	x      sparse.CSR[float32]
	stats  []metric.Stats
	// The values that are not 0 by columns: those of column j are at [start[j], start[j+1]).
	start []int
	row   []int32
	value []float32
}

// NewSparse makes an index of the rows of x, which it keeps and which must not change. Errors are those of New.
func NewSparse(ctx context.Context, x sparse.CSR[float32], m Metric, opt Options) (*SparseIndex, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if x.Rows() > math.MaxInt32 {
		return nil, fmt.Errorf("matrix has %d rows, more than an index of 32 bits can number", x.Rows())
	}
	if err := m.CheckSparse(x); err != nil {
		return nil, err
	}
	ix := &SparseIndex{metric: m, opt: opt, x: x}
	var err error
	if ix.stats, err = ix.measure(ctx, x); err != nil || m.Kind == metric.Euclidean {
		return ix, err
	}
	ix.start = make([]int, x.Cols+1)
	for i, c := range x.Col {
		if x.Value[i] != 0 {
			ix.start[c+1]++
		}
	}
	for c := range x.Cols {
		ix.start[c+1] += ix.start[c]
	}
	ix.row, ix.value = make([]int32, ix.start[x.Cols]), make([]float32, ix.start[x.Cols])
	next := slices.Clone(ix.start)
	for i := range x.Rows() {
		if i%1024 == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
		}
		a := metric.SparseRow(x, i)
		for j, c := range a.Index {
			if v := a.Value[j]; v != 0 {
				ix.row[next[c]], ix.value[next[c]] = int32(i), v
				next[c]++
			}
		}
	}
	return ix, nil
}

func (ix *SparseIndex) measure(ctx context.Context, x sparse.CSR[float32]) ([]metric.Stats, error) {
	s := make([]metric.Stats, x.Rows())
	return s, parallel.Loop{Workers: ix.opt.Workers}.Run(ctx, x.Rows(), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			s[i] = ix.metric.SparseStats(metric.SparseRow(x, i))
		}
		return nil
	})
}

// Self finds for every point its k nearest points, as Index.Self does.
func (ix *SparseIndex) Self(ctx context.Context, k int) (Neighbors, error) {
	if err := checkK(k, ix.x.Rows()); err != nil {
		return Neighbors{}, err
	}
	return ix.search(ctx, ix.x, ix.stats, true, k)
}

// Query finds for every row of q its k nearest points, as Index.Query does.
func (ix *SparseIndex) Query(ctx context.Context, q sparse.CSR[float32], k int) (Neighbors, error) {
	if err := checkK(k, ix.x.Rows()); err != nil {
		return Neighbors{}, err
	}
	if q.Rows() > 0 && q.Cols != ix.x.Cols {
		return Neighbors{}, fmt.Errorf("queries have %d columns, the points have %d", q.Cols, ix.x.Cols)
	}
	if err := ix.metric.CheckSparse(q); err != nil {
		return Neighbors{}, fmt.Errorf("queries: %w", err)
	}
	stats, err := ix.measure(ctx, q)
	if err != nil {
		return Neighbors{}, err
	}
	return ix.search(ctx, q, stats, false, k)
}

func (ix *SparseIndex) search(ctx context.Context, q sparse.CSR[float32], stats []metric.Stats, self bool, k int) (Neighbors, error) {
	out := &result{Neighbors: Neighbors{K: k, Index: make([]int32, q.Rows()*k), Distance: make([]float32, q.Rows()*k)}, self: self, k: k}
	workers := make([]sparseScratch, parallel.Workers(ix.opt.Workers))
	loop := parallel.Loop{Workers: ix.opt.Workers, Block: 16, Progress: ix.opt.Progress}
	err := loop.Run(ctx, q.Rows(), func(w, lo, hi int) error {
		s := &workers[w]
		if s.common == nil {
			s.common, s.seen = make([]float64, ix.x.Rows()), make([]bool, ix.x.Rows())
		}
		for i := lo; i < hi; i++ {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := ix.nearest(ctx, s, metric.SparseRow(q, i), stats[i], k); err != nil {
				return err
			}
			slices.SortFunc(s.near, neighbour.compare)
			out.write(i, s.near)
		}
		return nil
	})
	return out.Neighbors, err
}

// sparseScratch is the memory of one worker.
type sparseScratch struct {
	common  []float64 // what each point has in common with the row, as metric.SparseFrom takes it, up to rounding
	seen    []bool    // and whether there is a column in which both are not 0
	touched []int32   // the points that were seen
	score   []float64 // and their distances, squared under Hellinger
	near    []neighbour
	rough   []neighbour
}

// nearest leaves the k nearest points of a row in s.near, in no order.
func (ix *SparseIndex) nearest(ctx context.Context, s *sparseScratch, a metric.Sparse, stats metric.Stats, k int) error {
	m := ix.metric
	s.near = s.near[:0]
	if m.Kind == metric.Euclidean {
		for j := range ix.x.Rows() {
			if j%256 == 0 {
				if err := context.Cause(ctx); err != nil {
					return err
				}
			}
			s.near = keep(s.near, neighbour{m.SparseDistance(a, metric.SparseRow(ix.x, j)), int32(j)}, k)
		}
		return nil
	}
	ix.meet(s, a)
	defer func() {
		for _, j := range s.touched {
			s.common[j], s.seen[j] = 0, false
		}
	}()
	if err := context.Cause(ctx); err != nil {
		return err
	}

	// The points that have a column in common with the row, by rough distances first.
	s.rough, s.score = s.rough[:0], s.score[:0]
	for _, j := range s.touched {
		d := m.SparseFrom(s.common[j], stats, ix.stats[j])
		if m.Kind == metric.Hellinger {
			d *= d
		}
		s.score = append(s.score, d)
		s.rough = keep(s.rough, neighbour{d, j}, k)
	}
	cut := math.Inf(1)
	if len(s.rough) == k { // the sums differ from the right ones by their roundings
		cut = s.rough[0].distance + 8*float64(len(a.Index)+8)*0x1p-52
	}
	for t, j := range s.touched {
		if s.score[t] <= cut {
			s.near = keep(s.near, neighbour{m.SparseBetween(a, metric.SparseRow(ix.x, int(j)), stats, ix.stats[j]), j}, k)
		}
	}
	// All others are at distance 1, or 0 when both are zeros.
	if len(s.near) == k && s.near[0].distance < 1 {
		return nil
	}
	for j, seen := range s.seen {
		if !seen {
			s.near = keep(s.near, neighbour{m.SparseFrom(0, stats, ix.stats[j]), int32(j)}, k)
		}
	}
	return nil
}

// meet finds the points that have a column in common with the row, and what they have.
func (ix *SparseIndex) meet(s *sparseScratch, a metric.Sparse) {
	s.touched = s.touched[:0]
	for i, c := range a.Index {
		v := float64(a.Value[i])
		if v == 0 {
			continue
		}
		lo, hi := ix.start[c], ix.start[c+1]
		for t, j := range ix.row[lo:hi] {
			if !s.seen[j] {
				s.seen[j] = true
				s.touched = append(s.touched, j)
			}
			switch w := float64(ix.value[lo+t]); ix.metric.Kind {
			case metric.Cosine:
				s.common[j] += v * w
			case metric.Hellinger:
				s.common[j] += math.Sqrt(v * w)
			default:
				s.common[j]++
			}
		}
	}
}
