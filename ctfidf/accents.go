package ctfidf

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Accents says what becomes of accents and of characters beyond ASCII.
type Accents string

// The ways to strip accents, after lower-casing. Both decompose the text first (NFKD), so that "é" becomes "e" and "ﬁ"
// becomes "fi".
const (
	KeepAccents    Accents = ""
	AccentsUnicode Accents = "unicode" // then drops the combining marks
	AccentsASCII   Accents = "ascii"   // then drops everything that is not ASCII
)

func (a Accents) valid() bool { return a == KeepAccents || a == AccentsUnicode || a == AccentsASCII }

func (a Accents) strip(text string) string {
	if a == KeepAccents || isASCII(text) {
		return text
	}
	text = norm.NFKD.String(text)
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		if a == AccentsASCII || combining(r) {
			return -1
		}
		return r
	}, text)
}

// combining is whether the canonical combining class of r is not 0, as unicodedata.combining of Python has it.
func combining(r rune) bool {
	var b [utf8.UTFMax]byte
	return norm.NFD.Properties(b[:utf8.EncodeRune(b[:], r)]).CCC() != 0
}
