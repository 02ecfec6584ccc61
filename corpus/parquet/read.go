// Package parquet reads documents from Parquet files and writes tables to them. It is a package of its own, besides corpus,
// so that who reads other files carries no Parquet.
//
// # What the columns are
//
// A column is a field of a record as corpus.JSONL has it: strings and integers are what they are, floating-point numbers
// the shortest decimals for them, timestamps of any unit are RFC 3339 in UTC (those without a zone too), dates are
// 2024-05-01, decimals keep their digits, UUIDs are in hexadecimal with hyphens, other bytes of a fixed length without. A null
// counts as in JSON: the text must not be null, other fields are left out. A column within a structure is named by its
// path, "author.name"; what is within a list is a JSON array. Files may be packed by Snappy, Zstandard, gzip, Brotli, LZ4 or not at
// all, in any encoding.
//
// Files are read by pages, so that memory grows with the pages of a row group's columns, not with the file. A page that unpacks
// to more than corpus.Options.MaxRecord, or 64 MB, is an error.
package parquet

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"

	"github.com/gobertopic/gobertopic/corpus"
)

// Open reads the documents of the file at path. The file is opened when the iteration begins and closed when it ends, and
// may be ranged over again. In errors the line is the number of the row, from 1.
func Open(path string, o corpus.Options) iter.Seq2[corpus.Document, error] {
	return OpenContext(context.Background(), path, o)
}

// OpenContext is Open that ends with the cause of ctx within 100 ms after ctx has ended.
func OpenContext(ctx context.Context, path string, o corpus.Options) iter.Seq2[corpus.Document, error] {
	return func(yield func(corpus.Document, error) bool) {
		if o.Name == "" {
			o.Name = path
		}
		f, err := os.Open(path)
		if err != nil {
			yield(corpus.Document{}, fatal(o.Name, "cannot be opened", err))
			return
		}
		defer func() { _ = f.Close() }()
		info, err := f.Stat()
		if err != nil {
			yield(corpus.Document{}, fatal(o.Name, "cannot be opened", err))
			return
		}
		ReadContext(ctx, f, info.Size(), o)(yield)
	}
}

// Read reads the documents of a file of size bytes. Of the options Comma is not used. TextField, IDField and TimeField are
// names of columns; an error tells those that there are.
func Read(r io.ReaderAt, size int64, o corpus.Options) iter.Seq2[corpus.Document, error] {
	return ReadContext(context.Background(), r, size, o)
}

// ReadContext is Read that ends with the cause of ctx within 100 ms after ctx has ended. r may then still be in use.
func ReadContext(ctx context.Context, r io.ReaderAt, size int64, o corpus.Options) iter.Seq2[corpus.Document, error] {
	return func(yield func(corpus.Document, error) bool) {
		if o.Name == "" {
			o.Name = "input"
		}
		if o.TextField == "" {
			o.TextField = "text"
		}
		f, err := open(r, size)
		if err != nil {
			yield(corpus.Document{}, fatal(o.Name, "cannot be read", err))
			return
		}
		if err := checkPages(ctx, r, f, size, pageBound(o)); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			yield(corpus.Document{}, fatal(o.Name, "cannot be read", err))
			return
		}
		t := &table{file: f}
		if t.columns, err = schemaOf(f); err != nil {
			yield(corpus.Document{}, fatal(o.Name, "cannot be read", err))
			return
		}
		defer func() {
			if ctx.Err() != nil {
				go t.close() // without waiting for what is being read
				return
			}
			t.close()
		}()
		if fault := t.check(o); fault != nil {
			yield(corpus.Document{}, fault)
			return
		}
		corpus.ReadContext(ctx, t, corpus.FormatJSONL, o)(yield)
	}
}

