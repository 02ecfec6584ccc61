package bert

import (
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// linear is a layer's product with its weights, outputs × inputs: c = a·wᵀ + bias. The weights are in float32 or in int8.
// A row of c depends on the same row of a alone.
type linear struct {
	kernels *simd.Kernels
	dense   *simd.Panels     // in float32, or nil
	small   *simd.PanelsInt8 // in int8, or nil
	smooth  []float32        // what the columns of a are multiplied with before they are quantised, or nil
	bias    []float32
}

// mul writes the product to c, with the bias where that costs nothing; what is left to add is in rest.
func (l *linear) mul(c, a blas32.General, q *simd.Quantised) {
	if l.small == nil {
		l.kernels.MulNT(c, a, l.dense)
		return
	}
	l.kernels.QuantiseScaled(q, a, l.smooth)
	l.kernels.MulInt8(c, q, l.small, l.bias)
}

// rest is the bias that mul leaves out, or nil.
func (l *linear) rest() []float32 {
	if l.small != nil {
		return nil
	}
	return l.bias
}

// newLinear packs weights.
func newLinear(k *simd.Kernels, w *product, p Precision) linear {
	l := linear{kernels: k, bias: w.biases}
	if p == Int8 {
		w.quantise(nil)
		l.small, l.smooth = k.PackInt8(w.rows, w.cols, w.small, w.scale), w.smooth
	} else {
		w.expand()
		l.dense = k.Pack(blas32.General{Rows: w.rows, Cols: w.cols, Stride: w.cols, Data: w.full})
	}
	return l
}
