// Package rowxml reads XML that is a list of flat elements, <row Id="1" Title="…" />, as data dumps are written, many
// times faster than encoding/xml. What it takes and what it gives is what encoding/xml's RawToken does, with these
// exceptions: bytes that are not UTF-8 are no error (each run of them becomes one U+FFFD), neither are characters that XML
// forbids (each becomes one U+FFFD) and ampersands that begin no reference (they stand for themselves), names are of ASCII
// letters, and the next '<' ends an element whatever came before it. As no '<' may stand in a value, an element with a fault takes
// none of its neighbors with it, and text may be cut before any '<' and its parts read at the same time.
package rowxml

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Kind is what an element is.
type Kind uint8

// The kinds.
const (
	Start Kind = iota // <a> or <a/>
	End               // </a>
	Other             // <?a?>, or <!-- a --> without a '<' in it
)

// Element is what stands between a '<' and the next. Its parts are of the text that was read.
type Element struct {
	Kind       Kind
	Name       []byte // of Start and End
	Attributes []Attribute
	Offset     int  // of its '<' in the text
	Closed     bool // it is <a/>
	Odd        int  // characters and ampersands in its values that XML forbids
}

// Attribute is a name and a value of an element.
type Attribute struct {
	Name []byte
	raw  []byte
	ways ways
}

// ways are what there is to do to a value.
type ways uint8

const (
	escaped ways = 1 << iota // it has an '&' or a '\r'
	high                     // it has bytes above ASCII
	odd                      // it has what XML forbids
)

// ErrText is the fault of text outside of elements.
var ErrText = errors.New("text that is in no element")

// Scanner reads the elements of a text. The zero Scanner has read an empty one.
type Scanner struct {
	text []byte
	at   int
	e    Element
}

// Reset begins with a new text, which must begin with white space or '<' and end where an element ends.
func (s *Scanner) Reset(text []byte) { s.text, s.at = text, 0 }

// Next is the next element, which is valid until the next call and shares the memory of the text, or nil at the end. If
// there is a fault in the element, its error is given beside what is known of it, Offset at least, and the call after goes
// on at the next '<'.
func (s *Scanner) Next() (*Element, error) {
	e := &s.e
	*e = Element{Attributes: e.Attributes[:0], Offset: s.at}
	s.at += space(s.text[s.at:])
	if s.at == len(s.text) {
		return nil, nil
	}
	e.Offset = s.at
	if s.text[s.at] != '<' {
		return e, s.skip(ErrText)
	}
	s.at++
	if err := s.element(e); err != nil {
		return e, s.skip(err)
	}
	return e, nil
}

// skip goes on to the next '<'.
func (s *Scanner) skip(err error) error {
	if n := bytes.IndexByte(s.text[s.at:], '<'); n >= 0 {
		s.at += n
	} else {
		s.at = len(s.text)
	}
	return err
}

var errCut = errors.New("it ends within an element")

// element reads what follows a '<'. At an error s.at is at no '<' before the next one.
func (s *Scanner) element(e *Element) (err error) {
	switch s.peek() {
	case '?':
		e.Kind = Other
		return s.past("?>")
	case '!':
		e.Kind = Other
		if !bytes.HasPrefix(s.text[s.at:], []byte("!--")) {
			return errors.New("a declaration, want rows alone")
		}
		s.at += len("!--")
		return s.past("-->")
	case '/':
		e.Kind = End
		s.at++
		if e.Name, err = s.name("the name of an element"); err != nil {
			return err
		}
		s.at += space(s.text[s.at:])
		return s.want('>', "after the name of an element that ends")
	}
	e.Kind = Start
	if e.Name, err = s.name("the name of an element"); err != nil {
		return err
	}
	for {
		s.at += space(s.text[s.at:])
		switch s.peek() {
		case '>':
			s.at++
			return nil
		case '/':
			s.at++
			e.Closed = true
			return s.want('>', "after /")
		}
		var a Attribute
		if a.Name, err = s.name("the name of an attribute"); err != nil {
			return err
		}
		s.at += space(s.text[s.at:])
		if err := s.want('=', "after the name of an attribute"); err != nil {
			return err
		}
		s.at += space(s.text[s.at:])
		if err := s.value(&a); err != nil {
			return fmt.Errorf("attribute %s: %w", a.Name, err)
		}
		e.Attributes = append(e.Attributes, a)
	}
}

