package tokenizer

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/trie"
)

// unknownPenalty is how much less likely than the least likely piece an unknown character is.
const unknownPenalty = 10

// unigram is the model Unigram: the most likely sequence of pieces.
type unigram struct {
	pieces  *trie.Trie
	scores  []float64 // of each id
	unknown float64   // score of an unknown character
	unk     int32
	bytes   *[256]int32 // pieces <0x00> to <0xFF> for byte fallback, −1 where there is none; nil without it
}

// node is the best path to a place in a word.
type node struct {
	score float64
	from  int32 // where its last piece starts, −1 where nothing ends
	id    int32
}

func newUnigram(vocab []unigramPiece, unk int, fallback bool) (*unigram, error) {
	m := &unigram{pieces: trie.New(10), scores: make([]float64, len(vocab)), unknown: math.Inf(1), unk: int32(unk)}
	for id, p := range vocab {
		m.scores[id] = p.score
		m.unknown = min(m.unknown, p.score)
		if p.token != "" && !m.pieces.Put(p.token, int32(id)) {
			return nil, fmt.Errorf("model.vocab has more than %d different beginnings of tokens", trie.MaxNodes)
		}
	}
	m.unknown -= unknownPenalty
	if fallback {
		m.bytes = bytePieces(m.pieces)
	}
	return m, nil
}

// bytePieces returns the ids of the tokens that stand for bytes, −1 where there is none.
func bytePieces(words *trie.Trie) *[256]int32 {
	var ids [256]int32
	for b := range ids {
		ids[b] = words.Get(fmt.Sprintf("<0x%02X>", b))
	}
	return &ids
}

func (m *unigram) id(token string) int32 { return m.pieces.Get(token) }

func (m *unigram) tokens(e *encoder, dst []int32, word string) []int32 {
	if cap(e.nodes) <= len(word) {
		e.nodes = make([]node, 2*len(word)+64)
	}
	best := e.nodes[:len(word)+1]
	for i := range best {
		best[i].from = -1
	}
	best[0].score = 0
	for i := 0; i < len(word); {
		n := 1
		if word[i] >= utf8.RuneSelf {
			_, n = utf8.DecodeRuneInString(word[i:])
		}
		score, single := best[i].score, false
		at := uint32(0)
		for j := i; j < len(word); {
			next, id := m.pieces.Step(at, word[j])
			if next == 0 {
				break
			}
			at = next
			j++
			if id < 0 {
				continue
			}
			single = single || j == i+n
			reach(&best[j], m.scores[id]+score, i, id)
		}
		if !single {
			reach(&best[i+n], m.unknown+score, i, m.unk)
		}
		i += n
	}
	// The pieces come from the last to the first. Unknown ones that stand together are one.
	start := len(dst)
	for end := len(word); end > 0; {
		from := int(best[end].from)
		if best[end].id == m.unk {
			for from > 0 && best[from].id == m.unk {
				from = int(best[from].from)
			}
			dst = m.unknownTokens(dst, word[from:end])
		} else {
			dst = append(dst, best[end].id)
		}
		end = from
	}
	reverse(dst[start:])
	return dst
}

// reach makes a path the best one to n where it is more likely than the one before.
func reach(n *node, score float64, from int, id int32) {
	if n.from < 0 || score > n.score {
		*n = node{score, int32(from), id}
	}
}

// unknownTokens appends, in reverse order, the ids of a stretch without pieces: its bytes where
// there are pieces for all of them, or the unknown one.
func (m *unigram) unknownTokens(dst []int32, s string) []int32 {
	if id := m.pieces.Get(s); id >= 0 { // the unknown piece as it is spelled
		return append(dst, id)
	}
	if m.bytes == nil {
		return append(dst, m.unk)
	}
	start := len(dst)
	for i := len(s) - 1; i >= 0; i-- {
		id := m.bytes[s[i]]
		if id < 0 {
			return append(dst[:start], m.unk)
		}
		dst = append(dst, id)
	}
	return dst
}

func reverse(ids []int32) {
	for i, j := 0, len(ids)-1; i < j; i, j = i+1, j-1 {
		ids[i], ids[j] = ids[j], ids[i]
	}
}
