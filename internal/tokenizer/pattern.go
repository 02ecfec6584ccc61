package tokenizer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pattern is what Replace and Split look for: a string, one of a few classes of characters, or a
// regular expression of a kind that takes linear time.
type pattern struct {
	u       *unicodeData
	literal string
	gpt2    bool
	one     charSet  // a single character
	alts    []repeat // of which the first that matches counts
}

// repeat is a set of characters that is repeated.
type repeat struct {
	set      charSet
	min, max int
}

// charSet is a set of code points.
type charSet struct {
	class   class
	spans   []span
	negated bool
	outside []charSet // code points that are outside of one of these are in the set
}

func (c *charSet) has(u *unicodeData, r rune) bool {
	in := c.class != 0 && u.of(r)&c.class != 0
	for _, s := range c.spans {
		in = in || s.lo <= r && r <= s.hi
	}
	for i := range c.outside {
		in = in || !c.outside[i].has(u, r)
	}
	return in != c.negated
}

// gpt2Pattern is the pattern of the pre-tokenizer ByteLevel.
const gpt2Pattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

// find returns the first match at or after from; false where there is none. A match is not empty.
func (p *pattern) find(s string, from int) (lo, hi int, ok bool) {
	switch {
	case p.literal != "":
		i := strings.Index(s[from:], p.literal)
		if i < 0 {
			return 0, 0, false
		}
		return from + i, from + i + len(p.literal), true
	case p.gpt2:
		if from >= len(s) {
			return 0, 0, false
		}
		return from, p.u.gpt2Word(s, from), true
	}
	for from < len(s) {
		r, n := rune(s[from]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[from:])
		}
		if p.alts == nil && p.one.has(p.u, r) {
			return from, from + n, true
		}
		for i := range p.alts {
			a := &p.alts[i]
			if !a.set.has(p.u, r) {
				continue
			}
			end, count := from+n, 1
			for end < len(s) && count < a.max {
				next, size := utf8.DecodeRuneInString(s[end:])
				if !a.set.has(p.u, next) {
					break
				}
				end += size
				count++
			}
			if count >= a.min {
				return from, end, true
			}
		}
		from += n
	}
	return 0, 0, false
}

// maxRepeat bounds the smallest number of repetitions, since every place of a shorter run is tried.
const maxRepeat = 64

const regexWant = `alternatives of one character or class ([a-z], [^…], \s, \S, \p{L}, \p{N}), each with +, {n}, {n,} or {n,m} (n up to 64), or the pattern of GPT-2`

// parsePattern reads a pattern of Replace or Split.
func parsePattern(p *patternFile) (*pattern, error) {
	out := &pattern{u: loadUnicode()}
	switch {
	case p == nil || p.String == nil && p.Regex == nil:
		return nil, fmt.Errorf(`pattern is missing, want {"String": …} or {"Regex": …}`)
	case p.String != nil:
		if out.literal = *p.String; out.literal == "" {
			return nil, fmt.Errorf("pattern.String is empty, want at least one character")
		}
		return out, nil
	case *p.Regex == gpt2Pattern:
		out.gpt2 = true
		return out, nil
	}
	q := regexParser{rest: *p.Regex}
	for {
		a, err := q.repeat()
		if err != nil {
			return nil, fmt.Errorf("pattern.Regex %q is not supported (%w), only %s", *p.Regex, err, regexWant)
		}
		out.alts = append(out.alts, a)
		if q.rest == "" {
			return out, nil
		}
		if q.rest[0] != '|' {
			return nil, fmt.Errorf("pattern.Regex %q is not supported (at %q), only %s", *p.Regex, q.rest, regexWant)
		}
		q.rest = q.rest[1:]
	}
}

type regexParser struct{ rest string }

func (q *regexParser) next() rune {
	r, n := utf8.DecodeRuneInString(q.rest)
	q.rest = q.rest[n:]
	return r
}

