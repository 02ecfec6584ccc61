// Package rng gives random numbers that belong to items, not to goroutines: a Stream is made from a seed and the numbers
// of the item it is for (a row, an epoch), so the values that an item sees do not depend on the order in which items are
// worked on or on who works on them.
//
// The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
// doi:10.1145/2660193.2660195), in integer arithmetic alone and therefore the same on every architecture.
package rng

import "math/bits"

const golden = 0x9e3779b97f4a7c15

// Stream is a source of random numbers. It meets math/rand/v2's Source; its zero value is a valid stream of its own.
type Stream struct {
	state uint64
}

// New is the stream of the item with the given numbers, in their order, under seed.
func New(seed uint64, item ...uint64) Stream {
	s := mix(seed + golden)
	for _, v := range item {
		s = mix(bits.RotateLeft64(s, 32) ^ mix(v+golden)) // rotated, as the numbers must not be exchangeable
	}
	return Stream{state: s}
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 is the next value, uniform over all 64-bit values.
func (s *Stream) Uint64() uint64 {
	s.state += golden
	return mix(s.state)
}

// Intn is the next value in [0, n), uniform to within n/2⁶⁴. It panics when n ≤ 0.
func (s *Stream) Intn(n int) int {
	if n <= 0 {
		panic("rng: Intn wants n > 0")
	}
	hi, _ := bits.Mul64(s.Uint64(), uint64(n))
	return int(hi)
}

// Float64 is the next value in [0, 1), a multiple of 2⁻⁵³.
func (s *Stream) Float64() float64 {
	return float64(s.Uint64()>>11) * (1.0 / (1 << 53))
}
