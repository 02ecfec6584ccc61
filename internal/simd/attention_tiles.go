//go:build amd64 && !purego

package simd

import "gonum.org/v1/gonum/blas/blas32"

// scoreBytes is how many scores are made at a time on tiles, so that they stay in the first-level
// cache.
const scoreBytes = 24 << 10

// tileSpace is what tiles read and write of attention.
type tileSpace struct {
	halves  []uint16 // queries and keys in bfloat16, row by row
	turned  []uint32 // the keys in pairs of columns, 16 keys side by side
	pairs   []uint32 // the values in pairs of rows
	weights []uint16
}

// attendTiles is Attend on tiles. Heads are taken together as long as their scores fit, and rows of
// a long text in parts.
func (k *Kernels) attendTiles(dst, q, keys, values blas32.General, size int, scale float32, s *Attention) {
	m, h := dst.Rows, dst.Cols
	rows, cols := roundUp(m, scoreRows), roundUp(m, scoreCols)
	// The queries are at the beginning of a row, the keys behind them. Rows and columns beyond the
	// text are never read for what is inside of it, but for zeros in the pairs of values.
	s.tiles.halves = grown(s.tiles.halves, rows*2*h)
	s.tiles.turned = grown(s.tiles.turned, cols*h/2)
	s.tiles.pairs = grown(s.tiles.pairs, cols/2*h)
	k.halves(s.tiles.halves, q, 2*h)
	k.halves(s.tiles.halves[h:], keys, 2*h)
	for j := 0; j < m; j += 16 {
		k.turn(s.tiles.turned[j*h/2:], s.tiles.halves[(2*j+1)*h:], min(16, m-j), h)
	}
	k.halfPairs(s.tiles.pairs, values)
	clear(s.tiles.pairs[(m+1)/2*h:])

	heads := h / size
	part := rows // of the text
	group := min(heads, scoreBytes/(4*rows*cols))
	if group == 0 {
		group, part = 1, max(32, scoreBytes/(4*cols)&^31)
	}
	s.scores = grown(s.scores, group*part*max(cols, size))
	s.inv = grown(s.inv, group*part)
	s.tiles.weights = grown(s.tiles.weights, group*part*cols)
	for at := 0; at < heads; at += group {
		g := min(group, heads-at)
		for i := 0; i < m; i += part {
			k.attendPart(dst, size, scale, s, at, g, i, min(part, m-i), cols)
		}
	}
}

// attendPart does rows rows from row i on of g heads from head at on.
func (k *Kernels) attendPart(dst blas32.General, size int, scale float32, s *Attention, at, g, i, rows, cols int) {
	m, h, padded := dst.Rows, dst.Cols, roundUp(rows, scoreRows)
	k.mulHalf(g, rows, halfProduct{
		blocks: cols / 32, steps: size / halfSteps,
		c: s.scores, ldc: 4 * cols, cHead: 4 * padded * cols,
		a: s.tiles.halves[i*2*h+at*size:], lda: 4 * h, aHead: 2 * size,
		b: s.tiles.turned[8*at*size:], bRow: 64, bCol: 32 * h, bStep: 1024, bHead: 32 * size,
	})
	for j := range g {
		k.weighHalf(rows, m, s.scores[j*padded*cols:], cols, scale, s.inv[j*padded:], s.tiles.weights[j*padded*cols:])
	}
	k.mulHalf(g, rows, halfProduct{
		blocks: size / 32, steps: cols / halfSteps,
		c: s.scores, ldc: 4 * size, cHead: 4 * padded * size,
		a: s.tiles.weights, lda: 2 * cols, aHead: 2 * padded * cols,
		b: s.tiles.pairs[at*size:], bRow: 4 * h, bCol: 64, bStep: 64 * h, bHead: 4 * size,
	})
	for j := range g {
		k.scaleTo(rows, size, dst.Data[i*dst.Stride+(at+j)*size:], dst.Stride, s.scores[j*padded*size:], size, s.inv[j*padded:])
	}
}

// halfProduct is the operands of a product on tiles. Distances are in bytes.
type halfProduct struct {
	blocks, steps            int // of 32 columns, and of 32 k
	c                        []float32
	ldc, cHead               int
	a                        []uint16
	lda, aHead               int
	b                        []uint32
	bRow, bCol, bStep, bHead int // between pairs of rows, 16 columns, steps, and heads
}
