package umap

import (
	"context"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// eigenvectors finds the k largest eigenvalues of a symmetric operator of order n and their eigenvectors, largest first.
//
// It is the Lanczos method with thick restarts (Wu and Simon 2000, doi:10.1137/S0895479898334605), every new vector
// orthogonalised twice against all the others. That takes a bounded number of products with the operator and bounded
// memory, and unlike plain Lanczos does not give an eigenvalue twice.
type eigenvectors struct {
	n, k    int
	mul     func(ctx context.Context, dst, src []float64) error // dst = A·src
	seed    uint64                                              // of the first vector
	workers int

	// What solve leaves.
	values   []float64
	vectors  [][]float64
	residual float64 // the largest ‖A·v − λ·v‖, relative to the largest |λ|
}

const (
	lanczosVectors  = 60    // the least size of the basis; ncv of ARPACK
	lanczosRestarts = 60    // restarts before giving up, for orders up to
	lanczosOrder    = 1e5   // beyond which there are fewer, as each costs more,
	lanczosFewest   = 6     // but no fewer than these
	lanczosTarget   = 1e-6  // the relative residual to aim at
	lanczosEnough   = 1e-3  // and the one that is good enough after the last restart
	lanczosBlock    = 2048  // rows per unit of work; fixes the order of every sum
	breakdown       = 1e-13 // a new direction shorter than this is rounding noise
)

// solve reports whether the eigenvectors were found to lanczosEnough.
func (e *eigenvectors) solve(ctx context.Context) (bool, error) {
	m := min(e.n, max(lanczosVectors, 2*e.k+20))
	basis := make([][]float64, m+1)
	for i := range basis {
		basis[i] = make([]float64, e.n)
	}
	e.random(basis[0], 0)
	if _, err := e.orthogonalise(ctx, basis[:0], basis[0], nil); err != nil {
		return false, err
	}

	restarts := min(max(int(lanczosRestarts*lanczosOrder/float64(e.n)), lanczosFewest), lanczosRestarts)
	t := make([]float64, m*m) // the operator in the basis
	keep := 0
	for restart := 0; ; restart++ {
		last := 0.0 // the length of what the basis leaves over of A·(its last vector)
		for j := keep; j < m; j++ {
			if err := e.mul(ctx, basis[j+1], basis[j]); err != nil {
				return false, err
			}
			length, err := e.orthogonalise(ctx, basis[:j+1], basis[j+1], &t[j*m+j])
			if err != nil {
				return false, err
			}
			if length < breakdown { // the basis holds an invariant subspace: go on from a new direction
				length = 0
				e.random(basis[j+1], uint64(1+restart*m+j))
				if j+1 < e.n {
					if _, err := e.orthogonalise(ctx, basis[:j+1], basis[j+1], nil); err != nil {
						return false, err
					}
				}
			}
			if j+1 < m {
				t[j*m+j+1], t[(j+1)*m+j] = length, length
			}
			last = length
		}

		values, vectors := symmetricEigen(t, m)
		scale := max(math.Abs(values[0]), math.Abs(values[m-1]), math.SmallestNonzeroFloat64)
		e.residual = 0
		for i := range e.k {
			e.residual = max(e.residual, math.Abs(last*vectors[i][m-1])/scale)
		}
		done := e.residual <= lanczosTarget || m == e.n || restart == restarts
		keep = min(e.k+(m-e.k)/2, m-1)
		if done {
			keep = e.k
		}
		if err := e.combine(ctx, basis[:m], vectors[:keep]); err != nil {
			return false, err
		}
		if done {
			e.values = values[:e.k]
			e.vectors = basis[:e.k]
			for _, v := range e.vectors {
				positive(v)
			}
			return m == e.n || e.residual <= lanczosEnough, nil
		}
		basis[keep], basis[m] = basis[m], basis[keep]
		clear(t)
		for i := range keep {
			t[i*m+i] = values[i]
			coupling := last * vectors[i][m-1]
			t[i*m+keep], t[keep*m+i] = coupling, coupling
		}
	}
}

// random fills v from the stream of the given number.
func (e *eigenvectors) random(v []float64, number uint64) {
	s := rng.New(e.seed, streamLanczos, number)
	for i := range v {
		v[i] = s.Float64() - 0.5
	}
}

// orthogonalise takes out of w its parts along the basis, makes its length 1, and gives the length that was left,
// relative to nothing. The part along the last vector of the basis is put into along.
func (e *eigenvectors) orthogonalise(ctx context.Context, basis [][]float64, w []float64, along *float64) (float64, error) {
	blocks := (e.n + lanczosBlock - 1) / lanczosBlock
	loop := parallel.Loop{Workers: e.workers, Block: lanczosBlock}
	parts := make([]float64, blocks*(len(basis)+1))
	width := len(basis) + 1
	sum := make([]float64, len(basis))
	total := 0.0
	for range 2 {
		err := loop.Run(ctx, e.n, func(_, lo, hi int) error {
			p := parts[lo/lanczosBlock*width:][:width]
			for i, v := range basis {
				p[i] = dot64(v[lo:hi], w[lo:hi])
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		for i := range sum {
			sum[i] = 0
			for b := range blocks {
				sum[i] += parts[b*width+i]
			}
		}
		err = loop.Run(ctx, e.n, func(_, lo, hi int) error {
			for i, v := range basis {
				axpy64(w[lo:hi], v[lo:hi], -sum[i])
			}
			parts[lo/lanczosBlock*width+width-1] = dot64(w[lo:hi], w[lo:hi])
			return nil
		})
		if err != nil {
			return 0, err
		}
		if len(sum) > 0 {
			total += sum[len(sum)-1]
		}
	}
	length := 0.0
	for b := range blocks {
		length += parts[b*width+width-1]
	}
	length = math.Sqrt(length)
	if length > 0 {
		inverse := 1 / length
		if err := loop.Run(ctx, e.n, func(_, lo, hi int) error {
			for i := lo; i < hi; i++ {
				w[i] *= inverse
			}
			return nil
		}); err != nil {
			return 0, err
		}
	}
	if along != nil {
		*along = total
	}
	return length, nil
}

// combine replaces the first vectors of the basis by the given combinations of all of them.
func (e *eigenvectors) combine(ctx context.Context, basis, by [][]float64) error {
	const block = 64
	workers := parallel.Workers(e.workers)
	scratch := make([][]float64, workers)
	return parallel.Loop{Workers: workers, Block: block}.Run(ctx, e.n, func(worker, lo, hi int) error {
		if scratch[worker] == nil {
			scratch[worker] = make([]float64, len(by)*block)
		}
		s := scratch[worker]
		clear(s)
		for i, c := range by {
			for j, v := range basis {
				axpy64(s[i*block:][:hi-lo], v[lo:hi], c[j])
			}
		}
		for i := range by {
			copy(basis[i][lo:hi], s[i*block:])
		}
		return nil
	})
}

// positive gives v the sign that makes its largest entry (the first of them) positive.
func positive(v []float64) {
	at := 0
	for i, x := range v {
		if math.Abs(x) > math.Abs(v[at]) {
			at = i
		}
	}
	if len(v) > 0 && v[at] < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
}

// dot64 sums in four parts, in a fixed order.
func dot64(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += float64(x[0] * y[0])
		s1 += float64(x[1] * y[1])
		s2 += float64(x[2] * y[2])
		s3 += float64(x[3] * y[3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// axpy64 adds c·x to y.
func axpy64(y, x []float64, c float64) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += float64(c * v)
	}
}

// symmetricEigen finds all eigenvalues of the symmetric n×n matrix a, largest first, and their eigenvectors, by Jacobi's
// rotations (Golub and Van Loan, Matrix Computations, section 8.5). It is for small matrices; a is not changed.
func symmetricEigen(a []float64, n int) (values []float64, vectors [][]float64) {
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
