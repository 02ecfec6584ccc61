// Package clusters cuts scripts that put no spaces between words, and whose words only a dictionary finds: Thai, Lao, Khmer
// and Burmese. It gives the overlapping pairs of grapheme clusters, as pairs of characters are taken for Chinese.
package clusters

import (
	"unicode"
	"unicode/utf8"
)

// Unspaced reports whether r is of one of the scripts.
func Unspaced(r rune) bool {
	return 0x0E00 <= r && r < 0x0F00 || 0x1000 <= r && r < 0x10A0 || 0x1780 <= r && r < 0x1800 || 0xA9E0 <= r && r < 0xAA00 || 0xAA60 <= r && r < 0xAA80
}

// next returns the length of the first cluster of text: a letter with the vowels and marks that are written around it. It
// follows Unicode's extended grapheme clusters (UAX #29), but that a vowel which stands before its consonant goes with it, and
// that so do stacked consonants.
func next(text []byte) (size int) {
	const (
		none   = iota
		before // a vowel that its consonant follows
		base
		stacker // a mark that the next consonant is stacked below
	)
	last := none
	for size < len(text) {
		r, n := utf8.DecodeRune(text[size:])
		kind := base
		switch {
		case 0x0E40 <= r && r <= 0x0E44, 0x0EC0 <= r && r <= 0x0EC4: // เ แ โ ใ ไ, and those of Lao
			kind = before
		case r == 0x17D2, r == 0x1039, r == 0x103A && last == base:
			kind = stacker
			if r == 0x103A { // the asat of Burmese kills a vowel, and stacks nothing
				size += n
				continue
			}
		case unicode.In(r, unicode.Mn, unicode.Mc, unicode.Me), r == 0x0E33, r == 0x0EB3, r == 0x0E30, r == 0x0EB0, r == 0x0E32, r == 0x0EB2, r == 0x0E45, r == 0x200C, r == 0x200D:
			if last == none {
				last = base
			}
			size += n
			continue
		}
		if last == base && kind != stacker || last == before && kind == before {
			return size
		}
		last = kind
		size += n
	}
	return size
}

// Pairs calls f with every two neighboring clusters of text, or with text where it is a single one, and ends early with the
// error of f.
func Pairs(text []byte, f func(pair []byte) error) error {
	first := next(text)
	if first == len(text) {
		if first == 0 {
			return nil
		}
		return f(text)
	}
	for begin, middle := 0, first; middle < len(text); {
		end := middle + next(text[middle:])
		if err := f(text[begin:end]); err != nil {
			return err
		}
		begin, middle = middle, end
	}
	return nil
}
