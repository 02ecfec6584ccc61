package static

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
	"github.com/gobertopic/gobertopic/stage"
)

// Config says how a model runs. The zero value is the default.
type Config struct {
	// MaxTokens is the number of tokens at which a text is cut. 0, the default, means the model's own, 512 where it has none;
	// −1 cuts no text. max_length of model2vec.
	MaxTokens int
	// Workers is the number of goroutines of one call; 0, the default, means GOMAXPROCS. It never changes a result.
	Workers int
}

// DefaultConfig is the model's own length and all processors.
func DefaultConfig() Config { return Config{} }

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MaxTokens >= -1, "static.Config.MaxTokens", c.MaxTokens, "at least −1")
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "static.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}

// defaultMaxTokens is model2vec's DEFAULT_MAX_LENGTH.
const defaultMaxTokens = 512

// Model is a table of token vectors. It is immutable and safe for concurrent use.
type Model struct {
	tok       *tokenizer
	dim       int
	table     []float32 // rows of dim values
	small     []byte    // or the rows as int8, to be multiplied by the weights
	weights   []float32 // per token id; nil when all are 1
	mapping   []int32   // row of the table per token id; nil when it is the id
	normalize bool
	maxTokens int // 0: no limit
	workers   int
	sif       float64 // what Distill used; 0 for none or not known
	pca       int

	identity func() string
}

// prepare fills in what follows from the rest.
func (m *Model) prepare() *Model {
	m.identity = sync.OnceValue(func() string {
		h := sha256.New()
		h.Write(m.tok.file())
		b := make([]byte, 0, 1<<16)
		h.Write(m.small)
		for _, part := range [][]float32{m.table, m.weights} {
			for chunk := range slices.Chunk(part, 1<<14) {
				b = b[:0]
				for _, v := range chunk {
					b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
				}
				h.Write(b)
			}
		}
		for _, v := range m.mapping {
			h.Write(binary.LittleEndian.AppendUint32(b[:0], uint32(v)))
		}
		return fmt.Sprintf("static %s dim=%d normalize=%v max=%d", hex.EncodeToString(h.Sum(nil)), m.dim, m.normalize, m.maxTokens)
	})
	return m
}

// Dim is the number of columns of a result.
func (m *Model) Dim() int { return m.dim }

// MaxTokens is the number of tokens at which a text is cut; 0 when none is.
func (m *Model) MaxTokens() int { return m.maxTokens }

// rows is the number of rows of the table.
func (m *Model) rows() int { return (len(m.table) + len(m.small)) / m.dim }

// Size is the number of tokens.
func (m *Model) Size() int { return m.tok.size }

// Identity is a hash of all that decides the vectors. It is the Identity that embed.Cached uses where its configuration has
// none.
func (m *Model) Identity() string { return m.identity() }

// Tokens is the ids whose vectors are averaged for a text, without special and unknown tokens, and whether its end was cut
// off: after MaxTokens times the median length of a token in characters, then after MaxTokens tokens, unknown ones among them.
func (m *Model) Tokens(text string) (ids []int32, cut bool) { return m.tokens(nil, text) }

func (m *Model) tokens(dst []int32, text string) (ids []int32, cut bool) {
	limit := 0
	if m.maxTokens > 0 {
		limit = m.maxTokens + 2
		text, cut = firstChars(text, m.maxTokens*m.tok.median)
	}
	ids, more := m.tok.wp.Encode(dst[:0], text, limit)
	ids = ids[1 : len(ids)-1] // the unknown tokens that stand for [CLS] and [SEP]
	kept := ids[:0]
	for _, id := range ids {
		if id != m.tok.unk {
			kept = append(kept, id)
		}
	}
	return kept, cut || more
}

// firstChars is the first n characters of a text.
func firstChars(text string, n int) (string, bool) {
	if len(text) <= n {
		return text, false
	}
	i := 0
	for ; n > 0 && i < len(text); n-- {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return text[:i], i < len(text)
}

// Embed returns a matrix with one row of Dim columns per text, in the order of the texts. A text without known tokens has
// the vector 0. The only error is the cause of a canceled context, which is noticed within 100 ms.
func (m *Model) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return m.EmbedWith(ctx, texts, embed.Options{})
}

// EmbedRun returns what EmbedWith does, and the number of texts that were cut. It implements
// stage.RunEmbedder.
func (m *Model) EmbedRun(ctx context.Context, run stage.Run, texts []string) (x blas32.General, truncated int, err error) {
	return embed.Run(ctx, m, run, texts)
}

// EmbedWith is Embed with the number of workers, a progress report and the count of texts that were cut.
func (m *Model) EmbedWith(ctx context.Context, texts []string, opt embed.Options) (blas32.General, error) {
	workers := opt.Workers
	if workers <= 0 {
		workers = m.workers
	}
	workers = parallel.Workers(workers)
	x := blas32.General{Rows: len(texts), Cols: m.dim, Stride: m.dim, Data: make([]float32, len(texts)*m.dim)}
	scratch := make([][]int32, workers)
	var cuts atomic.Int64
	loop := parallel.Loop{Workers: workers, Block: 64, Progress: opt.Progress}
	err := loop.Run(ctx, len(texts), func(worker, lo, hi int) error {
		ids := scratch[worker]
		for i := lo; i < hi; i++ {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			var cut bool
			ids, cut = m.tokens(ids, texts[i])
			if cut {
				cuts.Add(1)
			}
			m.mean(x.Data[i*m.dim:(i+1)*m.dim], ids)
		}
		scratch[worker] = ids
		return nil
	})
	if err != nil {
		return blas32.General{}, err
	}
	if opt.Cut != nil {
		opt.Cut(int(cuts.Load()))
	}
	return x, nil
}

// mean writes the mean of the vectors of ids to row, which is 0.
func (m *Model) mean(row []float32, ids []int32) {
	if len(ids) == 0 {
		return
	}
	for _, id := range ids {
		at := int(id)
		if m.mapping != nil {
			at = int(m.mapping[id])
		}
		w := float32(1)
		if m.weights != nil {
			w = m.weights[id]
		}
		if m.small != nil {
			for j, b := range m.small[at*m.dim:][:len(row)] {
				row[j] += float32(float32(int8(b)) * w)
			}
			continue
		}
		v := m.table[at*m.dim:][:len(row)]
		if m.weights == nil {
			for j, f := range v {
				row[j] += f
			}
			continue
		}
		for j, f := range v {
			row[j] += float32(f * w)
		}
	}
	n := float32(len(ids))
	sum := 0.0
	for j := range row {
		row[j] /= n
		f := float64(row[j])
		sum += float64(f * f)
	}
	if norm := float32(math.Sqrt(sum)); m.normalize && norm > 0 {
		for j := range row {
			row[j] /= norm
		}
	}
}

// tokenizer is a WordPiece tokenizer with the file that it is from.
type tokenizer struct {
	wp     *wordpiece.Tokenizer
	file   func() []byte // tokenizer.json
	tokens []string
	size   int
	unk    int32
	median int // length of a token in characters
}
