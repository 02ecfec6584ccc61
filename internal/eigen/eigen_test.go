package eigen

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// The three methods find the same vectors of a matrix whose eigenvalues lie apart, up to their sign.
func TestMethodsAgreeWithinTolerance(t *testing.T) {
	for _, n := range []int{1, 2, 30, 60, 61, 150} {
		s := rng.New(uint64(n))
		a := make([]float64, n*n)
		for i := range n {
			for j := range i {
				a[i*n+j] = 0.1 * (s.Float64() - 0.5)
				a[j*n+i] = a[i*n+j]
			}
			a[i*n+i] = float64(i)
		}
		before := append([]float64(nil), a...)
		k := min(n, 4)
		_, all := Symmetric(a, n)
		stream := func(number uint64) rng.Stream { return rng.New(7, number) }
		dense, err := Dense(t.Context(), a, n, k, stream, 1)
		require.NoError(t, err)
		again, err := Dense(t.Context(), a, n, k, stream, 3)
		require.NoError(t, err)
		require.Equal(t, dense, again, "the workers make a difference")
		require.Equal(t, before, a, "the matrix is changed")
		_, largest, err := Largest(t.Context(), a, n, k)
		require.NoError(t, err)
		for c := range k {
			MakePositive(all[c])
			MakePositive(largest[c])
			require.InDeltaSlice(t, all[c], dense[c], 1e-5, "order %d", n)
			require.InDeltaSlice(t, all[c], largest[c], 1e-9, "order %d", n)
		}
	}
}

func TestLanczosFails(t *testing.T) {
	// An operator that answers with ever larger noise has no eigenvectors.
	s, size := rng.New(1), 1.0
	noise := Lanczos{
		N: 500, K: 3, Stream: func(number uint64) rng.Stream { return rng.New(2, number) },
		Mul: func(_ context.Context, dst, _ []float64) error {
			for i := range dst {
				dst[i] = size * (s.Float64() - 0.5)
			}
			size *= 1.01
			return nil
		},
	}
	_, err := noise.Solve(t.Context())
	var missing *NotConvergedError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, 500, missing.Order)
	require.Greater(t, missing.Residual, 1e-3)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = noise.Solve(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestMakePositive(t *testing.T) {
	v := []float64{1, -3, 3}
	MakePositive(v)
	require.Equal(t, []float64{-1, 3, -3}, v)
	MakePositive(nil)
	require.InDelta(t, math.Sqrt(32), math.Sqrt(Dot([]float64{4, 4}, []float64{4, 4})), 1e-15)
}
