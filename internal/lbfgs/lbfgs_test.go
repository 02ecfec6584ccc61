package lbfgs

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// bowl is Σ w·(x − to)² with weights from 1 to 1000.
func bowl(_ context.Context, x, grad []float64) (float64, error) {
	sum := 0.0
	for i, v := range x {
		w, d := math.Pow(1000, float64(i)/float64(max(len(x)-1, 1))), v-float64(i-3)
		sum += w * d * d
		grad[i] = 2 * w * d
	}
	return sum, nil
}

func TestQuadraticWithinTolerance(t *testing.T) {
	for _, n := range []int{1, 2, 40} {
		var told []int
		r, err := Minimize(t.Context(), n, bowl, Options{Tolerance: 1e-8, Iterations: 500, Progress: func(done, total int) {
			require.Equal(t, 500, total)
			told = append(told, done)
		}})
		require.NoError(t, err)
		require.True(t, r.Converged)
		for i, v := range r.X {
			require.InDelta(t, float64(i-3), v, 1e-8)
		}
		require.IsNonDecreasing(t, told)
		require.Equal(t, 500, told[len(told)-1])
	}
}

// softplus has its minimum where Σ tanh(x − i) and the quadratic term balance; the gradient says so.
func softplus(_ context.Context, x, grad []float64) (float64, error) {
	sum := 0.0
	for i, v := range x {
		d := v - float64(i)
		sum += math.Log(math.Cosh(d)) + 0.05*v*v
		grad[i] = math.Tanh(d) + 0.1*v
	}
	return sum, nil
}

func TestConvexWithinTolerance(t *testing.T) {
	r, err := Minimize(t.Context(), 9, softplus, Options{Tolerance: 1e-9, Iterations: 200})
	require.NoError(t, err)
	require.True(t, r.Converged)
	grad := make([]float64, 9)
	_, _ = softplus(t.Context(), r.X, grad)
	require.LessOrEqual(t, largest(grad), 1e-9)
}

func TestEndings(t *testing.T) {
	short, err := Minimize(t.Context(), 40, bowl, Options{Tolerance: 1e-8, Iterations: 3})
	require.NoError(t, err)
	require.False(t, short.Converged)
	at, begin, grad := 0.0, 0.0, make([]float64, 40)
	at, _ = bowl(t.Context(), short.X, grad)
	begin, _ = bowl(t.Context(), make([]float64, 40), grad)
	require.Less(t, at, begin)

	// A function whose gradient lies about its slope stops falling: X stays where it was lowest.
	stuck, err := Minimize(t.Context(), 1, func(_ context.Context, x, grad []float64) (float64, error) {
		grad[0] = 1
		return math.Abs(x[0]), nil
	}, Options{Tolerance: 1e-4, Iterations: 10})
	require.NoError(t, err)
	require.Equal(t, Result{[]float64{0}, false}, stuck)

	wrong := errors.New("wrong")
	for calls := range 3 {
		left := calls
		_, err = Minimize(t.Context(), 3, func(ctx context.Context, x, grad []float64) (float64, error) {
			if left--; left < 0 {
				return 0, wrong
			}
			return bowl(ctx, x, grad)
		}, Options{Tolerance: 1e-8, Iterations: 10})
		require.ErrorIs(t, err, wrong)
	}
}
