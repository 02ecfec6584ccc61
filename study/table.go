package study

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gobertopic/gobertopic/internal/table"
	"github.com/gobertopic/gobertopic/study/stats"
)

// Table is figures to be printed: rounded in Markdown, in full in CSV.
type Table struct {
	Title   string
	Columns []Column
	Rows    [][]any  // a cell per column: a string, an int, a float64 or a stats.Interval
	Notes   []string // how it is to be read; below the table in Markdown
}

// Column is how the cells of a column look.
type Column struct {
	Name   string
	Format Format
}

// Format says how numbers are rounded in Markdown.
type Format int

// The formats. NaN is an en dash in Markdown and empty in CSV.
const (
	Text    Format = iota // as it is
	Decimal               // a number, with three digits that count but no fewer than those before the point
	Percent               // a share, times 100 in Markdown and in CSV, with one decimal in Markdown
	PValue                // with three decimals, or "<0.001"
	Ratio                 // with two decimals
)

// WriteMarkdown writes the table as GitHub's Markdown has them.
func (t Table) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	if t.Title != "" {
		fmt.Fprintf(&b, "## %s\n\n", table.Escape(t.Title))
	}
	md := table.Markdown{}
	for _, c := range t.Columns {
		md.Head, md.Right = append(md.Head, table.Escape(c.Name)), append(md.Right, c.Format != Text)
	}
	for _, row := range t.Rows {
		var cells []string
		for i, cell := range row {
			cells = append(cells, table.Escape(t.Columns[i].Format.round(cell)))
		}
		md.Rows = append(md.Rows, cells)
	}
	b.WriteString(md.String())
	for _, n := range t.Notes {
		b.WriteString("\n" + table.Escape(n) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteCSV writes the header and the rows as RFC 4180 has them, numbers with all their digits. A column of intervals
// becomes two, whose names end with "low" and "high"; a bound that there is not is empty.
func (t Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	var header []string
	intervals := make([]bool, len(t.Columns))
	for i, c := range t.Columns {
		for _, row := range t.Rows {
			if _, ok := row[i].(stats.Interval); ok {
				intervals[i] = true
			}
		}
		if intervals[i] {
			header = append(header, c.Name+" low", c.Name+" high")
		} else {
			header = append(header, c.Name)
		}
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, row := range t.Rows {
		var record []string
		for i, cell := range row {
			f := t.Columns[i].Format
			if in, ok := cell.(stats.Interval); ok {
				record = append(record, f.full(in.Low), f.full(in.High))
				continue
			}
			record = append(record, f.full(cell))
			if intervals[i] {
				record = append(record, "")
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (f Format) full(cell any) string {
	v, ok := cell.(float64)
	switch {
	case !ok:
		return fmt.Sprint(cell)
	case math.IsNaN(v) || math.IsInf(v, 0):
		return ""
	case f == Percent:
		v *= 100
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func (f Format) round(cell any) string {
	switch v := cell.(type) {
	case stats.Interval:
		if math.IsNaN(v.Low) && math.IsNaN(v.High) {
			return "–"
		}
		return f.round(v.Low) + " to " + f.round(v.High)
	case int:
		return thousands(strconv.Itoa(v))
	case float64:
		return f.number(v)
	}
	return fmt.Sprint(cell)
}

func (f Format) number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0):
		return "∞"
	case f == Percent:
		return strconv.FormatFloat(100*v, 'f', 1, 64)
	case f == PValue && v < 0.001:
		return "<0.001"
	case f == PValue:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case f == Ratio:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	decimals := 2
	for limit := 10.0; decimals > 0 && math.Abs(v) >= limit; limit *= 10 {
		decimals--
	}
	return thousands(strconv.FormatFloat(v, 'f', decimals, 64))
}

// thousands puts commas between groups of three digits.
func thousands(s string) string {
	whole, rest, found := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if found {
		whole += "." + rest
	}
	return sign + whole
}
