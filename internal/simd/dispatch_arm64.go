//go:build arm64 && !purego

package simd

import (
	"math"
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"
)

// Each method picks the kernel of the level. Kernels work on whole groups of values; what is left at
// the end of a row is done in plain Go or in a copy that is filled up.

// narrowRows is the number of rows in a tile of the kernels other than mulNEON and those of int8.
const narrowRows = 3

func (k *Kernels) tile(rows int, c *float32, ldc int, a *float32, lda int, panel []float32, op operation) {
	steps := len(panel) / k.cols
	switch {
	case k.set == setGo:
		tileGo(rows, c, ldc, a, lda, panel, op)
	case op == opMul:
		mulNEON(rows, c, ldc, a, lda, &panel[0], steps)
	default:
		cs, as := unsafe.Slice(c, (rows-1)*ldc+k.cols), unsafe.Slice(a, (rows-1)*lda+steps)
		for i := 0; i < rows; i += narrowRows {
			squareNEON(min(narrowRows, rows-i), &cs[i*ldc], ldc, &as[i*lda], lda, &panel[0], k.cols, steps)
		}
	}
}

func (k *Kernels) tileInt8(rows int, c *float32, ldc int, a *Quantised, row int, p *PanelsInt8, panel int, bias *float32) {
	w := k.cols
	if k.set == setGo {
		tileInt8Go(rows, c, ldc, a, row, p, panel, bias)
		return
	}
	zero, scaleA, minus, scaleB := &a.zero[row], &a.scale[row], &p.minus[panel*w], &p.scale[panel*w]
	switch {
	case k.signed:
		mulInt8Dot(rows, c, ldc, &a.bytes[row*a.stride], a.stride, &p.bytes[panel*w*p.padded], p.padded/4, zero, scaleA, minus, scaleB, bias)
	case k.dot:
		mulInt8MM(rows, c, ldc, &a.bytes[row*a.stride], a.stride, &p.bytes[panel*w*p.padded], p.padded/8, zero, scaleA, minus, scaleB, bias)
	default:
		mulInt8NEON(rows, c, ldc, &a.words[row*a.stride], a.stride, &p.words[panel*w*p.padded], p.padded, zero, scaleA, minus, scaleB, bias)
	}
}

// tileCall is never called.
func (k *Kernels) tileCall(blas32.General, *Quantised, *PanelsInt8, int, int, int, []float32, bool) {}

// pairCols is what the columns of MulNN's twin in bfloat16 are a multiple of.
func (k *Kernels) pairCols() int {
	if k.set == setGo {
		return 1
	}
	return 16
}

func (k *Kernels) roundHalf(x blas32.General) {
	groups := k.groups(x.Cols, 4)
	if groups == 0 {
		roundHalfGo(x)
		return
	}
	for i := range x.Rows {
		roundHalfNEON(groups, &x.Data[i*x.Stride])
	}
	if rest := x.Cols % 4; rest > 0 {
		x.Data = x.Data[4*groups:]
		x.Cols = rest
		roundHalfGo(x)
	}
}

// mulPairs makes cols columns of c from j on, or as many more as fill a vector.
func (k *Kernels) mulPairs(c, a blas32.General, j, cols int, b []float32, ldb int, by *float32, byStep int) {
	if k.set == setGo {
		pairsGo(a.Rows, cols, &c.Data[j], c.Stride, &a.Data[0], a.Stride, &b[0], ldb, a.Cols, by, byStep)
		return
	}
	factors := unsafe.Slice(by, (a.Rows-1)*byStep/4+1)
	for i := 0; i < a.Rows; i += narrowRows {
		pairsNEON(min(narrowRows, a.Rows-i), &c.Data[i*c.Stride+j], c.Stride, &a.Data[i*a.Stride], a.Stride, &b[0], ldb, a.Cols, &factors[i*byStep/4], byStep)
	}
}

// weigh makes weights of scores. Rows up to a multiple of 16 are changed.
func (k *Kernels) weigh(x blas32.General, scale float32, inv []float32) {
	groups := (x.Cols + lanes - 1) / lanes
	for i := range x.Rows {
		row := x.Data[i*x.Stride:]
		if k.set == setGo {
			inv[i] = weightsGo(row[:x.Cols], scale)
			continue
		}
		row = row[:groups*lanes]
		for j := x.Cols; j < len(row); j++ {
			row[j] = float32(math.Inf(-1))
		}
		var s [lanes]float32
		weightsNEON(groups, &row[0], greatestNEON(groups, &row[0]), scale, weightsLeast, &s[0])
		inv[i] = 1 / fold(&s)
	}
}

