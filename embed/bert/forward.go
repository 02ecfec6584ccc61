package bert

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// blockRows is the number of tokens that pass through a product at once. The block's activations stay in the second-level
// cache between products, and the context is looked at after each block.
const blockRows = 96

// scratch is the memory of one worker: a batch of texts and what becomes of it.
type scratch struct {
	ids    []int32
	texts  []int     // their places in the input
	ends   []int     // where each text's tokens end
	x      []float32 // tokens × hidden: the state of the layers
	qkv    []float32 // tokens × 3·hidden
	mixed  []float32 // tokens × hidden: what attention made
	out    []float32 // block × hidden
	inner  []float32 // block × intermediate
	scores []float32 // longest text squared
	turned []float32 // hidden of a head × longest text: values, transposed
	keys   simd.Panels
	values simd.Panels
}

func (e *Encoder) getScratch() *scratch {
	if s, ok := e.scratch.Get().(*scratch); ok {
		return s
	}
	return &scratch{out: make([]float32, blockRows*e.shape.Hidden), inner: make([]float32, blockRows*e.shape.Inner)}
}

func (s *scratch) reset() {
	s.ids, s.texts, s.ends = s.ids[:0], s.texts[:0], s.ends[:0]
}

// add appends an input to the batch and tells whether it was cut.
func (s *scratch) add(place int, j job) (cut bool) {
	s.ids, cut = j.tokens(s.ids, place)
	s.texts, s.ends = append(s.texts, place), append(s.ends, len(s.ids))
	return cut
}

// grow gives a slice of n values, with anything in them.
func grow(p *[]float32, n int) []float32 {
	if cap(*p) < n {
		*p = make([]float32, n+n/4)
	}
	*p = (*p)[:n]
	return *p
}

func matrix(rows, cols, stride int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: data}
}

// forward encodes the batch into the rows of x that belong to its texts. It is false when the context was cancelled.
func (e *Encoder) forward(ctx context.Context, s *scratch, j job, x blas32.General) bool {
	n, h := len(s.ids), e.shape.Hidden
	longest, start := 0, 0
	for _, end := range s.ends {
		longest, start = max(longest, end-start), end
	}
	grow(&s.x, n*h)
	grow(&s.qkv, n*3*h)
	grow(&s.mixed, n*h)
	grow(&s.scores, longest*longest)
	grow(&s.turned, h/e.shape.Heads*longest)

	start = 0
	for _, end := range s.ends {
		for i, id := range s.ids[start:end] {
			row := s.x[(start+i)*h:][:h]
			copy(row, e.positions[i*h:])
			e.words.addTo(row, id)
			e.norm.apply(row)
		}
		start = end
	}
	for i := range e.layers {
		if !e.attend(ctx, s, &e.layers[i]) || !e.feed(ctx, s, &e.layers[i]) {
			return false
		}
	}
	start = 0
	for i, end := range s.ends {
		if start == end {
			continue // the row of a text without tokens stays zero
		}
		row := x.Data[s.texts[i]*x.Stride:][:h]
		pool(row, s.x[start*h:end*h], j.pooling)
		if j.normalize {
			normalize(row)
		}
		start = end
	}
	return true
}

// attend fills s.mixed with the values that each token gathers from its text.
func (e *Encoder) attend(ctx context.Context, s *scratch, l *layer) bool {
	n, h := len(s.ids), e.shape.Hidden
	for lo := 0; lo < n; lo += blockRows {
		if ctx.Err() != nil {
			return false
		}
		rows := min(blockRows, n-lo)
		qkv := s.qkv[lo*3*h : (lo+rows)*3*h]
		l.qkv.mul(matrix(rows, 3*h, 3*h, qkv), matrix(rows, h, h, s.x[lo*h:]))
		for len(qkv) > 0 {
			addBias(qkv[:3*h], l.qkvBias)
			qkv = qkv[3*h:]
		}
	}
	size := h / e.shape.Heads
	scale := float32(1 / math.Sqrt(float64(size)))
	start := 0
	for _, end := range s.ends {
		m := end - start
		if m == 0 {
			continue
		}
		scores := matrix(m, m, m, s.scores[:m*m])
		turned := matrix(size, m, m, s.turned[:size*m])
		for head := range e.shape.Heads {
			if head%4 == 0 && ctx.Err() != nil {
				return false
			}
			at := func(part int) blas32.General { return matrix(m, size, 3*h, s.qkv[start*3*h+part*h+head*size:]) }
			e.kernels.PackInto(&s.keys, at(1))
			e.kernels.MulNT(scores, at(0), &s.keys)
			for i := range m {
				softmax(scores.Data[i*m:(i+1)*m], scale)
			}
			transpose(turned, at(2))
			e.kernels.PackInto(&s.values, turned)
			e.kernels.MulNT(matrix(m, size, h, s.mixed[start*h+head*size:]), scores, &s.values)
		}
		start = end
	}
	return true
}

// feed finishes a layer: the output of attention and the two feed-forward products, each added to what went in.
func (e *Encoder) feed(ctx context.Context, s *scratch, l *layer) bool {
	n, h := len(s.ids), e.shape.Hidden
	for lo := 0; lo < n; lo += blockRows {
		if ctx.Err() != nil {
			return false
		}
		rows := min(blockRows, n-lo)
		x := matrix(rows, h, h, s.x[lo*h:(lo+rows)*h])
		out := matrix(rows, h, h, s.out)
		inner := matrix(rows, e.shape.Inner, e.shape.Inner, s.inner)
		l.out.mul(out, matrix(rows, h, h, s.mixed[lo*h:]))
		addNorms(x, out, l.outBias, &l.norm1)
		l.up.mul(inner, x)
		if ctx.Err() != nil {
			return false
		}
		for i := range rows {
			e.act(inner.Data[i*e.shape.Inner:(i+1)*e.shape.Inner], l.upBias)
		}
		l.down.mul(out, inner)
		addNorms(x, out, l.downBias, &l.norm2)
	}
	return true
}

func addNorms(x, y blas32.General, bias []float32, n *norm) {
	for i := range x.Rows {
		addNorm(x.Data[i*x.Stride:][:x.Cols], y.Data[i*y.Stride:][:y.Cols], bias, n)
	}
}

func addBias(x, bias []float32) {
	bias = bias[:len(x)]
	for i, v := range bias {
		x[i] += v
	}
}

// transpose writes the transpose of b to a.
func transpose(a, b blas32.General) {
	for i := range b.Rows {
		for j, v := range b.Data[i*b.Stride:][:b.Cols] {
			a.Data[j*a.Stride+i] = v
		}
	}
}

// pool makes one row of the rows of a text.
func pool(dst, rows []float32, mode pooling) {
	h := len(dst)
	copy(dst, rows)
	if mode == poolCLS {
		return
	}
	count := len(rows) / h
	for rows = rows[h:]; len(rows) > 0; rows = rows[h:] {
		if mode == poolMax {
			for i, v := range rows[:h] {
				dst[i] = max(dst[i], v)
			}
		} else {
			addBias(dst, rows[:h])
		}
	}
	if mode == poolMean {
		for i := range dst {
			dst[i] /= float32(count)
		}
	}
}

// normalize makes x one long, as torch's normalize does: a zero vector stays.
func normalize(x []float32) {
	length := max(float32(math.Sqrt(float64(squares4(x, 0)))), 1e-12)
	for i := range x {
		x[i] /= length
	}
}
