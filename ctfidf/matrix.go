package ctfidf

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/stage"
)

// Matrix is a sparse matrix in compressed rows: the entries of row i are Col[k], Value[k] for k in
// [RowPtr[i], RowPtr[i+1]), with rising columns.
type Matrix struct {
	Cols   int // the number of columns
	RowPtr []int
	Col    []int32
	Value  []float64
}

// Rows is the number of rows.
func (m Matrix) Rows() int { return max(len(m.RowPtr)-1, 0) }

// Row is the columns and the values of row i. Both alias the matrix.
func (m Matrix) Row(i int) (cols []int32, values []float64) {
	lo, hi := m.RowPtr[i], m.RowPtr[i+1]
	return m.Col[lo:hi], m.Value[lo:hi]
}

// Cosine is the cosine of the angle between row i and row j of o, in [−1, 1] up to rounding, and 0 where one of the two
// rows is zero. Both matrices must have the same columns.
func (m Matrix) Cosine(i int, o Matrix, j int) float64 {
	ac, av := m.Row(i)
	bc, bv := o.Row(j)
	dot := 0.0
	for p, q := 0, 0; p < len(ac) && q < len(bc); {
		switch {
		case ac[p] < bc[q]:
			p++
		case ac[p] > bc[q]:
			q++
		default:
			dot += float64(av[p] * bv[q])
			p++
			q++
		}
	}
	norm := norm2(av) * norm2(bv)
	if norm == 0 {
		return 0
	}
	return dot / norm
}

func norm2(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += float64(x * x)
	}
	return math.Sqrt(s)
}

// check reports the first thing that keeps c from being weighed.
func (c Counts) check() error {
	if err := c.Rows.check(); err != nil {
		return err
	}
	if c.Rows.Rows() != len(c.Classes) || c.Rows.Cols != len(c.Vocabulary) {
		return fmt.Errorf("ctfidf: counts of %d×%d for %d classes and %d terms",
			c.Rows.Rows(), c.Rows.Cols, len(c.Classes), len(c.Vocabulary))
	}
	return nil
}

// check reports the first thing that keeps m from being a matrix of non-negative finite numbers.
func (m Matrix) check() error {
	rows := m.Rows()
	if len(m.RowPtr) == 0 || m.RowPtr[0] != 0 || m.RowPtr[rows] != len(m.Col) || len(m.Col) != len(m.Value) {
		return fmt.Errorf("ctfidf: matrix with %d row pointers, %d columns and %d values does not hang together",
			len(m.RowPtr), len(m.Col), len(m.Value))
	}
	for i := range rows {
		if m.RowPtr[i+1] < m.RowPtr[i] || m.RowPtr[i+1] > len(m.Col) {
			return fmt.Errorf("ctfidf: row %d of the matrix ends at %d, want a place in [%d, %d]", i, m.RowPtr[i+1], m.RowPtr[i], len(m.Col))
		}
		cols, values := m.Row(i)
		last := int32(-1)
		for k, c := range cols {
			if c <= last || int(c) >= m.Cols {
				return fmt.Errorf("ctfidf: row %d of the matrix has column %d after %d, want rising columns below %d", i, c, last, m.Cols)
			}
			last = c
			if v := values[k]; !(v >= 0) || math.IsInf(v, 0) {
				return &stage.ValueError{Row: i, Col: int(c), Why: fmt.Sprintf("is %v, want a count of at least 0", v)}
			}
		}
	}
	return nil
}
