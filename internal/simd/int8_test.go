package simd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

func bytesAt(s *rng.Stream, n int) []int8 {
	q := make([]int8, n)
	for i := range q {
		q[i] = int8(s.Intn(256) - 128)
	}
	return q
}

func floats(s *rng.Stream, n int, size float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(size * (2*s.Float64() - 1))
	}
	return x
}

// quantised gives a row of q as plain numbers.
func (q *Quantised) row(i int) []int {
	n := make([]int, q.K)
	for k := range n {
		if q.kernels.dot || q.kernels.set == setGo {
			n[k] = int(q.bytes[i*q.stride+k] ^ q.kernels.flip())
		} else {
			n[k] = int(q.words[i*q.stride+k])
		}
	}
	return n
}

// rowKinds fill a row for quantising.
var rowKinds = map[string]func(s *rng.Stream, x []float32){
	"random": func(s *rng.Stream, x []float32) { copy(x, floats(s, len(x), 3)) },
	"huge":   func(s *rng.Stream, x []float32) { copy(x, floats(s, len(x), math.MaxFloat32)); x[0] = math.MaxFloat32 },
	"widest": func(s *rng.Stream, x []float32) {
		copy(x, floats(s, len(x), 1))
		x[0], x[len(x)-1] = -math.MaxFloat32, math.MaxFloat32
	},
	"tiny":     func(s *rng.Stream, x []float32) { copy(x, floats(s, len(x), 1e-36)) },
	"smallest": func(s *rng.Stream, x []float32) { copy(x, floats(s, len(x), 1e-41)) },
	"edge":     func(s *rng.Stream, x []float32) { copy(x, floats(s, len(x), 255*0x1p-126)); x[0] = 255 * 0x1p-126 },
	"zero":     func(_ *rng.Stream, x []float32) { clear(x) },
	"minus 0":  func(_ *rng.Stream, x []float32) { fill(x, float32(math.Copysign(0, -1))) },
	"constant": func(_ *rng.Stream, x []float32) { fill(x, 0.7) },
	"below 0":  func(_ *rng.Stream, x []float32) { fill(x, -0.3) },
	"outlier":  func(s *rng.Stream, x []float32) { copy(x, floats(s, len(x), 1)); x[len(x)/2] = -1e4 },
	"halves": func(s *rng.Stream, x []float32) { // scale is 1, so halves are met
		for i := range x {
			x[i] = float32(s.Intn(510))/2 - 100
		}
		x[0] = -100
		x[len(x)-1] = 155
	},
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

func TestQuantiseExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		var q Quantised // one for all, so that its memory is used again
		for name, kind := range rowKinds {
			for _, n := range []int{1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 384} {
				r := rng.New(11, uint64(n))
				a := matrix(&r, 5, n, n%4, n%3)
				for i := range 5 {
					kind(&r, a.Data[i*a.Stride:][:n])
				}
				k.Quantise(&q, a)
				require.Equal(t, [2]int{5, n}, [2]int{q.Rows, q.K})
				for i := range 5 {
					checkRow(t, fmt.Sprint(level, " ", name, " ", n), a.Data[i*a.Stride:][:n], &q, i)
				}
			}
		}
	}
}

// checkRow follows the definition of Quantise in float64, where the float32 operations are rounded one by one.
func checkRow(t *testing.T, name string, x []float32, q *Quantised, i int) {
	t.Helper()
	var lo, hi float32
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	scale := float32(float64(float32(hi/255)) - float64(float32(lo/255)))
	if scale < 0x1p-126 {
		require.Equal(t, float32(1), q.scale[i], name)
		require.Zero(t, q.zero[i], name)
		require.Equal(t, make([]int, len(x)), q.row(i), name)
		return
	}
	inv := float32(1 / float64(scale))
	zero := math.RoundToEven(float64(float32(float64(-lo) * float64(inv))))
	require.Equal(t, scale, q.scale[i], name)
	require.Equal(t, int32(zero), q.zero[i], name)
	require.True(t, zero >= 0 && zero <= 255, name)
	got := q.row(i)
	for k, v := range x {
		want := math.RoundToEven(float64(float32(float64(v)*float64(inv)))) + zero
		require.GreaterOrEqual(t, want, 0.0, name)
		require.Equal(t, int(min(want, 255)), got[k], "%s: value %d is %v", name, k, v)
		back := float64(got[k]-int(zero)) * float64(scale)
		require.InDelta(t, float64(v), back, float64(scale)*1.001, name) // a rounded zero point can cost half a step more
	}
}

