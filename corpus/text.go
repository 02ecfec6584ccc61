package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	bom       = "\xEF\xBB\xBF" // the byte-order mark that some programs put before UTF-8
	gzipMagic = "\x1F\x8B\x08"
)

// plainText is r unpacked, where it is gzip, and without a byte-order mark.
func plainText(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if head, _ := in.Peek(len(gzipMagic)); string(head) == gzipMagic {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(unpacked, 1<<16)
	}
	if head, _ := in.Peek(len(bom)); string(head) == bom {
		_, _ = in.Discard(len(bom))
	}
	return in, nil
}

// valid is text with bytes that are not UTF-8 replaced.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// eachLine calls f with every line of r, without its end, until f says stop.
func eachLine(r io.Reader, f func(number int, line []byte) bool) error {
	in, err := plainText(r)
	if err != nil {
		return err
	}
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) == 0 && err != nil {
			return nil
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if !f(number, line) || err != nil {
			return nil
		}
	}
}

// Lines reads one document from each line, blank ones too. The ID is the number of the line, from 1.
func Lines(r io.Reader, o Options) documents {
	return func(yield func(Document, error) bool) {
		o.setDefaults()
		err := eachLine(r, func(number int, line []byte) bool {
			return yield(Document{ID: strconv.Itoa(number), Text: valid(string(line))}, nil)
		})
		if err != nil {
			yield(Document{}, fmt.Errorf("%s: %w", o.Name, err))
		}
	}
}

// JSONL reads one document from each line, a JSON object. Lines of white space are passed over. The text must be a
// string; an ID may be a string or a number, which keeps its digits as they are written. Of the other fields, strings are
// given as they are and other values in JSON.
func JSONL(r io.Reader, o Options) documents {
	return func(yield func(Document, error) bool) {
		n := newIDs(o)
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
			yield(Document{}, fmt.Errorf("%s: %w", n.o.Name, err))
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
	found = found && string(id) != "null"
	if found && !strings.ContainsAny(string(id[:1]), `"-0123456789`) {
		return d, &RecordError{n.o.Name, number, n.o.IDField, fmt.Sprintf("is %.40s, want a string or a number", id)}
	}
	if d.ID, err = n.next(plain(id), found, number); err != nil {
		return d, err
	}
	if at, ok := record[n.o.TimeField]; ok && string(at) != "null" {
		if d.Time, err = n.o.time(plain(at), number); err != nil {
			return d, err
		}
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
	return valid(string(raw))
}

func missing(o Options, line int, has []string) error {
	return &RecordError{o.Name, line, o.TextField, fmt.Sprintf("is missing; the record has %q", has)}
}

// CSV reads one document from each record after the header, with commas and quotes as in RFC 4180. Every record must have
// as many fields as the header, whose names must differ; lines in errors are those of the file, also where a field has line
// breaks in it. An ID that is empty counts as missing.
func CSV(r io.Reader, o Options) documents {
	return func(yield func(Document, error) bool) {
		n := newIDs(o)
		unpacked, err := plainText(r)
		if err != nil {
			yield(Document{}, fmt.Errorf("%s: %w", n.o.Name, err))
			return
		}
		in := csv.NewReader(unpacked)
		in.ReuseRecord = true
		var header []string
		text, id, at := -1, -1, -1
		for {
			record, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				err = &RecordError{n.o.Name, parse.StartLine, "", parse.Err.Error()}
			} else if err != nil {
				err = fmt.Errorf("%s: %w", n.o.Name, err)
			}
			if err != nil {
				yield(Document{}, err)
				return
			}
			line, _ := in.FieldPos(0)
			if header == nil {
				header = slices.Clone(record)
				for i, name := range header {
					if slices.Contains(header[:i], name) {
						yield(Document{}, &RecordError{n.o.Name, line, name, "is twice in the header"})
						return
					}
				}
				text, id, at = slices.Index(header, n.o.TextField), slices.Index(header, n.o.IDField), slices.Index(header, n.o.TimeField)
				if text < 0 {
					yield(Document{}, missing(n.o, line, header))
					return
				}
				continue
			}
			d := Document{Text: valid(record[text]), Fields: make(map[string]string, len(record))}
			given := ""
			if id >= 0 {
				given = valid(record[id])
			}
			if d.ID, err = n.next(given, given != "", line); err == nil && at >= 0 && record[at] != "" {
				d.Time, err = n.o.time(record[at], line)
			}
			if err != nil {
				yield(Document{}, err)
				return
			}
			for i, v := range record {
				if i != text && i != id {
					d.Fields[header[i]] = valid(v)
				}
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}
