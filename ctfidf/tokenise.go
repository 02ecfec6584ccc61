package ctfidf

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/gobertopic/gobertopic/internal/clusters"
)

// What the scan does with a byte of the text. Any other value of a table is the byte to put out, and all of those are
// letters, digits or '_', which are greater than these.
const (
	cut    byte = iota // ends a token
	drop               // is passed over without ending a token
	decode             // begins a character that is not ASCII
)

// byteTable is what the scan does with each byte.
func byteTable(lower, clean bool) *[256]byte {
	var t [256]byte
	for c := range t {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			t[c] = byte(c)
		case 'A' <= c && c <= 'Z':
			t[c] = byte(c)
			if lower {
				t[c] = byte(c) - 'A' + 'a'
			}
		case clean && c != ' ' && c != '\n' && c != '\t':
			t[c] = drop
		case clean:
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
	cfg     Config
	table   *[256]byte     // cleans and lowers too
	asIs    *[256]byte     // for a text that is prepared
	pattern *regexp.Regexp // of Config.TokenPattern
	stop    *terms
	stems   map[string]string
	token   []byte // the token that is being read
	part    []byte // of a token that is cut further
	runes   []rune // for characters

	every func(token []byte) // when not nil, is told of each token first, also of those that are left out then
}

func newTokeniser(cfg Config) *tokeniser {
	t := &tokeniser{cfg: cfg, table: byteTable(!cfg.KeepCase, cfg.CleanASCII), asIs: byteTable(false, false), token: make([]byte, 256)}
	if cfg.TokenPattern != "" {
		t.pattern = regexp.MustCompile(cfg.TokenPattern) // Validate has compiled it
	}
	if len(cfg.StopWords) > 0 && !t.chars() {
		t.stop = termsOf(cfg.StopWords)
	}
	if cfg.Stem != nil {
		t.stems = map[string]string{}
	}
	return t
}

// chars is whether the tokens are n-grams of characters.
func (t *tokeniser) chars() bool { return t.cfg.Analyzer == Chars || t.cfg.Analyzer == CharsWithin }

// scans is whether every token is a run of letters, digits and underscores.
func (t *tokeniser) scans() bool {
	return t.cfg.Tokenizer == nil && t.pattern == nil && !t.chars() && t.cfg.Stem == nil
}

// each calls f with each token of the text that is not a stop word, in order, and ends early with the error of f. The
// bytes are f's only until it returns.
func (t *tokeniser) each(text string, f func(token []byte) error) error {
	words := t.cfg.Tokenizer == nil && t.pattern == nil && !t.chars()
	if !t.cfg.PythonWords && !t.cfg.CleanASCII {
		text = normalize(text)
	}
	if words && t.cfg.Preprocessor == nil && (t.cfg.StripAccents == "" || isASCII(text)) {
		return t.scan(text, t.table, !t.cfg.KeepCase, f)
	}
	text = t.prepare(text)
	switch {
	case t.cfg.Analyzer == Chars:
		return t.eachChars(text, f)
	case t.cfg.Analyzer == CharsWithin:
		return t.eachCharsWithin(text, f)
	case words:
		return t.scan(text, t.asIs, false, f)
	case t.cfg.Tokenizer != nil:
		for _, s := range t.cfg.Tokenizer(text) {
			if err := t.giveString(s, f); err != nil {
				return err
			}
		}
		return nil
	}
	group := 2 * t.pattern.NumSubexp() // 0 for the whole match, 2 for what the one group has
	for _, m := range t.pattern.FindAllStringSubmatchIndex(text, -1) {
		if m[group] < 0 {
			continue
		}
		if err := t.giveString(text[m[group]:m[group+1]], f); err != nil {
			return err
		}
	}
	return nil
}

// prepare is the text as the tokens are cut from it: cleaned, then lowered and stripped of accents, or given to the
// caller's function instead.
func (t *tokeniser) prepare(text string) string {
	if t.cfg.CleanASCII {
		text = cleanASCII(text)
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	if t.cfg.Preprocessor != nil {
		return strings.ToValidUTF8(t.cfg.Preprocessor(text), "\ufffd")
	}
	if !t.cfg.KeepCase {
		text = lowerText(text)
		if !t.cfg.PythonWords {
			text = strings.ReplaceAll(text, "i"+string(combiningDot), "i") // of İ
		}
	}
	return t.cfg.StripAccents.strip(text)
}

// normalize returns the text in NFC. It returns text itself where NFC changes nothing.
func normalize(text string) string {
	if isASCII(text) || !strings.ContainsFunc(text, mayCompose) || norm.NFC.IsNormalString(text) {
		return text
	}
	return norm.NFC.String(strings.ToValidUTF8(text, "\ufffd"))
}

// mayCompose reports whether NFC may change a text that contains r. It returns false for the ranges of
// common characters that NFC neither changes nor joins to a character before them.
func mayCompose(r rune) bool {
	switch {
	case r < 0x300, 0x400 <= r && r < 0x483, 0x2010 <= r && r < 0x2028, // Latin, Cyrillic, punctuation
		0x3000 <= r && r < 0x302A, 0x3041 <= r && r < 0x3097, 0x30A0 <= r && r < 0x3100, // Japanese
		0x3400 <= r && r < 0xA000, 0xAC00 <= r && r < 0xD7A4, 0xFF00 <= r && r < 0xFF61: // Han, Hangul, fullwidth
		return false
	}
	return true
}

// continues reports whether r, which is no letter and no number, goes on with a word.
func continues(r rune) bool {
	return r == zeroWidthJoiner || r == zeroWidthNonJoiner || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Me)
}

// passed reports whether r is dropped within a word: soft hyphens, and what chooses between the shapes of a character.
func passed(r rune) bool {
	return r == softHyphen || 0xFE00 <= r && r <= 0xFE0F || 0xE0100 <= r && r <= 0xE01EF
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	softHyphen         = '\u00ad'
)

// scan finds the words.
func (t *tokeniser) scan(text string, table *[256]byte, lower bool, f func(token []byte) error) error {
	buf, n, runes := t.token[:cap(t.token)], 0, 0
	unspaced, joined := false, false                // what the token has: letters of scripts without spaces, joiners
	byEight := table == t.asIs || !t.cfg.CleanASCII // what wordBytes finds is what the table has
	fold := uint64(0)
	if lower {
		fold = 0x20 * ones
	}
	for i := 0; i < len(text); {
		k := table[text[i]]
		if k > decode {
			begin := n
			for byEight && i+8 <= len(text) {
				if len(buf) < n+16 {
					buf = append(buf, make([]byte, len(buf))...)
				}
				lowered, run := wordBytes(load(text, i), fold)
				binary.LittleEndian.PutUint64(buf[n:], lowered)
				n += run
				i += run
				if run < 8 {
					break
				}
			}
			for i < len(text) {
				if k = table[text[i]]; k <= decode {
					break
				}
				if n == len(buf) {
					buf = append(buf, make([]byte, n)...)
				}
				buf[n] = k
				n++
				i++
			}
			runes += n - begin
			continue
		}
		size := 1
		if k == decode {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			wide := r == capitalIDot && lower
			if wide {
				buf = append(buf[:n], 'i')
				n++
				runes++
				if !t.cfg.PythonWords {
					buf = buf[:cap(buf)]
					i += size
					continue
				}
				// The dot that follows the i is a mark and ends the token.
			} else if lower {
				r = lowerAt(text, i, size, r)
			}
			word := !wide && isWord(r)
			if !word && !wide && n > 0 && !t.cfg.PythonWords {
				if r == combiningDot && buf[n-1] == 'i' || passed(r) {
					i += size
					continue
				}
				if word = continues(r); word {
					joined = joined || r == zeroWidthJoiner || r == zeroWidthNonJoiner
				}
			}
			if word {
				unspaced = unspaced || clusters.Unspaced(r) && !t.cfg.PythonWords
				buf = utf8.AppendRune(buf[:n], r)
				n = len(buf)
				runes++
				i += size
				buf = buf[:cap(buf)]
				continue
			}
			buf = buf[:cap(buf)]
		}
		i += size
		if k == drop {
			continue
		}
		if runes >= 2 {
			if err := t.word(buf[:n], runes, unspaced, joined, f); err != nil {
				return err
			}
		}
		n, runes, unspaced, joined = 0, 0, false, false
	}
	t.token = buf // which may have grown
	if runes >= 2 {
		return t.word(buf[:n], runes, unspaced, joined, f)
	}
	return nil
}

// word gives a token, or what it is to be cut into.
func (t *tokeniser) word(token []byte, runes int, unspaced, joined bool, f func(token []byte) error) error {
	for joined && (bytes.HasSuffix(token, []byte("\u200c")) || bytes.HasSuffix(token, []byte("\u200d"))) {
		token = token[:len(token)-len("\u200c")]
		if runes--; runes < 2 {
			return nil
		}
	}
	if !unspaced {
		return t.give(token, f)
	}
	// give may use the memory of the token.
	t.part = append(t.part[:0], token...)
	give := func(token []byte) error { return t.give(token, f) }
	for rest := t.part; len(rest) > 0; {
		r, _ := utf8.DecodeRune(rest)
		end, others, in := 0, 0, clusters.Unspaced(r)
		for end < len(rest) {
			r, size := utf8.DecodeRune(rest[end:])
			if isWord(r) && clusters.Unspaced(r) != in {
				break
			}
			end += size
			others++
		}
		switch {
		case in:
			if err := clusters.Pairs(rest[:end], give); err != nil {
				return err
			}
		case others >= 2:
			if err := give(rest[:end]); err != nil {
				return err
			}
		}
		rest = rest[end:]
	}
	return nil
}

const ones = 0x0101010101010101

func load(text string, i int) uint64 {
	s := text[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// wordBytes looks at eight bytes at once, the first the lowest: how many of them, from the first on, are ASCII letters,
// digits and underscores, and the bytes with their letters folded. A byte is compared by a sum that carries into its
// highest bit, which ASCII leaves free.
func wordBytes(x, fold uint64) (folded uint64, run int) {
	const high = 0x80 * ones
	low := x &^ high
	letters := low | 0x20*ones
	letter := (letters + (0x80-'a')*ones) &^ (letters + (0x80-'z'-1)*ones)
	digit := (low + (0x80-'0')*ones) &^ (low + (0x80-'9'-1)*ones)
	underscore := ^((low ^ '_'*ones) + 0x7f*ones)
	letter &= high
	word := (letter | digit | underscore) & high &^ x
	return x | letter>>2&fold, bits.TrailingZeros64(^word&high) / 8
}

// give passes a token on, unless it is a stop word, as its stem.
func (t *tokeniser) give(token []byte, f func(token []byte) error) error {
	if t.every != nil {
		t.every(token)
	}
	if t.stop != nil && t.stop.find(token) >= 0 {
		return nil
	}
	if t.stems == nil {
		return f(token)
	}
	stem, ok := t.stems[string(token)]
	if !ok {
		if len(t.stems) == maxStems {
			clear(t.stems)
		}
		word := string(token)
		stem = strings.ToValidUTF8(t.cfg.Stem(word), "\ufffd")
		t.stems[word] = stem
	}
	if stem == "" {
		return nil
	}
	t.token = append(t.token[:0], stem...)
	return f(t.token)
}

// maxStems bounds what a worker remembers of the stems that it has asked for.
const maxStems = 1 << 17

func (t *tokeniser) giveString(s string, f func(token []byte) error) error {
	if s == "" {
		return nil
	}
	t.token = append(t.token[:0], s...)
	return t.give(t.token, f)
}

// isEmpty is whether nothing is left of the text after cleaning, not even a space.
func (t *tokeniser) isEmpty(text string) bool {
	if !t.cfg.CleanASCII {
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

// isASCII reports whether every byte of the text is ASCII. It tests eight bytes at a time.
func isASCII(text string) bool {
	for ; len(text) >= 8; text = text[8:] {
		if load(text, 0)&(0x80*ones) != 0 {
			return false
		}
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
