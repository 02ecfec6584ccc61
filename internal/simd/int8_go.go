package simd

import (
	"math"
	"unsafe"
)

// goInt8Cols is the number of columns in a tile of the plain Go kernel. Two columns share a 64-bit word, so that one
// multiplication makes two products: the lower sum is the lower half of the word as a signed number, and the upper sum
// is what is left after taking it away.
const goInt8Cols = 4

func tileInt8Go(rows int, c *float32, ldc int, a *Quantised, row int, p *PanelsInt8, panel int, bias *float32) {
	pairs := p.pairs[panel*goInt8Cols/2*p.padded:][:goInt8Cols/2*p.K]
	cs := unsafe.Slice(c, (rows-1)*ldc+goInt8Cols)
	bs := unsafe.Slice(bias, goInt8Cols)
	at := func(r int) []uint8 { return a.bytes[(row+r)*a.stride:][:p.K] }
	var sums [goRows][goInt8Cols / 2]int64
	if rows == goRows {
		sums = sumInt8Go3(at(0), at(1), at(2), pairs)
	} else {
		for r := range rows {
			sums[r] = sumInt8Go1(at(r), pairs)
		}
	}
	for r := range rows {
		for j := range goInt8Cols {
			pair := sums[r][j/2]
			sum := int32(pair)
			if j%2 == 1 {
				sum = int32((pair - int64(sum)) >> 32)
			}
			col := panel*goInt8Cols + j
			sum += a.zero[row+r] * p.minus[col]
			scale := float32(a.scale[row+r] * p.scale[col])
			cs[r*ldc+j] = float32(float32(sum)*scale) + bs[j]
		}
	}
}

func sumInt8Go3(a0, a1, a2 []uint8, b []int64) (s [goRows][goInt8Cols / 2]int64) {
	var s00, s01, s10, s11, s20, s21 int64
	a1, a2 = a1[:len(a0)], a2[:len(a0)]
	for k, x := range a0 {
		i := 2 * k
		if uint(i+1) >= uint(len(b)) {
			break
		}
		u, v := b[i], b[i+1]
		x, y, z := int64(x), int64(a1[k]), int64(a2[k])
		s00 += x * u
		s01 += x * v
		s10 += y * u
		s11 += y * v
		s20 += z * u
		s21 += z * v
	}
	return [goRows][goInt8Cols / 2]int64{{s00, s01}, {s10, s11}, {s20, s21}}
}

func sumInt8Go1(a []uint8, b []int64) (s [goInt8Cols / 2]int64) {
	for k, x := range a {
		i := 2 * k
		if uint(i+1) >= uint(len(b)) {
			break
		}
		s[0] += int64(x) * b[i]
		s[1] += int64(x) * b[i+1]
	}
	return s
}

func extentGo(x, by []float32) (lo, hi float32, top uint32) {
	for i, v := range x {
		if by != nil {
			v *= by[i]
		}
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
		top = max(top, math.Float32bits(v)&^(1<<31))
	}
	return lo, hi, top
}

// nearest is 1.5·2²³: added to a number of less than 2²² in size it leaves no place for a fraction, so the sum is rounded
// to an integer, halves to even, which stands in its lower bits.
const nearest = 0x1.8p23

func quantiseGo(q []uint8, x, by []float32, inv float32, zero int32) {
	base := zero - int32(math.Float32bits(nearest))
	for i, v := range x {
		if by != nil {
			v *= by[i]
		}
		n := int32(math.Float32bits(float32(v*inv)+nearest)) + base
		q[i] = uint8(min(max(n, 0), 255))
	}
}
