package eigen

import (
	"context"
	"math"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// Largest returns the k largest eigenvalues of the symmetric d×d matrix a, the largest first, and
// orthogonal unit eigenvectors. a is overwritten. The matrix is made tridiagonal by reflections, its
// eigenvalues are bracketed by bisection and its vectors found by inverse iteration (Golub and Van
// Loan, Matrix Computations, sections 8.3 and 8.4): k of them cost much less than all. It fails with
// the cause of a canceled ctx.
func Largest(ctx context.Context, a []float64, d, k int) ([]float64, [][]float64, error) {
	diag, off, err := tridiagonal(ctx, a, d)
	if err != nil {
		return nil, nil, err
	}
	scale, before := 0.0, 0.0 // no eigenvalue is larger (Gershgorin)
	for i := range d {
		scale = max(scale, math.Abs(diag[i])+math.Abs(before)+math.Abs(off[i]))
		before = off[i]
	}
	values := make([]float64, k)
	vectors := make([][]float64, k)
	for c := range k {
		if err := context.Cause(ctx); err != nil {
			return nil, nil, err
		}
		values[c] = eigenvalue(diag, off, c, scale)
		vectors[c] = inverseIteration(diag, off, values[c], scale, vectors[:c], uint64(c))
	}
	for _, v := range vectors {
		if err := context.Cause(ctx); err != nil {
			return nil, nil, err
		}
		reflectBack(a, v, d)
	}
	return values, vectors, nil
}

// tridiagonal reduces a to a diagonal and what stands beside it: off[i] couples i and i+1, and off[d−1] is 0. Row i of a
// keeps the reflection that cleared it, in its places from i+1 on: I − u uᵀ with |u|² = 2, or zeros for none.
func tridiagonal(ctx context.Context, a []float64, d int) (diag, off []float64, err error) {
	diag, off = make([]float64, d), make([]float64, d)
	p := make([]float64, d)
	for i := range d {
		if i%16 == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, nil, err
			}
		}
		diag[i] = a[i*d+i]
		if i == d-1 {
			break
		}
		u := a[i*d+i+1 : (i+1)*d]
		largest := 0.0
		for _, v := range u {
			largest = max(largest, math.Abs(v))
		}
		if largest == 0 {
			continue
		}
		norm := 0.0
		for _, v := range u {
			norm += float64((v / largest) * (v / largest))
		}
		norm = largest * math.Sqrt(norm)
		if u[0] > 0 {
			norm = -norm
		}
		off[i] = norm
		// u − norm e₁, brought to the length √2.
		lead := u[0] - norm
		length := math.Sqrt(-norm) * math.Sqrt(lead)
		if norm > 0 {
			length = math.Sqrt(norm) * math.Sqrt(-lead)
		}
		u[0] = lead
		for j := range u {
			u[j] /= length
		}
		// What is left becomes H B H = B − u wᵀ − w uᵀ with w = B u − (uᵀ B u / 2) u.
		m := len(u)
		w := p[:m]
		clear(w)
		b := func(r int) []float64 { return a[(i+1+r)*d+i+1 : (i+2+r)*d][:m] }
		for r := range m { // of the symmetric B the upper half is enough
			at := b(r)
			sum, ur := float64(at[r]*u[r]), u[r]
			for j := r + 1; j < m; j++ {
				sum += float64(at[j] * u[j])
				w[j] += float64(at[j] * ur)
			}
			w[r] += sum
		}
		half := 0.0
		for r, v := range u {
			half += float64(v * w[r])
		}
		half /= 2
		for r, v := range u {
			w[r] -= float64(half * v)
		}
		for r := range m {
			at, ur, wr := b(r), u[r], w[r]
			for j := r; j < m; j++ {
				at[j] -= float64(ur*w[j]) + float64(wr*u[j])
			}
		}
	}
	return diag, off, nil
}

// reflectBack turns an eigenvector of the tridiagonal matrix into one of a.
func reflectBack(a, v []float64, d int) {
	for i := d - 2; i >= 0; i-- {
		u, at := a[i*d+i+1:(i+1)*d], v[i+1:]
		dot := 0.0
		for j, x := range u {
			dot += float64(x * at[j])
		}
		for j, x := range u {
			at[j] -= float64(dot * x)
		}
	}
}

