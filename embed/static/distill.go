package static

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/eigen"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/pca"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
	"github.com/gobertopic/gobertopic/stage"
)

// TokenEncoder is a sentence encoder that can be given token ids.
type TokenEncoder interface {
	// Tokenizer is the encoder's tokenizer, nil where it is not WordPiece as BERT has it.
	Tokenizer() *wordpiece.Tokenizer
	// EmbedIDs returns, per sequence of token ids, which has its special tokens in it, the mean of the last layer's vectors
	// over all of its tokens, not normalised. It has at least one column.
	EmbedIDs(ctx context.Context, ids [][]int32, opt embed.Options) (blas32.General, error)
}

// DistillConfig says how a model is made. Start from DefaultDistillConfig.
type DistillConfig struct {
	// PCADims is the number of principal components that are kept, at least 0; where it is more than the encoder has
	// dimensions, all are kept. 0 leaves the vectors as they are, and so do dimensions not below the number of tokens.
	// Default 256; pca_dims of model2vec.
	PCADims int
	// SIFCoefficient is a of the weights a/(a+p), where p is the share that Zipf's law gives to the token's place in the
	// vocabulary: at least 0, below 1. 0 weights all tokens alike. Default 1e-4; sif_coefficient of model2vec.
	SIFCoefficient float64
	// Remove is a regular expression; tokens of the encoder's vocabulary that it matches from their start are left out, the
	// unknown token never. "" leaves out none. Default `\[unused\d+\]`; token_remove_pattern of model2vec.
	Remove string
	// Vocabulary is words that become tokens of the model beside the encoder's own, in this order. One that is a token
	// already is left out. Each must be one word to the tokenizer once its case and accents are as the tokenizer wants them:
	// model2vec also takes phrases, this package does not. Default none; vocabulary of model2vec.
	Vocabulary []string
	// Options has the workers and the progress report of the encoding.
	embed.Options
}

// DefaultDistillConfig is what model2vec does by default, but for its rounding to half precision.
func DefaultDistillConfig() DistillConfig {
	return DistillConfig{PCADims: 256, SIFCoefficient: 1e-4, Remove: `\[unused\d+\]`}
}

// Validate reports every bad field at once.
func (c DistillConfig) Validate() error {
	var f check.Fields
	f.Want(c.PCADims >= 0, "static.DistillConfig.PCADims", c.PCADims, "at least 0")
	f.Want(c.SIFCoefficient >= 0 && c.SIFCoefficient < 1, "static.DistillConfig.SIFCoefficient", c.SIFCoefficient, "at least 0, below 1")
	if _, err := regexp.Compile(c.Remove); err != nil {
		f.Want(false, "static.DistillConfig.Remove", c.Remove, "a regular expression: "+err.Error())
	}
	return f.Err()
}

// Distill makes a model of an encoder, as model2vec.distill of version 0.10.0 does: each token of the vocabulary is encoded
// alone between the special tokens, the vectors are reduced to principal components, each of which has its sign such that
// its largest score is positive, and weighted. The vocabulary is the encoder's own without special tokens but for the unknown
// and the padding one. Results are normalised and texts cut at 512 tokens. The covariance and its eigenvectors are float64.
// The same input gives the same bits for any number of workers. Memory is some 12 bytes per token and dimension of the
// encoder.
func Distill(ctx context.Context, e TokenEncoder, cfg DistillConfig) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if e.Tokenizer() == nil {
		return nil, errors.New("the encoder's tokenizer is not WordPiece as BERT has it, the only kind that is supported")
	}
	tokens, ids, err := vocabulary(e.Tokenizer(), cfg)
	if err != nil {
		return nil, err
	}
	return distill(ctx, e, tokens, ids, cfg)
}

// distill makes a model of tokens, which are encoded from ids.
func distill(ctx context.Context, e TokenEncoder, tokens []string, ids [][]int32, cfg DistillConfig) (*Model, error) {
	c := e.Tokenizer().Config()
	tok, err := newTokenizer(tokens, c, c.Unk, c.Pad)
	if err != nil {
		return nil, fmt.Errorf("distilled tokenizer: %w", err)
	}
	x, err := e.EmbedIDs(ctx, ids, cfg.Options)
	if err != nil {
		return nil, err
	}
	if x.Rows != len(tokens) || x.Cols < 1 {
		return nil, fmt.Errorf("the encoder gave a matrix of %d×%d for %d tokens", x.Rows, x.Cols, len(tokens))
	}
	if err := check.Matrix(x); err != nil {
		return nil, fmt.Errorf("the encoder's vectors: %w", err)
	}
	m := &Model{tok: tok, normalize: true, maxTokens: defaultMaxTokens, sif: cfg.SIFCoefficient, pca: cfg.PCADims}
	scores, err := reduce(ctx, x, cfg.PCADims, cfg.Workers)
	if err != nil {
		return nil, err
	}
	_, m.dim = scores.Dims()
	m.table = make([]float32, len(tokens)*m.dim)
	for i, w := range weights(len(tokens), cfg.SIFCoefficient) {
		for j, v := range scores.RawRowView(i) {
			m.table[i*m.dim+j] = float32(v * w)
		}
	}
	if err := finite("the table", m.table); err != nil {
		return nil, err
	}
	return m.prepare(), nil
}

