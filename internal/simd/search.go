package simd

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"
)

// Below marks the values of a block of scores that are small enough for their row or for their column. Bit j of the words
// of row i, ⌈c.Cols/64⌉ of them beginning at mask[i·⌈c.Cols/64⌉], the lowest bit of a word first, is set when c[i,j] +
// add[i] ≤ row[i] or c[i,j] + add[i] ≤ col[j], the sum rounded. NaN is not small.
//
// It panics when the lengths do not fit: add and row have c.Rows values, col at least c.Cols rounded up to a multiple of
// 16. The rows of c are at least so far apart, and all of that is read.
func (k *Kernels) Below(mask []uint64, c blas32.General, add, row, col []float32) {
	padded, words := (c.Cols+15)&^15, (c.Cols+63)/64
	mustFit("c", c)
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	if len(add) < c.Rows || len(row) < c.Rows || len(col) < padded || len(mask) < c.Rows*words || c.Stride < padded || len(c.Data) < (c.Rows-1)*c.Stride+padded {
		panic(fmt.Sprintf("simd: %d masks, %d, %d and %d limits for %d×%d scores with stride %d over %d values", len(mask), len(add), len(row), len(col), c.Rows, c.Cols, c.Stride, len(c.Data)))
	}
	for i := range c.Rows {
		m := mask[i*words:][:words]
		m[words-1] = 0
		k.below(m, c.Data[i*c.Stride:][:padded], col[:padded], add[i], row[i])
		if r := c.Cols & 63; r != 0 {
			m[words-1] &= 1<<r - 1
		}
	}
}

func belowGo(mask []uint64, c, col []float32, add, row float32) {
	for w := range mask {
		bits := uint64(0)
		part := c[64*w : min(64*w+64, len(c))]
		for j, v := range part {
			if v += add; v <= row || v <= col[64*w+j] {
				bits |= 1 << j
			}
		}
		mask[w] = bits
	}
}

// Dot64, Squares64 and Absolute64 are the reductions in float64 that distances are made of, over rows of the same length. The bits do not depend
// on the level: value k goes to the sum k mod 8 of eight, in order, and those are added as
//
//	((s0+s4) + (s2+s6)) + ((s1+s5) + (s3+s7))

// Dot64 is the inner product. Each product is exact, so that it makes no difference whether it is fused into its sum.
func (k *Kernels) Dot64(a, b []float32) float64 {
	b = b[:len(a)]
	var s [8]float64
	whole := len(a) &^ 7
	if whole > 0 {
		k.dot64(a[:whole], b, &s)
	}
	for i, v := range a[whole:] {
		s[i] += float64(v) * float64(b[whole+i])
	}
	return Total(&s)
}

// Squares64 is the sum of squared differences. A square is rounded before it is added.
func (k *Kernels) Squares64(a, b []float32) float64 {
	b = b[:len(a)]
	var s [8]float64
	whole := len(a) &^ 7
	if whole > 0 {
		k.squares64(a[:whole], b, &s)
	}
	for i, v := range a[whole:] {
		s[i] += square64(v, b[whole+i])
	}
	return Total(&s)
}

// Absolute64 is the sum of absolute differences.
func (k *Kernels) Absolute64(a, b []float32) float64 {
	b = b[:len(a)]
	var s [8]float64
	whole := len(a) &^ 7
	if whole > 0 {
		k.absolute64(a[:whole], b, &s)
	}
	for i, v := range a[whole:] {
		s[i] += absolute64(v, b[whole+i])
	}
	return Total(&s)
}

