package simd

import (
	"fmt"
	"math"
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"
)

// maxInt8 is the largest K of an int8 product: 255·128·K still fits in an int32.
const maxInt8 = 1 << 16

// PanelsInt8 is the right-hand side of int8 products, packed for the kernels of one level: N rows of K values, each row
// with a scale. The panels are those of Panels, with four consecutive k of a row in 32 bits where the level has VNNI or DotProd, eight
// in 64 bits where it has I8MM, two in words (one on NEON) where it has other vectors, and two rows in 64 bits in plain Go.
type PanelsInt8 struct {
	N, K int

	kernels *Kernels
	padded  int       // K rounded up to a multiple of 4, or of 8 for I8MM
	scale   []float32 // one per row, and zeros to the end of the last panel
	minus   []int32   // less the sum of each row, for the zero point
	split   []int32   // minus as 128·(upper 16 bits) + lower 16 bits, for tiles
	bytes   []int8
	words   []int16
	pairs   []int64
}

// Level is the level of the kernels that the panels are packed for.
func (p *PanelsInt8) Level() Level { return p.kernels.level }

// PackInt8 packs n rows of k int8 values, which lie one after the other in q; row i stands for q·scale[i]. Any value of
// an int8 will do, −128 too.
//
// It panics when the lengths do not fit or k is greater than 65,536, where a sum could overflow.
func (k *Kernels) PackInt8(n, depth int, q []int8, scale []float32) *PanelsInt8 {
	if n < 0 || depth < 0 || len(q) != n*depth || len(scale) != n || depth > maxInt8 {
		panic(fmt.Sprintf("simd: %d×%d int8 weights over %d values and %d scales", n, depth, len(q), len(scale)))
	}
	w := k.int8Cols()
	panels := (n + w - 1) / w
	p := &PanelsInt8{N: n, K: depth, kernels: k, padded: roundUp(depth, max(4, k.group)), scale: aligned[float32](panels * w), minus: aligned[int32](panels * w)}
	copy(p.scale, scale)
	size := panels * w * p.padded
	switch {
	case k.dot:
		p.bytes = aligned[int8](size)
	case k.set != setGo:
		p.words = aligned[int16](size)
	default:
		p.pairs = make([]int64, size/2)
	}
	for i := range n {
		row := q[i*depth:][:depth]
		at := i / w * w * p.padded // of the panel
		j := i % w
		for l, v := range row {
			p.minus[i] -= int32(v)
			switch {
			case k.dot:
				p.bytes[at+k.beside(l, j)] = v
			case k.set != setGo:
				p.words[at+k.beside(l, j)] = int16(v)
			default:
				p.pairs[(at+l*w+j)/2] += int64(v) << (32 * (j % 2))
			}
		}
	}
	if p.tiled() {
		p.split = aligned[int32](len(p.minus))
		for i, m := range p.minus {
			p.split[i] = m>>7<<16 | m&127
		}
	}
	return p
}

// beside is the place of value l of column j in a panel.
func (k *Kernels) beside(l, j int) int { return l/k.group*k.group*k.cols + k.group*j + l%k.group }

// flip is the bits in which the bytes of activations differ from those of plain Go.
func (k *Kernels) flip() uint8 {
	if k.signed {
		return 0x80
	}
	return 0
}

// Sizes of the kernel on tiles.
const (
	tileDepth   = 64 // k in a step
	tileRows    = 16
	tileCallMax = 96 // rows in a call, which keeps it below 0.1 ms: the scheduler has to wait for its end
	tileScratch = 2048
	tileMaxK    = 1<<15 - 1 // minus has at most 22 bits then
)

// tiled tells whether the kernel on tiles serves for the panels.
func (p *PanelsInt8) tiled() bool {
	return p.kernels.tiles && p.K > 0 && p.K%tileDepth == 0 && p.K <= tileMaxK
}

