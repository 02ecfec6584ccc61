package corpus

import (
	"bytes"
	"encoding/json"
)

// unmarshal is json.Unmarshal that takes NaN, Infinity and -Infinity for null, as Python writes them.
func unmarshal(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	if err == nil || bytes.IndexByte(text, 'N') < 0 && bytes.IndexByte(text, 'I') < 0 {
		return err
	}
	var f notNumbers
	plain := f.append(nil, text)
	if plain = f.flush(plain); bytes.Equal(plain, text) {
		return err
	}
	if json.Unmarshal(plain, into) != nil {
		return err
	}
	return nil
}

// notNumbers replaces NaN, Infinity and -Infinity outside of strings by null.
type notNumbers struct {
	quoted, escaped bool
	word            []byte // letters, and the sign before them
}

func (f *notNumbers) append(out, text []byte) []byte {
	for len(text) > 0 {
		if f.quoted {
			n := 0
			for n < len(text) {
				c := text[n]
				n++
				if f.escaped {
					f.escaped = false
				} else if c == '\\' {
					f.escaped = true
				} else if c == '"' {
					f.quoted = false
					break
				}
			}
			out, text = append(out, text[:n]...), text[n:]
			continue
		}
		c := text[0]
		text = text[1:]
		if len(f.word) <= len("-Infinity") && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' && len(f.word) == 0) {
			f.word = append(f.word, c)
			continue
		}
		out = append(f.flush(out), c)
		f.quoted = c == '"'
	}
	return out
}

// flush appends the word that is being read.
func (f *notNumbers) flush(out []byte) []byte {
	switch string(f.word) {
	case "NaN", "-NaN", "Infinity", "-Infinity":
		out = append(out, "null"...)
	default:
		out = append(out, f.word...)
	}
	f.word = f.word[:0]
	return out
}
