// Package compare holds the comparisons of topics that packages topic and topic/analysis share.
package compare

import (
	"context"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// WeightsFrom returns w without its first n rows, which are those of the outliers. It shares the
// memory of the entries.
func WeightsFrom(w ctfidf.Weights, n int) ctfidf.Weights {
	if n == 0 || w.Rows.Rows() == 0 {
		return w
	}
	lo := w.Rows.RowPtr[n]
	out := w
	out.Classes = w.Classes[n:]
	out.Rows = sparse.CSR[float64]{
		Cols: w.Rows.Cols, RowPtr: make([]int, 0, len(w.Rows.RowPtr)-n),
		Col: w.Rows.Col[lo:], Value: w.Rows.Value[lo:],
	}
	for _, end := range w.Rows.RowPtr[n:] {
		out.Rows.RowPtr = append(out.Rows.RowPtr, end-lo)
	}
	return out
}

// Distances returns 1 − cosine, in [0, 2], of every two rows of c, condensed: the pairs (0, 1), (0, 2),
// …, (1, 2), …. A row of length 0 has distance 1 to all others.
func Distances(ctx context.Context, c dense.Centroids) ([]float64, error) {
	n := len(c.Rows)
	out := make([]float64, 0, n*max(n-1, 0)/2)
	for i := range n {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		for j := i + 1; j < n; j++ {
			out = append(out, distance(dense.Dot(c.Rows[i], c.Rows[j]), c.Norms[i], c.Norms[j]))
		}
	}
	return out, nil
}

// SparseDistances returns 1 − cosine, in [0, 2], of every two of the last n rows of m, condensed as by
// Distances. A row without entries has distance 1 to all others, and so have all n rows if m has no
// rows.
func SparseDistances(ctx context.Context, m sparse.CSR[float64], n int) ([]float64, error) {
	if m.Rows() == 0 {
		return slices.Repeat([]float64{1}, n*max(n-1, 0)/2), nil
	}
	first := m.Rows() - n
	length := make([]float64, n)
	for i := range length {
		length[i] = m.Norm(first + i)
	}
	out := make([]float64, 0, n*max(n-1, 0)/2)
	at := make([]float64, m.Cols) // row i by column; zeros elsewhere
	for i := range n {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		cols, values := m.Row(first + i)
		for k, col := range cols {
			at[col] = values[k]
		}
		for j := i + 1; j < n; j++ {
			dot := 0.0
			others, values := m.Row(first + j)
			for k, col := range others {
				dot += float64(values[k] * at[col])
			}
			out = append(out, distance(dot, length[i], length[j]))
		}
		for _, col := range cols {
			at[col] = 0
		}
	}
	return out, nil
}

// distance returns 1 − cosine of two rows with the given inner product and lengths.
func distance(dot, a, b float64) float64 {
	if a == 0 || b == 0 {
		return 1
	}
	return min(max(1-dot/(a*b), 0), 2)
}
