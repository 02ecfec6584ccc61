package tokenizer

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// class is what a code point is, as bits.
type class uint16

const (
	isLetter      class = 1 << iota // \p{L}
	isNumber                        // \p{N}
	isSpace                         // White_Space
	isWord                          // \w
	isNumeric                       // Digits splits at it
	isPunct                         // BertPreTokenizer and Punctuation split at it
	isCombining                     // StripAccents removes it
	extends                         // joins the grapheme cluster before it
	prepends                        // the next code point joins it
	isControl                       // stands alone in a grapheme cluster
	isPictograph                    // joins a pictograph and ZWJ
	hasCanonical                    // has a canonical decomposition
	hasCompatible                   // has a compatibility decomposition
	isReordered                     // has a combining class
	isUnstable                      // is not its own composition
	isSecond                        // composes with what stands before it
)

// tableEnd is where the table of classes ends. The rarer code points above are in a map.
const tableEnd = 0x20000

type unicodeData struct {
	class [tableEnd]class
	rare  map[rune]class
	wide  []wideSpan // long ranges above tableEnd

	canonical, compatible map[rune]string // full decompositions; compatible only where they differ
	combining             map[rune]uint8  // combining classes other than 0
	pairs                 map[[2]rune]rune
}

type wideSpan struct {
	span
	class class
}

// loadUnicode builds what tables.go stands for, once.
var loadUnicode = sync.OnceValue(func() *unicodeData {
	u := &unicodeData{
		rare: map[rune]class{}, canonical: map[rune]string{}, compatible: map[rune]string{}, combining: map[rune]uint8{}, pairs: map[[2]rune]rune{},
	}
	for _, t := range []struct {
		bit   class
		spans []span
	}{
		{isLetter, letters},
		{isNumber, numbers},
		{isWord, wordChars},
		{isNumeric, numeric},
		{isCombining, combining},
		{extends, extenders},
		{prepends, prependers},
		{isControl, controls},
		{isPictograph, pictographs},
		{hasCanonical, canonical},
		{hasCompatible, compatible},
		{isReordered, reordered},
	} {
		for _, s := range t.spans {
			u.set(t.bit, s)
		}
	}
	for r := range rune(tableEnd) {
		if unicode.IsSpace(r) {
			u.class[r] |= isSpace
		}
		if wordpiece.IsPunct(r) { // none is above
			u.class[r] |= isPunct
		}
	}
	u.fillForms()
	return u
})

func (u *unicodeData) set(bit class, s span) {
	for r := s.lo; r <= min(s.hi, tableEnd-1); r++ {
		u.class[r] |= bit
	}
	s.lo = max(s.lo, tableEnd)
	switch {
	case s.lo > s.hi:
	case s.hi-s.lo > 64:
		u.wide = append(u.wide, wideSpan{s, bit})
	default:
		for r := s.lo; r <= s.hi; r++ {
			u.rare[r] |= bit
		}
	}
}

// of returns the class of a code point.
func (u *unicodeData) of(r rune) class {
	if r < tableEnd {
		return u.class[r]
	}
	c := u.rare[r]
	for _, s := range u.wide {
		if s.lo <= r && r <= s.hi {
			c |= s.class
		}
	}
	return c
}

// fillForms fills the decompositions, the combining classes and the compositions. The values are
// Go's, which later versions of Unicode never change; which code points have them is the library's.
func (u *unicodeData) fillForms() {
	each := func(spans []span, do func(r rune)) {
		for _, s := range spans {
			for r := s.lo; r <= s.hi; r++ {
				do(r)
			}
		}
	}
	each(canonical, func(r rune) {
		s := string(r)
		d := norm.NFD.String(s)
		u.canonical[r] = d
		if norm.NFC.String(s) != s {
			u.add(r, isUnstable)
			return
		}
		last, n := utf8.DecodeLastRuneInString(d)
		first, size := utf8.DecodeRuneInString(norm.NFC.String(d[:len(d)-n]))
		if size > 0 && first != r {
			u.pairs[[2]rune{first, last}] = r
			u.add(last, isSecond)
		}
	})
	each(compatible, func(r rune) { u.compatible[r] = norm.NFKD.String(string(r)) })
	each(reordered, func(r rune) { u.combining[r] = norm.NFD.PropertiesString(string(r)).CCC() })
	u.set(isSecond, span{vowelBase, vowelBase + vowels - 1})
	u.set(isSecond, span{trailBase + 1, trailBase + trails - 1})
}

func (u *unicodeData) add(r rune, bit class) { u.set(bit, span{r, r}) }
