package simd

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLevels(t *testing.T) {
	ls := Levels()
	require.Equal(t, PureGo, ls[0])
	order := []Level{PureGo, AVX2, AVX512, AVX512VNNI, AMX, NEON, DotProd, I8MM}
	at := -1
	for _, l := range ls {
		i := slices.Index(order, l)
		require.Greater(t, i, at, "levels go from slow to fast")
		at = i
		k, err := For(l)
		require.NoError(t, err)
		require.Equal(t, l, k.Level())
	}
	ls[0] = "changed"
	require.Equal(t, PureGo, Levels()[0])
	require.Contains(t, Levels(), Default())
}

func TestForUnknownLevel(t *testing.T) {
	_, err := For("sse9")
	require.EqualError(t, err, `simd level "sse9" is not available here, want one of `+names())
	for _, l := range []Level{AVX2, AVX512, AVX512VNNI, AMX, NEON, DotProd, I8MM} {
		if _, err := For(l); !slices.Contains(Levels(), l) {
			require.ErrorContains(t, err, string(l))
		}
	}
}

func TestForcedLevel(t *testing.T) {
	best := Levels()[len(Levels())-1]
	require.Equal(t, choice{level: best}, choose(""))
	require.Equal(t, choice{level: PureGo}, choose("purego"))
	c := choose("sse9")
	require.Equal(t, best, c.level)
	require.ErrorContains(t, c.err, `GOBERTOPIC_SIMD: simd level "sse9"`)
}
