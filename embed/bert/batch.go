package bert

import (
	"cmp"
	"slices"
)

// batch is what a worker encodes at once: the tokens of some texts, one after the other, without padding.
type batch struct {
	ids    []int32
	pieces []piece
	long   []int32 // the tokens of a text that is read in windows, without special ones
	rest   windows // what is left of it
}

// piece is a text, or a window of one, in a batch.
type piece struct {
	text  int     // its place in the input
	end   int     // where its tokens end
	share float32 // of the text, or 0 for all of it
	last  bool    // nothing of the text comes after it
}

// windows is the rest of a text that is longer than a piece may be.
type windows struct {
	text        int
	done, count int // windows
}

func (b *batch) reset() { b.ids, b.pieces = b.ids[:0], b.pieces[:0] }

// add appends an input, or its first window, and tells whether it was cut.
func (b *batch) add(e *Encoder, place int, j job) (cut bool) {
	before, after := e.tok.Specials()
	room := j.limit - before - after
	if !j.windows || room <= 0 {
		b.ids, cut = j.tokens(b.ids, place, j.limit)
		b.pieces = append(b.pieces, piece{text: place, end: len(b.ids), last: true})
		return cut
	}
	b.long, _ = j.tokens(b.long[:0], place, 0)
	if len(b.long) <= j.limit {
		b.ids = append(b.ids, b.long...)
		b.pieces = append(b.pieces, piece{text: place, end: len(b.ids), last: true})
		return false
	}
	n := len(b.long) - before - after
	b.rest = windows{text: place, count: (n + room - 1) / room}
	b.next(e)
	return false
}

// next appends the next window of the text that is under way.
func (b *batch) next(e *Encoder) {
	before, after := e.tok.Specials()
	tokens := b.long[before : len(b.long)-after]
	w := &b.rest
	lo, hi := w.done*len(tokens)/w.count, (w.done+1)*len(tokens)/w.count
	w.done++
	b.ids = append(b.ids, b.long[:before]...)
	b.ids = append(b.ids, tokens[lo:hi]...)
	b.ids = append(b.ids, b.long[len(b.long)-after:]...)
	b.pieces = append(b.pieces, piece{
		text: w.text, end: len(b.ids), share: float32(float64(hi-lo) / float64(len(tokens))), last: w.done == w.count,
	})
}

// pending tells whether windows of a text are left.
func (b *batch) pending() bool { return b.rest.done < b.rest.count }

// group is some whole pieces of a batch that stand side by side.
type group struct {
	pieces     []piece
	start, end int // its tokens
	next       int // the first piece after it
}

// group returns the pieces from the given one on that have groupRows tokens together, or a single
// longer one. A group without pieces follows the last.
func (b *batch) group(first int) group {
	g := group{next: first}
	if first > 0 {
		g.start = b.pieces[first-1].end
	}
	g.end = g.start
	for ; g.next < len(b.pieces); g.next++ {
		end := b.pieces[g.next].end
		if g.next > first && end-g.start > groupRows {
			break
		}
		g.end = end
	}
	g.pieces = b.pieces[first:g.next]
	return g
}

// finished is the number of texts that end in the batch.
func (b *batch) finished() (n int) {
	for _, p := range b.pieces {
		if p.last {
			n++
		}
	}
	return n
}

// byLength is the order in which inputs are taken: long ones first, so that the workers end together.
func byLength(n int, size func(i int) int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(size(int(b)), size(int(a))) })
	return order
}
