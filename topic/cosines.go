package topic

import (
	"github.com/gobertopic/gobertopic/sparse"
)

// byColumn is the rows of a matrix by columns, for their cosines with many others.
type byColumn struct {
	sparse.CSR[float64]           // a row for each column
	norms               []float64 // of the rows
}

func columnsOf(m sparse.CSR[float64]) *byColumn {
	b := &byColumn{m.Transpose(), make([]float64, m.Rows())}
	for i := range b.norms {
		b.norms[i] = m.Norm(i)
	}
	return b
}

// cosines makes out, which has a value for each row of b, the cosines of row i of m with them: the bits of CSR.Cosine.
func (b *byColumn) cosines(m sparse.CSR[float64], i int, out []float64) {
	clear(out)
	cols, values := m.Row(i)
	for k, c := range cols {
		rows, parts := b.Row(int(c))
		for j, r := range rows {
			out[r] += float64(values[k] * parts[j])
		}
	}
	length := m.Norm(i)
	for r, dot := range out {
		if norm := length * b.norms[r]; norm == 0 {
			out[r] = 0
		} else {
			out[r] = dot / norm
		}
	}
}

// compared is a row of a matrix that many others are compared with.
type compared struct {
	at     []float64 // by column; zeros but for the row
	cols   []int32
	length float64
}

// set makes it row i of m.
func (c *compared) set(m sparse.CSR[float64], i int) {
	if len(c.at) < m.Cols {
		c.at, c.cols = make([]float64, m.Cols), nil
	}
	for _, col := range c.cols {
		c.at[col] = 0
	}
	cols, values := m.Row(i)
	for k, col := range cols {
		c.at[col] = values[k]
	}
	c.cols, c.length = cols, m.Norm(i)
}

// dot is the inner product with row i of m, of as many columns.
func (c *compared) dot(m sparse.CSR[float64], i int) float64 {
	dot := 0.0
	cols, values := m.Row(i)
	for k, col := range cols {
		dot += float64(values[k] * c.at[col])
	}
	return dot
}

// cosine is that with row i of m: the bits of CSR.Cosine.
func (c *compared) cosine(m sparse.CSR[float64], i int) float64 {
	norm := m.Norm(i) * c.length
	if norm == 0 {
		return 0
	}
	return c.dot(m, i) / norm
}
