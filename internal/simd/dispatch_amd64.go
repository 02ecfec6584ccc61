//go:build amd64 && !purego

package simd

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

func (k *Kernels) extent(x []float32) (lo, hi float32, top uint32) {
	switch k.set {
	case setAVX512:
		return extentAVX512(len(x), &x[0])
	case setAVX2:
		return extentAVX2(len(x), &x[0])
	}
	return extentGo(x)
}

func (k *Kernels) quantiseRow(q *Quantised, row int, x []float32, inv float32, zero int32) {
	at := row * q.stride
	switch {
	case k.dot:
		quantiseAVX512(len(x), &q.bytes[at], &x[0], inv, zero)
	case k.set != setGo:
		quantiseAVX2(len(x), &q.words[at], &x[0], inv, zero)
	default:
		quantiseGo(q.bytes[at:][:q.stride], x, inv, zero)
	}
}
