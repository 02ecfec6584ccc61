package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var schemes = []string{"http://", "https://", "ftp://", "www."}

// URLs takes the addresses out of a text: what begins with http://, https://, ftp:// or www. as far as it goes, without the
// sentence's own punctuation after it. Of a link of Markdown the text stays in its brackets.
func URLs(text string) string {
	for {
		next := urls(text)
		if len(next) == len(text) {
			return text
		}
		text = next
	}
}

func urls(text string) string {
	var out strings.Builder
	done := 0 // up to here text is written or dropped
	for i := 0; i < len(text); {
		end := address(text, i)
		if end == i {
			i++
			continue
		}
		from, to := i, end
		switch {
		case from >= 2 && text[from-2:from] == "](" && to < len(text) && text[to] == ')',
			from >= 1 && text[from-1] == '<' && to < len(text) && text[to] == '>':
			from, to = from-1, to+1
		}
		from = max(from, done)
		// One of the spaces around it goes too.
		if to < len(text) && text[to] == ' ' && (from == 0 || text[from-1] == ' ' || text[from-1] == '\n') {
			to++
		} else if from > done && text[from-1] == ' ' && (to == len(text) || text[to] == '\n') {
			from--
		}
		out.WriteString(text[done:from])
		done, i = to, to
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// address is where an address that begins at i ends, i where there is none.
func address(text string, i int) int {
	switch text[i] | 0x20 {
	case 'h', 'f', 'w':
	default:
		return i
	}
	for _, scheme := range schemes {
		if len(text)-i <= len(scheme) || !strings.EqualFold(text[i:i+len(scheme)], scheme) {
			continue
		}
		if scheme == "www." && i > 0 {
			if r, _ := utf8.DecodeLastRuneInString(text[:i]); unicode.IsLetter(r) || unicode.IsDigit(r) {
				return i
			}
		}
		end := i + len(scheme)
		var open [3]int // (, [ and { that are not closed
		for end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`|\\^", r) {
				break
			}
			if k := strings.IndexRune("([{", r); k >= 0 {
				open[k]++
			} else if k := strings.IndexRune(")]}", r); k >= 0 {
				if open[k]--; open[k] < 0 {
					break // it belongs to the sentence
				}
			}
			end += size
		}
		last := strings.TrimRight(text[i+len(scheme):end], ".,;:!?'*_~…”’»")
		if last == "" {
			return i
		}
		return i + len(scheme) + len(last)
	}
	return i
}
