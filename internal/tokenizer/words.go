package tokenizer

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/trie"
)

// model makes ids of words.
type model interface {
	// tokens appends the ids of a word that is not empty.
	tokens(e *encoder, dst []int32, word string) []int32
	// id returns the id of a token, −1 for none.
	id(token string) int32
}

// words is the models WordPiece and WordLevel.
type words struct {
	trie *trie.Trie
	unk  int32
	// pieces is set for WordPiece: a word is covered from the left with the longest tokens, those
	// after the first with the prefix.
	pieces   bool
	maxChars int
	tail     uint32 // the node after the prefix
	tails    bool
}

func newWords(vocab map[string]int32, unk string) (*words, error) {
	w := &words{trie: trie.New(10)}
	for token, id := range vocab {
		if token != "" && !w.trie.Put(token, id) {
			return nil, fmt.Errorf("model.vocab has more than %d different beginnings of tokens", trie.MaxNodes)
		}
	}
	if w.unk = w.trie.Get(unk); w.unk < 0 {
		return nil, fmt.Errorf("model.unk_token %q is not in the vocabulary of %d tokens", unk, len(vocab))
	}
	return w, nil
}

func (w *words) id(token string) int32 { return w.trie.Get(token) }

func (w *words) tokens(_ *encoder, dst []int32, word string) []int32 {
	if !w.pieces {
		if id := w.trie.Get(word); id >= 0 {
			return append(dst, id)
		}
		return append(dst, w.unk)
	}
	if utf8.RuneCountInString(word) > w.maxChars {
		return append(dst, w.unk)
	}
	start := len(dst)
	rest := bytesView(word)
	for at, ok := uint32(0), true; len(rest) > 0; at, ok = w.tail, w.tails {
		id, n := int32(-1), 0
		if ok {
			id, n = w.trie.Longest(at, rest)
		}
		if id < 0 {
			return append(dst[:start], w.unk)
		}
		dst = append(dst, id)
		rest = rest[n:]
	}
	return dst
}
