package compare

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// The distances are those of a plain loop over dense rows.
func TestDistancesWithinTolerance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, cols = 7, 19
	dense := make([][]float64, n)
	var v Vectors
	sparse := ctfidf.Matrix{Cols: cols, RowPtr: []int{0}}
	for i := range dense {
		dense[i] = make([]float64, cols)
		row := make([]float32, cols)
		for j := range cols {
			if i != 3 && r.IntN(3) > 0 { // row 3 has no direction
				row[j] = float32(r.NormFloat64())
				dense[i][j] = float64(row[j])
				sparse.Col, sparse.Value = append(sparse.Col, int32(j)), append(sparse.Value, dense[i][j])
			}
		}
		sparse.RowPtr = append(sparse.RowPtr, len(sparse.Col))
		v.Append(row)
	}
	var want []float64
	for i := range n {
		for j := i + 1; j < n; j++ {
			var ab, aa, bb float64
			for k := range cols {
				ab, aa, bb = ab+dense[i][k]*dense[j][k], aa+dense[i][k]*dense[i][k], bb+dense[j][k]*dense[j][k]
			}
			d := 1.0
			if aa > 0 && bb > 0 {
				d -= ab / math.Sqrt(aa*bb)
			}
			want = append(want, d)
			require.InDelta(t, 1-d, v.Cosine(i, j), 1e-12)
			require.Equal(t, v.Cosine(i, j), Cosine(v.Rows[i], v.Rows[j]))
		}
	}
	got, err := v.Distances(t.Context())
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-12)
	got, err = SparseDistances(t.Context(), sparse, n)
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-12)
	got, err = SparseDistances(t.Context(), sparse, n-1) // without the first row
	require.NoError(t, err)
	require.InDeltaSlice(t, want[n-1:], got, 1e-12)
	got, err = SparseDistances(t.Context(), ctfidf.Matrix{}, 3)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, 1}, got)
	for _, n := range []int{0, 1} {
		got, err = SparseDistances(t.Context(), ctfidf.Matrix{}, n)
		require.NoError(t, err)
		require.Empty(t, got)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = v.Distances(canceled)
	require.ErrorIs(t, err, context.Canceled)
	_, err = SparseDistances(canceled, sparse, n)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWeightsFromExact(t *testing.T) {
	w := ctfidf.Weights{Classes: []int{-1, 0, 1}, Vocabulary: []string{"a", "b"}, Rows: ctfidf.Matrix{
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
