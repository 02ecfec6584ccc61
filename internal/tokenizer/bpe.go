package tokenizer

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/trie"
)

// bpe is the model BPE: pairs of tokens are merged, those of the lowest rank first, of those the
// leftmost.
type bpe struct {
	words  *trie.Trie // tokens, as bytes where raw is set
	raw    bool       // words are bytes, each of which begins as a token, and not characters
	single [256]int32 // ids of the bytes, −1 for none; with raw alone
	merges mergeTable
	made   []int32 // id that the merge of each rank makes
	// inOrder is set where no merge makes a token of a merge of a lower rank, as where the merges
	// were learned one after the other.
	inOrder bool

	other map[string]int32 // tokens that are no bytes, where raw is set

	prefix, suffix string // continuing_subword_prefix, end_of_word_suffix
	unk            int32  // −1 where unknown characters are left out
	fuse           bool
	whole          bool // ignore_merges: a word that is a token is that token
	bytes          *[256]int32
}

// newBPE returns the model of m. raw is set where its words are not to be spelled by the characters
// of ByteLevel.
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
	b.inOrder = b.checkOrder()
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

// checkOrder reports whether every merge is of tokens that only merges of lower ranks make.
func (b *bpe) checkOrder() bool {
	last := make(map[int32]int32, len(b.made)) // the highest rank that makes a token
	for rank, id := range b.made {
		last[id] = int32(rank)
	}
	for _, s := range b.merges.slots {
		if s.pair == 0 {
			continue
		}
		left, right := idsOf(s.pair)
		for _, id := range [...]int32{left, right} {
			if r, ok := last[id]; ok && r >= s.rank {
				return false
			}
		}
	}
	return true
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
		var id int32
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

// idsOf is the inverse of pairOf.
func idsOf(pair uint64) (left, right int32) { return int32(pair >> 32), int32(uint32(pair - 1)) }

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
