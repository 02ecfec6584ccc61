// Package table writes tables as Markdown.
package table

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown holds the cells of a table as text.
type Markdown struct {
	Head  []string
	Rows  [][]string // one cell per column
	Right []bool     // which columns are aligned to the right
	// Padded fills cells with spaces, so that columns are aligned where the text is read as it is.
	Padded bool
}

// String returns the table with a line per row, the head and the line below it first, as GitHub's
// Markdown has tables.
func (m Markdown) String() string {
	var b strings.Builder
	width := make([]int, len(m.Head))
	if m.Padded {
		for j := range width {
			width[j] = max(3, utf8.RuneCountInString(m.Head[j]))
			for _, row := range m.Rows {
				width[j] = max(width[j], utf8.RuneCountInString(row[j]))
			}
		}
	}
	line := func(cells []string) {
		for j, cell := range cells {
			space := strings.Repeat(" ", max(0, width[j]-utf8.RuneCountInString(cell)))
			if m.Right[j] {
				cell = space + cell
			} else {
				cell += space
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	line(m.Head)
	for j, right := range m.Right {
		dashes := strings.Repeat("-", max(width[j], 1)+2)
		if right {
			dashes = dashes[1:] + ":"
		}
		b.WriteString("|" + dashes)
	}
	b.WriteString("|\n")
	for _, row := range m.Rows {
		line(row)
	}
	return b.String()
}

// Escape returns text on one line that Markdown does not take for markup.
func Escape(s string) string {
	var b strings.Builder
	runes := []rune(strings.Join(strings.Fields(s), " "))
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	for i, r := range runes {
		if strings.ContainsRune("\\`*[]<|", r) || r == '_' && !(word(i-1) && word(i+1)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
