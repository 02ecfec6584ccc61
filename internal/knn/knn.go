package knn

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
)

// Metric is how far apart two rows are; package metric defines each.
type Metric = metric.Metric

// The two metrics in most use.
var (
	Euclidean = Metric{}
	Cosine    = Metric{Kind: metric.Cosine}
)

// Neighbors holds K neighbors for each of n rows, row-major: those of row i are in [i·K, (i+1)·K), ascending by
// (distance, index). Distances are compared before they are rounded to float32.
type Neighbors struct {
	K        int
	Index    []int32
	Distance []float32
}

// Options says how to work; no field changes the result.
type Options struct {
	// Workers is the number of goroutines; 0 or less means GOMAXPROCS.
	Workers int
	// Level picks the kernels; empty means simd.Default().
	Level simd.Level
	// Progress, when it is not nil, is told how many rows are done out of how many, from the goroutine that called, with
	// rising values, the last of them the total.
	Progress func(done, total int)
}

// Index is a set of points made ready for exact searches. It does not change and is safe for concurrent use, if the
// options' Progress is.
type Index struct {
	metric Metric
	opt    Options
	kern   *simd.Kernels
	points *groups
	stats  []metric.Stats // of each group
	eight  *eights        // the points in int8; nil where that is of no use
}

// New makes an index of the rows of x, which it keeps and which must not change.
//
// Errors: a metric that is not valid or not defined for x; a shape that does not fit the data; a *stage.ValueError for a
// NaN or an infinite value; a level that cannot be had here; the context's cause.
func New(ctx context.Context, x blas32.General, m Metric, opt Options) (*Index, error) {
	ix, err := newIndex(ctx, x, m, opt)
	if err != nil {
		return nil, err
	}
	return ix, ix.prepare(ctx)
}

// prepare rounds the points, where that is of use.
func (ix *Index) prepare(ctx context.Context) (err error) {
	if inner(ix.metric) {
		ix.eight, err = ix.newEights(ctx)
	}
	return err
}

// newIndex does what every index begins with.
func newIndex(ctx context.Context, x blas32.General, m Metric, opt Options) (*Index, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	m = canonical(m)
	if err := checkMatrix(ctx, x, m); err != nil {
		return nil, err
	}
	var err error
	kern := simd.Best()
	if opt.Level != "" {
		if kern, err = simd.For(opt.Level); err != nil {
			return nil, err
		}
	}
	ix := &Index{metric: m, opt: opt, kern: kern}
	if ix.points, err = newGroups(ctx, x); err != nil {
		return nil, err
	}
	ix.stats, err = ix.measure(ctx, ix.points)
	return ix, err
}

// Self finds for every row of x its k nearest rows of x. The first neighbor of a row is always the row itself, at
// distance 0, also where more than k rows are equal; the others follow by (distance, index).
//
// Errors: those of New; k outside [1, x.Rows]; a distance of the caller's function that is NaN.
func Self(ctx context.Context, x blas32.General, k int, m Metric, opt Options) (Neighbors, error) {
	if err := checkK(k, x.Rows); err != nil {
		return Neighbors{}, err
	}
	ix, err := New(ctx, x, m, opt)
	if err != nil {
		return Neighbors{}, err
	}
	return ix.Self(ctx, k)
}

// Query finds for every row of q its k nearest rows of x, by (distance, index). x and q have the same number of columns.
// Errors are those of Self.
func Query(ctx context.Context, x, q blas32.General, k int, m Metric, opt Options) (Neighbors, error) {
	if err := checkK(k, x.Rows); err != nil {
		return Neighbors{}, err
	}
	ix, err := New(ctx, x, m, opt)
	if err != nil {
		return Neighbors{}, err
	}
	return ix.Query(ctx, q, k)
}

// Self finds for every point its k nearest points, as the function Self does.
func (ix *Index) Self(ctx context.Context, k int) (Neighbors, error) {
	if err := checkK(k, ix.points.x.Rows); err != nil {
		return Neighbors{}, err
	}
	return ix.search(ctx, ix.points, ix.stats, true, k)
}

// Query finds for every row of q its k nearest points, as the function Query does. The neighbors of a row do not depend
// on the other rows of q.
func (ix *Index) Query(ctx context.Context, q blas32.General, k int) (Neighbors, error) {
	if err := checkK(k, ix.points.x.Rows); err != nil {
		return Neighbors{}, err
	}
	if err := checkQueries(ctx, q, ix.points.x.Cols, ix.metric); err != nil {
		return Neighbors{}, err
	}
	queries, err := newGroups(ctx, q)
	if err != nil {
		return Neighbors{}, err
	}
	stats, err := ix.measure(ctx, queries)
	if err != nil {
		return Neighbors{}, err
	}
	return ix.search(ctx, queries, stats, false, k)
}

func (ix *Index) search(ctx context.Context, queries *groups, stats []metric.Stats, self bool, k int) (Neighbors, error) {
	out := newResult(queries, ix.points, self, k)
	var err error
	if inner(ix.metric) {
		err = ix.products(ctx, out, stats)
	} else {
		err = ix.pairs(ctx, out)
	}
	if err != nil {
		return Neighbors{}, err
	}
	if ix.opt.Progress != nil {
		ix.opt.Progress(queries.x.Rows, queries.x.Rows)
	}
	return out.Neighbors, nil
}

// measure computes the stats of the rows of groups.
func (ix *Index) measure(ctx context.Context, g *groups) ([]metric.Stats, error) {
	s := make([]metric.Stats, g.n())
	if ix.metric.Kind == metric.Euclidean || !inner(ix.metric) {
		return s, nil
	}
	return s, parallel.Loop{Workers: ix.opt.Workers}.Run(ctx, g.n(), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			s[i] = ix.metric.Stats(g.row(i))
		}
		return nil
	})
}

// canonical is the same metric by its shortest name.
func canonical(m Metric) Metric {
	if m.Kind == metric.Minkowski && m.Weights == nil {
		switch m.P {
		case 0, 2:
			return Metric{}
		case 1:
			return Metric{Kind: metric.Manhattan}
		}
	}
	return m
}

func checkK(k, rows int) error {
	if k < 1 {
		return fmt.Errorf("number of neighbours is %d, want at least 1", k)
	}
	if k > rows {
		return fmt.Errorf("number of neighbours is %d, more than the %d points", k, rows)
	}
	return nil
}

func checkQueries(ctx context.Context, q blas32.General, cols int, m Metric) error {
	if q.Rows > 0 && q.Cols != cols {
		return fmt.Errorf("queries have %d columns, the points have %d", q.Cols, cols)
	}
	if err := checkMatrix(ctx, q, m); err != nil {
		return fmt.Errorf("queries: %w", err)
	}
	return nil
}

// checkMatrix is Check of the metric, stopped by the context.
func checkMatrix(ctx context.Context, x blas32.General, m Metric) error {
	const rows = 4096
	if x.Rows > math.MaxInt32 {
		return fmt.Errorf("matrix has %d rows, more than an index of 32 bits can number", x.Rows)
	}
	if x.Rows <= rows || x.Cols <= 0 || x.Stride < x.Cols || len(x.Data) < (x.Rows-1)*x.Stride+x.Cols {
		return m.Check(x)
	}
	for lo := 0; lo < x.Rows; lo += rows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		part := x
		part.Rows, part.Data = min(rows, x.Rows-lo), x.Data[lo*x.Stride:]
		if err := m.Check(part); err != nil {
			var value *stage.ValueError
			if errors.As(err, &value) {
				value.Row += lo
			}
			return err
		}
	}
	return nil
}
