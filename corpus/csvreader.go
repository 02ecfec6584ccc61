package corpus

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// csvReader reads records of CSV. A record is read as RFC 4180 has it if it can be. Where a quote in it is at no place where
// quotes may be, the reader tries in turn what tools write that do not double their quotes, and takes the first reading that
// has as many fields as the header; if none has, the record ends with its line and its quotes are text. So a stray quote
// costs no more than its record.
type csvReader struct {
	r     io.Reader
	comma []byte
	want  int // fields of a record, 0 for the header
	most  int64

	buf    []byte // what was read and not yet taken
	at     int    // where the next record begins in buf
	err    error  // of r
	end    byte   // of a line: '\n', or '\r' where there are none
	line   int    // of the next record, from 1
	begin  int    // the line of the last record
	text   []byte // of the fields of the last record, without what quotes them
	ends   []int  // of the fields in text
	fields []string
	stray  bool // a field of the last record has a quote that does not begin it
	open   bool // a field of the last record begins with a quote that nothing ends
}

func newCSVReader(r io.Reader, most int64) *csvReader {
	return &csvReader{r: r, comma: []byte{','}, line: 1, most: most}
}

// fill reads on. It reports whether there is more than before; otherwise err says why not.
func (c *csvReader) fill() bool {
	if c.at > 0 {
		n := copy(c.buf, c.buf[c.at:])
		c.buf, c.at = c.buf[:n], 0
		if cap(c.buf) > 4*blockSize && n < blockSize/4 {
			c.buf = append(make([]byte, 0, blockSize/4), c.buf...)
		}
	}
	if c.err != nil {
		return false
	}
	if int64(len(c.buf)) > c.most {
		c.err = ErrTooLong
		return false
	}
	if cap(c.buf)-len(c.buf) < bufferSize/2 {
		size := int64(2*cap(c.buf) + bufferSize)
		if bound := c.most + 8*bufferSize; bound > 0 {
			size = max(min(size, bound), int64(len(c.buf)+bufferSize))
		}
		c.buf = append(make([]byte, 0, size), c.buf...)
	}
	for range 100 {
		var n int
		n, c.err = c.r.Read(c.buf[len(c.buf):min(cap(c.buf), len(c.buf)+1<<18)])
		c.buf = c.buf[:len(c.buf)+n]
		if n > 0 {
			return true
		}
		if c.err != nil {
			return false
		}
	}
	c.err = io.ErrNoProgress
	return false
}

// lineEnd returns where the line that has the byte at i ends in buf, its end not counted. ok is false where the text ended
// first, or could not be read, which err tells.
func (c *csvReader) lineEnd(i int) (end int, ok bool) {
	from := i
	for {
		if n := bytes.IndexByte(c.buf[from:], c.end); n >= 0 {
			return from + n, true
		}
		from = len(c.buf)
		shift := c.at
		if !c.fill() {
			return len(c.buf), false
		}
		from -= shift
	}
}

// next reads a record. The fields are valid until the next call. The error is io.EOF at the end.
func (c *csvReader) next() ([]string, error) {
	length, ended, err := c.nextLine()
	if err != nil {
		return nil, err
	}
	c.begin = c.line
	line := c.buf[c.at : c.at+length]
	if bytes.IndexByte(line, '"') >= 0 {
		return c.quoted(length, ended)
	}
	if int64(length) > c.most {
		return nil, ErrTooLong
	}
	c.plain(bytes.TrimSuffix(line, []byte("\r")))
	c.take(length, ended)
	return c.strings(), nil
}

// nextLine goes on to the next line that is not empty, and returns its length.
func (c *csvReader) nextLine() (length int, ended bool, err error) {
	if c.end == 0 {
		c.end = '\n'
		if end, _ := c.lineEnd(0); hasReturns(c.buf[:end]) {
			for len(c.buf) < bufferSize && c.fill() {
			}
			if endsWithReturns(c.buf[:min(len(c.buf), bufferSize)]) {
				c.end = '\r'
			}
		}
	}
	for {
		end, ended := c.lineEnd(c.at)
		length := end - c.at
		switch {
		case !ended && !errors.Is(c.err, io.EOF):
			return 0, false, c.err
		case !ended && length == 0:
			return 0, false, io.EOF
		case length > 1 || length == 1 && c.buf[c.at] != '\r':
			return length, ended, nil
		}
		c.take(length, ended)
	}
}