// peek is the next byte, 0 at the end.
func (s *Scanner) peek() byte {
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// want passes over the byte c.
func (s *Scanner) want(c byte, where string) error {
	if s.at == len(s.text) {
		return errCut
	}
	if s.text[s.at] != c {
		return fmt.Errorf("%q %s, want %q", s.text[s.at], where, c)
	}
	s.at++
	return nil
}

// past passes over what ends with end, before any '<'.
func (s *Scanner) past(end string) error {
	rest := s.text[s.at:]
	if n := bytes.IndexByte(rest, '<'); n >= 0 {
		rest = rest[:n]
	}
	n := bytes.Index(rest, []byte(end))
	if n < 0 {
		return fmt.Errorf("no %s before the next element", end)
	}
	if end == "-->" && bytes.Contains(rest[:n], []byte("--")) {
		return errors.New("-- within a comment")
	}
	s.at += n + len(end)
	return nil
}

func (s *Scanner) name(what string) ([]byte, error) {
	begin, colons := s.at, 0
	for ; s.at < len(s.text); s.at++ {
		c := s.text[s.at]
		if !nameByte[c] || s.at == begin && (c == '-' || c == '.' || '0' <= c && c <= '9') {
			break
		}
		if c == ':' {
			colons++
		}
	}
	switch {
	case s.at == begin && s.at == len(s.text):
		return nil, errCut
	case s.at == begin:
		return nil, fmt.Errorf("%q, want %s", s.text[s.at], what)
	case s.at < len(s.text) && s.text[s.at] >= utf8.RuneSelf, colons > 1:
		return nil, fmt.Errorf("%s is not a plain one", what)
	}
	return s.text[begin:s.at], nil
}

// value reads a quoted value and checks it.
func (s *Scanner) value(a *Attribute) error {
	quote := s.peek()
	if quote != '"' && quote != '\'' {
		if s.at == len(s.text) {
			return errCut
		}
		return fmt.Errorf("%q, want a value in quotes", quote)
	}
	s.at++
	text, begin, i := s.text, s.at, s.at
	for {
		for i < len(text) && classes[text[i]] == ordinary {
			i++
		}
		if i == len(text) {
			s.at = i
			return errors.New("no quote ends it")
		}
		s.at = i
		switch c := text[i]; classes[c] {
		case quotes:
			if c == quote {
				a.raw = text[begin:i]
				s.at++
				return nil
			}
			i++
		case less:
			return errors.New("no quote ends it before the next element")
		case reference:
			n, _, ok := entity(text[i:])
			if !ok {
				a.ways |= odd
				s.e.Odd++
			}
			a.ways |= escaped
			i += n
		case carriage:
			a.ways |= escaped
			i++
		case above:
			a.ways |= high
			if c == 0xEF && len(text)-i > 2 && text[i+1] == 0xBF && text[i+2] >= 0xBE && text[i+2] <= 0xBF {
				a.ways |= odd
				s.e.Odd++
				i += 2
			}
			i++
		default:
			a.ways |= odd
			s.e.Odd++
			i++
		}
	}
}

// entity returns the length of the reference at the beginning of text and what it stands for. ok is false where XML forbids
// it: an ampersand alone stands for itself, a reference to a forbidden character for U+FFFD.
func entity(text []byte) (n int, r rune, ok bool) {
	if len(text) >= 6 { // the common ones
		switch text[1] {
		case 'l':
			if text[2] == 't' && text[3] == ';' {
				return 4, '<', true
			}
		case 'g':
			if text[2] == 't' && text[3] == ';' {
				return 4, '>', true
			}
		case '#':
			if text[2] == 'x' && text[3] == 'A' && text[4] == ';' {
				return 5, '\n', true
			}
		case 'a':
			if text[2] == 'm' && text[3] == 'p' && text[4] == ';' {
				return 5, '&', true
			}
		case 'q':
			if string(text[2:6]) == "uot;" {
				return 6, '"', true
			}
		}
	}
	return entityOf(text)
}

// entityOf is entity for any text.
func entityOf(text []byte) (n int, r rune, ok bool) {
	if len(text) < 2 || text[1] != '#' {
		for _, e := range named {
			if bytes.HasPrefix(text, []byte(e.reference)) {
				return len(e.reference), e.stands, true
			}
		}
		return 1, '&', false
	}
	i, base := 2, rune(10)
	if i < len(text) && text[i] == 'x' {
		i, base = 3, 16
	}
	first := i
	for ; i < len(text); i++ {
		digit := digitOf(text[i])
		if digit < 0 || digit >= base {
			break
		}
		r = min(r*base+digit, utf8.MaxRune+1)
	}
	switch {
	case i == first, i == len(text), text[i] != ';', r > utf8.MaxRune:
		return 1, '&', false
	case 0xD800 <= r && r < 0xE000:
		r = utf8.RuneError
	case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0xFFFE, r == 0xFFFF:
		return i + 1, utf8.RuneError, false
	}
	return i + 1, r, true
}

var named = [...]struct {
	reference string
	stands    rune
}{{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}

func digitOf(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// Plain is the value if it stands for itself, byte by byte; it shares the memory of the text.
func (a *Attribute) Plain() ([]byte, bool) { return a.raw, a.ways == 0 }

// Value is what the attribute's value stands for, in memory of its own.
func (a *Attribute) Value() string {
	if a.ways == 0 {
		return string(a.raw)
	}
	return string(a.Append(make([]byte, 0, len(a.raw))))
}

// Append appends to b what the attribute's value stands for.
func (a *Attribute) Append(b []byte) []byte {
	if a.ways&odd != 0 {
		return a.valid(a.appendOdd(b), len(b))
	}
	if a.ways&escaped == 0 {
		return a.valid(append(b, a.raw...), len(b))
	}
	begin := len(b)
	for rest := a.raw; len(rest) > 0; {
		n := 0
		for n < len(rest) && rest[n] != '&' && rest[n] != '\r' {
			n++
		}
		b = append(b, rest[:n]...)
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
		if rest[0] == '\r' {
			b = append(b, '\n')
			rest = rest[1:]
			if len(rest) > 0 && rest[0] == '\n' {
				rest = rest[1:]
			}
			continue
		}
		n, r, _ := entity(rest)
		b = utf8.AppendRune(b, r)
		rest = rest[n:]
	}
	return a.valid(b, begin)
}

// appendOdd appends a value that has what XML forbids.
func (a *Attribute) appendOdd(b []byte) []byte {
	for rest := a.raw; len(rest) > 0; {
		c, n := rest[0], 1
		switch classes[c] {
		case reference:
			var r rune
			n, r, _ = entity(rest)
			b = utf8.AppendRune(b, r)
		case carriage:
			b = append(b, '\n')
			if len(rest) > 1 && rest[1] == '\n' {
				n = 2
			}
		case never:
			b = append(b, "\uFFFD"...)
		case above:
			if c == 0xEF && len(rest) > 2 && rest[1] == 0xBF && rest[2] >= 0xBE && rest[2] <= 0xBF {
				b, n = append(b, "\uFFFD"...), 3
				break
			}
			b = append(b, c)
		default:
			b = append(b, c)
		}
		rest = rest[n:]
	}
	return b
}

// valid makes UTF-8 of b from begin on.
func (a *Attribute) valid(b []byte, begin int) []byte {
	if a.ways&high == 0 || utf8.Valid(b[begin:]) {
		return b
	}
	return append(b[:begin], bytes.ToValidUTF8(b[begin:], []byte("\uFFFD"))...)
}

func space(text []byte) (n int) {
	for n < len(text) && (text[n] == ' ' || text[n] == '\n' || text[n] == '\r' || text[n] == '\t') {
		n++
	}
	return n
}

// class is what a byte in a value means.
type class uint8

const (
	ordinary class = iota
	quotes
	less
	reference
	carriage
	above
	never
)

var (
	classes  [256]class
	nameByte [256]bool
)

func init() {
	for c := range classes {
		switch {
		case c == '"', c == '\'':
			classes[c] = quotes
		case c == '<':
			classes[c] = less
		case c == '&':
			classes[c] = reference
		case c == '\r':
			classes[c] = carriage
		case c >= utf8.RuneSelf:
			classes[c] = above
		case c < ' ' && c != '\t' && c != '\n':
			classes[c] = never
		}
		nameByte[c] = 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == ':' || c == '.' || c == '-'
	}
}
