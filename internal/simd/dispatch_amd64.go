//go:build amd64 && !purego

package simd

import (
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"
)

// Each method picks the kernel of the level. The calls are written out, not made through variables, so that the compiler
// sees that no pointer escapes.

func (k *Kernels) tile(rows int, c *float32, ldc int, a *float32, lda int, panel []float32, op operation) {
	steps := len(panel) / k.cols
	switch k.set {
	case setAVX512:
		if op == opSquare {
			squareAVX512(rows, c, ldc, a, lda, &panel[0], steps)
		} else {
			mulAVX512(rows, c, ldc, a, lda, &panel[0], steps)
		}
	case setAVX2:
		if op == opSquare {
			squareAVX2(rows, c, ldc, a, lda, &panel[0], steps)
		} else {
			mulAVX2(rows, c, ldc, a, lda, &panel[0], steps)
		}
	default:
		tileGo(rows, c, ldc, a, lda, panel, op)
	}
}

func (k *Kernels) tileInt8(rows int, c *float32, ldc int, a *Quantised, row int, p *PanelsInt8, panel int, bias *float32) {
	w := k.cols
	zero, scaleA, minus, scaleB := &a.zero[row], &a.scale[row], &p.minus[panel*w], &p.scale[panel*w]
	switch {
	case k.dot:
		mulInt8VNNI(rows, c, ldc, &a.bytes[row*a.stride], a.stride, &p.bytes[panel*w*p.padded], p.padded/4, zero, scaleA, minus, scaleB, bias)
	case k.set == setAVX512:
		mulInt8AVX512(rows, c, ldc, &a.words[row*a.stride], a.stride, &p.words[panel*w*p.padded], p.padded/2, zero, scaleA, minus, scaleB, bias)
	case k.set == setAVX2:
		mulInt8AVX2(rows, c, ldc, &a.words[row*a.stride], a.stride, &p.words[panel*w*p.padded], p.padded/2, zero, scaleA, minus, scaleB, bias)
	default:
		tileInt8Go(rows, c, ldc, a, row, p, panel, bias)
	}
}

// tileShape configures all tiles as 16 rows of 64 bytes.
var tileShape = func() (c [64]uint8) {
	c[0] = 1 // palette
	for t := range 8 {
		c[16+2*t], c[48+t] = 64, tileRows
	}
	return c
}()

// tileCall makes rows rows of whole panels from row i on.
func (k *Kernels) tileCall(c blas32.General, a *Quantised, p *PanelsInt8, i, rows, panels int, bias []float32, shared bool) {
	steps, mask := p.K/tileDepth, -1
	if shared {
		mask = 0
	}
	mulInt8AMX(rows, &c.Data[i*c.Stride], c.Stride, &a.bytes[i*a.stride], a.stride, &p.bytes[0], panels, steps, (31+steps)/steps,
		&a.pair[i], &a.scale[i], &p.split[0], &p.scale[0], &bias[0], mask, &a.scratch[0], &tileShape[0])
}

// pairCols is what the columns of MulNN's twin in bfloat16 are a multiple of.
func (k *Kernels) pairCols() int {
	if k.set == setGo {
		return 1
	}
	return 16
}

func (k *Kernels) roundHalf(x blas32.General) {
	switch k.set {
	case setAVX512:
		roundHalfAVX512(x.Rows, x.Cols, &x.Data[0], x.Stride)
	case setAVX2:
		roundHalfAVX2(x.Rows, x.Cols, &x.Data[0], x.Stride)
	default:
		roundHalfGo(x)
	}
}

// mulPairs makes cols columns of c from j on, or as many more as fill a vector.
func (k *Kernels) mulPairs(c, a blas32.General, j, cols int, b []float32, ldb int, by *float32, byStep int) {
	to := &c.Data[j]
	switch {
	case k.set == setAVX512 && cols > 16:
		pairsAVX512(a.Rows, to, c.Stride, &a.Data[0], a.Stride, &b[0], ldb, a.Cols, by, byStep)
	case k.set == setAVX512:
		pairsSlimAVX512(a.Rows, to, c.Stride, &a.Data[0], a.Stride, &b[0], ldb, a.Cols, by, byStep)
	case k.set == setAVX2:
		pairsAVX2(a.Rows, to, c.Stride, &a.Data[0], a.Stride, &b[0], ldb, a.Cols, by, byStep)
	default:
		pairsGo(a.Rows, cols, to, c.Stride, &a.Data[0], a.Stride, &b[0], ldb, a.Cols, by, byStep)
	}
}

