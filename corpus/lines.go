package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
)

// Lines reads one document from each line. The ID is the number of the line, and a line may be empty, so that documents
// and lines keep step. Of the options only Name is used.
func Lines(r io.Reader, o Options) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		err := eachLine(r, o.withDefaults().Name, func(number int, line []byte) bool {
			return yield(Document{ID: strconv.Itoa(number), Text: validString(string(line))}, nil)
		})
		if err != nil {
			yield(Document{}, err)
		}
	}
}

// JSONL reads one document from each line, a JSON object. Lines of white space are passed over.
//
// The text has to be a string; an ID may be a string or a number, which keeps its digits as they are written (1 and "1"
// are the same ID, 1 and 1.0 are not); a time may be a string or a number. An ID that is null or an empty string counts as
// none. In Fields a string is what it stands for, any other value (a number, an object) is its JSON as it is written, and
// null is left out. Of a name that stands twice in an object the last value counts.
func JSONL(r io.Reader, o Options) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		rec := newRecord(o)
		goOn := true
		err := eachLine(r, rec.Name, func(number int, line []byte) bool {
			line = bytes.TrimSpace(line)
			if len(line) == 0 {
				return true
			}
			rec.begin(number)
			if d, fault := rec.fromJSON(line); fault != nil {
				goOn = yield(Document{}, fault)
			} else {
				goOn = yield(d, nil)
			}
			return goOn
		})
		switch {
		case err != nil:
			yield(Document{}, err)
		case goOn && rec.TimeField != "" && !rec.timed && rec.row > 0:
			yield(Document{}, &Error{Source: rec.Name, Field: rec.TimeField, Why: "no record has it", Fatal: true})
		}
	}
}

func (r *record) fromJSON(line []byte) (d Document, fault *Error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(validBytes(line), &values); err != nil {
		return Document{}, r.notAnObject(line, err)
	}
	if values == nil { // the line is null, which Unmarshal takes
		return Document{}, r.notAnObject(line, errors.New("it is null"))
	}
	if fault := r.typed(values, r.TextField, true, "a string", text); fault != nil {
		return Document{}, fault
	}
	if fault := r.typed(values, r.idField(), r.IDField != "", "a string or a number", text, number, null); fault != nil {
		return Document{}, fault
	}
	if written, ok := values[r.TimeField]; ok && r.TimeField != "" {
		r.timed = true
		if fault := r.typed(values, r.TimeField, true, "a string or a number", text, number, null); fault != nil {
			return Document{}, fault
		}
		if d.Time, fault = r.time(plain(written)); fault != nil {
			return Document{}, fault
		}
	}
	d.Fields = make(map[string]string, len(values))
	id := ""
	for name, raw := range values {
		s := plain(raw)
		switch name {
		case r.TextField:
			d.Text = s
		case r.idField():
			id = s
		default:
			if kindOf(raw) != null {
				d.Fields[name] = s
			}
		}
	}
	if d.ID, fault = r.identify(id); fault != nil {
		return Document{}, fault
	}
	return d, nil
}

func (r *record) notAnObject(line []byte, cause error) *Error {
	e := r.fault("", "want a JSON object on each line: "+cause.Error())
	e.Err = cause
	if line[0] == '[' {
		e.Why = "want a JSON object on each line, this is an array"
	}
	return e
}

// typed checks that a field is there and of one of the kinds.
func (r *record) typed(values map[string]json.RawMessage, field string, required bool, want string, kinds ...kind) *Error {
	raw, ok := values[field]
	switch {
	case !ok && required:
		return r.fault(field, lacks("record", slices.Sorted(maps.Keys(values))))
	case ok && !slices.Contains(kinds, kindOf(raw)):
		return r.fault(field, fmt.Sprintf("is %s, want %s", short(string(raw)), want))
	}
	return nil
}

// kind is what matters here of the type of a JSON value.
type kind int

const (
	null kind = iota
	text
	number
	other
)

func kindOf(raw json.RawMessage) kind {
	switch c := raw[0]; {
	case c == '"':
		return text
	case c == 'n':
		return null
	case c == '-', '0' <= c && c <= '9':
		return number
	}
	return other
}

// plain is a string without its quotes, nothing for null, and any other value as it is written.
func plain(raw json.RawMessage) string {
	switch kindOf(raw) {
	case null:
		return ""
	case text:
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			panic("corpus: a value that was parsed does not parse: " + err.Error())
		}
		return s
	}
	return string(raw)
}
