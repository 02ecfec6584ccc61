// Package words cuts texts into words by the word-break rules of Unicode (UAX #29), for scripts that do not put spaces
// between words:
//
//	cfg := ctfidf.Config{}
//	cfg.Tokenizer = words.Tokens
//
// The rules part Han and Hiragana into single characters, and keep runs of Katakana, of Hangul and of other letters.
// They know no dictionary: [Pairs] gives most two-character words of Chinese and Japanese a token of their own.
package words

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Tokens are the words of a text that have a letter or a digit. A word of one character is left out unless it is written
// in Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer or Burmese. Apostrophes and dots within words stay ("don't", "3.14").
func Tokens(text string) []string {
	var tokens []string
	for it := words.FromString(text); it.Next(); {
		if w := it.Value(); counts(w) {
			tokens = append(tokens, w)
		}
	}
	return tokens
}

// Pairs is Tokens with each run of Han and Hiragana as its overlapping pairs of characters: 北京大学 becomes 北京, 京大
// and 大学. A character that stands alone is a token.
func Pairs(text string) []string {
	var tokens []string
	last, end, single := -1, -1, false // where the last character of the run begins and ends, whether it is the first
	flush := func() {
		if last >= 0 && single {
			tokens = append(tokens, text[last:end])
		}
		last = -1
	}
	at := 0
	for it := words.FromString(text); it.Next(); {
		w := it.Value()
		from := at
		at += len(w)
		r, size := utf8.DecodeRuneInString(w)
		switch {
		case size == len(w) && unicode.In(r, unicode.Han, unicode.Hiragana):
			if last >= 0 && end == from {
				tokens = append(tokens, text[last:at])
				last, end, single = from, at, false
				continue
			}
			flush()
			last, end, single = from, at, true
		default:
			flush()
			if counts(w) {
				tokens = append(tokens, w)
			}
		}
	}
	flush()
	return tokens
}

// counts is whether a word is a token.
func counts(w string) bool {
	n, word := 0, false
	for _, r := range w {
		n++
		word = word || unicode.IsLetter(r) || unicode.IsNumber(r)
		if n == 1 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			n++ // as good as two
		}
	}
	return word && n >= 2
}
