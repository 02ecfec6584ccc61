package simd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
)

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

// unaligned gives n values that begin skip values into their memory, and that memory.
func unaligned(n, skip int, f func(i int) float32) (x, all []float32) {
	all = make([]float32, skip+n+20)
	for i := range all {
		all[i] = 1e30
	}
	x = all[skip : skip+n : skip+n]
	for i := range x {
		x[i] = f(i)
	}
	return x, all
}

// sameBits compares values bit by bit, but one NaN is like another.
func sameBits(t *testing.T, want, got []float32, name string) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, v := range want {
		if g := got[i]; math.Float32bits(v) != math.Float32bits(g) && (v == v || g == g) {
			t.Fatalf("%s: value %d of %d is %v (%x), want %v (%x)", name, i, len(want), g, g, v, v)
		}
	}
}

// rowsOf are the kinds of rows that the elementwise functions are compared on.
var rowsOf = []struct {
	name string
	f    func(s *rng.Stream, i int) float32
}{
	{"random", func(s *rng.Stream, _ int) float32 { return float32(6 * (2*s.Float64() - 1)) }},
	{"wide", func(s *rng.Stream, _ int) float32 { return float32(200 * (2*s.Float64() - 1)) }},
	{"huge", func(s *rng.Stream, _ int) float32 { return float32(math.MaxFloat32 * (2*s.Float64() - 1)) }},
	{"tiny", func(s *rng.Stream, _ int) float32 { return float32(1e-39 * (2*s.Float64() - 1)) }},
	{"any bits", func(s *rng.Stream, _ int) float32 { return math.Float32frombits(uint32(s.Uint64())) }},
	{"zero", func(*rng.Stream, int) float32 { return 0 }},
	{"signed zeros", func(s *rng.Stream, _ int) float32 { return float32(math.Copysign(0, s.Float64()-0.5)) }},
	{"constant", func(*rng.Stream, int) float32 { return 0.3 }},
	{"some infinite", func(s *rng.Stream, i int) float32 { return []float32{1, 2, -1, -inf}[s.Intn(4)] }},
	{"both infinite", func(s *rng.Stream, i int) float32 { return []float32{1, inf, -1, -inf}[s.Intn(4)] }},
	{"a NaN", func(s *rng.Stream, i int) float32 {
		if s.Intn(40) == 0 {
			return nan
		}
		return float32(s.Float64())
	}},
	{"odd NaN", func(s *rng.Stream, i int) float32 {
		if s.Intn(40) == 0 {
			return math.Float32frombits(0xffc00001 + uint32(s.Intn(1<<20)))
		}
		return float32(s.Float64())
	}},
	{"none but −Inf", func(*rng.Stream, int) float32 { return -inf }},
}

// elementwise are the functions with up to four rows that they read beside the one they change.
var elementwise = []struct {
	name string
	run  func(k *Kernels, x []float32, in [4][]float32, s float32)
	twin func(x []float32, in [4][]float32, s float32)
}{
	{
		"Add", func(k *Kernels, x []float32, in [4][]float32, _ float32) { k.Add(x, in[0]) },
		func(x []float32, in [4][]float32, _ float32) { addGo(x, in[0]) },
	},
	{
		"Scale", func(k *Kernels, x []float32, _ [4][]float32, s float32) { k.Scale(x, s) },
		func(x []float32, _ [4][]float32, s float32) { scaleGo(x, s) },
	},
	{
		"Gelu", func(k *Kernels, x []float32, _ [4][]float32, _ float32) { k.Gelu(x, nil) },
		func(x []float32, _ [4][]float32, _ float32) { gateGo(x, nil, &gateNormal) },
	},
	{
		"Gelu with bias", func(k *Kernels, x []float32, in [4][]float32, _ float32) { k.Gelu(x, in[0]) },
		func(x []float32, in [4][]float32, _ float32) { gateGo(x, in[0], &gateNormal) },
	},
	{
		"GeluTanh", func(k *Kernels, x []float32, in [4][]float32, _ float32) { k.GeluTanh(x, in[0]) },
		func(x []float32, in [4][]float32, _ float32) { gateGo(x, in[0], &gateTanh) },
	},
	{
		"Softmax", func(k *Kernels, x []float32, _ [4][]float32, s float32) { k.Softmax(x, s) },
		func(x []float32, _ [4][]float32, s float32) { softmaxGo(x, s) },
	},
	{
		"AddNorm", func(k *Kernels, x []float32, in [4][]float32, s float32) { k.AddNorm(x, in[0], in[1], in[2], in[3], s) },
		func(x []float32, in [4][]float32, s float32) { addNormGo(x, in[0], in[1], in[2], in[3], s) },
	},
	{
		"AddNorm without bias", func(k *Kernels, x []float32, in [4][]float32, s float32) { k.AddNorm(x, in[0], nil, in[2], in[3], s) },
		func(x []float32, in [4][]float32, s float32) { addNormGo(x, in[0], nil, in[2], in[3], s) },
	},
	{
		"AddNorm alone", func(k *Kernels, x []float32, in [4][]float32, s float32) { k.AddNorm(x, nil, nil, in[2], in[3], s) },
		func(x []float32, in [4][]float32, s float32) { addNormGo(x, nil, nil, in[2], in[3], s) },
	},
}

