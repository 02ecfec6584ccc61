// Package xlsx reads documents from the workbooks of Excel and writes tables to them. It is a package of its own, besides
// corpus, so that who reads other files carries none of it.
//
// # What the cells are
//
// The first row that has a cell is the header, as in CSV; every further row with a cell is a record. A cell is a field of a
// record as corpus.JSONL has it, and always a string: a text, a number with its digits and not as it is formatted, 1 or 0
// for true or false, the value that a formula had when the workbook was saved. An empty cell is left out, but for the text, which is then
// empty. In the column of the times a number is a date of Excel, in others it stays a number.
//
// Sheets are read row by row; what does not fit into 64 MB goes to temporary files.
package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/jsonrows"
)

// Options says where the parts of a document are. The zero value is good for a workbook whose first sheet has the columns
// "text" and perhaps "id".
type Options struct {
	// Options has the names of columns in TextField, IDField and TimeField. In errors the line is the number of the row in its
	// sheet, from 1. Comma and Encoding are not used.
	corpus.Options
	// Sheet is the name of the sheet. Default: the first one.
	Sheet string
}

// Open reads the documents of the workbook at path. The file is opened when the iteration begins and closed when it ends, and
// may be ranged over again.
func Open(ctx context.Context, path string, o Options) iter.Seq2[corpus.Document, error] {
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
		Read(ctx, f, info.Size(), o)(yield)
	}
}

// Read reads the documents of a workbook of size bytes.
func Read(ctx context.Context, r io.ReaderAt, size int64, o Options) iter.Seq2[corpus.Document, error] {
	return func(yield func(corpus.Document, error) bool) {
		if o.Name == "" {
			o.Name = "input"
		}
		t, err := open(ctx, r, size, o)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				yield(corpus.Document{}, &corpus.Error{Source: o.Name, Why: "reading was stopped: " + cause.Error(), Err: cause, Fatal: true})
				return
			}
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
		if fault := t.header(); fault != nil {
			yield(corpus.Document{}, fault)
			return
		}
		if t.object == nil {
			return
		}
		corpus.ReadContext(ctx, &jsonrows.Reader{Next: t.next}, corpus.FormatJSONL, o.Options)(yield)
	}
}

// table is a sheet that is being read.
type table struct {
	mutex  sync.Mutex // held by next, which may still be under way when the caller has stopped
	o      Options
	ctx    context.Context
	book   *excelize.File
	rows   *excelize.Rows
	row    int // the last one that was read
	given  int // lines that were given
	names  []string
	object *jsonrows.Object
	at     []int // the columns that are fields
	text   int
	time   int // -1 where there is none
	since  bool
}

const (
	partMost = 64 << 20 // bytes of a part that is held in memory
	bookMost = 16 << 30 // bytes of all parts
	textMost = 1 << 20  // bytes between two tags; a cell has at most 32,767 characters
)

