package knn

import "math"

// dot is the inner product in float64, in four interleaved sums. Each product is exact, so it makes no difference
// whether a compiler fuses it into the sum. The order of a and b does not matter.
func dot(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(a[0]) * float64(b[0])
		s1 += float64(a[1]) * float64(b[1])
		s2 += float64(a[2]) * float64(b[2])
		s3 += float64(a[3]) * float64(b[3])
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += float64(v) * float64(b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// squares is the sum of squared differences in float64, in four interleaved sums. A square is rounded before it is
// added, on every architecture.
func squares(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		d0 := float64(a[0]) - float64(b[0])
		d1 := float64(a[1]) - float64(b[1])
		d2 := float64(a[2]) - float64(b[2])
		d3 := float64(a[3]) - float64(b[3])
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		d := float64(v) - float64(b[i])
		s0 += float64(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}

// distance is the distance of a and b under the metric, where aa and bb are their products with themselves (needed for
// Cosine only). It is exactly 0 for equal rows: the product of a row with itself has the same bits however it comes
// about, and the root of its square is itself.
func (m Metric) distance(a, b []float32, aa, bb float64) float64 {
	if m == Euclidean {
		return math.Sqrt(squares(a, b))
	}
	switch {
	case aa == 0 && bb == 0:
		return 0
	case aa == 0 || bb == 0:
		return 1
	}
	return min(max(1-dot(a, b)/math.Sqrt(aa*bb), 0), 2)
}
