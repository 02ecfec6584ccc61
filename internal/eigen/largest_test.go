package eigen

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/pca"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// jacobi is all eigenvalues of a symmetric matrix, falling: the slow twin of Largest.
func jacobi(a []float64, d int) []float64 {
	a = slices.Clone(a)
	for range 60 {
		for p := range d {
			for q := p + 1; q < d; q++ {
				if a[p*d+q] == 0 {
					continue
				}
				theta := (a[q*d+q] - a[p*d+p]) / (2 * a[p*d+q])
				t := math.Copysign(1, theta) / (math.Abs(theta) + math.Hypot(1, theta))
				c := 1 / math.Hypot(1, t)
				s := t * c
				for k := range d {
					x, y := a[k*d+p], a[k*d+q]
					a[k*d+p], a[k*d+q] = c*x-s*y, s*x+c*y
				}
				for k := range d {
					x, y := a[p*d+k], a[q*d+k]
					a[p*d+k], a[q*d+k] = c*x-s*y, s*x+c*y
				}
			}
		}
	}
	values := make([]float64, d)
	for i := range values {
		values[i] = a[i*d+i]
	}
	slices.SortFunc(values, func(x, y float64) int {
		if x > y {
			return -1
		}
		return 1
	})
	return values
}

// Products of few columns have eigenvalues that are 0, columns that are alike have equal ones, and blocks leave nothing
// beside the diagonal.
func TestLargestEigenAgainstTwinWithinTolerance(t *testing.T) {
	s := rng.New(1)
	for trial := range 300 {
		d, n := 1+s.Intn(24), 1+s.Intn(30)
		x := make([]float64, n*d)
		for i := range x {
			switch trial % 4 {
			case 0, 1:
				x[i] = s.Float64() - 0.5
			case 2: // small whole numbers
				x[i] = float64(s.Intn(3) - 1)
			case 3: // one column in each row
				if s.Intn(d) == 0 {
					x[i] = float64(1 + s.Intn(2))
				}
			}
			if trial%4 == 1 {
				x[i] *= math.Pow(10, -float64(i%d)) // of very different sizes
			}
		}
		g := make([]float64, d*d)
		require.NoError(t, pca.AddGram(t.Context(), g, x, d, 1))
		pca.Mirror(g, d)
		k := 1 + s.Intn(d)
		want := jacobi(g, d)
		values, vectors, err := Largest(t.Context(), slices.Clone(g), d, k)
		require.NoError(t, err)
		scale := max(want[0], 1e-300)
		for c, v := range vectors {
			require.InDelta(t, want[c], values[c], 1e-13*scale*float64(d))
			for i := range d {
				sum := 0.0
				for j, y := range v {
					sum += g[i*d+j] * y
				}
				require.InDelta(t, values[c]*v[i], sum, 1e-12*scale, "trial %d: not an eigenvector", trial)
			}
			for o := range c + 1 {
				dot := 0.0
				for j, y := range v {
					dot += y * vectors[o][j]
				}
				want := 0.0
				if o == c {
					want = 1
				}
				require.InDelta(t, want, dot, 1e-13)
			}
		}
	}
}
