package eval

import (
	"errors"
	"fmt"
	"math"
)

// Table is measurements for people and for programs: a row for each thing that was measured.
type Table struct {
	Columns []Column
	// Rows have a cell for each column: a string, an int, a float64 or an Estimate; nil, like NaN, is no value.
	Rows [][]any
}

// Column is a column of a Table.
type Column struct {
	Key     string // its name in CSV and JSON, such as "c_npmi"; not empty, and each once
	Name    string // its heading in Markdown; Key where it is empty
	Digits  int    // decimals of numbers in Markdown, 0 to 15; ints have none
	Percent bool   // whether numbers are shares, shown as per cent in Markdown
}

// Estimate is a mean over runs.
type Estimate struct {
	Mean float64
	SD   float64 // standard deviation of one run, with N − 1 in the denominator; NaN for a single run
	N    int     // runs
}

// Check reports what keeps the table from being written: cells that are missing, or of another type, and columns
// without a key of their own.
func (t Table) Check() error {
	var errs []error
	seen := map[string]bool{}
	for i, c := range t.Columns {
		if c.Key == "" || seen[c.Key] {
			errs = append(errs, fmt.Errorf("eval: column %d of the table has the key %q, want one of its own", i, c.Key))
		}
		seen[c.Key] = true
		if c.Digits < 0 || c.Digits > 15 {
			errs = append(errs, fmt.Errorf("eval: column %q of the table has %d digits, want 0 to 15", c.Key, c.Digits))
		}
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			errs = append(errs, fmt.Errorf("eval: row %d of the table has %d cells, want %d", i, len(row), len(t.Columns)))
			continue
		}
		for j, cell := range row {
			switch cell.(type) {
			case nil, string, int, float64, Estimate:
			default:
				errs = append(errs, fmt.Errorf("eval: row %d of the table has a %T for %q, want a string, int, float64 or Estimate", i, cell, t.Columns[j].Key))
			}
		}
	}
	return errors.Join(errs...)
}

// Means is the table with one row for all rows that differ in the column over (the seed, say) and in their numbers alone.
// Numbers become Estimates of the cells that have a value, and the column over becomes "runs", the number of rows.
// Rows and columns keep their order.
//
// Errors: those of Check; no column over; a column with both strings and numbers, or one that holds Estimates; a column
// "runs" beside over.
func (t Table) Means(over string) (Table, error) {
	if err := t.Check(); err != nil {
		return Table{}, err
	}
	at := -1
	names := make([]bool, len(t.Columns)) // columns of strings
	for j, c := range t.Columns {
		if c.Key == over {
			at = j
			continue
		}
		if c.Key == "runs" {
			return Table{}, errors.New(`eval: the table has a column "runs" already`)
		}
		texts, numbers := false, false
		for _, row := range t.Rows {
			switch row[j].(type) {
			case string:
				texts = true
			case int, float64:
				numbers = true
			case Estimate:
				return Table{}, fmt.Errorf("eval: column %q of the table has means already", c.Key)
			}
		}
		if texts && numbers {
			return Table{}, fmt.Errorf("eval: column %q of the table has strings and numbers", c.Key)
		}
		names[j] = texts
	}
	if at < 0 {
		return Table{}, fmt.Errorf("eval: the table has no column %q", over)
	}
	out := Table{Columns: append([]Column(nil), t.Columns...)}
	out.Columns[at] = Column{Key: "runs"}
	var groups [][]int // rows
	number := map[string]int{}
	for i, row := range t.Rows {
		key := ""
		for j, cell := range row {
			if names[j] {
				key += fmt.Sprintf("%q ", cell)
			}
		}
		if _, ok := number[key]; !ok {
			number[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[number[key]] = append(groups[number[key]], i)
	}
	for _, rows := range groups {
		cells := make([]any, len(t.Columns))
		for j := range cells {
			switch {
			case j == at:
				cells[j] = len(rows)
			case names[j]:
				cells[j] = t.Rows[rows[0]][j]
			default:
				var values []float64
				for _, i := range rows {
					if v := number64(t.Rows[i][j]); !math.IsNaN(v) {
						values = append(values, v)
					}
				}
				if len(values) > 0 {
					cells[j] = estimate(values)
				}
			}
		}
		out.Rows = append(out.Rows, cells)
	}
	return out, nil
}

// number64 is the number in a cell, NaN where there is none.
func number64(cell any) float64 {
	switch v := cell.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	return math.NaN()
}

func estimate(values []float64) Estimate {
	n := float64(len(values))
	e := Estimate{N: len(values), SD: math.NaN()}
	for _, v := range values {
		e.Mean += v
	}
	e.Mean /= n
	if len(values) > 1 {
		sum := 0.0
		for _, v := range values {
			sum += float64((v - e.Mean) * (v - e.Mean))
		}
		e.SD = math.Sqrt(sum / (n - 1))
	}
	return e
}
