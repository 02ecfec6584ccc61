package tokenizer

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/trie"
)

// bpe is the model BPE: pairs of tokens are merged, those of the lowest rank first, of those the leftmost.
type bpe struct {
	words  *trie.Trie // tokens, as bytes where raw is set
	raw    bool       // words are bytes, each of which begins as a token, and not characters
	single [256]int32 // ids of the bytes, −1 for none; with raw alone
	merges mergeTable
	made   []int32 // id that the merge of each rank makes

	other map[string]int32 // tokens that are no bytes, where raw is set

	prefix, suffix string // continuing_subword_prefix, end_of_word_suffix
	unk            int32  // −1 where unknown characters are left out
	fuse           bool
	whole          bool // ignore_merges: a word that is a token is that token
	bytes          *[256]int32
}

// newBPE returns the model of m. raw is set where its words are not to be spelled by the characters of ByteLevel.
func newBPE(m *modelFile, vocab map[string]int32, merges [][2]string, raw bool) (*bpe, error) {
	b := &bpe{words: trie.New(10), raw: raw, other: map[string]int32{}, unk: -1, fuse: m.FuseUnk, whole: m.IgnoreMerges}
	if m.Prefix != nil {
		b.prefix = *m.Prefix
	}
	if m.Suffix != nil {
		b.suffix = *m.Suffix
	}
	if m.Unk != nil {
		id, ok := vocab[*m.Unk]
		if !ok {
			return nil, fmt.Errorf("model.unk_token %q is not in the vocabulary of %d tokens", *m.Unk, len(vocab))
		}
		b.unk = id
	}
	for token, id := range vocab {
		if raw {
			text, ok := bytesOf(token)
			if !ok {
				b.other[token] = id
				continue
			}
			token = text
		}
		if token != "" && !b.words.Put(token, id) {
			return nil, fmt.Errorf("model.vocab has more than %d different beginnings of tokens", trie.MaxNodes)
		}
	}
	for c := range b.single {
		b.single[c] = b.words.Get(string([]byte{byte(c)}))
	}
	b.merges = newMergeTable(len(merges))
	b.made = make([]int32, len(merges))
	for rank, pair := range merges {
		left, ok := vocab[pair[0]]
		if !ok {
			return nil, fmt.Errorf("model.merges[%d] has the token %q, which is not in the vocabulary", rank, pair[0])
		}
		right, ok := vocab[pair[1]]
		if !ok {
			return nil, fmt.Errorf("model.merges[%d] has the token %q, which is not in the vocabulary", rank, pair[1])
		}
		if len(pair[1]) < len(b.prefix) {
			return nil, fmt.Errorf("model.merges[%d] has the token %q, which is shorter than continuing_subword_prefix %q", rank, pair[1], b.prefix)
		}
		made, ok := vocab[pair[0]+pair[1][len(b.prefix):]]
		if !ok {
			return nil, fmt.Errorf("model.merges[%d] makes %q, which is not in the vocabulary", rank, pair[0]+pair[1][len(b.prefix):])
		}
		b.made[rank] = made
		b.merges.put(left, right, int32(rank))
	}
	if m.ByteFallback {
		b.bytes = new([256]int32)
		for c := range b.bytes {
			b.bytes[c] = -1
			if id, ok := vocab[fmt.Sprintf("<0x%02X>", c)]; ok {
				b.bytes[c] = id
			}
		}
	}
	return b, nil
}

func (b *bpe) id(token string) int32 {
	if b.raw {
		text, ok := bytesOf(token)
		if !ok {
			if id, ok := b.other[token]; ok {
				return id
			}
			return -1
		}
		token = text
	}
	return b.words.Get(token)
}

func (b *bpe) tokens(e *encoder, dst []int32, word string) []int32 {
	if b.whole {
		if id := b.words.Get(word); id >= 0 {
			return append(dst, id)
		}
	}
	start := len(dst)
	dst = b.symbols(e, dst, word)
	if n := len(dst) - start; n > maxScan {
		return dst[:start+b.mergeLong(e, dst[start:])]
	} else if n > 1 {
		return dst[:start+b.mergeShort(dst[start:])]
	}
	return dst
}

