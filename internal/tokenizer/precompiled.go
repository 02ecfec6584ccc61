package tokenizer

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// charsMap is the normalizer Precompiled: the character map of a SentencePiece model, a
// double-array trie of byte strings (darts-clone) whose values are places in a text of
// replacements.
type charsMap struct {
	u      *unicodeData
	units  []uint32
	values string
	mapped [1 << 16 / 64]uint64 // code points of the basic plane with a rule
}

func newCharsMap(encoded string) (*charsMap, error) {
	b, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("precompiled_charsmap is not base64: %w", err)
	}
	if len(b) < 4 {
		return nil, fmt.Errorf("precompiled_charsmap has %d bytes, want at least 4", len(b))
	}
	size := int64(binary.LittleEndian.Uint32(b))
	if b = b[4:]; size%4 != 0 || size > int64(len(b)) {
		return nil, fmt.Errorf("precompiled_charsmap has a trie of %d bytes, want a multiple of 4 up to %d", size, len(b))
	}
	m := &charsMap{u: loadUnicode(), units: make([]uint32, size/4), values: string(b[size:])}
	for i := range m.units {
		m.units[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	if !utf8.ValidString(m.values) {
		return nil, fmt.Errorf("precompiled_charsmap has replacements that are not valid UTF-8")
	}
	var text [utf8.UTFMax]byte
	for r := range rune(1 << 16) {
		if n := utf8.EncodeRune(text[:], r); r < 0xD800 || r >= 0xE000 {
			if _, ok := m.rule(view(text[:n])); ok {
				m.mapped[r>>6] |= 1 << (r & 63)
			}
		}
	}
	return m, nil
}

// rule returns the replacement of the shortest key that s begins with.
func (m *charsMap) rule(s string) (string, bool) {
	node := uint32(0)
	if len(m.units) == 0 {
		return "", false
	}
	node ^= unitOffset(m.units[0])
	for i := range len(s) {
		c := s[i]
		node ^= uint32(c)
		if c == 0 || int(node) >= len(m.units) {
			break
		}
		unit := m.units[node]
		if unit&(1<<31|0xFF) != uint32(c) {
			break
		}
		node ^= unitOffset(unit)
		if unit>>8&1 == 1 && int(node) < len(m.units) {
			at := int(m.units[node] & (1<<31 - 1))
			if at > len(m.values) {
				return "", false
			}
			value, _, _ := strings.Cut(m.values[at:], "\x00")
			return value, true
		}
	}
	return "", false
}

func unitOffset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// apply appends the text with each grapheme cluster of at most 5 bytes, and each character of a
// longer one, replaced by its rule.
func (m *charsMap) apply(_ *encoder, dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		end := i + n
		// Most characters are clusters of their own, by the look of the next one.
		if next := nextRune(s, end); next >= utf8.RuneSelf || r >= utf8.RuneSelf || r == '\r' {
			if m.u.of(next)&extends != 0 || m.u.of(r)&prepends != 0 || r == '\r' || hangulPart(r) {
				end = m.u.clusterEnd(s, i)
			}
		}
		if end > i+n {
			if end-i < 6 {
				if value, ok := m.rule(s[i:end]); ok {
					dst, i = append(dst, value...), end
					continue
				}
			}
			for ; i < end; i += n {
				_, n = utf8.DecodeRuneInString(s[i:])
				dst = m.char(dst, s[i:i+n])
			}
			continue
		}
		if r < 1<<16 && m.mapped[r>>6]>>(r&63)&1 == 0 {
			dst = append(dst, s[i:end]...)
		} else {
			dst = m.char(dst, s[i:end])
		}
		i = end
	}
	return dst
}

func (m *charsMap) char(dst []byte, s string) []byte {
	if value, ok := m.rule(s); ok {
		return append(dst, value...)
	}
	return append(dst, s...)
}

// nextRune returns the code point at i, 0 at the end.
func nextRune(s string, i int) rune {
	if i >= len(s) {
		return 0
	}
	if s[i] < utf8.RuneSelf {
		return rune(s[i])
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return r
}

const joiner = 0x200D

func hangulPart(r rune) bool {
	return r >= leadBase && r < 0x1200 || hangul(r) || r >= 0xA960 && r < 0xA980 || r >= 0xD7B0 && r < 0xD800
}

// clusterEnd returns the end of the extended grapheme cluster at i (Unicode Standard Annex 29). Of
// the rules that join clusters of 6 bytes or more, whose characters are looked up one by one in any
// case, those for flags and Indic conjuncts are left out.
func (u *unicodeData) clusterEnd(s string, i int) int {
	r, n := utf8.DecodeRuneInString(s[i:])
	picture := u.of(r)&isPictograph != 0 // a pictograph, with marks after it
	for i += n; i < len(s); i += n {
		var next rune
		next, n = utf8.DecodeRuneInString(s[i:])
		before, after := u.of(r), u.of(next)
		switch {
		case r == '\r' && next == '\n':
		case before&isControl != 0 || after&isControl != 0:
			return i
		case after&extends != 0 || before&prepends != 0 || joinsHangul(r, next):
		case picture && r == joiner && after&isPictograph != 0:
		default:
			return i
		}
		picture = after&isPictograph != 0 || picture && after&extends != 0
		r = next
	}
	return i
}

// joinsHangul reports whether b continues the Hangul syllable that a is a part of.
func joinsHangul(a, b rune) bool {
	const (
		lead = 1 << iota
		vowel
		trail
	)
	begins, ends := func(r rune) int { // what a syllable or a part of it begins with
		switch {
		case hangul(r), r >= leadBase && r < vowelBase-1, r >= 0xA960 && r <= 0xA97C:
			return lead
		case r >= vowelBase-1 && r <= trailBase, r >= 0xD7B0 && r <= 0xD7C6:
			return vowel
		case r > trailBase && r < 0x1200, r >= 0xD7CB && r <= 0xD7FB:
			return trail
		}
		return 0
	}, func(r rune) int { // what may follow it
		switch {
		case hangul(r):
			if (r-syllableBase)%trails == 0 {
				return vowel | trail
			}
			return trail
		case r >= leadBase && r < vowelBase-1, r >= 0xA960 && r <= 0xA97C:
			return lead | vowel
		case r >= vowelBase-1 && r <= trailBase, r >= 0xD7B0 && r <= 0xD7C6:
			return vowel | trail
		case r > trailBase && r < 0x1200, r >= 0xD7CB && r <= 0xD7FB:
			return trail
		}
		return 0
	}
	return begins(b)&ends(a) != 0
}
