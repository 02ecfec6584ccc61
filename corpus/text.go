package corpus

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// bom is the byte-order mark that some programs put before UTF-8.
const bom = "\xEF\xBB\xBF"

// eachLine calls f with every line of r, without its end, until f says stop.
func eachLine(r io.Reader, f func(number int, line []byte) bool) error {
	in := bufio.NewReaderSize(r, 1<<16)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) == 0 && err != nil {
			return nil
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte(bom))
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if !f(number, line) || err != nil {
			return nil
		}
	}
}

// Lines reads one document from each line. Invalid UTF-8 becomes U+FFFD. The ID is the number of the line.
func Lines(r io.Reader, o Options) documents {
	return func(yield func(Document, error) bool) {
		n := newIDs(&o)
		err := eachLine(r, func(number int, line []byte) bool {
			id, err := n.next("", false, number)
			return yield(Document{ID: id, Text: strings.ToValidUTF8(string(line), "\uFFFD")}, err)
		})
		if err != nil {
			yield(Document{}, fmt.Errorf("%s: %w", o.Name, err))
		}
	}
}

// JSONL reads one document from each line, a JSON object. Lines of white space are passed over. A *RecordError names the
// line and the field of a record that cannot be read, and ends the reading.
func JSONL(r io.Reader, o Options) documents {
	return func(yield func(Document, error) bool) {
		n := newIDs(&o)
		err := eachLine(r, func(number int, line []byte) bool {
			if len(bytes.TrimSpace(line)) == 0 {
				return true
			}
			d, err := jsonDocument(line, number, n)
			if err != nil {
				yield(Document{}, err)
				return false
			}
			return yield(d, nil)
		})
		if err != nil {
			yield(Document{}, fmt.Errorf("%s: %w", o.Name, err))
		}
	}
}

func jsonDocument(line []byte, number int, n *ids) (d Document, err error) {
	var record map[string]json.RawMessage
	if err := json.Unmarshal(line, &record); err != nil {
		return d, &RecordError{n.o.Name, number, "", "not a JSON object: " + err.Error()}
	}
	raw, ok := record[n.o.TextField]
	if !ok {
		return d, missing(n.o, number, slices.Sorted(maps.Keys(record)))
	}
	if err := json.Unmarshal(raw, &d.Text); err != nil || string(raw) == "null" {
		return d, &RecordError{n.o.Name, number, n.o.TextField, fmt.Sprintf("is %.40s, want a string", raw)}
	}
	id, found := record[n.o.IDField]
	if d.ID, err = n.next(plain(id), found, number); err != nil {
		return d, err
	}
	d.Fields = make(map[string]string, len(record))
	for name, value := range record {
		if name != n.o.TextField && name != n.o.IDField {
			d.Fields[name] = plain(value)
		}
	}
	return d, nil
}

// plain is a string without its quotes, and any other value as it is written.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && string(raw) != "null" {
		return s
	}
	return string(raw)
}

func missing(o Options, line int, has []string) error {
	return &RecordError{o.Name, line, o.TextField, fmt.Sprintf("is missing; the record has %q", has)}
}

// CSV reads one document from each record after the header. Every record must have as many fields as the header.
// Invalid UTF-8 becomes U+FFFD.
func CSV(r io.Reader, o Options) documents {
	return func(yield func(Document, error) bool) {
		n := newIDs(&o)
		buffered := bufio.NewReader(r)
		if head, _ := buffered.Peek(len(bom)); string(head) == bom {
			_, _ = buffered.Discard(len(bom))
		}
		in := csv.NewReader(buffered)
		in.ReuseRecord = true
		var header []string
		text, id := -1, -1
		for {
			record, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				err = &RecordError{o.Name, parse.StartLine, "", parse.Err.Error()}
			} else if err != nil {
				err = fmt.Errorf("%s: %w", o.Name, err)
			}
			if err != nil {
				yield(Document{}, err)
				return
			}
			line, _ := in.FieldPos(0)
			if header == nil {
				header = slices.Clone(record)
				text, id = slices.Index(header, o.TextField), slices.Index(header, o.IDField)
				if text < 0 {
					yield(Document{}, missing(o, line, header))
					return
				}
				continue
			}
			d := Document{Text: strings.ToValidUTF8(record[text], "\uFFFD"), Fields: map[string]string{}}
			given := ""
			if id >= 0 {
				given = record[id]
			}
			if d.ID, err = n.next(given, id >= 0, line); err != nil {
				yield(Document{}, err)
				return
			}
			for i, v := range record {
				if i != text && i != id {
					d.Fields[header[i]] = v
				}
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}
