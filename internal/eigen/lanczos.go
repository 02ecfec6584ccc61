package eigen

import (
	"context"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// Lanczos describes the search for the K largest eigenvalues of a symmetric operator of order N and
// their eigenvectors.
//
// It is the Lanczos method with thick restarts (Wu and Simon 2000, doi:10.1137/S0895479898334605),
// every new vector orthogonalized twice against all the others. That takes a bounded number of
// products with the operator and bounded memory, and unlike plain Lanczos does not give an
// eigenvalue twice. The result is the same for any number of workers.
type Lanczos struct {
	N, K int // 1 ≤ K ≤ N
	// Mul writes the product of the operator and src to dst.
	Mul func(ctx context.Context, dst, src []float64) error
	// Stream returns the random stream of a start vector: 0 is the first, the others serve restarts.
	Stream  func(number uint64) rng.Stream
	Workers int // number of goroutines, 0 for GOMAXPROCS
}

// NotConvergedError reports a search that ended before its eigenvectors were found.
type NotConvergedError struct {
	Order    int
	Residual float64 // the largest ‖A·v − λ·v‖, relative to the largest |λ|
}

func (e *NotConvergedError) Error() string {
	return fmt.Sprintf("the eigenvectors of a matrix of order %d did not converge (relative residual %.1g)", e.Order, e.Residual)
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

// Solve returns unit eigenvectors, those of the largest eigenvalues first. The entry of the largest
// magnitude of each is positive. It fails with a [*NotConvergedError], an error of Mul, or the cause
// of a canceled ctx.
func (e Lanczos) Solve(ctx context.Context) ([][]float64, error) {
	m := min(e.N, max(lanczosVectors, 2*e.K+20))
	basis := make([][]float64, m+1)
	for i := range basis {
		basis[i] = make([]float64, e.N)
	}
	e.random(basis[0], 0)
	if _, err := e.orthogonalize(ctx, basis[:0], basis[0], nil); err != nil {
		return nil, err
	}

	restarts := min(max(int(lanczosRestarts*lanczosOrder/float64(e.N)), lanczosFewest), lanczosRestarts)
	t := make([]float64, m*m) // the operator in the basis
	keep := 0
	for restart := 0; ; restart++ {
		last := 0.0 // the length of what the basis leaves over of A·(its last vector)
		for j := keep; j < m; j++ {
			if err := e.Mul(ctx, basis[j+1], basis[j]); err != nil {
				return nil, err
			}
			length, err := e.orthogonalize(ctx, basis[:j+1], basis[j+1], &t[j*m+j])
			if err != nil {
				return nil, err
			}
			if length < breakdown { // the basis holds an invariant subspace: go on from a new direction
				length = 0
				e.random(basis[j+1], uint64(1+restart*m+j))
				if j+1 < e.N {
					if _, err := e.orthogonalize(ctx, basis[:j+1], basis[j+1], nil); err != nil {
						return nil, err
					}
				}
			}
			if j+1 < m {
				t[j*m+j+1], t[(j+1)*m+j] = length, length
			}
			last = length
		}

		values, vectors := Symmetric(t, m)
		scale := max(math.Abs(values[0]), math.Abs(values[m-1]), math.SmallestNonzeroFloat64)
		residual := 0.0
		for i := range e.K {
			residual = max(residual, math.Abs(last*vectors[i][m-1])/scale)
		}
		done := residual <= lanczosTarget || m == e.N || restart == restarts
		keep = min(e.K+(m-e.K)/2, m-1)
		if done {
			keep = e.K
		}
		if err := e.combine(ctx, basis[:m], vectors[:keep]); err != nil {
			return nil, err
		}
		if done {
			if m < e.N && residual > lanczosEnough {
				return nil, &NotConvergedError{Order: e.N, Residual: residual}
			}
			for _, v := range basis[:e.K] {
				MakePositive(v)
			}
			return basis[:e.K], nil
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
func (e Lanczos) random(v []float64, number uint64) {
	s := e.Stream(number)
	for i := range v {
		v[i] = s.Float64() - 0.5
	}
}

// orthogonalize takes out of w its parts along the basis, makes its length 1, and gives the length that was left,
// relative to nothing. The part along the last vector of the basis is put into along.
func (e Lanczos) orthogonalize(ctx context.Context, basis [][]float64, w []float64, along *float64) (float64, error) {
	blocks := (e.N + lanczosBlock - 1) / lanczosBlock
	loop := parallel.Loop{Workers: e.Workers, Block: lanczosBlock}
	parts := make([]float64, blocks*(len(basis)+1))
	width := len(basis) + 1
	sum := make([]float64, len(basis))
	total := 0.0
	for range 2 {
		err := loop.Run(ctx, e.N, func(_, lo, hi int) error {
			p := parts[lo/lanczosBlock*width:][:width]
			for i, v := range basis {
				p[i] = Dot(v[lo:hi], w[lo:hi])
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
		err = loop.Run(ctx, e.N, func(_, lo, hi int) error {
			for i, v := range basis {
				AddScaled(w[lo:hi], v[lo:hi], -sum[i])
			}
			parts[lo/lanczosBlock*width+width-1] = Dot(w[lo:hi], w[lo:hi])
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
		if err := loop.Run(ctx, e.N, func(_, lo, hi int) error {
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
func (e Lanczos) combine(ctx context.Context, basis, by [][]float64) error {
	const block = 64
	workers := parallel.Workers(e.Workers)
	scratch := make([][]float64, workers)
	return parallel.Loop{Workers: workers, Block: block}.Run(ctx, e.N, func(worker, lo, hi int) error {
		if scratch[worker] == nil {
			scratch[worker] = make([]float64, len(by)*block)
		}
		s := scratch[worker]
		clear(s)
		for i, c := range by {
			for j, v := range basis {
				AddScaled(s[i*block:][:hi-lo], v[lo:hi], c[j])
			}
		}
		for i := range by {
			copy(basis[i][lo:hi], s[i*block:])
		}
		return nil
	})
}

// Dense returns the unit eigenvectors of the k largest eigenvalues of the symmetric n×n matrix a, the
// largest first, by [Symmetric] for small matrices and by [Lanczos] with the given stream of start
// vectors for others. The entry of the largest magnitude of each is positive. a is not changed.
func Dense(ctx context.Context, a []float64, n, k int, stream func(number uint64) rng.Stream, workers int) ([][]float64, error) {
	if n <= lanczosVectors {
		_, vectors := Symmetric(a, n)
		for _, v := range vectors {
			MakePositive(v)
		}
		return vectors[:k], nil
	}
	return Lanczos{
		N: n, K: k, Stream: stream, Workers: workers,
		Mul: func(ctx context.Context, dst, src []float64) error {
			return parallel.Loop{Workers: workers, Block: 64}.Run(ctx, n, func(_, lo, hi int) error {
				for i := lo; i < hi; i++ {
					dst[i] = Dot(a[i*n:i*n+n], src)
				}
				return nil
			})
		},
	}.Solve(ctx)
}
