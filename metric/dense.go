package metric

import (
	"math"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// dot is the inner product, in eight sums: column k goes to sum k mod 8.
func dot(a, b []float32) float64 { return simd.Best().Dot64(a, b) }

// squares is the sum of squared differences, in eight sums like dot.
func squares(a, b []float32) float64 { return simd.Best().Squares64(a, b) }

func square(a, b float32) float64 {
	d := float64(a) - float64(b)
	return float64(d * d)
}

func sum(a []float32) float64 {
	s := 0.0
	for _, v := range a {
		s += float64(v)
	}
	return s
}

func mean(a []float32) float64 {
	if len(a) == 0 {
		return 0
	}
	return sum(a) / float64(len(a))
}

// centered is the inner product of rows less their means, in four sums.
func centred(a, b []float32, ma, mb float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64((float64(a[0]) - ma) * (float64(b[0]) - mb))
		s1 += float64((float64(a[1]) - ma) * (float64(b[1]) - mb))
		s2 += float64((float64(a[2]) - ma) * (float64(b[2]) - mb))
		s3 += float64((float64(a[3]) - ma) * (float64(b[3]) - mb))
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += float64((float64(v) - ma) * (float64(b[i]) - mb))
	}
	return (s0 + s1) + (s2 + s3)
}

// roots is the sum of the roots of the products, exactly sum(a) for two equal rows.
func roots(a, b []float32) float64 {
	b = b[:len(a)]
	s := 0.0
	for i, v := range a {
		s += math.Sqrt(float64(v) * float64(b[i]))
	}
	return s
}

// cosine is the distance of rows with the product ab, whose products with themselves are aa and bb. The root of a square
// is exact, so it is 0 for equal rows.
func cosine(ab, aa, bb float64) float64 {
	switch {
	case aa == 0 && bb == 0:
		return 0
	case aa == 0 || bb == 0:
		return 1
	}
	return min(max(1-ab/math.Sqrt(aa*bb), 0), 2)
}

// correlation is cosine of rows less their means. Rounding leaves a little of a row whose values are nearly equal, and its
// products can be lost altogether.
func correlation(ab, aa, bb float64) float64 {
	if ab == 0 && (aa != 0 || bb != 0) {
		return 1
	}
	return cosine(ab, aa, bb)
}

// hellinger is the distance of rows with the sum ab of roots of products, whose sums are a and b.
func hellinger(ab, a, b float64) float64 {
	switch {
	case a == 0 && b == 0:
		return 0
	case a == 0 || b == 0:
		return 1
	}
	return math.Sqrt(max(1-ab/math.Sqrt(a*b), 0))
}

func euclidean(a, b []float32) float64 { return math.Sqrt(squares(a, b)) }

func manhattan(a, b []float32) float64 { return simd.Best().Absolute64(a, b) }

func difference(a, b float32) float64 { return math.Abs(float64(a) - float64(b)) }

func chebyshev(a, b []float32) float64 {
	b = b[:len(a)]
	d := 0.0
	for i, v := range a {
		if e := difference(v, b[i]); e > d {
			d = e
		}
	}
	return d
}

func canberra(a, b []float32) float64 {
	b = b[:len(a)]
	s := 0.0
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		if n := math.Abs(x) + math.Abs(y); n > 0 {
			s += math.Abs(x-y) / n
		}
	}
	return s
}

func brayCurtis(a, b []float32) float64 {
	b = b[:len(a)]
	above, below := 0.0, 0.0
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		above += math.Abs(x - y)
		below += math.Abs(x + y)
	}
	if below == 0 {
		return 0
	}
	return above / below
}

func hamming(a, b []float32) float64 {
	b = b[:len(a)]
	n := 0
	for i, v := range a {
		if v != b[i] {
			n++
		}
	}
	return ratio(n, len(a))
}

func ratio(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// shared counts the columns in which both rows are not 0 and those in which one of them is.
func shared(a, b []float32) (both, one int) {
	b = b[:len(a)]
	for i, v := range a {
		x, y := v != 0, b[i] != 0
		if x && y {
			both++
		} else if x || y {
			one++
		}
	}
	return both, one
}

func jaccard(a, b []float32) float64 {
	both, one := shared(a, b)
	return ratio(one, both+one)
}

func dice(a, b []float32) float64 {
	both, one := shared(a, b)
	return ratio(one, 2*both+one)
}

// haversine is the great-circle distance on a sphere of radius 1.
func haversine(a, b []float32) float64 {
	lat, _ := sincos(0.5 * (float64(a[0]) - float64(b[0])))
	long, _ := sincos(0.5 * (float64(a[1]) - float64(b[1])))
	_, ca := sincos(float64(a[0]))
	_, cb := sincos(float64(b[0]))
	return 2 * asin(math.Sqrt(min(max(float64(lat*lat)+float64(float64(ca*cb)*float64(long*long)), 0), 1)))
}

// minkowski picks the function for the exponent.
func (m Metric) minkowski() func(a, b []float32) float64 {
	p, w := m.exponent(), m.Weights
	switch {
	case w == nil && p == 1:
		return manhattan
	case w == nil && p == 2:
		return euclidean
	case w == nil && math.IsInf(p, 1):
		return chebyshev
	case math.IsInf(p, 1):
		return func(a, b []float32) float64 { return largest(a, b, w) }
	case p == 1:
		return func(a, b []float32) float64 {
			return powers(a, b, w, 1, func(v float64) float64 { return v })
		}
	case p == 2:
		return func(a, b []float32) float64 {
			return math.Sqrt(powers(a, b, w, 1, func(v float64) float64 { return float64(v * v) }))
		}
	}
	return func(a, b []float32) float64 {
		power := func(v float64) float64 { return pow(v, p) }
		s := powers(a, b, w, 1, power)
		if s > 0x1p-900 && s < 0x1p1000 {
			return pow(s, 1/p)
		}
		// The powers left the range of float64, or the rows are equal.
		scale := largest(a, b, w)
		if scale == 0 {
			return 0
		}
		return scale * pow(powers(a, b, w, scale, power), 1/p)
	}
}

// powers is the weighted sum of powers of the differences in units of scale.
func powers(a, b []float32, w []float64, scale float64, power func(float64) float64) float64 {
	b = b[:len(a)]
	s := 0.0
	for i, v := range a {
		d := power(difference(v, b[i]) / scale)
		if w != nil {
			d = float64(d * w[i])
		}
		s += d
	}
	return s
}

// largest is the largest difference in a column whose weight is not 0.
func largest(a, b []float32, w []float64) float64 {
	d := 0.0
	for i, v := range a {
		if w == nil || w[i] > 0 {
			d = max(d, difference(v, b[i]))
		}
	}
	return d
}
