package openai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/service"
	"github.com/gobertopic/gobertopic/stage"
)

// Embedder asks a service for the vectors of texts. It is immutable and safe for concurrent use.
type Embedder struct {
	cfg     Config
	service *service.Client
}

// New makes an Embedder. It fails only with *stage.ConfigError for each bad field of cfg; nothing is sent.
func New(cfg Config) (*Embedder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.APIKey = cfg.key()
	endpoint, _ := cfg.endpoint()
	return &Embedder{cfg, &service.Client{
		Endpoint: endpoint, Key: cfg.APIKey, KeyHeader: cfg.KeyHeader, HTTP: service.HTTP(cfg.Client, cfg.Concurrency),
		Timeout: cfg.Timeout, MaxRetries: cfg.MaxRetries, Backoff: cfg.Backoff, MaxWait: cfg.MaxWait,
	}}, nil
}

// String names the address and the model.
func (e *Embedder) String() string {
	return fmt.Sprintf("openai embedder of %s at %s", e.cfg.Model, service.Shown(e.cfg.BaseURL))
}

// Format writes what String returns, for every verb.
func (e *Embedder) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// Identity names what decides the vectors: address, model, dimensions and the length at which texts are cut. It is the
// Identity that embed.Cached uses where its configuration has none.
func (e *Embedder) Identity() string {
	return fmt.Sprintf("openai %s %q dimensions=%d cut=%d", service.Shown(e.cfg.BaseURL), e.cfg.Model, e.cfg.Dimensions, e.cfg.MaxTextBytes)
}

// Embed returns a matrix with one row per text, in the order of the texts. Without texts nothing is sent, and the matrix has
// Config.Dimensions columns. The error is the cause of a canceled context, which is noticed within 100 ms, or an *Error that
// names the texts of the request that failed first; requests under way are then given up.
func (e *Embedder) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return e.EmbedWith(ctx, texts, embed.Options{})
}

// EmbedRun returns what EmbedWith does, and the number of texts that were cut. It implements
// stage.RunEmbedder.
func (e *Embedder) EmbedRun(ctx context.Context, run stage.Run, texts []string) (x blas32.General, truncated int, err error) {
	return embed.Run(ctx, e, run, texts)
}

// EmbedWith is Embed with the number of requests at a time, a progress report after each request and the count of texts
// that were cut.
func (e *Embedder) EmbedWith(ctx context.Context, texts []string, opt embed.Options) (blas32.General, error) {
	if err := context.Cause(ctx); err != nil {
		return blas32.General{}, err
	}
	inputs, cut := e.inputs(texts)
	ends := e.batches(inputs)
	workers := opt.Workers
	if workers <= 0 {
		workers = e.cfg.Concurrency
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		rows = make([][]float32, len(texts))
		done atomic.Int64
		mu   sync.Mutex
		dim  = e.cfg.Dimensions
	)
	loop := parallel.Loop{Workers: workers, Block: 1}
	if opt.Progress != nil {
		last := 0
		loop.Progress = func(int, int) {
			if d := int(done.Load()); d > last {
				last = d
				opt.Progress(d, len(texts))
			}
		}
	}
	err := loop.Run(ctx, len(ends), func(_, b, _ int) error {
		lo := 0
		if b > 0 {
			lo = ends[b-1]
		}
		hi := ends[b]
		err := e.request(ctx, inputs[lo:hi], func(vectors [][]float32) error {
			mu.Lock()
			defer mu.Unlock()
			for i, v := range vectors {
				if dim == 0 {
					dim = len(v)
				}
				if len(v) != dim {
					return fmt.Errorf("the vector of text %d has %d dimensions, want %d", lo+i, len(v), dim)
				}
			}
			copy(rows[lo:hi], vectors)
			return nil
		})
		if err == nil {
			done.Add(int64(hi - lo))
			return nil
		}
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		var f *service.Failure
		if errors.As(err, &f) {
			err = &Error{lo, hi - 1, len(texts), f.Attempts, f.Status, f.Message, f.Type, f.Code, f.Err}
		}
		cancel(err)
		return context.Cause(ctx) // the first of several failures
	})
	if err != nil {
		return blas32.General{}, err
	}
	x := blas32.General{Rows: len(texts), Cols: dim, Stride: dim, Data: make([]float32, len(texts)*dim)}
	for i, row := range rows {
		copy(x.Data[i*dim:], row)
	}
	if opt.Cut != nil {
		opt.Cut(cut)
	}
	return x, nil
}

// inputs are the texts as they are sent.
func (e *Embedder) inputs(texts []string) (inputs []string, cut int) {
	inputs = make([]string, len(texts))
	for i, text := range texts {
		if limit := e.cfg.MaxTextBytes; limit > 0 && len(text) > limit {
			for limit > 0 && !utf8.RuneStart(text[limit]) {
				limit--
			}
			if limit == 0 { // nothing but parts of characters: there is no better place
				limit = e.cfg.MaxTextBytes
			}
			text = text[:limit]
			cut++
		}
		if text == "" {
			text = " "
		}
		inputs[i] = text
	}
	return inputs, cut
}

// batches are the ends of the requests.
func (e *Embedder) batches(texts []string) (ends []int) {
	lo, size := 0, 0
	for i, text := range texts {
		if i > lo && (i-lo == e.cfg.BatchTexts || size+len(text) > e.cfg.BatchBytes) {
			ends = append(ends, i)
			lo, size = i, 0
		}
		size += len(text)
	}
	if len(texts) > 0 {
		ends = append(ends, len(texts))
	}
	return ends
}

type question struct {
	Model      string   `json:"model"`
	Input      []string `json:"input"`
	Encoding   string   `json:"encoding_format,omitempty"`
	Dimensions int      `json:"dimensions,omitempty"`
	User       string   `json:"user,omitempty"`
}

// An answer may have 8,192 dimensions in 32 characters each for every text, and a little more.
const (
	maxVectorBytes = 8192 * 32
	maxOtherBytes  = 1 << 20
)

// request asks until there is an answer that accept takes.
func (e *Embedder) request(ctx context.Context, texts []string, accept func([][]float32) error) error {
	q := question{e.cfg.Model, texts, e.cfg.Encoding, e.cfg.Dimensions, e.cfg.User}
	n := len(texts)
	return e.service.Post(ctx, q, int64(n)*maxVectorBytes+maxOtherBytes, func(answer []byte) error {
		vectors, err := decode(answer, n)
		if err != nil {
			return err
		}
		return accept(vectors)
	})
}
