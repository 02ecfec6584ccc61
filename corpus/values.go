package corpus

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"reflect"
	"strings"
	"time"
)

// reading is a source of threads that is being read.
type reading struct {
	in        Source
	o         ThreadOptions
	ctx       context.Context
	clock     func(string) (time.Time, error)
	report    Report
	most      int64 // bytes of a record
	tags      map[string]bool
	yield     func(Thread, error) bool
	line, row int
	ids       map[string]int // where each thread is among those that have to wait for the end of the source, −1 where it is not
	stopped   bool           // the caller wants no more
	cut       bool           // the context has ended while a record was read
}

// done reports whether no more is to be read.
func (r *reading) done() bool { return r.stopped || r.cut }

// readThreads is the iteration over what read gives. It sees to the counts and to the error that ends the reading.
func readThreads(ctx context.Context, in Source, o ThreadOptions, read func(r *reading, text *bufio.Reader, file *input) *Error) iter.Seq2[Thread, error] {
	return func(yield func(Thread, error) bool) {
		r := &reading{in: in, o: o, ctx: ctx, most: recordBound(o.MaxRecord), tags: o.tagSet(), yield: yield, ids: map[string]int{}}
		r.report.Source = in.Name
		if o.Counts == nil {
			r.o.Counts = new(Counts)
		}
		*r.o.Counts = Counts{}
		if r.o.Report != nil {
			*r.o.Report = r.report
		}
		fatal := r.all(ctx, read)
		if fatal != nil && !r.stopped {
			yield(Thread{}, fatal)
		}
	}
}

func (r *reading) all(ctx context.Context, read func(r *reading, text *bufio.Reader, file *input) *Error) *Error {
	clock, err := timeReader(r.o.TimeFormat)
	if err != nil {
		return &Error{Source: r.in.Name, Why: err.Error(), Err: err, Fatal: true}
	}
	r.clock = clock
	file, fault := r.in.open(ctx)
	if fault != nil {
		return fault
	}
	defer func() { _ = file.Close() }()
	text, err := unpack(file, r.o.Encoding)
	defer func() {
		if r.report.decoded(text); r.o.Report != nil {
			*r.o.Report = r.report
		}
	}()
	if err != nil {
		fault = cannot("be read", r.in.Name, 0, err)
	} else {
		fault = read(r, text.Reader, file)
	}
	if (fault != nil || r.cut) && ctx.Err() != nil {
		return cancelled(r.in.Name, context.Cause(ctx))
	}
	return fault
}

// begin goes on to the record at line.
func (r *reading) begin(line int, file *input) {
	r.line, r.row = line, r.row+1
	if r.o.Progress != nil {
		r.o.Progress(file.read.Load(), r.in.Size)
	}
}

// malformed reports a fault of the record at hand.
func (r *reading) malformed(field, why string) {
	r.o.Counts.Malformed++
	if !r.stopped {
		r.stopped = !r.yield(Thread{}, &Error{Source: r.in.Name, Line: r.line, Row: r.row, Field: field, Why: why})
	}
}

// odd counts an optional field of the record at hand that was left out.
func (r *reading) odd(field, why string) {
	r.report.drop(&Error{Source: r.in.Name, Line: r.line, Row: r.row, Field: field, Why: why})
}

// decode reads a part of the record at hand into a structure, or reports why it cannot be. Fields whose values are not of
// their types are left out and counted.
func (r *reading) decode(value json.RawMessage, into any) bool {
	err := r.apart(len(value), func() error { return unmarshal(value, into) })
	if r.cut {
		return false
	}
	if err == nil && r.o.TimeFormat == "" {
		return true
	}
	var fields map[string]json.RawMessage
	if wrong := unmarshal(value, &fields); wrong != nil || fields == nil {
		if err == nil {
			return true // null, which sets nothing
		}
		r.malformed("", err.Error())
		return false
	}
	again, err := json.Marshal(r.fitted(fields, reflect.TypeOf(into).Elem(), ""))
	if err == nil {
		reflect.ValueOf(into).Elem().SetZero()
		err = json.Unmarshal(again, into)
	}
	if err != nil {
		r.malformed("", err.Error())
		return false
	}
	return true
}