// int8Cols is the number of columns in a tile of int8 products.
func (k *Kernels) int8Cols() int {
	if k.set == setGo {
		return goInt8Cols
	}
	return k.cols
}

// Quantised holds the rows of a matrix as numbers from 0 to 255, each row with a scale and a zero point of its own: value
// ≈ (q − zero)·scale. Quantise fills it; its memory is kept from one use to the next. The zero value is ready for use.
type Quantised struct {
	Rows, K int

	kernels *Kernels
	stride  int
	scale   []float32
	zero    []int32
	bytes   []uint8 // for products of bytes, tiles and plain Go
	words   []int16 // for the other levels
	pair    []int32 // 128·zero and zero in 16 bits each, for tiles
	scratch []int32 // for tiles
}

// Quantise rounds the rows of a to 256 steps from the least to the greatest value of the row, zero among them, so that zero
// is met exactly; halves go to the even neighbor. Step by step, in float32:
//
//	scale = hi/255 − lo/255, with lo = min(0, row) and hi = max(0, row)
//	inv   = 1/scale
//	zero  = round(−lo·inv)
//	q     = min(round(x·inv) + zero, 255)
//
// A row whose scale is below 2⁻¹²⁶ counts as zeros. A row with a NaN or an infinity gets the scale NaN, which makes
// everything computed from it NaN. Values at the ends of the range may be off by a little more than half a step, since
// scale is rounded.
//
// It allocates only when the memory of dst is too small.
func (k *Kernels) Quantise(dst *Quantised, a blas32.General) { k.QuantiseScaled(dst, a, nil) }

// QuantiseScaled is Quantise of a with each column multiplied by a value of by first, which has one for each of them or is
// nil.
func (k *Kernels) QuantiseScaled(dst *Quantised, a blas32.General, by []float32) {
	mustFit("a", a)
	if by != nil {
		sameLength("factors", a.Cols, len(by))
	}
	if a.Cols > maxInt8 {
		panic(fmt.Sprintf("simd: rows of %d values are too long for int8 products", a.Cols))
	}
	dst.shape(k, a.Rows, a.Cols)
	if a.Cols == 0 {
		return
	}
	for i := range a.Rows {
		x := a.Data[i*a.Stride:][:a.Cols]
		scale, inv, zero := steps(k.extent(x, by))
		dst.scale[i], dst.zero[i] = scale, zero
		if k.tiles {
			dst.pair[i] = pairOf(zero)
		}
		k.quantiseRow(dst, i, x, by, inv, zero)
	}
}

// pairOf returns a zero point as the tiles take it: times 128 and as it is, in 16 bits each.
func pairOf(zero int32) int32 { return 128*zero<<16 | zero }

// shape makes room for rows of depth values.
func (q *Quantised) shape(k *Kernels, rows, depth int) {
	q.Rows, q.K, q.kernels = rows, depth, k
	q.stride = (depth + 15) &^ 15
	q.scale, q.zero = grown(q.scale, rows), grown(q.zero, rows)
	switch {
	case k.tiles: // a tile reads 16 rows, whatever is in those that are too many
		q.bytes = grown(q.bytes, (rows+tileRows-1)&^(tileRows-1)*q.stride)
		q.pair, q.scratch = grown(q.pair, rows), grown(q.scratch, tileScratch)
	case k.dot || k.set == setGo:
		q.bytes = grown(q.bytes, rows*q.stride)
	default:
		q.words = grown(q.words, rows*q.stride)
	}
}

// steps makes the scale, its inverse and the zero point of the range of a row; top is the bits of the greatest absolute
// value, those of infinity or more when the row is not finite.
func steps(lo, hi float32, top uint32) (scale, inv float32, zero int32) {
	const (
		infinite = 0x7f800000
		least    = 0x1p-126
	)
	if top >= infinite {
		return float32(math.NaN()), 0, 0
	}
	scale = hi/255 - lo/255
	if scale < least {
		return 1, 0, 0
	}
	inv = 1 / scale
	return scale, inv, int32(math.RoundToEven(float64(-lo * inv)))
}

