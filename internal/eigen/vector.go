package eigen

import "math"

// MakePositive gives v the sign that makes its entry of the largest magnitude, the first of equals,
// positive.
func MakePositive(v []float64) {
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

// Dot returns the inner product of two vectors of the same length, in four partial sums.
func Dot(a, b []float64) float64 {
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

// AddScaled adds c·x to y.
func AddScaled(y, x []float64, c float64) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += float64(c * v)
	}
}
