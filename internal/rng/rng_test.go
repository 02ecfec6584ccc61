package rng

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

var _ rand.Source = (*Stream)(nil)

const most = math.MaxUint64

// The values of SplitMix64 as its authors' C program prints them, from the states 0 and 1234567.
func TestSplitMix64Exact(t *testing.T) {
	for _, c := range []struct {
		state uint64
		want  []uint64
	}{
		{0, []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f}},
		{1234567, []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821}},
	} {
		s := Stream{state: c.state}
		for _, want := range c.want {
			require.Equal(t, want, s.Uint64())
		}
	}
}

// What every result of a seed depends on, computed beside by Python's integers. Should one of these change, so does every
// fitted model.
func TestNewExact(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		item []uint64
		want [3]uint64
	}{
		{0, nil, [3]uint64{0xa706dd2f4d197e6f, 0xb382a305f4414f5e, 0x631a9154fbabf717}},
		{1, nil, [3]uint64{0x5e41ab087439611e, 0xf18d6ce93d6cf1ee, 0xb95f66d327e8d78}},
		{42, nil, [3]uint64{0x57e1faba65107204, 0xf4abd143feb24055, 0x7c816738c12903b2}},
		{0, []uint64{0}, [3]uint64{0x8ecca66fe732ece6, 0x7cd152ed4083cb76, 0x23507395963e41cd}},
		{0, []uint64{1}, [3]uint64{0xf2bb9390cd250ea9, 0x82bac76edab11317, 0x7019200ce18283b0}},
		{1, []uint64{0}, [3]uint64{0x3182badc2c9d2e80, 0xa1070feb85432a90, 0xb8f98ab7a8659a1a}},
		{42, []uint64{3, 5}, [3]uint64{0xb40d4e1a57bce797, 0xad6378e8157fc447, 0x9b82a51aaec6357f}},
		{42, []uint64{5, 3}, [3]uint64{0xedabda22a4f51fd0, 0x8e4b65bb2e5ed8e3, 0x7ef665204ab43ad4}},
		{most, []uint64{most}, [3]uint64{0x687a7052e2cb2639, 0x22249aec644b2a62, 0xb597953a5cfae6f0}},
		{7, []uint64{1, 2, 3}, [3]uint64{0x9092a12b88b14d2c, 0x68a33d3eb0378f3c, 0x8e6cc69530fd0f5}},
	} {
		s := New(c.seed, c.item...)
		require.Equal(t, c.want, [3]uint64{s.Uint64(), s.Uint64(), s.Uint64()}, "seed %d, item %d", c.seed, c.item)
	}
}

func TestIntnAndFloat64Exact(t *testing.T) {
	s := New(9, 9)
	var got []int64
	for _, n := range []int64{1, 2, 10, 1000, math.MaxInt32 + 1, math.MaxInt64} {
		got = append(got, int64(s.Intn(int(n))))
	}
	require.Equal(t, []int64{0, 0, 3, 114, 822463562, 5565780585203897677}, got)
	s = New(9, 9)
	require.Equal(t, [3]float64{0.6077230561294629, 0.01854587500345506, 0.38310642706064557}, [3]float64{s.Float64(), s.Float64(), s.Float64()})
	for _, n := range []int{0, -1, math.MinInt} {
		require.PanicsWithValue(t, "rng: Intn wants n > 0", func() { s.Intn(n) })
	}
}

// The least and the greatest value of the generator stay in range: the states that give them are found backwards.
func TestEndsOfTheRange(t *testing.T) {
	for _, c := range []struct {
		value uint64
		float float64
		ints  map[int]int
	}{
		{0, 0, map[int]int{1: 0, 7: 0, math.MaxInt: 0}},
		{most, 1 - 1.0/(1<<53), map[int]int{1: 0, 7: 6, math.MaxInt: math.MaxInt - 1}},
	} {
		before := Stream{state: unmix(c.value) - golden}
		s := before
		require.Equal(t, c.value, s.Uint64())
		s = before
		require.Equal(t, c.float, s.Float64())
		for n, want := range c.ints {
			s = before
			require.Equal(t, want, s.Intn(n))
		}
	}
}

// unmix is the inverse of mix.
func unmix(z uint64) uint64 {
	inverse := func(a uint64) uint64 { // modulo 2⁶⁴, by Newton's method
		x := a
		for range 6 {
			x *= 2 - a*x
		}
		return x
	}
	z ^= z>>31 ^ z>>62
	z *= inverse(0x94d049bb133111eb)
	z ^= z>>27 ^ z>>54
	z *= inverse(0xbf58476d1ce4e5b9)
	return z ^ z>>30 ^ z>>60
}

