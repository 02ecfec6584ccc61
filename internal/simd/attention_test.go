package simd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// attendTwin is Attend as its comment has it, for one head.
func attendTwin(q, keys, values blas32.General, scale float32) [][]float32 {
	product := func(n int, a, b func(k int) float32) (total float32) {
		for from := 0; from < n; from += 32 {
			var even, odd float32
			for k := from; k < min(from+32, n); k++ {
				if k%2 == 0 {
					even += float32(half(a(k)) * half(b(k)))
				} else {
					odd += float32(half(a(k)) * half(b(k)))
				}
			}
			total += even + odd
		}
		return total
	}
	at := func(x blas32.General, i, j int) float32 { return x.Data[i*x.Stride+j] }
	var out [][]float32
	for i := range q.Rows {
		weight := make([]float32, q.Rows)
		top := float32(math.Inf(-1))
		for j := range weight {
			weight[j] = product(q.Cols, func(k int) float32 { return at(q, i, k) }, func(k int) float32 { return at(keys, j, k) })
			if weight[j] > top {
				top = weight[j]
			}
		}
		for j, s := range weight {
			x := float32((s - top) * scale)
			weight[j] = half(expGo(x))
			if x <= -38 {
				weight[j] = 0
			}
		}
		inv := 1 / sum(weight)
		row := make([]float32, q.Cols)
		for c := range row {
			row[c] = float32(inv * product(q.Rows, func(k int) float32 { return weight[k] }, func(k int) float32 { return at(values, k, c) }))
		}
		out = append(out, row)
	}
	return out
}

// attentionKinds fill queries, keys and values.
var attentionKinds = map[string]func(s *rng.Stream) float32{
	"random": func(s *rng.Stream) float32 { return float32(4*s.Float64() - 2) },
	"sharp":  func(s *rng.Stream) float32 { return float32(40*s.Float64() - 20) },
	"tiny":   func(s *rng.Stream) float32 { return float32((2*s.Float64() - 1) * 0x1p-55) },
	"subnormal": func(s *rng.Stream) float32 {
		return math.Float32frombits(uint32(s.Uint64()) & 0x80ffffff) // around the least normal number
	},
	"wide": func(s *rng.Stream) float32 {
		return float32((2*s.Float64() - 1) * math.Exp2(float64(s.Intn(126)-63)))
	},
	"huge": func(s *rng.Stream) float32 { return float32((2*s.Float64() - 1) * 0x1p63) },
	"halves": func(s *rng.Stream) float32 { // in the middle between two numbers of bfloat16
		return math.Float32frombits(0x3f808000 + uint32(s.Intn(256))<<16 + uint32(s.Intn(3)) - 1)
	},
	"odd": func(s *rng.Stream) float32 {
		if s.Intn(150) > 0 {
			return float32(2*s.Float64() - 1)
		}
		odd := []float32{nan, inf, -inf, math.Float32frombits(0xffffffff), math.Float32frombits(0x7f800001), math.MaxFloat32, 0x1p63, -0x1p-126, 1e-45}
		return odd[s.Intn(len(odd))]
	},
	"zero": func(s *rng.Stream) float32 { return float32(math.Copysign(0, float64(s.Intn(2))-0.5)) },
}

// attentionShapes are rows, heads and the size of a head.
func attentionShapes() (d [][3]int) {
	for m := 1; m <= 50; m++ {
		d = append(d, [3]int{m, 2 + m%3, 32})
	}
	for _, m := range []int{63, 64, 65, 80, 96, 97, 130, 200, 300} {
		d = append(d, [3]int{m, 1 + m%2, 32})
	}
	for _, size := range []int{1, 2, 5, 8, 12, 15, 16, 17, 31, 33, 48, 64, 80, 96, 128} {
		for _, m := range []int{1, 3, 16, 19, 35} {
			d = append(d, [3]int{m, 2, size})
		}
	}
	return append(d, [3]int{14, 12, 32}, [3]int{37, 12, 32}, [3]int{70, 12, 64})
}

// TestAttendExact compares all levels with the definition. What lies around the results stays as it
// is.
func TestAttendExact(t *testing.T) {
	spaces := map[Level]*Attention{}
	for _, level := range Levels() {
		spaces[level] = new(Attention) // one for all, so that its memory is used again
	}
	for name, kind := range attentionKinds {
		for n, d := range attentionShapes() {
			if testing.Short() && n%4 != 0 || name != "random" && n%3 != 0 {
				continue
			}
			m, heads, size := d[0], d[1], d[2]
			h := heads * size
			r := rng.New(51, uint64(n))
			var in [3]blas32.General
			for i := range in {
				in[i] = matrix(&r, m, h, i, n%5)
				for j := range m {
					for l := range h {
						in[i].Data[j*in[i].Stride+l] = kind(&r)
					}
				}
			}
			dst := matrix(&r, m, h, 3, n%7)
			want := append([]float32(nil), dst.Data...)
			for at := 0; at < h; at += size {
				head := func(x blas32.General) blas32.General {
					return blas32.General{Rows: m, Cols: size, Stride: x.Stride, Data: x.Data[at:]}
				}
				for i, row := range attendTwin(head(in[0]), head(in[1]), head(in[2]), 0.3) {
					copy(want[i*dst.Stride+at:], row)
				}
			}
			for _, level := range Levels() {
				got := dst
				got.Data = append([]float32(nil), dst.Data...)
				var own [3]blas32.General
				for i, x := range in {
					own[i] = x
					own[i].Data = append(make([]float32, 1), x.Data...)[1:]
				}
				kernels(t, level).Attend(got, own[0], own[1], own[2], size, 0.3, spaces[level])
				sameBits(t, want, got.Data, fmt.Sprintf("%s %s %v", level, name, d))
			}
		}
	}
}

