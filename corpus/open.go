package corpus

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
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
	return OpenContext(context.Background(), path, format, o)
}

// OpenContext is Open that ends with the cause of ctx within 100 ms after ctx has ended, also where the file gives nothing.
func OpenContext(ctx context.Context, path string, format Format, o Options) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		if format == "" {
			format = FormatOf(path)
		}
		if o.Name == "" {
			o.Name = path
		}
		if format == FormatGoDoc {
			goDoc(ctx, path, GoDocOptions{}, yield)
			return
		}
		if o.Comma == 0 && extension(path) == ".tsv" {
			o.Comma = '\t'
		}
		in, fault := Source{Name: o.Name, Open: func() (io.ReadCloser, error) { return os.Open(path) }}.open(ctx)
		if fault != nil {
			yield(Document{}, fault)
			return
		}
		defer func() { _ = in.Close() }()
		readDocuments(ctx, in, format, o, yield)
	}
}

// Read reads the documents of r, which are written in the format: FormatJSONL, FormatCSV or FormatLines. What it gives
// can be ranged over once.
func Read(r io.Reader, format Format, o Options) iter.Seq2[Document, error] {
	return ReadContext(context.Background(), r, format, o)
}

// ReadContext is Read that ends with the cause of ctx within 100 ms after ctx has ended, also where r gives nothing. r may
// then still be in use.
func ReadContext(ctx context.Context, r io.Reader, format Format, o Options) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		readDocuments(ctx, &input{source: io.NopCloser(r), ctx: ctx}, format, o, yield)
	}
}

func readDocuments(ctx context.Context, in *input, format Format, o Options, yield func(Document, error) bool) {
	rec := newRecord(ctx, o)
	read, ok := map[Format]func(*decoded, func(Document, error) bool) *Error{
		FormatJSONL: rec.eachJSON, FormatCSV: rec.eachCSV, FormatLines: rec.eachText,
	}[format]
	if !ok {
		why := fmt.Sprintf("the format is %q, want %s, %s or %s", string(format), FormatJSONL, FormatCSV, FormatLines)
		yield(Document{}, &Error{Source: rec.Name, Why: why, Fatal: true})
		return
	}
	rec.read(in, read, yield)
}
