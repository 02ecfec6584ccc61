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
	batch
	x      []float32 // tokens × hidden: the state of the layers
	qkv    []float32 // tokens × 3·hidden
	mixed  []float32 // tokens × hidden: what attention made
	out    []float32 // block × hidden
	inner  []float32 // block × intermediate
	scores []float32 // longest piece squared
	pooled []float32 // hidden
	keys   simd.Panels
	small  simd.Quantised
}

func (e *Encoder) getScratch() *scratch {
	if s, ok := e.scratch.Get().(*scratch); ok {
		return s
	}
	h := e.shape.Hidden
	return &scratch{out: make([]float32, blockRows*h), inner: make([]float32, blockRows*e.shape.Inner), pooled: make([]float32, h)}
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
	for _, p := range s.pieces {
		longest, start = max(longest, p.end-start), p.end
	}
	grow(&s.x, n*h)
	grow(&s.qkv, n*3*h)
	grow(&s.mixed, n*h)
	grow(&s.scores, longest*padded(longest))

	start = 0
	for _, p := range s.pieces {
		next := 0
		for i, id := range s.ids[start:p.end] {
			row := s.x[(start+i)*h:][:h]
			copy(row, e.positions[e.place(&next, id)*h:])
			e.words.addTo(e.kernels, row, id)
			e.norm.apply(e.kernels, row, nil, nil)
		}
		start = p.end
	}
	for i := range e.layers {
		if !e.attend(ctx, s, &e.layers[i]) || !e.feed(ctx, s, &e.layers[i]) {
			return false
		}
	}
	start = 0
	for _, p := range s.pieces {
		e.finish(s, p, j, s.x[start*h:p.end*h], x.Data[p.text*x.Stride:][:h])
		start = p.end
	}
	return true
}

// finish makes the row of a text of the rows of its tokens, or adds those of a window to it.
func (e *Encoder) finish(s *scratch, p piece, j job, rows, row []float32) {
	if len(rows) == 0 {
		return // the row of a text without tokens stays zero
	}
	if p.share == 0 {
		pool(e.kernels, row, rows, j.pooling)
	} else {
		pool(e.kernels, s.pooled, rows, j.pooling)
		e.kernels.Scale(s.pooled, p.share)
		e.kernels.Add(row, s.pooled)
	}
	if p.last && j.normalize {
		normalize(row)
	}
}

// padded is the distance between rows of scores: many short rows are faster when they begin a multiple of 16 values apart.
func padded(n int) int { return (n + 15) &^ 15 }

// attend fills s.mixed with the values that each token gathers from its text.
func (e *Encoder) attend(ctx context.Context, s *scratch, l *layer) bool {
	n, h := len(s.ids), e.shape.Hidden
	for lo := 0; lo < n; lo += blockRows {
		if ctx.Err() != nil {
			return false
		}
		rows := min(blockRows, n-lo)
		qkv := matrix(rows, 3*h, 3*h, s.qkv[lo*3*h:(lo+rows)*3*h])
		l.qkv.mul(qkv, matrix(rows, h, h, s.x[lo*h:]), &s.small)
		if bias := l.qkv.rest(); bias != nil {
			e.kernels.AddBias(qkv, bias)
		}
	}
	size := h / e.shape.Heads
	scale := float32(1 / math.Sqrt(float64(size)))
	start := 0
	for _, p := range s.pieces {
		m := p.end - start
		if m == 0 {
			continue
		}
		scores := matrix(m, m, padded(m), s.scores)
		for head := range e.shape.Heads {
			if head%4 == 0 && ctx.Err() != nil {
				return false
			}
			at := func(part int) blas32.General { return matrix(m, size, 3*h, s.qkv[start*3*h+part*h+head*size:]) }
			e.kernels.PackInto(&s.keys, at(1))
			e.kernels.MulNTUnfused(scores, at(0), &s.keys)
			e.relative.add(e.kernels, scores, head)
			for i := range m {
				e.kernels.Softmax(scores.Data[i*scores.Stride:][:m], scale)
			}
			e.kernels.MulNN(matrix(m, size, h, s.mixed[start*h+head*size:]), scores, at(2))
		}
		start = p.end
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
		l.out.mul(out, matrix(rows, h, h, s.mixed[lo*h:]), &s.small)
		e.addNorms(x, out, l.out.rest(), &l.norm1)
		l.up.mul(inner, x, &s.small)
		if ctx.Err() != nil {
			return false
		}
		for i := range rows {
			e.act(e.kernels, inner.Data[i*inner.Stride:][:inner.Cols], l.up.rest())
		}
		l.down.mul(out, inner, &s.small)
		e.addNorms(x, out, l.down.rest(), &l.norm2)
	}
	return true
}

func (e *Encoder) addNorms(x, y blas32.General, bias []float32, n *norm) {
	for i := range x.Rows {
		n.apply(e.kernels, x.Data[i*x.Stride:][:x.Cols], y.Data[i*y.Stride:][:y.Cols], bias)
	}
}