func (q *regexParser) repeat() (repeat, error) {
	a := repeat{min: 1, max: 1}
	var err error
	if a.set, err = q.set(); err != nil || q.rest == "" {
		return a, err
	}
	const unlimited = int(^uint(0) >> 1)
	switch q.rest[0] {
	case '+':
		q.rest = q.rest[1:]
		a.max = unlimited
	case '{':
		count, rest, ok := strings.Cut(q.rest[1:], "}")
		least, most, two := strings.Cut(count, ",")
		if a.min, err = strconv.Atoi(least); !ok || err != nil {
			return a, fmt.Errorf("at %q", q.rest)
		}
		if a.max = a.min; two {
			if a.max = unlimited; most != "" {
				if a.max, err = strconv.Atoi(most); err != nil {
					return a, fmt.Errorf("at %q", q.rest)
				}
			}
		}
		if a.min < 1 || a.min > maxRepeat || a.max < a.min {
			return a, fmt.Errorf("at %q", q.rest)
		}
		q.rest = rest
	}
	if q.rest != "" && strings.IndexByte("+*?{", q.rest[0]) >= 0 { // lazy, possessive or repeated again
		return a, fmt.Errorf("at %q", q.rest)
	}
	return a, nil
}

// set reads one character or class.
func (q *regexParser) set() (c charSet, err error) {
	if q.rest == "" {
		return c, fmt.Errorf("an empty alternative")
	}
	at := q.rest
	switch r := q.next(); {
	case r == '[':
		if strings.HasPrefix(q.rest, "^") {
			c.negated = true
			q.rest = q.rest[1:]
		}
		for first := true; ; first = false {
			if q.rest == "" {
				return c, fmt.Errorf("at %q", at)
			}
			r := q.next()
			switch {
			case r == ']' && !first:
				return c, nil
			case r == '[', r == ']', r == '&':
				return c, fmt.Errorf("at %q", at)
			case r == '\\':
				if err := q.escape(&c); err != nil {
					return c, err
				}
			default:
				hi := r
				if len(q.rest) > 1 && q.rest[0] == '-' && q.rest[1] != ']' {
					q.next()
					if hi = q.next(); hi == '\\' || hi == '[' || hi < r {
						return c, fmt.Errorf("at %q", at)
					}
				}
				c.spans = append(c.spans, span{r, hi})
			}
		}
	case r == '\\':
		return c, q.escape(&c)
	case strings.ContainsRune(".^$()*+?{}|]", r):
		return c, fmt.Errorf("at %q", at)
	default:
		c.spans = []span{{r, r}}
		return c, nil
	}
}

// escape reads what stands after a backslash into c.
func (q *regexParser) escape(c *charSet) error {
	at := q.rest
	if at == "" {
		return fmt.Errorf("at the end")
	}
	switch r := q.next(); r {
	case 's':
		c.class |= isSpace
	case 'S':
		c.outside = append(c.outside, charSet{class: isSpace})
	case 'n', 'r', 't', 'f', 'v':
		i := strings.IndexRune("nrtfv", r)
		c.spans = append(c.spans, span{rune("\n\r\t\f\v"[i]), rune("\n\r\t\f\v"[i])})
	case 'p', 'P':
		bit := isLetter
		switch {
		case strings.HasPrefix(q.rest, "{L}"):
		case strings.HasPrefix(q.rest, "{N}"):
			bit = isNumber
		default:
			return fmt.Errorf("at %q", at)
		}
		if q.rest = q.rest[3:]; r == 'p' {
			c.class |= bit
		} else {
			c.outside = append(c.outside, charSet{class: bit})
		}
	default:
		if r >= utf8.RuneSelf || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return fmt.Errorf("at %q", at)
		}
		c.spans = append(c.spans, span{r, r})
	}
	return nil
}

// gpt2Word returns the end of the match of gpt2Pattern at i.
func (u *unicodeData) gpt2Word(s string, i int) int {
	c := s[i]
	if c == '\'' && i+1 < len(s) {
		switch rest := s[i+1:]; {
		case rest[0] == 's', rest[0] == 't', rest[0] == 'm', rest[0] == 'd':
			return i + 2
		case strings.HasPrefix(rest, "re"), strings.HasPrefix(rest, "ve"), strings.HasPrefix(rest, "ll"):
			return i + 3
		}
	}
	start := i
	if c == ' ' && i+1 < len(s) {
		i++
	}
	const kinds = isLetter | isNumber | isSpace
	r, n := decode(s, i)
	kind := u.of(r) & kinds
	if kind != isSpace {
		for i += n; i < len(s); i += n {
			if r, n = decode(s, i); u.of(r)&kinds != kind {
				break
			}
		}
		return i
	}
	// White space but for the last character, which goes with what follows, unless it is the only
	// one.
	last := 0
	for i = start; i < len(s); i += n {
		if r, n = decode(s, i); u.of(r)&isSpace == 0 {
			if last > start {
				return last
			}
			return i
		}
		last = i
	}
	return i
}

// decode is utf8.DecodeRuneInString with a short way for ASCII.
func decode(s string, i int) (rune, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}
