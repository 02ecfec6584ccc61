// Package compare holds the comparisons of topics that packages topic and topic/analysis share.
package compare

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/simd"
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
	out.Rows = ctfidf.Matrix{
		Cols: w.Rows.Cols, RowPtr: make([]int, 0, len(w.Rows.RowPtr)-n),
		Col: w.Rows.Col[lo:], Value: w.Rows.Value[lo:],
	}
	for _, end := range w.Rows.RowPtr[n:] {
		out.Rows.RowPtr = append(out.Rows.RowPtr, end-lo)
	}
	return out
}

// Vectors is the embeddings of topics with their Euclidean lengths.
type Vectors struct {
	Rows   [][]float32
	Length []float64
}

// Append appends a vector, which is not copied.
func (v *Vectors) Append(x []float32) {
	v.Rows, v.Length = append(v.Rows, x), append(v.Length, math.Sqrt(Dot(x, x)))
}

// Cosine returns the cosine of vectors i and j, or 0 if one of them has length 0.
func (v *Vectors) Cosine(i, j int) float64 {
	if v.Length[i] == 0 || v.Length[j] == 0 {
		return 0
	}
	return Dot(v.Rows[i], v.Rows[j]) / (v.Length[i] * v.Length[j])
}

// Cosine returns the cosine of a and b, or 0 if one of them has length 0.
func Cosine(a, b []float32) float64 {
	aa, bb := Dot(a, a), Dot(b, b)
	if aa == 0 || bb == 0 {
		return 0
	}
	return Dot(a, b) / (math.Sqrt(aa) * math.Sqrt(bb))
}

// Dot returns the inner product of a and b, summed in float64, to the same bits on every processor.
func Dot(a, b []float32) float64 { return kernels().Dot64(a, b) }

// kernels returns those of the processor, or the plain ones if the environment asks for a level that
// is not there: every stage that computes more reports that.
var kernels = sync.OnceValue(func() *simd.Kernels {
	k, err := simd.For(simd.Default())
	if err != nil {
		k, _ = simd.For(simd.PureGo)
	}
	return k
})

// Distances returns 1 − cosine, in [0, 2], of every two vectors, condensed: the pairs (0, 1), (0, 2),
// …, (1, 2), …. A vector of length 0 has distance 1 to all others.
func (v *Vectors) Distances(ctx context.Context) ([]float64, error) {
	n := len(v.Rows)
	out := make([]float64, 0, n*max(n-1, 0)/2)
	for i := range n {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		for j := i + 1; j < n; j++ {
			out = append(out, distance(Dot(v.Rows[i], v.Rows[j]), v.Length[i], v.Length[j]))
		}
	}
	return out, nil
}

// SparseDistances returns 1 − cosine, in [0, 2], of every two of the last n rows of m, condensed as by
// Distances. A row without entries has distance 1 to all others, and so have all n rows if m has no
// rows.
func SparseDistances(ctx context.Context, m ctfidf.Matrix, n int) ([]float64, error) {
	if m.Rows() == 0 {
		return slices.Repeat([]float64{1}, n*max(n-1, 0)/2), nil
	}
	first := m.Rows() - n
	length := make([]float64, n)
	for i := range length {
		length[i] = sparseLength(m, first+i)
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

func sparseLength(m ctfidf.Matrix, i int) float64 {
	sum := 0.0
	_, values := m.Row(i)
	for _, v := range values {
		sum += float64(v * v)
	}
	return math.Sqrt(sum)
}
