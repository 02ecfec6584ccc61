package knn

import (
	"math"
	"math/bits"
	"sync"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// board holds the candidates of rows, which lie in blocks.
type board struct {
	selection
	blocks []span
	lists  []candidates
	cuts   [][]float32 // by block: the scores up to which a row takes candidates; −Inf to a multiple of 16
	bound  []bound     // of the scores of each row
	locks  []sync.Mutex
}

// span is a range of rows.
type span struct{ lo, hi int }

func (b span) n() int { return b.hi - b.lo }

// spans cuts n rows into blocks.
func spans(n int) []span {
	s := make([]span, (n+blockRows-1)/blockRows)
	for i := range s {
		s[i] = span{i * blockRows, min((i+1)*blockRows, n)}
	}
	return s
}

// newBoard makes a board without candidates.
func newBoard(blocks []span, sel selection) *board {
	b := &board{selection: sel, blocks: blocks, cuts: make([][]float32, len(blocks)), locks: make([]sync.Mutex, len(blocks))}
	n := blocks[len(blocks)-1].hi
	b.lists, b.bound = make([]candidates, n), make([]bound, n)
	for i := range b.lists {
		b.lists[i].full = int32(sel.least())
	}
	for i, s := range blocks {
		b.cuts[i] = make([]float32, (s.n()+15)&^15)
		for j := range b.cuts[i] {
			b.cuts[i][j] = float32(math.Inf(-1))
			if j < s.n() {
				b.cuts[i][j] = float32(math.Inf(1))
			}
		}
	}
	return b
}

// collect adds the scores that are small enough to the candidates of their rows, which are those of block i, each with the
// number of its column, which begin at base. When the columns are block j of the same board and j is not i, the scores are
// taken for them too; else j is −1.
func (b *board) collect(kern *simd.Kernels, s *scratch, i, j, base int) {
	rows, lo := b.cuts[i], b.blocks[i].lo
	b.locks[i].Lock()
	defer b.locks[i].Unlock()
	cols := s.none
	if j >= 0 {
		b.locks[j].Lock()
		defer b.locks[j].Unlock()
		cols = b.cuts[j]
	}
	b.prime(s, rows, b.bound[lo:], s.scores.Rows, s.scores.Cols, s.scores.Stride, 1)
	if j >= 0 {
		b.prime(s, cols, b.bound[base:], s.scores.Cols, s.scores.Rows, 1, s.scores.Stride)
	}
	kern.Below(s.mask, s.scores, s.add, rows, cols)
	w := (s.scores.Cols + 63) / 64
	for r := range s.scores.Rows {
		scores := s.scores.Data[r*s.scores.Stride:]
		for m, word := range s.mask[r*w:][:w] {
			for ; word != 0; word &= word - 1 {
				c := m*64 + bits.TrailingZeros64(word)
				v := scores[c] + s.add[r]
				if v <= rows[r] {
					rows[r] = b.lists[lo+r].add(candidate{v, int32(base + c)}, rows[r], b.selection, b.bound[lo+r], &s.kth)
				}
				if j >= 0 && v <= cols[c] {
					cols[c] = b.lists[base+c].add(candidate{v, int32(lo + r)}, cols[c], b.selection, b.bound[base+c], &s.kth)
				}
			}
		}
	}
}

// prime sets the first cuts of rows of scores, n values each, of which row r begins at r·to and goes on in steps.
func (b *board) prime(s *scratch, cuts []float32, of []bound, rows, n, to, step int) {
	if n < b.k {
		return
	}
	for r := range rows {
		if !math.IsInf(float64(cuts[r]), 1) {
			continue
		}
		v := s.kth[:0]
		for i := range n {
			at := r*to + i*step
			v = append(v, s.scores.Data[at]+s.add[at/s.scores.Stride])
		}
		s.kth = v
		cuts[r] = of[r].cut(kth(v, b.k))
	}
}

// take empties the list of row r of block i, sorted by (score, number), once nothing is added any more.
func (b *board) take(s *scratch, i, r int) (list []candidate, wide bool) {
	c := &b.lists[b.blocks[i].lo+r]
	if c.wide {
		return nil, true
	}
	c.shrink(b.cuts[i][r], b.k, b.bound[b.blocks[i].lo+r], &s.kth)
	list = c.list
	*c = candidates{}
	sortCandidates(list)
	return list, false
}
