package umap

import (
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

// FindAB is the a and b for which 1/(1 + a·d^(2b)) is nearest, by least squares over 300 points of [0, 3·spread], to the
// curve that is 1 up to minDist and exp(−(d−minDist)/spread) beyond. It is find_ab_params of umap-learn 0.5.12. It wants
// 0 ≤ minDist ≤ spread and spread > 0, and gives NaN otherwise.
func FindAB(minDist, spread float64) (a, b float64) {
	if !(minDist >= 0 && minDist <= spread && spread > 0 && spread < math.Inf(1)) {
		return math.NaN(), math.NaN()
	}
	const points = 300
	var x, y, logX [points]float64
	for i := range points {
		x[i] = 3 * spread * float64(i) / (points - 1)
		y[i] = 1
		if x[i] >= minDist {
			y[i] = bitmath.Exp(-(x[i] - minDist) / spread)
		}
		if i > 0 {
			logX[i] = bitmath.Log(x[i])
		}
	}
	// Levenberg and Marquardt's method in (log a, b): a stays positive for any spread, and the minimum is the same.
	// cost gives the sum of squares and, where asked, the normal equations at the point.
	type normal struct{ aa, ab, bb, ga, gb float64 }
	cost := func(la, b float64, eq *normal) float64 {
		sum := 0.0
		for i := range points {
			u, du := 0.0, 0.0 // u = a·x^(2b); du its derivative by b, which is u's derivative by log a times 2·log x
			if i > 0 {
				u = bitmath.Exp(la + float64(2*b*logX[i]))
				du = float64(2*u) * logX[i]
			}
			f := 1 / (1 + u)
			r := f - y[i]
			sum += float64(r * r)
			if eq != nil {
				ja, jb := -float64(f*f)*u, -float64(f*f)*du
				if math.IsInf(u, 1) {
					ja, jb = 0, 0
				}
				eq.aa += float64(ja * ja)
				eq.ab += float64(ja * jb)
				eq.bb += float64(jb * jb)
				eq.ga += float64(ja * r)
				eq.gb += float64(jb * r)
			}
		}
		return sum
	}
	b = 1
	la := -2 * bitmath.Log(spread) // the curve of a = b = 1 for spread 1, scaled
	damp := 1e-3
	var eq normal
	best := cost(la, b, &eq)
	for range 200 {
		aa, bb := float64(eq.aa*(1+damp)), float64(eq.bb*(1+damp))
		det := float64(aa*bb) - float64(eq.ab*eq.ab)
		if !(det > 0) {
			break
		}
		da := -(float64(bb*eq.ga) - float64(eq.ab*eq.gb)) / det
		db := -(float64(aa*eq.gb) - float64(eq.ab*eq.ga)) / det
		var next normal
		c := cost(la+da, b+db, &next)
		if !(c <= best) || b+db <= 0 {
			damp *= 10
			if damp > 1e12 {
				break
			}
			continue
		}
		la, b, best, eq = la+da, b+db, c, next
		damp = max(damp/10, 1e-12)
		if math.Abs(da) < 1e-12 && math.Abs(db) < 1e-12 {
			break
		}
	}
	return bitmath.Exp(la), b
}