// MulInt8 writes the product of a and the transpose of the packed weights to c: a is M×K, the weights are N×K, c is M×N
// and is overwritten. bias has N values or is nil, which counts as zeros. The sum over k is exact, in int32; then
//
//	c = sum·(scale of a's row · scale of the weights' row) + bias
//
// with sum rounded to float32 and every product and sum rounded. So the bits do not depend on the level. It uses one
// goroutine and allocates nothing.
//
// It panics when the shapes do not fit or a or p were made for another level.
func (k *Kernels) MulInt8(c blas32.General, a *Quantised, p *PanelsInt8, bias []float32) {
	if p.kernels != k || a.kernels != k {
		panic("simd: int8 operands that were not made for these kernels, " + string(k.level))
	}
	if a.K != p.K || c.Rows != a.Rows || c.Cols != p.N || bias != nil && len(bias) != p.N {
		panic(fmt.Sprintf("simd: c is %d×%d for a of %d×%d, b of %d×%d and %d biases", c.Rows, c.Cols, a.Rows, a.K, p.N, p.K, len(bias)))
	}
	mustFit("c", c)
	if a.Rows == 0 || p.N == 0 {
		return
	}
	if p.K == 0 {
		zero(c)
		for i := range c.Rows {
			copy(c.Data[i*c.Stride:][:c.Cols], bias)
		}
		return
	}
	first := 0 // column
	if a.Rows >= k.rows && p.tiled() {
		first = k.mulTiles(c, a, p, bias)
	}
	rows, w := k.rows, k.int8Cols()
	size := 1
	if p.words != nil {
		size = 2
	}
	block := max(1, blockBytes/(size*p.K*rows)) * rows
	var shift [32]float32
	for i0 := 0; i0 < a.Rows; i0 += block {
		i1 := min(i0+block, a.Rows)
		for j := first; j < p.N; j += w {
			b := &shift[0]
			if bias != nil && p.N-j < w {
				clear(shift[:])
				copy(shift[:], bias[j:])
			} else if bias != nil {
				b = &bias[j]
			}
			for i := i0; i < i1; i += rows {
				n := min(rows, i1-i)
				if p.N-j >= w {
					k.tileInt8(n, &c.Data[i*c.Stride+j], c.Stride, a, i, p, j/w, b)
					continue
				}
				var tile [12 * 32]float32
				k.tileInt8(n, &tile[0], w, a, i, p, j/w, b)
				for r := range n {
					copy(c.Data[(i+r)*c.Stride+j:][:c.Cols-j], tile[r*w:])
				}
			}
		}
	}
}

// mulTiles does the columns of c in whole panels on tiles, and tells how many they are.
func (k *Kernels) mulTiles(c blas32.General, a *Quantised, p *PanelsInt8, bias []float32) (cols int) {
	panels := p.N / k.cols
	if panels == 0 {
		return 0
	}
	var none [32]float32
	shared := bias == nil
	if shared {
		bias = none[:]
	}
	for i := 0; i < a.Rows; i += tileCallMax {
		k.tileCall(c, a, p, i, min(tileCallMax, a.Rows-i), panels, bias, shared)
	}
	return panels * k.cols
}

// grown is a slice of n values with anything in them, in the memory of s if that is large enough.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return aligned[T](n)
	}
	return s[:n]
}

// aligned is a zero slice of n values that begins at a multiple of 64 bytes, so that no vector of a panel lies across two
// cache lines.
func aligned[T any](n int) []T {
	if n == 0 {
		return nil
	}
	var one T
	size := int(unsafe.Sizeof(one))
	buf := make([]T, n+63/size)
	off := 0
	if r := int(uintptr(unsafe.Pointer(&buf[0])) % 64); r != 0 {
		off = (64 - r) / size
	}
	return buf[off : off+n : off+n]
}