// TestHalfExact compares with rounding by the definition: the nearest of the two neighbors, halves
// to the even one.
func TestHalfExact(t *testing.T) {
	r := rng.New(52)
	for range 200_000 {
		x := math.Float32frombits(uint32(r.Uint64()))
		y := half(x)
		a := math.Abs(float64(x))
		require.Zero(t, math.Float32bits(y)&0xffff)
		switch {
		case x != x:
			require.True(t, y != y)
		case a < 0x1p-56:
			require.Equal(t, uint32(0), math.Float32bits(y))
		case a >= 0x1p63:
			require.Equal(t, math.Copysign(math.Inf(1), float64(x)), float64(y))
		default:
			down := math.Float32frombits(math.Float32bits(x) & 0xffff0000)
			up := math.Float32frombits(math.Float32bits(x)&0xffff0000 + 0x10000)
			below, above := math.Abs(float64(x)-float64(down)), math.Abs(float64(up)-float64(x))
			want := down
			if above < below || above == below && math.Float32bits(up)&0x10000 == 0 {
				want = up
			}
			require.Equal(t, want, y, x)
		}
	}
}

// TestAttendWithinTolerance compares with float64.
func TestAttendWithinTolerance(t *testing.T) {
	const m, size = 90, 32
	r := rng.New(53)
	q, keys, values := matrix(&r, m, size, 0, 0), matrix(&r, m, size, 0, 0), matrix(&r, m, size, 0, 0)
	want := make([]float64, m*size)
	for i := range m {
		var total float64
		for j := range m {
			var s float64
			for l := range size {
				s += float64(q.Data[i*size+l]) * float64(keys.Data[j*size+l])
			}
			w := math.Exp(s * 0.5)
			total += w
			for c := range size {
				want[i*size+c] += w * float64(values.Data[j*size+c])
			}
		}
		for c := range size {
			want[i*size+c] /= total
		}
	}
	dst := blas32.General{Rows: m, Cols: size, Stride: size, Data: make([]float32, m*size)}
	kernels(t, Default()).Attend(dst, q, keys, values, size, 0.5, new(Attention))
	for i, v := range dst.Data {
		require.InDelta(t, want[i], float64(v), 3e-3) // bfloat16 has 8 bits
	}
}

func TestAttendMisuse(t *testing.T) {
	r := rng.New(54)
	x, y := matrix(&r, 3, 8, 0, 0), matrix(&r, 2, 8, 0, 0)
	for _, level := range Levels() {
		k := kernels(t, level)
		k.Attend(blas32.General{}, blas32.General{}, blas32.General{}, blas32.General{}, 4, 1, new(Attention))
		require.Panics(t, func() { k.Attend(x, x, y, x, 4, 1, new(Attention)) })
		require.Panics(t, func() { k.Attend(x, x, x, x, 3, 1, new(Attention)) })
		require.Panics(t, func() { k.Attend(x, x, x, x, 0, 1, new(Attention)) })
	}
}

func TestAttendAllocatesNothing(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		r := rng.New(55)
		var s Attention
		for _, size := range []int{32, 12} {
			dst, q, keys, values := matrix(&r, 37, 96, 0, 0), matrix(&r, 37, 96, 0, 0), matrix(&r, 37, 96, 0, 0), matrix(&r, 37, 96, 0, 0)
			k.Attend(dst, q, keys, values, size, 1, &s)
			require.Zero(t, testing.AllocsPerRun(10, func() { k.Attend(dst, q, keys, values, size, 1, &s) }), level)
		}
	}
}

func BenchmarkAttend(b *testing.B) {
	for _, level := range Levels() {
		for _, m := range []int{14, 32, 64, 256} {
			b.Run(fmt.Sprintf("%s/%d", level, m), func(b *testing.B) {
				k := kernels(b, level)
				r := rng.New(6)
				qkv, dst := matrix(&r, m, 3*384, 0, 0), matrix(&r, m, 384, 0, 0)
				part := func(i int) blas32.General {
					return blas32.General{Rows: m, Cols: 384, Stride: 3 * 384, Data: qkv.Data[i*384:]}
				}
				var s Attention
				for b.Loop() {
					k.Attend(dst, part(0), part(1), part(2), 32, 0.17, &s)
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/12*1e6, "µs/head")
			})
		}
	}
}
