package ctfidf

import (
	"context"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/sparse"
)

// Windows says how [Weights.Distribute] cuts documents into windows of tokens and what it makes of them. The names in
// brackets are those of BERTopic's approximate_distribution (0.17.4).
type Windows struct {
	// Size is the number of tokens in a window, at least 1. Default 4. [window]
	Size int
	// Stride is the number of tokens from the begin of a window to the begin of the next, at least 1. Default 1. [stride]
	Stride int
	// MinSimilarity, in [0, 1], is the least similarity of a window and a class that counts; less is 0, and so is a
	// similarity that is not above 0. Default 0.1. [min_similarity]
	MinSimilarity float64
	// Padding adds windows of fewer tokens at the begin and at the end of a document, so that its outer tokens are in as
	// many windows as the inner ones. Default false. [padding]
	Padding bool
	// Tokens asks for the distribution of each token too. That of a document is then the sum over its tokens, each window
	// counting as often as it has tokens. Default false. [calculate_tokens]
	Tokens bool
	// Similarity, when not nil, gives the similarity of each of the windows, whose tokens are joined by spaces, with each
	// class in place of the cosine of their weights: a row for each window, a column for each class. It is called by one
	// goroutine, with some windows at a time. Default nil. [use_embedding_model]
	Similarity func(ctx context.Context, windows []string) (sparse.CSR[float64], error) `json:"-"`
}

// DefaultWindows is windows of four tokens, one for each token that begins one, and similarities from 0.1.
func DefaultWindows() Windows { return Windows{Size: 4, Stride: 1, MinSimilarity: 0.1} }

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (w Windows) Validate() error {
	var f check.Fields
	f.Want(w.Size >= 1, "ctfidf.Windows.Size", w.Size, "at least 1")
	f.Want(w.Stride >= 1, "ctfidf.Windows.Stride", w.Stride, "at least 1")
	f.Want(w.MinSimilarity >= 0 && w.MinSimilarity <= 1, "ctfidf.Windows.MinSimilarity", w.MinSimilarity, "a number in [0, 1]")
	return f.Err()
}

// each calls f with the first token of each window of a document of n tokens and that behind its last.
func (w Windows) each(n int, f func(lo, hi int) error) error {
	if n < w.Size {
		if n == 0 {
			return nil
		}
		return f(0, n)
	}
	if w.Padding {
		short := (w.Size+w.Stride-1)/w.Stride - 1 // the number of windows that begin before the document
		for i := short; i > 0; i-- {
			if err := f(0, w.Size-i*w.Stride); err != nil {
				return err
			}
		}
	}
	for lo := 0; lo < n; lo += w.Stride {
		if lo+w.Size > n && !w.Padding {
			break
		}
		if err := f(lo, min(lo+w.Size, n)); err != nil {
			return err
		}
	}
	return nil
}
