package eval

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// Metric is the distance between two rows.
type Metric int

const (
	// Euclidean is the length of the difference.
	Euclidean Metric = iota
	// Cosine is 1 − the cosine of the angle; a row of zeros is at distance 1 from every other.
	Cosine
)

func (m Metric) String() string {
	switch m {
	case Euclidean:
		return "euclidean"
	case Cosine:
		return "cosine"
	}
	return fmt.Sprintf("Metric(%d)", int(m))
}

// Trustworthiness says how far the k nearest neighbors of the rows of y, a reduction of x, are also near in x (Venna and
// Kaski 2001, doi:10.1007/3-540-44668-0_68):
//
//	1 − 2/(nk·(2n − 3k − 1)) · Σᵢ Σⱼ max(0, r(i, j) − k)
//
// over the k nearest j of every i in y, by Euclidean distance, where r(i, j) is the rank of j among the neighbors of i in
// x under metric, from 1. It lies between 0 and 1. It is trustworthiness of scikit-learn, every distance computed;
// of neighbors at the same distance the one with the lower index comes first.
//
// Errors: x and y of different numbers of rows; k outside 1 ≤ k < n/2; an unknown metric; *stage.ValueError for NaN and Inf;
// the context's cause.
func Trustworthiness(ctx context.Context, x, y blas32.General, k int, metric Metric) (float64, error) {
	if err := check.Matrix(x); err != nil {
		return 0, fmt.Errorf("eval: trustworthiness: x: %w", err)
	}
	if err := check.Matrix(y); err != nil {
		return 0, fmt.Errorf("eval: trustworthiness: y: %w", err)
	}
	n := x.Rows
	if y.Rows != n {
		return 0, fmt.Errorf("eval: trustworthiness: x has %d rows, y has %d", n, y.Rows)
	}
	if k < 1 || 2*k >= n {
		return 0, fmt.Errorf("eval: trustworthiness: k is %d, want at least 1 and less than half of the %d rows", k, n)
	}
	if metric != Euclidean && metric != Cosine {
		return 0, fmt.Errorf("eval: trustworthiness: unknown metric %v", metric)
	}
	near, err := knn.Self(ctx, y, k+1, knn.Euclidean, knn.Options{})
	if err != nil {
		return 0, fmt.Errorf("eval: trustworthiness: %w", err)
	}
	if metric == Cosine {
		x = normalised(x)
	}
	kernels := simd.Best()
	panels := kernels.Pack(x)

	const block = 32 // rows of x whose distances to all rows are held at a time
	workers := parallel.Workers(0)
	scratch := make([]blas32.General, workers)
	excess := make([]int64, n)
	err = parallel.Loop{Workers: workers, Block: block}.Run(ctx, n, func(worker, lo, hi int) error {
		s := &scratch[worker]
		if s.Data == nil {
			*s = blas32.General{Cols: n, Stride: n, Data: make([]float32, block*n)}
		}
		s.Rows = hi - lo
		rows := dense.Slice(x, lo, hi)
		if metric == Cosine {
			kernels.MulNT(*s, rows, panels)
			for i := range s.Data[:s.Rows*n] {
				s.Data[i] = -s.Data[i]
			}
		} else {
			kernels.SquareDistNT(*s, rows, panels)
		}
		for i := lo; i < hi; i++ {
			d := s.Data[(i-lo)*n:][:n]
			d[i] = float32(math.Inf(1)) // not a neighbor of itself
			for _, j := range near.Index[i*(k+1)+1 : (i+1)*(k+1)] {
				if r := rank(d, int(j)); r > k {
					excess[i] += int64(r - k)
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("eval: trustworthiness: %w", err)
	}
	sum := int64(0)
	for _, e := range excess {
		sum += e
	}
	return 1 - float64(sum)*(2/(float64(n)*float64(k)*(2*float64(n)-3*float64(k)-1))), nil
}

// rank is the place of j, from 1, among the distances d in rising order.
func rank(d []float32, j int) int {
	r, at := 1, d[j]
	for _, v := range d[:j] {
		if v <= at {
			r++
		}
	}
	for _, v := range d[j:] {
		if v < at {
			r++
		}
	}
	return r
}

// normalised is x with rows of length 1; rows of zeros stay.
func normalised(x blas32.General) blas32.General {
	y := dense.New(x.Rows, x.Cols)
	for i := range x.Rows {
		row := dense.Row(x, i)
		norm := dense.NormInOrder(row)
		if norm == 0 {
			continue
		}
		scale := 1 / norm
		for d, v := range row {
			y.Data[i*y.Stride+d] = float32(float64(v) * scale)
		}
	}
	return y
}
