package corpus

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// CSV reads one document from each record after the header, as RFC 4180 has it: fields may be quoted, a quoted field may
// hold commas, line ends (each becomes "\n") and doubled quotes. Lines with nothing in them are passed over. Every record
// must have as many fields as the header. The fields of the options must each be in the header once; of other columns
// with the same name the last counts.
func CSV(r io.Reader, o Options) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		rec := newRecord(o)
		if err := rec.eachCSV(r, yield); err != nil {
			yield(Document{}, err)
		}
	}
}

// eachCSV yields the documents. It returns the error that ends the reading.
func (r *record) eachCSV(source io.Reader, yield func(Document, error) bool) *Error {
	buffered, err := unpack(source)
	if err != nil {
		return cannot("be read", r.Name, 0, err)
	}
	in := csv.NewReader(buffered)
	in.Comma = r.Comma
	in.ReuseRecord = true
	in.FieldsPerRecord = -1 // counted here, for a better error

	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return r.unreadable(err, 0)
	}
	header = slices.Clone(header)
	for i := range header {
		header[i] = validString(header[i])
	}
	r.line, _ = in.FieldPos(0)
	columns, fault := r.columns(header)
	if fault != nil {
		fault.Fatal = true
		return fault
	}
	for {
		values, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.unreadable(err, r.row+1)
		}
		line, _ := in.FieldPos(0)
		r.begin(line)
		d, fault := r.fromCSV(header, values, columns)
		if fault != nil {
			if !yield(Document{}, fault) {
				return nil
			}
			continue
		}
		if !yield(d, nil) {
			return nil
		}
	}
}

// columns are where the parts of a document are, −1 where there is none.
type columns struct{ text, id, time int }

func (r *record) columns(header []string) (c columns, fault *Error) {
	find := func(field string, required bool) int {
		if field == "" || fault != nil {
			return -1
		}
		at := slices.Index(header, field)
		switch {
		case at < 0 && required:
			fault = r.fault(field, lacks("header", header))
		case at >= 0 && slices.Contains(header[at+1:], field):
			fault = r.fault(field, "the header has it twice")
		}
		return at
	}
	c.text = find(r.TextField, true)
	c.id = find(r.idField(), r.IDField != "")
	c.time = find(r.TimeField, true)
	return c, fault
}

func (r *record) fromCSV(header, values []string, c columns) (d Document, fault *Error) {
	if len(values) != len(header) {
		return d, r.fault("", fmt.Sprintf("the header has %d fields, the record %d", len(header), len(values)))
	}
	d.Fields = make(map[string]string, len(header))
	for i, v := range values {
		switch v = validString(v); i {
		case c.text:
			d.Text = strings.Clone(v) // else it would keep the whole record
		case c.id:
			d.ID = v
		default:
			d.Fields[header[i]] = v
		}
	}
	if c.time >= 0 {
		if d.Time, fault = r.time(validString(values[c.time])); fault != nil {
			return Document{}, fault
		}
	}
	if d.ID, fault = r.identify(d.ID); fault != nil {
		return Document{}, fault
	}
	return d, nil
}

// unreadable is the error of a record that encoding/csv cannot read.
func (r *record) unreadable(err error, row int) *Error {
	parse := (*csv.ParseError)(nil)
	if !errors.As(err, &parse) {
		do := "be read"
		if r.line > 0 {
			do = fmt.Sprintf("be read after the record of line %d", r.line)
		}
		return cannot(do, r.Name, 0, err)
	}
	why := parse.Err.Error()
	if parse.Line != parse.StartLine {
		why = fmt.Sprintf("%s, on line %d", why, parse.Line)
	}
	return &Error{Source: r.Name, Line: parse.StartLine, Row: row, Why: why, Err: err, Fatal: true}
}
