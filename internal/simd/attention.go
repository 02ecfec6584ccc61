package simd

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
)

// Attention holds the memory of Attend. The zero value is ready for use; its memory is kept from
// one use to the next.
type Attention struct {
	keys   Panels
	scores []float32
	inv    []float32 // one over the sum of the weights of a row

	padded, out []float32 // values and results of heads that do not fill whole vectors

	tiles tileSpace
}

const (
	// halfSteps is how many products make one sum, the even and the odd ones apart, before it is
	// added to a total.
	halfSteps = 32
	// scoreCols is what rows of scores are a multiple of, and scoreRows the number of rows.
	scoreCols = 32
	scoreRows = 16
)

// Attend writes to each row of dst what it gathers from the values of all rows: for each head,
// which is size columns wide,
//
//	Σ weight(i, j)·values(j) / Σ weight(i, j), with weight(i, j) = exp((s(i, j) − greatest of the row)·scale)
//
// where s is the product of row i of q and row j of keys (Vaswani et al., arXiv:1706.03762). scale
// is positive. All four matrices have the same shape; the columns are a multiple of size. It
// overwrites q, keys and values.
//
// Both products are of values of bfloat16 with sums in float32. q, keys, values and weights are
// rounded to bfloat16, halves to even; before that, what is less than 2⁻⁵⁶ in size counts as 0 and
// what is at least 2⁶³ as infinite, and a weight from exp(−38) downwards is 0. Of each 32 k, from 0
// on, the even and the odd products are added up apart, in order, then the two sums together, and
// that to the total. The sum of the weights is made of the rounded ones, in the order of a sum over
// a row. All products of values of bfloat16 are exact, and none is a subnormal number, nor is any
// sum. So the bits are the same at every level.
//
// A row with a NaN or an infinity in q, or in a key, may be NaN; one in values is met in all rows.
// It uses one goroutine and allocates only when the memory of s is too small. It panics when the
// shapes do not fit.
func (k *Kernels) Attend(dst, q, keys, values blas32.General, size int, scale float32, s *Attention) {
	for _, x := range []struct {
		name string
		m    blas32.General
	}{{"dst", dst}, {"q", q}, {"keys", keys}, {"values", values}} {
		mustFit(x.name, x.m)
		if x.m.Rows != dst.Rows || x.m.Cols != dst.Cols || size < 1 || x.m.Cols%size != 0 {
			panic(fmt.Sprintf("simd: %s of attention is %d×%d, dst is %d×%d, heads of %d", x.name, x.m.Rows, x.m.Cols, dst.Rows, dst.Cols, size))
		}
	}
	if dst.Rows == 0 || dst.Cols == 0 {
		return
	}
	if k.tiles && size%halfSteps == 0 {
		k.attendTiles(dst, q, keys, values, size, scale, s)
		return
	}
	k.roundHalf(q)
	k.roundHalf(keys)
	k.roundHalf(values)
	m, w := dst.Rows, k.pairCols()
	stride := roundUp(m, scoreCols)
	s.scores = grown(s.scores, roundUp(m, scoreRows)*stride)
	s.inv = grown(s.inv, roundUp(m, scoreRows))
	scores := blas32.General{Rows: m, Cols: m, Stride: stride, Data: s.scores}
	// Values are copied where a head does not fill whole vectors, and for plain Go, which reads two
	// columns at a time and would meet each row of a long text many times in the cache below.
	aside := size%w != 0 || k.set == setGo
	for at := 0; at < dst.Cols; at += size {
		head := func(x blas32.General) blas32.General {
			return blas32.General{Rows: m, Cols: size, Stride: x.Stride, Data: x.Data[at:]}
		}
		k.PackInto(&s.keys, head(keys))
		for j := 0; j < m; j += k.cols {
			one := float32(1)
			k.mulPairs(scores, head(q), j, min(k.cols, m-j), s.keys.data[j*size:], k.cols, &one, 0)
		}
		k.weigh(scores, scale, s.inv)
		v, to := head(values), head(dst)
		if aside {
			v, to = s.pad(v, w)
		}
		for j := 0; j < to.Cols; j += k.cols {
			k.mulPairs(to, scores, j, min(k.cols, to.Cols-j), v.Data[j:], v.Stride, &s.inv[0], 4)
		}
		if aside {
			for i := range m {
				copy(dst.Data[i*dst.Stride+at:][:size], to.Data[i*to.Stride:])
			}
		}
	}
}

// pad copies the values of a head into rows of a multiple of w, with zeros at the end, and gives a
// matrix of the same shape for what is made of them.
func (s *Attention) pad(v blas32.General, w int) (padded, out blas32.General) {
	cols := roundUp(v.Cols, w)
	s.padded, s.out = grown(s.padded, v.Rows*cols), grown(s.out, v.Rows*cols)
	for i := range v.Rows {
		row := s.padded[i*cols:][:cols]
		clear(row[copy(row, v.Data[i*v.Stride:][:v.Cols]):])
	}
	padded = blas32.General{Rows: v.Rows, Cols: cols, Stride: cols, Data: s.padded}
	out = padded
	out.Data = s.out
	return padded, out
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
