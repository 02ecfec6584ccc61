package check

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Sparse reports parts of a matrix that do not fit together (an error that is not a
// *stage.ValueError), and the first column out of order or out of range, NaN or Inf (a
// *stage.ValueError). A matrix without rows is good.
func Sparse[V float32 | float64](m sparse.CSR[V]) error {
	rows := m.Rows()
	if m.Cols < 0 || m.Cols > math.MaxInt32 {
		return fmt.Errorf("sparse matrix has the size %d×%d", rows, m.Cols)
	}
	first, last := 0, 0
	if len(m.RowPtr) > 0 {
		first, last = m.RowPtr[0], m.RowPtr[rows]
	}
	if first != 0 || last != len(m.Col) || len(m.Col) != len(m.Value) {
		return fmt.Errorf("sparse matrix with row pointers from %d to %d, %d columns and %d values does not fit together", first, last, len(m.Col), len(m.Value))
	}
	for i := range rows {
		if m.RowPtr[i] > m.RowPtr[i+1] || m.RowPtr[i+1] > len(m.Col) {
			return fmt.Errorf("sparse matrix has row %d from %d to %d of %d values", i, m.RowPtr[i], m.RowPtr[i+1], len(m.Col))
		}
		cols, values := m.Row(i)
		last := int32(-1)
		for k, c := range cols {
			v := float64(values[k])
			switch {
			case c <= last || int(c) >= m.Cols:
				return &stage.ValueError{Row: i, Col: -1, Why: fmt.Sprintf("has column %d, want one after %d and below %d", c, last, m.Cols)}
			case v != v || math.IsInf(v, 0):
				return &stage.ValueError{Row: i, Col: int(c), Why: fmt.Sprintf("is %v, want a finite number", values[k])}
			}
			last = c
		}
	}
	return nil
}
