package simd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// matrix is rows×cols random values in (−1, 1), with the given gap between rows, that begin skip values into their
// memory, so that rows start at addresses that are multiples of 4 bytes only. What lies outside the matrix is NaN.
func matrix(s *rng.Stream, rows, cols, gap, skip int) blas32.General {
	stride := max(1, cols+gap)
	data := make([]float32, skip+rows*stride)
	for i := range data {
		data[i] = float32(math.NaN())
	}
	x := blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: data[skip:]}
	for i := range rows {
		for j := range cols {
			x.Data[i*stride+j] = float32(2*s.Float64() - 1)
		}
	}
	return x
}

func kernels(t testing.TB, l Level) *Kernels {
	k, err := For(l)
	require.NoError(t, err)
	return k
}

// product is one of the kernels with what it has to compute.
type product struct {
	name  string
	run   func(k *Kernels, c, a blas32.General, p *Panels)
	term  func(x, y float64) float64              // what is summed, exact or nearly so
	fused func(x, y, sum float32) float32         // a step of the vector kernels
	plain func(x, y, sum float32) float32         // a step of the plain Go kernel
	gamma func(k int, abs, exact float64) float64 // bound on the error
}

func gamma(n int) float64 {
	const u = 1.0 / (1 << 24)
	return float64(n) * u / (1 - float64(n)*u)
}

var products = []product{
	{
		name:  "MulNT",
		run:   (*Kernels).MulNT,
		term:  func(x, y float64) float64 { return x * y },
		fused: fma,
		plain: func(x, y, sum float32) float32 { return sum + float32(x*y) },
		gamma: func(k int, abs, _ float64) float64 { return gamma(k+1) * abs },
	},
	{
		name:  "SquareDistNT",
		run:   (*Kernels).SquareDistNT,
		term:  func(x, y float64) float64 { return (x - y) * (x - y) },
		fused: func(x, y, sum float32) float32 { return fma(x-y, x-y, sum) },
		plain: func(x, y, sum float32) float32 { d := x - y; return sum + float32(d*d) },
		gamma: func(k int, _, exact float64) float64 { return gamma(k+3) * exact },
	},
	{
		name:  "MulNTUnfused",
		run:   (*Kernels).MulNTUnfused,
		term:  func(x, y float64) float64 { return x * y },
		fused: func(x, y, sum float32) float32 { return sum + float32(x*y) },
		plain: func(x, y, sum float32) float32 { return sum + float32(x*y) },
		gamma: func(k int, abs, _ float64) float64 { return gamma(k+1) * abs },
	},
}

// reference is the result in float64 and, for each element, the bound on the error of a float32 sum.
func (op product) reference(a, b blas32.General) (c, bound []float64) {
	for i := range a.Rows {
		for j := range b.Rows {
			var s, abs float64
			for k := range a.Cols {
				p := op.term(float64(a.Data[i*a.Stride+k]), float64(b.Data[j*b.Stride+k]))
				s += p
				abs += math.Abs(p)
			}
			c, bound = append(c, s), append(bound, op.gamma(a.Cols, abs, s))
		}
	}
	return c, bound
}

// each runs f for every operation at the given levels.
func each(t *testing.T, levels []Level, f func(t *testing.T, op product, k *Kernels)) {
	for _, op := range products {
		for _, level := range levels {
			t.Run(op.name+"/"+string(level), func(t *testing.T) { f(t, op, kernels(t, level)) })
		}
	}
}

func shapes() [][3]int {
	s := [][3]int{
		{0, 5, 3},
		{5, 0, 3},
		{4, 5, 0},
		{1, 1, 1},
		{12, 32, 1},
		{12, 32, 2},
		{12, 32, 4},
		{13, 33, 5},
		{24, 64, 8},
		{7, 31, 384},
		{2, 100, 1536},
		{300, 3, 40},
		{120, 256, 6},
		{11, 95, 4096},
	}
	r := rng.New(7)
	for range 25 {
		s = append(s, [3]int{1 + r.Intn(40), 1 + r.Intn(80), 1 + r.Intn(70)})
	}
	for m := 1; m <= 12; m++ {
		s = append(s, [3]int{m, 48, 9})
	}
	return s
}

