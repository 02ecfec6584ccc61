package tokenizer

import (
	"slices"
	"unicode/utf8"
)

// form is a Unicode normal form.
type form struct {
	u                   *unicodeData
	compatible, compose bool
	change              class // what a code point has that the form may change, alone or with what stands before it
}

func newForm(u *unicodeData, compatible, compose bool) *form {
	f := &form{u: u, compatible: compatible, compose: compose, change: isReordered}
	if compose {
		f.change |= isUnstable | isSecond
	} else {
		f.change |= hasCanonical
	}
	if compatible {
		f.change |= hasCompatible
	}
	return f
}

// point is a code point with its combining class.
type point struct {
	r     rune
	class uint8
}

// apply appends the normal form of s.
func (f *form) apply(e *encoder, dst []byte, s string) []byte {
	done, hold := 0, 0 // what is written, and the last code point that the form keeps: the next one may compose with it
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			hold = i
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !f.changes(r) {
			hold = i
			i += n
			continue
		}
		for i += n; i < len(s); i += n {
			if r, n = utf8.DecodeRuneInString(s[i:]); !f.changes(r) {
				break
			}
		}
		dst = append(dst, s[done:hold]...)
		dst = f.segment(e, dst, s[hold:i])
		done, hold = i, i
	}
	return append(dst, s[done:]...)
}

func (f *form) changes(r rune) bool {
	return f.u.of(r)&f.change != 0 || !f.compose && hangul(r)
}

// segment appends the normal form of s, which neither composes nor reorders with what stands around
// it.
func (f *form) segment(e *encoder, dst []byte, s string) []byte {
	p := e.points[:0]
	for _, r := range s {
		p = f.decompose(p, r)
	}
	for i := 0; i < len(p); {
		if p[i].class == 0 {
			i++
			continue
		}
		from := i
		for i < len(p) && p[i].class != 0 {
			i++
		}
		e.orderPoints(p[from:i])
	}
	if f.compose {
		p = f.u.compose(p)
	}
	for _, c := range p {
		dst = utf8.AppendRune(dst, c.r)
	}
	e.points = p
	return dst
}

func (f *form) decompose(p []point, r rune) []point {
	u := f.u
	if r < utf8.RuneSelf {
		return append(p, point{r, 0})
	}
	if hangul(r) {
		l, v, t := jamo(r)
		p = append(p, point{l, 0}, point{v, 0})
		if t != 0 {
			p = append(p, point{t, 0})
		}
		return p
	}
	c := u.of(r)
	d, ok := "", false
	if f.compatible && c&hasCompatible != 0 {
		d, ok = u.compatible[r]
	} else if c&hasCanonical != 0 {
		d, ok = u.canonical[r]
	}
	if !ok {
		return append(p, point{r, u.classOf(r)})
	}
	for _, part := range d {
		p = append(p, point{part, u.classOf(part)})
	}
	return p
}

func (u *unicodeData) classOf(r rune) uint8 {
	if u.of(r)&isReordered == 0 {
		return 0
	}
	return u.combining[r]
}

// orderPoints sorts a run of marks by combining class, those of one class as they came.
func (e *encoder) orderPoints(p []point) {
	if len(p) < 32 {
		slices.SortStableFunc(p, func(a, b point) int { return int(a.class) - int(b.class) })
		return
	}
	var from [257]int
	for _, c := range p {
		from[int(c.class)+1]++
	}
	for i := range 256 {
		from[i+1] += from[i]
	}
	e.marks = append(e.marks[:0], p...)
	for _, c := range e.marks {
		p[from[c.class]] = c
		from[c.class]++
	}
}

// compose replaces pairs by their compositions (Unicode Standard, definition D117).
func (u *unicodeData) compose(p []point) []point {
	starter, n := -1, 0 // the last starter, and what is kept
	var last uint8      // class of the last point that is kept after the starter
	for i, c := range p {
		if starter >= 0 && (n == starter+1 || last < c.class) {
			if r, ok := u.composite(p[starter].r, c.r); ok {
				p[starter].r = r
				continue
			}
		}
		if c.class == 0 {
			starter = n
		}
		last = c.class
		p[n] = p[i]
		n++
	}
	return p[:n]
}

func (u *unicodeData) composite(a, b rune) (rune, bool) {
	switch {
	case a >= leadBase && a < leadBase+leads && b >= vowelBase && b < vowelBase+vowels:
		return syllableBase + ((a-leadBase)*vowels+b-vowelBase)*trails, true
	case hangul(a) && (a-syllableBase)%trails == 0 && b > trailBase && b < trailBase+trails:
		return a + b - trailBase, true
	}
	r, ok := u.pairs[[2]rune{a, b}]
	return r, ok
}

// Hangul syllables are computed (Unicode Standard, section 3.12).
const (
	syllableBase = 0xAC00
	leadBase     = 0x1100
	vowelBase    = 0x1161
	trailBase    = 0x11A7
	leads        = 19
	vowels       = 21
	trails       = 28
)

func hangul(r rune) bool { return r >= syllableBase && r < syllableBase+leads*vowels*trails }

// jamo returns the decomposition of a Hangul syllable; t is 0 when it has two parts.
func jamo(r rune) (l, v, t rune) {
	s := r - syllableBase
	if t = s % trails; t != 0 {
		t += trailBase
	}
	return leadBase + s/(vowels*trails), vowelBase + s%(vowels*trails)/trails, t
}
