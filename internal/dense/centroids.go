package dense

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// None is what a search among no centroids finds.
const None = -1

// Centroids holds rows that stand for topics, classes, labels or parts, to find the one with the
// highest cosine with a row. The three slices have the same length.
type Centroids struct {
	IDs   []int // of 0 or more
	Rows  [][]float32
	Norms []float64 // Norm of each row
}

// NewCentroids returns the rows of x with the given identifiers, or with their own numbers if ids is
// nil. It aliases x.
func NewCentroids(x blas32.General, ids []int) Centroids {
	var c Centroids
	for i := range x.Rows {
		id := i
		if ids != nil {
			id = ids[i]
		}
		c.Add(id, Row(x, i))
	}
	return c
}

// Add adds a row, which it keeps.
func (c *Centroids) Add(id int, row []float32) {
	c.IDs, c.Rows, c.Norms = append(c.IDs, id), append(c.Rows, row), append(c.Norms, Norm(row))
}

// Nearest returns the identifier of the row with the highest cosine with x, the first of equals, and
// that cosine. It returns None and 0 if there are no rows. The cosine with a row of zeros is 0.
func (c Centroids) Nearest(x []float32) (id int, cosine float64) {
	id = None
	norm := Norm(x)
	for i, of := range c.IDs {
		cos := 0.0
		if norm > 0 && c.Norms[i] > 0 {
			cos = Dot(x, c.Rows[i]) / (norm * c.Norms[i])
		}
		if id == None || cos > cosine {
			id, cosine = of, cos
		}
	}
	return id, cosine
}

// Packed is centroids prepared for comparing with many rows.
type Packed struct {
	Centroids
	panels *simd.Panels // nil if float32 products could differ too much from the exact ones
	dim    int
}

// Rows with norms in this range have float32 products that neither overflow nor vanish.
const leastNorm, mostNorm = 1e-6, 1e6

// Pack prepares the centroids for [Packed.NearestRows].
func (c Centroids) Pack() Packed {
	p := Packed{Centroids: c}
	if len(c.Rows) < 2 {
		return p
	}
	p.dim = len(c.Rows[0])
	all := New(len(c.Rows), p.dim)
	for i, from := range c.Rows {
		if c.Norms[i] < leastNorm || c.Norms[i] > mostNorm {
			return p
		}
		copy(Row(all, i), from)
	}
	p.panels = simd.Best().Pack(all)
	return p
}

// NearestRows calls found with the result of [Centroids.Nearest] for each row of x, to the same bits.
// Products in float32 exclude the centroids that cannot be nearest; the others are compared exactly.
// scratch is memory of an earlier call, or nil; NearestRows returns it, grown as needed.
func (p Packed) NearestRows(x blas32.General, scratch []float32, found func(i, id int, cosine float64)) []float32 {
	n := len(p.Rows)
	scratch = slices.Grow(scratch[:0], x.Rows*n)[:x.Rows*n]
	products := blas32.General{Rows: x.Rows, Cols: n, Stride: n, Data: scratch}
	if p.panels != nil {
		simd.Best().MulNT(products, x, p.panels)
	}
	margin := 4 * float64(p.dim+3) * 0x1p-24 // twice the errors of two cosines
	for i := range x.Rows {
		own := Row(x, i)
		norm := Norm(own)
		if p.panels == nil || norm < leastNorm || norm > mostNorm {
			id, cosine := p.Nearest(own)
			found(i, id, cosine)
			continue
		}
		rough := Row(products, i)
		most := math.Inf(-1)
		for k, v := range rough {
			most = max(most, float64(v)/p.Norms[k])
		}
		id, cosine := None, 0.0
		for k, v := range rough {
			if float64(v)/p.Norms[k] < most-margin*norm {
				continue
			}
			if cos := Dot(own, p.Rows[k]) / (norm * p.Norms[k]); id == None || cos > cosine {
				id, cosine = p.IDs[k], cos
			}
		}
		found(i, id, cosine)
	}
	return scratch
}
