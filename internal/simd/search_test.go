package simd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

func TestBelowExact(t *testing.T) {
	s := rng.New(1)
	values := []float32{0, 1, -1, 2.5, nan, inf, -inf}
	value := func() float32 {
		if s.Intn(6) == 0 {
			return values[s.Intn(len(values))]
		}
		return float32(s.Float64()*4 - 2)
	}
	for _, cols := range []int{1, 15, 16, 17, 63, 64, 65, 192, 200} {
		for rows := range 5 {
			padded, words := (cols+15)&^15, (cols+63)/64
			c := blas32.General{Rows: rows, Cols: cols, Stride: padded + 3, Data: make([]float32, rows*(padded+3))}
			add, row, col := make([]float32, rows), make([]float32, rows), make([]float32, padded)
			for _, v := range [][]float32{c.Data, add, row, col} {
				for i := range v {
					v[i] = value()
				}
			}
			for _, level := range Levels() {
				k, err := For(level)
				require.NoError(t, err)
				mask := make([]uint64, rows*words)
				for i := range mask {
					mask[i] = math.MaxUint64
				}
				k.Below(mask, c, add, row, col)
				for i := range rows {
					for j := range 64 * words {
						want := false
						if j < cols {
							v := c.Data[i*c.Stride+j] + add[i]
							want = v <= row[i] || v <= col[j]
						}
						require.Equal(t, want, mask[i*words+j/64]>>(j%64)&1 == 1, "%s, %d columns, row %d, column %d", level, cols, i, j)
					}
				}
			}
		}
	}
	k, err := For(PureGo)
	require.NoError(t, err)
	require.Panics(t, func() {
		k.Below(make([]uint64, 1), blas32.General{Rows: 1, Cols: 9, Stride: 9, Data: make([]float32, 9)}, make([]float32, 1), make([]float32, 1), make([]float32, 9))
	})
}

func TestSums64Exact(t *testing.T) {
	for _, kind := range rowsOf[:8] {
		s := rng.New(2)
		for n := range 70 {
			for skip := range 3 {
				a, _ := unaligned(n, skip, func(i int) float32 { return kind.f(&s, i) })
				b, _ := unaligned(n, 2*skip, func(i int) float32 { return kind.f(&s, i) })
				var dots, squares, absolutes [8]float64
				for i, v := range a {
					dots[i%8] += float64(v) * float64(b[i])
					squares[i%8] += square64(v, b[i])
					absolutes[i%8] += absolute64(v, b[i])
				}
				for _, level := range Levels() {
					k, err := For(level)
					require.NoError(t, err)
					what := fmt.Sprintf("%s, %s, %d values", level, kind.name, n)
					same64(t, Total(&dots), k.Dot64(a, b), what)
					same64(t, Total(&squares), k.Squares64(a, b), what)
					same64(t, Total(&absolutes), k.Absolute64(a, b), what)
				}
			}
		}
	}
}

// same64 compares the bits of two values; one NaN is like another.
func same64(t *testing.T, want, got float64, what string) {
	t.Helper()
	if math.Float64bits(want) != math.Float64bits(got) && (want == want || got == got) {
		t.Fatalf("%s: want %v, got %v", what, want, got)
	}
}

func TestRowsInt8Exact(t *testing.T) {
	s := rng.New(3)
	for _, depth := range []int{0, 1, 3, 16, 17, 64, 100, 192} {
		const rows, n = 45, 69
		q, w := make([]int8, rows*depth), make([]int8, n*depth)
		for i := range q {
			q[i] = int8(s.Intn(256) - 128)
		}
		for i := range w {
			w[i] = int8(s.Intn(256) - 128)
		}
		sq, sw := make([]float32, rows), make([]float32, n)
		for i := range sq {
			sq[i] = float32(s.Float64())
		}
		for i := range sw {
			sw[i] = float32(s.Float64())
		}
		for _, level := range Levels() {
			k, err := For(level)
			require.NoError(t, err)
			var a Quantised
			for range 2 { // again in the same memory
				k.RowsInt8(&a, depth, q, sq)
			}
			c := blas32.General{Rows: rows, Cols: n, Stride: n, Data: make([]float32, rows*n)}
			k.MulInt8(c, &a, k.PackInt8(n, depth, w, sw), nil)
			for i := range rows {
				for j := range n {
					sum := int32(0)
					for l := range depth {
						sum += int32(q[i*depth+l]) * int32(w[j*depth+l])
					}
					require.Equal(t, float32(sum)*(sq[i]*sw[j]), c.Data[i*n+j], "%s, depth %d", level, depth)
				}
			}
		}
	}
	k, err := For(PureGo)
	require.NoError(t, err)
	require.Panics(t, func() { k.RowsInt8(new(Quantised), 3, make([]int8, 5), make([]float32, 2)) })
}

func TestDotInt8Exact(t *testing.T) {
	s := rng.New(4)
	for n := 0; n <= 512; n += 32 {
		for skip := range 3 {
			a, b := make([]int8, skip+n)[skip:], make([]int8, 2*skip+n)[2*skip:]
			want := int32(0)
			for i := range a {
				a[i], b[i] = int8(s.Intn(256)-128), int8(s.Intn(256)-128)
				if skip == 2 {
					a[i], b[i] = -128, -128
				}
				want += int32(a[i]) * int32(b[i])
			}
			for _, level := range Levels() {
				k, err := For(level)
				require.NoError(t, err)
				require.Equal(t, want, k.DotInt8(a, b), "%s, %d values", level, n)
			}
		}
	}
	k, err := For(PureGo)
	require.NoError(t, err)
	require.Panics(t, func() { k.DotInt8(make([]int8, 31), make([]int8, 31)) })
}

func BenchmarkSearch(b *testing.B) {
	const rows, cols = 192, 192
	c := blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
	limit := make([]float32, cols)
	mask := make([]uint64, rows*3)
	x, y := make([]float32, 384), make([]float32, 384)
	for i := range c.Data {
		c.Data[i] = 1
	}
	p, q := make([]int8, 384), make([]int8, 384)
	for _, level := range Levels() {
		k, err := For(level)
		require.NoError(b, err)
		b.Run(fmt.Sprintf("below/%s", level), func(b *testing.B) {
			for b.Loop() {
				k.Below(mask, c, limit, limit, limit)
			}
		})
		b.Run(fmt.Sprintf("dot64/%s", level), func(b *testing.B) {
			for b.Loop() {
				k.Dot64(x, y)
			}
		})
		b.Run(fmt.Sprintf("dotInt8/%s", level), func(b *testing.B) {
			for b.Loop() {
				k.DotInt8(p, q)
			}
		})
		b.Run(fmt.Sprintf("squares64/%s", level), func(b *testing.B) {
			for b.Loop() {
				k.Squares64(x, y)
			}
		})
	}
}