func open(r io.ReaderAt, size int64) (f *parquet.File, err error) {
	defer recovered(&err)
	magic := make([]byte, 4)
	if n, _ := r.ReadAt(magic, 0); n < 4 || size < 12 || string(magic) != "PAR1" && string(magic) != "PARE" {
		return nil, errors.New("it is no Parquet file, which begins with PAR1")
	}
	// The decoder takes the memory that the footer is said to need before it looks for it.
	end := make([]byte, 8)
	if n, _ := r.ReadAt(end, size-8); n < len(end) || int64(binary.LittleEndian.Uint32(end)) > size-12 {
		return nil, errors.New("it is damaged or cut off: its footer does not fit into it")
	}
	f, err = parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.FileReadMode(parquet.ReadModeSync))
	switch {
	case err != nil && string(magic) == "PARE":
		return nil, errors.New("it is encrypted, want a file without a key")
	case err != nil:
		return nil, fmt.Errorf("it is damaged or cut off: %w", err)
	}
	return f, nil
}

// schemaOf is columnsOf of a file that may be damaged.
func schemaOf(f *parquet.File) (columns []column, err error) {
	defer recovered(&err)
	return columnsOf(f), nil
}

// recovered makes an error of a panic, which damaged files may cause in the decoder.
func recovered(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("it is damaged: %v", fault)
	}
}

func fatal(source, what string, err error) *corpus.Error {
	cause := err
	if p := (*fs.PathError)(nil); errors.As(err, &p) { // which repeats the source
		cause = p.Err
	}
	return &corpus.Error{Source: source, Why: what + ": " + cause.Error(), Err: err, Fatal: true}
}

// check sees to it that the columns that the options name are there, and that the text is one.
func (t *table) check(o corpus.Options) *corpus.Error {
	for _, field := range []string{o.TextField, o.IDField, o.TimeField} {
		at := slices.IndexFunc(t.columns, func(c column) bool { return c.name == field })
		switch {
		case field == "":
		case at < 0:
			return &corpus.Error{Source: o.Name, Field: field, Fatal: true, Why: t.lacks()}
		case t.columns[at].repeated > 0:
			return &corpus.Error{Source: o.Name, Field: field, Fatal: true, Why: "is a list, want one value in a row"}
		case field == o.TextField && t.columns[at].kind != textual:
			return &corpus.Error{Source: o.Name, Field: field, Fatal: true, Why: fmt.Sprintf("is of the type %s, want strings", t.columns[at].typ)}
		}
	}
	return nil
}

// lacks is why a column that has to be there is at fault.
func (t *table) lacks() string {
	const most = 20
	if len(t.columns) == 0 {
		return "missing, there are no columns"
	}
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	more := ""
	if n := len(names) - most; n > 0 {
		names, more = names[:most], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("missing, the columns are %s%s", strings.Join(names, ", "), more)
}

// table gives the rows of a file as JSON Lines.
type table struct {
	mutex   sync.Mutex // held by Read, which may still be under way when the caller has stopped
	file    *parquet.File
	columns []column
	group   int // the next one
	rows    parquet.Rows
	batch   [64]parquet.Row
	text    []byte
	from    int // of text, what was not given yet
	err     error
}

func (t *table) Read(p []byte) (n int, err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for t.from == len(t.text) {
		if t.err != nil {
			return 0, t.err
		}
		t.text, t.from = t.text[:0], 0
		t.err = t.next()
	}
	n = copy(p, t.text[t.from:])
	t.from += n
	return n, nil
}

// next appends rows to text.
func (t *table) next() (err error) {
	defer recovered(&err)
	if t.rows == nil {
		groups := t.file.RowGroups()
		for t.group < len(groups) && groups[t.group].NumRows() == 0 {
			t.group++
		}
		if t.group == len(groups) {
			return io.EOF
		}
		t.rows = groups[t.group].Rows()
		t.group++
	}
	n, err := t.rows.ReadRows(t.batch[:])
	for _, row := range t.batch[:n] {
		t.append(row)
	}
	switch {
	case errors.Is(err, io.EOF):
		err = t.rows.Close()
		t.rows = nil
	case err != nil:
		return fmt.Errorf("it is damaged or cut off: %w", err)
	case n == 0:
		return io.ErrNoProgress
	}
	return err
}

func (t *table) close() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var err error
	defer recovered(&err)
	if t.rows != nil {
		_ = t.rows.Close()
	}
}
