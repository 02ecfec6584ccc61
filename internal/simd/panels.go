package simd

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
)

// Panels is the right-hand side of products, packed for the kernels of one level: N rows of K values. It is cut into
// panels of as many rows as a tile has columns; within a panel the values with the same k lie together, in the order in
// which a kernel reads them. The last panel is filled up with zeros.
type Panels struct {
	N, K int

	kernels *Kernels
	data    []float32 // ⌈N/cols⌉ panels of K·cols values
}

// Level is the level of the kernels that the panels are packed for.
func (p *Panels) Level() Level { return p.kernels.level }

// Pack packs b, a matrix of N rows and K columns: the weights of a layer, one output a row, or points, one a row.
func (k *Kernels) Pack(b blas32.General) *Panels {
	p := new(Panels)
	k.PackInto(p, b)
	return p
}

// PackInto does what Pack does with the memory of p, which may be its zero value. It allocates only when p is too small.
func (k *Kernels) PackInto(p *Panels, b blas32.General) {
	mustFit("b", b)
	w := k.cols
	panels := (b.Rows + w - 1) / w
	p.N, p.K, p.kernels = b.Rows, b.Cols, k
	if need := panels * w * b.Cols; cap(p.data) < need {
		p.data = aligned[float32](need)
	} else {
		p.data = p.data[:need]
	}
	for j0 := 0; j0 < b.Rows && b.Cols > 0; j0 += w {
		k.packPanel(p.data[j0*b.Cols:(j0+w)*b.Cols], b, j0, min(w, b.Rows-j0))
	}
}

// packPanelGo writes the rows of b from j0 on, one or two, side by side.
func packPanelGo(panel []float32, b blas32.General, j0, rows int) {
	r0 := b.Data[j0*b.Stride:][:b.Cols]
	if rows < goCols {
		for i, v := range r0 {
			panel[goCols*i], panel[goCols*i+1] = v, 0
		}
		return
	}
	r1 := b.Data[(j0+1)*b.Stride:][:b.Cols]
	for i, v := range r0 {
		d := panel[goCols*i:][:goCols]
		d[0], d[1] = v, r1[i]
	}
}

// mustFit panics when the shape of a matrix does not fit its data: the callers are packages of this module, which check
// their own input.
func mustFit(name string, x blas32.General) {
	if x.Rows < 0 || x.Cols < 0 || x.Rows > 0 && x.Cols > 0 && (x.Stride < x.Cols || len(x.Data) < (x.Rows-1)*x.Stride+x.Cols) {
		panic(fmt.Sprintf("simd: %s is %d×%d with stride %d over %d values", name, x.Rows, x.Cols, x.Stride, len(x.Data)))
	}
}