func TestWithinBoundOfFloat64(t *testing.T) {
	each(t, Levels(), func(t *testing.T, op product, k *Kernels) {
		for n, d := range shapes() {
			r := rng.New(1, uint64(n))
			a := matrix(&r, d[0], d[2], n%3, n%5)
			b := matrix(&r, d[1], d[2], n%4, n%7)
			c := matrix(&r, d[0], d[1], n%5, n%3)
			outside := append([]float32(nil), c.Data...)
			op.run(k, c, a, k.Pack(b))
			want, bound := op.reference(a, b)
			for i := range d[0] {
				for j := range d[1] {
					got, e := float64(c.Data[i*c.Stride+j]), i*d[1]+j
					if !(math.Abs(got-want[e]) <= bound[e]) {
						t.Fatalf("%v element %d,%d: %v, want %v ± %v", d, i, j, got, want[e], bound[e])
					}
					outside[i*c.Stride+j] = c.Data[i*c.Stride+j]
				}
			}
			require.Equal(t, bits(outside), bits(c.Data), "%v wrote outside of c", d)
		}
	})
}

func bits(x []float32) []uint32 {
	b := make([]uint32, len(x))
	for i, v := range x {
		b[i] = math.Float32bits(v)
	}
	return b
}

// TestOneSumInOrderExact compares each kernel with a plain sum over k, so that the vector levels, whose steps are fused,
// give the same bits as each other.
func TestOneSumInOrderExact(t *testing.T) {
	each(t, Levels(), func(t *testing.T, op product, k *Kernels) {
		step := op.fused
		if k.Level() == PureGo {
			step = op.plain
		}
		for n, d := range shapes() {
			if d[0]*d[1]*d[2] > 1<<20 {
				continue
			}
			r := rng.New(2, uint64(n))
			a := matrix(&r, d[0], d[2], n%3, n%5)
			b := matrix(&r, d[1], d[2], n%4, n%7)
			c := matrix(&r, d[0], d[1], 0, 0)
			op.run(k, c, a, k.Pack(b))
			for i := range d[0] {
				for j := range d[1] {
					var s float32
					for l := range d[2] {
						s = step(a.Data[i*a.Stride+l], b.Data[j*b.Stride+l], s)
					}
					if got := c.Data[i*c.Stride+j]; math.Float32bits(got) != math.Float32bits(s) {
						t.Fatalf("%v element %d,%d: %v, want %v", d, i, j, got, s)
					}
				}
			}
		}
	})
}

// fma is x·y+z rounded once. The product is exact in float64; the sum is rounded to odd there, which makes the second
// rounding harmless (Boldo and Melquiond, doi:10.1109/TC.2007.70819).
func fma(x, y, z float32) float32 {
	p, q := float64(x)*float64(y), float64(z)
	s := p + q
	v := s - p
	rest := (p - (s - v)) + (q - v)
	if rest != 0 && math.Float64bits(s)&1 == 0 {
		if (rest > 0) == (s > 0) {
			s = math.Float64frombits(math.Float64bits(s) + 1)
		} else {
			s = math.Float64frombits(math.Float64bits(s) - 1)
		}
	}
	return float32(s)
}

// TestRowAloneExact checks that a row of the result does not depend on its neighbors, its place, its alignment or the
// number of rows, and a column neither.
func TestRowAloneExact(t *testing.T) {
	each(t, Levels(), func(t *testing.T, op product, k *Kernels) {
		r := rng.New(3)
		a, b := matrix(&r, 53, 77, 0, 0), matrix(&r, 75, 77, 0, 0)
		p := k.Pack(b)
		c := matrix(&r, 53, 75, 0, 0)
		op.run(k, c, a, p)
		for i := range a.Rows {
			for _, rows := range []int{1, 2, 5, 17} {
				if i+rows > a.Rows {
					continue
				}
				part := matrix(&r, rows, a.Cols, 3, 1)
				for q := range rows {
					copy(part.Data[q*part.Stride:], a.Data[(i+q)*a.Stride:][:a.Cols])
				}
				got := matrix(&r, rows, 75, 2, 1)
				op.run(k, got, part, p)
				for q := range rows {
					require.Equal(t, bits(c.Data[(i+q)*c.Stride:][:75]), bits(got.Data[q*got.Stride:][:75]), "row %d of %d from %d", q, rows, i)
				}
			}
		}
		for j := range b.Rows {
			got := matrix(&r, 53, 1, 0, 0)
			op.run(k, got, a, k.Pack(blas32.General{Rows: 1, Cols: 77, Stride: 77, Data: b.Data[j*b.Stride:]}))
			for i := range a.Rows {
				require.Equal(t, math.Float32bits(c.Data[i*c.Stride+j]), math.Float32bits(got.Data[i]), "column %d", j)
			}
		}
	})
}

