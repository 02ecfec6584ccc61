package simd

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
)

// The elementwise functions follow one order of float32 operations, each rounded by itself, at every level. A sum over a
// row is 16 sums, of the values whose index leaves the same rest by 16, which are added in the order (i, i+8), (i, i+4),
// (i, i+2), (0, 1). So the bits depend neither on the level nor on the alignment. Only the payload and the sign of a NaN
// may differ.

// lanes is the number of sums that a sum over a row is made of.
const lanes = 16

func sameLength(what string, n, m int) {
	if n != m {
		panic(fmt.Sprintf("simd: %s of %d values for a row of %d", what, m, n))
	}
}

// Add adds src to dst, which is as long.
func (k *Kernels) Add(dst, src []float32) {
	sameLength("a summand", len(dst), len(src))
	if len(dst) > 0 {
		k.add(dst, src)
	}
}

// AddBias adds bias to every row of x.
func (k *Kernels) AddBias(x blas32.General, bias []float32) {
	mustFit("x", x)
	sameLength("a bias", x.Cols, len(bias))
	if x.Cols == 0 {
		return
	}
	for i := range x.Rows {
		k.add(x.Data[i*x.Stride:][:x.Cols], bias)
	}
}

// AddInt8 adds q·scale to dst, which is as long as q: one row of a matrix of int8 with a scale per row.
func (k *Kernels) AddInt8(dst []float32, q []int8, scale float32) {
	sameLength("an int8 summand", len(dst), len(q))
	if len(dst) > 0 {
		k.addInt8(dst, q, scale)
	}
}

// Scale multiplies every value of x by a factor.
func (k *Kernels) Scale(x []float32, by float32) {
	if len(x) > 0 {
		k.scale(x, by)
	}
}

// Gelu replaces every value x by x·Φ(x), where Φ is the normal distribution function (Hendrycks and Gimpel,
// arXiv:1606.08415). bias is added before; it is as long as x, or nil. The error is below 10⁻⁷ and half a unit in the last
// place of the result. Below −5.58 the result is 0; −Inf gives 0, +Inf gives +Inf, NaN gives NaN.
func (k *Kernels) Gelu(x, bias []float32) { k.gated(x, bias, &gateNormal) }

// GeluTanh replaces every value x by x·½(1 + tanh(√(2/π)(x + 0.044715x³))), the approximation of Gelu that some models are
// trained with. Everything else is as in Gelu.
func (k *Kernels) GeluTanh(x, bias []float32) { k.gated(x, bias, &gateTanh) }

func (k *Kernels) gated(x, bias []float32, t *gateTable) {
	if bias != nil {
		sameLength("a bias", len(x), len(bias))
	}
	if len(x) > 0 {
		k.gate(x, bias, t)
	}
}

// Softmax replaces the values of a row by exp((x − top)·scale) over the sum of these, where top is the greatest value and
// scale is positive. The exponential has a relative error of at most 10⁻⁷; it is 0 from −87 downwards. The sum is that of
// the exponentials as they are rounded, and each is multiplied by its rounded inverse.
//
// Many short rows run faster when they begin a multiple of 16 values apart.
//
// −Inf gives 0 where another value is finite. A NaN, a +Inf, or nothing but −Inf makes the whole row NaN.
func (k *Kernels) Softmax(row []float32, scale float32) {
	if len(row) > 0 {
		k.softmax(row, scale)
	}
}

// AddNorm makes x the layer norm of x + (y + bias) (Ba, Kiros and Hinton, arXiv:1607.06450): less the mean, over the
// standard deviation, times gain, plus shift. The standard deviation is the root of the variance (over the number of
// values) plus eps. bias may be nil, and then y as well; all others are as long as x. A NaN or an infinity in the sum
// makes the whole row NaN.
func (k *Kernels) AddNorm(x, y, bias, gain, shift []float32, eps float32) {
	if y != nil || bias != nil {
		sameLength("a summand", len(x), len(y))
	}
	if bias != nil {
		sameLength("a bias", len(x), len(bias))
	}
	sameLength("a gain", len(x), len(gain))
	sameLength("a shift", len(x), len(shift))
	if len(x) > 0 {
		k.addNorm(x, y, bias, gain, shift, eps)
	}
}
