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

	"github.com/gobertopic/gobertopic/internal/clusters"
)

// Tokens are the words of a text that have a letter or a digit. A word of one character is left out unless it is written
// in Han, Hiragana, Katakana or Hangul. Apostrophes and dots within words stay ("don't", "3.14"). Thai, Lao, Khmer and
// Burmese, whose words only a dictionary finds, give the overlapping pairs of their grapheme clusters.
func Tokens(text string) []string {
	c := cutter{text: text, wide: -1}
	c.cut(false)
	return c.tokens
}

// Pairs is Tokens with each run of Han and Hiragana as its overlapping pairs of characters: 北京大学 becomes 北京, 京大
// and 大学. A character that stands alone is a token.
func Pairs(text string) []string {
	c := cutter{text: text, wide: -1}
	c.cut(true)
	return c.tokens
}

// cutter cuts a text.
type cutter struct {
	text   string
	tokens []string
	run    int  // where the run of a script without spaces begins that ends here
	wide   int  // where the last character of a run of Han and Hiragana begins, −1 for none
	single bool // it is the first of the run
}

func (c *cutter) cut(pairs bool) {
	at := 0
	c.run = -1
	for it := words.FromString(c.text); it.Next(); {
		w, from := it.Value(), at
		at += len(w)
		r, size := utf8.DecodeRuneInString(w)
		if clusters.Unspaced(r) || c.run >= 0 && unicode.In(r, unicode.Mn, unicode.Mc, unicode.Cf) {
			c.flush(from, false)
			if c.run < 0 {
				c.run = from
			}
			continue
		}
		if pairs && size == len(w) && unicode.In(r, unicode.Han, unicode.Hiragana) {
			c.flush(from, true)
			if c.wide >= 0 {
				c.tokens = append(c.tokens, c.text[c.wide:at])
			}
			c.single = c.wide < 0
			c.wide = from
			continue
		}
		c.flush(from, false)
		c.endRun(from)
		if counts(w) {
			c.tokens = append(c.tokens, w)
		}
	}
	c.flush(at, false)
	c.endRun(at)
}

// flush ends a run of Han and Hiragana at the offset end, unless it goes on, and a run of a script without spaces where that
// is followed by it.
func (c *cutter) flush(end int, goesOn bool) {
	if goesOn {
		c.endRun(end)
		return
	}
	if c.wide >= 0 && c.single {
		c.tokens = append(c.tokens, c.text[c.wide:end])
	}
	c.wide = -1
}

// endRun gives the pairs of a run of a script without spaces.
func (c *cutter) endRun(end int) {
	if c.run < 0 {
		return
	}
	_ = clusters.Pairs([]byte(c.text[c.run:end]), func(pair []byte) error { // which fails only where this function does
		if token := string(pair); counts(token) {
			c.tokens = append(c.tokens, token)
		}
		return nil
	})
	c.run = -1
}

// counts is whether a word is a token.
func counts(w string) bool {
	n, word := 0, false
	for _, r := range w {
		n++
		word = word || unicode.IsLetter(r) || unicode.IsNumber(r)
		if n == 1 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			n++ // as good as two
		}
	}
	return word && n >= 2
}