func lengths() []int {
	var n []int
	for i := 1; i <= 70; i++ {
		n = append(n, i)
	}
	return append(n, 100, 127, 128, 255, 384, 1000, 1536)
}

func TestElementwiseTwinsExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, e := range elementwise {
			for n, kind := range rowsOf {
				for _, length := range lengths() {
					s := rng.New(21, uint64(n), uint64(length))
					name := fmt.Sprint(level, " ", e.name, " ", kind.name)
					x, all := unaligned(length, length%7, func(i int) float32 { return kind.f(&s, i) })
					var in [4][]float32
					for j := range in {
						in[j], _ = unaligned(length, (length+j)%5, func(int) float32 { return float32(2*s.Float64() - 1) })
					}
					want := append([]float32(nil), all...)
					e.twin(want[length%7:][:length:length], in, 0.125)
					e.run(k, x, in, 0.125)
					sameBits(t, want, all, name)
				}
			}
		}
	}
}

func TestAddInt8Exact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, n := range lengths() {
			s := rng.New(22, uint64(n))
			q := bytesAt(&s, n+3)[3:]
			x, all := unaligned(n, n%3, func(int) float32 { return float32(s.Float64()) })
			want := append([]float32(nil), all...)
			for i, v := range q {
				want[n%3+i] += float32(float32(v) * 0.037)
			}
			k.AddInt8(x, q, 0.037)
			sameBits(t, want, all, string(level))
		}
	}
}

func TestAddBiasExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		s := rng.New(23)
		x := matrix(&s, 7, 29, 3, 1)
		bias := floats(&s, 29, 1)
		want := append([]float32(nil), x.Data...)
		for i := range 7 {
			for j, b := range bias {
				want[i*x.Stride+j] += b
			}
		}
		k.AddBias(x, bias)
		sameBits(t, want, x.Data, string(level))
	}
}

// grid holds numbers from −20 to 20, dense around zero and at the ends of the tables' intervals.
func grid() []float32 {
	var x []float32
	for i := -200000; i <= 200000; i++ {
		x = append(x, float32(i)*1e-4)
	}
	for i := range 2000 {
		v := math.Exp(-float64(i) / 20)
		x = append(x, float32(v), float32(-v))
	}
	for i := range 64 {
		edge := float32((float64(i) + 0.5) / 2.6)
		for _, v := range []float32{edge, math.Nextafter32(edge, 0), math.Nextafter32(edge, inf)} {
			x = append(x, v, -v)
		}
	}
	return x
}

