package bert

import (
	"slices"

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
	side    *sideLinear      // the columns of a that are quantised apart, or nil
	bias    []float32
}

// sideLinear is the part of a product in int8 that belongs to the columns with the largest inputs.
type sideLinear struct {
	small   *simd.PanelsInt8
	columns []int32
	smooth  []float32 // of these columns
}

// rounding is the memory of products in int8.
type rounding struct {
	rows     simd.Quantised
	gathered []float32 // sideRows × columns
	out      []float32 // sideRows × outputs
}

// sideRows is the number of rows of which the columns apart are multiplied at once, so that the
// results stay in the cache until they are added.
const sideRows = 32

// mul writes the product to c, with the bias where that costs nothing; what is left to add is in rest.
func (l *linear) mul(c, a blas32.General, q *rounding) {
	if l.small == nil {
		l.kernels.MulNT(c, a, l.dense)
		return
	}
	l.kernels.QuantiseScaled(&q.rows, a, l.smooth)
	l.kernels.MulInt8(c, &q.rows, l.small, l.bias)
	if l.side != nil {
		l.side.add(l.kernels, c, a, q)
	}
}

// add adds the products of the columns apart to c.
func (s *sideLinear) add(k *simd.Kernels, c, a blas32.General, q *rounding) {
	cols := len(s.columns)
	for lo := 0; lo < a.Rows; lo += sideRows {
		rows := min(sideRows, a.Rows-lo)
		x := matrix(rows, cols, cols, grow(&q.gathered, rows*cols))
		for i := range rows {
			from, to := a.Data[(lo+i)*a.Stride:][:a.Cols], x.Data[i*cols:][:cols]
			for j, at := range s.columns {
				to[j] = from[at] * s.smooth[j]
			}
		}
		out := matrix(rows, c.Cols, c.Cols, grow(&q.out, rows*c.Cols))
		k.QuantiseScaled(&q.rows, x, nil)
		k.MulInt8(out, &q.rows, s.small, nil)
		for i := range rows {
			k.Add(c.Data[(lo+i)*c.Stride:][:c.Cols], out.Data[i*out.Stride:][:c.Cols])
		}
	}
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
	if p == FP32 {
		w.expand()
		l.dense = k.Pack(blas32.General{Rows: w.rows, Cols: w.cols, Stride: w.cols, Data: w.full})
		return l
	}
	w.quantise(nil, 0)
	l.small, l.smooth = k.PackInt8(w.rows, w.cols, w.small, w.scale), w.smooth
	if n := len(w.side.columns); n > 0 {
		l.side = &sideLinear{small: k.PackInt8(w.rows, n, w.side.small, w.side.scale), columns: w.side.columns, smooth: make([]float32, n)}
		l.smooth = slices.Clone(w.smooth)
		for j, at := range w.side.columns {
			l.side.smooth[j], l.smooth[at] = w.smooth[at], 0
		}
	}
	return l
}
