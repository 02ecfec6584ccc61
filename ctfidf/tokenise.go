package ctfidf

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What the scan does with a byte of the text. Any other value of a table is the byte to put out, and all of those are
// letters, digits or '_', which are greater than these.
const (
	cut    byte = iota // ends a token
	drop               // is passed over without ending a token
	decode             // begins a character that is not ASCII
)

// byteTable is what the scan does with each byte.
func byteTable(cfg Config) *[256]byte {
	var t [256]byte
	for c := range t {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			t[c] = byte(c)
		case 'A' <= c && c <= 'Z':
			t[c] = byte(c)
			if cfg.Lowercase {
				t[c] = byte(c) - 'A' + 'a'
			}
		case cfg.CleanASCII && c != ' ' && c != '\n' && c != '\t':
			t[c] = drop
		case cfg.CleanASCII:
			t[c] = cut
		case c == '_':
			t[c] = '_'
		case c >= utf8.RuneSelf:
			t[c] = decode
		}
	}
	return &t
}

// isWord is \w of Python's re for text: str.isalnum or the underscore. Marks (Mn, Mc) are not word characters there.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_'
}

// tokeniser cuts texts into tokens. One belongs to one goroutine.
type tokeniser struct {
	table  *[256]byte
	lower  bool
	clean  bool
	custom func(string) []string
	stop   map[string]struct{}
	token  []byte // the token that is being read
}

func newTokeniser(cfg Config) *tokeniser {
	t := &tokeniser{table: byteTable(cfg), lower: cfg.Lowercase, clean: cfg.CleanASCII, custom: cfg.Tokenizer}
	if len(cfg.StopWords) > 0 {
		t.stop = make(map[string]struct{}, len(cfg.StopWords))
		for _, w := range cfg.StopWords {
			t.stop[w] = struct{}{}
		}
	}
	return t
}

// each calls f with each token of the text that is not a stop word, in order, and ends early with the error of f. The
// bytes are f's only until it returns.
func (t *tokeniser) each(text string, f func(token []byte) error) error {
	if t.custom != nil {
		return t.eachCustom(text, f)
	}
	table, token, runes := t.table, t.token[:0], 0
	for i := 0; i < len(text); {
		c := text[i]
		k := table[c]
		if k > decode {
			start := i
			for i++; i < len(text) && table[text[i]] > decode; i++ {
			}
			n := len(token)
			token = append(token, text[start:i]...)
			for j, c := range token[n:] {
				token[n+j] = table[c]
			}
			runes += i - start
			continue
		}
		size := 1
		if k == decode {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			wide := r == capitalIDot && t.lower
			if wide {
				// The dot that follows the i is a mark and ends the token.
				token = append(token, 'i')
				runes++
			} else if t.lower {
				r = lowerAt(text, i, size, r)
			}
			if !wide && isWord(r) {
				token = utf8.AppendRune(token, r)
				runes++
				i += size
				continue
			}
		}
		i += size
		if k == drop {
			continue
		}
		if runes >= 2 {
			if err := t.give(token, f); err != nil {
				return err
			}
		}
		token, runes = token[:0], 0
	}
	t.token = token
	if runes >= 2 {
		return t.give(token, f)
	}
	return nil
}

func (t *tokeniser) give(token []byte, f func(token []byte) error) error {
	if t.stop != nil {
		if _, ok := t.stop[string(token)]; ok {
			return nil
		}
	}
	return f(token)
}

func (t *tokeniser) eachCustom(text string, f func(token []byte) error) error {
	if t.clean {
		text = cleanASCII(text)
	}
	if t.lower {
		text = lowerText(text)
	}
	for _, s := range t.custom(strings.ToValidUTF8(text, "\ufffd")) {
		if s == "" {
			continue
		}
		t.token = append(t.token[:0], s...)
		if err := t.give(t.token, f); err != nil {
			return err
		}
	}
	return nil
}

// isEmpty is whether nothing is left of the text after cleaning, not even a space.
func (t *tokeniser) isEmpty(text string) bool {
	if !t.clean {
		return text == ""
	}
	for i := range len(text) {
		if t.table[text[i]] != drop {
			return false
		}
	}
	return true
}

// cleanASCII is the text as BERTopic cleans it for the language "english".
func cleanASCII(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == ' ':
			return r
		}
		return -1
	}, text)
}
