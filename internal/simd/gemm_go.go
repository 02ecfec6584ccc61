package simd

import "unsafe"

// goRows and goCols are the size of a tile of the plain Go kernel. A compiler without vectors keeps six sums, six products
// and the operands in registers; a larger tile spills and is slower.
const (
	goRows = 3
	goCols = 2
)

// tileGo works on rows rows of a and one whole panel.
func tileGo(rows int, c *float32, ldc int, a *float32, lda int, panel []float32, op operation) {
	if op == opSquare {
		squareGo(rows, c, ldc, a, lda, panel, len(panel)/goCols)
	} else {
		mulGo(rows, c, ldc, a, lda, panel, len(panel)/goCols)
	}
}

func mulGo(rows int, c *float32, ldc int, a *float32, lda int, panel []float32, steps int) {
	cs := unsafe.Slice(c, (rows-1)*ldc+goCols)
	as := unsafe.Slice(a, (rows-1)*lda+steps)
	if rows == goRows {
		mulGo3(cs, ldc, as[:steps], as[lda:lda+steps], as[2*lda:], panel)
		return
	}
	for r := range rows {
		mulGo1(cs[r*ldc:], as[r*lda:][:steps], panel)
	}
}

// mulGo3 makes three rows of a tile. The conversions of the products keep a compiler from fusing them into the sums.
func mulGo3(c []float32, ldc int, a0, a1, a2, b []float32) {
	var s00, s01, s10, s11, s20, s21 float32
	a1 = a1[:len(a0)]
	a2 = a2[:len(a0)]
	for k, x := range a0 {
		i := goCols * k
		if uint(i+1) >= uint(len(b)) {
			break
		}
		u, v := b[i], b[i+1]
		y, z := a1[k], a2[k]
		s00 += float32(x * u)
		s01 += float32(x * v)
		s10 += float32(y * u)
		s11 += float32(y * v)
		s20 += float32(z * u)
		s21 += float32(z * v)
	}
	c[0], c[1] = s00, s01
	c[ldc], c[ldc+1] = s10, s11
	c[2*ldc], c[2*ldc+1] = s20, s21
}

// mulGo1 makes one row of a tile, step by step as mulGo3 does.
func mulGo1(c, a, b []float32) {
	var s0, s1 float32
	for k, x := range a {
		i := goCols * k
		if uint(i+1) >= uint(len(b)) {
			break
		}
		s0 += float32(x * b[i])
		s1 += float32(x * b[i+1])
	}
	c[0], c[1] = s0, s1
}

func squareGo(rows int, c *float32, ldc int, a *float32, lda int, panel []float32, steps int) {
	cs := unsafe.Slice(c, (rows-1)*ldc+goCols)
	as := unsafe.Slice(a, (rows-1)*lda+steps)
	if rows == goRows {
		squareGo3(cs, ldc, as[:steps], as[lda:lda+steps], as[2*lda:], panel)
		return
	}
	for r := range rows {
		squareGo1(cs[r*ldc:], as[r*lda:][:steps], panel)
	}
}

// squareGo3 makes three rows of a tile of squared distances.
func squareGo3(c []float32, ldc int, a0, a1, a2, b []float32) {
	var s00, s01, s10, s11, s20, s21 float32
	a1 = a1[:len(a0)]
	a2 = a2[:len(a0)]
	for k, x := range a0 {
		i := goCols * k
		if uint(i+1) >= uint(len(b)) {
			break
		}
		u, v := b[i], b[i+1]
		y, z := a1[k], a2[k]
		s00 += float32((x - u) * (x - u))
		s01 += float32((x - v) * (x - v))
		s10 += float32((y - u) * (y - u))
		s11 += float32((y - v) * (y - v))
		s20 += float32((z - u) * (z - u))
		s21 += float32((z - v) * (z - v))
	}
	c[0], c[1] = s00, s01
	c[ldc], c[ldc+1] = s10, s11
	c[2*ldc], c[2*ldc+1] = s20, s21
}

// squareGo1 makes one row of a tile, step by step as squareGo3 does.
func squareGo1(c, a, b []float32) {
	var s0, s1 float32
	for k, x := range a {
		i := goCols * k
		if uint(i+1) >= uint(len(b)) {
			break
		}
		s0 += float32((x - b[i]) * (x - b[i]))
		s1 += float32((x - b[i+1]) * (x - b[i+1]))
	}
	c[0], c[1] = s0, s1
}
