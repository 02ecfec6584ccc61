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
	for r := 0; r < rows; r += 2 {
		for j := 0; j < cols; j += 2 {
			if r+1 == rows || j+1 == cols {
				for i := r; i < min(r+2, rows); i++ {
					for l := j; l < min(j+2, cols); l++ {
						cs[i*ldc+l] = float32(pairGo(as[i*lda:][:steps], bs[l:], ldb) * factors[i*byStep/4])
					}
				}
				continue
			}
			s := pairsGo2(as[r*lda:][:steps], as[(r+1)*lda:][:steps], bs[j:], ldb)
			f, g := factors[r*byStep/4], factors[(r+1)*byStep/4]
			cs[r*ldc+j], cs[r*ldc+j+1] = float32(s[0]*f), float32(s[1]*f)
			cs[(r+1)*ldc+j], cs[(r+1)*ldc+j+1] = float32(s[2]*g), float32(s[3]*g)
		}
	}
}

// pairGo makes one value.
func pairGo(a, b []float32, ldb int) (total float32) {
	for len(a) > 0 {
		n := min(halfSteps, len(a))
		var sums [2]float32
		for k, x := range a[:n] {
			sums[k%2] += float32(x * b[0])
			b = b[min(ldb, len(b)):]
		}
		a = a[n:]
		total += sums[0] + sums[1]
	}
	return total
}

// pairsGo2 makes two rows and two columns.
func pairsGo2(a0, a1, b []float32, ldb int) (total [4]float32) {
	i := 0
	for len(a0) > 0 {
		n := min(halfSteps, len(a0))
		x, y := a0[:n], a1[:n]
		a0, a1 = a0[n:], a1[n:]
		var e00, e01, e10, e11, o00, o01, o10, o11 float32
		for len(x) > 1 && len(y) > 1 {
			if uint(i+1) >= uint(len(b)) {
				break
			}
			u, v := b[i], b[i+1]
			i += ldb
			e00 += float32(x[0] * u)
			e01 += float32(x[0] * v)
			e10 += float32(y[0] * u)
			e11 += float32(y[0] * v)
			if uint(i+1) >= uint(len(b)) {
				break
			}
			u, v = b[i], b[i+1]
			i += ldb
			o00 += float32(x[1] * u)
			o01 += float32(x[1] * v)
			o10 += float32(y[1] * u)
			o11 += float32(y[1] * v)
			x, y = x[2:], y[2:]
		}
		if len(x) > 0 {
			u, v := b[i], b[i+1]
			i += ldb
			e00 += float32(x[0] * u)
			e01 += float32(x[0] * v)
			e10 += float32(y[0] * u)
			e11 += float32(y[0] * v)
		}
		total[0] += e00 + o00
		total[1] += e01 + o01
		total[2] += e10 + o10
		total[3] += e11 + o11
	}
	return total
}