// take goes on after a line.
func (c *csvReader) take(length int, ended bool) {
	c.line++
	if c.at += length; ended {
		c.at++
	}
}

// plain splits a line without quotes.
func (c *csvReader) plain(line []byte) {
	c.text, c.ends = c.text[:0], c.ends[:0]
	for {
		n := bytes.Index(line, c.comma)
		if n < 0 {
			break
		}
		c.text = append(c.text, line[:n]...)
		c.ends = append(c.ends, len(c.text))
		line = line[n+len(c.comma):]
	}
	c.text = append(c.text, line...)
	c.ends = append(c.ends, len(c.text))
}

// strings are the fields, in memory that they share.
func (c *csvReader) strings() []string {
	text, from := string(c.text), 0
	c.fields = c.fields[:0]
	for _, end := range c.ends {
		c.fields = append(c.fields, text[from:end])
		from = end
	}
	return c.fields
}

// manner is how quotes are read.
type manner struct {
	strict    bool // as RFC 4180 has them
	long      bool // a field may go on in the next line
	backslash bool // a quote after a backslash is text
	space     bool // spaces may stand before the quote that begins a field
}

// manners are the ways to read a record with quotes, the likeliest first.
var manners = [...]manner{{strict: true}, {}, {space: true}, {backslash: true}, {long: true}, {long: true, backslash: true}}

// mostLines bounds how far the end of a field is looked for that RFC 4180 does not end.
const mostLines = 1000

// quoted reads a record that has quotes in its first line, which has the length first.
func (c *csvReader) quoted(first int, ended bool) ([]string, error) {
	fits := func() bool { return len(c.ends) == c.want || c.want == 0 }
	tooLong, oneLine := false, false
	for _, m := range manners {
		taken, lines, ok := c.try(m, first)
		switch {
		case ok:
		case errors.Is(c.err, ErrTooLong):
			c.err, tooLong = nil, true
		case c.err != nil && !errors.Is(c.err, io.EOF):
			return nil, c.err
		}
		if !ok || !fits() && (!m.strict || c.stray) {
			continue
		}
		open := c.open
		if open { // the line may be a record, or its field may go on
			if oneLine = true; !c.nextFits(first) {
				continue
			}
		} else if tooLong && !m.long {
			continue
		}
		if int64(taken) > c.most {
			return nil, ErrTooLong
		}
		if open {
			c.try(m, first) // again, after the next line
		}
		c.at += taken
		c.line += lines
		return c.strings(), nil
	}
	if int64(first) > c.most || tooLong && !oneLine || tooLong && !c.nextFits(first) {
		return nil, ErrTooLong
	}
	c.try(manner{}, first)
	c.take(first, ended)
	return c.strings(), nil
}

// nextFits reports whether the line after the first has as many fields as the header, and more than one.
func (c *csvReader) nextFits(first int) bool {
	if c.want < 2 || c.at+first >= len(c.buf) {
		return c.at+first >= len(c.buf)
	}
	begin := first + 1
	end, _ := c.lineEnd(c.at + begin)
	length := end - c.at - begin
	c.at += begin
	c.try(manner{}, length)
	c.at -= begin
	return len(c.ends) == c.want
}

