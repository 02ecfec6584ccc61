package cybertron

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/nlpodyssey/cybertron/pkg/models/bert"
	"github.com/nlpodyssey/spago/ag"
	"github.com/nlpodyssey/spago/mat"
	"github.com/nlpodyssey/spago/nn/attention/selfattention"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/sentencedir"
	"github.com/gobertopic/gobertopic/stage"
)

// The library can run each of its operators on a goroutine of its own, twice as many at once as there are processors. Then
// Workers would not say how many are busy, and a text would take a third longer on as many processors as there are workers.
func init() { ag.SetForceSyncExecution(true) }

// Encoder turns texts into vectors. It is immutable and safe for concurrent use.
type Encoder struct {
	settings *sentencedir.Dir
	model    *bert.Model
	workers  int
	prompt   string // before every text
	files    string // a hash of what Load read
}

// Identity names what decides the vectors: the files, the length at which texts are cut, and the
// prompt. It implements stage.Identified.
func (e *Encoder) Identity() string {
	return fmt.Sprintf("cybertron %s max=%d prompt=%q", e.files, e.settings.MaxTokens, e.prompt)
}

// Dim is the number of columns of a result.
func (e *Encoder) Dim() int { return e.settings.Hidden }

// MaxTokens is the length at which a text is cut, with [CLS] and [SEP].
func (e *Encoder) MaxTokens() int { return e.settings.MaxTokens }

// Tokens is the ids that a text is encoded from, with its prompt, [CLS] and [SEP], and whether its end was cut off.
func (e *Encoder) Tokens(text string) (ids []int32, cut bool) {
	return e.settings.Tok.Encode(nil, e.prompt+text, e.settings.MaxTokens)
}

// Embed returns a matrix with one row of Dim columns per text, in the order of the texts. A text that is longer than
// MaxTokens is cut there; an empty one has the vector of [CLS] and [SEP] alone, or of zeros where the model's tokenizer adds
// nothing to a text. The only error is the cause of a canceled context, which is noticed within 100 ms.
func (e *Encoder) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return e.EmbedWith(ctx, texts, embed.Options{})
}

// EmbedRun returns what EmbedWith does, and the number of texts that were cut. It implements
// stage.RunEmbedder.
func (e *Encoder) EmbedRun(ctx context.Context, run stage.Run, texts []string) (x blas32.General, truncated int, err error) {
	return embed.Run(ctx, e, run, texts)
}

// EmbedWith is Embed with the number of texts to encode at once, a progress report and the count of texts that were cut.
func (e *Encoder) EmbedWith(ctx context.Context, texts []string, opt embed.Options) (blas32.General, error) {
	n, h := len(texts), e.settings.Hidden
	x := blas32.General{Rows: n, Cols: h, Stride: h, Data: make([]float32, n*h)}
	workers := opt.Workers
	if workers <= 0 {
		workers = e.workers
	}
	var cut atomic.Int64
	err := parallel.Loop{Workers: workers, Block: 1, Progress: opt.Progress}.Run(ctx, n, func(_, i, _ int) error {
		ids, short := e.Tokens(texts[i])
		if short {
			cut.Add(1)
		}
		return e.encode(ctx, x.Data[i*h:(i+1)*h], ids)
	})
	if err != nil {
		return blas32.General{}, err
	}
	if opt.Cut != nil {
		opt.Cut(int(cut.Load()))
	}
	return x, nil
}

// blockTokens is the number of tokens that pass through a product before the context is looked at again.
const blockTokens = 64

// encode writes the vector of one text to row.
func (e *Encoder) encode(ctx context.Context, row []float32, ids []int32) error {
	if len(ids) == 0 {
		return nil // the row of a text without tokens stays zero
	}
	xs := e.model.Embeddings.Norm.Forward(e.embeddings(ids)...)
	done(xs)
	for _, l := range e.model.Encoder.Layers {
		if err := attend(ctx, l.SelfAttention, xs); err != nil {
			return err
		}
		if err := inBlocks(ctx, xs, l.FF.Forward); err != nil {
			return err
		}
	}
	pool(row, xs, e.settings.Pooling)
	if e.settings.Normalize {
		normalize(row)
	}
	return nil
}

// embeddings is the sum of each token's word, position and type vectors. All tokens are of type 0: the library would
// change the type after a [SEP].
func (e *Encoder) embeddings(ids []int32) []mat.Tensor {
	m := e.model.Embeddings
	kind := m.TokenTypes.Weights[0].Data().F32()
	xs := make([]mat.Tensor, len(ids))
	for i, id := range ids {
		word, position := m.Tokens.Weights[id].Data().F32(), m.Positions.Weights[i].Data().F32()
		sum := make([]float32, len(kind))
		for j := range sum {
			sum[j] = word[j] + kind[j] + position[j]
		}
		xs[i] = mat.NewDense[float32](mat.WithBacking(sum))
	}
	return xs
}

// done waits for operators and puts their values in their place, so that what they were computed from can be freed.
func done(xs []mat.Tensor) {
	for i, x := range xs {
		xs[i] = x.Value()
	}
}

// inBlocks replaces the tokens by what f makes of them, some at a time.
func inBlocks(ctx context.Context, xs []mat.Tensor, f func([]mat.Tensor) []mat.Tensor) error {
	for len(xs) > 0 {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n := min(blockTokens, len(xs))
		ys := f(xs[:n:n])
		done(ys)
		copy(xs, ys)
		xs = xs[n:]
	}
	return nil
}

// attend is the Forward of the library's SelfAttentionBlock, head by head.
func attend(ctx context.Context, b *bert.SelfAttentionBlock, xs []mat.Tensor) error {
	att := b.Attention
	parts := make([][]mat.Tensor, len(att.Heads))
	for i, h := range att.Heads {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		parts[i], _, _ = h.Forward(selfattention.Cache{}, xs, xs)
		done(parts[i])
	}
	ys := make([]mat.Tensor, len(xs))
	row := make([]mat.Tensor, len(parts))
	for i := range ys {
		for j := range parts {
			row[j] = parts[j][i]
		}
		ys[i] = ag.Concat(row...).Value()
	}
	at := 0
	return inBlocks(ctx, xs, func(xs []mat.Tensor) []mat.Tensor {
		merged := att.OutputMerge.Forward(ys[at : at+len(xs)]...)
		at += len(xs)
		return b.Norm.Forward(ag.Map2(ag.Add, xs, merged)...)
	})
}

// pool makes one vector of those of a text's tokens.
func pool(dst []float32, xs []mat.Tensor, mode sentencedir.Pooling) {
	copy(dst, xs[0].Data().F32())
	if mode == sentencedir.CLS {
		return
	}
	for _, x := range xs[1:] {
		for i, v := range x.Data().F32() {
			if mode == sentencedir.Max {
				dst[i] = max(dst[i], v)
			} else {
				dst[i] += v
			}
		}
	}
	if mode == sentencedir.Mean {
		for i := range dst {
			dst[i] /= float32(len(xs))
		}
	}
}

// normalize makes x one long, as torch's normalize does: a zero vector stays.
func normalize(x []float32) {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	length := max(float32(math.Sqrt(sum)), 1e-12)
	for i := range x {
		x[i] /= length
	}
}
