package simd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// TestMulNNExact compares with a plain sum over k. What lies around the matrices is NaN, and stays as it is.
func TestMulNNExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		for n, d := range shapes() {
			if d[0]*d[1]*d[2] > 1<<20 {
				continue
			}
			r := rng.New(31, uint64(n))
			a := matrix(&r, d[0], d[2], n%3, n%5)
			b := matrix(&r, d[2], d[1], n%4, n%7)
			if last := (d[2]-1)*b.Stride + d[1]; d[2] > 0 {
				b.Data = b.Data[:last:last]
			}
			c := matrix(&r, d[0], d[1], n%5, n%3)
			want := append([]float32(nil), c.Data...)
			for i := range d[0] {
				for j := range d[1] {
					var s float32
					for l := range d[2] {
						s += float32(a.Data[i*a.Stride+l] * b.Data[l*b.Stride+j])
					}
					want[i*c.Stride+j] = s
				}
			}
			k.MulNN(c, a, b)
			require.Equal(t, bits(want), bits(c.Data), "%s %v", level, d)
		}
	}
}

// TestUnfusedOddNumbersSameBits checks that infinities, NaNs, zeros of both signs and overflow come out alike.
func TestUnfusedOddNumbersSameBits(t *testing.T) {
	const m, n, depth = 15, 37, 9
	r := rng.New(32)
	odd := func(rows, cols int) blas32.General {
		x := matrix(&r, rows, cols, 0, 0)
		for i := range x.Data {
			switch r.Intn(12) {
			case 0:
				x.Data[i] = float32(math.Copysign(0, -1))
			case 1:
				x.Data[i] = 3e38
			case 2:
				x.Data[i] = 1e-40
			}
		}
		return x
	}
	a, b := odd(m, depth), odd(n, depth)
	a.Data[3], a.Data[4*depth], b.Data[7] = nan, inf, -inf
	turned := blas32.General{Rows: depth, Cols: n, Stride: n, Data: make([]float32, depth*n)}
	for i := range n {
		for l := range depth {
			turned.Data[l*n+i] = b.Data[i*depth+l]
		}
	}
	var want []float32
	for _, level := range Levels() {
		k := kernels(t, level)
		c, d := matrix(&r, m, n, 0, 0), matrix(&r, m, n, 0, 0)
		k.MulNTUnfused(c, a, k.Pack(b))
		k.MulNN(d, a, turned)
		if want == nil {
			want = c.Data
		}
		sameBits(t, want, c.Data, string(level))
		sameBits(t, want, d.Data, string(level))
	}
}

// TestAttentionSameBits runs a head of attention on every level, for texts of many lengths.
func TestAttentionSameBits(t *testing.T) {
	const size, stride = 32, 100
	for _, m := range []int{1, 2, 7, 8, 12, 13, 16, 17, 20, 31, 33, 64, 100} {
		r := rng.New(33, uint64(m))
		qkv := floats(&r, m*stride, 2)
		at := func(part int) blas32.General {
			return blas32.General{Rows: m, Cols: size, Stride: stride, Data: qkv[part*size:]}
		}
		var want []uint32
		for _, level := range Levels() {
			k := kernels(t, level)
			scores, mixed := matrix(&r, m, m, 0, 0), matrix(&r, m, size, 3, 0)
			k.MulNTUnfused(scores, at(0), k.Pack(at(1)))
			for i := range m {
				k.Softmax(scores.Data[i*m:][:m], 0.2)
			}
			k.MulNN(mixed, scores, at(2))
			var got []uint32
			for i := range m {
				got = append(got, bits(mixed.Data[i*mixed.Stride:][:size])...)
			}
			if want == nil {
				want = got
			}
			require.Equal(t, want, got, "%s %d", level, m)
		}
	}
}

