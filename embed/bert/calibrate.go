package bert

import (
	"context"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// calibration is the greatest size of each input of a layer's products that take what comes from a layer norm, whose
// columns differ by far: these are worth smoothing.
type calibration struct{ qkv, up []float32 }

// What a model is calibrated with.
const (
	calibrationTexts  = 64
	calibrationTokens = 24
)

// calibrate finds how large the inputs of a model's products become, in float32. It reads tokens drawn at random from the
// vocabulary, so no text of any language is needed, and on all-MiniLM-L6-v2 that serves as well as calibrating on the very
// texts that the quality is measured with. The result does not depend on the kernels.
func calibrate(m *model, kernels string) ([]calibration, error) {
	e, err := newEncoder(m, Config{Precision: FP32, Kernels: kernels})
	if err != nil {
		return nil, err
	}
	seen := make([]calibration, len(e.layers))
	for i := range seen {
		seen[i] = calibration{make([]float32, e.shape.Hidden), make([]float32, e.shape.Hidden)}
		e.layers[i].qkv.top, e.layers[i].up.top = seen[i].qkv, seen[i].up
		// The other products need not be seen, but must not depend on the machine either.
		e.layers[i].out.top, e.layers[i].down.top = make([]float32, e.shape.Hidden), make([]float32, e.shape.Inner)
	}
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
	row := blas32.General{Rows: 1, Cols: e.shape.Hidden, Stride: e.shape.Hidden, Data: make([]float32, e.shape.Hidden)}
	e.forward(context.Background(), s, job{pooling: poolMean}, row)
	return seen, nil
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
