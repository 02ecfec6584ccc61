package words

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// DefaultPattern is the token pattern of scikit-learn, whose words ctfidf.Config.PythonWords finds much faster.
const DefaultPattern = `(?u)\b\w\w+\b`

// Pattern returns a tokenizer for an expression of Python's module re, which means what it means there: \w, \d, \s and \b know
// the letters of all scripts, unless (?a) says otherwise. A token is what the expression matches, or what its one group does;
// empty ones are left out. \p{L} and the like, which Python lacks, are known too. The error says what is wrong with the
// expression, or that it has several groups.
//
// The expression is matched by backtracking, as in Python: some take very long on some texts.
func Pattern(expr string) (func(text string) []string, error) {
	translated, err := fromPython(expr)
	if err != nil {
		return nil, fmt.Errorf("words: the token pattern %q: %w", expr, err)
	}
	re, err := regexp2.Compile(translated)
	if err != nil {
		return nil, fmt.Errorf("words: the token pattern %q: %w", expr, err)
	}
	groups := len(re.GetGroupNumbers()) - 1
	if groups > 1 {
		return nil, fmt.Errorf("words: the token pattern %q has %d groups, want one at most; (?:…) groups without counting", expr, groups)
	}
	return func(text string) (tokens []string) {
		m, err := re.FindStringMatch(text) // whose only error is a time limit, of which there is none
		for ; m != nil && err == nil; m, err = re.FindNextMatch(m) {
			found := m.GroupByNumber(groups)
			if found != nil && len(found.Captures) > 0 {
				if token := found.String(); token != "" {
					tokens = append(tokens, token)
				}
			}
		}
		return tokens
	}, nil
}

// The classes of Python's re, within brackets.
const (
	pythonWord  = `\p{L}\p{N}_`
	pythonDigit = `\p{Nd}`
	asciiWord   = `a-zA-Z0-9_`
	asciiDigit  = `0-9`
)

// fromPython translates an expression of Python's re into the syntax of package regexp2.
func fromPython(expr string) (string, error) {
	var b strings.Builder
	word, digit := pythonWord, pythonDigit
	for i := 0; i < len(expr); {
		rest := expr[i:]
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			r, size := utf8.DecodeRuneInString(rest[1:])
			i += 1 + size
			switch r {
			case 'w':
				b.WriteString("[" + word + "]")
			case 'W':
				b.WriteString("[^" + word + "]")
			case 'd':
				b.WriteString("[" + digit + "]")
			case 'D':
				b.WriteString("[^" + digit + "]")
			case 'b':
				fmt.Fprintf(&b, "(?:(?<=[%[1]s])(?![%[1]s])|(?<![%[1]s])(?=[%[1]s]))", word)
			case 'B':
				fmt.Fprintf(&b, "(?:(?<=[%[1]s])(?=[%[1]s])|(?<![%[1]s])(?![%[1]s]))", word)
			case 'Z':
				b.WriteString(`\z`)
			default:
				i += property(&b, r, expr[i:])
			}
			continue
		case rest[0] == '[':
			class, size, err := classFromPython(rest, word, digit)
			if err != nil {
				return "", err
			}
			b.WriteString(class)
			i += size
			continue
		case strings.HasPrefix(rest, "(?P<"):
			b.WriteString("(?<")
			i += len("(?P<")
			continue
		case strings.HasPrefix(rest, "(?P="):
			end := strings.IndexByte(rest, ')')
			if end < 0 {
				return "", errors.New("(?P= is not closed")
			}
			b.WriteString(`\k<` + rest[len("(?P="):end] + ">")
			i += end + 1
			continue
		}
		if flags, size := inlineFlags(rest); size > 0 {
			if strings.ContainsRune(flags, 'L') {
				return "", errors.New("(?L) is for bytes, want a pattern for text")
			}
			if strings.ContainsRune(flags, 'a') {
				word, digit = asciiWord, asciiDigit
			}
			if kept := strings.NewReplacer("u", "", "a", "").Replace(flags); kept != "" {
				b.WriteString("(?" + kept + ")")
			}
			i += size
			continue
		}
		b.WriteByte(rest[0])
		i++
	}
	return b.String(), nil
}

// property writes the escape \r, whose argument begins rest, and returns how much of rest belongs to it: \pL of Go is \p{L}.
func property(b *strings.Builder, r rune, rest string) int {
	if (r == 'p' || r == 'P') && rest != "" && rest[0] != '{' {
		fmt.Fprintf(b, `\%c{%c}`, r, rest[0])
		return 1
	}
	b.WriteByte('\\')
	b.WriteRune(r)
	return 0
}

// classFromPython translates the brackets at the beginning of expr, and returns their length.
func classFromPython(expr, word, digit string) (class string, size int, err error) {
	var b strings.Builder
	var without []string // the classes whose complements are in it
	i := 1
	negated := strings.HasPrefix(expr, "[^")
	if negated {
		i++
	}
	for first := true; ; first = false {
		rest := expr[i:]
		switch {
		case rest == "":
			return "", 0, errors.New("a [ is not closed")
		case rest[0] == ']' && !first:
			return writeClass(b.String(), without, negated), i + 1, nil
		case rest[0] == ']', rest[0] == '[': // as the first, or within
			b.WriteString(`\` + rest[:1])
			i++
		case rest[0] == '\\' && len(rest) > 1:
			r, n := utf8.DecodeRuneInString(rest[1:])
			i += 1 + n
			switch r {
			case 'w':
				b.WriteString(word)
			case 'd':
				b.WriteString(digit)
			case 'W':
				without = append(without, word)
			case 'D':
				without = append(without, digit)
			case 'b':
				b.WriteString(`\x08`)
			default:
				i += property(&b, r, expr[i:])
			}
		default:
			b.WriteByte(rest[0])
			i++
		}
	}
}

// writeClass writes a class that has the characters of body and those that are in none of without.
func writeClass(body string, without []string, negated bool) string {
	var b strings.Builder
	switch {
	case len(without) == 0 && negated:
		return "[^" + body + "]"
	case len(without) == 0:
		return "[" + body + "]"
	case negated:
		b.WriteString("(?:")
		if body != "" {
			b.WriteString("(?![" + body + "])")
		}
		for _, w := range without {
			b.WriteString("(?=[" + w + "])")
		}
		b.WriteString("(?s:.))")
	default:
		b.WriteString("(?:")
		if body != "" {
			b.WriteString("[" + body + "]|")
		}
		for i, w := range without {
			if i > 0 {
				b.WriteByte('|')
			}
			b.WriteString("[^" + w + "]")
		}
		b.WriteByte(')')
	}
	return b.String()
}

// inlineFlags returns the letters of (?aiLmsux) at the beginning of expr, and its length; 0 where there is none.
func inlineFlags(expr string) (flags string, end int) {
	rest, ok := strings.CutPrefix(expr, "(?")
	if !ok {
		return "", 0
	}
	n := len(rest) - len(strings.TrimLeft(rest, "aiLmsux"))
	if n == 0 || n == len(rest) || rest[n] != ')' {
		return "", 0
	}
	return rest[:n], len("(?") + n + 1
}
