package simd

import "unsafe"

func mulUnfusedGo(rows, cols int, c *float32, ldc int, a *float32, lda int, b *float32, ldb, steps int) {
	cs := unsafe.Slice(c, (rows-1)*ldc+cols)
	as := unsafe.Slice(a, (rows-1)*lda+steps)
	bs := unsafe.Slice(b, (steps-1)*ldb+cols)
	if rows == goRows && cols == goCols {
		mulUnfusedGo3(cs, ldc, as[:steps], as[lda:lda+steps], as[2*lda:], bs, ldb)
		return
	}
	for r := range rows {
		for j := range cols {
			var s float32
			for k, x := range as[r*lda:][:steps] {
				s += float32(x * bs[k*ldb+j])
			}
			cs[r*ldc+j] = s
		}
	}
}

// mulUnfusedGo3 makes a full tile.
func mulUnfusedGo3(c []float32, ldc int, a0, a1, a2, b []float32, ldb int) {
	var s00, s01, s10, s11, s20, s21 float32
	a1, a2 = a1[:len(a0)], a2[:len(a0)]
	i := 0
	for k, x := range a0 {
		if uint(i+1) >= uint(len(b)) {
			break
		}
		u, v := b[i], b[i+1]
		i += ldb
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
