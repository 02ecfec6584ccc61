// Package bitmath has functions with the same bits on every architecture, in place of math.Exp, math.Log and math.Pow, whose
// last bits differ. Every product is converted before it is added to something, so that no compiler fuses the two roundings
// into one.
package bitmath

import "math"

const (
	ln2Hi = 6.93147180369123816490e-01 // the upper 33 bits of ln 2: k·ln2Hi is exact
	ln2Lo = 1.90821492927058770002e-10
)

// Exp is e^x to within 2 units in the last place.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709.78:
		return math.Inf(1)
	case x < -745.2:
		return 0
	}
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := x - float64(k*ln2Hi) - float64(k*ln2Lo) // |r| ≤ ln(2)/2
	// Taylor's series: the first term left out is below 2⁻⁵⁷.
	p := 1.0 / 6227020800
	p = 1.0/479001600 + float64(r*p)
	p = 1.0/39916800 + float64(r*p)
	p = 1.0/3628800 + float64(r*p)
	p = 1.0/362880 + float64(r*p)
	p = 1.0/40320 + float64(r*p)
	p = 1.0/5040 + float64(r*p)
	p = 1.0/720 + float64(r*p)
	p = 1.0/120 + float64(r*p)
	p = 1.0/24 + float64(r*p)
	p = 1.0/6 + float64(r*p)
	p = 0.5 + float64(r*p)
	p = 1 + float64(r*p)
	p = 1 + float64(r*p)
	if k < -1000 { // the result may be subnormal
		return math.Ldexp(p, int(k))
	}
	if k > 1000 {
		return float64(p*math.Float64frombits(uint64(1023+1000)<<52)) * math.Float64frombits(uint64(1023+int(k)-1000)<<52)
	}
	return p * math.Float64frombits(uint64(1023+int(k))<<52)
}

// Log returns the natural logarithm of x to within a few units in the last place: −Inf for 0, +Inf for +Inf, NaN below 0.
func Log(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x < 0 || x != x:
		return math.NaN()
	case math.IsInf(x, 1):
		return x
	}
	m, e := math.Frexp(x) // exact on every architecture
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	s := (m - 1) / (m + 1) // log m = 2·atanh(s), |s| ≤ 0.172
	z := s * s
	p := 1.0 / 23
	for i := 21; i >= 3; i -= 2 {
		p = 1/float64(i) + float64(z*p)
	}
	k := float64(e)
	return float64(k*ln2Hi) + (2*s + (float64(2*s*float64(z*p)) + float64(k*ln2Lo)))
}

// Log2 returns the binary logarithm of x.
func Log2(x float64) float64 { return Log(x) / math.Ln2 }

// Pow is x^y for x ≥ 0.
func Pow(x, y float64) float64 {
	if x == 0 {
		switch {
		case y > 0:
			return 0
		case y == 0:
			return 1
		}
		return math.Inf(1)
	}
	return Exp(y * Log(x))
}