func TestGeluWithinTolerance(t *testing.T) {
	k := kernels(t, Default())
	for _, f := range []struct {
		name string
		run  func(x, bias []float32)
		want func(x float64) float64
	}{
		{"Gelu", k.Gelu, func(x float64) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) }},
		{"GeluTanh", k.GeluTanh, func(x float64) float64 {
			return x * 0.5 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}},
	} {
		in := grid()
		x := append([]float32(nil), in...)
		f.run(x, nil)
		var worst, at float64
		for i, v := range in {
			want := f.want(float64(v))
			half := float64(math.Nextafter32(float32(math.Abs(want)), inf)-float32(math.Abs(want))) / 2
			if e := math.Abs(float64(x[i])-want) - half; e > worst {
				worst, at = e, float64(v)
			}
		}
		require.Less(t, worst, 1e-7, "%s at %v", f.name, at)
		t.Logf("%s: error beyond half a unit in the last place at most %.2g, at %v", f.name, worst, at)
	}
}

func TestGeluOfOddNumbersExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, f := range []func(x, bias []float32){k.Gelu, k.GeluTanh} {
			x := []float32{0, float32(math.Copysign(0, -1)), inf, -inf, nan, 100, -100, math.MaxFloat32, -math.MaxFloat32}
			f(x, nil)
			sameBits(t, []float32{0, 0, inf, 0, nan, 100, 0, math.MaxFloat32, 0}, x, string(level))
		}
	}
}

// TestExpWithinTolerance takes the exponentials from the twin, which the kernels are compared with bit by bit.
func TestExpWithinTolerance(t *testing.T) {
	var worst float64
	steps := 2_000_000
	if testing.Short() {
		steps = 300_000
	}
	for i := range steps {
		x := float32(-87 * float64(i) / float64(steps))
		want := math.Exp(float64(x))
		worst = max(worst, math.Abs(float64(expGo(x))-want)/want)
	}
	t.Logf("relative error at most %.3g", worst)
	require.Less(t, worst, 1e-7)
	require.Equal(t, float32(1), expGo(0))
	require.Equal(t, float32(1), expGo(float32(math.Copysign(0, -1))))
	require.Zero(t, expGo(-87))
	require.Zero(t, expGo(-inf))
}

func TestSoftmaxWithinTolerance(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, n := range lengths() {
			s := rng.New(24, uint64(n))
			x := floats(&s, n, 30)
			var total float64
			top := x[0]
			for _, v := range x {
				top = max(top, v)
			}
			want := make([]float64, n)
			for i, v := range x {
				want[i] = math.Exp((float64(v) - float64(top)) * 0.25)
				total += want[i]
			}
			k.Softmax(x, 0.25)
			for i, v := range x {
				// The argument is up to 15 and rounded, which alone gives an error of 15·2⁻²⁴.
				require.InEpsilon(t, want[i]/total, float64(v), 2e-6, "%s %d", level, n)
			}
		}
	}
}

func TestSoftmaxOfOddRowsExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, n := range []int{3, 8, 16, 19, 40} {
			for at := range n {
				row := func(v float32) []float32 {
					x := make([]float32, n)
					x[at] = v
					k.Softmax(x, 1)
					return x
				}
				rest, all := make([]float32, n), make([]float32, n)
				fill(rest, expGo(0)/1*(1/float32(n-1)))
				rest[at] = 0
				sameBits(t, rest, row(-inf), string(level))
				fill(all, nan)
				sameBits(t, all, row(nan), string(level))
				sameBits(t, all, row(inf), string(level))
			}
		}
		one := []float32{-5}
		k.Softmax(one, 1)
		require.Equal(t, []float32{1}, one)
	}
}

func TestAddNormWithinTolerance(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, n := range lengths() {
			s := rng.New(25, uint64(n))
			x, y, bias, gain, shift := floats(&s, n, 3), floats(&s, n, 2), floats(&s, n, 1), floats(&s, n, 1), floats(&s, n, 1)
			z := make([]float64, n)
			var mean, variance float64
			for i := range z {
				z[i] = float64(x[i]) + float64(y[i]) + float64(bias[i])
				mean += z[i] / float64(n)
			}
			for _, v := range z {
				variance += (v - mean) * (v - mean) / float64(n)
			}
			k.AddNorm(x, y, bias, gain, shift, 1e-5)
			for i, v := range x {
				want := (z[i]-mean)/math.Sqrt(variance+1e-5)*float64(gain[i]) + float64(shift[i])
				require.InDelta(t, want, float64(v), 1e-5, "%s %d", level, n)
			}
		}
	}
}

func TestAddNormOfOddRowsExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, n := range []int{1, 7, 16, 21, 50} {
			s := rng.New(26)
			gain, shift := floats(&s, n, 1), floats(&s, n, 1)
			for at := range n {
				for _, bad := range []float32{nan, inf, -inf} {
					x, all := floats(&s, n, 1), make([]float32, n)
					x[at] = bad
					fill(all, nan)
					k.AddNorm(x, nil, nil, gain, shift, 1e-12)
					sameBits(t, all, x, string(level))
				}
			}
			x := make([]float32, n)
			fill(x, 3)
			k.AddNorm(x, nil, nil, gain, shift, 1e-12)
			sameBits(t, shift, x, string(level))
		}
	}
}

func TestElementwiseEmptyAndMisuse(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		k.Add(nil, nil)
		k.AddInt8(nil, nil, 1)
		k.Scale(nil, 1)
		k.Gelu(nil, nil)
		k.GeluTanh(nil, nil)
		k.Softmax(nil, 1)
		k.AddNorm(nil, nil, nil, nil, nil, 1)
		x, y := make([]float32, 5), make([]float32, 4)
		require.Panics(t, func() { k.Add(x, y) })
		require.Panics(t, func() { k.AddInt8(x, make([]int8, 6), 1) })
		require.Panics(t, func() { k.Gelu(x, y) })
		require.Panics(t, func() { k.AddNorm(x, y, nil, x, x, 1) })
		require.Panics(t, func() { k.AddNorm(x, nil, x, x, x, 1) })
		require.Panics(t, func() { k.AddNorm(x, x, y, x, x, 1) })
		require.Panics(t, func() { k.AddNorm(x, x, x, y, x, 1) })
		require.Panics(t, func() { k.AddNorm(x, x, x, x, y, 1) })
		s := rng.New(27)
		require.Panics(t, func() { k.AddBias(matrix(&s, 3, 4, 0, 0), x) })
		require.Zero(t, testing.AllocsPerRun(5, func() {
			k.Add(x, x)
			k.Gelu(x, x)
			k.Softmax(x, 1)
			k.AddNorm(x, x, x, x, x, 1)
		}))
	}
}

func BenchmarkElementwise(b *testing.B) {
	for _, level := range Levels() {
		k := kernels(b, level)
		for _, f := range []struct {
			name string
			n    int
			run  func(x []float32, in [4][]float32)
		}{
			{"Add", 384, func(x []float32, in [4][]float32) { k.Add(x, in[0]) }},
			{"Scale", 384, func(x []float32, _ [4][]float32) { k.Scale(x, 1) }},
			{"Gelu", 1536, func(x []float32, _ [4][]float32) { k.Gelu(x, nil) }},
			{"GeluBias", 1536, func(x []float32, in [4][]float32) { k.Gelu(x, in[0]) }},
			{"Softmax", 16, func(x []float32, _ [4][]float32) { k.Softmax(x, 0.1) }},
			{"Softmax", 20, func(x []float32, _ [4][]float32) { k.Softmax(x, 0.1) }},
			{"Softmax", 256, func(x []float32, _ [4][]float32) { k.Softmax(x, 0.1) }},
			{"AddNorm", 384, func(x []float32, in [4][]float32) { k.AddNorm(x, in[0], in[1], in[2], in[3], 1e-12) }},
		} {
			b.Run(fmt.Sprintf("%s/%s/%d", level, f.name, f.n), func(b *testing.B) {
				s := rng.New(6)
				var in [4][]float32
				for j := range in {
					in[j] = floats(&s, f.n, 1)
				}
				x, start := make([]float32, f.n), floats(&s, f.n, 3)
				for b.Loop() {
					copy(x, start)
					f.run(x, in)
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(f.n)*1e9, "ns/value")
			})
		}
		b.Run(fmt.Sprintf("%s/AddInt8/384", level), func(b *testing.B) {
			s := rng.New(6)
			x, q := floats(&s, 384, 1), bytesAt(&s, 384)
			for b.Loop() {
				k.AddInt8(x, q, 1e-9)
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/384*1e9, "ns/value")
		})
	}
}
