// Package corpus reads documents from files: JSON Lines, CSV, plain lines, and the doc comments of Go packages. Each
// reader streams: it holds one document at a time and stops when the caller does.
package corpus

import (
	"fmt"
	"iter"
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
}

// ids gives the documents their IDs and finds those given twice.
type ids struct {
	o        Options
	required bool
	lines    map[string]int
	record   int
}

func newIDs(o *Options) *ids {
	if o.Name == "" {
		o.Name = "input"
	}
	if o.TextField == "" {
		o.TextField = "text"
	}
	i := &ids{required: o.IDField != "", lines: map[string]int{}}
	if o.IDField == "" {
		o.IDField = "id"
	}
	i.o = *o
	return i
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
		return "", &RecordError{i.o.Name, line, i.o.IDField, fmt.Sprintf("%q stands on line %d already", id, first)}
	}
	i.lines[id] = line
	return id, nil
}

// documents is what every reader gives.
type documents = iter.Seq2[Document, error]
