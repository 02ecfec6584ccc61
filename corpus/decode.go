package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	bufferSize = 1 << 16

	// windowSize is how many bytes from the first one on that is not UTF-8 decide about the encoding.
	windowSize = 1 << 16
)

const replacement = "\uFFFD"

// decoded is the text of a source: unpacked where it is packed, UTF-8, and without a byte-order mark.
type decoded struct {
	*bufio.Reader
	u *utf8Reader
}

// unpack returns the text of r, unpacked where gzip packed it. named is an encoding that htmlindex.Get of
// golang.org/x/text knows; "" finds the encoding. Other packed and binary formats are an error. It reads no
// more than it has to before it returns, so that it does not wait for a terminal or a pipe.
func unpack(r io.Reader, named string) (*decoded, error) {
	in := bufio.NewReaderSize(&once{r: r}, bufferSize)
	packed, err := begins(in, "\x1f\x8b")
	if err != nil {
		return nil, err
	}
	if packed {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(z, bufferSize)
	}
	if err := notBinary(in); err != nil {
		return nil, err
	}
	u := &utf8Reader{r: in, found: new(atomic.Pointer[string]), guess: named == ""}
	name, coding, err := codingOf(in, named)
	if err != nil {
		return nil, err
	}
	if name != "" {
		u.found.Store(&name)
	}
	if coding != nil {
		u.r, u.marks, u.guess = transform.NewReader(in, coding.NewDecoder()), true, false
	}
	out := bufio.NewReaderSize(u, bufferSize)
	const mark = "\uFEFF"
	found, err := begins(out, mark)
	if found {
		_, err = out.Discard(len(mark))
	}
	if err != nil {
		return nil, err
	}
	return &decoded{Reader: out, u: u}, nil
}

// codingOf returns the encoding of what begins here, nil for UTF-8, and its name where it is worth telling.
func codingOf(in *bufio.Reader, named string) (name string, coding encoding.Encoding, err error) {
	const utf32LE, utf32BE = "\xFF\xFE\x00\x00", "\x00\x00\xFE\xFF"
	for _, mark := range []string{utf32LE, utf32BE} {
		found, err := begins(in, mark)
		if found {
			err = errUTF32
		}
		if err != nil {
			return "", nil, err
		}
	}
	for _, c := range utf16s {
		found, err := begins(in, c.mark)
		if err != nil {
			return "", nil, err
		}
		if found {
			_, err = in.Discard(len(c.mark))
			return c.name, c.coding, err
		}
	}
	if named != "" {
		coding, err := htmlindex.Get(strings.TrimSpace(named))
		if err != nil {
			return "", nil, fmt.Errorf("the encoding is %s, want a name of an encoding such as utf-8, windows-1252 or shift_jis", quote(named))
		}
		name, _ := htmlindex.Name(coding)
		if name == "utf-8" {
			return "", nil, nil
		}
		return name, coding, nil
	}
	for _, c := range utf16s {
		if found, err := isWide(in, c.high); found || err != nil {
			return c.name, c.coding, err
		}
	}
	return "", nil, nil
}

