package simd

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
)

// MulNTUnfused is MulNT with every product and every sum rounded by itself, k = 0 … K−1 in order, at every level, so that
// all levels give the same bits: those of MulNT in plain Go. Shapes and panics are those of MulNT. Its tiles are cheap at
// the edges, for the many small products of attention.
func (k *Kernels) MulNTUnfused(c, a blas32.General, p *Panels) {
	if k.set == setGo {
		k.walk(c, a, p, opMul)
		return
	}
	if !k.fits(c, a, p) {
		return
	}
	block := k.block(p.K)
	for i0 := 0; i0 < a.Rows; i0 += block {
		for j := 0; j < p.N; j += k.cols {
			k.columns(c, a, i0, min(i0+block, a.Rows), j, p.data[j*p.K:], k.cols, min(k.cols, p.N-j))
		}
	}
}

// MulNN writes the product of a and b to c: a is M×K, b is K×N, c is M×N and is overwritten. Every product and every sum
// is rounded by itself, k = 0 … K−1 in order, so all levels give the same bits. b is read where it lies, which suits
// products with few columns. It uses one goroutine and allocates nothing. c must not overlap a or b.
//
// It panics when the shapes do not fit.
func (k *Kernels) MulNN(c, a, b blas32.General) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("simd: c is %d×%d for a of %d×%d and b of %d×%d", c.Rows, c.Cols, a.Rows, a.Cols, b.Rows, b.Cols))
	}
	mustFit("a", a)
	mustFit("b", b)
	mustFit("c", c)
	if a.Rows == 0 || b.Cols == 0 {
		return
	}
	if a.Cols == 0 {
		zero(c)
		return
	}
	block := k.block(a.Cols)
	for i0 := 0; i0 < a.Rows; i0 += block {
		for j := 0; j < b.Cols; j += k.cols {
			k.columns(c, a, i0, min(i0+block, a.Rows), j, b.Data[j:], b.Stride, min(k.cols, b.Cols-j))
		}
	}
}

// columns makes cols columns of c from j on, in the rows from i0 to i1. Rows of b are ldb values apart.
func (k *Kernels) columns(c, a blas32.General, i0, i1, j int, b []float32, ldb, cols int) {
	for i := i0; i < i1; i += k.rows {
		k.tileUnfused(min(k.rows, i1-i), cols, &c.Data[i*c.Stride+j], c.Stride, &a.Data[i*a.Stride], a.Stride, b, ldb, a.Cols)
	}
}

func zero(c blas32.General) {
	for i := range c.Rows {
		clear(c.Data[i*c.Stride:][:c.Cols])
	}
}
