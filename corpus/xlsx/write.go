package xlsx

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Column is a column of a table to write.
type Column struct {
	// Name must not be empty and not that of another column.
	Name string
	// Values are of the type []string, []int, []float64, []bool or []time.Time, one for each row. Times are written in UTC,
	// the zero time as an empty cell.
	Values any
}

const (
	mostRows  = 1 << 20 // of a sheet, the header counted
	mostRunes = 32767   // of a cell
)

// Write writes a table as a workbook with one sheet, the columns in their order below a header. An error is one of w, or of
// columns that are no table or that a sheet cannot hold: more than 1,048,575 rows, or a text of more than 32,767 characters.
func Write(w io.Writer, columns ...Column) error {
	rows, err := size(columns)
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	format := "yyyy-mm-dd hh:mm:ss"
	style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return err
	}
	cells := make([]any, len(columns))
	for k, c := range columns {
		cells[k] = c.Name
	}
	for i := -1; i < rows; i++ {
		for k, c := range columns {
			if i < 0 {
				break
			}
			if cells[k], err = c.cell(i, style); err != nil {
				return err
			}
		}
		name, err := excelize.CoordinatesToCellName(1, i+2)
		if err != nil {
			return err
		}
		if err := out.SetRow(name, cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

func (c Column) cell(i, style int) (any, error) {
	switch v := c.Values.(type) {
	case []string:
		if len(v[i]) > mostRunes && utf8.RuneCountInString(v[i]) > mostRunes {
			return nil, fmt.Errorf("xlsx: column %q has a text of %d characters in row %d, want at most %d", c.Name, utf8.RuneCountInString(v[i]), i, mostRunes)
		}
		return v[i], nil
	case []int:
		return v[i], nil
	case []float64:
		return v[i], nil
	case []bool:
		return v[i], nil
	}
	when := c.Values.([]time.Time)[i]
	if when.IsZero() {
		return nil, nil
	}
	return excelize.Cell{StyleID: style, Value: when.UTC()}, nil
}

// size returns the number of rows.
func size(columns []Column) (rows int, err error) {
	if len(columns) == 0 {
		return 0, errors.New("xlsx: no columns, want at least one")
	}
	names := map[string]bool{}
	for i, c := range columns {
		switch c.Values.(type) {
		case []string, []int, []float64, []bool, []time.Time:
		default:
			return 0, fmt.Errorf("xlsx: column %q is %T, want []string, []int, []float64, []bool or []time.Time", c.Name, c.Values)
		}
		n := reflect.ValueOf(c.Values).Len()
		switch {
		case c.Name == "" || names[c.Name]:
			return 0, fmt.Errorf("xlsx: the name %q is empty or given twice, want one for each column", c.Name)
		case i > 0 && n != rows:
			return 0, fmt.Errorf("xlsx: column %q has %d rows, want %d as column %q has", c.Name, n, rows, columns[0].Name)
		case n >= mostRows:
			return 0, fmt.Errorf("xlsx: %d rows, want at most %d in a sheet", n, mostRows-1)
		}
		names[c.Name], rows = true, n
	}
	return rows, nil
}
