package tokenizer

import "math/bits"

// maxScan is the longest word whose lowest rank is found by looking at every pair. Longer ones have
// a queue.
const maxScan = 40

const noRank = int32(1<<31 - 1)

// mergeShort merges ids in place and returns how many are left.
func (b *bpe) mergeShort(ids []int32) int {
	var buf [maxScan]int32
	ranks := buf[:len(ids)-1] // of the pair that begins at each place
	for i := range ranks {
		ranks[i] = b.merges.rank(ids[i], ids[i+1])
	}
	for {
		best, at := noRank, -1
		for i, r := range ranks {
			if r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return len(ids)
		}
		ids[at] = b.made[best]
		ids = append(ids[:at+1], ids[at+2:]...)
		ranks = append(ranks[:at], ranks[at+1:]...)
		if at > 0 {
			ranks[at-1] = b.merges.rank(ids[at-1], ids[at])
		}
		if at < len(ranks) {
			ranks[at] = b.merges.rank(ids[at], ids[at+1])
		}
	}
}

// mergeLong is mergeShort for words of any length. It takes linear time, or a logarithm more where
// the merges are not in order.
func (b *bpe) mergeLong(e *encoder, ids []int32) int {
	w := &e.chain
	w.begin(ids)
	if b.inOrder {
		e.buckets.reset(len(b.made))
		b.mergeByRank(w, &e.buckets)
	} else {
		b.mergeByQueue(w, &e.queue)
	}
	return w.compact()
}

// chain is a word whose tokens are merged: the places of its characters, linked.
type chain struct {
	ids   []int32 // −1 where a token has become part of the one before
	links []link
}

type link struct{ prev, next int32 }

func (w *chain) begin(ids []int32) {
	n := len(ids)
	if cap(w.links) < n {
		w.links = make([]link, n+n/4)
	}
	w.ids, w.links = ids, w.links[:n]
	for i := range w.links {
		w.links[i] = link{int32(i) - 1, int32(i) + 1}
	}
}

// merge puts a token in place of the one at a place and its successor. It returns the places before
// and after it, −1 and the length of the word where there is none.
func (w *chain) merge(at, made int32) (before, after int32) {
	next := w.links[at].next
	w.ids[at], w.ids[next] = made, -1
	after = w.links[next].next
	w.links[at].next = after
	if int(after) < len(w.ids) {
		w.links[after].prev = at
	}
	return w.links[at].prev, after
}

// compact leaves the tokens alone and returns their number.
func (w *chain) compact() int {
	kept := 0
	for _, id := range w.ids {
		if id >= 0 {
			w.ids[kept] = id
			kept++
		}
	}
	w.ids = nil
	return kept
}

// rankAt returns the rank of the pair that begins at a place, noRank where there is none.
func (b *bpe) rankAt(w *chain, at int32) int32 {
	if at < 0 || w.ids[at] < 0 {
		return noRank
	}
	next := w.links[at].next
	if int(next) >= len(w.ids) {
		return noRank
	}
	return b.merges.rank(w.ids[at], w.ids[next])
}

// mergeByQueue merges by a heap of places, ordered by the rank of their pair and then by place.
func (b *bpe) mergeByQueue(w *chain, queue *queue) {
	q := (*queue)[:0]
	for i := range w.ids {
		if r := b.rankAt(w, int32(i)); r != noRank {
			q = append(q, entryOf(r, int32(i)))
		}
	}
	q.order()
	for len(q) > 0 {
		top := q.pop()
		rank, at := int32(top>>32), int32(uint32(top))
		now := b.rankAt(w, at)
		if now == noRank || b.made[now] != b.made[rank] { // another pair by now
			continue
		}
		before, _ := w.merge(at, b.made[rank])
		for _, place := range [...]int32{at, before} {
			if r := b.rankAt(w, place); r != noRank {
				q.push(entryOf(r, place))
			}
		}
	}
	*queue = q
}

