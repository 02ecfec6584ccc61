package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Format is how documents are written.
type Format string

// The formats, by the names that the command line gives them.
const (
	FormatJSONL Format = "jsonl" // see JSONL
	FormatCSV   Format = "csv"   // see CSV
	FormatLines Format = "lines" // see Lines
	FormatGoDoc Format = "godoc" // see GoDoc
)

// FormatOf guesses the format from a path: .csv and .tsv are CSV, .txt is lines, a directory is Go doc comments, anything
// else is JSON Lines. A .gz at the end is passed over.
func FormatOf(path string) Format {
	switch extension(path) {
	case ".csv", ".tsv":
		return FormatCSV
	case ".txt":
		return FormatLines
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return FormatGoDoc
	}
	return FormatJSONL
}

// extension is the last one besides .gz, in lower case.
func extension(path string) string {
	return filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz"))
}

// Open reads the documents of a file, or of a directory of Go packages. The format "" stands for FormatOf(path). The file
// is opened when the iteration begins and closed when it ends, and may be ranged over again.
func Open(path string, format Format, o Options) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		if format == "" {
			format = FormatOf(path)
		}
		if o.Name == "" {
			o.Name = path
		}
		if format == FormatGoDoc {
			GoDoc(path, GoDocOptions{})(yield)
			return
		}
		if o.Comma == 0 && extension(path) == ".tsv" {
			o.Comma = '\t'
		}
		f, err := os.Open(path)
		if err != nil {
			yield(Document{}, cannot("be opened", o.Name, 0, err))
			return
		}
		defer func() { _ = f.Close() }()
		Read(f, format, o)(yield)
	}
}

// Read reads the documents of r, which are written in the format: FormatJSONL, FormatCSV or FormatLines. What it gives
// can be ranged over once.
func Read(r io.Reader, format Format, o Options) iter.Seq2[Document, error] {
	switch format {
	case FormatJSONL:
		return JSONL(r, o)
	case FormatCSV:
		return CSV(r, o)
	case FormatLines:
		return Lines(r, o)
	}
	return func(yield func(Document, error) bool) {
		why := fmt.Sprintf("the format is %q, want %s, %s or %s", string(format), FormatJSONL, FormatCSV, FormatLines)
		yield(Document{}, &Error{Source: o.withDefaults().Name, Why: why, Fatal: true})
	}
}

const bufferSize = 1 << 16

// unpack is the text in r: unpacked where it is packed, and without the byte-order mark.
func unpack(r io.Reader) (*bufio.Reader, error) {
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
	for _, mark := range []string{"\xFF\xFE", "\xFE\xFF"} {
		found, err := begins(in, mark)
		if err != nil {
			return nil, err
		}
		if found {
			return nil, errUTF16
		}
	}
	const mark = "\xEF\xBB\xBF"
	found, err := begins(in, mark)
	if found {
		_, err = in.Discard(len(mark))
	}
	return in, err
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

var errUTF16 = errors.New("it is UTF-16, want UTF-8")

// begins says whether the next bytes are those of prefix. It asks for no more of them than it has to, so that a terminal
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

const replacement = "\uFFFD"

func validString(s string) string { return strings.ToValidUTF8(s, replacement) }

func validBytes(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return bytes.ToValidUTF8(b, []byte(replacement))
}

// eachLine calls f with every line of r, without its end, until f says stop. The lines are not valid after f returns.
func eachLine(r io.Reader, name string, f func(number int, line []byte) bool) *Error {
	in, err := unpack(r)
	if err != nil {
		return cannot("be read", name, 0, err)
	}
	var long []byte
	for number := 1; ; number++ {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			for long = long[:0]; errors.Is(err, bufio.ErrBufferFull); line, err = in.ReadSlice('\n') {
				long = append(long, line...)
			}
			long = append(long, line...)
			line = long
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return cannot("be read", name, number, err)
		}
		if len(line) == 0 && err != nil {
			return nil
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if !f(number, line) || err != nil {
			return nil
		}
	}
}
