package knn

import (
	"context"
	"math"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/metric"
)

// eights are the images of points rounded to eight bits, each row with a scale of its own, and what that has cost: with
// images y = ŷ + r, where ŷ is the rounded row, the product of two is a·b = â·b̂ + rₐ·b̂ + a·r_b, so that the product of
// the rounded rows is off by at most |rₐ||b̂| + |a||r_b|.
type eights struct {
	shift  []float32          // Euclidean: near the mean of the points, which is taken from all rows
	panels []*simd.PanelsInt8 // one for each block of points
	size   []rounded          // of each point
	most   rounded            // the largest of each
	square []float32          // Euclidean: squared lengths of the images; else zeros
}

// rounded are the lengths of an image, of the rounded image, and of what is between them.
type rounded struct{ length, round, rest float64 }

func (a rounded) max(b rounded) rounded {
	return rounded{max(a.length, b.length), max(a.round, b.round), max(a.rest, b.rest)}
}

// trusted says that float32 can hold the scores of rows of this size.
func (a rounded) trusted() bool { return a.length < 1e12 && a.length > 1e-12 }

// error bounds the error of the score of two rows of which one, to the left, has size a and the other at most b.
func (ix *Index) error(a, b rounded) float64 {
	e := a.rest*b.round + a.length*b.rest
	if ix.metric.Kind == metric.Euclidean {
		e *= 2
	}
	// What float32 loses: a few roundings of numbers that are not larger than this square.
	l := max(a.length, a.round) + max(b.length, b.round)
	return e*(1+1e-9) + 16*u32*l*l
}

// slack bounds the error of the scores of point i, on either side.
func (ix *Index) slack(i int) float64 {
	e := ix.eight
	return max(ix.error(e.size[i], e.most), ix.error(e.most, e.size[i]))
}

// newEights rounds the points. It gives nil where int8 products cannot help or the lengths leave the range in which float32
// can be trusted.
func (ix *Index) newEights(ctx context.Context) (*eights, error) {
	n, cols := ix.points.n(), ix.points.x.Cols
	if cols < leastInt8 || cols > mostInt8 || n < blockRows {
		return nil, nil
	}
	blocks := (n + blockRows - 1) / blockRows
	e := &eights{panels: make([]*simd.PanelsInt8, blocks), size: make([]rounded, n), square: make([]float32, blocks*blockRows)}
	loop := parallel.Loop{Workers: ix.opt.Workers, Block: blockRows}
	var err error
	if ix.metric.Kind == metric.Euclidean {
		if e.shift, err = ix.mean(ctx, loop); err != nil {
			return nil, err
		}
	}
	factor := float32(-1)
	if ix.metric.Kind == metric.Euclidean {
		factor = -2
	}
	type memory struct {
		q     []int8
		scale []float32
		y     []float64
	}
	workers := make([]memory, parallel.Workers(ix.opt.Workers))
	err = loop.Run(ctx, n, func(w, lo, hi int) error {
		m := &workers[w]
		if m.q == nil {
			*m = memory{make([]int8, blockRows*cols), make([]float32, blockRows), make([]float64, cols)}
		}
		for i := lo; i < hi; i++ {
			var scale float32
			scale, e.size[i] = ix.round(m.q[(i-lo)*cols:][:cols], m.y, ix.points.row(i), ix.stats[i], e.shift)
			m.scale[i-lo] = factor * scale
			if factor == -2 {
				e.square[i] = float32(e.size[i].length * e.size[i].length)
			}
		}
		e.panels[lo/blockRows] = ix.kern.PackInt8(hi-lo, cols, m.q[:(hi-lo)*cols], m.scale[:hi-lo])
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, s := range e.size {
		e.most = e.most.max(s)
	}
	if !e.most.trusted() {
		return nil, nil
	}
	return e, nil
}

// mean is about the mean of the points.
func (ix *Index) mean(ctx context.Context, loop parallel.Loop) ([]float32, error) {
	n, cols := ix.points.n(), ix.points.x.Cols
	sums := make([]float64, (n+blockRows-1)/blockRows*cols)
	err := loop.Run(ctx, n, func(_, lo, hi int) error {
		s := sums[lo/blockRows*cols:][:cols]
		for i := lo; i < hi; i++ {
			for j, v := range ix.points.row(i) {
				s[j] += float64(v)
			}
		}
		return nil
	})
	shift := make([]float32, cols)
	for j := range shift {
		s := 0.0
		for at := j; at < len(sums); at += cols {
			s += sums[at]
		}
		shift[j] = float32(s / float64(n))
	}
	return shift, err
}

// round writes the rounded image of a row, in units of the scale. y is memory to work in.
func (ix *Index) round(q []int8, y []float64, a []float32, s metric.Stats, shift []float32) (float32, rounded) {
	image(y, ix.metric, a, s, shift)
	top := 0.0
	for _, v := range y {
		top = max(top, math.Abs(v))
	}
	scale := float32(top / 127)
	f, inv := float64(scale), 0.0
	if scale > 0x1p-100 {
		inv = 1 / f
	}
	var length, round, rest float64
	for i, v := range y {
		const nearest = 0x1.8p52
		x := (float64(v*inv) + nearest) - nearest
		q[i] = int8(x)
		x *= f
		length += float64(v * v)
		round += float64(x * x)
		d := v - x
		rest += float64(d * d)
	}
	const above = 1 + 1e-12
	return scale, rounded{math.Sqrt(length) * above, math.Sqrt(round) * above, math.Sqrt(rest)*above + 1e-15*math.Sqrt(length)}
}
