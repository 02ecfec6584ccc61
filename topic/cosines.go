package topic

import "github.com/gobertopic/gobertopic/ctfidf"

// byColumn is the rows of a matrix by columns, for their cosines with many others.
type byColumn struct {
	start  []int
	row    []int32
	value  []float64
	length []float64
}

func columnsOf(m ctfidf.Matrix) *byColumn {
	b := &byColumn{start: make([]int, m.Cols+2), row: make([]int32, len(m.Col)), value: make([]float64, len(m.Col)), length: make([]float64, m.Rows())}
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
		b.length[i] = lengthOf(m, i)
	}
	return b
}

// cosines makes out, which has a value for each row of b, the cosines of row i of m with them: the bits of Matrix.Cosine.
func (b *byColumn) cosines(m ctfidf.Matrix, i int, out []float64) {
	clear(out)
	cols, values := m.Row(i)
	for k, c := range cols {
		lo, hi := b.start[c], b.start[c+1]
		parts := b.value[lo:hi]
		for j, r := range b.row[lo:hi] {
			out[r] += float64(values[k] * parts[j])
		}
	}
	length := lengthOf(m, i)
	for r, dot := range out {
		if norm := length * b.length[r]; norm == 0 {
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
func (c *compared) set(m ctfidf.Matrix, i int) {
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
	c.cols, c.length = cols, lengthOf(m, i)
}

// dot is the inner product with row i of m, of as many columns.
func (c *compared) dot(m ctfidf.Matrix, i int) float64 {
	dot := 0.0
	cols, values := m.Row(i)
	for k, col := range cols {
		dot += float64(values[k] * c.at[col])
	}
	return dot
}

// cosine is that with row i of m: the bits of Matrix.Cosine.
func (c *compared) cosine(m ctfidf.Matrix, i int) float64 {
	norm := lengthOf(m, i) * c.length
	if norm == 0 {
		return 0
	}
	return c.dot(m, i) / norm
}