type tileSpace struct{}

// attendTiles is never called.
func (k *Kernels) attendTiles(_, _, _, _ blas32.General, _ int, _ float32, s *Attention) {
	s.tiles = tileSpace{}
}

func (k *Kernels) extent(x, by []float32) (lo, hi float32, top uint32) {
	if k.set == setGo || len(x) < 4 {
		return extentGo(x, by)
	}
	whole := len(x) &^ 3
	lo, hi, top = extentNEON(whole/4, &x[0], unsafe.SliceData(by))
	if whole < len(x) {
		if by != nil {
			by = by[whole:]
		}
		l, h, t := extentGo(x[whole:], by)
		lo, hi, top = min(lo, l), max(hi, h), max(top, t)
	}
	return lo, hi, top
}

func (k *Kernels) quantiseRow(q *Quantised, row int, x, by []float32, inv float32, zero int32) {
	at := row * q.stride
	if k.set == setGo {
		quantiseGo(q.bytes[at:][:q.stride], x, by, inv, zero)
		return
	}
	whole := len(x) &^ (lanes - 1)
	k.quantiseGroups(q, at, x[:whole], by, inv, zero)
	if whole < len(x) {
		var rest, factors [lanes]float32
		copy(rest[:], x[whole:])
		f := factors[:]
		if by == nil {
			f = nil
		} else {
			copy(f, by[whole:])
		}
		k.quantiseGroups(q, at+whole, rest[:], f, inv, zero)
	}
}

// quantiseGroups writes groups of 16 values at the given place.
func (k *Kernels) quantiseGroups(q *Quantised, at int, x, by []float32, inv float32, zero int32) {
	groups, base := len(x)/lanes, zero-int32(math.Float32bits(nearest))
	switch {
	case groups == 0:
	case k.dot:
		flip := uint32(k.flip()) * 0x01010101
		quantiseBytesNEON(groups, &q.bytes[at], &x[0], unsafe.SliceData(by), inv, base, flip)
	default:
		quantiseNEON(groups, &q.words[at], &x[0], unsafe.SliceData(by), inv, base)
	}
}

// groups is the number of whole groups of so many values that a kernel may work on.
func (k *Kernels) groups(n, size int) int {
	if k.set == setGo {
		return 0
	}
	return n / size
}

func (k *Kernels) add(dst, src []float32) {
	groups := k.groups(len(dst), 4)
	if groups > 0 {
		addNEON(groups, &dst[0], &src[0])
	}
	addGo(dst[4*groups:], src[4*groups:])
}

func (k *Kernels) scale(x []float32, by float32) {
	groups := k.groups(len(x), 4)
	if groups > 0 {
		scaleNEON(groups, &x[0], by)
	}
	scaleGo(x[4*groups:], by)
}

func (k *Kernels) softmax(x []float32, by float32) {
	if k.set == setGo {
		softmaxGo(x, by)
		return
	}
	whole := len(x) &^ (lanes - 1)
	rest, tail := filled(x[whole:], float32(math.Inf(-1)))
	top := float32(math.Inf(-1))
	if whole > 0 {
		top = greatestNEON(whole/lanes, &x[0])
	}
	if tail {
		if t := greatestNEON(1, &rest[0]); t > top {
			top = t
		}
	}
	var s [lanes]float32
	const least = -87
	if whole > 0 {
		expNEON(whole/lanes, &x[0], top, by, least, &s[0])
	}
	if tail {
		expNEON(1, &rest[0], top, by, least, &s[0])
		copy(x[whole:], rest[:])
	}
	k.scale(x, 1/fold(&s))
}

// filled returns a copy of fewer than 16 values with others behind it, and whether there are any.
func filled(x []float32, with float32) (rest [lanes]float32, tail bool) {
	for i := range rest {
		rest[i] = with
	}
	return rest, copy(rest[:], x) > 0
}

