package tokenizer

import (
	"hash/maphash"
	"unicode/utf8"
	"unsafe"
)

// Encode appends the ids of text to dst, special tokens before and after it, and returns the longer
// slice. No more than maxTokens ids are appended, the special ones among them; 0 or less sets no
// limit. A text that is too long loses its end, never its special tokens; where the limit is below
// their number, the first of them are all there is. cut reports that an id was left out: one of the
// text, or a special one.
//
// A byte that is no valid UTF-8 counts as U+FFFD. Once the limit is reached, what is left of the
// text is at most normalized.
func (t *Tokenizer) Encode(dst []int32, text string, maxTokens int) (ids []int32, cut bool) {
	if t.bert != nil {
		return t.bert.Encode(dst, text, maxTokens)
	}
	e := t.encoder()
	defer t.pool.Put(e)
	return e.encode(dst, text, maxTokens)
}

func (e *encoder) encode(dst []int32, text string, maxTokens int) (ids []int32, cut bool) {
	t := e.t
	start, specials := len(dst), len(t.before)+len(t.after)
	dst = append(dst, t.before...)
	if maxTokens > 0 && maxTokens < specials {
		return append(dst, t.after...)[:start+maxTokens], true
	}
	e.dst, e.limit, e.cut = dst, -1, false
	if maxTokens > 0 {
		e.limit = len(dst) + maxTokens - specials
	}
	if !utf8.ValidString(text) {
		e.valid = e.valid[:0]
		for _, r := range text {
			e.valid = utf8.AppendRune(e.valid, r)
		}
		text = view(e.valid)
	}
	e.first = true
	t.raw.Split(text, func(piece string, id int32) bool {
		if id >= 0 {
			e.emit(id)
		} else {
			e.piece(piece)
		}
		e.first = false
		return !e.cut
	})
	dst, e.dst = e.dst, nil
	return append(dst, t.after...), e.cut
}

// piece reads text that no added token is cut out of.
func (e *encoder) piece(text string) {
	text = e.normalize(text)
	if e.t.normalized.Empty() {
		e.pre(0, text, e.first)
		return
	}
	e.t.normalized.Split(text, func(piece string, id int32) bool {
		if id >= 0 {
			e.emit(id)
		} else {
			e.pre(0, piece, e.first)
		}
		e.first = false
		return !e.cut
	})
}

// encoder is the state of one Encode and the memory that the next one uses again.
type encoder struct {
	t     *Tokenizer
	dst   []int32
	limit int  // the length dst may reach, −1 for any
	cut   bool // an id was left out
	first bool // what comes next begins with the first character of the text

	valid   []byte    // the text with U+FFFD for what is no UTF-8
	normal  [2][]byte // the normalized text, of even and odd steps
	stage   [][]byte  // the text of each pre-tokenizer that changes it
	chars   [][]byte  // the characters that stand for the bytes of a word
	affix   []byte    // a character with prefix and suffix
	points  []point
	marks   []point
	nodes   []node
	chain   chain
	buckets buckets
	queue   queue
	cache   []cached
	ids     []int32
}

func (t *Tokenizer) encoder() *encoder {
	if e, ok := t.pool.Get().(*encoder); ok {
		return e
	}
	return t.newEncoder()
}

func (t *Tokenizer) newEncoder() *encoder {
	n := len(t.splitters)
	return &encoder{t: t, stage: make([][]byte, n), chars: make([][]byte, n), cache: make([]cached, cacheSize)}
}

// cached is a word with its ids.
type cached struct {
	hash   uint64
	length uint8 // in bytes, 0 for an empty slot
	count  uint8
	word   [26]byte
	ids    [7]int32
}

// cacheSize is the number of words that an encoder remembers: 64 bytes each. A word takes the place
// of another one that has the same beginning of its hash.
const cacheSize = 1 << 12

// word appends the ids of a word.
func (e *encoder) word(s string) {
	if e.cut {
		return
	}
	if e.limit >= 0 && len(e.dst) >= e.limit {
		// Only whether it has an id at all is still of interest.
		e.ids = e.t.model.tokens(e, e.ids[:0], s)
		e.cut = len(e.ids) > 0
		return
	}
	start := len(e.dst)
	var slot *cached
	if len(s) <= len(slot.word) {
		h := maphash.String(e.t.seed, s)
		slot = &e.cache[h%cacheSize]
		if slot.hash == h && int(slot.length) == len(s) && view(slot.word[:len(s)]) == s {
			e.dst = append(e.dst, slot.ids[:slot.count]...)
			e.trim()
			return
		}
		slot.hash = h
	}
	e.dst = e.t.model.tokens(e, e.dst, s)
	if ids := e.dst[start:]; slot != nil {
		slot.length = 0
		if len(ids) <= len(slot.ids) {
			slot.length, slot.count = uint8(len(s)), uint8(len(ids))
			copy(slot.word[:], s)
			copy(slot.ids[:], ids)
		}
	}
	e.trim()
}

// trim cuts what is beyond the limit.
func (e *encoder) trim() {
	if e.limit >= 0 && len(e.dst) > e.limit {
		e.dst, e.cut = e.dst[:e.limit], true
	}
}

func (e *encoder) emit(id int32) {
	e.dst = append(e.dst, id)
	e.trim()
}

// view returns b as a string without a copy; b must not change while the string is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesView returns the bytes of s without a copy; they must not be changed.
func bytesView(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