// mergeByRank merges by rank, from the lowest to the highest, where no merge makes a pair of a
// lower rank. Then the places of one rank can be merged in any order, since pairs of two different
// tokens do not overlap. Of a run of equal tokens those from its beginning are merged.
func (b *bpe) mergeByRank(w *chain, q *buckets) {
	push := func(at int32) {
		if r := b.rankAt(w, at); r != noRank {
			q.push(r, at)
		}
	}
	for i := range w.ids {
		push(int32(i))
	}
	for rank := q.min(); rank >= 0; rank = q.min() {
		made := b.made[rank]
		for entry := q.take(rank); entry >= 0; {
			var at int32
			at, entry = q.next(entry)
			for {
				now := b.rankAt(w, at)
				if now == noRank || b.made[now] != made {
					break
				}
				left := w.ids[at]
				if left != w.ids[w.links[at].next] {
					before, _ := w.merge(at, made)
					push(at)
					push(before)
					break
				}
				for prev := w.links[at].prev; prev >= 0 && w.ids[prev] == left; prev = w.links[prev].prev {
					at = prev
				}
				before, after := w.merge(at, made)
				push(at)
				push(before)
				if int(after) >= len(w.ids) || w.ids[after] != left {
					break
				}
				at = after
			}
		}
	}
}

// buckets holds places by rank.
type buckets struct {
	heads   []int32    // first entry of each rank, −1 for none
	entries []entry    // of all ranks
	levels  [][]uint64 // bits of the ranks that have entries, and of the words below that have bits
}

type entry struct{ at, next int32 }

// reset makes room for ranks below n. All buckets are empty then.
func (q *buckets) reset(n int) {
	q.entries = q.entries[:0]
	if len(q.heads) == n {
		return // taken empty
	}
	q.heads = make([]int32, n)
	for i := range q.heads {
		q.heads[i] = -1
	}
	q.levels = q.levels[:0]
	for {
		n = (n + 63) / 64
		q.levels = append(q.levels, make([]uint64, max(n, 1)))
		if n <= 1 {
			return
		}
	}
}

func (q *buckets) push(rank, at int32) {
	q.entries = append(q.entries, entry{at, q.heads[rank]})
	q.heads[rank] = int32(len(q.entries) - 1)
	i := uint(rank)
	for _, level := range q.levels {
		level[i/64] |= 1 << (i % 64)
		i /= 64
	}
}

// min returns the lowest rank with entries, −1 where there is none.
func (q *buckets) min() int32 {
	i := 0
	for k := len(q.levels) - 1; k >= 0; k-- {
		word := q.levels[k][i]
		if word == 0 {
			return -1
		}
		i = 64*i + bits.TrailingZeros64(word)
	}
	return int32(i)
}

// take empties the bucket of a rank and returns its first entry.
func (q *buckets) take(rank int32) (first int32) {
	first = q.heads[rank]
	q.heads[rank] = -1
	i := uint(rank)
	for _, level := range q.levels {
		level[i/64] &^= 1 << (i % 64)
		if level[i/64] != 0 {
			break
		}
		i /= 64
	}
	return first
}

// next returns the place of an entry and the entry after it, −1 for none.
func (q *buckets) next(i int32) (at, next int32) { return q.entries[i].at, q.entries[i].next }

// queue is a binary heap.
type queue []uint64

func entryOf(rank, at int32) uint64 { return uint64(rank)<<32 | uint64(uint32(at)) }

func (q queue) order() {
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

func (q *queue) push(v uint64) {
	*q = append(*q, v)
	h := *q
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if h[parent] <= v {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = v
}

func (q *queue) pop() uint64 {
	h := *q
	top := h[0]
	last := len(h) - 1
	h[0] = h[last]
	*q = h[:last]
	q.down(0)
	return top
}

func (q queue) down(i int) {
	if i >= len(q) {
		return
	}
	v := q[i]
	for {
		child := 2*i + 1
		if child >= len(q) {
			break
		}
		if child+1 < len(q) && q[child+1] < q[child] {
			child++
		}
		if q[child] >= v {
			break
		}
		q[i] = q[child]
		i = child
	}
	q[i] = v
}
