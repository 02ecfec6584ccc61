package bert

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// weights is a matrix of weights, outputs × inputs, in float32 or as int8: w[i,j] ≈ small[i,j]·scale[i]·smooth[j].
//
// smooth, which may be nil, evens out how hard it is to round a column of the inputs and of the weights: the inputs are
// multiplied with it before they are rounded, and the weights are divided by it before they are (SmoothQuant, Xiao et al.,
// arXiv:2211.10438).
type weights struct {
	rows, cols int
	full       []float32
	small      []int8
	scale      []float32
	smooth     []float32
	side       side
}

// side is the columns of a matrix whose inputs are by far the largest. Together with the others they
// would take most of the 256 steps of a row of inputs: they are rounded apart, with a scale of
// their own for each row of inputs and of weights, and the small of the whole matrix is 0 there
// (after LLM.int8(), Dettmers et al., arXiv:2208.07339, who leave them in float16). There are none
// where columns is empty.
type side struct {
	columns []int32 // in increasing order
	small   []int8  // rows × len(columns)
	scale   []float32
}

// sideColumns returns the number of columns to round apart, of the given number: a twelfth, in
// steps of 64, which is what the kernels take at once, and at least 64, but an eighth in small models.
func sideColumns(cols int) int {
	if cols < 256 {
		return cols / 8
	}
	return max(64, cols/12&^63)
}

// expand makes float32 of int8.
func (w *weights) expand() {
	if w.full != nil {
		return
	}
	w.full = make([]float32, len(w.small))
	for i, s := range w.scale {
		full := w.full[i*w.cols:][:w.cols]
		for j, q := range w.small[i*w.cols:][:w.cols] {
			full[j] = float32(q) * s
		}
		n := len(w.side.columns)
		for j, at := range w.side.columns {
			full[at] = float32(w.side.small[i*n+j]) * w.side.scale[i]
		}
		for j := range w.smooth {
			full[j] *= w.smooth[j]
		}
	}
}

// quantise makes int8 of float32. top is the greatest size of each input that was seen in
// calibration, or nil. The given number of columns is rounded apart.
func (w *weights) quantise(top []float32, apart int) {
	if w.small != nil {
		return
	}
	if top == nil {
		w.small, w.scale = quantise(w.full, w.rows, w.cols, nil)
		return
	}
	w.smooth = w.smoothing(top)
	inverse := make([]float32, w.cols)
	for j, s := range w.smooth {
		inverse[j] = 1 / s
	}
	if apart > 0 {
		w.separate(top, inverse, apart)
	}
	w.small, w.scale = quantise(w.full, w.rows, w.cols, inverse)
}

// apartRatio is how many times as large the largest column of smoothed inputs must be as the largest
// of those that would be left, for columns to be rounded apart. All that is won is lost where the
// ratio must be 4: the mean cosine of all-mpnet-base-v2 is .9993 with 2 and .9990 with 4.
const apartRatio = 2

// separate rounds the columns with the largest smoothed inputs apart, and sets inverse to 0 there.
// It does nothing where they are not much larger than the others.
func (w *weights) separate(top, inverse []float32, n int) {
	order := make([]int32, w.cols)
	for j := range order {
		order[j] = int32(j)
	}
	size := func(j int32) float32 { return float32(top[j] * w.smooth[j]) }
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(size(b), size(a)) })
	if n >= w.cols || size(order[0]) < apartRatio*size(order[n]) {
		return
	}
	w.side.columns = order[:n:n]
	slices.Sort(w.side.columns)
	full, by := make([]float32, w.rows*n), make([]float32, n)
	for j, at := range w.side.columns {
		by[j], inverse[at] = inverse[at], 0
	}
	for i := range w.rows {
		row := w.full[i*w.cols:][:w.cols]
		for j, at := range w.side.columns {
			full[i*n+j] = row[at]
		}
	}
	w.side.small, w.side.scale = quantise(full, w.rows, n, by)
}

