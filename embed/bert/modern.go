package bert

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/metric"
)

// modernBERT is the architecture with rotated queries and keys, attention within a window in some
// layers, gated inner columns, and norms before the two halves of a layer (Warner et al.,
// arXiv:2412.13663).
const modernBERT = "modernbert"

// The names of ModernBERT's tensors, those of a layer after layers.N.
const (
	modernWords     = "embeddings.tok_embeddings.weight"
	modernNorm      = "embeddings.norm"
	modernFinalNorm = "final_norm"

	modernAttentionNorm = "attn_norm"
	modernQKV           = "attn.Wqkv"
	modernOut           = "attn.Wo"
	modernInnerNorm     = "mlp_norm"
	modernUp            = "mlp.Wi"
	modernDown          = "mlp.Wo"
)

// rotary rotates pairs of columns of queries and keys by angles that grow with the position of the
// token (Su et al., arXiv:2104.09864). Column j of a head, in its first half, and column j + size/2
// are a pair.
type rotary struct {
	half     int       // pairs of a head
	cos, sin []float32 // half values for each position
}

// newRotary returns the rotations of all positions for heads of size columns. The angles are
// rounded to float32 as transformers rounds them: at position 8,000 the rounding moves them by 2e-4.
func newRotary(positions, size int, theta float64) *rotary {
	r := &rotary{half: size / 2, cos: make([]float32, positions*(size/2)), sin: make([]float32, positions*(size/2))}
	for j := range r.half {
		exponent := float32(2*j) / float32(size)
		frequency := 1 / float32(bitmath.Pow(theta, float64(exponent)))
		for p := range positions {
			sin, cos := metric.Sincos(float64(float32(p) * frequency))
			r.sin[p*r.half+j], r.cos[p*r.half+j] = float32(sin), float32(cos)
		}
	}
	return r
}

// rotate rotates the heads that lie side by side in a row, which belongs to the given position.
func (r *rotary) rotate(row []float32, position int) {
	cos, sin := r.cos[position*r.half:][:r.half], r.sin[position*r.half:][:r.half]
	for ; len(row) > 0; row = row[2*r.half:] {
		low, high := row[:r.half], row[r.half:2*r.half]
		for j, c := range cos {
			a, b, s := low[j], high[j], sin[j]
			low[j] = float32(a*c) - float32(b*s)
			high[j] = float32(b*c) + float32(a*s)
		}
	}
}

// turn rotates the queries and the keys of one text, whose first token is at position 0.
func (r *rotary) turn(qkv blas32.General) {
	if r == nil {
		return
	}
	h := qkv.Cols / 3
	for i := range qkv.Rows {
		r.rotate(qkv.Data[i*qkv.Stride:][:2*h], i)
	}
}

// windowRows is the number of queries that attention with a window takes at once.
const windowRows = 64

// mixWindow is attention in float32 for one text in which a token sees only those that are at most
// reach tokens away, or all where reach is 0. It takes memory for windowRows rows of scores. The bits of a row do not depend on the rows that are taken with it.
func (e *Encoder) mixWindow(ctx context.Context, s *scratch, mixed, qkv blas32.General, reach int) bool {
	m, h := mixed.Rows, mixed.Cols
	size := h / e.shape.Heads
	if reach == 0 {
		reach = m
	}
	for head := range e.shape.Heads {
		at := head * size
		for i0 := 0; i0 < m; i0 += windowRows {
			if ctx.Err() != nil {
				return false
			}
			i1 := min(i0+windowRows, m)
			lo, hi := max(0, i0-reach), min(m, i1+reach)
			rows, cols := i1-i0, hi-lo
			part := func(first, from, rows int) blas32.General {
				return matrix(rows, size, qkv.Stride, qkv.Data[from*qkv.Stride+first:])
			}
			scores := matrix(rows, cols, padded(cols), grow(&s.scores, rows*padded(cols)))
			e.kernels.PackInto(&s.keys, part(h+at, lo, cols))
			e.kernels.MulNTUnfused(scores, part(at, i0, rows), &s.keys)
			for i := range rows {
				row := scores.Data[i*scores.Stride:][:cols]
				from, to := max(0, i0+i-reach)-lo, min(m, i0+i+reach+1)-lo
				clear(row[:from])
				clear(row[to:])
				e.kernels.Softmax(row[from:to], e.scale())
			}
			e.kernels.MulNN(matrix(rows, size, mixed.Stride, mixed.Data[i0*mixed.Stride+at:]), scores, part(2*h+at, lo, cols))
		}
	}
	return true
}

// positional is what a layer of ModernBERT knows of positions. The zero value is that of any other
// model, whose layers know nothing.
type positional struct {
	rotary *rotary
	reach  int // how many tokens away from itself a token sees, 0 for all
}

// newPositional returns that of each layer.
func newPositional(s *shape) []positional {
	size := s.Hidden / s.Heads
	full := positional{rotary: newRotary(s.Positions, size, s.Modern.Theta)}
	local := positional{rotary: full.rotary, reach: s.Modern.Window / 2}
	if s.Modern.LocalTheta != s.Modern.Theta {
		local.rotary = newRotary(s.Positions, size, s.Modern.LocalTheta)
	}
	out := make([]positional, s.Layers)
	for i := range out {
		out[i] = full
		if s.Modern.Local[i] {
			out[i] = local
		}
	}
	return out
}

// sees reports whether each token of a text of m tokens sees all others.
func (p *positional) sees(m int) bool { return p.reach == 0 || m <= p.reach+1 }

// modernLayer reads the weights of layer i of ModernBERT. The first has no norm before attention.
func (r *reader) modernLayer(i int, s *shape) *layerWeights {
	h, p, m := s.Hidden, fmt.Sprintf("layers.%d.", i), s.Modern
	w := &layerWeights{
		qkv:   r.product(p+modernQKV, 3*h, h, m.AttentionBias, p+modernQKV),
		out:   r.product(p+modernOut, h, h, m.AttentionBias, p+modernOut),
		up:    r.product(p+modernUp, 2*s.Inner, h, m.InnerBias, p+modernUp),
		down:  r.product(p+modernDown, h, s.Inner, m.InnerBias, p+modernDown),
		norm2: r.norm(p+modernInnerNorm, s),
	}
	if i > 0 {
		w.norm1 = r.norm(p+modernAttentionNorm, s)
	}
	return w
}