// weigh makes weights of scores. Rows up to a multiple of 4 may be changed.
func (k *Kernels) weigh(x blas32.General, scale float32, inv []float32) {
	switch k.set {
	case setAVX512:
		weightsAVX512(x.Rows, x.Cols, &x.Data[0], x.Stride, scale, &inv[0])
	case setAVX2:
		weightsAVX2(x.Rows, x.Cols, &x.Data[0], x.Stride, scale, &inv[0])
	default:
		for i := range x.Rows {
			inv[i] = weightsGo(x.Data[i*x.Stride:][:x.Cols], scale)
		}
	}
}

func (k *Kernels) halves(dst []uint16, x blas32.General, ldd int) {
	halvesAVX512(x.Rows, x.Cols, &x.Data[0], x.Stride, &dst[0], ldd)
}

func (k *Kernels) halfPairs(dst []uint32, x blas32.General) {
	halfPairsAVX512(x.Rows, x.Cols, &x.Data[0], x.Stride, &dst[0], x.Cols)
}

// turn puts rows rows of h values of bfloat16, 2·h values apart, side by side in pairs.
func (k *Kernels) turn(dst []uint32, rows []uint16, n, h int) {
	transposeAVX512(n, (*float32)(unsafe.Pointer(&rows[0])), h, (*float32)(unsafe.Pointer(&dst[0])), 16, h/2)
}

func (k *Kernels) mulHalf(heads, rows int, p halfProduct) {
	mulHalfAMX(heads, rows, p.blocks, p.steps, &p.c[0], p.ldc, p.cHead, &p.a[0], p.lda, p.aHead, &p.b[0], p.bRow, p.bCol, p.bStep, p.bHead, &tileShape[0])
}

// weighHalf makes weights in bfloat16, in rows of stride values like those of the scores.
func (k *Kernels) weighHalf(rows, n int, x []float32, stride int, scale float32, inv []float32, dst []uint16) {
	weightsHalfAVX512(rows, n, &x[0], stride, scale, &inv[0], &dst[0], stride)
}

func (k *Kernels) scaleTo(rows, n int, dst []float32, ldd int, x []float32, ldx int, by []float32) {
	scaleToAVX512(rows, n, &dst[0], ldd, &x[0], ldx, &by[0])
}

func (k *Kernels) extent(x, by []float32) (lo, hi float32, top uint32) {
	switch k.set {
	case setAVX512:
		return extentAVX512(len(x), &x[0], unsafe.SliceData(by))
	case setAVX2:
		return extentAVX2(len(x), &x[0], unsafe.SliceData(by))
	}
	return extentGo(x, by)
}

func (k *Kernels) quantiseRow(q *Quantised, row int, x, by []float32, inv float32, zero int32) {
	at := row * q.stride
	switch {
	case k.dot:
		quantiseAVX512(len(x), &q.bytes[at], &x[0], unsafe.SliceData(by), inv, zero)
	case k.set != setGo:
		quantiseAVX2(len(x), &q.words[at], &x[0], unsafe.SliceData(by), inv, zero)
	default:
		quantiseGo(q.bytes[at:][:q.stride], x, by, inv, zero)
	}
}

func (k *Kernels) add(dst, src []float32) {
	switch k.set {
	case setAVX512:
		addAVX512(len(dst), &dst[0], &src[0])
	case setAVX2:
		addAVX2(len(dst), &dst[0], &src[0])
	default:
		addGo(dst, src)
	}
}

func (k *Kernels) scale(x []float32, by float32) {
	switch k.set {
	case setAVX512:
		scaleAVX512(len(x), &x[0], by)
	case setAVX2:
		scaleAVX2(len(x), &x[0], by)
	default:
		scaleGo(x, by)
	}
}

func (k *Kernels) softmax(x []float32, by float32) {
	switch k.set {
	case setAVX512:
		softmaxAVX512(len(x), &x[0], by)
	case setAVX2:
		softmaxAVX2(len(x), &x[0], by)
	default:
		softmaxGo(x, by)
	}
}