// apart calls f, which works on so many bytes, and does not wait for its end when the context ends first; cut tells that.
func (r *reading) apart(size int, f func() error) error {
	if size < longParse || r.ctx.Done() == nil {
		return f()
	}
	_, result, ended := apart(r.ctx, func() (struct{}, error) { return struct{}{}, f() })
	r.cut = r.cut || !ended
	return result.err
}

// wanted says whether the options select the thread.
func (r *reading) wanted(t *Thread) bool {
	if !r.o.inTime(t.Created) {
		return false
	}
	for _, tag := range t.Tags {
		if r.tags[strings.ToLower(tag)] {
			return true
		}
	}
	return r.tags == nil
}

// enter counts a thread under its key and says whether it is new and wanted.
func (r *reading) enter(key string, t *Thread) bool {
	if _, there := r.ids[key]; there {
		r.o.Counts.Duplicates++
		return false
	}
	r.ids[key] = -1
	r.o.Counts.Threads++
	return r.wanted(t)
}

// give yields a thread.
func (r *reading) give(t Thread) {
	if !r.stopped {
		r.o.Counts.Selected++
		r.stopped = !r.yield(t, nil)
	}
}

// eachValue calls f with every value of JSON: with each line of JSON Lines, and with every value of a text over several
// lines. The elements of an array that is not within another value are values of their own. A value that is no JSON is
// reported, and costs no other.
func (r *reading) eachValue(text *bufio.Reader, file *input, f func(value json.RawMessage)) *Error {
	take := func(line int, value []byte) bool {
		r.begin(line, file)
		if plain, err := r.json(value); err != nil {
			r.o.Counts.Records++
			r.malformed("", err.Error())
		} else if !r.cut {
			f(plain)
		}
		return !r.done()
	}
	if whole(text) {
		c := &valueCutter{in: text, most: r.most, line: 1}
		for !r.done() {
			value, line, err := c.next()
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case errors.Is(err, ErrTooLong):
				return tooLong(r.in.Name, line, r.most)
			case err != nil:
				return cannot("be read as JSON", r.in.Name, line, err)
			}
			take(line, value)
		}
		return nil
	}
	return eachLine(text, r.in.Name, r.most, func(number int, line []byte) bool {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			return !r.done()
		}
		return take(number, line)
	})
}

// json is the value as JSON, null where Python writes NaN.
func (r *reading) json(value []byte) (plain json.RawMessage, err error) {
	return plain, r.apart(len(value), func() error {
		if json.Valid(value) {
			plain = value
			return nil
		}
		return unmarshal(value, &plain)
	})
}

