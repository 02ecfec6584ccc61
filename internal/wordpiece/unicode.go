package wordpiece

import (
	"sort"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/gobertopic/gobertopic/internal/trie"
)

// What a code point is, as bits. A code point without any is copied as it is.
const (
	isDropped   uint8 = 1 << iota // clean_text removes it
	isSpace                       // splits words
	isPunct                       // is a word of its own
	isMark                        // strip_accents removes it
	isChinese                     // stands between spaces
	hasParts                      // has a canonical decomposition
	hasLower                      // has another lower-case form
	isReordered                   // canonical ordering may move it, and it stays
)

// tableEnd is where the table of classes ends; the rarer code points above are looked up in the ranges.
const tableEnd = 0x20000

type unicodeData struct {
	class [tableEnd]uint8
	parts map[rune]string // canonical decompositions but for Hangul syllables
}

// loadUnicode builds the tables that tables.go and Go's own data stand for, once.
var loadUnicode = sync.OnceValue(func() *unicodeData {
	u := &unicodeData{parts: make(map[rune]string, 3000)}
	for r := rune(0); r < 0x10000; r++ {
		if r >= 0x3400 && r < 0xA000 || r >= 0xAC00 && r < 0xE000 {
			continue // Chinese characters and surrogates have no decomposition, Hangul syllables are computed
		}
		u.learnParts(r)
	}
	for _, s := range decomposing {
		for r := s.lo; r <= s.hi; r++ {
			u.learnParts(r)
		}
	}
	for r := range rune(tableEnd) {
		u.class[r] = u.rangesClass(r)
	}
	return u
})

func (u *unicodeData) learnParts(r rune) {
	s := string(r)
	if d := norm.NFD.String(s); d != s {
		u.parts[r] = d
	}
}

func (u *unicodeData) classOf(r rune) uint8 {
	if r < tableEnd {
		return u.class[r]
	}
	return u.rangesClass(r)
}

func (u *unicodeData) rangesClass(r rune) uint8 {
	var c uint8
	set := func(bit uint8, ok bool) {
		if ok {
			c |= bit
		}
	}
	set(isDropped, in(dropped, r))
	set(isSpace, unicode.IsSpace(r))
	if r < 0x80 {
		set(isPunct, unicode.IsPunct(r) || unicode.IsSymbol(r))
	} else {
		set(isPunct, in(punctuation, r))
	}
	set(isMark, in(marks, r))
	set(isChinese, chinese(r))
	_, ok := u.parts[r]
	set(hasParts, ok || hangul(r))
	set(hasLower, r == 'İ' || lower(r) != r)
	set(isReordered, ordered[r] != 0)
	return c
}

func in(spans []span, r rune) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].hi >= r })
	return i < len(spans) && spans[i].lo <= r
}

// chinese tells the characters of the CJK blocks that BERT splits at. Hangul and kana are not among them.
func chinese(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF, r >= 0xF900 && r <= 0xFAFF:
		return true
	}
	return r >= 0x20000 && r <= 0x2A6DF || r >= 0x2A700 && r <= 0x2B81F || r >= 0x2B920 && r <= 0x2CEAF || r >= 0x2F800 && r <= 0x2FA1F
}

// lower is the lower-case form of r, one code point. 'İ', the only one with two, is the caller's.
func lower(r rune) rune {
	if l, ok := lowerNew[r]; ok {
		return l
	}
	return unicode.ToLower(r)
}

func hangul(r rune) bool { return r >= 0xAC00 && r <= 0xD7A3 }

// jamo is the decomposition of a Hangul syllable; t is 0 when it has two parts (Unicode Standard, section 3.12).
func jamo(r rune) (l, v, t rune) {
	s := r - 0xAC00
	if t = s % 28; t != 0 {
		t += 0x11A7
	}
	return 0x1100 + s/(21*28), 0x1161 + s%(21*28)/28, t
}

// combiningClass is the canonical combining class of r.
func combiningClass(r rune) uint8 { return norm.NFD.PropertiesString(string(r)).CCC() }

// IsPunct reports whether BertPreTokenizer makes a word of r.
func IsPunct(r rune) bool { return loadUnicode().classOf(r)&isPunct != 0 }

// Lower appends the lower-case form of r as the library's normalizers have it.
func Lower(dst []byte, r rune) []byte {
	if r == 'İ' {
		return append(dst, "i\u0307"...)
	}
	return utf8.AppendRune(dst, lower(r))
}

// Normalizer is BertNormalizer alone, for tokenizers that are otherwise not of the BERT family.
type Normalizer struct{ t *Tokenizer }

// NewNormalizer returns the normalizer that the first four fields of cfg describe.
func NewNormalizer(cfg Config) Normalizer {
	t := &Tokenizer{cfg: cfg.clone(), uni: loadUnicode(), words: trie.New(1), strip: cfg.strips()}
	t.fillASCII()
	return Normalizer{t}
}

// Append appends the normalized text.
func (n Normalizer) Append(dst []byte, text string) []byte {
	e := newEncoder(n.t)
	defer e.release()
	e.normalize(text)
	return append(dst, e.word...)
}