// open opens a sheet.
func open(ctx context.Context, r io.ReaderAt, size int64, o Options) (t *table, err error) {
	defer recovered(&err)
	if err := check(ctx, r, size); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{RawCellValue: true, UnzipSizeLimit: bookMost, UnzipXMLSizeLimit: partMost / 4})
	if err != nil {
		return nil, fmt.Errorf("it is damaged, or no workbook of Excel: %w", err)
	}
	t = &table{o: o, ctx: ctx, book: book, time: -1}
	sheets := book.GetSheetList()
	sheet := o.Sheet
	switch {
	case len(sheets) == 0:
		err = errors.New("it has no sheets")
	case sheet == "":
		sheet = sheets[0]
	case !slices.Contains(sheets, sheet):
		err = fmt.Errorf("it has no sheet %q but %q", sheet, sheets)
	}
	if err == nil {
		t.rows, err = book.Rows(sheet)
	}
	if props, fault := book.GetWorkbookProps(); fault == nil && props.Date1904 != nil {
		t.since = *props.Date1904
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// check sees to it that no part of the workbook is larger than what memory is for: parts other than sheets and their texts
// are held whole, and so is what stands between two tags.
func check(ctx context.Context, r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("it is damaged, or no workbook of Excel: %w", err)
	}
	total := uint64(0)
	for _, f := range z.File {
		if total += f.UncompressedSize64; total > bookMost || f.UncompressedSize64 > bookMost {
			return fmt.Errorf("it unpacks to more than %d GB", bookMost>>30)
		}
		sheet := strings.HasPrefix(f.Name, "xl/worksheets/") || strings.EqualFold(f.Name, "xl/sharedStrings.xml")
		switch {
		case f.UncompressedSize64 <= textMost:
		case !sheet && f.UncompressedSize64 > partMost:
			return fmt.Errorf("its part %q unpacks to %d MB, want at most %d", f.Name, f.UncompressedSize64>>20, partMost>>20)
		case sheet && f.UncompressedSize64 > partMost/4:
			if err := checkText(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkText sees to it that no text or tag of a part is too long.
func checkText(ctx context.Context, f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	buf, run := make([]byte, 1<<16), 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := in.Read(buf)
		for rest := buf[:n]; ; {
			i := bytes.IndexByte(rest, '<')
			if i < 0 {
				run += len(rest)
				break
			}
			if run += i; run > textMost {
				break
			}
			run, rest = 0, rest[i+1:]
		}
		if run > textMost {
			return fmt.Errorf("its part %q has a text of more than %d bytes, want at most the 32767 characters that a cell may have", f.Name, textMost)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is damaged: %w", err)
		}
	}
}

// header reads the names of the columns. object stays nil where the sheet is empty.
func (t *table) header() *corpus.Error {
	cells, err := t.cells()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return fatal(t.o.Name, "cannot be read", err)
	}
	text := t.o.TextField
	if text == "" {
		text = "text"
	}
	t.text = -1
	for i, name := range cells {
		if name == "" {
			continue
		}
		if at := slices.Index(t.names, name); at >= 0 && (name == text || name == t.o.IDField || name == t.o.TimeField) {
			return &corpus.Error{Source: t.o.Name, Line: t.row, Field: name, Fatal: true, Why: "the header has it twice"}
		}
		t.names, t.at = append(t.names, name), append(t.at, i)
		switch name {
		case text:
			t.text = i
		case t.o.TimeField:
			t.time = i
		}
	}
	for _, name := range []string{text, t.o.IDField, t.o.TimeField} {
		if name != "" && !slices.Contains(t.names, name) {
			return &corpus.Error{Source: t.o.Name, Line: t.row, Field: name, Fatal: true, Why: "missing, the header has " + strings.Join(t.names, ", ")}
		}
	}
	t.object = jsonrows.NewObject(t.names)
	return nil
}

// cells is the next row that has some.
func (t *table) cells() (cells []string, err error) {
	defer recovered(&err)
	for t.rows.Next() {
		t.row++
		if err := t.ctx.Err(); err != nil {
			return nil, err
		}
		cells, err := t.rows.Columns()
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", t.row, err)
		}
		if slices.ContainsFunc(cells, func(s string) bool { return s != "" }) {
			return cells, nil
		}
	}
	if err := t.rows.Error(); err != nil {
		return nil, err
	}
	return nil, io.EOF
}

// next appends a row to b, and a line for each before it that has none, so that lines are rows.
func (t *table) next(b []byte) ([]byte, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	cells, err := t.cells()
	if err != nil {
		return b, err
	}
	for t.given++; t.given < t.row; t.given++ {
		b = append(b, '\n')
	}
	b = append(b, '{')
	first := true
	for k, i := range t.at {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		if cell == "" && i != t.text {
			continue
		}
		if i == t.time && t.o.TimeFormat == "" {
			cell = t.date(cell)
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(b, t.object.Keys[k]...), ':')
		b = t.object.String(b, cell)
	}
	return append(b, "}\n"...), nil
}

// date writes a date of Excel as others have it: days since 1900, or since 1904 on old Macs, of which years are numbers of
// four digits.
func (t *table) date(cell string) string {
	days, err := strconv.ParseFloat(cell, 64)
	if err != nil || days < 1 || days >= 2958466 || len(cell) == 4 && days == math.Trunc(days) && days >= 1000 && days < 3000 {
		return cell
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case t.since:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 61: // the 29th of February 1900, which Excel has, is 60
		epoch = epoch.AddDate(0, 0, 1)
	}
	whole, part := math.Modf(days)
	ms := time.Duration(math.Round(part*86400e3)) * time.Millisecond
	return epoch.AddDate(0, 0, int(whole)).Add(ms).Format(time.RFC3339Nano)
}

func (t *table) close() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var err error
	defer recovered(&err)
	if t.rows != nil {
		_ = t.rows.Close()
	}
	_ = t.book.Close()
}

// recovered makes an error of a panic, which damaged workbooks may cause.
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