// symbols appends the tokens of the characters of a word.
func (b *bpe) symbols(e *encoder, dst []int32, word string) []int32 {
	plain := b.prefix == "" && b.suffix == "" && b.bytes == nil && b.unk < 0
	if b.raw && plain {
		for i := range len(word) {
			if id := b.single[word[i]]; id >= 0 {
				dst = append(dst, id)
			}
		}
		return dst
	}
	unknown := 0 // unknown characters that are not written yet
	flush := func() {
		for ; unknown > 0; unknown-- {
			dst = append(dst, b.unk)
		}
	}
	for i := 0; i < len(word); {
		n := 1
		if !b.raw && word[i] >= utf8.RuneSelf {
			_, n = utf8.DecodeRuneInString(word[i:])
		}
		s := word[i : i+n]
		if b.prefix != "" && i > 0 || b.suffix != "" && i+n == len(word) {
			e.affix = e.affix[:0]
			if i > 0 {
				e.affix = append(e.affix, b.prefix...)
			}
			e.affix = append(e.affix, s...)
			if i+n == len(word) {
				e.affix = append(e.affix, b.suffix...)
			}
			s = view(e.affix)
		}
		i += n
		id := int32(-1)
		if len(s) == 1 {
			id = b.single[s[0]]
		} else {
			id = b.words.Get(s)
		}
		if id >= 0 {
			flush()
			dst = append(dst, id)
			continue
		}
		if b.bytes != nil {
			if more, ok := b.fallback(dst, s); ok { // before unknown characters that wait, as the library has it
				dst = more
				continue
			}
		}
		if b.unk >= 0 {
			if !b.fuse {
				flush()
			}
			unknown = 1
		}
	}
	flush()
	return dst
}

// fallback appends the tokens of the bytes of s; false where one has none.
func (b *bpe) fallback(dst []int32, s string) ([]int32, bool) {
	start := len(dst)
	for i := range len(s) {
		id := b.bytes[s[i]]
		if id < 0 {
			return dst[:start], false
		}
		dst = append(dst, id)
	}
	return dst, true
}

// maxScan is the longest word whose lowest rank is found by looking at every pair. Longer ones have a queue.
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

// mergeLong is mergeShort with a priority queue.
func (b *bpe) mergeLong(e *encoder, ids []int32) int {
	n := len(ids)
	if cap(e.links) < n {
		e.links = make([]link, n+n/4)
	}
	links := e.links[:n]
	q := e.queue[:0]
	for i := range links {
		links[i] = link{int32(i) - 1, int32(i) + 1}
		if i+1 < n {
			if r := b.merges.rank(ids[i], ids[i+1]); r != noRank {
				q = append(q, entryOf(r, int32(i)))
			}
		}
	}
	q.order()
	for len(q) > 0 {
		top := q.pop()
		rank, at := int32(top>>32), int32(uint32(top))
		next := links[at].next
		if ids[at] < 0 || int(next) >= n { // merged into the one before, or the last one
			continue
		}
		now := b.merges.rank(ids[at], ids[next])
		if now == noRank || b.made[now] != b.made[rank] { // another pair by now
			continue
		}
		ids[at], ids[next] = b.made[rank], -1
		after := links[next].next
		links[at].next = after
		if int(after) < n {
			links[after].prev = at
			if r := b.merges.rank(ids[at], ids[after]); r != noRank {
				q.push(entryOf(r, at))
			}
		}
		if before := links[at].prev; before >= 0 {
			if r := b.merges.rank(ids[before], ids[at]); r != noRank {
				q.push(entryOf(r, before))
			}
		}
	}
	e.queue = q
	kept := 0
	for _, id := range ids {
		if id >= 0 {
			ids[kept] = id
			kept++
		}
	}
	return kept
}

// link chains the tokens of a word.
type link struct{ prev, next int32 }

// queue is a binary heap of places, ordered by the rank of their pair and then by place.
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

// mergeTable maps pairs of tokens to ranks, by open addressing.
type mergeTable struct {
	slots []mergeSlot
	shift uint
}

type mergeSlot struct {
	pair uint64 // left and right id, plus 1; 0 is empty
	rank int32
}

func newMergeTable(n int) mergeTable {
	bits := uint(4)
	for 1<<bits < 2*n {
		bits++
	}
	return mergeTable{make([]mergeSlot, 1<<bits), 64 - bits}
}

func (t *mergeTable) slot(pair uint64) *mergeSlot {
	mask := uint64(len(t.slots) - 1)
	for i := (pair * 0x9E3779B97F4A7C15) >> t.shift; ; i++ {
		s := &t.slots[i&mask]
		if s.pair == pair || s.pair == 0 {
			return s
		}
	}
}

func pairOf(left, right int32) uint64 { return uint64(uint32(left))<<32 | uint64(uint32(right)) + 1 }

// put stores a rank; the last one of a pair counts.
func (t *mergeTable) put(left, right, rank int32) {
	*t.slot(pairOf(left, right)) = mergeSlot{pairOf(left, right), rank}
}

// rank returns the rank of a pair, noRank where it does not merge.
func (t *mergeTable) rank(left, right int32) int32 {
	if s := t.slot(pairOf(left, right)); s.pair != 0 {
		return s.rank
	}
	return noRank
}
