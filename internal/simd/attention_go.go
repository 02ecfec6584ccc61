package simd

import (
	"math"
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"
)

// The plain Go twins of the kernels of attention.

const (
	halfLeast    = 0x1p-56
	halfMost     = 0x1p63
	weightsLeast = -38
)

// half rounds a value to bfloat16, as Attend says.
func half(x float32) float32 {
	b := math.Float32bits(x)
	size := b &^ (1 << 31)
	switch {
	case size < math.Float32bits(halfLeast):
		return 0
	case x != x:
		b |= 0x00400000
	case size >= math.Float32bits(halfMost):
		b |= 0x7f800000
		b &^= 0x007fffff
	default:
		b += 0x7fff + b>>16&1
	}
	return math.Float32frombits(b & 0xffff0000)
}

func roundHalfGo(x blas32.General) {
	for i := range x.Rows {
		row := x.Data[i*x.Stride:][:x.Cols]
		for j, v := range row {
			row[j] = half(v)
		}
	}
}

// weightsGo makes the weights of a row of scores and returns one over their sum.
func weightsGo(row []float32, scale float32) (inv float32) {
	top := float32(math.Inf(-1))
	for _, v := range row {
		if v > top {
			top = v
		}
	}
	for i, v := range row {
		row[i] = half(expAbove(float32((v-top)*scale), weightsLeast))
	}
	return 1 / sum(row)
}

// pairsGo makes cols columns of rows rows of c; see Attend for the order of the sums.
func pairsGo(rows, cols int, c *float32, ldc int, a *float32, lda int, b *float32, ldb, steps int, by *float32, byStep int) {
	cs := unsafe.Slice(c, (rows-1)*ldc+cols)
	as := unsafe.Slice(a, (rows-1)*lda+steps)
	bs := unsafe.Slice(b, (steps-1)*ldb+cols)
	factors := unsafe.Slice(by, (rows-1)*byStep/4+1)
	row := func(r int) []float32 { return as[r*lda:][:steps] }
	set := func(r, j int, sum float32) { cs[r*ldc+j] = float32(sum * factors[r*byStep/4]) }
	for r := 0; r < rows; r += goRows {
		for j := 0; j < cols; j += goCols {
			if j+goCols <= cols { // the last row stands for those that are not there
				s := pairsGo3(row(r), row(min(r+1, rows-1)), row(min(r+2, rows-1)), bs[j:], ldb)
				for i := range min(goRows, rows-r) {
					set(r+i, j, s[goCols*i])
					set(r+i, j+1, s[goCols*i+1])
				}
				continue
			}
			for i := r; i < min(r+goRows, rows); i++ {
				for l := j; l < min(j+goCols, cols); l++ {
					set(i, l, pairGo(row(i), bs[l:], ldb))
				}
			}
		}
	}
}

// pairGo makes one value.
func pairGo(a, b []float32, ldb int) (total float32) {
	for from := 0; from < len(a); from += halfSteps {
		var sums [2]float32
		for k := from; k < min(from+halfSteps, len(a)); k++ {
			sums[k%2] += float32(a[k] * b[k*ldb])
		}
		total += sums[0] + sums[1]
	}
	return total
}

// pairsGo3 makes three rows and two columns.
func pairsGo3(a0, a1, a2, b []float32, ldb int) (total [goRows * goCols]float32) {
	for from := 0; from < len(a0); from += halfSteps {
		to := min(from+halfSteps, len(a0))
		even := everySecond(a0[from:to], a1[from:to], a2[from:to], b[from*ldb:], 2*ldb)
		if from+1 == to { // the sums of no odd products are zero
			for i, s := range even {
				total[i] += s
			}
			break
		}
		odd := everySecond(a0[from+1:to], a1[from+1:to], a2[from+1:to], b[(from+1)*ldb:], 2*ldb)
		for i, s := range even {
			total[i] += s + odd[i]
		}
	}
	return total
}

// everySecond adds up the products of every second k. A compiler without vectors keeps six sums in
// registers; the even and the odd ones together would be too many.
func everySecond(a0, a1, a2, b []float32, step int) [goRows * goCols]float32 {
	var s00, s01, s10, s11, s20, s21 float32
	a1, a2 = a1[:len(a0)], a2[:len(a0)]
	i := 0
	for k := 0; k < len(a0); k += 2 {
		if uint(i+1) >= uint(len(b)) {
			break
		}
		u, v := b[i], b[i+1]
		i += step
		x, y, z := a0[k], a1[k], a2[k]
		s00 += float32(x * u)
		s01 += float32(x * v)
		s10 += float32(y * u)
		s11 += float32(y * v)
		s20 += float32(z * u)
		s21 += float32(z * v)
	}
	return [...]float32{s00, s01, s10, s11, s20, s21}
}