// vocabulary is the tokens of the model, and the ids that each is encoded from.
func vocabulary(source *wordpiece.Tokenizer, cfg DistillConfig) (tokens []string, ids [][]int32, err error) {
	c := source.Config()
	var remove *regexp.Regexp
	if cfg.Remove != "" {
		remove = regexp.MustCompile(`^(?:` + cfg.Remove + `)`)
	}
	frame, _ := source.Encode(nil, "", 0) // [CLS] [SEP]
	if len(frame) != 2 {
		return nil, nil, fmt.Errorf("the tokenizer puts %d special tokens around a text, want 2", len(frame))
	}
	drop := map[string]bool{}
	for _, a := range c.Added {
		drop[a.Content] = a.Content != c.Unk && a.Content != c.Pad
	}
	seen := map[string]bool{}
	all := source.Vocab()
	for id := range source.Size() {
		token := source.Token(int32(id))
		if token == "" {
			continue
		}
		seen[token] = true
		if drop[token] || remove != nil && token != c.Unk && remove.MatchString(token) {
			continue
		}
		if id >= len(all) || all[id] == "" { // an added token beside the vocabulary
			continue
		}
		tokens = append(tokens, token)
		ids = append(ids, []int32{frame[0], int32(id), frame[1]})
	}
	words, err := normalWords(c, cfg.Vocabulary)
	if err != nil {
		return nil, nil, err
	}
	for _, word := range words {
		if seen[word] || remove != nil && remove.MatchString(word) {
			continue
		}
		seen[word] = true
		tokens = append(tokens, word)
		sequence, _ := source.Encode(nil, word, 0)
		ids = append(ids, sequence)
	}
	return tokens, ids, nil
}

// normalWords is words as the tokenizer's normaliser leaves them: a tokenizer that knows them whole must find each to be one
// token.
func normalWords(c wordpiece.Config, words []string) ([]string, error) {
	if len(words) == 0 {
		return nil, nil
	}
	known := []string{c.Unk}
	for _, w := range words {
		known = append(known, w)
		lower := strings.ToLower(w)
		for _, form := range []string{lower, bare(lower), bare(w)} {
			if form != w && form != "" {
				known = append(known, form)
			}
		}
	}
	c.Cls, c.Sep, c.Pad, c.Mask, c.Added = c.Unk, c.Unk, "", "", nil
	for _, w := range known {
		c.MaxWordChars = max(c.MaxWordChars, len(w))
	}
	t, err := wordpiece.FromVocab(known, c)
	if err != nil {
		return nil, fmt.Errorf("static.DistillConfig.Vocabulary: %w", err)
	}
	normal := make([]string, len(words))
	var errs []error
	for i, w := range words {
		ids, _ := t.Encode(nil, w, 0)
		unk, _ := t.ID(c.Unk)
		if len(ids) != 3 || ids[1] == unk {
			errs = append(errs, &stage.ConfigError{
				Field: fmt.Sprintf("static.DistillConfig.Vocabulary[%d]", i), Value: fmt.Sprintf("%q", w), Want: "one word of the tokenizer",
			})
			continue
		}
		normal[i] = t.Token(ids[1])
	}
	return normal, errors.Join(errs...)
}

// bare is a word without the marks on its letters.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(word))
}

// weights are a/(a+p) with p in proportion to 1/(i+2) for token i.
func weights(n int, a float64) []float64 {
	w := make([]float64, n)
	if a == 0 {
		for i := range w {
			w[i] = 1
		}
		return w
	}
	sum := 0.0
	for i := range w {
		w[i] = 1 / float64(i+2)
		sum += w[i]
	}
	for i := range w {
		w[i] = a / (a + w[i]/sum)
	}
	return w
}

// reduce is the scores of the first k principal components, or x itself.
func reduce(ctx context.Context, x blas32.General, k, workers int) (*mat.Dense, error) {
	n, d := x.Rows, x.Cols
	k = min(k, d)
	if k == 0 || k >= n {
		out := mat.NewDense(n, d, nil)
		for i := range n {
			dense.AddTo(out.RawRowView(i), dense.Row(x, i))
		}
		return out, nil
	}
	mean, err := pca.Means(ctx, x)
	if err != nil {
		return nil, err
	}
	covariance := make([]float64, d*d)
	if err := pca.AddScatter(ctx, covariance, x, mean, workers); err != nil {
		return nil, err
	}
	pca.Mirror(covariance, d)
	_, components, err := eigen.Largest(ctx, covariance, d, k)
	if err != nil {
		return nil, err
	}
	scores := mat.NewDense(n, k, nil)
	err = parallel.Loop{Workers: workers}.Run(ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			out := scores.RawRowView(i)
			for c, v := range components {
				out[c] = pca.Score(dense.Row(x, i), mean, v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for c := range k {
		most := 0.0
		for i := range n {
			if v := scores.At(i, c); math.Abs(v) > math.Abs(most) {
				most = v
			}
		}
		if most < 0 {
			for i := range n {
				scores.Set(i, c, -scores.At(i, c))
			}
		}
	}
	return scores, nil
}

var _ embed.WithOptions = (*Model)(nil)
