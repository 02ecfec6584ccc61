package ctfidf

import (
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// termParts are weights by term, each row divided by its length, times the factor of the term: what a term that a text has
// once adds to the product of the text with each class.
type termParts struct {
	classes int
	columns []column
	class   []int32
	part    []float64
	kernels *simd.Kernels // nil where there are none that are worth rows
	rows    []float64     // of the common terms, width values with all classes
	width   int           // classes, rounded up to what the kernels want
}

// column is where the parts of a term are.
type column struct {
	lo, hi int     // in class and part
	common bool    // the term has parts in many of the classes
	row    int     // of a common term, in rows
	factor float64 // of the term
}

// commonShare is 1 over the share of the classes from which on a term is common. A row takes up to so many times the
// memory of its parts.
const commonShare = 4

// vectors are the kernels that are faster with rows than plain Go is without, or nil.
func vectors() *simd.Kernels {
	if k := simd.Best(); k.Level() != simd.PureGo {
		return k
	}
	return nil
}

func newTermParts(w Weights, k *simd.Kernels) *termParts {
	x := &termParts{kernels: k, classes: len(w.Classes), columns: make([]column, len(w.Vocabulary)), width: (len(w.Classes) + 31) &^ 31}
	x.class, x.part = make([]int32, len(w.Rows.Col)), make([]float64, len(w.Rows.Col))
	for _, col := range w.Rows.Col {
		x.columns[col].hi++
	}
	at, row := 0, 0
	for t := range x.columns {
		n := x.columns[t].hi
		x.columns[t] = column{lo: at, hi: at, common: commonShare*n >= x.width, row: row, factor: w.IDF[t]}
		at += n
		if x.columns[t].common {
			row += x.width
		}
	}
	if x.kernels != nil {
		x.rows = make([]float64, row)
	}
	for i := range w.Rows.Rows() {
		cols, values := w.Rows.Row(i)
		length := dense.NormInOrder(values)
		if length == 0 {
			length = 1
		}
		for k, col := range cols {
			c := &x.columns[col]
			part := values[k] / length * c.factor
			x.class[c.hi], x.part[c.hi] = int32(i), part
			c.hi++
			if c.common && x.kernels != nil {
				x.rows[c.row+i] = part
			}
		}
	}
	return x
}