func (k *Kernels) gate(x, bias []float32, t *gateTable) {
	switch k.set {
	case setAVX512:
		gateAVX512(len(x), &x[0], unsafe.SliceData(bias), &t[0][0])
	case setAVX2:
		gateAVX2(len(x), &x[0], unsafe.SliceData(bias), &t[0][0])
	default:
		gateGo(x, bias, t)
	}
}

func (k *Kernels) addNorm(x, y, bias, gain, shift []float32, eps float32) {
	switch k.set {
	case setAVX512:
		addNormAVX512(len(x), &x[0], unsafe.SliceData(y), unsafe.SliceData(bias), &gain[0], &shift[0], float32(len(x)), eps)
	case setAVX2:
		addNormAVX2(len(x), &x[0], unsafe.SliceData(y), unsafe.SliceData(bias), &gain[0], &shift[0], float32(len(x)), eps)
	default:
		addNormGo(x, y, bias, gain, shift, eps)
	}
}

func (k *Kernels) addInt8(dst []float32, q []int8, scale float32) {
	switch k.set {
	case setAVX512:
		addInt8AVX512(len(dst), &dst[0], &q[0], scale)
	case setAVX2:
		whole := len(dst) &^ (lanes - 1)
		addInt8AVX2(len(dst), &dst[0], &q[0], scale)
		addInt8Go(dst[whole:], q[whole:], scale)
	default:
		addInt8Go(dst, q, scale)
	}
}

// packPanel writes rows rows of b from j0 on side by side, and zeros to the end of the panel.
func (k *Kernels) packPanel(panel []float32, b blas32.General, j0, rows int) {
	if k.set == setGo {
		packPanelGo(panel, b, j0, rows)
		return
	}
	size := k.cols / 2
	for j := 0; j < k.cols; j += size {
		n, row := rows-j, j0+j
		if n <= 0 {
			n, row = 0, j0
		}
		if k.set == setAVX512 {
			transposeAVX512(min(n, size), &b.Data[row*b.Stride], b.Stride, &panel[j], k.cols, b.Cols)
		} else {
			transposeAVX2(min(n, size), &b.Data[row*b.Stride], b.Stride, &panel[j], k.cols, b.Cols)
		}
	}
}

// tileUnfused works on rows rows of a, which are steps long, and cols values of as many rows of b.
func (k *Kernels) tileUnfused(rows, cols int, c *float32, ldc int, a *float32, lda int, b []float32, ldb, steps int) {
	switch {
	case k.set == setAVX512 && cols > 16:
		mulUnfusedAVX512(rows, cols, c, ldc, a, lda, &b[0], ldb, steps)
	case k.set == setAVX512:
		mulUnfusedSlimAVX512(rows, cols, c, ldc, a, lda, &b[0], ldb, steps)
	case k.set == setAVX2 && cols == 16:
		mulUnfusedAVX2(rows, cols, c, ldc, a, lda, &b[0], ldb, steps)
	case k.set == setAVX2:
		mulUnfusedNarrowAVX2(rows, cols, c, ldc, a, lda, &b[0], ldb, steps)
	default:
		mulUnfusedGo(rows, cols, c, ldc, a, lda, &b[0], ldb, steps)
	}
}

// walkers has kernels for 2, 3, 5 and 8 coordinates; coordinates that are 0 everywhere stay 0.
func (k *Kernels) walkers(w *Walkers, n int, steps []int32, positions []float32, dim, uses, samples int, f *Forces) {
	own, rows := &w.Own[0][0], len(positions)/WalkRow
	switch k.set {
	case setAVX512:
		lanes := (n + 15) / 16 * 64
		switch {
		case dim <= 2:
			walk2AVX512(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		case dim == 3:
			walk3AVX512(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		case dim <= 5:
			walk5AVX512(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		default:
			walk8AVX512(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		}
	case setAVX2:
		lanes := (n + 7) / 8 * 32
		switch {
		case dim <= 2:
			walk2AVX2(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		case dim == 3:
			walk3AVX2(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		case dim <= 5:
			walk5AVX2(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		default:
			walk8AVX2(own, unsafe.SliceData(steps), &positions[0], rows, uses, samples, lanes, &f.B)
		}
	default:
		walkGo(w, n, steps, positions, dim, samples, f)
	}
}
