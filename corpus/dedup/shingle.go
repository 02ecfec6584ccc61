package dedup

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// shingler is the scratch memory of a worker.
type shingler struct {
	text  []byte // normalised
	units []uint64
	set_  []uint64
}

// normalise keeps the letters, marks and digits of a text in lower case; whatever stands between becomes one space.
func normalise(to []byte, text string) []byte {
	to = to[:0]
	space := false
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case 'A' <= c && c <= 'Z':
				c |= 0x20
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			default:
				space = true
				continue
			}
			if space && len(to) > 0 {
				to = append(to, ' ')
			}
			space = false
			to = append(to, c)
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			space = true
			continue
		}
		if space && len(to) > 0 {
			to = append(to, ' ')
		}
		space = false
		to = utf8.AppendRune(to, unicode.ToLower(r))
	}
	return to
}

// base of the rolling hash: h of units u is Σ u·baseⁿ modulo 2⁶⁴. Odd, so that it has an inverse.
const base = 0x9e3779b97f4a7c15

// finish spreads what the rolling hash leaves in the high bits (the finaliser of SplitMix64).
func finish(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// split makes units of the normalised text: its characters, or its words by their hashes.
func (s *shingler) split(words bool) {
	s.units = s.units[:0]
	if !words {
		for i := 0; i < len(s.text); {
			if c := s.text[i]; c < utf8.RuneSelf {
				s.units = append(s.units, uint64(c)+1)
				i++
				continue
			}
			r, size := utf8.DecodeRune(s.text[i:])
			s.units = append(s.units, uint64(r)+1)
			i += size
		}
		return
	}
	h := uint64(0)
	for _, c := range s.text {
		if c == ' ' {
			s.units = append(s.units, finish(h))
			h = 0
			continue
		}
		h = h*base + uint64(c) + 1
	}
	if len(s.text) > 0 {
		s.units = append(s.units, finish(h))
	}
}

// set is the hashes of the shingles of a text, sorted, each once. It is good until the next call.
func (s *shingler) set(text string, cfg Config) []uint64 {
	s.text = normalise(s.text, text)
	s.split(cfg.Words)
	return s.shingles(cfg.Shingle)
}

func (s *shingler) shingles(k int) []uint64 {
	s.set_ = s.set_[:0]
	n := len(s.units)
	if n == 0 {
		return s.set_
	}
	k = min(k, n)
	h, power := uint64(0), uint64(1)
	for _, u := range s.units[:k] {
		h = h*base + u
		power *= base
	}
	s.set_ = append(s.set_, finish(h))
	for i := k; i < n; i++ {
		h = h*base + s.units[i] - s.units[i-k]*power
		s.set_ = append(s.set_, finish(h))
	}
	slices.Sort(s.set_)
	s.set_ = slices.Compact(s.set_)
	return s.set_
}

// hash of the normalised text.
func (s *shingler) hash() uint64 {
	h := uint64(len(s.text))
	for _, c := range s.text {
		h = h*base + uint64(c) + 1
	}
	return finish(h)
}

// jaccard is the similarity of two sorted sets.
func jaccard(x, y []uint64) float64 {
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	both := 0
	for i, j := 0, 0; i < len(x) && j < len(y); {
		a, b := x[i], y[j]
		if a == b {
			both++
		}
		if a <= b {
			i++
		}
		if b <= a {
			j++
		}
	}
	return float64(both) / float64(len(x)+len(y)-both)
}
