package simd

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
)

// blockBytes is how much of the left-hand side is taken at once: it stays in the second-level cache while the panels
// stream by.
const blockBytes = 384 << 10

// operation says what a tile is made of.
type operation uint8

const (
	opMul operation = iota
	opSquare
)

// MulNT writes the product of a and the transpose of b to c, where p is b packed by the same kernels: a is M×K, b is
// N×K, c is M×N and is overwritten. It uses one goroutine and allocates nothing. c must not overlap a.
//
// It panics when the shapes do not fit or p was packed for another level.
func (k *Kernels) MulNT(c, a blas32.General, p *Panels) { k.walk(c, a, p, opMul) }

// SquareDistNT writes to c the squared Euclidean distances between the rows of a and the rows of b: element (i, j) is the
// sum over k of (a[i,k] − b[j,k])², each difference rounded and its square added as MulNT adds a product. So its
// relative error is at most γ(K+3), however far from the origin the points lie. Shapes and panics are those of MulNT; it
// takes about twice the time.
func (k *Kernels) SquareDistNT(c, a blas32.General, p *Panels) { k.walk(c, a, p, opSquare) }

// walk cuts c into tiles. A panel serves all rows of a block before the next panel is read.
func (k *Kernels) walk(c, a blas32.General, p *Panels, op operation) {
	if !k.fits(c, a, p) {
		return
	}
	block := k.block(p.K)
	for i0 := 0; i0 < a.Rows; i0 += block {
		i1 := min(i0+block, a.Rows)
		for j := 0; j < p.N; j += k.cols {
			panel := p.data[j*p.K : (j+k.cols)*p.K]
			if p.N-j < k.cols {
				k.edge(c, a, panel, i0, i1, j, op)
				continue
			}
			for i := i0; i < i1; i += k.rows {
				k.tile(min(k.rows, i1-i), &c.Data[i*c.Stride+j], c.Stride, &a.Data[i*a.Stride], a.Stride, panel, op)
			}
		}
	}
}

// block is the number of rows of a that are taken at once, whole tiles of them.
func (k *Kernels) block(depth int) int { return max(1, blockBytes/(4*depth*k.rows)) * k.rows }

// fits panics when the operands do not fit. It is false when nothing is left to do.
func (k *Kernels) fits(c, a blas32.General, p *Panels) bool {
	if p.kernels != k {
		panic("simd: panels that were not packed for these kernels, " + string(k.level))
	}
	if a.Cols != p.K || c.Rows != a.Rows || c.Cols != p.N {
		panic(fmt.Sprintf("simd: c is %d×%d for a of %d×%d and b of %d×%d", c.Rows, c.Cols, a.Rows, a.Cols, p.N, p.K))
	}
	mustFit("a", a)
	mustFit("c", c)
	if a.Rows == 0 || p.N == 0 {
		return false
	}
	if p.K == 0 {
		zero(c)
		return false
	}
	return true
}

// edge does the columns from j on, fewer than a panel has: whole tiles are made aside and what belongs to c is copied.
func (k *Kernels) edge(c, a blas32.General, panel []float32, i0, i1, j int, op operation) {
	var tile [12 * 32]float32
	for i := i0; i < i1; i += k.rows {
		rows := min(k.rows, i1-i)
		k.tile(rows, &tile[0], k.cols, &a.Data[i*a.Stride], a.Stride, panel, op)
		for r := range rows {
			copy(c.Data[(i+r)*c.Stride+j:][:c.Cols-j], tile[r*k.cols:])
		}
	}
}
