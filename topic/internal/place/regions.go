package place

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// Region says where the documents of a label lie: the mean of their embeddings, and the least cosine
// with it that a document of the label may have.
type Region struct {
	Center []float32
	Floor  float64
}

// NewRegion returns the region of the rows of x with the given numbers. Its floor is three standard
// deviations below their mean cosine with the center.
func NewRegion(x blas32.General, rows []int) Region {
	r := Region{Center: make([]float32, x.Cols)}
	dense.SetMean(r.Center, dense.Sum(x, rows), len(rows))
	var mean, square float64
	for _, i := range rows {
		c := dense.Cosine(dense.Row(x, i), r.Center)
		mean += c
		square += float64(c * c)
	}
	n := float64(len(rows))
	mean /= n
	r.Floor = mean - 3*math.Sqrt(max(square/n-float64(mean*mean), 0)) - 1e-6
	return r
}

// Regions holds the regions of labels. A nil map takes every document.
type Regions map[int]Region

// Has reports whether an embedding lies in the region of a label.
func (r Regions) Has(label int, x []float32) bool {
	if r == nil {
		return true
	}
	region, ok := r[label]
	return ok && dense.Cosine(x, region.Center) >= region.Floor
}

// drawn is the part of a document's embedding that is replaced by that of its seed. BERTopic 0.17.4
// averages them with the weights 3 and 1.
const drawn = 0.25

// Blend moves embeddings toward the seeds of a guided model. The zero value does nothing.
type Blend struct {
	// Seeds has a row for each seed and, as the last one, the mean embedding of the documents. A
	// document that is most similar to the mean is left as it is.
	Seeds blas32.General
}

// Rows returns a copy of x whose rows are moved toward their seeds, and the seed of each row, −1 for
// none. Without seeds it returns x itself and nil.
func (b Blend) Rows(x blas32.General) (blended blas32.General, seeds []int) {
	if b.Seeds.Rows == 0 {
		return x, nil
	}
	out := dense.Compact(x)
	seeds = make([]int, x.Rows)
	all := dense.NewCentroids(b.Seeds, nil)
	for i := range x.Rows {
		best, _ := all.Nearest(dense.Row(x, i))
		if seeds[i] = best; best == b.Seeds.Rows-1 {
			seeds[i] = dense.None
			continue
		}
		to := dense.Row(out, i)
		for j, v := range dense.Row(b.Seeds, best) {
			to[j] = float32(float64((1-drawn)*float64(to[j])) + float64(drawn*float64(v)))
		}
	}
	return out, seeds
}
