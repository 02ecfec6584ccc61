package bert

import (
	"context"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// Encoder turns texts into vectors. It is immutable and safe for concurrent use.
type Encoder struct {
	shape     shape
	tok       *wordpiece.Tokenizer
	kernels   *simd.Kernels
	act       activation
	words     table
	positions []float32 // a row per position, with the vector of token type 0 in it
	norm      norm
	layers    []layer
	workers   int
	prompt    string    // before every text
	model     [16]byte  // hash of what it was made of
	scratch   sync.Pool // of *scratch
}

// Dim is the number of columns of a result.
func (e *Encoder) Dim() int { return e.shape.Hidden }

// MaxTokens is the length at which a text is cut, with [CLS] and [SEP].
func (e *Encoder) MaxTokens() int { return e.shape.MaxTokens }

// Kernels names the instruction set in use.
func (e *Encoder) Kernels() string { return string(e.kernels.Level()) }

// Tokens is the ids that a text is encoded from, with its prompt, [CLS] and [SEP], and whether its end was cut off.
func (e *Encoder) Tokens(text string) (ids []int32, cut bool) {
	return e.tok.Encode(nil, e.prompt+text, e.shape.MaxTokens)
}

// Embed returns a matrix with one row of Dim columns per text, in the order of the texts. A text that is longer than
// MaxTokens is cut there; an empty one has the vector of [CLS] and [SEP] alone, or of zeros where the model's tokenizer adds
// nothing to a text. The only error is the cause of a cancelled context, which is noticed within 100 ms.
func (e *Encoder) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return e.EmbedWith(ctx, texts, embed.Options{})
}

// batchTokens is when a worker stops taking texts: enough rows to make the most of the weights that a product reads, few
// enough to keep the activations in the cache.
const batchTokens = 512

// EmbedWith is Embed with the number of workers, a progress report and the count of texts that were cut.
func (e *Encoder) EmbedWith(ctx context.Context, texts []string, opt embed.Options) (blas32.General, error) {
	tokens := func(dst []int32, i int) ([]int32, bool) {
		return e.tok.Encode(dst, e.prompt+texts[i], e.shape.MaxTokens)
	}
	return e.run(ctx, len(texts), job{tokens, e.shape.Pooling, e.shape.Normalize}, opt)
}

// job is what to encode and what to make of it.
type job struct {
	tokens    func(dst []int32, i int) (ids []int32, cut bool) // appends the ids of input i
	pooling   pooling
	normalize bool
}

// run encodes n inputs.
func (e *Encoder) run(ctx context.Context, n int, j job, opt embed.Options) (blas32.General, error) {
	if err := context.Cause(ctx); err != nil {
		return blas32.General{}, err
	}
	x := blas32.General{Rows: n, Cols: e.shape.Hidden, Stride: e.shape.Hidden, Data: make([]float32, n*e.shape.Hidden)}
	workers := opt.Workers
	if workers <= 0 {
		workers = parallel.Workers(e.workers)
	}
	workers = min(workers, n)
	var (
		next, cut atomic.Int64
		wg        sync.WaitGroup
		done      = make(chan int, workers)
	)
	for range workers {
		wg.Go(func() {
			s := e.getScratch()
			defer e.scratch.Put(s)
			for ctx.Err() == nil {
				s.reset()
				// A few texts are shared out evenly; many are taken until the batch is full.
				for len(s.ids) < batchTokens && len(s.texts) < (n+workers-1)/workers && ctx.Err() == nil {
					i := int(next.Add(1)) - 1
					if i >= n {
						break
					}
					if s.add(i, j) {
						cut.Add(1)
					}
				}
				if len(s.texts) == 0 || !e.forward(ctx, s, j, x) {
					return
				}
				done <- len(s.texts)
			}
		})
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	total := 0
	for k := range done {
		total += k
		if opt.Progress != nil {
			opt.Progress(total, n)
		}
	}
	if total < n {
		return blas32.General{}, context.Cause(ctx)
	}
	if opt.Cut != nil {
		opt.Cut(int(cut.Load()))
	}
	return x, nil
}