// smoothing shares the difficulty of a column evenly between the inputs and the weights: with a as the greatest input and
// b as the greatest weight of the column, both are √(a·b) afterwards.
func (w *weights) smoothing(top []float32) []float32 {
	blocks := (w.rows + quantiseRows - 1) / quantiseRows
	most := make([]float32, blocks*w.cols)
	eachBlock(w.rows, func(lo, hi int) {
		m := most[lo/quantiseRows*w.cols:][:w.cols]
		for i := lo; i < hi; i++ {
			see(m, w.full[i*w.cols:][:w.cols])
		}
	})
	smooth := make([]float32, w.cols)
	for b := range blocks {
		see(smooth, most[b*w.cols:][:w.cols])
	}
	for j, b := range smooth {
		s := float32(math.Sqrt(float64(b / top[j])))
		if !(s > 1e-3 && s < 1e3) {
			s = 1 // a column without weights or without inputs
		}
		smooth[j] = s
	}
	return smooth
}

// see raises each value of top to the size of that of x, whose values are finite.
func see(top, x []float32) {
	top = top[:len(x)]
	for j, v := range x {
		// Sizes are in the order of their bits, which a processor compares faster.
		top[j] = math.Float32frombits(max(math.Float32bits(top[j]), math.Float32bits(v)&^(1<<31)))
	}
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// quantiseRows is the number of rows that are rounded in one piece of work.
const quantiseRows = 16

// eachBlock calls f for blocks of quantiseRows rows, on all processors.
func eachBlock(rows int, f func(lo, hi int)) {
	loop := parallel.Loop{Block: quantiseRows}
	_ = loop.Run(context.Background(), rows, func(_, lo, hi int) error { // never fails
		f(lo, hi)
		return nil
	})
}

// quantise rounds each row of a matrix to int8: row·by ≈ q·scale, where by, which may be nil, has a
// factor for each column.
func quantise(m []float32, rows, cols int, by []float32) (q []int8, scale []float32) {
	q, scale = make([]int8, rows*cols), make([]float32, rows)
	eachBlock(rows, func(lo, hi int) {
		scaled := make([]float32, cols)
		for i := lo; i < hi; i++ {
			row := m[i*cols:][:cols]
			if by != nil {
				for j, v := range row {
					scaled[j] = v * by[j]
				}
				row = scaled
			}
			scale[i] = quantiseRow(q[i*cols:][:cols], row)
		}
	})
	return q, scale
}

// quantiseTries is the number of scales that are looked at for a row, from that of its largest value
// to nearly half of it.
const quantiseTries = 80

// quantiseRow rounds a row and returns its scale: of a number of scales that clip the largest
// values, the one with the least expected squared error, which is a twelfth of the squared scale for
// a value that is rounded, and exact for one that is clipped.
func quantiseRow(q []int8, row []float32) float32 {
	var bits uint32
	for _, v := range row {
		bits = max(bits, math.Float32bits(v)&^(1<<31))
	}
	most := math.Float32frombits(bits)
	const least = 0x1p-100 // smaller values have no scale to divide by
	if most < least {
		clear(q)
		return 1
	}
	// clipped[t] has the values that are clipped from the try t on, but not before.
	var clipped [quantiseTries]struct{ count, sum, squares float64 }
	top := float64(most)
	const steps = 2 * quantiseTries
	half, toTry := most/2, steps/top
	for _, v := range row {
		if a := abs(v); a > half {
			t := int(steps-float64(a)*toTry) + 1
			if t < quantiseTries {
				c := &clipped[t]
				c.count++
				c.sum += float64(a)
				c.squares += float64(float64(a) * float64(a))
			}
		}
	}
	best, lowest := top, math.Inf(1)
	var count, sum, squares float64
	for t, c := range clipped {
		count, sum, squares = count+c.count, sum+c.sum, squares+c.squares
		end := top * (1 - float64(t)/steps)
		s := end / 127
		err := float64((float64(len(row)) - count) * float64(s*s) / 12)
		err += squares - float64(2*float64(end*sum)) + float64(count*float64(end*end))
		if err < lowest {
			best, lowest = end, err
		}
	}
	scale := float32(best / 127)
	inverse := 1 / scale
	const (
		nearest     = 3 << 22    // adding it leaves an integer in the lowest bits
		nearestBits = 0x4b400000 // of nearest as a float32
	)
	q = q[:len(row)]
	for i, v := range row {
		n := int32(math.Float32bits(float32(v*inverse)+nearest)) - nearestBits
		q[i] = int8(min(max(n, -127), 127))
	}
	return scale
}