// Total adds the eight sums of Dot64 and the like.
func Total(s *[8]float64) float64 {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

func dot64Go(a, b []float32, s *[8]float64) {
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	for len(a) >= 8 && len(b) >= 8 {
		s0 += float64(a[0]) * float64(b[0])
		s1 += float64(a[1]) * float64(b[1])
		s2 += float64(a[2]) * float64(b[2])
		s3 += float64(a[3]) * float64(b[3])
		s4 += float64(a[4]) * float64(b[4])
		s5 += float64(a[5]) * float64(b[5])
		s6 += float64(a[6]) * float64(b[6])
		s7 += float64(a[7]) * float64(b[7])
		a, b = a[8:], b[8:]
	}
	*s = [8]float64{s0, s1, s2, s3, s4, s5, s6, s7}
}

func squares64Go(a, b []float32, s *[8]float64) {
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	for len(a) >= 8 && len(b) >= 8 {
		s0 += square64(a[0], b[0])
		s1 += square64(a[1], b[1])
		s2 += square64(a[2], b[2])
		s3 += square64(a[3], b[3])
		s4 += square64(a[4], b[4])
		s5 += square64(a[5], b[5])
		s6 += square64(a[6], b[6])
		s7 += square64(a[7], b[7])
		a, b = a[8:], b[8:]
	}
	*s = [8]float64{s0, s1, s2, s3, s4, s5, s6, s7}
}

func absolute64Go(a, b []float32, s *[8]float64) {
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	for len(a) >= 8 && len(b) >= 8 {
		s0 += absolute64(a[0], b[0])
		s1 += absolute64(a[1], b[1])
		s2 += absolute64(a[2], b[2])
		s3 += absolute64(a[3], b[3])
		s4 += absolute64(a[4], b[4])
		s5 += absolute64(a[5], b[5])
		s6 += absolute64(a[6], b[6])
		s7 += absolute64(a[7], b[7])
		a, b = a[8:], b[8:]
	}
	*s = [8]float64{s0, s1, s2, s3, s4, s5, s6, s7}
}

func absolute64(a, b float32) float64 { return math.Abs(float64(a) - float64(b)) }

func square64(a, b float32) float64 {
	d := float64(a) - float64(b)
	return float64(d * d)
}

// RowsInt8 makes the left-hand side of MulInt8 of rows of int8 values, which lie one after the other in q and have depth
// values each; row i stands for q·scale[i]. It allocates only when the memory of dst is too small.
//
// It panics when the lengths do not fit or depth is greater than 65,536.
func (k *Kernels) RowsInt8(dst *Quantised, depth int, q []int8, scale []float32) {
	rows := len(scale)
	if depth < 0 || len(q) != rows*depth || depth > maxInt8 {
		panic(fmt.Sprintf("simd: rows of %d int8 values over %d values and %d scales", depth, len(q), rows))
	}
	dst.shape(k, rows, depth)
	copy(dst.scale, scale)
	for i := range rows {
		if dst.zero[i] = -math.MinInt8; k.tiles {
			dst.pair[i] = pairOf(dst.zero[i])
		}
		row, at := q[i*depth:][:depth], i*dst.stride
		if k.dot || k.set == setGo {
			to := dst.bytes[at:][:dst.stride]
			for j, v := range row {
				to[j] = uint8(v) ^ 0x80 ^ k.flip()
			}
			clear(to[depth:])
		} else {
			to := dst.words[at:][:dst.stride]
			for j, v := range row {
				to[j] = int16(v) - math.MinInt8
			}
			clear(to[depth:])
		}
	}
}

// DotInt8 is the inner product of two rows of the same length, a multiple of 32 and at most 65,536.
func (k *Kernels) DotInt8(a, b []int8) int32 {
	if len(a) != len(b) || len(a)%32 != 0 || len(a) > maxInt8 {
		panic(fmt.Sprintf("simd: int8 rows of %d and %d values", len(a), len(b)))
	}
	if len(a) == 0 {
		return 0
	}
	return k.dotInt8(a, b)
}

func dotInt8Go(a, b []int8) int32 {
	b = b[:len(a)]
	var s0, s1 int32
	for len(a) >= 2 && len(b) >= 2 {
		s0 += int32(a[0]) * int32(b[0])
		s1 += int32(a[1]) * int32(b[1])
		a, b = a[2:], b[2:]
	}
	return s0 + s1
}
