package bert

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// How many tokens pass through the products of a layer at once. Each half of a layer runs over the
// whole batch before the other begins, so that its weights, with the activations between its
// products, stay in the second-level cache. The context is looked at after each block.
const (
	groupRows = 96 // in the half with attention, where a text that is longer is a group of its own
	blockRows = 96 // in a product of that half
	feedRows  = 64 // in the feed-forward half, whose inner rows are the widest
)

// scratch is the memory of one worker: a batch of texts and what becomes of it.
type scratch struct {
	batch
	x      []float32    // tokens × hidden: the state of the layers
	qkv    []float32    // group × 3·hidden
	mixed  []float32    // group × hidden: what attention made
	out    []float32    // block × hidden
	inner  []float32    // feedRows × intermediate, or twice that with gates
	normed []float32    // block × hidden: the input of a half of a layer that begins with a norm
	scores []float32    // longest piece squared
	pooled []float32    // hidden: of a text
	part   []float32    // hidden: of a window of it
	under  bool         // the text of pooled is under way
	after  [2][]float32 // what Dense modules make of it
	keys   simd.Panels
	heads  simd.Attention
	small  rounding
}

func (e *Encoder) getScratch() *scratch {
	if s, ok := e.scratch.Get().(*scratch); ok {
		return s
	}
	h := e.shape.Hidden
	s := &scratch{out: make([]float32, blockRows*h), inner: make([]float32, feedRows*e.innerCols()), pooled: make([]float32, h), part: make([]float32, h)}
	if e.preNorm() {
		s.normed = make([]float32, blockRows*h)
	}
	return s
}

// grow gives a slice of n values, with anything in them.
func grow(p *[]float32, n int) []float32 {
	if cap(*p) < n {
		*p = make([]float32, n+n/4)
	}
	*p = (*p)[:n]
	return *p
}

// preNorm reports whether the norms of a layer come before its halves and not after them.
func (e *Encoder) preNorm() bool { return e.shape.Arch == modernBERT }

// innerCols is the number of columns of the first feed-forward product, with those of the gates.
func (e *Encoder) innerCols() int {
	if e.shape.Arch == modernBERT {
		return 2 * e.shape.Inner
	}
	return e.shape.Inner
}

func matrix(rows, cols, stride int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: data}
}

// forward encodes the batch into the rows of x that belong to its texts. It is false when the context was canceled.
func (e *Encoder) forward(ctx context.Context, s *scratch, j job, x blas32.General) bool {
	n, h := len(s.ids), e.shape.Hidden
	largest := 0
	for g := s.group(0); len(g.pieces) > 0; g = s.group(g.next) {
		largest = max(largest, g.end-g.start)
	}
	grow(&s.x, n*h)
	grow(&s.qkv, largest*3*h)
	grow(&s.mixed, largest*h)

	e.embedTokens(s)
	for i := range e.layers {
		if !e.attend(ctx, s, &e.layers[i]) || !e.feed(ctx, s, &e.layers[i]) {
			return false
		}
	}
	if e.final.gain != nil {
		for i := range n {
			e.final.apply(e.kernels, s.x[i*h:][:h], nil, nil)
		}
	}
	start := 0
	for _, p := range s.pieces {
		e.finish(s, p, j, s.x[start*h:p.end*h], x.Data[p.text*x.Stride:][:x.Cols])
		start = p.end
	}
	return true
}

// embedTokens makes the rows of the tokens that go into the first layer.
func (e *Encoder) embedTokens(s *scratch) {
	h, start := e.shape.Hidden, 0
	for _, p := range s.pieces {
		next := 0
		for i, id := range s.ids[start:p.end] {
			row := s.x[(start+i)*h:][:h]
			if e.positions == nil {
				clear(row)
			} else {
				copy(row, e.positions[e.place(&next, id)*h:])
			}
			e.words.addTo(e.kernels, row, id)
			e.norm.apply(e.kernels, row, nil, nil)
		}
		start = p.end
	}
}

