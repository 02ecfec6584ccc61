package bert

import (
	"context"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// What a model is calibrated with.
const (
	calibrationTexts  = 32
	calibrationTokens = 24
)

// calibration rounds the weights of an encoder to int8, layer by layer. Tokens that are drawn at
// random from the vocabulary, so that no text of any language is needed, pass through the layers
// that are ready. How large the columns of a product's input become says how its weights are
// smoothed, and then the product itself is run in int8. On all-MiniLM-L6-v2 this serves as well as
// calibrating on the very texts that the quality is measured with. All of it has the same bits with
// all kernels.
type calibration struct {
	e   *Encoder
	s   *scratch
	all group
}

// newCalibration draws the tokens. e is an encoder whose layers are not yet there.
func newCalibration(e *Encoder) *calibration {
	s := e.getScratch()
	s.reset()
	special, _ := e.tok.Encode(nil, "", e.shape.MaxTokens)
	before, _ := e.tok.Specials()
	before = min(before, len(special))
	brackets := "[]"
	if e.tok.WordPiece() == nil {
		brackets = "<>"
	}
	words := ordinary(e.tok.Vocab(), brackets)
	random := rng.New(1)
	for range calibrationTexts {
		s.ids = append(s.ids, special[:before]...)
		for range min(calibrationTokens, e.shape.MaxTokens-len(special)) {
			s.ids = append(s.ids, words[random.Intn(len(words))])
		}
		s.ids = append(s.ids, special[before:]...)
		s.pieces = append(s.pieces, piece{end: len(s.ids), last: true})
	}
	n, h := len(s.ids), e.shape.Hidden
	grow(&s.x, n*h)
	grow(&s.qkv, n*3*h)
	grow(&s.mixed, n*h)
	e.embedTokens(s)
	return &calibration{e: e, s: s, all: group{pieces: s.pieces, end: n, next: len(s.pieces)}}
}

// pack rounds and packs the weights of the next layer, l, and runs it.
func (c *calibration) pack(l *layer, w *layerWeights) {
	ctx, e, s, h := context.Background(), c.e, c.s, c.e.shape.Hidden
	set := func(to *linear, p *product, top []float32, apart int) {
		p.quantise(top, apart)
		*to = newLinear(e.kernels, p, Int8)
	}
	set(&l.qkv, &w.qkv, c.most(h, func(x blas32.General) blas32.General { return e.before(s, x, &l.norm1) }), sideColumns(h))
	e.project(ctx, s, l, c.all)
	e.mix(ctx, s, l, c.all)
	top := make([]float32, h)
	seeRows(top, matrix(c.all.end, h, h, s.mixed))
	set(&l.out, &w.out, top, 0) // no model that was tried has columns of values that are far larger
	e.collect(ctx, s, l, c.all)
	set(&l.up, &w.up, c.most(h, func(x blas32.General) blas32.General { return e.before(s, x, &l.norm2) }), sideColumns(h))
	set(&l.down, &w.down, c.most(e.shape.Inner, func(x blas32.General) blas32.General { return e.inner(s, l, x) }), sideColumns(e.shape.Inner))
	e.feed(ctx, s, l)
}

// most returns the greatest size of each column of what f makes of the rows of all tokens.
func (c *calibration) most(cols int, f func(x blas32.General) blas32.General) []float32 {
	h, top := c.e.shape.Hidden, make([]float32, cols)
	for lo := 0; lo < c.all.end; lo += feedRows {
		rows := min(feedRows, c.all.end-lo)
		seeRows(top, f(matrix(rows, h, h, c.s.x[lo*h:])))
	}
	return top
}

// seeRows raises each value of top to the greatest size in its column of x.
func seeRows(top []float32, x blas32.General) {
	for i := range x.Rows {
		see(top, x.Data[i*x.Stride:][:x.Cols])
	}
}

// ordinary is the ids of the tokens that are no special ones, which stand in brackets, or all when
// there are no others.
func ordinary(vocab []string, brackets string) []int32 {
	var some, all []int32
	for id, token := range vocab {
		all = append(all, int32(id))
		if !strings.HasPrefix(token, brackets[:1]) || !strings.HasSuffix(token, brackets[1:]) {
			some = append(some, int32(id))
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}
