package rowxml

import (
	"bytes"
	"io"
)

// Noise is a reader that puts white space in the place of comments, processing instructions and document types, which may
// hold any '<', and keeps their line ends. A comment or instruction begins only where no element is open: at the beginning,
// or after a '>' that ends one, with nothing but white space between. So a row that is not well-formed, with such marks in a
// value, costs no other.
type Noise struct {
	r       io.Reader
	state   state
	matched int    // bytes of the mark that ends the state, or of the one that begins it
	quote   byte   // in a document type, the quote that is open
	depth   int    // in a document type, the brackets that are open
	root    bool   // the root element has begun
	between bool   // nothing but white space since an element ended
	remark  bool   // in a document type, a comment is open
	held    []byte // the beginning of a mark
	buf     []byte
	err     error
}

type state uint8

const (
	elements state = iota
	comment
	instruction
	doctype
)

// NewNoise returns a reader of the XML that r gives.
func NewNoise(r io.Reader) *Noise { return &Noise{r: r, between: true} }

// Read reads at least len(p) − 9 bytes of r at a time.
func (n *Noise) Read(p []byte) (int, error) {
	const longest = len("<!DOCTYPE")
	if len(p) <= longest { // too short to hold a mark
		if len(n.buf) == 0 {
			if n.err != nil {
				return 0, n.err
			}
			memory := make([]byte, 512)
			got, err := n.Read(memory)
			n.buf, n.err = memory[:got], err
			if got == 0 {
				return 0, err
			}
		}
		got := copy(p, n.buf)
		n.buf = n.buf[got:]
		return got, nil
	}
	if len(n.buf) > 0 {
		got := copy(p, n.buf)
		n.buf = n.buf[got:]
		return got, nil
	}
	for {
		if n.err != nil && len(n.held) == 0 {
			return 0, n.err
		}
		got := copy(p, n.held)
		n.held = n.held[:0]
		if n.err == nil {
			var more int
			more, n.err = n.r.Read(p[got:])
			got += more
		}
		if got = n.clean(p[:got], n.err != nil); got > 0 {
			return got, nil
		}
	}
}

// clean blanks what is no element in text, and returns how much of it is done; the rest is held. last tells that nothing
// follows.
func (n *Noise) clean(text []byte, last bool) int {
	for i := 0; i < len(text); {
		rest := text[i:]
		if n.state == elements {
			at := n.next(rest)
			if at < 0 {
				return len(text)
			}
			i += at
			rest = text[i:]
			begins, more := n.begins(rest)
			switch {
			case more && !last:
				n.held = append(n.held, rest...)
				return i
			case begins == elements:
				n.between = false
				i++
				if len(rest) > 1 && rest[1] != '/' || len(rest) == 1 {
					n.root = true
				}
				continue
			}
			n.state, n.matched, n.depth, n.quote, n.remark = begins, 0, 0, 0, false
			skip := 2
			if begins == comment {
				skip = len("<!--")
			}
			blank(rest[:skip])
			i += skip
			continue
		}
		i += n.skip(rest)
	}
	return len(text)
}

// next returns where the next '<' with nothing open before it is, −1 where there is none; it takes note of what elements end.
func (n *Noise) next(text []byte) int {
	for i := 0; i < len(text); {
		if !n.between {
			at := bytes.IndexByte(text[i:], '>')
			if at < 0 {
				return -1
			}
			i += at + 1
			n.between = true
			continue
		}
		switch c := text[i]; {
		case c == ' ', c == '\t', c == '\n', c == '\r':
			i++
		case c == '<':
			return i
		default:
			n.between = false
			i++
		}
	}
	return -1
}

// begins returns what text, which begins with '<', begins. more tells that it is too short to know.
func (n *Noise) begins(text []byte) (s state, more bool) {
	for _, mark := range [...]struct {
		text string
		s    state
	}{{"<!--", comment}, {"<?", instruction}, {"<!DOCTYPE", doctype}} {
		if mark.s == doctype && n.root {
			continue
		}
		if bytes.HasPrefix(text, []byte(mark.text)) {
			return mark.s, false
		}
		if len(text) < len(mark.text) && mark.text[:len(text)] == string(text) {
			more = true
		}
	}
	return elements, more
}

// skip blanks text up to the end of what is being skipped, and returns how far that is.
func (n *Noise) skip(text []byte) int {
	for i, c := range text {
		if c != '\n' {
			text[i] = ' '
		}
		ended := false
		switch n.state {
		case comment:
			switch {
			case c == '-':
				n.matched = min(n.matched+1, 2)
			case c == '>' && n.matched == 2:
				ended = true
			default:
				n.matched = 0
			}
		case instruction:
			ended = c == '>' && n.matched == 1
			n.matched = 0
			if c == '?' {
				n.matched = 1
			}
		case doctype:
			const remark = "<!--"
			switch {
			case n.remark && c == '-':
				n.matched = min(n.matched+1, 2)
				continue
			case n.remark && (c != '>' || n.matched < 2):
				n.matched = 0
				continue
			case n.remark:
				n.remark, n.matched = false, 0
			case n.quote == 0 && c == remark[n.matched]:
				n.matched++
				n.remark = n.matched == len(remark)
				if n.remark {
					n.matched = 0
				}
			default:
				n.matched = 0
				if c == '<' {
					n.matched = 1
				}
			}
			switch {
			case n.quote != 0:
				if c == n.quote {
					n.quote = 0
				}
			case c == '"' || c == '\'':
				n.quote = c
			case c == '[' || c == '<':
				n.depth++
			case c == ']':
				n.depth--
			case c == '>' && n.depth > 0:
				n.depth--
			case c == '>':
				ended = true
			}
		}
		if ended {
			n.state, n.between = elements, true
			return i + 1
		}
	}
	return len(text)
}

func blank(text []byte) {
	for i := range text {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
}
