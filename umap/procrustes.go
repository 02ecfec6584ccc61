package umap

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/eigen"
)

// turn turns the positions in y, by rotation and reflection, to where the rows that are in base as well are nearest to
// where they are there (Schönemann 1966, doi:10.1007/BF02289451).
func turn(base, y blas32.General, r Relation) {
	dim := y.Cols
	m := make([]float64, dim*dim) // yᵀ·base over the rows in common
	for _, pair := range r {
		a, b := base.Data[pair[0]*base.Stride:][:dim], y.Data[pair[1]*y.Stride:][:dim]
		for p, v := range b {
			for q, w := range a {
				m[p*dim+q] += float64(v) * float64(w)
			}
		}
	}
	// m = U·S·Vᵀ; the turn is U·Vᵀ. V and S² are the eigenvectors and eigenvalues of mᵀ·m.
	square := make([]float64, dim*dim)
	for p := range dim {
		for q := range dim {
			for k := range dim {
				square[p*dim+q] += float64(m[k*dim+p] * m[k*dim+q])
			}
		}
	}
	values, v := eigen.Symmetric(square, dim)
	if !(values[0] > 0) {
		return // nothing in common: any turn is as good
	}
	u := make([][]float64, dim)
	for k := range dim {
		u[k] = make([]float64, dim)
		if values[k] > 1e-12*values[0] {
			for p := range dim {
				u[k][p] = eigen.Dot(m[p*dim:p*dim+dim], v[k])
			}
		}
		complete(u, k)
	}
	out := make([]float64, dim)
	for i := range y.Rows {
		own := y.Data[i*y.Stride:][:dim]
		clear(out)
		for k := range dim {
			along := 0.0
			for p, w := range own {
				along += float64(float64(w) * u[k][p])
			}
			eigen.AddScaled(out, v[k], along)
		}
		for d, w := range out {
			own[d] = float32(w)
		}
	}
}

// complete makes vector k orthogonal to those before it and of length 1, beginning, where nothing is left of it, from the
// first unit vector of which something is.
func complete(u [][]float64, k int) {
	dim := len(u[k])
	for try := -1; try < dim; try++ {
		if try >= 0 {
			clear(u[k])
			u[k][try] = 1
		}
		before := math.Sqrt(eigen.Dot(u[k], u[k]))
		for range 2 {
			for _, w := range u[:k] {
				eigen.AddScaled(u[k], w, -eigen.Dot(u[k], w))
			}
		}
		if length := math.Sqrt(eigen.Dot(u[k], u[k])); length > 1e-6*before && length > 0 {
			for d := range u[k] {
				u[k][d] /= length
			}
			return
		}
	}
}
