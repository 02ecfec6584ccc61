package corpus

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"time"
)

// reading is a source of threads that is being read.
type reading struct {
	in        Source
	o         ThreadOptions
	tags      map[string]bool
	yield     func(Thread, error) bool
	line, row int
	ids       map[string]int // where each thread is among those that have to wait for the end of the source, −1 where it is not
	stopped   bool           // the caller wants no more
}

// readThreads is the iteration over what read gives. It sees to the counts and to the error that ends the reading.
func readThreads(ctx context.Context, in Source, o ThreadOptions, read func(r *reading, text *bufio.Reader, file *input) *Error) iter.Seq2[Thread, error] {
	return func(yield func(Thread, error) bool) {
		r := &reading{in: in, o: o, tags: o.tagSet(), yield: yield, ids: map[string]int{}}
		if o.Counts == nil {
			r.o.Counts = new(Counts)
		}
		*r.o.Counts = Counts{}
		fatal := r.all(ctx, read)
		if fatal != nil && !r.stopped {
			yield(Thread{}, fatal)
		}
	}
}

func (r *reading) all(ctx context.Context, read func(r *reading, text *bufio.Reader, file *input) *Error) *Error {
	file, fault := r.in.open(ctx)
	if fault != nil {
		return fault
	}
	defer func() { _ = file.Close() }()
	text, err := unpack(file)
	if err == nil {
		if fault = read(r, text, file); fault != nil {
			err = fault.Err
		}
	} else {
		fault = cannot("be read", r.in.Name, 0, err)
	}
	if err != nil && ctx.Err() != nil {
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

// decode reads a part of the record at hand, or reports why it cannot be.
func (r *reading) decode(value json.RawMessage, into any) bool {
	err := json.Unmarshal(value, into)
	if err == nil {
		return true
	}
	field := ""
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		field = wrong.Field
	}
	r.malformed(field, err.Error())
	return false
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
// lines. The elements of an array that is not within another value are values of their own.
func (r *reading) eachValue(text *bufio.Reader, file *input, f func(value json.RawMessage)) *Error {
	if whole(text) {
		return r.eachInText(text, file, f)
	}
	return eachLine(text, r.in.Name, func(number int, line []byte) bool {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			return !r.stopped
		}
		r.begin(number, file)
		var value json.RawMessage
		if err := json.Unmarshal(validBytes(line), &value); err != nil {
			r.o.Counts.Records++
			r.malformed("", err.Error())
		} else {
			f(value)
		}
		return !r.stopped
	})
}

// whole says whether the text is to be read as such and not by its lines: it begins with an array, or with an object that
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

func (r *reading) eachInText(text *bufio.Reader, file *input, f func(value json.RawMessage)) *Error {
	lines := &newlines{r: text}
	in := json.NewDecoder(lines)
	for {
		if open, err := in.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil || open != json.Delim('[') {
			// Not an array: the values are read again from where they begin.
			if err != nil {
				return r.broken(err, lines.at(in.InputOffset()))
			}
			return r.eachObject(lines, in, open, file, f)
		}
		for in.More() {
			if fault := r.one(lines, in, file, f); fault != nil || r.stopped {
				return fault
			}
		}
		if _, err := in.Token(); err != nil {
			return r.broken(err, lines.at(in.InputOffset()))
		}
	}
}

func (r *reading) one(lines *newlines, in *json.Decoder, file *input, f func(value json.RawMessage)) *Error {
	var value json.RawMessage
	if err := in.Decode(&value); err != nil {
		return r.broken(err, lines.at(in.InputOffset()))
	}
	r.begin(lines.at(in.InputOffset()-int64(len(value))), file)
	f(validBytes(value))
	return nil
}

// eachObject reads the fields of an object whose brace was read, and the values that follow.
func (r *reading) eachObject(lines *newlines, in *json.Decoder, open json.Token, file *input, f func(value json.RawMessage)) *Error {
	line := lines.at(in.InputOffset())
	if open != json.Delim('{') {
		return r.broken(errors.New("want an object or an array"), line)
	}
	fields := map[string]json.RawMessage{}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return r.broken(err, lines.at(in.InputOffset()))
		}
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return r.broken(err, lines.at(in.InputOffset()))
		}
		fields[name.(string)] = value // the decoder allows no other names
	}
	if _, err := in.Token(); err != nil {
		return r.broken(err, lines.at(in.InputOffset()))
	}
	value, err := json.Marshal(fields)
	if err != nil {
		return r.broken(err, line)
	}
	r.begin(line, file)
	f(validBytes(value))
	for !r.stopped && in.More() {
		if fault := r.one(lines, in, file, f); fault != nil {
			return fault
		}
	}
	return nil
}

func (r *reading) broken(err error, line int) *Error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return cannot("be read as JSON", r.in.Name, line, err)
}

// newlines remembers where lines end until asked for them.
type newlines struct {
	r      io.Reader
	offset int64
	ends   []int64
	passed int
}

func (n *newlines) Read(p []byte) (int, error) {
	got, err := n.r.Read(p)
	for i, c := range p[:got] {
		if c == '\n' {
			n.ends = append(n.ends, n.offset+int64(i))
		}
	}
	n.offset += int64(got)
	return got, err
}

// at is the line of an offset, which must not fall.
func (n *newlines) at(offset int64) int {
	i := 0
	for i < len(n.ends) && n.ends[i] < offset {
		i++
	}
	n.ends, n.passed = n.ends[i:], n.passed+i
	return n.passed + 1
}

// moment is a time in JSON: a text or a number as ParseTime reads it, zero for null and "".
type moment struct {
	time.Time
	met bool // the field is there
}

func (m *moment) UnmarshalJSON(text []byte) error {
	s := string(text)
	m.met = true
	if s == "null" || s == `""` {
		return nil
	}
	if s[0] == '"' {
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
	}
	t, err := ParseTime(s)
	if err != nil {
		return errors.New("a time " + err.Error())
	}
	m.Time = t
	return nil
}

// names is a list of names in JSON, or of objects with a name.
type names []string

func (n *names) UnmarshalJSON(text []byte) error {
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

func countOf(n *int) Count {
	if n == nil {
		return Count{}
	}
	return Known(*n)
}