// eigenvalue is the c-th largest, from 0, to the last bits that scale leaves.
func eigenvalue(diag, off []float64, c int, scale float64) float64 {
	lo, hi := -scale, scale
	tiny := math.SmallestNonzeroFloat64 * (1 << 52)
	for range 120 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi || hi-lo <= 0x1p-54*scale {
			break
		}
		// As many are above mid as the pivots of T − mid that are positive (Sylvester).
		above, pivot, before := 0, 1.0, 0.0
		for i, v := range diag {
			pivot = v - mid - float64(before*before)/pivot
			if math.Abs(pivot) < tiny {
				pivot = -tiny
			}
			if pivot > 0 {
				above++
			}
			before = off[i]
		}
		if above > c {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}

// inverseIteration is a unit vector of the eigenvalue, orthogonal to others.
func inverseIteration(diag, off []float64, value, scale float64, others [][]float64, item uint64) []float64 {
	d := len(diag)
	s := rng.New(0, item)
	v := make([]float64, d)
	for i := range v {
		v[i] = s.Float64() - 0.5
	}
	unit(v, others)
	if scale == 0 {
		return v
	}
	f := factor(diag, off, value, 0x1p-53*scale)
	for range 4 {
		f.solve(v)
		if !unit(v, others) { // nothing was left: begin elsewhere
			for i := range v {
				v[i] = s.Float64() - 0.5
			}
			unit(v, others)
		}
	}
	return v
}

// unit makes v orthogonal to others and gives it the length 1; false when there is nothing of it outside them.
func unit(v []float64, others [][]float64) bool {
	if !normalize(v) {
		return false
	}
	for range 2 { // once more for what rounding left
		for _, o := range others {
			dot := 0.0
			for i, x := range o {
				dot += float64(x * v[i])
			}
			for i, x := range o {
				v[i] -= float64(dot * x)
			}
		}
		if !normalize(v) {
			return false
		}
	}
	return true
}

func normalize(v []float64) bool {
	largest := 0.0
	for _, x := range v {
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 || math.IsInf(largest, 0) || largest != largest {
		return false
	}
	sum := 0.0
	for i := range v {
		v[i] /= largest
		sum += float64(v[i] * v[i])
	}
	length := math.Sqrt(sum)
	for i := range v {
		v[i] /= length
	}
	return true
}

// factors is T − value as L U with rows exchanged: U has two diagonals above its own.
type factors struct {
	u0, u1, u2, l []float64
	swapped       []bool
}

// factor replaces pivots that vanish by least, which is what makes the iteration find the vector.
func factor(diag, off []float64, value, least float64) factors {
	d := len(diag)
	f := factors{make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d), make([]bool, d)}
	pivot, right := diag[0]-value, off[0]
	for i := range d - 1 {
		below, next, after := off[i], diag[i+1]-value, off[i+1]
		if f.swapped[i] = math.Abs(below) > math.Abs(pivot); f.swapped[i] {
			f.l[i] = pivot / below
			f.u0[i], f.u1[i], f.u2[i] = below, next, after
			pivot, right = right-float64(f.l[i]*next), -float64(f.l[i]*after)
			continue
		}
		if math.Abs(pivot) < least {
			pivot = least
		}
		f.l[i] = below / pivot
		f.u0[i], f.u1[i] = pivot, right
		pivot, right = next-float64(f.l[i]*right), after
	}
	if math.Abs(pivot) < least {
		pivot = least
	}
	f.u0[d-1] = pivot
	return f
}

// solve replaces v by the solution of (T − value) x = v.
func (f factors) solve(v []float64) {
	d := len(v)
	for i := range d - 1 {
		if f.swapped[i] {
			v[i], v[i+1] = v[i+1], v[i]
		}
		v[i+1] -= float64(f.l[i] * v[i])
	}
	for i := d - 1; i >= 0; i-- {
		x := v[i]
		if i+1 < d {
			x -= float64(f.u1[i] * v[i+1])
		}
		if i+2 < d {
			x -= float64(f.u2[i] * v[i+2])
		}
		v[i] = x / f.u0[i]
	}
}