// TestVectorLevelsSameBits compares AVX2 and AVX-512 on a size where each has full and partial tiles.
func TestVectorLevelsSameBits(t *testing.T) {
	ls := Levels()
	if len(ls) < 3 {
		t.Skipf("two vector levels are needed, there are %v", ls)
	}
	for _, op := range products {
		r := rng.New(8)
		a, b := matrix(&r, 130, 384, 1, 3), matrix(&r, 301, 384, 0, 0)
		var want []uint32
		for _, l := range ls[1:] {
			k := kernels(t, l)
			c := matrix(&r, 130, 301, 0, 0)
			op.run(k, c, a, k.Pack(b))
			if want == nil {
				want = bits(c.Data)
			}
			require.Equal(t, want, bits(c.Data), op.name)
		}
	}
}

func TestPackIntoReusesMemory(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		r := rng.New(4)
		big, small, a := matrix(&r, 70, 20, 0, 0), matrix(&r, 37, 19, 1, 1), matrix(&r, 31, 19, 0, 0)
		p := k.Pack(big)
		k.PackInto(p, small)
		require.Equal(t, level, p.Level())
		got, want := matrix(&r, 31, 37, 0, 0), matrix(&r, 31, 37, 0, 0)
		k.MulNT(got, a, p)
		k.MulNT(want, a, k.Pack(small))
		require.Equal(t, bits(want.Data), bits(got.Data))
		require.Zero(t, testing.AllocsPerRun(10, func() {
			k.PackInto(p, small)
			k.MulNT(got, a, p)
			k.SquareDistNT(got, a, p)
		}), level)
	}
}

func TestMulNTPanicsOnMisuse(t *testing.T) {
	k := kernels(t, PureGo)
	r := rng.New(5)
	a, b, c := matrix(&r, 4, 6, 0, 0), matrix(&r, 5, 6, 0, 0), matrix(&r, 4, 5, 0, 0)
	p := k.Pack(b)
	require.Panics(t, func() { k.MulNT(c, matrix(&r, 4, 7, 0, 0), p) })
	require.Panics(t, func() { k.MulNT(a, a, p) })
	require.Panics(t, func() { k.MulNT(c, a, new(Panels)) })
	short := c
	short.Data = short.Data[:19]
	require.Panics(t, func() { k.MulNT(short, a, p) })
	short.Stride = 4
	require.Panics(t, func() { k.Pack(short) })
}

func BenchmarkMulNT(b *testing.B) {
	for _, level := range Levels() {
		for _, d := range [][3]int{{500, 1536, 384}, {500, 384, 1536}, {12, 384, 384}, {120, 256, 384}, {120, 256, 6}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", level, d[0], d[1], d[2]), func(b *testing.B) {
				k := kernels(b, level)
				r := rng.New(6)
				a, w, c := matrix(&r, d[0], d[2], 0, 0), matrix(&r, d[1], d[2], 0, 0), matrix(&r, d[0], d[1], 0, 0)
				p := k.Pack(w)
				for b.Loop() {
					k.MulNT(c, a, p)
				}
				b.ReportMetric(2*float64(d[0]*d[1]*d[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

func BenchmarkSquareDistNT(b *testing.B) {
	for _, level := range Levels() {
		for _, d := range [][3]int{{120, 256, 5}, {120, 256, 384}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", level, d[0], d[1], d[2]), func(b *testing.B) {
				k := kernels(b, level)
				r := rng.New(6)
				a, w, c := matrix(&r, d[0], d[2], 0, 0), matrix(&r, d[1], d[2], 0, 0), matrix(&r, d[0], d[1], 0, 0)
				p := k.Pack(w)
				for b.Loop() {
					k.SquareDistNT(c, a, p)
				}
				b.ReportMetric(float64(d[0]*d[1])*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gpairs/s")
			})
		}
	}
}

func BenchmarkPack(b *testing.B) {
	r := rng.New(6)
	w := matrix(&r, 1536, 384, 0, 0)
	for _, level := range Levels() {
		b.Run(string(level), func(b *testing.B) {
			k := kernels(b, level)
			p := k.Pack(w)
			b.SetBytes(4 * 1536 * 384)
			for b.Loop() {
				k.PackInto(p, w)
			}
		})
	}
}
