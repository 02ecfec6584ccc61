package parquet

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parquet-go/parquet-go"
)

// Column is a column of a table to write.
type Column struct {
	// Name must not be empty and not that of another column.
	Name string
	// Values are of the type []string, []int, []float64, []bool or []time.Time, one for each row. Times are written in UTC, in
	// microseconds; the zero time as null.
	Values any
}

const groupRows = 1 << 17

// Write writes a table as a Parquet file, packed by Snappy, strings in dictionaries, with the columns in their order. The
// same columns give the same bytes. An error is one of w, or of columns that are no table.
func Write(w io.Writer, columns ...Column) (err error) {
	rows, err := size(columns)
	if err != nil {
		return err
	}
	schema := parquet.NewSchema("documents", group(columns))
	out := parquet.NewWriter(w, schema, parquet.Compression(&parquet.Snappy), parquet.CreatedBy("gobertopic", "1", ""), parquet.MaxRowsPerRowGroup(groupRows))
	batch := make([]parquet.Row, 0, 256)
	for i := 0; i < rows; {
		batch = batch[:0]
		for ; i < rows && len(batch) < cap(batch); i++ {
			row := make(parquet.Row, len(columns))
			for k, c := range columns {
				row[k] = c.value(i).Level(0, c.defined(i), k)
			}
			batch = append(batch, row)
		}
		if _, err := out.WriteRows(batch); err != nil {
			return err
		}
	}
	return out.Close()
}

// size is the number of rows.
func size(columns []Column) (rows int, err error) {
	if len(columns) == 0 {
		return 0, errors.New("parquet: no columns, want at least one")
	}
	names := map[string]bool{}
	for i, c := range columns {
		n := 0
		switch v := c.Values.(type) {
		case []string:
			n = len(v)
		case []int:
			n = len(v)
		case []float64:
			n = len(v)
		case []bool:
			n = len(v)
		case []time.Time:
			n = len(v)
		default:
			return 0, fmt.Errorf("parquet: column %q is %T, want []string, []int, []float64, []bool or []time.Time", c.Name, c.Values)
		}
		switch {
		case c.Name == "" || names[c.Name]:
			return 0, fmt.Errorf("parquet: the name %q is empty or given twice, want one for each column", c.Name)
		case i > 0 && n != rows:
			return 0, fmt.Errorf("parquet: column %q has %d rows, want %d as column %q has", c.Name, n, rows, columns[0].Name)
		}
		names[c.Name], rows = true, n
	}
	return rows, nil
}

func (c Column) node() parquet.Node {
	switch c.Values.(type) {
	case []string:
		return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	case []int:
		return parquet.Int(64)
	case []float64:
		return parquet.Leaf(parquet.DoubleType)
	case []bool:
		return parquet.Leaf(parquet.BooleanType)
	}
	return parquet.Optional(parquet.Timestamp(parquet.Microsecond))
}

func (c Column) value(i int) parquet.Value {
	switch v := c.Values.(type) {
	case []string:
		return parquet.ByteArrayValue([]byte(v[i]))
	case []int:
		return parquet.Int64Value(int64(v[i]))
	case []float64:
		return parquet.DoubleValue(v[i])
	case []bool:
		return parquet.BooleanValue(v[i])
	case []time.Time:
		if !v[i].IsZero() {
			return parquet.Int64Value(v[i].UnixMicro())
		}
	}
	return parquet.NullValue()
}

// defined is the definition level of a value: 1 for a time that is there, else 0.
func (c Column) defined(i int) int {
	if v, ok := c.Values.([]time.Time); ok && !v[i].IsZero() {
		return 1
	}
	return 0
}

// inOrder is a group of columns in their order, which parquet.Group puts in that of the alphabet.
type inOrder struct {
	parquet.Group
	fields []parquet.Field
}

func (g inOrder) Fields() []parquet.Field { return g.fields }

func group(columns []Column) parquet.Node {
	g := inOrder{Group: parquet.Group{}}
	for _, c := range columns {
		g.Group[c.Name] = c.node()
	}
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	for _, c := range columns {
		g.fields = append(g.fields, byName[c.Name])
	}
	return g
}
