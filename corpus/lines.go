package corpus

import (
	"bytes"
	"context"
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
// and lines keep step. Of the options Name, Encoding, MaxRecord and Report are used.
func Lines(r io.Reader, o Options) iter.Seq2[Document, error] {
	return ReadContext(context.Background(), r, FormatLines, o)
}

func (r *record) eachText(text *decoded, yield func(Document, error) bool) *Error {
	return eachLine(text.Reader, r.Name, recordBound(r.MaxRecord), func(number int, line []byte) bool {
		return yield(Document{ID: strconv.Itoa(number), Text: string(line)}, nil)
	})
}

// JSONL reads one document from each line, a JSON object. Lines of white space are passed over.
//
// The text has to be a string; an ID may be a string or a number, which keeps its digits as they are written (1 and "1"
// are the same ID, 1 and 1.0 are not); a time may be a string or a number. An ID that is null or an empty string counts as
// none, and so does one of another type in the field "id" where IDField does not name it, which is counted in the Report. In
// Fields a string is what it stands for, any other value (a number, an object) is its JSON as it is written, and null is left
// out. Of a name that stands twice in an object the last value counts. NaN, Infinity and -Infinity, which Python writes, are
// null.
func JSONL(r io.Reader, o Options) iter.Seq2[Document, error] {
	return ReadContext(context.Background(), r, FormatJSONL, o)
}

func (r *record) eachJSON(text *decoded, yield func(Document, error) bool) *Error {
	goOn := true
	var ended *Error
	err := eachLine(text.Reader, r.Name, recordBound(r.MaxRecord), func(number int, line []byte) bool {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return true
		}
		r.begin(number)
		var d Document
		var fault *Error
		if len(line) < longParse || r.ctx.Done() == nil {
			d, fault = r.fromJSON(line)
		} else if d, fault = r.fromLongJSON(line); fault != nil && fault.Fatal {
			ended = fault
			return false
		}
		if fault != nil {
			goOn = yield(Document{}, fault)
		} else {
			goOn = yield(d, nil)
		}
		return goOn
	})
	switch {
	case ended != nil:
		return ended
	case err != nil:
		return err
	case goOn && r.TimeField != "" && !r.timed && r.row > 0:
		return &Error{Source: r.Name, Field: r.TimeField, Why: "no record has it", Fatal: true}
	}
	return nil
}

// longParse is the size in bytes from which on a record takes so long to parse that the end of a context cannot wait for it.
const longParse = 2 << 20

// fromLongJSON is fromJSON that does not go on after the end of the context.
func (r *record) fromLongJSON(line []byte) (Document, *Error) {
	type result struct {
		d     Document
		fault *Error
	}
	_, out, ended := apart(r.ctx, func() (result, error) {
		d, fault := r.fromJSON(line)
		return result{d, fault}, nil
	})
	if !ended {
		r.gone = true
		return Document{}, cancelled(r.Name, context.Cause(r.ctx))
	}
	return out.value.d, out.value.fault
}

func (r *record) fromJSON(line []byte) (d Document, fault *Error) {
	var values map[string]json.RawMessage
	if err := unmarshal(line, &values); err != nil {
		return Document{}, r.notAnObject(line, err)
	}
	if values == nil { // the line is null, which Unmarshal takes
		return Document{}, r.notAnObject(line, errors.New("it is null"))
	}
	if fault := r.typed(values, r.TextField, true, "a string", textKind); fault != nil {
		return Document{}, fault
	}
	if fault := r.typed(values, r.idField(), r.IDField != "", "a string or a number", textKind, number, null); fault != nil {
		if r.IDField != "" {
			return Document{}, fault
		}
		r.report.drop(fault)
		delete(values, r.idField())
	}
	if written, ok := values[r.TimeField]; ok && r.TimeField != "" {
		r.timed = true
		if fault := r.typed(values, r.TimeField, true, "a string or a number", textKind, number, null); fault != nil {
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

// notAnObject returns the fault of a line that is not a JSON object. cause is what the decoder says.
func (r *record) notAnObject(line []byte, cause error) *Error {
	const want = "want a JSON object on each line"
	why := want + ": " + cause.Error()
	var other *json.UnmarshalTypeError
	switch {
	case line[0] == '[' && r.row == 1:
		why = want + ", this is an array: jq -c '.[]' writes its elements as lines"
	case line[0] == '[':
		why = want + ", this is an array"
	case errors.As(cause, &other):
		why = want + ", this is a " + other.Value
	}
	e := r.fault("", why)
	e.Err = cause
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
	textKind
	number
	other
)

func kindOf(raw json.RawMessage) kind {
	switch c := raw[0]; {
	case c == '"':
		return textKind
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
	case textKind:
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			panic("corpus: a value that was parsed does not parse: " + err.Error())
		}
		return s
	}
	return string(raw)
}
