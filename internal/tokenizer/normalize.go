package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// normalizer is one step of normalization.
type normalizer interface {
	// apply appends the normalized text to dst.
	apply(e *encoder, dst []byte, s string) []byte
}

// drifter is a normalizer after which the first character may come from another place than the
// first one of the text. prepend_scheme "first" asks for it.
type drifter interface {
	// drifts reports whether that is so for s.
	drifts(s string) bool
}

// normalize returns the normalized text, in memory of e. e.first is cleared where the first
// character of the result is not that of s.
func (e *encoder) normalize(s string) string {
	for i, n := range e.t.normalizers {
		if d, ok := n.(drifter); ok && e.first && d.drifts(s) {
			e.first = false
		}
		buf := &e.normal[i&1]
		*buf = n.apply(e, (*buf)[:0], s)
		s = view(*buf)
	}
	return s
}

// bertNormalizer is BertNormalizer.
type bertNormalizer struct{ wordpiece.Normalizer }

func (b bertNormalizer) apply(_ *encoder, dst []byte, s string) []byte { return b.Append(dst, s) }

func (b bertNormalizer) drifts(s string) bool {
	// Only a Chinese character leaves a space that stands for nothing of the text, which keeps the
	// first character's place.
	_, n := utf8.DecodeRuneInString(s)
	var buf [4 * utf8.UTFMax]byte
	return len(b.Append(buf[:0], s[:n])) == 0
}

// filter removes characters and maps others to a space: StripAccents and Nmt.
type filter struct {
	drop, space func(r rune) bool
}

func (f filter) apply(_ *encoder, dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		r, n := decode(s, i)
		switch {
		case f.drop(r):
		case f.space != nil && f.space(r):
			dst = append(dst, ' ')
		default:
			dst = append(dst, s[i:i+n]...)
		}
		i += n
	}
	return dst
}

func (f filter) drifts(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && f.drop(r)
}

func stripAccents() filter {
	u := loadUnicode()
	return filter{drop: func(r rune) bool { return u.of(r)&isCombining != 0 }}
}

// nmt is the normalizer Nmt, which follows sentencepiece's nmt_nfkc.
func nmt() filter {
	return filter{
		drop: func(r rune) bool {
			return r >= 0x01 && r <= 0x08 || r == 0x0B || r >= 0x0E && r <= 0x1F || r == 0x7F || r == 0x8F || r == 0x9F
		},
		space: func(r rune) bool {
			switch r {
			case '\t', '\n', '\f', '\r', 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
				return true
			}
			return r >= 0x200B && r <= 0x200F
		},
	}
}

// lowercase is the normalizer Lowercase.
type lowercase struct{}

func (lowercase) apply(_ *encoder, dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		r, n := decode(s, i)
		switch {
		case r >= 'A' && r <= 'Z':
			dst = append(dst, byte(r)+'a'-'A')
		case r < utf8.RuneSelf:
			dst = append(dst, byte(r))
		default:
			dst = wordpiece.Lower(dst, r)
		}
		i += n
	}
	return dst
}

// strip is the normalizer Strip.
type strip struct{ left, right bool }

func (t strip) apply(_ *encoder, dst []byte, s string) []byte {
	if t.left {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	}
	if t.right {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
	}
	return append(dst, s...)
}

func (t strip) drifts(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return t.left && n > 0 && unicode.IsSpace(r)
}

// prepend is the normalizer Prepend.
type prepend string

func (p prepend) apply(_ *encoder, dst []byte, s string) []byte {
	if s != "" {
		dst = append(dst, p...)
	}
	return append(dst, s...)
}

// replace is the normalizer Replace.
type replace struct {
	*pattern
	with string
}

func (p replace) apply(_ *encoder, dst []byte, s string) []byte {
	done := 0
	for {
		lo, hi, ok := p.find(s, done)
		if !ok {
			return append(dst, s[done:]...)
		}
		dst = append(append(dst, s[done:lo]...), p.with...)
		done = hi
	}
}

// growth returns how many bytes may become of one.
func (p replace) growth() int {
	least := 1
	if p.literal != "" {
		least = len(p.literal)
	} else if p.alts != nil {
		least = maxRepeat
		for _, a := range p.alts {
			least = min(least, a.min)
		}
	}
	return max(1, (len(p.with)+least-1)/least)
}

func (p replace) drifts(s string) bool {
	lo, hi, ok := p.find(s, 0)
	_, n := utf8.DecodeRuneInString(s)
	return ok && lo == 0 && (hi > n || p.with == "")
}

// byteChars is the normalizer ByteLevel: each byte becomes a printable character.
type byteChars struct{}

func (byteChars) apply(_ *encoder, dst []byte, s string) []byte {
	for i := range len(s) {
		dst = utf8.AppendRune(dst, charOfByte(s[i]))
	}
	return dst
}

// charOfByte is the character that stands for a byte in the vocabularies of byte-level models.
func charOfByte(b byte) rune {
	switch {
	case b >= '!' && b <= '~', b >= 0xA1 && b <= 0xAC, b >= 0xAE:
		return rune(b)
	case b <= ' ':
		return 0x100 + rune(b)
	case b < 0xA1:
		return 0x100 + 33 + rune(b) - 0x7F
	default: // 0xAD
		return 0x100 + 67
	}
}

// bytesOf returns the bytes that the characters of a byte-level token stand for.
func bytesOf(token string) (string, bool) {
	out := make([]byte, 0, len(token))
	for _, r := range token {
		switch {
		case r >= 0x100 && r <= 0x120:
			out = append(out, byte(r-0x100))
		case r >= 0x121 && r <= 0x142:
			out = append(out, byte(r-0x121+0x7F))
		case r == 0x143:
			out = append(out, 0xAD)
		case r <= 0xFF && charOfByte(byte(r)) == r:
			out = append(out, byte(r))
		default:
			return "", false
		}
	}
	return string(out), true
}
