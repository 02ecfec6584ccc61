package community

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
)

// noise is n rows without any structure.
func noise(n, cols int) blas32.General {
	r := rng.New(5)
	x := blas32.General{Rows: n, Cols: cols, Stride: cols, Data: make([]float32, n*cols)}
	for i := range x.Data {
		x.Data[i] = float32(r.Float64() + r.Float64() - r.Float64() - r.Float64())
	}
	return x
}

// slowSilhouette adds up the other rows for each row.
func slowSilhouette(x blas32.General, part []int32, k int) float64 {
	distance := func(i, c int) float64 {
		mean := make([]float64, x.Cols)
		for j, d := range part {
			if int(d) == c && j != i {
				for m, v := range dense.Row(x, j) {
					mean[m] += float64(v)
				}
			}
		}
		var dot, a, b float64
		for m, v := range dense.Row(x, i) {
			dot, a, b = dot+float64(v)*mean[m], a+float64(v)*float64(v), b+mean[m]*mean[m]
		}
		return 1 - dot/math.Sqrt(a*b)
	}
	var sum float64
	counted := 0
	size := make([]int, k)
	for _, c := range part {
		if c >= 0 {
			size[c]++
		}
	}
	for i, own := range part {
		if own < 0 {
			continue
		}
		if counted++; size[own] == 1 {
			continue
		}
		a := math.Inf(1)
		for c := range k {
			if c != int(own) {
				a = min(a, distance(i, c))
			}
		}
		b := distance(i, int(own))
		sum += (a - b) / max(a, b)
	}
	return sum / float64(counted)
}

// Each row is measured against the others of its community; outliers do not count, a row alone counts 0.
func TestSilhouetteWithinTolerance(t *testing.T) {
	x, g, truth := planted(4, 20)
	s := newScorer(x, g, nil, x.Rows)
	part := make([]int32, x.Rows)
	for i, c := range truth {
		part[i] = int32(c)
	}
	require.InDelta(t, slowSilhouette(x, part, 4), s.silhouette(part, 4), 1e-5)
	part[0], part[1], part[2], part[7] = 4, -1, 0, 1
	require.InDelta(t, slowSilhouette(x, part, 5), s.silhouette(part, 5), 1e-5)
}

// Communities of noise do not look the better for being small: a row is not near to a mean because it counts in it.
func TestSilhouetteOfNoiseStatistically(t *testing.T) {
	x := noise(2000, 40)
	s := newScorer(x, sparse.CSR[float32]{}, nil, x.Rows)
	for _, size := range []int{4, 10, 100} {
		part := make([]int32, x.Rows)
		for i := range part {
			part[i] = int32(i / size)
		}
		require.Less(t, s.silhouette(part, x.Rows/size), 0.0, "communities of %d rows", size)
	}
}

// Rows that are all the same are as near to their own as can be, and rows that cancel out have no others to be near to.
func TestSilhouetteOfEqualAndOpposedRowsExact(t *testing.T) {
	x := blas32.General{Rows: 4, Cols: 2, Stride: 2, Data: []float32{1, 0, 1, 0, 0, 1, 0, 1}}
	s := newScorer(x, sparse.CSR[float32]{}, nil, 4)
	require.Equal(t, 1.0, s.silhouette([]int32{0, 0, 1, 1}, 2))

	x.Data = []float32{1, 0, 1, 0, -1, 0, 0, 1} // the others of the first have no mean direction
	s = newScorer(x, sparse.CSR[float32]{}, nil, 4)
	require.False(t, math.IsNaN(s.silhouette([]int32{0, 0, 0, 1}, 2)))
}