func (k *Kernels) gate(x, bias []float32, t *gateTable) {
	if k.set == setGo {
		gateGo(x, bias, t)
		return
	}
	whole := len(x) &^ (lanes - 1)
	if whole > 0 {
		gateNEON(whole/lanes, &x[0], unsafe.SliceData(bias), &t[0][0])
	}
	if rest, tail := filled(x[whole:], 0); tail {
		var b [lanes]float32
		if bias != nil {
			copy(b[:], bias[whole:])
			gateNEON(1, &rest[0], &b[0], &t[0][0])
		} else {
			gateNEON(1, &rest[0], nil, &t[0][0])
		}
		copy(x[whole:], rest[:])
	}
}

func (k *Kernels) addNorm(x, y, bias, gain, shift []float32, eps float32) {
	groups := k.groups(len(x), lanes)
	if groups == 0 {
		addNormGo(x, y, bias, gain, shift, eps)
		return
	}
	whole := groups * lanes
	switch {
	case bias != nil:
		addBothNEON(whole/4, &x[0], &y[0], &bias[0])
		for i, v := range y[whole:] {
			x[whole+i] += v + bias[whole+i]
		}
	case y != nil:
		k.add(x, y)
	}
	size := float32(len(x))
	var s, q [lanes]float32
	sumNEON(groups, &x[0], &s[0])
	for i, v := range x[whole:] {
		s[i] += v
	}
	mean := fold(&s) / size
	squaresNEON(groups, &x[0], mean, &q[0])
	for i, v := range x[whole:] {
		d := v - mean
		q[i] += float32(d * d)
	}
	inv := 1 / float32(math.Sqrt(float64(fold(&q)/size+eps)))
	normNEON(whole/4, &x[0], mean, inv, &gain[0], &shift[0])
	for i, v := range x[whole:] {
		x[whole+i] = float32(float32((v-mean)*inv)*gain[whole+i]) + shift[whole+i]
	}
}

func (k *Kernels) addInt8(dst []float32, q []int8, scale float32) {
	groups := k.groups(len(dst), lanes)
	if groups > 0 {
		addInt8NEON(groups, &dst[0], &q[0], scale)
	}
	addInt8Go(dst[groups*lanes:], q[groups*lanes:], scale)
}

// packPanel writes rows rows of b from j0 on side by side, and zeros to the end of the panel.
func (k *Kernels) packPanel(panel []float32, b blas32.General, j0, rows int) {
	if k.set == setGo {
		packPanelGo(panel, b, j0, rows)
		return
	}
	const four = 4
	w, whole := k.cols, b.Cols&^(four-1)
	for j := 0; j < w; j += four {
		first := 0 // value of a row that is written one by one
		if j+four <= rows && whole > 0 {
			transposeNEON(whole/four, &b.Data[(j0+j)*b.Stride], b.Stride, &panel[j])
			first = whole
		}
		for i := j; i < j+four; i++ {
			if i >= rows {
				for l := range b.Cols {
					panel[l*w+i] = 0
				}
				continue
			}
			for l, v := range b.Data[(j0+i)*b.Stride:][first:b.Cols] {
				panel[(first+l)*w+i] = v
			}
		}
	}
}

// tileUnfused works on rows rows of a, which are steps long, and cols values of as many rows of b.
func (k *Kernels) tileUnfused(rows, cols int, c *float32, ldc int, a *float32, lda int, b []float32, ldb, steps int) {
	w := k.cols
	if k.set == setGo || len(b) < (steps-1)*ldb+w {
		mulUnfusedGo(rows, cols, c, ldc, a, lda, &b[0], ldb, steps)
		return
	}
	cs, as := unsafe.Slice(c, (rows-1)*ldc+cols), unsafe.Slice(a, (rows-1)*lda+steps)
	for i := 0; i < rows; i += narrowRows {
		n := min(narrowRows, rows-i)
		if cols == w {
			mulUnfusedNEON(n, &cs[i*ldc], ldc, &as[i*lda], lda, &b[0], ldb, steps)
			continue
		}
		var tile [narrowRows * 16]float32
		mulUnfusedNEON(n, &tile[0], w, &as[i*lda], lda, &b[0], ldb, steps)
		for r := range n {
			copy(cs[(i+r)*ldc:][:cols], tile[r*w:])
		}
	}
}

func (k *Kernels) walkers(w *Walkers, n int, steps []int32, positions []float32, dim, _, samples int, f *Forces) {
	walkGo(w, n, steps, positions, dim, samples, f)
}
