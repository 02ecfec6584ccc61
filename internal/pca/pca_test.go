package pca

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// Rows at the edges of the blocks of four and of a chunk.
func TestScatterAgainstTwinExact(t *testing.T) {
	s := rng.New(1)
	for _, n := range []int{1, 3, 4, 5, 1023, 1024, 1025, 2050} {
		const d = 19
		x := dense.New(n, d)
		for i := range x.Data {
			x.Data[i] = float32(s.Float64() - 0.3)
		}
		mean, err := Means(t.Context(), x)
		require.NoError(t, err)
		slowMean, slow := make([]float64, d), make([]float64, d*d)
		for i := range n {
			for j, v := range dense.Row(x, i) {
				slowMean[j] += float64(v)
			}
		}
		for j := range slowMean {
			slowMean[j] /= float64(n)
		}
		require.Equal(t, slowMean, mean)
		for i := range n {
			for p, v := range dense.Row(x, i) {
				for q, w := range dense.Row(x, i) {
					slow[p*d+q] += float64((float64(v) - mean[p]) * (float64(w) - mean[q]))
				}
			}
		}
		for _, workers := range []int{1, 3} {
			g := make([]float64, d*d)
			require.NoError(t, AddScatter(t.Context(), g, x, mean, workers))
			Mirror(g, d)
			require.Equal(t, slow, g)
			axes := [][]float64{slow[:d], slow[d : 2*d]}
			y, err := Scores(t.Context(), x, mean, axes, workers)
			require.NoError(t, err)
			for i := range n {
				for c, axis := range axes {
					sum := 0.0
					for j, v := range dense.Row(x, i) {
						sum += float64((float64(v) - mean[j]) * axis[j])
					}
					require.Equal(t, float32(sum), dense.Row(y, i)[c])
				}
			}
		}
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x := dense.New(3, 2)
	_, err := Means(ctx, x)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, AddScatter(ctx, make([]float64, 4), x, make([]float64, 2), 1), context.Canceled)
	_, err = Scores(ctx, x, make([]float64, 2), nil, 1)
	require.ErrorIs(t, err, context.Canceled)
}
