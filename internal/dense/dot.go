package dense

import (
	"math"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// Dot returns the inner product of two rows of the same length. It adds up eight partial sums, the
// products at j in sum j mod 8, with the bits of simd.Kernels.Dot64.
func Dot(a, b []float32) float64 { return simd.Best().Dot64(a, b) }

// Norm returns the Euclidean length of a row, the square root of [Dot] with itself.
func Norm(a []float32) float64 { return math.Sqrt(Dot(a, a)) }

// Cosine returns the cosine of two rows, in [−1, 1] but for rounding, by [Dot]. It is 0 if one of the
// rows is zero.
func Cosine(a, b []float32) float64 {
	aa, bb := Dot(a, a), Dot(b, b)
	if aa == 0 || bb == 0 {
		return 0
	}
	return Dot(a, b) / (math.Sqrt(aa) * math.Sqrt(bb))
}

// DotInOrder returns the inner product of two rows of the same length, the products added one after
// the other. [Dot] is several times faster and has other bits.
func DotInOrder[A, B float32 | float64](a []A, b []B) float64 {
	sum := 0.0
	b = b[:len(a)]
	for i, v := range a {
		sum += float64(float64(v) * float64(b[i]))
	}
	return sum
}

// NormInOrder returns the Euclidean length of a row, the square root of [DotInOrder] with itself.
func NormInOrder[A float32 | float64](a []A) float64 { return math.Sqrt(DotInOrder(a, a)) }

// CosineInOrder returns the cosine of two rows by [DotInOrder], 0 if one of the rows is zero.
func CosineInOrder[A float32 | float64](a, b []A) float64 {
	aa, bb := DotInOrder(a, a), DotInOrder(b, b)
	if aa == 0 || bb == 0 {
		return 0
	}
	return DotInOrder(a, b) / float64(math.Sqrt(aa)*math.Sqrt(bb))
}
