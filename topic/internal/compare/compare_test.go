package compare

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// The distances are those of a plain loop over plain rows.
func TestDistancesWithinTolerance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, cols = 7, 19
	plain := make([][]float64, n)
	var c dense.Centroids
	rows := sparse.CSR[float64]{Cols: cols, RowPtr: []int{0}}
	for i := range plain {
		plain[i] = make([]float64, cols)
		row := make([]float32, cols)
		for j := range cols {
			if i != 3 && r.IntN(3) > 0 { // row 3 has no direction
				row[j] = float32(r.NormFloat64())
				plain[i][j] = float64(row[j])
				rows.Col, rows.Value = append(rows.Col, int32(j)), append(rows.Value, plain[i][j])
			}
		}
		rows.RowPtr = append(rows.RowPtr, len(rows.Col))
		c.Add(i, row)
	}
	var want []float64
	for i := range n {
		for j := i + 1; j < n; j++ {
			var ab, aa, bb float64
			for k := range cols {
				ab, aa, bb = ab+plain[i][k]*plain[j][k], aa+plain[i][k]*plain[i][k], bb+plain[j][k]*plain[j][k]
			}
			d := 1.0
			if aa > 0 && bb > 0 {
				d -= ab / math.Sqrt(aa*bb)
			}
			want = append(want, d)
		}
	}
	got, err := Distances(t.Context(), c)
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-12)
	got, err = SparseDistances(t.Context(), rows, n)
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-12)
	got, err = SparseDistances(t.Context(), rows, n-1) // without the first row
	require.NoError(t, err)
	require.InDeltaSlice(t, want[n-1:], got, 1e-12)
	got, err = SparseDistances(t.Context(), sparse.CSR[float64]{}, 3)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, 1}, got)
	for _, n := range []int{0, 1} {
		got, err = SparseDistances(t.Context(), sparse.CSR[float64]{}, n)
		require.NoError(t, err)
		require.Empty(t, got)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Distances(canceled, c)
	require.ErrorIs(t, err, context.Canceled)
	_, err = SparseDistances(canceled, rows, n)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWeightsFromExact(t *testing.T) {
	w := ctfidf.Weights{Classes: []int{-1, 0, 1}, Vocabulary: []string{"a", "b"}, Rows: sparse.CSR[float64]{
		Cols: 2, RowPtr: []int{0, 2, 2, 3}, Col: []int32{0, 1, 1}, Value: []float64{1, 2, 3},
	}}
	require.Equal(t, w, WeightsFrom(w, 0))
	got := WeightsFrom(w, 1)
	require.Equal(t, []int{0, 1}, got.Classes)
	require.Equal(t, 2, got.Rows.Rows())
	cols, _ := got.Rows.Row(0)
	require.Empty(t, cols)
	cols, values := got.Rows.Row(1)
	require.Equal(t, []int32{1}, cols)
	require.Equal(t, []float64{3}, values)
	require.Equal(t, []int{0, 2, 2, 3}, w.Rows.RowPtr, "w is as it was")
	require.Equal(t, ctfidf.Weights{}, WeightsFrom(ctfidf.Weights{}, 1))
}
