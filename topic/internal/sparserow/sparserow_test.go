package sparserow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
)

// randomSparse is a random matrix with some rows of zeros.
func randomSparse(r *rng.Stream, rows, cols int) sparse.CSR[float64] {
	m := sparse.CSR[float64]{Cols: cols, RowPtr: []int{0}}
	for range rows {
		share := r.Float64() - 0.2
		for c := range cols {
			if r.Float64() < share {
				m.Col, m.Value = append(m.Col, int32(c)), append(m.Value, r.Float64()-0.1)
			}
		}
		m.RowPtr = append(m.RowPtr, len(m.Col))
	}
	return m
}

func TestCosinesWithAllRowsExact(t *testing.T) {
	r := rng.New(3)
	for _, cols := range []int{1, 7, 60} {
		a, b := randomSparse(&r, 30, cols), randomSparse(&r, 20, cols)
		all, out := NewByColumn(b), make([]float64, b.Rows())
		var one Compared
		for i := range a.Rows() {
			all.Cosines(a, i, out)
			for j := range b.Rows() {
				require.Equal(t, a.Cosine(i, b, j), out[j])
				one.Set(b, j)
				require.Equal(t, a.Cosine(i, b, j), one.Cosine(a, i))
			}
		}
	}
}