// No two of many streams begin alike: seeds and items that are near each other, exchanged, or of different length.
func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]string{}
	add := func(seed uint64, item ...uint64) {
		s := New(seed, item...)
		v, name := s.Uint64(), fmt.Sprint(seed, item)
		require.Empty(t, seen[v], "%s begins as another", name)
		seen[v] = name
	}
	near := []uint64{most, most - 1, 1 << 63, 1 << 32, golden, golden ^ most}
	for i := range uint64(20) {
		near = append(near, i)
	}
	for _, seed := range near {
		add(seed)
		for _, i := range near {
			add(seed, i)
			for _, j := range near {
				add(seed, i, j)
			}
		}
	}
	require.Len(t, seen, 26*(1+26*(1+26)))
}

// A stream is its own: it gives the same whatever is drawn from others, and a copy goes on by itself.
func TestStreamsAreIndependentExact(t *testing.T) {
	alone := New(3, 1)
	var want []uint64
	for range 100 {
		want = append(want, alone.Uint64())
	}
	a, b := New(3, 1), New(3, 2)
	for i, v := range want {
		for range i % 3 {
			b.Uint64()
		}
		require.Equal(t, v, a.Uint64())
		if i == 50 {
			twin := a
			require.Equal(t, want[51], twin.Uint64())
		}
	}
}

// limit is how far a sum of n draws of variance v may be from its mean: six standard deviations. The draws are the same on
// every run, so that these tests fail on all runs or on none.
func limit(n int, v float64) float64 { return 6 * math.Sqrt(float64(n)*v) }

// sources are the ways in which values are drawn: along one stream, the first of successive items, seeds, epochs.
var sources = map[string]func(i uint64) uint64{
	"items":  func(i uint64) uint64 { s := New(1, i); return s.Uint64() },
	"seeds":  func(i uint64) uint64 { s := New(i, 1); return s.Uint64() },
	"epochs": func(i uint64) uint64 { s := New(1, 7, i); return s.Uint64() },
	"both":   func(i uint64) uint64 { s := New(1, i, i); return s.Uint64() },
	"second": func(i uint64) uint64 { s := New(1, i); s.Uint64(); return s.Uint64() },
}

func TestUniformStatistical(t *testing.T) {
	const n = 100000
	one := New(5)
	all := map[string]func(uint64) uint64{"one stream": func(uint64) uint64 { return one.Uint64() }}
	for name, f := range sources {
		all[name] = f
	}
	for name, draw := range all {
		t.Run(name, func(t *testing.T) {
			const bins = 256
			var high, low [bins]int
			var ones, same [64]int
			var sum, product float64
			previous := uint64(0)
			for i := range uint64(n) {
				v := draw(i)
				high[v>>56]++
				low[v&0xff]++
				for b := range 64 {
					ones[b] += int(v >> b & 1)
					same[b] += int(^(v ^ previous) >> b & 1)
				}
				f, g := float64(v>>11)/(1<<53)-0.5, float64(previous>>11)/(1<<53)-0.5
				sum += f
				product += f * g
				previous = v
			}
			require.InDelta(t, 0, sum, limit(n, 1.0/12))
			require.InDelta(t, 0, product, limit(n, 1.0/144), "correlation of successive values")
			for b := range 64 {
				require.InDelta(t, n/2, ones[b], limit(n, 0.25), "bit %d", b)
				require.InDelta(t, n/2, same[b], limit(n, 0.25), "bit %d and that of the value before", b)
			}
			for part, count := range map[string][bins]int{"high": high, "low": low} {
				chi := 0.0
				for _, c := range count {
					d := float64(c) - float64(n)/bins
					chi += d * d / (float64(n) / bins)
				}
				require.InDelta(t, bins-1, chi, limit(bins-1, 2), "%s byte", part)
			}
		})
	}
}

// A change of one bit of the seed or of a number of the item changes half of the bits of the stream.
func TestAvalancheStatistical(t *testing.T) {
	const n = 500
	for name, draw := range map[string]func(seed, a, b uint64) uint64{
		"seed":   func(seed, a, b uint64) uint64 { s := New(seed, a, b); return s.Uint64() },
		"first":  func(seed, a, b uint64) uint64 { s := New(a, seed, b); return s.Uint64() },
		"second": func(seed, a, b uint64) uint64 { s := New(a, b, seed); return s.Uint64() },
	} {
		for bit := range 64 {
			changed := 0
			for i := range uint64(n) {
				changed += bits.OnesCount64(draw(i, i%7, i%11) ^ draw(i^1<<bit, i%7, i%11))
			}
			require.InDelta(t, n*32, changed, limit(n*64, 0.25), "%s, bit %d", name, bit)
		}
	}
}

func TestIntnStatistical(t *testing.T) {
	const draws = 60000
	for _, n := range []int{1, 2, 3, 6, 7, 100} {
		count := make([]int, n)
		for i := range uint64(draws) {
			s := New(8, i)
			count[s.Intn(n)]++
		}
		p := 1 / float64(n)
		for v, c := range count {
			require.InDelta(t, draws*p, c, limit(draws, p*(1-p))+1e-9, "%d of %d", v, n)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	var x uint64
	for i := 0; b.Loop(); i++ {
		s := New(1, uint64(i), 2)
		x += s.Uint64()
	}
	_ = x
}
