package bert

import (
	"context"
	"math"

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
			if w.smooth != nil {
				full[j] *= w.smooth[j]
			}
		}
	}
}

// quantise makes int8 of float32. top is the greatest size of each input that was seen in calibration, or nil.
func (w *weights) quantise(top []float32) {
	if w.small != nil {
		return
	}
	full := w.full
	if top != nil {
		w.smooth = w.smoothing(top)
		full = make([]float32, len(w.full))
		for i := range w.rows {
			for j, v := range w.full[i*w.cols:][:w.cols] {
				full[i*w.cols+j] = v / w.smooth[j]
			}
		}
	}
	w.small, w.scale = quantise(full, w.rows, w.cols)
}

// smoothing shares the difficulty of a column evenly between the inputs and the weights: with a as the greatest input and
// b as the greatest weight of the column, both are √(a·b) afterwards.
func (w *weights) smoothing(top []float32) []float32 {
	most := make([]float32, w.cols)
	for i := range w.rows {
		for j, v := range w.full[i*w.cols:][:w.cols] {
			most[j] = max(most[j], abs(v))
		}
	}
	for j, b := range most {
		s := float32(math.Sqrt(float64(b / top[j])))
		if !(s > 1e-3 && s < 1e3) {
			s = 1 // a column without weights or without inputs
		}
		most[j] = s
	}
	return most
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// quantise rounds each row of a matrix to int8: row ≈ q·scale.
func quantise(m []float32, rows, cols int) (q []int8, scale []float32) {
	q, scale = make([]int8, rows*cols), make([]float32, rows)
	loop := parallel.Loop{Block: 16}
	_ = loop.Run(context.Background(), rows, func(_, lo, hi int) error { // never fails
		for i := lo; i < hi; i++ {
			scale[i] = quantiseRow(q[i*cols:][:cols], m[i*cols:][:cols])
		}
		return nil
	})
	return q, scale
}

// quantiseRow tries scales that clip the largest values a little and keeps the one with the least squared error.
func quantiseRow(q []int8, row []float32) float32 {
	var top float64
	for _, v := range row {
		top = max(top, math.Abs(float64(v)))
	}
	if top == 0 {
		clear(q)
		return 1
	}
	const tries = 80
	best, least := float32(0), math.Inf(1)
	for t := range tries {
		s := float32(top * (1 - 0.5*float64(t)/tries) / 127)
		if s == 0 {
			break // all values are too small to have a scale
		}
		var sum float64
		for _, v := range row {
			d := float64(v) - float64(float64(s)*round127(v, s))
			sum += float64(d * d)
		}
		if sum < least {
			best, least = s, sum
		}
	}
	if best == 0 {
		clear(q)
		return 1
	}
	for i, v := range row {
		q[i] = int8(round127(v, best))
	}
	return best
}

func round127(v, scale float32) float64 {
	return min(max(math.RoundToEven(float64(v)/float64(scale)), -127), 127)
}
