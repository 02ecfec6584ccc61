package postag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a token: text[Start:End].
type Span struct{ Start, End int }

// Split finds the tokens of a text: runs of letters, marks, digits and underscores, and every other character that is not
// white space by itself. An English contraction is two tokens: do|n't, it|'s.
func Split(text string) []Span {
	var out []Span
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r):
			i += size
		case isWord(r):
			end := i + size
			for end < len(text) {
				r, size := utf8.DecodeRuneInString(text[end:])
				if !isWord(r) {
					break
				}
				end += size
			}
			if tail := contraction(text[end:]); tail > 0 {
				if text[end-1] == 'n' && tail == 2 && text[end+1] == 't' { // …n't
					if end-1 > i {
						out = append(out, Span{i, end - 1})
					}
					out = append(out, Span{end - 1, end + tail})
				} else {
					out = append(out, Span{i, end}, Span{end, end + tail})
				}
				i = end + tail
				continue
			}
			out = append(out, Span{i, end})
			i = end
		default:
			if last := len(out) - 1; last >= 0 && out[last].End == i { // I'd|'ve
				size = max(size, contraction(text[i:]))
			}
			out = append(out, Span{i, i + size})
			i += size
		}
	}
	return out
}

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// contraction is the length of 's, 't, 're and the like at the beginning of rest, 0 where there is none.
func contraction(rest string) int {
	if len(rest) < 2 || rest[0] != '\'' {
		return 0
	}
	n := 1
	for n < len(rest) && 'a' <= rest[n]|0x20 && rest[n]|0x20 <= 'z' {
		n++
	}
	if r, _ := utf8.DecodeRuneInString(rest[n:]); n < len(rest) && isWord(r) {
		return 0
	}
	switch strings.ToLower(rest[1:n]) {
	case "s", "t", "d", "m", "re", "ve", "ll":
		return n
	}
	return 0
}