// TestPackExact checks the place of every value in the panels.
func TestPackExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		p := new(Panels)
		k.PackInto(p, blas32.General{Rows: 70, Cols: 70, Stride: 70, Data: make([]float32, 4900)})
		for rows := 1; rows <= 66; rows++ {
			for _, cols := range []int{1, 2, 7, 8, 9, 15, 16, 17, 32, 45} {
				r := rng.New(34)
				b := matrix(&r, rows, cols, rows%3, cols%5)
				last := (rows-1)*b.Stride + cols
				b.Data = b.Data[:last:last]
				fill(p.data[:cap(p.data)], nan)
				k.PackInto(p, b)
				w := k.cols
				require.Len(t, p.data, (rows+w-1)/w*w*cols)
				for i, v := range p.data {
					panel, in := i/(w*cols), i%(w*cols)
					row, want := panel*w+in%w, float32(0)
					if row < rows {
						want = b.Data[row*b.Stride+in/w]
					}
					if v != want {
						t.Fatalf("%s %d×%d: value %d is %v, want %v", level, rows, cols, i, v, want)
					}
				}
			}
		}
	}
}

func TestMulNNPanicsOnMisuse(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		r := rng.New(35)
		a, b, c := matrix(&r, 4, 6, 0, 0), matrix(&r, 6, 5, 0, 0), matrix(&r, 4, 5, 0, 0)
		p := k.Pack(matrix(&r, 5, 6, 0, 0))
		require.Zero(t, testing.AllocsPerRun(5, func() {
			k.MulNN(c, a, b)
			k.MulNTUnfused(c, a, p)
		}))
		require.Panics(t, func() { k.MulNN(c, b, a) })
		require.Panics(t, func() { k.MulNN(a, a, b) })
		require.Panics(t, func() { k.MulNTUnfused(c, matrix(&r, 4, 7, 0, 0), p) })
		short := b
		short.Data = short.Data[:29]
		require.Panics(t, func() { k.MulNN(c, a, short) })
	}
}

func BenchmarkMulNTUnfused(b *testing.B) {
	for _, level := range Levels() {
		for _, d := range [][3]int{{500, 384, 384}, {256, 256, 32}, {20, 20, 32}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", level, d[0], d[1], d[2]), func(b *testing.B) {
				k := kernels(b, level)
				r := rng.New(6)
				a, w, c := matrix(&r, d[0], d[2], 0, 0), matrix(&r, d[1], d[2], 0, 0), matrix(&r, d[0], d[1], 0, 0)
				p := k.Pack(w)
				for b.Loop() {
					k.MulNTUnfused(c, a, p)
				}
				b.ReportMetric(2*float64(d[0]*d[1]*d[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkHead is the attention of one head of 32 as an encoder with a hidden size of 384 calls it.
func BenchmarkHead(b *testing.B) {
	const size, stride = 32, 3 * 384
	for _, level := range Levels() {
		for _, m := range []int{8, 16, 20, 32, 64, 128, 256} {
			k := kernels(b, level)
			r := rng.New(6)
			qkv, s, c := floats(&r, m*stride, 1), matrix(&r, m, m, -m&15, 0), matrix(&r, m, size, 0, 0)
			at := func(part int) blas32.General {
				return blas32.General{Rows: m, Cols: size, Stride: stride, Data: qkv[part*384:]}
			}
			flops := 2 * float64(m*m*size)
			var p Panels
			parts := []struct {
				name string
				run  func()
			}{
				{"pack", func() { k.PackInto(&p, at(1)) }},
				{"scores", func() { k.MulNTUnfused(s, at(0), &p) }},
				{"softmax", func() {
					for i := range m {
						k.Softmax(s.Data[i*s.Stride:][:m], 0.1)
					}
				}},
				{"values", func() { k.MulNN(c, s, at(2)) }},
			}
			for i, part := range parts {
				b.Run(fmt.Sprintf("%s/%d/%s", level, m, part.name), func(b *testing.B) {
					k.PackInto(&p, at(1))
					for b.Loop() {
						part.run()
					}
					if i%2 == 1 {
						b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
					}
				})
			}
		}
	}
}
