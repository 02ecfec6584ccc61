// Package corpus reads documents from files: JSON Lines, CSV, plain lines, and the doc comments of Go packages. Each
// reader streams: it holds one document at a time and stops when the caller does.
//
// The readers of files take UTF-8 with or without a byte-order mark, lines that end in \n or \r\n, and the same
// compressed by gzip, which they see from the first bytes. Bytes that are not UTF-8 become U+FFFD. The
// sequence ends with its first error: a *RecordError for what is wrong with a record, or what the source returned,
// wrapped with its name.
package corpus

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Document is one text of a corpus.
type Document struct {
	// ID names the document within its corpus. Where the source has none it is the number of the record, from 1.
	ID string
	// Text is what is embedded and counted. It may be empty.
	Text string
	// Time is when the document was written; zero where the source does not say.
	Time time.Time
	// Fields are the other fields of the record as text. May be nil.
	Fields map[string]string
}

// RecordError is a record that cannot be read.
type RecordError struct {
	File  string // the name given in Options
	Line  int    // where the record begins, from 1
	Field string // the field at fault, "" for the record as a whole
	Why   string // what was found and what was expected
}

func (e *RecordError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s: line %d: %s", e.File, e.Line, e.Why)
	}
	return fmt.Sprintf("%s: line %d: field %q: %s", e.File, e.Line, e.Field, e.Why)
}

// Options says where the parts of a document are in a record.
type Options struct {
	// Name is the file's name in errors. Default "input".
	Name string
	// TextField is the field with the text. Default "text".
	TextField string
	// IDField is the field with the ID. Default "id", which a record may lack; a field that is named here must be in
	// every record.
	IDField string
	// TimeField is the field with the time, as ParseTime reads it. Default "": documents have no time. A record may lack
	// the field or leave it empty.
	TimeField string
}

// ids gives the documents their IDs and finds those given twice.
type ids struct {
	o        Options
	required bool
	lines    map[string]int
	record   int
}

func newIDs(o Options) *ids {
	required := o.IDField != ""
	o.setDefaults()
	return &ids{o: o, required: required, lines: map[string]int{}}
}

func (o *Options) setDefaults() {
	if o.Name == "" {
		o.Name = "input"
	}
	if o.TextField == "" {
		o.TextField = "text"
	}
	if o.IDField == "" {
		o.IDField = "id"
	}
}

// time reads the time field of the record at line.
func (o *Options) time(value string, line int) (time.Time, error) {
	t, err := ParseTime(value)
	if err != nil {
		return t, &RecordError{o.Name, line, o.TimeField, err.Error()}
	}
	return t, nil
}

// next is the ID of the record that begins at line.
func (i *ids) next(id string, found bool, line int) (string, error) {
	i.record++
	if !found {
		if i.required {
			return "", &RecordError{i.o.Name, line, i.o.IDField, "is missing"}
		}
		id = fmt.Sprint(i.record)
	}
	if first, ok := i.lines[id]; ok {
		return "", &RecordError{i.o.Name, line, i.o.IDField, fmt.Sprintf("is %q, as on line %d already", id, first)}
	}
	i.lines[id] = line
	return id, nil
}

// documents is what every reader gives.
type documents = iter.Seq2[Document, error]

// timeLayouts are tried in this order.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04", time.DateOnly, "2006-01", time.RFC1123Z, time.RFC1123,
}

// ParseTime reads a time as data files have it: RFC 3339, the same with a space and with or without a zone (UTC then) or a
// time of day, a month, RFC 1123, or whole seconds since 1970; numbers from 10¹¹ on are milliseconds.
func ParseTime(value string) (time.Time, error) {
	value = strings.TrimSpace(value)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), nil
		}
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && len(value) > 4 {
		if n >= 1e11 || n <= -1e11 {
			return time.UnixMilli(n).UTC(), nil
		}
		return time.Unix(n, 0).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("is %.40q, want a time such as 2024-11-16T09:30:00Z, 2024-11-16 or seconds since 1970", value)
}
