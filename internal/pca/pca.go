// Package pca holds the parts of a principal component analysis that all of them share: column means,
// products of centered columns, scores. Callers choose the method of package eigen themselves: umap
// keeps the Lanczos search that its recorded layouts come from, package online folds the components of
// earlier batches into the products, and both it and embed/static take the vectors of Largest, whose
// last bits are others. Sums are float64 and run in the order of the rows, so the bits are the same
// for any number of workers.
package pca

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// chunk is the number of rows that are centered at a time.
const chunk = 1024

// Means returns the mean of each column of x, which has at least one row. It fails with the cause of
// a canceled ctx.
func Means(ctx context.Context, x blas32.General) ([]float64, error) {
	mean := make([]float64, x.Cols)
	for i := range x.Rows {
		if i%chunk == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		dense.AddTo(mean, dense.Row(x, i))
	}
	for j := range mean {
		mean[j] /= float64(x.Rows)
	}
	return mean, nil
}

// AddScatter adds the products of each two columns of x less their means to the upper half of g, a
// Cols×Cols matrix: its sum over rows, not divided by their number. It fails with the cause of a
// canceled ctx.
func AddScatter(ctx context.Context, g []float64, x blas32.General, mean []float64, workers int) error {
	centered := make([]float64, 0, min(chunk, x.Rows)*x.Cols)
	for lo := 0; lo < x.Rows; lo += chunk {
		centered = centered[:0]
		for i := lo; i < min(lo+chunk, x.Rows); i++ {
			for j, v := range dense.Row(x, i) {
				centered = append(centered, float64(v)-mean[j])
			}
		}
		if err := AddGram(ctx, g, centered, x.Cols, workers); err != nil {
			return err
		}
	}
	return nil
}

// Score returns the coordinate of a row along an axis: the inner product of the axis and the row less
// the means.
func Score(row []float32, mean, axis []float64) float64 {
	sum := 0.0
	for j, v := range row {
		sum += float64((float64(v) - mean[j]) * axis[j])
	}
	return sum
}

// Scores returns the coordinates of each row of x along the axes, a column for each axis. It fails
// with the cause of a canceled ctx.
func Scores(ctx context.Context, x blas32.General, mean []float64, axes [][]float64, workers int) (blas32.General, error) {
	out := dense.New(x.Rows, len(axes))
	err := parallel.Loop{Workers: workers}.Run(ctx, x.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			from, to := dense.Row(x, i), dense.Row(out, i)
			for c, axis := range axes {
				to[c] = float32(Score(from, mean, axis))
			}
		}
		return nil
	})
	return out, err
}

// AddGram adds xᵀx to the upper half of g, d×d, for an x of rows of d values. Every sum runs in the
// order of the rows.
func AddGram(ctx context.Context, g, x []float64, d, workers int) error {
	// Rows of the result are taken in blocks, each of which passes over x once: what it works on stays in the cache.
	return parallel.Loop{Workers: workers, Block: 16}.Run(ctx, d, func(_, lo, hi int) error {
		from := x
		for ; len(from) >= 4*d; from = from[4*d:] { // four at a time, so that a sum stays in its register for four products
			for i := lo; i < hi; i++ {
				at := g[i*d+i : (i+1)*d]
				p, q, r, s := from[i:d], from[d+i:2*d], from[2*d+i:3*d], from[3*d+i:4*d]
				p, q, r, s = p[:len(at)], q[:len(at)], r[:len(at)], s[:len(at)]
				vp, vq, vr, vs := p[0], q[0], r[0], s[0]
				for j, sum := range at {
					sum += float64(vp * p[j])
					sum += float64(vq * q[j])
					sum += float64(vr * r[j])
					at[j] = sum + float64(vs*s[j])
				}
			}
		}
		for ; len(from) > 0; from = from[d:] {
			for i := lo; i < hi; i++ {
				at, by, v := g[i*d+i:(i+1)*d], from[i:d], from[i]
				by = by[:len(at)]
				for j := range at {
					at[j] += float64(v * by[j])
				}
			}
		}
		return nil
	})
}

// Mirror copies the upper half of the d×d matrix g to the lower.
func Mirror(g []float64, d int) {
	for i := range d {
		for j := range i {
			g[i*d+j] = g[j*d+i]
		}
	}
}
