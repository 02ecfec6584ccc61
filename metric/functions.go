package metric

import "math"

// The functions below differ from those of package math in one thing: their bits are the same on every architecture. Every
// product that is added to something is rounded first.

// horner is the polynomial with the given coefficients, the constant first.
func horner(x float64, c []float64) float64 {
	s := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		s = float64(s*x) + c[i]
	}
	return s
}

// series is n coefficients, of which c gives the next from the one before and its number.
func series(n int, next func(last float64, i int) float64) []float64 {
	c := make([]float64, n)
	c[0] = 1
	for i := 1; i < n; i++ {
		c[i] = next(c[i-1], i)
	}
	return c
}

var (
	// of eˣ.
	exponential = series(15, func(last float64, i int) float64 { return last / float64(i) })
	// of sin(x)/x and cos(x) in x².
	sines   = series(10, func(last float64, i int) float64 { return -last / float64(2*i*(2*i+1)) })
	cosines = series(10, func(last float64, i int) float64 { return -last / float64(2*i*(2*i-1)) })
	// of asin(x)/x in x²; each is (2i−1)²/(2i(2i+1)) of the one before.
	arcsines = series(15, func(last float64, i int) float64 { return last * float64((2*i-1)*(2*i-1)) / float64(2*i*(2*i+1)) })
	// of atanh(x)/x in x².
	arctangents = series(12, func(_ float64, i int) float64 { return 1 / float64(2*i+1) })
)

// pow is xᵖ for x ≥ 0 and p > 0, with a relative error of about p·10⁻¹⁴ over the range of float32.
func pow(x, p float64) float64 {
	if x == 0 || x == 1 || p == 1 {
		return x
	}
	if n := int(min(p, 9)); n <= 8 && float64(n) == p {
		s := x
		for range n - 1 {
			s = float64(s * x)
		}
		return s
	}
	m, e := math.Frexp(x) // in [½, 1)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	t := (m - 1) / (m + 1)
	y := float64(p * (float64(e) + float64(float64(2*t)*horner(float64(t*t), arctangents))/math.Ln2))
	if y > 1100 {
		return math.Inf(1)
	}
	if y < -1200 {
		return 0
	}
	n := math.RoundToEven(y)
	return math.Ldexp(horner(float64((y-n)*math.Ln2), exponential), int(n))
}

// sincos is the sine and the cosine of x, with an absolute error of about 10⁻¹⁵ for |x| below a million.
func sincos(x float64) (sin, cos float64) {
	const (
		high, middle = 0x1.921fb544p+0, 0x1.0b4611a6p-34 // π/2 in parts of 33 bits and a rest
		low          = 0x1.3198a2e037073p-69
		far          = 1 << 20
	)
	if math.Abs(x) > far {
		x = math.Remainder(x, 2*math.Pi)
	}
	q := math.RoundToEven(x * (2 / math.Pi))
	r := ((x - float64(q*high)) - float64(q*middle)) - float64(q*low)
	rr := float64(r * r)
	sin, cos = float64(r*horner(rr, sines)), horner(rr, cosines)
	switch int64(q) & 3 {
	case 1:
		return cos, -sin
	case 2:
		return -sin, -cos
	case 3:
		return -cos, sin
	}
	return sin, cos
}

// asin is the arcsine of x in [0, 1].
func asin(x float64) float64 {
	if x > 0.5 {
		return math.Pi/2 - float64(2*asin(math.Sqrt(0.5*(1-x))))
	}
	// Half of the angle, so that the series is short.
	h := x / math.Sqrt(2*(1+math.Sqrt(1-float64(x*x))))
	return 2 * float64(h*horner(float64(h*h), arcsines))
}