var utf16s = [...]struct {
	name, mark string
	high       int // which byte of a pair is 0 in ASCII
	coding     encoding.Encoding
}{
	{"utf-16le", "\xFF\xFE", 1, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{"utf-16be", "\xFE\xFF", 0, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
}

var errUTF32 = errors.New("it is UTF-32, want UTF-8 or UTF-16")

// isWide reports whether the first two characters are ASCII in UTF-16 whose byte number high is 0.
func isWide(in *bufio.Reader, high int) (bool, error) {
	for n := 1; n <= 4; n++ {
		head, err := in.Peek(n)
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if zero := (n-1)%2 == high; zero != (head[n-1] == 0) || head[n-1] >= utf8.RuneSelf || head[n-1] == '\n' && n == 1 {
			return false, nil
		}
	}
	return true, nil
}

// once does not read on after an error or the end, at which a terminal would ask for more.
type once struct {
	r   io.Reader
	err error
}

func (o *once) Read(p []byte) (n int, err error) {
	if o.err == nil {
		n, o.err = o.r.Read(p)
	}
	return n, o.err
}

// begins reports whether the next bytes are those of prefix. It asks for no more of them than it has to, so that a terminal
// or a pipe is not waited for.
func begins(in *bufio.Reader, prefix string) (bool, error) {
	for n := 1; n <= len(prefix); n++ {
		head, err := in.Peek(n)
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if head[n-1] != prefix[n-1] {
			return false, nil
		}
	}
	return true, nil
}

// utf8Reader gives UTF-8. Text that is UTF-8 passes through it in the caller's memory. At the first bytes that are not, those
// that follow decide whether single bytes are letters of Windows-1252, or whether each run of them becomes one U+FFFD. A
// text that is in neither encoding is an error.
type utf8Reader struct {
	r     io.Reader
	err   error  // of r
	held  []byte // the beginning of a character
	raw   []byte // what is being decoded
	out   []byte // decoded, not given yet
	space []byte // memory of out
	wide  bool   // a character beyond ASCII was met
	guess bool   // the encoding is to be found
	marks bool   // U+FFFD in what r gives stands for bytes that could not be decoded
	bad   bool   // the last byte given was of a run that became U+FFFD

	latin    atomic.Bool
	found    *atomic.Pointer[string] // the name of the encoding, if it is not UTF-8
	letters  atomic.Int64            // bytes that were read as Windows-1252
	replaced atomic.Int64            // runs of bytes that became U+FFFD
}

func (u *utf8Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil && len(u.held) == 0 {
			return 0, u.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		direct := p
		if len(p) < 512 || u.err != nil {
			if u.raw == nil {
				u.raw = make([]byte, 4096)
			}
			direct = u.raw[:cap(u.raw)]
		}
		n := copy(direct, u.held)
		u.held = u.held[:0]
		if u.err == nil {
			var got int
			got, u.err = u.r.Read(direct[n:])
			n += got
		}
		whole := n
		if u.err == nil {
			whole -= incomplete(direct[:n])
		}
		u.held = append(u.held, direct[whole:n]...)
		if u.passes(direct[:whole]) {
			if len(p) >= len(direct) {
				if whole > 0 {
					return whole, nil
				}
				continue
			}
			u.out = direct[:whole]
			break
		}
		if err := u.decode(append([]byte(nil), direct[:whole]...)); err != nil {
			u.err, u.held = err, u.held[:0]
			return 0, err
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// passes reports whether p is UTF-8, and takes note of what it holds.
func (u *utf8Reader) passes(p []byte) bool {
	ascii := asciiPrefix(p)
	rest := p[ascii:]
	if len(p) > 0 && ascii > 0 {
		u.bad = false
	}
	if len(rest) == 0 {
		return true
	}
	if !utf8.Valid(rest) {
		return false
	}
	u.wide, u.bad = true, false
	if u.marks {
		u.replaced.Add(int64(bytes.Count(rest, []byte(replacement))))
	}
	return true
}

// asciiPrefix returns how many of the first bytes are ASCII, rounded down to eight unless all are.
func asciiPrefix(p []byte) int {
	const high = 0x8080808080808080
	i := 0
	for ; i+32 <= len(p); i += 32 {
		s := p[i : i+32 : i+32]
		if (binary.LittleEndian.Uint64(s)|binary.LittleEndian.Uint64(s[8:])|binary.LittleEndian.Uint64(s[16:])|binary.LittleEndian.Uint64(s[24:]))&high != 0 {
			break
		}
	}
	for ; i+8 <= len(p); i += 8 {
		if binary.LittleEndian.Uint64(p[i:])&high != 0 {
			return i
		}
	}
	for k := i; k < len(p); k++ {
		if p[k] >= utf8.RuneSelf {
			return i
		}
	}
	return len(p)
}

// incomplete returns the length of the beginning of a character at the end of p.
func incomplete(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if c := p[len(p)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(p[len(p)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// decode puts what p stands for into out.
func (u *utf8Reader) decode(p []byte) error {
	u.out = u.space[:0]
	for len(p) > 0 {
		n := validPrefix(p)
		if n > 0 {
			u.wide = u.wide || asciiPrefix(p[:n]) < n
			u.out, u.bad = append(u.out, p[:n]...), false
			p = p[n:]
			continue
		}
		if u.guess {
			window, err := u.window(p)
			if err != nil {
				return err
			}
			p = window
		}
		if letter := charmap.Windows1252.DecodeByte(p[0]); u.latin.Load() && letter != utf8.RuneError {
			u.letters.Add(1)
			u.out, u.bad = utf8.AppendRune(u.out, letter), false
		} else if !u.bad {
			u.replaced.Add(1)
			u.out, u.bad = append(u.out, replacement...), true
		}
		p = p[1:]
	}
	u.space = u.out
	return nil
}

// validPrefix returns the length of the UTF-8 at the beginning of p.
func validPrefix(p []byte) int {
	n := asciiPrefix(p)
	for n < len(p) {
		if p[n] < utf8.RuneSelf {
			n++
			continue
		}
		r, size := utf8.DecodeRune(p[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// window reads on until there are enough bytes from the first bad one, which p begins with, to tell the encoding.
func (u *utf8Reader) window(p []byte) ([]byte, error) {
	p, u.held = append(p, u.held...), u.held[:0]
	for len(p) < windowSize && u.err == nil {
		have := len(p)
		p = append(p, make([]byte, windowSize-have)...)
		var n int
		n, u.err = u.r.Read(p[have:])
		p = p[:have+n]
	}
	if u.err == nil {
		n := incomplete(p)
		u.held = append(u.held, p[len(p)-n:]...)
		p = p[:len(p)-n]
	}
	u.guess = false
	if u.wide {
		return p, nil
	}
	switch look(p[:min(len(p), windowSize)]) {
	case latin:
		u.latin.Store(true)
		name := "windows-1252"
		u.found.Store(&name)
	case alien:
		return nil, errAlien
	}
	return p, nil
}

var errAlien = errors.New("it is neither UTF-8 nor Windows-1252: say the encoding, such as windows-1251, shift_jis, gb18030 or euc-kr, or convert it to UTF-8")

type looks int

const (
	damaged looks = iota // UTF-8 with bytes that are wrong
	latin                // Windows-1252
	alien                // another encoding
)

// look tells what text is that is not UTF-8. In Windows-1252 the bytes above ASCII are letters and marks of European
// languages, which stand among letters of ASCII; in encodings of other scripts most of them stand together.
func look(p []byte) looks {
	wide, lone, high, together, never := 0, 0, 0, 0, 0
	for i := 0; i < len(p); {
		if p[i] < utf8.RuneSelf {
			if c := p[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' {
				never++
			}
			i++
			continue
		}
		end := i
		for end < len(p) && p[end] >= utf8.RuneSelf {
			end++
		}
		if end-i > 3 {
			together += end - i
		}
		high += end - i
		for i < end {
			if r, size := utf8.DecodeRune(p[i:]); r != utf8.RuneError || size > 1 {
				wide++
				i += size
				continue
			}
			switch c := p[i]; {
			case charmap.Windows1252.DecodeByte(c) == utf8.RuneError, c == 0xFF, c < 0xA0 && c != 0x80 && c != 0x85 && (c < 0x8A || c > 0x8C) && c != 0x8E && (c < 0x91 || c > 0x97) && c < 0x99:
				never++
			}
			lone++
			i++
		}
	}
	switch {
	case high >= 32 && 2*together > high && 2*wide < lone:
		return alien
	case never == 0 && 2*wide <= lone && 2*together <= high:
		return latin
	}
	return damaged
}