// finish makes the row of a text of the rows of its tokens, or adds those of a window to what is
// under way.
func (e *Encoder) finish(s *scratch, p piece, j job, rows, row []float32) {
	if !s.under {
		clear(s.pooled)
	}
	s.under = !p.last
	switch {
	case len(rows) == 0: // a text without tokens
	case p.share == 0:
		pool(e.kernels, s.pooled, rows, j.pooling)
	default:
		pool(e.kernels, s.part, rows, j.pooling)
		e.kernels.Scale(s.part, p.share)
		e.kernels.Add(s.pooled, s.part)
	}
	if !p.last {
		return
	}
	out := s.pooled
	if j.modules {
		for i := range e.dense {
			out = e.dense[i].apply(e.kernels, out, &s.after[i%2])
		}
	}
	copy(row, out)
	if j.modules && e.shape.Normalize {
		normalize(row)
	}
}

// padded is the distance between rows of scores: many short rows are faster when they begin a multiple of 16 values apart.
func padded(n int) int { return (n + 15) &^ 15 }

// attend does the first half of a layer: what each token gathers from its text, through the output
// product, added to what went in. It works on whole texts, a group at a time.
func (e *Encoder) attend(ctx context.Context, s *scratch, l *layer) bool {
	for g := s.group(0); len(g.pieces) > 0; g = s.group(g.next) {
		if !e.project(ctx, s, l, g) || !e.mix(ctx, s, l, g) || !e.collect(ctx, s, l, g) {
			return false
		}
	}
	return true
}

// project fills s.qkv with the queries, keys and values of a group.
func (e *Encoder) project(ctx context.Context, s *scratch, l *layer, g group) bool {
	h := e.shape.Hidden
	for lo := g.start; lo < g.end; lo += blockRows {
		if ctx.Err() != nil {
			return false
		}
		rows := min(blockRows, g.end-lo)
		qkv := matrix(rows, 3*h, 3*h, s.qkv[(lo-g.start)*3*h:])
		l.qkv.mul(qkv, e.before(s, matrix(rows, h, h, s.x[lo*h:]), &l.norm1), &s.small)
		if bias := l.qkv.rest(); bias != nil {
			e.kernels.AddBias(qkv, bias)
		}
	}
	return true
}

// before returns the input of a half of a layer, given the state: a copy after the norm, where
// norms come first.
func (e *Encoder) before(s *scratch, x blas32.General, n *norm) blas32.General {
	if !e.preNorm() || n.gain == nil {
		return x
	}
	y := matrix(x.Rows, x.Cols, x.Cols, s.normed)
	for i := range x.Rows {
		row := y.Data[i*y.Stride:][:y.Cols]
		copy(row, x.Data[i*x.Stride:])
		n.apply(e.kernels, row, nil, nil)
	}
	return y
}

// mix fills s.mixed with the values that each token of a group gathers from its text.
func (e *Encoder) mix(ctx context.Context, s *scratch, l *layer, g group) bool {
	h := e.shape.Hidden
	start := 0
	for _, p := range g.pieces {
		m := p.end - g.start - start
		if m > 0 {
			qkv := matrix(m, 3*h, 3*h, s.qkv[start*3*h:])
			mixed := matrix(m, h, h, s.mixed[start*h:])
			l.rotary.turn(qkv)
			ok := false
			switch {
			case !l.sees(m) || e.precision == FP32 && m > wholeRows:
				ok = e.mixWindow(ctx, s, mixed, qkv, l.reach)
			case e.precision == Int8 && e.relative == nil: // Attend has no place for a bias
				ok = e.mixPieceHalf(ctx, s, mixed, qkv)
			default:
				ok = e.mixPiece(ctx, s, mixed, qkv)
			}
			if !ok {
				return false
			}
		}
		start += m
	}
	return true
}

// columns returns cols columns of a matrix from the given one on.
func columns(x blas32.General, first, cols int) blas32.General {
	return matrix(x.Rows, cols, x.Stride, x.Data[first:])
}

// wholeRows is the number of tokens of a text up to which all scores of a head are made at once in
// float32.
const wholeRows = 1024

// headsAtOnce is the number of heads after which the context is looked at, and onceRows the number
// of tokens of a text for which all heads together do not take longer.
const (
	headsAtOnce = 2
	onceRows    = 128
)