// try reads a record from at on, whose first line has the length first. It returns the length of what it took, and in how
// many lines. What it reads on may move at.
func (c *csvReader) try(m manner, first int) (taken, lines int, ok bool) {
	c.text, c.ends, c.stray, c.open = c.text[:0], c.ends[:0], false, false
	length := first // of the lines, from at on
	longer := func() bool {
		if lines+1 >= mostLines && !m.strict {
			return false
		}
		if c.at+length >= len(c.buf) {
			return false // the text ended with the line
		}
		end, _ := c.lineEnd(c.at + length + 1)
		length = end - c.at
		lines++
		return true
	}
	atComma := func(i int) bool { return bytes.HasPrefix(c.buf[c.at+i:c.at+length], c.comma) }
	atEnd := func(i int) bool { return i == length || i+1 == length && c.buf[c.at+i] == '\r' }
	for i := 0; ; {
		open := i
		if m.space {
			for open < length && c.buf[c.at+open] == ' ' {
				open++
			}
		}
		if open < length && c.buf[c.at+open] == '"' {
			mark, j, closed := len(c.text), open+1, false
			for !closed {
				rest := c.buf[c.at+j : c.at+length]
				n := bytes.IndexByte(rest, '"')
				if n < 0 {
					if !m.strict && !m.long {
						break
					}
					c.text = append(c.text, bytes.TrimSuffix(rest, []byte("\r"))...)
					if j = length + 1; !longer() {
						break
					}
					c.text = append(c.text, '\n')
					continue
				}
				c.text = append(c.text, rest[:n]...)
				j += n + 1
				switch {
				case m.backslash && n > 0 && rest[n-1] == '\\':
					c.text[len(c.text)-1] = '"'
				case n+1 < len(rest) && rest[n+1] == '"' && (m.strict || !c.closes(rest[n+1:])):
					c.text = append(c.text, '"')
					j++
				case atComma(j), atEnd(j):
					closed = true
				case m.strict:
					return 0, 0, false
				default:
					c.text = append(c.text, '"')
				}
			}
			if !closed && (m.strict || m.long) {
				return 0, 0, false
			}
			if closed {
				c.ends = append(c.ends, len(c.text))
				if i = j; !atComma(i) {
					break
				}
				i += len(c.comma)
				continue
			}
			c.text, c.open = c.text[:mark], true // the quote is text
		}
		rest := c.buf[c.at+i : c.at+length]
		n := bytes.Index(rest, c.comma)
		if n < 0 {
			rest = bytes.TrimSuffix(rest, []byte("\r"))
		} else {
			rest = rest[:n]
		}
		c.stray = c.stray || bytes.IndexByte(rest, '"') >= 0
		c.text = append(c.text, rest...)
		c.ends = append(c.ends, len(c.text))
		if n < 0 {
			break
		}
		i += n + len(c.comma)
	}
	if taken = length; c.at+taken < len(c.buf) {
		taken++ // the end of the line
	}
	return taken, lines + 1, true
}

// closes reports whether text, which begins with a quote, ends a field with it.
func (c *csvReader) closes(text []byte) bool {
	rest := text[1:]
	return len(rest) == 0 || string(rest) == "\r" || bytes.HasPrefix(rest, c.comma)
}

// delimiters are what separates fields where nothing says it, the most likely first.
var delimiters = [...]rune{',', ';', '\t', '|'}

// header reads the header, and finds the delimiter where it is not given: a line "sep=;" says it, or it is the one by which
// the header has the most of the fields that are wanted, or the most columns.
func (c *csvReader) header(comma rune, wanted ...string) ([]string, error) {
	if comma != 0 {
		c.comma = utf8.AppendRune(nil, comma)
	}
	length, ended, err := c.nextLine()
	if err != nil {
		return nil, err
	}
	line := strings.Trim(strings.TrimSuffix(string(c.buf[c.at:c.at+min(length, 16)]), "\r"), `"`)
	if len(line) > len("sep=") && strings.EqualFold(line[:len("sep=")], "sep=") && comma == 0 {
		if r, size := utf8.DecodeRuneInString(line[len("sep="):]); size == len(line)-len("sep=") && validDelimiter(r) {
			c.comma, comma = []byte(string(r)), r
			c.take(length, ended)
		}
	}
	if comma == 0 {
		c.comma = []byte(string(c.likeliest(wanted)))
	}
	return c.next()
}

// likeliest is the delimiter that the header, which begins at at, tells.
func (c *csvReader) likeliest(wanted []string) rune {
	best, bestHas, bestColumns := delimiters[0], -1, 0
	for _, d := range delimiters {
		c.comma = []byte(string(d))
		first, _, err := c.nextLine()
		if err != nil {
			return best
		}
		if _, _, ok := c.try(manner{strict: true}, first); !ok {
			c.try(manner{}, first)
		}
		has, names := 0, c.strings()
		for _, w := range wanted {
			for _, name := range names {
				if name == w {
					has++
					break
				}
			}
		}
		if has > bestHas || has == bestHas && len(names) > bestColumns {
			best, bestHas, bestColumns = d, has, len(names)
		}
	}
	return best
}

func validDelimiter(r rune) bool {
	return r != 0 && r != '"' && r != '\r' && r != '\n' && utf8.ValidRune(r) && r != utf8.RuneError
}
