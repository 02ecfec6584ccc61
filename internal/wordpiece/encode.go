package wordpiece

import (
	"slices"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// Encode appends the ids of text to dst, special tokens before and after it ([CLS] … [SEP]), and returns the longer slice.
// No more than maxTokens ids are appended, the special ones among them; 0 or less sets no limit. A text that is too long
// loses its end, never its special tokens; where the limit is below their number, the first of them are all there is.
// cut tells that an id was left out: one of the text, or a special one. So an empty text is cut only where the limit is
// below the number of special tokens, and a text that is nothing but white space is like an empty one.
//
// Reading stops soon after the limit, so a long text costs little more than its beginning: the rest is looked through for an
// added token at most. Only a tokenizer with normalised added tokens reads all of it.
//
// A byte that is no valid UTF-8 counts as U+FFFD, as everywhere in Go. Nothing is allocated when dst has room, but for memory
// that later calls use again.
func (t *Tokenizer) Encode(dst []int32, text string, maxTokens int) (ids []int32, cut bool) {
	start, specials := len(dst), len(t.before)+len(t.after)
	dst = append(dst, t.before...)
	if maxTokens > 0 && maxTokens < specials {
		return append(dst, t.after...)[:start+maxTokens], true
	}
	e := newEncoder(t)
	defer e.release()
	e.dst = dst
	if maxTokens > 0 {
		e.limit = len(dst) + maxTokens - specials
	}
	if t.raw.Wide() && !utf8.ValidString(text) { // an added token with U+FFFD in it matches an invalid byte too
		for _, r := range text {
			e.valid = utf8.AppendRune(e.valid, r)
		}
		text = view(e.valid)
	}
	t.raw.Split(text, func(piece string, id int32) bool {
		if id >= 0 {
			e.emit(id)
		} else {
			e.segment(piece)
		}
		return !e.cut
	})
	return append(e.dst, t.after...), e.cut
}

// encoder is the state of one Encode.
type encoder struct {
	t     *Tokenizer
	dst   []int32
	limit int // the length dst may reach, −1 for any
	cut   bool

	word  []byte // the word being read, normalised
	chars int    // its length in code points; word holds no more than fit into MaxWordChars
	whole bool   // collect the normalised text in word instead of words: nothing splits

	moved []place // code points at the end of word that canonical ordering still has to sort
	valid []byte  // the text with U+FFFD for what is no UTF-8, where that matters
}

// encoders keeps the memory of encoders that are done.
var encoders = sync.Pool{New: func() any { return new(encoder) }}

func newEncoder(t *Tokenizer) *encoder {
	e := encoders.Get().(*encoder)
	*e = encoder{t: t, limit: -1, word: e.word[:0], moved: e.moved[:0], valid: e.valid[:0]}
	return e
}

func (e *encoder) release() {
	e.t, e.dst = nil, nil
	encoders.Put(e)
}

// view is b as a string without a copy; b must not change while the string is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// place is a code point with its canonical combining class.
type place struct {
	r     rune
	class uint8
}

// segment reads text that no added token is cut out of.
func (e *encoder) segment(text string) {
	t := e.t
	if !t.normalized.Empty() {
		e.segmentNormalized(text)
		return
	}
	for i := 0; i < len(text) && !e.cut; {
		from := i
		for i < len(text) && t.ascii[text[i]] == 0 {
			i++
		}
		if i > from {
			e.letters(text[from:i])
			continue
		}
		switch c := text[i]; t.ascii[c] {
		case viaRune:
			r, n := utf8.DecodeRuneInString(text[i:])
			e.read(r)
			i += n
		case isSpace:
			e.flush()
			i++
		case isPunct:
			e.flush()
			e.emit(t.single[c])
			i++
		default: // dropped
			i++
		}
	}
	e.flush()
}

// letters appends ASCII that is neither space nor punctuation.
func (e *encoder) letters(s string) {
	if len(e.moved) > 0 {
		e.order()
	}
	if !e.room(len(s)) {
		return
	}
	for i := range len(s) {
		e.word = append(e.word, e.t.lowered[s[i]])
	}
}

// room counts n code points more and tells whether the word is still short enough to be of interest.
func (e *encoder) room(n int) bool {
	e.chars += n
	return e.whole || e.chars <= e.t.cfg.MaxWordChars
}

// read normalises one code point and appends it.
func (e *encoder) read(r rune) {
	t := e.t
	c := t.uni.classOf(r)
	if c == 0 {
		e.add(r)
		return
	}
	if t.cfg.CleanText {
		if c&isDropped != 0 {
			return
		}
		if c&isSpace != 0 {
			e.space(' ')
			return
		}
	}
	if c&isChinese != 0 && t.cfg.ChineseChars {
		e.space(' ')
		e.decompose(r, c)
		e.space(' ')
		return
	}
	e.decompose(r, c)
}

func (e *encoder) decompose(r rune, class uint8) {
	switch t := e.t; {
	case !t.strip || class&hasParts == 0:
		e.fold(r)
	case hangul(r):
		l, v, tail := jamo(r)
		e.add(l)
		e.add(v)
		if tail != 0 {
			e.add(tail)
		}
	default:
		for _, d := range t.uni.parts[r] {
			e.fold(d)
		}
	}
}

// fold drops a mark or maps to lower case, and splits words.
func (e *encoder) fold(r rune) {
	t := e.t
	c := t.uni.classOf(r)
	if t.strip && c&isMark != 0 {
		if len(e.moved) > 0 && combiningClass(r) == 0 {
			e.order()
		}
		return
	}
	switch {
	case c&isSpace != 0:
		e.space(r)
	case c&isPunct != 0:
		e.punct(r)
	case t.cfg.Lowercase && r == 'İ':
		e.add('i')
		e.add('\u0307')
	case t.cfg.Lowercase && c&hasLower != 0:
		e.add(lower(r))
	case t.strip && c&isReordered != 0:
		e.addOrdered(r)
	default:
		e.add(r)
	}
}

func (e *encoder) add(r rune) {
	if len(e.moved) > 0 {
		e.order()
	}
	if e.room(1) {
		e.word = utf8.AppendRune(e.word, r)
	}
}

// addOrdered appends a code point that order may move.
func (e *encoder) addOrdered(r rune) {
	if e.room(1) {
		e.word = utf8.AppendRune(e.word, r)
		e.moved = append(e.moved, place{r, ordered[r]})
	}
}

// order sorts the run of code points that ends the word by combining class, those of one class as they came. It must run
// before anything of class 0 follows.
func (e *encoder) order() {
	slices.SortStableFunc(e.moved, func(a, b place) int { return int(a.class) - int(b.class) })
	at := len(e.word)
	for _, p := range e.moved {
		at -= utf8.RuneLen(p.r)
	}
	for _, p := range e.moved {
		at += utf8.EncodeRune(e.word[at:], p.r)
	}
	e.moved = e.moved[:0]
}

func (e *encoder) space(r rune) {
	if e.whole {
		e.add(r)
		return
	}
	e.flush()
}

func (e *encoder) punct(r rune) {
	if e.whole {
		e.add(r)
		return
	}
	e.flush()
	e.add(r)
	e.flush()
}

// flush covers the word with the longest entries of the vocabulary, from the left.
func (e *encoder) flush() {
	if e.chars == 0 {
		return
	}
	if len(e.moved) > 0 {
		e.order()
	}
	word, chars := e.word, e.chars
	e.word, e.chars = e.word[:0], 0
	if e.full() {
		return
	}
	t := e.t
	mark := len(e.dst)
	if chars > t.cfg.MaxWordChars {
		e.emit(t.unk)
		return
	}
	for node, ok := uint32(0), true; len(word) > 0; node, ok = t.tail, t.tails {
		id, n := int32(-1), 0
		if ok {
			id, n = t.words.Longest(node, word)
		}
		if id < 0 {
			e.dst = append(e.dst[:mark], t.unk)
			break
		}
		e.dst = append(e.dst, id)
		word = word[n:]
	}
	if e.limit >= 0 && len(e.dst) > e.limit {
		e.dst, e.cut = e.dst[:e.limit], true
	}
}

func (e *encoder) emit(id int32) {
	if !e.full() {
		e.dst = append(e.dst, id)
	}
}

// full tells that no further token fits, and notes that there was one.
func (e *encoder) full() bool {
	if e.limit >= 0 && len(e.dst) >= e.limit {
		e.cut = true
	}
	return e.cut
}
