// Package corpus reads documents from files: JSON Lines, CSV, plain lines, and the doc comments of Go packages; and threads,
// which are questions, forum topics and issues with what a study needs to know of them, from Stack Exchange, Discourse and
// GitHub (OpenThreads).
// Package corpus/parquet reads documents from Parquet; corpus/sevenzip, when imported, makes dumps readable within the .7z
// that they are published as.
//
// Every reader gives an iter.Seq2 of documents and errors. It streams: it holds one document at a time, besides the IDs
// it has seen, and stops when the caller does. An error is always an *Error and names the source, the line and the field.
// When it is about one record (a field that is missing or of the wrong type, an ID given twice), the iteration goes on
// with the next record if the caller does, so that a caller may return at the first error or count errors and go on.
// When nothing after it can be trusted (the source cannot be read, the header lacks a field, a quote in CSV is not
// closed), the iteration ends with it.
//
// # What the files look like
//
// Files are UTF-8, with or without a byte-order mark, or UTF-16 with one, or whatever Options.Encoding names. A file that is
// not UTF-8 is read as Windows-1252, which has Latin-1 in it, where its bytes look like European words; otherwise each run of
// bytes that are not UTF-8 becomes one U+FFFD, in texts, IDs, names and values of fields alike, and a text of which hardly
// anything is UTF-8 is an error. Options.Report tells which of it was done, and how often.
//
// Lines end with "\n" or "\r\n", the last one may end without; where most line ends in the first 64 kB are "\r" alone, all
// are. Files packed by gzip are known by their first two bytes, whatever their name, and unpacked on the way; lines are counted in what
// they hold. A record of more than Options.MaxRecord bytes ends the reading.
//
// An empty file holds no documents, which is no error.
package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Document is one text of a corpus.
type Document struct {
	// ID names the document within its corpus: no two documents of a reader have the same. Where the source has none it
	// is the number of the record, from 1.
	ID string
	// Text is what is embedded and counted. It may be empty.
	Text string
	// Time is when the document was written, in UTC; zero where the source does not say.
	Time time.Time
	// Fields are the other fields of the record as text, that of the time among them. May be nil.
	Fields map[string]string
}

// Error says what is wrong with a source, and where. Its text is "posts.csv:12: field "time": what is wrong", with the
// parts that are not known left out.
type Error struct {
	Source string // the name in Options, or the path
	Line   int    // the line where the record begins, from 1; 0 where no line is at fault
	Row    int    // the number of the record, from 1, a CSV header not counted; 0 where no record is at fault
	Field  string // the field at fault, "" for the record as a whole
	Why    string // what was found and what was expected
	Err    error  // the cause, if another package found the fault; Why tells of it
	Fatal  bool   // the reading ends with it; otherwise it is about one record and the next ones can be read
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Source)
	if e.Line > 0 {
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(e.Line))
	}
	if e.Field != "" {
		fmt.Fprintf(&b, ": field %q", e.Field)
	}
	b.WriteString(": ")
	b.WriteString(e.Why)
	return b.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// cannot is the error of a source that the system or gzip fails to read.
func cannot(do, source string, line int, err error) *Error {
	cause := err
	if p := (*fs.PathError)(nil); errors.As(err, &p) { // which repeats the source
		cause = p.Err
	}
	return &Error{Source: source, Line: line, Why: "cannot " + do + ": " + cause.Error(), Err: err, Fatal: true}
}

// Options says where the parts of a document are in a record. The zero value is good for records with the fields "text"
// and perhaps "id".
type Options struct {
	// Name is the name of the source in errors. Default: the path for Open, "input" for a reader.
	Name string
	// TextField is the field with the text, which every record must have. Default "text". Plain lines have no fields.
	TextField string
	// IDField is the field with the ID. Default "id", which a record may lack; a field that is named here must be in
	// every record and must not be empty.
	IDField string
	// TimeField is the field with the time when the document was written, as TimeFormat or ParseTime reads it. Default: none,
	// times stay zero, as they do in records that lack the field or in which it is empty, NaT, NaN, None or null. That no
	// record has it is an error.
	TimeField string
	// TimeFormat is how times are written, in the layout of package time ("01/02/2006") or in that of Python's strftime
	// ("%m/%d/%Y"). Default "": as ParseTime reads them.
	TimeFormat string
	// Comma separates the fields of CSV. Default: a line "sep=;" before the header says it, or that one of ',', ';', tab and
	// '|' by which the header has the text, or the most columns. A tab when Open reads a file named .tsv.
	Comma rune
	// Encoding is the encoding of the text, by a name of the WHATWG Encoding Standard such as "windows-1251" or "shift_jis".
	// Byte-order marks go before it. Default: found, see above.
	Encoding string
	// MaxRecord is the size of the largest record in bytes, a bound on memory. Default 64 MB; negative means no bound.
	MaxRecord int64
	// Report, if not nil, is set to what was changed or left out.
	Report *Report
}

