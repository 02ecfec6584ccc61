package bert

import (
	"context"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/internal/tokenizer"
	"github.com/gobertopic/gobertopic/stage"
)

// Encoder turns texts into vectors. It is immutable and safe for concurrent use.
type Encoder struct {
	shape     shape
	tok       *tokenizer.Tokenizer
	kernels   *simd.Kernels
	act       activation
	words     table
	positions []float32 // a row per place, with the vector of token type 0 in it; none in ModernBERT
	norm      norm
	final     norm      // of ModernBERT, after the last layer
	relative  *relative // of MPNet, nil for any other
	layers    []layer
	dense     []dense // after pooling
	cols      int     // of a result
	workers   int
	precision Precision
	rounded   bool // the weights were float32 and are int8
	windows   bool
	prompt    string    // before every text
	model     [16]byte  // hash of what it was made of
	scratch   sync.Pool // of *scratch
}

// Dim is the number of columns of a result.
func (e *Encoder) Dim() int { return e.cols }

// MaxTokens is the length at which a text is cut, with [CLS] and [SEP].
func (e *Encoder) MaxTokens() int { return e.shape.MaxTokens }

// Kernels names the instruction set in use.
func (e *Encoder) Kernels() string { return string(e.kernels.Level()) }

// Precision is the number format of the products.
func (e *Encoder) Precision() Precision { return e.precision }

// Tokens is the ids that a text is encoded from, with its prompt, [CLS] and [SEP], and whether its end was cut off.
func (e *Encoder) Tokens(text string) (ids []int32, cut bool) {
	return e.tok.Encode(nil, e.prompt+text, e.shape.MaxTokens)
}

// Embed returns a matrix with one row of Dim columns per text, in the order of the texts. A text that is longer than
// MaxTokens is cut there, unless Config.Windows is set; an empty one has the vector of [CLS] and [SEP] alone, or what the modules after pooling make of zeros where the model's tokenizer adds
// nothing to a text. The only error is the cause of a canceled context, which is noticed within 100 ms.
func (e *Encoder) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return e.EmbedWith(ctx, texts, embed.Options{})
}

// batchTokens is when a worker stops taking texts: enough rows to make the most of the weights that a product reads, few
// enough to keep the activations in the cache.
const batchTokens = 1024

// bytesPerToken is about how long a token of a natural text is, with the space before it.
const bytesPerToken = 4

// EmbedRun returns what EmbedWith does, and the number of texts that were cut. It implements
// stage.RunEmbedder.
func (e *Encoder) EmbedRun(ctx context.Context, run stage.Run, texts []string) (x blas32.General, truncated int, err error) {
	return embed.Run(ctx, e, run, texts)
}

// EmbedWith is Embed with the number of workers, a progress report and the count of texts that were cut.
func (e *Encoder) EmbedWith(ctx context.Context, texts []string, opt embed.Options) (blas32.General, error) {
	return e.run(ctx, len(texts), job{
		size:    func(i int) int { return len(texts[i]) / bytesPerToken },
		tokens:  func(dst []int32, i, limit int) ([]int32, bool) { return e.tok.Encode(dst, e.prompt+texts[i], limit) },
		limit:   e.shape.MaxTokens,
		windows: e.windows,
		pooling: e.shape.Pooling,
		modules: true,
		cols:    e.cols,
	}, opt)
}

// job is what to encode and what to make of it.
type job struct {
	size    func(i int) int                                         // about how many tokens input i has
	tokens  func(dst []int32, i, limit int) (ids []int32, cut bool) // appends the ids of input i; no limit if that is 0
	limit   int                                                     // the length of a piece
	windows bool                                                    // make several pieces of a long input
	pooling pooling
	modules bool // run what comes after pooling
	cols    int  // of a result
}

// run encodes n inputs.
func (e *Encoder) run(ctx context.Context, n int, j job, opt embed.Options) (blas32.General, error) {
	if err := context.Cause(ctx); err != nil {
		return blas32.General{}, err
	}
	x := blas32.General{Rows: n, Cols: j.cols, Stride: j.cols, Data: make([]float32, n*j.cols)}
	workers := opt.Workers
	if workers <= 0 {
		workers = parallel.Workers(e.workers)
	}
	workers = min(workers, n)
	var (
		order     = byLength(n, j.size)
		full      = fullBatch(n, workers, j)
		next, cut atomic.Int64
		wg        sync.WaitGroup
		done      = make(chan int, workers)
	)
	// fill takes texts until the batch is full or there are no more.
	fill := func(b *batch) {
		b.reset()
		for len(b.ids) < full && ctx.Err() == nil {
			if b.pending() {
				b.next(e)
				continue
			}
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if b.add(e, int(order[i]), j) {
				cut.Add(1)
			}
		}
	}
	for range workers {
		wg.Go(func() {
			s := e.getScratch()
			defer e.scratch.Put(s)
			s.rest, s.under = windows{}, false
			for fill(&s.batch); len(s.pieces) > 0 && e.forward(ctx, s, j, x); fill(&s.batch) {
				if texts := s.finished(); texts > 0 {
					done <- texts
				}
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

// fullBatch is the number of tokens at which a batch is full: fewer where there is not much to share out.
func fullBatch(n, workers int, j job) int {
	tokens := 0
	for i := range n {
		k := 2 + j.size(i)
		if !j.windows {
			k = min(k, j.limit)
		}
		if tokens += k; tokens > 2*batchTokens*workers {
			return batchTokens
		}
	}
	return max(1, tokens/max(1, 2*workers))
}
