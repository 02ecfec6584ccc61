//go:build !(amd64 || arm64) || purego

package simd

import "gonum.org/v1/gonum/blas/blas32"

// In a build without vector kernels the plain Go ones are the only ones.

func (k *Kernels) tile(rows int, c *float32, ldc int, a *float32, lda int, panel []float32, op operation) {
	tileGo(rows, c, ldc, a, lda, panel, op)
}

func (k *Kernels) tileInt8(rows int, c *float32, ldc int, a *Quantised, row int, p *PanelsInt8, panel int, bias *float32) {
	tileInt8Go(rows, c, ldc, a, row, p, panel, bias)
}

// tileCall is never called.
func (k *Kernels) tileCall(blas32.General, *Quantised, *PanelsInt8, int, int, int, []float32, bool) {}

func (k *Kernels) pairCols() int { return 1 }

func (k *Kernels) roundHalf(x blas32.General) { roundHalfGo(x) }

func (k *Kernels) mulPairs(c, a blas32.General, j, cols int, b []float32, ldb int, by *float32, byStep int) {
	pairsGo(a.Rows, cols, &c.Data[j], c.Stride, &a.Data[0], a.Stride, &b[0], ldb, a.Cols, by, byStep)
}

func (k *Kernels) weigh(x blas32.General, scale float32, inv []float32) {
	for i := range x.Rows {
		inv[i] = weightsGo(x.Data[i*x.Stride:][:x.Cols], scale)
	}
}

type tileSpace struct{}

// attendTiles is never called.
func (k *Kernels) attendTiles(_, _, _, _ blas32.General, _ int, _ float32, s *Attention) {
	s.tiles = tileSpace{}
}

func (k *Kernels) extent(x, by []float32) (lo, hi float32, top uint32) { return extentGo(x, by) }

func (k *Kernels) quantiseRow(q *Quantised, row int, x, by []float32, inv float32, zero int32) {
	quantiseGo(q.bytes[row*q.stride:][:q.stride], x, by, inv, zero)
}

func (k *Kernels) add(dst, src []float32) { addGo(dst, src) }

func (k *Kernels) scale(x []float32, by float32) { scaleGo(x, by) }

func (k *Kernels) softmax(x []float32, by float32) { softmaxGo(x, by) }

func (k *Kernels) gate(x, bias []float32, t *gateTable) { gateGo(x, bias, t) }

func (k *Kernels) addNorm(x, y, bias, gain, shift []float32, eps float32) {
	addNormGo(x, y, bias, gain, shift, eps)
}

func (k *Kernels) addInt8(dst []float32, q []int8, scale float32) { addInt8Go(dst, q, scale) }

func (k *Kernels) packPanel(panel []float32, b blas32.General, j0, rows int) {
	packPanelGo(panel, b, j0, rows)
}

func (k *Kernels) tileUnfused(rows, cols int, c *float32, ldc int, a *float32, lda int, b []float32, ldb, steps int) {
	mulUnfusedGo(rows, cols, c, ldc, a, lda, &b[0], ldb, steps)
}

func (k *Kernels) walkers(w *Walkers, n int, steps []int32, positions []float32, dim, _, samples int, f *Forces) {
	walkGo(w, n, steps, positions, dim, samples, f)
}
