package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// CSV reads one document from each record after the header, as RFC 4180 has it: fields may be quoted, a quoted field may
// hold delimiters, line ends (each becomes "\n") and doubled quotes. Lines with nothing in them are passed over. Every record
// must have as many fields as the header. The fields of the options must each be in the header once; of other columns
// with the same name the last counts.
//
// A quote where RFC 4180 has none is text. Where that leaves open how a record is to be read, as in "a "quoted" word", it is
// read so that it has as many fields as the header; a quote that nothing ends costs at most its line.
func CSV(r io.Reader, o Options) iter.Seq2[Document, error] {
	return ReadContext(context.Background(), r, FormatCSV, o)
}

// eachCSV yields the documents. It returns the error that ends the reading.
func (r *record) eachCSV(text *decoded, yield func(Document, error) bool) *Error {
	if r.Comma != 0 && !validDelimiter(r.Comma) {
		return &Error{Source: r.Name, Why: fmt.Sprintf("the delimiter is %q, want a character that is no quote and no line end", r.Comma), Fatal: true}
	}
	in := newCSVReader(text, recordBound(r.MaxRecord))
	wanted := []string{r.TextField, r.idField()}
	if r.TimeField != "" {
		wanted = append(wanted, r.TimeField)
	}
	header, err := in.header(r.Comma, wanted...)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return r.unreadable(in, err)
	}
	header = slices.Clone(header)
	r.line = in.begin
	columns, fault := r.columns(header)
	if fault != nil {
		fault.Fatal = true
		return fault
	}
	in.want = len(header)
	for {
		values, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.unreadable(in, err)
		}
		r.begin(in.begin)
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
		switch i {
		case c.text:
			d.Text = strings.Clone(v) // else it would keep the whole record
		case c.id:
			d.ID = v
		default:
			d.Fields[header[i]] = v
		}
	}
	if c.time >= 0 {
		if d.Time, fault = r.time(values[c.time]); fault != nil {
			return Document{}, fault
		}
	}
	if d.ID, fault = r.identify(d.ID); fault != nil {
		return Document{}, fault
	}
	return d, nil
}

// unreadable is the error of what cannot be read after the record at hand.
func (r *record) unreadable(in *csvReader, err error) *Error {
	if errors.Is(err, ErrTooLong) {
		return tooLong(r.Name, in.line, in.most)
	}
	do := "be read"
	if r.line > 0 {
		do = fmt.Sprintf("be read after the record of line %d", r.line)
	}
	return cannot(do, r.Name, 0, err)
}
