package metric

// Sincos is the sine and the cosine of x, with the same bits on every architecture and an absolute error of about 10⁻¹⁵
// for |x| below a million.
func Sincos(x float64) (sin, cos float64) { return sincos(x) }

// Arcsine is the arcsine of x in [0, 1], with the same bits on every architecture.
func Arcsine(x float64) float64 { return asin(x) }

// Power is xᵖ for x ≥ 0 and p > 0, with the same bits on every architecture and a relative error of about p·10⁻¹⁴.
func Power(x, p float64) float64 { return pow(x, p) }
