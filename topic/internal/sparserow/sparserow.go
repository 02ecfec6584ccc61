// Package sparserow compares the rows of a sparse matrix with many others.
package sparserow

import (
	"github.com/gobertopic/gobertopic/sparse"
)

// ByColumn holds the rows of a matrix by columns.
type ByColumn struct {
	start []int
	row   []int32
	value []float64
	norm  []float64
}

// NewByColumn returns the rows of m.
func NewByColumn(m sparse.CSR[float64]) *ByColumn {
	b := &ByColumn{start: make([]int, m.Cols+2), row: make([]int32, len(m.Col)), value: make([]float64, len(m.Col)), norm: make([]float64, m.Rows())}
	for _, c := range m.Col {
		b.start[c+2]++
	}
	for c := range m.Cols {
		b.start[c+2] += b.start[c+1]
	}
	// start[c+1] is where the next entry of column c goes, until it is where column c+1 begins.
	for i := range m.Rows() {
		cols, values := m.Row(i)
		for k, c := range cols {
			at := b.start[c+1]
			b.row[at], b.value[at] = int32(i), values[k]
			b.start[c+1]++
		}
		b.norm[i] = m.Norm(i)
	}
	return b
}

// Cosines writes to out, which has a value for each row of b, the cosines of row i of m with them.
// The cosine with a row of zeros is 0.
func (b *ByColumn) Cosines(m sparse.CSR[float64], i int, out []float64) {
	clear(out)
	cols, values := m.Row(i)
	for k, c := range cols {
		lo, hi := b.start[c], b.start[c+1]
		parts := b.value[lo:hi]
		for j, r := range b.row[lo:hi] {
			out[r] += float64(values[k] * parts[j])
		}
	}
	own := m.Norm(i)
	for r, dot := range out {
		if norm := own * b.norm[r]; norm == 0 {
			out[r] = 0
		} else {
			out[r] = dot / norm
		}
	}
}

// Compared is a row of a matrix that many others are compared with. The zero value is a row of zeros.
type Compared struct {
	at   []float64 // by column; zeros but for the row
	cols []int32
	norm float64
}

// Set makes it row i of m.
func (c *Compared) Set(m sparse.CSR[float64], i int) {
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
	c.cols, c.norm = cols, m.Norm(i)
}

// Dot returns the inner product with row i of m, which has as many columns.
func (c *Compared) Dot(m sparse.CSR[float64], i int) float64 {
	dot := 0.0
	cols, values := m.Row(i)
	for k, col := range cols {
		dot += float64(values[k] * c.at[col])
	}
	return dot
}

// Cosine returns the cosine with row i of m; 0 if one of the rows has no length.
func (c *Compared) Cosine(m sparse.CSR[float64], i int) float64 {
	norm := m.Norm(i) * c.norm
	if norm == 0 {
		return 0
	}
	return c.Dot(m, i) / norm
}
