package eigen

import (
	"math"
	"slices"
)

// Symmetric returns all eigenvalues of the symmetric n×n matrix a, the largest first, and unit
// eigenvectors, by Jacobi's rotations (Golub and Van Loan, Matrix Computations, section 8.5). It is
// for small matrices: time grows with n³ per sweep, and about eight sweeps are needed. a is not changed.
func Symmetric(a []float64, n int) (values []float64, vectors [][]float64) {
	a = slices.Clone(a[:n*n])
	v := make([]float64, n*n) // row i is the i-th eigenvector
	for i := range n {
		v[i*n+i] = 1
	}
	for range 60 { // sweeps; about eight are needed
		off, diagonal := 0.0, 0.0
		for i := range n {
			diagonal += float64(a[i*n+i] * a[i*n+i])
			for j := range i {
				off += float64(a[i*n+j] * a[i*n+j])
			}
		}
		if off <= 1e-34*(diagonal+off) {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				apq := a[p*n+q]
				if apq == 0 {
					continue
				}
				theta := (a[q*n+q] - a[p*n+p]) / (2 * apq)
				t := 1 / (math.Abs(theta) + math.Sqrt(float64(theta*theta)+1))
				if theta < 0 {
					t = -t
				}
				c := 1 / math.Sqrt(float64(t*t)+1)
				s := t * c
				rotate(a[p*n:p*n+n], a[q*n:q*n+n], c, s)
				for i := range n {
					x, y := a[i*n+p], a[i*n+q]
					a[i*n+p] = float64(c*x) - float64(s*y)
					a[i*n+q] = float64(s*x) + float64(c*y)
				}
				a[p*n+q], a[q*n+p] = 0, 0
				rotate(v[p*n:p*n+n], v[q*n:q*n+n], c, s)
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch d := a[j*n+j] - a[i*n+i]; {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	values = make([]float64, n)
	vectors = make([][]float64, n)
	for to, from := range order {
		values[to] = a[from*n+from]
		vectors[to] = v[from*n : from*n+n]
	}
	return values, vectors
}

func rotate(p, q []float64, c, s float64) {
	q = q[:len(p)]
	for i, x := range p {
		y := q[i]
		p[i] = float64(c*x) - float64(s*y)
		q[i] = float64(s*x) + float64(c*y)
	}
}
