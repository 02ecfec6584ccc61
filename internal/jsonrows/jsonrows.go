// Package jsonrows turns the rows of tables into JSON Lines, which package corpus reads.
package jsonrows

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reader gives what Next appends. Next appends one row or several to b, and returns io.EOF beside nothing at the end.
type Reader struct {
	Next func(b []byte) ([]byte, error)
	text []byte
	from int // of text, what was not given yet
	err  error
}

// Read gives the rows.
func (r *Reader) Read(p []byte) (n int, err error) {
	for r.from == len(r.text) {
		if r.err != nil {
			return 0, r.err
		}
		if cap(r.text) > 1<<20 {
			r.text = nil
		}
		r.text, r.err = r.Next(r.text[:0])
		r.from = 0
	}
	n = copy(p, r.text[r.from:])
	r.from += n
	return n, nil
}

// Object appends rows as objects. The zero value appends one without fields.
type Object struct {
	Keys     [][]byte // of the fields, as JSON
	Replaced int      // strings that were not UTF-8
}

// NewObject returns the Object of columns.
func NewObject(columns []string) *Object {
	o := &Object{Keys: make([][]byte, len(columns))}
	for i, name := range columns {
		o.Keys[i] = o.String(nil, name)
	}
	return o
}

// String appends a string. Each run of bytes that are not UTF-8 becomes U+FFFD.
func (o *Object) String(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
		o.Replaced++
	}
	plain := true
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= ' ' && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		return append(append(append(b, '"'), s...), '"')
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic("jsonrows: a string that is no JSON: " + err.Error())
	}
	return append(b, text...)
}

// Float appends a number, null for NaN and infinities.
func (o *Object) Float(b []byte, f float64) []byte {
	if f-f != 0 {
		return append(b, "null"...)
	}
	format := byte('f')
	if a := max(f, -f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}
