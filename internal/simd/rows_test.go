package simd

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
)

func TestAddRows64Exact(t *testing.T) {
	s := rng.New(5)
	odd := []float64{0, math.Copysign(0, -1), 1, math.Inf(1), math.Inf(-1), math.NaN(), 5e-324, 1e308}
	value := func() float64 {
		if s.Intn(9) == 0 {
			return odd[s.Intn(len(odd))]
		}
		return s.Float64()*2 - 1
	}
	for _, n := range []int{0, 32, 64, 96, 224, 512} {
		for count := range 7 {
			for _, least := range []float64{0.1, 0, 5e-324, -1, math.NaN()} {
				at := s.Intn(5)
				rows := make([]float64, at+n+40)
				start := make([]float64, n+1)[1:] // not where a vector would want it
				for _, x := range [][]float64{rows, start} {
					for i := range x {
						x[i] = value()
					}
				}
				terms := make([]Row64, count)
				for i := range terms {
					terms[i] = Row64{At: s.Intn(at + 41), By: value()}
				}
				want := append([]float64(nil), start...)
				for j := range want {
					for _, term := range terms {
						want[j] += float64(term.By * rows[term.At+j])
					}
				}
				for _, level := range Levels() {
					k, err := For(level)
					require.NoError(t, err)
					sum := append(make([]float64, 1, n+1), start...)[1:]
					mask := make([]uint32, n/32)
					for i := range mask {
						mask[i] = math.MaxUint32
					}
					k.AddRows64(mask, sum, rows, terms, least)
					for j := range want {
						same64(t, want[j], sum[j], string(level))
						require.Equal(t, want[j] >= least, mask[j/32]>>(j%32)&1 == 1, "%s: sum %d, %v", level, j, want[j])
					}
				}
			}
		}
	}
	k, err := For(Default())
	require.NoError(t, err)
	require.Panics(t, func() { k.AddRows64(nil, make([]float64, 31), make([]float64, 31), nil, 0) })
	require.Panics(t, func() { k.AddRows64(make([]uint32, 2), make([]float64, 32), make([]float64, 32), nil, 0) })
	require.Panics(t, func() {
		k.AddRows64(make([]uint32, 1), make([]float64, 32), make([]float64, 40), []Row64{{At: 9}}, 0)
	})
	require.Panics(t, func() {
		k.AddRows64(make([]uint32, 1), make([]float64, 32), make([]float64, 40), []Row64{{At: -1}}, 0)
	})
}
