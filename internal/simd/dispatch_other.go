//go:build !amd64 || purego

package simd

// In a build without vector kernels the plain Go ones are the only ones.

func (k *Kernels) tile(rows int, c *float32, ldc int, a *float32, lda int, panel []float32, op operation) {
	tileGo(rows, c, ldc, a, lda, panel, op)
}

func (k *Kernels) tileInt8(rows int, c *float32, ldc int, a *Quantised, row int, p *PanelsInt8, panel int, bias *float32) {
	tileInt8Go(rows, c, ldc, a, row, p, panel, bias)
}

func (k *Kernels) extent(x []float32) (lo, hi float32, top uint32) { return extentGo(x) }

func (k *Kernels) quantiseRow(q *Quantised, row int, x []float32, inv float32, zero int32) {
	quantiseGo(q.bytes[row*q.stride:][:q.stride], x, inv, zero)
}
