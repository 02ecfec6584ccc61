package topic

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// packed is centroids that many rows are compared with at once.
type packed struct {
	centroids
	panels *simd.Panels // nil where products in float32 may go too far from the exact ones
	dim    int
}

// Between these lengths products of float32 neither overflow nor vanish.
const shortest, longest = 1e-6, 1e6

func (c centroids) packed() packed {
	p := packed{centroids: c}
	if len(c.rows) < 2 {
		return p
	}
	p.dim = len(c.rows[0])
	all := zeros(len(c.rows), p.dim)
	for i, from := range c.rows {
		if c.length[i] < shortest || c.length[i] > longest {
			return p
		}
		copy(row(all, i), from)
	}
	p.panels = kernels().Pack(all)
	return p
}

// nearest calls found with what centroids.nearest gives for each row of x, to the bit: products in float32 only say which
// centroids cannot be the nearest. scratch is memory to be given again.
func (p packed) nearest(x blas32.General, scratch []float32, found func(i, id int, cosine float64)) []float32 {
	n := len(p.rows)
	scratch = slices.Grow(scratch[:0], x.Rows*n)[:x.Rows*n]
	products := blas32.General{Rows: x.Rows, Cols: n, Stride: n, Data: scratch}
	if p.panels != nil {
		kernels().MulNT(products, x, p.panels)
	}
	margin := 4 * float64(p.dim+3) * 0x1p-24 // twice the errors of two cosines
	for i := range x.Rows {
		own := row(x, i)
		length := math.Sqrt(dotOf(own, own))
		if p.panels == nil || length < shortest || length > longest {
			t, cosine := p.centroids.nearest(own)
			found(i, t, cosine)
			continue
		}
		rough := row(products, i)
		most := math.Inf(-1)
		for k, v := range rough {
			most = max(most, float64(v)/p.length[k])
		}
		id, cosine := Outlier, 0.0
		for k, v := range rough {
			if float64(v)/p.length[k] < most-margin*length {
				continue
			}
			if cos := dotOf(own, p.rows[k]) / (length * p.length[k]); id == Outlier || cos > cosine {
				id, cosine = p.ids[k], cos
			}
		}
		found(i, id, cosine)
	}
	return scratch
}
