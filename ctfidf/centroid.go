package ctfidf

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// Centroid weighs a term by the cosine of its embedding and the centroid of the class, the mean of the embeddings of its
// documents, in [−1, 1]. The source is turftopic 0.28.0 (feature_importance="centroid"); Top2Vec names topics like this
// too (arXiv:2008.09470).
type Centroid struct {
	// Centroids has one row for each class of the counts, Terms one for each term, both with the same columns. Every value
	// must be finite. The cosine with a row of zeros is 0.
	Centroids, Terms blas32.General
	// All weighs every term in every class, as the original does. That takes memory for each pair of a class and a term.
	// Default false: only the terms that a class has.
	All bool
}

// Weigh weighs the counts. It fails where the matrices do not fit the counts, with a *[stage.ValueError] for a value that is
// not finite, and where the counts are not a matrix of non-negative finite numbers.
func (w Centroid) Weigh(c Counts) (Weights, error) {
	if err := c.check(); err != nil {
		return Weights{}, err
	}
	if err := check.Matrix(w.Centroids); err != nil {
		return Weights{}, fmt.Errorf("ctfidf: centroids: %w", err)
	}
	if err := check.Matrix(w.Terms); err != nil {
		return Weights{}, fmt.Errorf("ctfidf: embeddings of the terms: %w", err)
	}
	if w.Centroids.Rows != len(c.Classes) || w.Terms.Rows != len(c.Vocabulary) || w.Centroids.Cols != w.Terms.Cols {
		return Weights{}, fmt.Errorf("ctfidf: centroids of %d×%d and embeddings of terms of %d×%d for %d classes and %d terms, want a row for each class and each term, and the same columns",
			w.Centroids.Rows, w.Centroids.Cols, w.Terms.Rows, w.Terms.Cols, len(c.Classes), len(c.Vocabulary))
	}
	if w.All {
		c.Rows = filled(c.Rows)
	}
	return c.weigh(func(i int, cols []int32, _, out []float64) {
		centroid := dense.Row(w.Centroids, i)
		for k, j := range cols {
			out[k] = dense.CosineInOrder(centroid, dense.Row(w.Terms, int(j)))
		}
	}), nil
}

// filled is m with an entry for every column in every row.
func filled(m sparse.CSR[float64]) sparse.CSR[float64] {
	rows := m.Rows()
	out := sparse.CSR[float64]{
		Cols: m.Cols, RowPtr: make([]int, rows+1), Col: make([]int32, rows*m.Cols), Value: make([]float64, rows*m.Cols),
	}
	for i := range rows {
		at := i * m.Cols
		out.RowPtr[i+1] = at + m.Cols
		for j := range m.Cols {
			out.Col[at+j] = int32(j)
		}
		cols, values := m.Row(i)
		for k, j := range cols {
			out.Value[at+int(j)] = values[k]
		}
	}
	return out
}
