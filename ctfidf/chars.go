package ctfidf

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Analyzer says what a term is made of.
type Analyzer string

// The kinds of terms.
const (
	Words       Analyzer = ""        // n-grams of tokens; scikit-learn's "word"
	Chars       Analyzer = "char"    // n-grams of characters, across words; two or more white spaces count as one space
	CharsWithin Analyzer = "char_wb" // n-grams of characters within words, each word with a space on both sides
)

func (a Analyzer) valid() bool { return a == Words || a == Chars || a == CharsWithin }

// isSpace is \s of Python's re for text, which is str.isspace.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// squeeze replaces each run of two or more white spaces by one space and leaves single ones as they are.
func (t *tokeniser) squeeze(text string) []rune {
	t.runes = t.runes[:0]
	run := 0
	for _, r := range text {
		if !isSpace(r) {
			run = 0
		} else if run++; run == 2 {
			t.runes[len(t.runes)-1] = ' '
		}
		if run < 2 {
			t.runes = append(t.runes, r)
		}
	}
	return t.runes
}

// eachChars gives the n-grams of all characters.
func (t *tokeniser) eachChars(text string, f func(token []byte) error) error {
	runes := t.squeeze(text)
	for n := t.cfg.NGramMin; n <= min(t.cfg.NGramMax, len(runes)); n++ {
		for i := range len(runes) - n + 1 {
			if err := f(t.encode(runes[i : i+n])); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachCharsWithin gives the n-grams of the characters of each word. A word that is shorter than an n-gram is given
// once, and then no longer n-gram of it.
func (t *tokeniser) eachCharsWithin(text string, f func(token []byte) error) error {
	for _, word := range strings.FieldsFunc(text, isSpace) {
		t.runes = append(t.runes[:0], ' ')
		for _, r := range word {
			t.runes = append(t.runes, r)
		}
		runes := append(t.runes, ' ')
		t.runes = runes
		for n := t.cfg.NGramMin; n <= t.cfg.NGramMax; n++ {
			if n >= len(runes) {
				if err := f(t.encode(runes)); err != nil {
					return err
				}
				break
			}
			for i := range len(runes) - n + 1 {
				if err := f(t.encode(runes[i : i+n])); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (t *tokeniser) encode(runes []rune) []byte {
	t.token = t.token[:0]
	for _, r := range runes {
		t.token = utf8.AppendRune(t.token, r)
	}
	return t.token
}
