package postag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a token as the features see it.
type word struct {
	lower string // without regard to case; numbers are alike
	shape byte
}

// The shapes of tokens.
const (
	shapeOther byte = iota
	shapeLower
	shapeTitle
	shapeUpper
	shapeMixed
	shapeNumber
	shapeAlnum // letters and digits
)

func wordOf(token string) word {
	var upper, lower, digit int
	first := false
	n := 0
	for _, r := range token {
		switch {
		case unicode.IsUpper(r):
			upper++
			first = first || n == 0
		case unicode.IsDigit(r):
			digit++
		case unicode.IsLetter(r):
			lower++
		}
		n++
	}
	w := word{lower: strings.ToLower(token)}
	switch {
	case upper+lower+digit == 0:
	case digit > 0 && upper+lower == 0:
		w.shape, w.lower = shapeNumber, "0"
	case digit > 0:
		w.shape = shapeAlnum
	case upper == 0:
		w.shape = shapeLower
	case upper == 1 && first && n > 1:
		w.shape = shapeTitle
	case lower == 0:
		w.shape = shapeUpper
	default:
		w.shape = shapeMixed
	}
	return w
}

// punctuation tells whether a token has neither letters nor digits: its tag needs no model.
func (w word) punctuation() bool { return w.shape == shapeOther }

const (
	buckets  = 1 << 16
	features = 21
)

// hash is FNV-1a over the number of the feature and its parts.
func hash(feature byte, parts ...string) uint32 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	h = (h ^ uint64(feature)) * prime
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
		h = (h ^ 0x1f) * prime
	}
	h ^= h >> 32
	h *= 0x9E3779B97F4A7C15
	return uint32(h >> 48 & (buckets - 1))
}

func suffix(s string, n int) string {
	i := len(s)
	for range n {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}

func prefix(s string, n int) string {
	i := 0
	for range n {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return s[:i]
}

// context fills in the buckets of the features of token i, given the tags of the two before it.
func context(out *[features]uint32, words []word, i int, before, twoBefore string) {
	at := func(j int) word {
		switch {
		case j < 0:
			return word{lower: "^"}
		case j >= len(words):
			return word{lower: "$"}
		}
		return words[j]
	}
	w, last, next := at(i), at(i-1), at(i+1)
	shape := string([]byte{'0' + w.shape})
	start := ""
	if i == 0 || last.lower == "." {
		start = "^"
	}
	*out = [features]uint32{
		hash(0),
		hash(1, w.lower),
		hash(2, suffix(w.lower, 1)),
		hash(3, suffix(w.lower, 2)),
		hash(4, suffix(w.lower, 3)),
		hash(5, suffix(w.lower, 4)),
		hash(6, prefix(w.lower, 1)),
		hash(7, prefix(w.lower, 3)),
		hash(8, shape, start),
		hash(9, before),
		hash(10, twoBefore, before),
		hash(11, before, w.lower),
		hash(12, last.lower),
		hash(13, last.lower, w.lower),
		hash(14, next.lower),
		hash(15, w.lower, next.lower),
		hash(16, suffix(next.lower, 3)),
		hash(17, suffix(last.lower, 3)),
		hash(18, before, suffix(w.lower, 3)),
		hash(19, at(i+2).lower),
		hash(20, shape, before, suffix(next.lower, 2)),
	}
}
