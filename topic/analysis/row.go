package analysis

import (
	"math"

	"github.com/gobertopic/gobertopic/sparse"
)

// sparseRow is a row of a sparse matrix, with rising columns.
type sparseRow struct {
	cols   []int32
	values []float64
}

// plus returns the sum of r and o, with the values of o divided by divisor. It reuses the memory of
// into.
func (r sparseRow) plus(o sparseRow, divisor float64, into sparseRow) sparseRow {
	cols, values := into.cols[:0], into.values[:0]
	for i, j := 0, 0; i < len(r.cols) || j < len(o.cols); {
		switch {
		case j == len(o.cols) || i < len(r.cols) && r.cols[i] < o.cols[j]:
			cols, values = append(cols, r.cols[i]), append(values, r.values[i])
			i++
		case i == len(r.cols) || o.cols[j] < r.cols[i]:
			cols, values = append(cols, o.cols[j]), append(values, o.values[j]/divisor)
			j++
		default:
			cols, values = append(cols, r.cols[i]), append(values, r.values[i]+o.values[j]/divisor)
			i, j = i+1, j+1
		}
	}
	return sparseRow{cols, values}
}

// matrix returns r as a matrix of one row.
func (r sparseRow) matrix(cols int) sparse.CSR[float64] {
	return sparse.CSR[float64]{Cols: cols, RowPtr: []int{0, len(r.cols)}, Col: r.cols, Value: r.values}
}

// absoluteSum returns the sum of the absolute values, or 1 if it is 0.
func absoluteSum(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Abs(v)
	}
	if sum == 0 {
		return 1
	}
	return sum
}
