package eval

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gobertopic/gobertopic/internal/table"
)

// WriteMarkdown writes the table as Markdown, with numbers rounded and to the right, and – for no value. An Estimate is
// mean ± standard deviation.
//
// Errors: those of Check and of w.
func (t Table) WriteMarkdown(w io.Writer) error {
	if err := t.Check(); err != nil {
		return err
	}
	md := table.Markdown{Rows: make([][]string, len(t.Rows)), Right: make([]bool, len(t.Columns)), Padded: true}
	for j, c := range t.Columns {
		name := c.Name
		if name == "" {
			name = c.Key
		}
		md.Head = append(md.Head, escape.Replace(name))
		for i, row := range t.Rows {
			switch row[j].(type) {
			case int, float64, Estimate:
				md.Right[j] = true
			}
			md.Rows[i] = append(md.Rows[i], c.text(row[j]))
		}
	}
	_, err := io.WriteString(w, md.String())
	return err
}

var escape = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\r\n", " ", "\n", " ", "\r", " ", "<", "&lt;")

// text is a cell in Markdown.
func (c Column) text(cell any) string {
	switch v := cell.(type) {
	case string:
		return escape.Replace(v)
	case int:
		if c.Percent {
			return c.number(float64(v))
		}
		return strconv.Itoa(v)
	case float64:
		return c.number(v)
	case Estimate:
		mean := c.number(v.Mean)
		if math.IsNaN(v.SD) || math.IsNaN(v.Mean) {
			return mean
		}
		return strings.TrimSuffix(mean, " %") + " ± " + c.number(v.SD)
	}
	return "–"
}

func (c Column) number(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	unit := ""
	if c.Percent {
		v, unit = 100*v, " %"
	}
	s := strconv.FormatFloat(v, 'f', c.Digits, 64)
	if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" { // no −0.00
		s = s[1:]
	}
	return s + unit
}

// WriteCSV writes the table as comma-separated values (RFC 4180 with plain newlines), with a line of keys, numbers in
// full and nothing for no value. A column with Estimates is two columns, of which the second, the standard deviation,
// has the key with "_sd" added.
//
// Errors: those of Check and of w.
func (t Table) WriteCSV(w io.Writer) error {
	if err := t.Check(); err != nil {
		return err
	}
	lines := make([][]string, 1+len(t.Rows))
	for j, c := range t.Columns {
		means := false
		for _, row := range t.Rows {
			_, ok := row[j].(Estimate)
			means = means || ok
		}
		lines[0] = append(lines[0], c.Key)
		if means {
			lines[0] = append(lines[0], c.Key+"_sd")
		}
		for i, row := range t.Rows {
			value, sd := "", ""
			switch v := row[j].(type) {
			case string:
				value = v
			case int:
				value = strconv.Itoa(v)
			case float64:
				value = full(v)
			case Estimate:
				value, sd = full(v.Mean), full(v.SD)
			}
			lines[i+1] = append(lines[i+1], value)
			if means {
				lines[i+1] = append(lines[i+1], sd)
			}
		}
	}
	return csv.NewWriter(w).WriteAll(lines)
}

// full is a number with as many digits as it takes to read it back; nothing for NaN.
func full(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// WriteJSON writes the table as an array of objects, one for each row, with the keys in the order of the columns and null
// for no value, which an infinity is too. An Estimate is an object with mean, sd and n.
//
// Errors: those of Check and of w.
func (t Table) WriteJSON(w io.Writer) error {
	if err := t.Check(); err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("[")
	for i, row := range t.Rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  {")
		for j, cell := range row {
			if j > 0 {
				b.WriteString(", ")
			}
			key, err := json.Marshal(t.Columns[j].Key)
			if err != nil {
				return err
			}
			switch v := cell.(type) {
			case float64:
				cell = finite(v)
			case Estimate:
				cell = struct {
					Mean *float64 `json:"mean"`
					SD   *float64 `json:"sd"`
					N    int      `json:"n"`
				}{finite(v.Mean), finite(v.SD), v.N}
			}
			value, err := json.Marshal(cell)
			if err != nil {
				return err
			}
			b.Write(key)
			b.WriteString(": ")
			b.Write(value)
		}
		b.WriteString("}")
	}
	b.WriteString("\n]\n")
	_, err := w.Write(b.Bytes())
	return err
}

// finite is nil for what JSON has no number for.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