const maxRecord = 64 << 20

// recordBound returns the largest size of a record that the option asks for.
func recordBound(option int64) int64 {
	switch {
	case option == 0:
		return maxRecord
	case option < 0:
		return math.MaxInt64
	}
	return option
}

// tooLong is the fault of a record beyond the bound.
func tooLong(source string, line int, most int64) *Error {
	return &Error{Source: source, Line: line, Fatal: true, Err: ErrTooLong, Why: fmt.Sprintf("the record goes on for more than %s, which is the bound on a record", bytesOf(most))}
}

// ErrTooLong is the cause of the error of a record that is larger than MaxRecord.
var ErrTooLong = errors.New("corpus: record too long")

func bytesOf(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "input"
	}
	if o.TextField == "" {
		o.TextField = "text"
	}
	return o
}

func (o Options) idField() string {
	if o.IDField == "" {
		return "id"
	}
	return o.IDField
}

// record is where a reader is and what it has to remember.
type record struct {
	Options
	ctx       context.Context
	clock     func(string) (time.Time, error)
	report    Report
	line, row int
	ids       map[string]int // the line of each ID
	timed     bool           // some record had TimeField
	stopped   bool           // by the caller
	gone      bool           // a goroutine still works on this that nobody waits for
}

func newRecord(ctx context.Context, o Options) *record {
	r := &record{Options: o.withDefaults(), ctx: ctx, ids: map[string]int{}}
	r.report.Source = r.Name
	return r
}

// read decodes the source and gives what each finds in it, then the error that ended it.
func (r *record) read(in io.Reader, each func(*decoded, func(Document, error) bool) *Error, yield func(Document, error) bool) {
	give := func(d Document, err error) bool {
		r.stopped = r.stopped || !yield(d, err)
		return !r.stopped
	}
	var text *decoded
	defer func() {
		if r.gone {
			return
		}
		if r.report.decoded(text); r.Report != nil {
			*r.Report = r.report
		}
	}()
	fault := (*Error)(nil)
	clock, err := timeReader(r.TimeFormat)
	if r.clock = clock; err != nil {
		fault = &Error{Source: r.Name, Why: err.Error(), Err: err, Fatal: true}
	} else if text, err = unpack(in, r.Encoding); err != nil {
		fault = cannot("be read", r.Name, 0, err)
	} else {
		fault = each(text, give)
	}
	if fault == nil || r.stopped {
		return
	}
	if cause := context.Cause(r.ctx); cause != nil {
		fault = cancelled(r.Name, cause)
	}
	give(Document{}, fault)
}

// begin goes on to the record at line.
func (r *record) begin(line int) { r.line, r.row = line, r.row+1 }

// fault is an error of the record.
func (r *record) fault(field, why string) *Error {
	return &Error{Source: r.Name, Line: r.line, Row: r.row, Field: field, Why: why}
}

// identify checks the ID of the record, "" where it has none.
func (r *record) identify(id string) (string, *Error) {
	if id == "" {
		if r.IDField != "" {
			return "", r.fault(r.IDField, "empty, want an ID")
		}
		id = strconv.Itoa(r.row)
	}
	if line, ok := r.ids[id]; ok {
		return "", r.fault(r.idField(), fmt.Sprintf("%s is the ID of line %d already", quote(id), line))
	}
	id = strings.Clone(id) // not a part of the record, which the map would keep
	r.ids[id] = r.line
	return id, nil
}

// time reads the time of the record.
func (r *record) time(value string) (time.Time, *Error) {
	if absent(value) {
		return time.Time{}, nil
	}
	t, err := r.clock(value)
	if err != nil {
		e := r.fault(r.TimeField, err.Error())
		e.Err = err
		return t, e
	}
	return t, nil
}

// lacks is why a field that has to be there is at fault.
func lacks(what string, has []string) string {
	const most = 20
	if len(has) == 0 {
		return fmt.Sprintf("missing, the %s is empty", what)
	}
	var names []string
	for _, name := range has[:min(most, len(has))] {
		names = append(names, printable(short(name)))
	}
	more := ""
	if n := len(has) - most; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("missing, the %s has %s%s", what, strings.Join(names, ", "), more)
}

// printable returns s with U+FFFD in place of each character that is not printable, because a terminal
// may take such characters for commands.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// short cuts a value for an error.
func short(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

func quote(s string) string { return strconv.Quote(short(s)) }
