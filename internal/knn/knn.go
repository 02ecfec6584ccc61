package knn

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// Metric is how far apart two rows are; the package comment defines each.
type Metric int

const (
	// Euclidean is the length of the difference.
	Euclidean Metric = iota
	// Cosine is one minus the cosine of the angle.
	Cosine
)

// Neighbours holds K neighbours for each of n rows, row-major: those of row i are in [i·K, (i+1)·K), ascending by
// (distance, index). Distances are compared before they are rounded to float32.
type Neighbours struct {
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

// Self finds for every row of x its k nearest rows of x. The first neighbour of a row is always the row itself, at
// distance 0, also where more than k rows are equal; the others follow by (distance, index).
//
// Errors: k outside [1, x.Rows]; a shape that does not fit the data; a *check.ValueError for a NaN or an infinite value; a
// level that cannot be had here; the context's cause.
func Self(ctx context.Context, x blas32.General, k int, m Metric, opt Options) (Neighbours, error) {
	kern, err := prepare(ctx, x, k, m, opt)
	if err != nil {
		return Neighbours{}, err
	}
	points, err := newGroups(ctx, x)
	if err != nil {
		return Neighbours{}, err
	}
	return search(ctx, kern, points, points, true, k, m, opt)
}

// Query finds for every row of q its k nearest rows of x, by (distance, index). x and q have the same number of columns.
// Errors are those of Self.
func Query(ctx context.Context, x, q blas32.General, k int, m Metric, opt Options) (Neighbours, error) {
	kern, err := prepare(ctx, x, k, m, opt)
	if err != nil {
		return Neighbours{}, err
	}
	if err := checkMatrix(ctx, q); err != nil {
		return Neighbours{}, fmt.Errorf("queries: %w", err)
	}
	if q.Rows > 0 && q.Cols != x.Cols {
		return Neighbours{}, fmt.Errorf("queries have %d columns, the points have %d", q.Cols, x.Cols)
	}
	points, err := newGroups(ctx, x)
	if err != nil {
		return Neighbours{}, err
	}
	queries, err := newGroups(ctx, q)
	if err != nil {
		return Neighbours{}, err
	}
	return search(ctx, kern, points, queries, false, k, m, opt)
}

// prepare checks what Self and Query have in common and picks the kernels.
func prepare(ctx context.Context, x blas32.General, k int, m Metric, opt Options) (*simd.Kernels, error) {
	if m != Euclidean && m != Cosine {
		return nil, fmt.Errorf("unknown metric %d", int(m))
	}
	if err := checkMatrix(ctx, x); err != nil {
		return nil, err
	}
	if k < 1 {
		return nil, fmt.Errorf("number of neighbours is %d, want at least 1", k)
	}
	if k > x.Rows {
		return nil, fmt.Errorf("number of neighbours is %d, more than the %d points", k, x.Rows)
	}
	level := opt.Level
	if level == "" {
		level = simd.Default()
	}
	return simd.For(level)
}

// checkMatrix is check.Matrix, stopped by the context.
func checkMatrix(ctx context.Context, x blas32.General) error {
	const rows = 4096
	if x.Rows > math.MaxInt32 {
		return fmt.Errorf("matrix has %d rows, more than an index of 32 bits can number", x.Rows)
	}
	if x.Rows <= rows || x.Cols <= 0 || x.Stride < x.Cols || len(x.Data) < (x.Rows-1)*x.Stride+x.Cols {
		return check.Matrix(x)
	}
	for lo := 0; lo < x.Rows; lo += rows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		part := x
		part.Rows, part.Data = min(rows, x.Rows-lo), x.Data[lo*x.Stride:]
		if err := check.Matrix(part); err != nil {
			var value *check.ValueError
			if errors.As(err, &value) {
				value.Row += lo
			}
			return err
		}
	}
	return nil
}
