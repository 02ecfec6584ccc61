package embed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// npyHeader is what stands before the values.
type npyHeader struct {
	dtype      npyType
	fortran    bool
	rows, cols int
	bytes      int64 // its length
}

func readNPYHeader(r io.Reader) (*npyHeader, error) {
	var fixed [12]byte
	n, err := io.ReadFull(r, fixed[:8])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("read header: %w", err)
	}
	if got := fixed[:min(n, len(npyMagic))]; string(got) != npyMagic {
		return nil, fmt.Errorf("begins with %q, want %q as every .npy file", got, npyMagic)
	}
	if n < 8 {
		return nil, fmt.Errorf("ends at byte %d, in the header: %w", n, io.ErrUnexpectedEOF)
	}
	wide := 4
	switch fixed[6] {
	case 1:
		wide = 2
	case 2, 3:
	default:
		return nil, fmt.Errorf("has format version %d.%d, want 1, 2 or 3", fixed[6], fixed[7])
	}
	if n, err := io.ReadFull(r, fixed[8:8+wide]); err != nil {
		return nil, npyHeaderEnd(8+n, err)
	}
	length := uint32(binary.LittleEndian.Uint16(fixed[8:]))
	if wide == 4 {
		length = binary.LittleEndian.Uint32(fixed[8:])
	}
	if length > npyMaxHeader {
		return nil, fmt.Errorf("header is to be %d bytes, want at most %d", length, npyMaxHeader)
	}
	text := make([]byte, length)
	if n, err := io.ReadFull(r, text); err != nil {
		return nil, npyHeaderEnd(8+wide+n, err)
	}
	h := &npyHeader{bytes: int64(8 + wide + len(text))}
	return h, h.parse(string(text))
}

func npyHeaderEnd(n int, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("ends at byte %d, in the header: %w", n, err)
}

// parse reads the dictionary, a Python literal.
func (h *npyHeader) parse(text string) error {
	p := npyLiteral{text: text}
	p.want("{")
	seen := map[string]bool{}
	for p.err == nil && !p.take("}") {
		key := p.str()
		p.want(":")
		if p.err == nil && seen[key] {
			return fmt.Errorf("header has %q twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			if err := h.setType(&p); err != nil {
				return err
			}
		case "fortran_order":
			if p.take("True") {
				h.fortran = true
			} else {
				p.want("False")
			}
		case "shape":
			if err := h.setShape(&p); err != nil {
				return err
			}
		default:
			if p.err == nil {
				return fmt.Errorf("header has the key %q, want descr, fortran_order and shape", key)
			}
		}
		if !p.take(",") {
			p.want("}")
			break
		}
	}
	p.space()
	if p.err == nil && p.text != "" {
		p.fail("the end")
	}
	if p.err != nil {
		return p.err
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return fmt.Errorf("header lacks %q", key)
		}
	}
	return nil
}

func (h *npyHeader) setType(p *npyLiteral) error {
	p.space()
	if strings.HasPrefix(p.text, "[") || strings.HasPrefix(p.text, "(") {
		return fmt.Errorf("array has a type with fields, want float16, float32 or float64")
	}
	s := p.str()
	if p.err != nil {
		return nil
	}
	h.dtype.order = binary.LittleEndian
	switch strings.TrimLeft(s, "<>=|") {
	case "f2":
		h.dtype.size, h.dtype.name = 2, "float16"
	case "f4":
		h.dtype.size, h.dtype.name = 4, "float32"
	case "f8":
		h.dtype.size, h.dtype.name = 8, "float64"
	case "i1":
		h.dtype.size, h.dtype.name = 1, "int8"
	case "u1":
		h.dtype.size, h.dtype.name = 1, "uint8"
	}
	switch {
	case h.dtype.size == 0 || len(s) != 3 || s[0] == '|' && h.dtype.size > 1:
		return fmt.Errorf("array has type %q, want float16, float32 or float64 ('<f2', '<f4', '<f8', or with '>')", s)
	case s[0] == '>':
		h.dtype.order = binary.BigEndian
	}
	return nil
}

func (h *npyHeader) setShape(p *npyLiteral) error {
	p.want("(")
	var shape []int
	for p.err == nil && !p.take(")") {
		shape = append(shape, p.integer())
		if !p.take(",") {
			p.want(")")
			break
		}
	}
	if p.err != nil {
		return nil
	}
	if len(shape) != 2 {
		return fmt.Errorf("array has %d dimensions, want 2: one row per document", len(shape))
	}
	h.rows, h.cols = shape[0], shape[1]
	return nil
}

// npyLiteral is the rest of the header's text; err is the first fault.
type npyLiteral struct {
	text string
	err  error
}

func (p *npyLiteral) fail(want string) {
	if p.err == nil {
		p.err = fmt.Errorf("header has %.20q where %s should be", p.text, want)
	}
}

func (p *npyLiteral) space() { p.text = strings.TrimLeft(p.text, " \t\r\n") }

// take reads s if it comes next.
func (p *npyLiteral) take(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.text, s)
	if ok {
		p.text = rest
	}
	return ok
}

func (p *npyLiteral) want(s string) {
	if !p.take(s) {
		p.fail(strconv.Quote(s))
	}
}

// str reads a string in either kind of quotes. None that matters has an escape in it.
func (p *npyLiteral) str() string {
	p.space()
	if p.text != "" && (p.text[0] == '\'' || p.text[0] == '"') {
		if s, rest, ok := strings.Cut(p.text[1:], p.text[:1]); ok {
			p.text = rest
			return s
		}
	}
	p.fail("a string")
	return ""
}

// integer reads a number without sign; Python 2 wrote an L after it.
func (p *npyLiteral) integer() int {
	p.space()
	end := len(p.text) - len(strings.TrimLeft(p.text, "0123456789"))
	n, err := strconv.Atoi(p.text[:end])
	if err != nil {
		p.fail("a size")
		return 0
	}
	p.text = strings.TrimPrefix(p.text[end:], "L")
	return n
}
