package bitmath_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

func TestCloseToMathWithinTolerance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		x := (r.Float64() - 0.5) * 1400
		require.InEpsilon(t, math.Exp(x), bitmath.Exp(x), 1e-14, "exp(%v)", x)
		y := math.Exp((r.Float64() - 0.5) * 600)
		require.InDelta(t, math.Log(y), bitmath.Log(y), 1e-14*(1+math.Abs(math.Log(y))), "log(%v)", y)
		p := (r.Float64() - 0.5) * 2
		require.InEpsilon(t, math.Pow(y, p), bitmath.Pow(y, p), 1e-12, "%v to the %v", y, p)
	}
}

func TestEdgesExact(t *testing.T) {
	require.Equal(t, 1.0, bitmath.Exp(0))
	require.Equal(t, 0.0, bitmath.Exp(-800))
	require.Equal(t, math.Inf(1), bitmath.Exp(800))
	require.True(t, math.IsNaN(bitmath.Exp(math.NaN())))
	require.Equal(t, 0.0, bitmath.Log(1))
	require.Equal(t, math.Inf(-1), bitmath.Log(0))
	require.Equal(t, math.Inf(1), bitmath.Log(math.Inf(1)))
	require.True(t, math.IsNaN(bitmath.Log(-1)) && math.IsNaN(bitmath.Log(math.NaN())))
	require.Equal(t, 3.0, bitmath.Log2(8))
	require.Equal(t, 0.0, bitmath.Pow(0, 2))
	require.Equal(t, 1.0, bitmath.Pow(0, 0))
	require.Equal(t, math.Inf(1), bitmath.Pow(0, -1))
}
