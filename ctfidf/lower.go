package ctfidf

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	capitalIDot  = 'İ'      // the one code point whose lower case is two: i and a combining dot
	combiningDot = '\u0307' // that dot
	capitalSigma = 'Σ'
	smallSigma   = 'σ'
	finalSigma   = 'ς'
)

// lowerAt is the lower case of the rune r that stands at text[i:i+size]. Only Σ depends on its surroundings. The rune İ
// is the caller's business, since it becomes two.
func lowerAt(text string, i, size int, r rune) rune {
	if r == capitalSigma {
		if isFinalSigma(text, i, size) {
			return finalSigma
		}
		return smallSigma
	}
	return unicode.ToLower(r)
}

// isFinalSigma is the Unicode condition Final_Sigma (The Unicode Standard, section 3.13, table 3-17) in the form that
// CPython 3.11 gives it: before the sigma stands a cased letter and after it none, case-ignorable characters skipped.
func isFinalSigma(text string, i, size int) bool {
	before := false
	for j := i; j > 0; {
		r, n := utf8.DecodeLastRuneInString(text[:j])
		if !isCaseIgnorable(r) {
			before = isCased(r)
			break
		}
		j -= n
	}
	if !before {
		return false
	}
	for _, r := range text[i+size:] {
		if !isCaseIgnorable(r) {
			return !isCased(r)
		}
	}
	return true
}

// isCased is the derived property Cased.
func isCased(r rune) bool {
	return unicode.In(r, unicode.Ll, unicode.Lu, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// isCaseIgnorable is the derived property Case_Ignorable: marks, formats, modifiers, and the punctuation that may stand
// within a word (Word_Break MidLetter, MidNumLet and Single_Quote), which package unicode has no table for.
func isCaseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '\u00b7', '\u0387', '\u055f', '\u05f4', '\u2018', '\u2019', '\u2024', '\u2027',
		'\ufe13', '\ufe52', '\ufe55', '\uff07', '\uff0e', '\uff1a':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// lowerText is str.lower of Python. Invalid UTF-8 becomes U+FFFD.
func lowerText(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i, r := range text {
		switch {
		case r < utf8.RuneSelf:
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteByte(byte(r))
		case r == capitalIDot:
			b.WriteByte('i')
			b.WriteRune(combiningDot)
		default:
			// Only Σ looks at the size, and it is two bytes long.
			b.WriteRune(lowerAt(text, i, len("Σ"), r))
		}
	}
	return b.String()
}