// mixPiece is attention in float32, for one text.
func (e *Encoder) mixPiece(ctx context.Context, s *scratch, mixed, qkv blas32.General) bool {
	m, h := mixed.Rows, mixed.Cols
	size := h / e.shape.Heads
	scores := matrix(m, m, padded(m), grow(&s.scores, m*padded(m)))
	for head := range e.shape.Heads {
		if head%headsAtOnce == 0 && ctx.Err() != nil {
			return false
		}
		at := head * size
		e.kernels.PackInto(&s.keys, columns(qkv, h+at, size))
		e.kernels.MulNTUnfused(scores, columns(qkv, at, size), &s.keys)
		e.relative.add(e.kernels, scores, head)
		for i := range m {
			e.kernels.Softmax(scores.Data[i*scores.Stride:][:m], e.scale())
		}
		e.kernels.MulNN(columns(mixed, at, size), scores, columns(qkv, 2*h+at, size))
	}
	return true
}

// mixPieceHalf is attention in bfloat16, for one text.
func (e *Encoder) mixPieceHalf(ctx context.Context, s *scratch, mixed, qkv blas32.General) bool {
	h := mixed.Cols
	size := h / e.shape.Heads
	cols := h
	if mixed.Rows > onceRows {
		cols = headsAtOnce * size
	}
	for at := 0; at < h; at += cols {
		if ctx.Err() != nil {
			return false
		}
		n := min(cols, h-at)
		e.kernels.Attend(columns(mixed, at, n), columns(qkv, at, n), columns(qkv, h+at, n), columns(qkv, 2*h+at, n), size, e.scale(), &s.heads)
	}
	return true
}

// scale is what the scores of attention are multiplied with.
func (e *Encoder) scale() float32 {
	return float32(1 / math.Sqrt(float64(e.shape.Hidden/e.shape.Heads)))
}

// collect puts s.mixed through the output product and adds it to the rows of a group.
func (e *Encoder) collect(ctx context.Context, s *scratch, l *layer, g group) bool {
	h := e.shape.Hidden
	for lo := g.start; lo < g.end; lo += blockRows {
		if ctx.Err() != nil {
			return false
		}
		rows := min(blockRows, g.end-lo)
		out := matrix(rows, h, h, s.out)
		l.out.mul(out, matrix(rows, h, h, s.mixed[(lo-g.start)*h:]), &s.small)
		e.addNorms(matrix(rows, h, h, s.x[lo*h:]), out, l.out.rest(), &l.norm1)
	}
	return true
}

// feed does the second half of a layer: the two feed-forward products, added to what went in.
func (e *Encoder) feed(ctx context.Context, s *scratch, l *layer) bool {
	n, h := len(s.ids), e.shape.Hidden
	for lo := 0; lo < n; lo += feedRows {
		if ctx.Err() != nil {
			return false
		}
		rows := min(feedRows, n-lo)
		x := matrix(rows, h, h, s.x[lo*h:])
		out := matrix(rows, h, h, s.out)
		inner := e.inner(s, l, x)
		if ctx.Err() != nil {
			return false
		}
		l.down.mul(out, inner, &s.small)
		e.addNorms(x, out, l.down.rest(), &l.norm2)
	}
	return true
}

// inner returns what the first feed-forward product and the activation make of rows of the state.
func (e *Encoder) inner(s *scratch, l *layer, x blas32.General) blas32.General {
	n, cols := e.shape.Inner, e.innerCols()
	all := matrix(x.Rows, cols, cols, s.inner)
	l.up.mul(all, e.before(s, x, &l.norm2), &s.small)
	bias := l.up.rest()
	var gateBias []float32
	if bias != nil {
		bias, gateBias = bias[:n], bias[n:]
	}
	for i := range x.Rows {
		row := all.Data[i*cols:][:cols]
		e.act(e.kernels, row[:n], bias)
		if gates := row[n:]; len(gates) > 0 {
			if gateBias != nil {
				e.kernels.Add(gates, gateBias)
			}
			multiply(row[:n], gates)
		}
	}
	return columns(all, 0, n)
}

// multiply multiplies the values of x by those of y.
func multiply(x, y []float32) {
	y = y[:len(x)]
	for i, v := range y {
		x[i] *= v
	}
}

// addNorms adds y and a bias, which may be nil, to x, and applies the norm where norms come last.
func (e *Encoder) addNorms(x, y blas32.General, bias []float32, n *norm) {
	for i := range x.Rows {
		row, more := x.Data[i*x.Stride:][:x.Cols], y.Data[i*y.Stride:][:y.Cols]
		if !e.preNorm() {
			n.apply(e.kernels, row, more, bias)
			continue
		}
		if bias != nil {
			e.kernels.Add(more, bias)
		}
		e.kernels.Add(row, more)
	}
}
