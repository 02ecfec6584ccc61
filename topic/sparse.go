package topic

import (
	"github.com/gobertopic/gobertopic/sparse"
)

// sparseRow is a row of a matrix, with rising columns.
type sparseRow struct {
	cols   []int32
	values []float64
}

// plus is the sum of two rows, the values of the second divided by by. It is written over into, which may be empty.
func (r sparseRow) plus(o sparseRow, by float64, into sparseRow) sparseRow {
	cols, values := into.cols[:0], into.values[:0]
	for i, j := 0, 0; i < len(r.cols) || j < len(o.cols); {
		switch {
		case j == len(o.cols) || i < len(r.cols) && r.cols[i] < o.cols[j]:
			cols, values = append(cols, r.cols[i]), append(values, r.values[i])
			i++
		case i == len(r.cols) || o.cols[j] < r.cols[i]:
			cols, values = append(cols, o.cols[j]), append(values, o.values[j]/by)
			j++
		default:
			cols, values = append(cols, r.cols[i]), append(values, r.values[i]+o.values[j]/by)
			i, j = i+1, j+1
		}
	}
	return sparseRow{cols, values}
}

// matrix is the row alone.
func (r sparseRow) matrix(cols int) sparse.CSR[float64] {
	return sparse.CSR[float64]{Cols: cols, RowPtr: []int{0, len(r.cols)}, Col: r.cols, Value: r.values}
}