// whole reports whether the text is to be read as such and not by its lines: it begins with an array, or with an object that
// goes on after the line.
func whole(text *bufio.Reader) bool {
	head, _ := text.Peek(bufferSize)
	head = bytes.TrimLeft(head, " \t\r\n")
	if bytes.HasPrefix(head, []byte("[")) {
		return true
	}
	line, _, ended := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimSpace(line)
	if !ended || len(line) == 0 {
		return false
	}
	err := json.NewDecoder(bytes.NewReader(line)).Decode(new(json.RawMessage))
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// valueCutter cuts a text into JSON values, by their brackets and quotes alone.
type valueCutter struct {
	in      *bufio.Reader
	most    int64
	line    int
	listed  bool // in an array that is not within a value
	value   []byte
	started int // the line where value begins
}

// next returns the next value, which is valid until the next call, and its line.
func (c *valueCutter) next() (value []byte, line int, err error) {
	c.value = c.value[:0]
	depth, quoted, escaped := 0, false, false
	for {
		if c.in.Buffered() == 0 {
			if _, err := c.in.Peek(1); err != nil {
				switch {
				case !errors.Is(err, io.EOF):
					return nil, c.line, err
				case len(c.value) > 0 && depth == 0:
					return c.value, c.started, nil
				case len(c.value) > 0:
					return nil, c.started, io.ErrUnexpectedEOF
				case c.listed:
					return nil, c.line, io.ErrUnexpectedEOF
				}
				return nil, c.line, io.EOF
			}
		}
		text, _ := c.in.Peek(c.in.Buffered())
		begin, i, ended, closed := -1, 0, false, false
		if len(c.value) > 0 {
			begin = 0
		}
		for ; i < len(text) && !ended; i++ {
			b := text[i]
			if b == '\n' {
				c.line++
			}
			switch {
			case quoted && escaped:
				escaped = false
			case quoted && b == '\\':
				escaped = true
			case quoted:
				if quoted = b != '"'; !quoted && depth == 0 {
					ended = true
				}
			case begin < 0 && (b == ' ' || b == '\t' || b == '\r' || b == '\n'):
			case begin < 0 && b == '[' && !c.listed:
				c.listed = true
			case begin < 0 && c.listed && b == ',':
			case begin < 0 && c.listed && b == ']':
				c.listed = false
			case begin >= 0 && depth == 0 && (b == ',' || b == ']' || b == '}' || b == '{' || b == '[' || b == '\n'): // after a number or a word
				ended, closed = true, true
				if b == '\n' {
					c.line--
				}
			default:
				if begin < 0 {
					begin, c.started = i, c.line
				}
				switch b {
				case '"':
					quoted = true
				case '{', '[':
					depth++
				case '}', ']':
					if depth--; depth <= 0 {
						ended = true
					}
				}
			}
		}
		if closed {
			i--
		}
		if begin >= 0 {
			c.value = append(c.value, text[begin:i]...)
		}
		_, _ = c.in.Discard(i)
		if int64(len(c.value)) > c.most {
			return nil, c.started, ErrTooLong
		}
		if ended {
			return bytes.TrimSpace(c.value), c.started, nil
		}
	}
}

// moment is a time in JSON: a text or a number as ParseTime reads it, zero for null, "" and what else says that there is none.
type moment struct {
	time.Time
	met bool // the field is there
}

func (m *moment) UnmarshalJSON(text []byte) error {
	s := plain(text)
	m.met = true
	if absent(s) {
		return nil
	}
	t, err := ParseTime(s)
	if err != nil {
		return errors.New("a time " + err.Error())
	}
	m.Time = t
	return nil
}

// names is a list of names in JSON, or of objects with a name, or a text with the names between commas, or as the tags of
// Stack Exchange.
type names []string

func (n *names) UnmarshalJSON(text []byte) error {
	if kindOf(text) == textKind {
		*n = nameList(plain(text))
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	for _, element := range list {
		var name string
		object := struct{ Name *string }{&name}
		if err := json.Unmarshal(element, &name); err != nil && json.Unmarshal(element, &object) != nil {
			return err
		}
		*n = append(*n, name)
	}
	return nil
}

// nameList splits "a, b", "<a><b>", "|a|b|" and, where it has no such marks, "a b".
func nameList(s string) (list []string) {
	const marks = ",;<>|"
	split := func(r rune) bool { return strings.ContainsRune(marks, r) }
	if !strings.ContainsAny(s, marks) {
		return strings.Fields(s)
	}
	for _, name := range strings.FieldsFunc(s, split) {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}

// label is a name in JSON, or an object with a name or else an id, or a number.
type label string

func (l *label) UnmarshalJSON(text []byte) error {
	switch kindOf(text) {
	case null:
		return nil
	case textKind, number:
		*l = label(plain(text))
		return nil
	}
	var object struct {
		Name string
		ID   json.RawMessage
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	if *l = label(object.Name); *l == "" && len(object.ID) > 0 {
		*l = label(plain(object.ID))
	}
	return nil
}

func countOf(n *int) Count {
	if n == nil {
		return Count{}
	}
	return Known(*n)
}
