package ctfidf

import (
	"unicode/utf8"
)

// CodeTokens cuts a text about programs into tokens, for [Config.Tokenizer]: the words of the pattern \b\w\w+\b, with what
// programmers write as one left whole. A dot, a hyphen or "::" between two word characters joins them (json.loads,
// gpt-4-turbo, std::vector, 3.11.2), and so do "++" and '#' at the end of a word (c++, c#). A token has at least two
// characters. CUDA_VISIBLE_DEVICES is one word in any case. Hyphenated words of ordinary text (well-known) become one
// token too. Not to be used with Config.CleanASCII, which drops the joints.
func CodeTokens(text string) []string {
	var tokens []string
	start, runes := -1, 0
	give := func(end int) {
		if start >= 0 && runes >= 2 {
			tokens = append(tokens, text[start:end])
		}
		start, runes = -1, 0
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if isWord(r) {
			if start < 0 {
				start = i
			}
			runes++
			i += size
			continue
		}
		if start < 0 {
			i += size
			continue
		}
		switch n := joint(text[i:]); {
		case n > 0:
			runes += n
			i += n
		case r == '+' && len(text) > i+1 && text[i+1] == '+':
			runes += 2
			give(i + 2)
			i += 2
		case r == '#':
			runes++
			give(i + 1)
			i++
		default:
			give(i)
			i += size
		}
	}
	give(len(text))
	return tokens
}

// joint is the length of what joins the word before to a word that follows, 0 when nothing does.
func joint(rest string) int {
	n := 0
	switch {
	case rest[0] == '.' || rest[0] == '-':
		n = 1
	case len(rest) > 1 && rest[:2] == "::":
		n = 2
	default:
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(rest[n:]); !isWord(r) {
		return 0
	}
	return n
}
