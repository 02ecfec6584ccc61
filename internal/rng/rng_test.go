package rng

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

var _ rand.Source = (*Stream)(nil)

// The values of SplitMix64 from state 1234567 are widely published; the others pin what every saved seed depends on.
func TestValuesExact(t *testing.T) {
	s := Stream{state: 1234567}
	for _, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431} {
		require.Equal(t, want, s.Uint64())
	}
	a, b := New(42), New(42, 3, 5)
	require.Equal(t, [2]uint64{a.Uint64(), b.Uint64()}, [2]uint64{0x57e1faba65107204, 0xb40d4e1a57bce797})
	c := New(7, 1)
	require.Equal(t, 0, c.Intn(1))
	require.Panics(t, func() { c.Intn(0) })
}

// Streams of neighbouring items, seeds and levels differ.
func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(40) {
		for i := range uint64(40) {
			for _, s := range []Stream{New(seed, i), New(seed, i, 0), New(seed, 0, i+1)} {
				v := s.Uint64()
				require.False(t, seen[v], "seed %d, item %d", seed, i)
				seen[v] = true
			}
		}
	}
}

// First values of the streams of successive items are as good as one stream: flat, and without correlation.
func TestUniformStatistical(t *testing.T) {
	const n, bins = 200000, 64
	var count [bins]float64
	var mean, lag, previous float64
	for i := range uint64(n) {
		s := New(1, i)
		count[s.Intn(bins)]++
		f := s.Float64()
		require.True(t, f >= 0 && f < 1)
		mean += f / n
		lag += (f - 0.5) * (previous - 0.5) / n
		previous = f
	}
	chi := 0.0
	for _, c := range count {
		chi += (c - n/bins) * (c - n/bins) / (n / bins)
	}
	require.Less(t, math.Abs(chi-(bins-1)), 5*math.Sqrt(2*(bins-1)))
	require.InDelta(t, 0.5, mean, 5/math.Sqrt(12*n))
	require.InDelta(t, 0, lag, 5/(12*math.Sqrt(n)))
}
