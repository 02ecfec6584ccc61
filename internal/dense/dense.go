// Package dense holds what all stages do with the rows of a dense float32 matrix: row access,
// copies, sums, inner products, cosines, and the search for the row with the highest cosine.
//
// A matrix is a [blas32.General]: row-major, the row i being Data[i*Stride : i*Stride+Cols]. The
// functions trust the shape of a matrix; internal/check is what checks it. Sums are float64 and each
// function states their order, so that results have the same bits on every machine.
package dense

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
)

// New returns a matrix of zeros with Stride cols.
func New(rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
}

// Row returns row i of x. It aliases x; appending to it does not overwrite the next row.
func Row(x blas32.General, i int) []float32 {
	at := i * x.Stride
	return x.Data[at : at+x.Cols : at+x.Cols]
}

// Slice returns the rows lo … hi−1 of x. It aliases x.
func Slice(x blas32.General, lo, hi int) blas32.General {
	out := blas32.General{Rows: hi - lo, Cols: x.Cols, Stride: x.Stride}
	if lo < hi {
		end := (hi-1)*x.Stride + x.Cols
		out.Data = x.Data[lo*x.Stride : end : end]
	}
	return out
}

// IsZero reports whether all values of a row are 0.
func IsZero(row []float32) bool {
	for _, v := range row {
		if v != 0 {
			return false
		}
	}
	return true
}

// Pick returns a copy of the rows of x with the given numbers, in that order. A nil index means all
// rows, and returns x itself.
func Pick[I int | int32](x blas32.General, index []I) blas32.General {
	if index == nil {
		return x
	}
	out := New(len(index), x.Cols)
	for to, from := range index {
		copy(Row(out, to), Row(x, int(from)))
	}
	return out
}

// Compact returns a copy of x without gaps between its rows.
func Compact(x blas32.General) blas32.General {
	out := New(x.Rows, x.Cols)
	for i := range x.Rows {
		copy(Row(out, i), Row(x, i))
	}
	return out
}

// Stack returns a copy of the rows of all parts, one part below the other. It panics where parts that
// have rows differ in their number of columns.
func Stack(parts ...blas32.General) blas32.General {
	rows, cols := 0, 0
	for _, x := range parts {
		if rows > 0 && x.Rows > 0 && x.Cols != cols {
			panic(fmt.Sprintf("dense: rows of %d columns below rows of %d", x.Cols, cols))
		}
		if rows == 0 && (x.Rows > 0 || cols == 0) {
			cols = x.Cols
		}
		rows += x.Rows
	}
	out := New(rows, cols)
	at := 0
	for _, x := range parts {
		for i := range x.Rows {
			copy(Row(out, at), Row(x, i))
			at++
		}
	}
	return out
}

// Append returns x with a copy of the rows of y below it. As with append, the rows of x are not copied
// where the Data of x has room behind them; [Clip] removes that room. x has no rows, or the columns of
// y and no gaps.
func Append(x, y blas32.General) blas32.General {
	if y.Rows == 0 {
		return x
	}
	x.Cols, x.Stride = y.Cols, y.Cols
	for i := range y.Rows {
		x.Data = append(x.Data, Row(y, i)...)
	}
	x.Rows += y.Rows
	return x
}

// Clip returns x without unused capacity, so that [Append] to it copies its rows.
func Clip(x blas32.General) blas32.General {
	x.Data = slices.Clip(x.Data)
	return x
}

// AddTo adds a row to sum, value by value.
func AddTo(sum []float64, row []float32) {
	for j, v := range row {
		sum[j] += float64(v)
	}
}

// Sum returns the sum of the rows of x with the given numbers, added in that order.
func Sum(x blas32.General, index []int) []float64 {
	sum := make([]float64, x.Cols)
	for _, i := range index {
		AddTo(sum, Row(x, i))
	}
	return sum
}

// SetMean writes the mean of n rows whose sum is sum to a row. n is at least 1.
func SetMean(to []float32, sum []float64, n int) {
	for j, s := range sum {
		to[j] = float32(s / float64(n))
	}
}