// TestQuantiseScaledExact: the same as quantising what was multiplied before.
func TestQuantiseScaledExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, n := range []int{1, 7, 15, 16, 17, 31, 100, 384} {
			r := rng.New(18, uint64(n))
			a, by := matrix(&r, 4, n, n%4, n%3), floats(&r, n, 2)
			product := matrix(&r, 4, n, 0, 0)
			for i := range 4 {
				for j := range n {
					product.Data[i*n+j] = a.Data[i*a.Stride+j] * by[j]
				}
			}
			var got, want Quantised
			k.QuantiseScaled(&got, a, by)
			k.Quantise(&want, product)
			require.Equal(t, want.scale, got.scale, level)
			require.Equal(t, want.zero, got.zero, level)
			for i := range 4 {
				require.Equal(t, want.row(i), got.row(i), "%s %d", level, n)
			}
		}
		require.Panics(t, func() {
			k.QuantiseScaled(new(Quantised), blas32.General{Rows: 1, Cols: 3, Stride: 3, Data: make([]float32, 3)}, []float32{1})
		})
	}
}

func TestQuantiseNotFiniteIsNaN(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(0xffc00001)} {
			for _, n := range []int{1, 5, 16, 20, 37} {
				for at := range n {
					r := rng.New(12)
					a := matrix(&r, 3, n, 1, 1)
					a.Data[a.Stride+at] = bad
					var q Quantised
					k.Quantise(&q, a)
					c := matrix(&r, 3, 2, 0, 0)
					k.MulInt8(c, &q, k.PackInt8(2, n, bytesAt(&r, 2*n), []float32{1, 0}), nil)
					for e, v := range c.Data {
						require.Equal(t, e/2 == 1, v != v, "%s: %v at %d of %d gave %v", level, bad, at, n, c.Data)
					}
				}
			}
		}
	}
}

// TestMulInt8Exact compares with integer sums and the float32 operations of the definition.
func TestMulInt8Exact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		var q Quantised
		for n, d := range shapes() {
			r := rng.New(13, uint64(n))
			a := matrix(&r, d[0], d[2], n%3, n%5)
			w, scale := bytesAt(&r, d[1]*d[2]), floats(&r, d[1], 0.01)
			bias := floats(&r, d[1], 1)
			if n%3 == 0 {
				bias = nil
			}
			p := k.PackInt8(d[1], d[2], w, scale)
			require.Equal(t, level, p.Level())
			k.Quantise(&q, a)
			c := matrix(&r, d[0], d[1], n%5, n%3)
			outside := append([]float32(nil), c.Data...)
			k.MulInt8(c, &q, p, bias)
			for i := range d[0] {
				x := q.row(i)
				for j := range d[1] {
					var sum int
					for l, v := range w[j*d[2]:][:d[2]] {
						sum += (x[l] - int(q.zero[i])) * int(v)
					}
					want := float32(0)
					if d[2] > 0 {
						want = float32(float32(sum) * float32(q.scale[i]*scale[j]))
					}
					if bias != nil {
						want += bias[j]
					}
					if got := c.Data[i*c.Stride+j]; got != want {
						t.Fatalf("%s %v element %d,%d: %v, want %v", level, d, i, j, got, want)
					}
					outside[i*c.Stride+j] = c.Data[i*c.Stride+j]
				}
			}
			require.Equal(t, bits(outside), bits(c.Data), "%s %v wrote outside of c", level, d)
		}
	}
}

// TestMulInt8ExtremesExact takes the greatest sums there are: 255·±128 at every k, for the greatest K.
func TestMulInt8ExtremesExact(t *testing.T) {
	depths := []int{1, 3, 384, 1536, maxInt8}
	for _, level := range Levels() {
		k := kernels(t, level)
		for _, depth := range depths {
			const n = 3
			w := make([]int8, n*depth)
			for l := range depth {
				w[l], w[depth+l], w[2*depth+l] = -128, 127, int8(255*(l%2)-128)
			}
			a := blas32.General{Rows: 2, Cols: depth, Stride: depth, Data: make([]float32, 2*depth)}
			fill(a.Data[:depth], 255)
			fill(a.Data[depth:], -255)
			var q Quantised
			k.Quantise(&q, a)
			require.Equal(t, []float32{1, 1}, q.scale)
			require.Equal(t, []int32{0, 255}, q.zero)
			c := blas32.General{Rows: 2, Cols: n, Stride: n, Data: make([]float32, 2*n)}
			k.MulInt8(c, &q, k.PackInt8(n, depth, w, []float32{1, 1, 1}), nil)
			alternating := -128*((depth+1)/2) + 127*(depth/2)
			for j, sum := range []int{-128 * depth, 127 * depth, alternating} {
				require.Equal(t, float32(255*sum), c.Data[j], "%s %d", level, depth)
				require.Equal(t, float32(-255*sum), c.Data[n+j], "%s %d", level, depth)
			}
		}
	}
}

// TestMulInt8SameBits compares the levels on the shapes of an encoder.
func TestMulInt8SameBits(t *testing.T) {
	for _, d := range [][3]int{{50, 384, 384}, {13, 1536, 384}, {29, 384, 1536}, {7, 45, 390}} {
		r := rng.New(14)
		a := matrix(&r, d[0], d[2], 1, 3)
		w, scale, bias := bytesAt(&r, d[1]*d[2]), floats(&r, d[1], 0.01), floats(&r, d[1], 1)
		var want []uint32
		for _, level := range Levels() {
			k := kernels(t, level)
			var q Quantised
			k.Quantise(&q, a)
			c := matrix(&r, d[0], d[1], 0, 0)
			k.MulInt8(c, &q, k.PackInt8(d[1], d[2], w, scale), bias)
			if want == nil {
				want = bits(c.Data)
			}
			require.Equal(t, want, bits(c.Data), level)
		}
	}
}

