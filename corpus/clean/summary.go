package clean

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Summary is what the steps of a pipeline did. It is meant to be printed, and to be kept as JSON.
type Summary struct {
	Documents int     `json:"documents"` // that came
	Kept      int     `json:"kept"`      // that were left in the end
	Steps     []Count `json:"steps"`
}

// Count is what one step did.
type Count struct {
	Step      string        `json:"step"`
	Documents int           `json:"documents"` // that came to the step
	Changed   int           `json:"changed"`   // whose text is another
	Removed   int           `json:"removed"`   // characters by which the texts are shorter, in all
	Dropped   int           `json:"dropped"`   // that were left out
	Reasons   []ReasonCount `json:"reasons,omitempty"`
}

// ReasonCount is how many texts were dropped for a reason; the most frequent come first.
type ReasonCount struct {
	Reason    string `json:"reason"`
	Documents int    `json:"documents"`
}

func (c *Count) drop(reason string) {
	c.Dropped++
	i := slices.IndexFunc(c.Reasons, func(r ReasonCount) bool { return r.Reason == reason })
	if i < 0 {
		i = len(c.Reasons)
		c.Reasons = append(c.Reasons, ReasonCount{Reason: reason})
	}
	c.Reasons[i].Documents++
	for ; i > 0 && c.Reasons[i-1].less(c.Reasons[i]); i-- {
		c.Reasons[i-1], c.Reasons[i] = c.Reasons[i], c.Reasons[i-1]
	}
}

// less is whether r comes after s.
func (r ReasonCount) less(s ReasonCount) bool {
	return r.Documents < s.Documents || r.Documents == s.Documents && r.Reason > s.Reason
}

// String is a table with a line for each step and one for the end.
func (s Summary) String() string {
	rows := [][]string{{"step", "documents", "changed", "characters removed", "dropped", ""}}
	for _, c := range s.Steps {
		var reasons []string
		for _, r := range c.Reasons {
			reasons = append(reasons, fmt.Sprintf("%s %d", r.Reason, r.Documents))
		}
		rows = append(rows, []string{
			c.Step, strconv.Itoa(c.Documents), strconv.Itoa(c.Changed), strconv.Itoa(c.Removed), strconv.Itoa(c.Dropped), strings.Join(reasons, ", "),
		})
	}
	rows = append(rows, []string{"kept", strconv.Itoa(s.Kept), "", "", strconv.Itoa(s.Documents - s.Kept), ""})
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := fmt.Sprintf("%-*s", widths[0], row[0])
		for i := 1; i < len(row)-1; i++ {
			line += fmt.Sprintf("  %*s", widths[i], row[i])
		}
		b.WriteString(strings.TrimRight(line+"  "+row[len(row)-1], " ") + "\n")
	}
	return b.String()
}

func hasWord(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