// TestMulInt8WithinRoundingOfFloat64 compares with the product of the values before they were quantised: each value of a is
// off by at most a step, about evenly up and down, and the weights are exact.
func TestMulInt8WithinRoundingOfFloat64(t *testing.T) {
	const m, n, depth = 20, 40, 384
	r := rng.New(15)
	a := matrix(&r, m, depth, 0, 0)
	w, scale := bytesAt(&r, n*depth), floats(&r, n, 0.01)
	k := kernels(t, PureGo)
	var q Quantised
	k.Quantise(&q, a)
	c := matrix(&r, m, n, 0, 0)
	k.MulInt8(c, &q, k.PackInt8(n, depth, w, scale), nil)
	for i := range m {
		for j := range n {
			var want, squares float64
			for l, v := range w[j*depth:][:depth] {
				want += float64(a.Data[i*depth+l]) * float64(v) * float64(scale[j])
				squares += float64(v) * float64(v) * float64(scale[j]) * float64(scale[j])
			}
			// The errors of a uniform rounding have the standard deviation step/√12; five of them are never passed here.
			require.InDelta(t, want, float64(c.Data[i*n+j]), 5*float64(q.scale[i])*math.Sqrt(squares/12)+1e-5)
		}
	}
}

func TestInt8AllocatesNothing(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		r := rng.New(16)
		a, c := matrix(&r, 31, 77, 0, 0), matrix(&r, 31, 37, 0, 0)
		p := k.PackInt8(37, 77, bytesAt(&r, 37*77), floats(&r, 37, 1))
		bias := floats(&r, 37, 1)
		var q Quantised
		k.Quantise(&q, a)
		require.Zero(t, testing.AllocsPerRun(10, func() {
			k.Quantise(&q, a)
			k.MulInt8(c, &q, p, bias)
		}), level)
	}
}

func TestInt8PanicsOnMisuse(t *testing.T) {
	k := kernels(t, PureGo)
	r := rng.New(17)
	w, scale := bytesAt(&r, 30), floats(&r, 5, 1)
	require.Panics(t, func() { k.PackInt8(5, 7, w, scale) })
	require.Panics(t, func() { k.PackInt8(5, 6, w, scale[:4]) })
	require.Panics(t, func() { k.PackInt8(0, maxInt8+1, nil, nil) })
	p := k.PackInt8(5, 6, w, scale)
	var q Quantised
	c := matrix(&r, 4, 5, 0, 0)
	require.Panics(t, func() { k.MulInt8(c, &q, p, nil) })
	k.Quantise(&q, matrix(&r, 4, 6, 0, 0))
	k.MulInt8(c, &q, p, nil)
	require.Panics(t, func() { k.MulInt8(c, &q, p, scale[:4]) })
	require.Panics(t, func() { k.MulInt8(matrix(&r, 3, 5, 0, 0), &q, p, nil) })
	require.Panics(t, func() { k.MulInt8(c, &q, new(PanelsInt8), nil) })
	k.Quantise(&q, matrix(&r, 4, 7, 0, 0))
	require.Panics(t, func() { k.MulInt8(c, &q, p, nil) })
	if ls := Levels(); len(ls) > 1 {
		other := kernels(t, ls[1])
		other.Quantise(&q, matrix(&r, 4, 6, 0, 0))
		require.Panics(t, func() { k.MulInt8(c, &q, p, nil) })
	}
}

func BenchmarkMulInt8(b *testing.B) {
	for _, level := range Levels() {
		for _, d := range [][3]int{{96, 1152, 384}, {96, 1536, 384}, {96, 384, 1536}, {12, 384, 384}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", level, d[0], d[1], d[2]), func(b *testing.B) {
				k := kernels(b, level)
				r := rng.New(6)
				a, c := matrix(&r, d[0], d[2], 0, 0), matrix(&r, d[0], d[1], 0, 0)
				p := k.PackInt8(d[1], d[2], bytesAt(&r, d[1]*d[2]), floats(&r, d[1], 1))
				bias := floats(&r, d[1], 1)
				var q Quantised
				k.Quantise(&q, a)
				for b.Loop() {
					k.MulInt8(c, &q, p, bias)
				}
				b.ReportMetric(2*float64(d[0]*d[1]*d[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
			})
		}
	}
}

func BenchmarkQuantise(b *testing.B) {
	for _, level := range Levels() {
		for _, n := range []int{384, 1536} {
			b.Run(fmt.Sprintf("%s/96x%d", level, n), func(b *testing.B) {
				k := kernels(b, level)
				r := rng.New(6)
				a := matrix(&r, 96, n, 0, 0)
				var q Quantised
				for b.Loop() {
					k.Quantise(&q, a)
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(96*n)*1e9, "ns/value")
			})
		}
	}
}
