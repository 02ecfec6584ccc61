package ctfidf

import (
	"context"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Windows says how [Weights.Distribute] cuts documents into windows of tokens and what it makes of them. The names in
// brackets are those of BERTopic's approximate_distribution (0.17.4).
type Windows struct {
	// Size is the number of tokens in a window, in [1, 1,000,000]. 0, the default, means 4. [window]
	Size int `json:"window"`
	// Stride is the number of tokens from the begin of a window to the begin of the next, in [1, 1,000,000]. 0, the
	// default, means 1. [stride]
	Stride int `json:"stride"`
	// MinSimilarity, in [0, 1], is the least similarity of a window and a class that counts; less is 0, and so is a
	// similarity that is not above 0. 0, the default, means 0.1; a negative number, such as stage.None, means 0.
	// [min_similarity]
	MinSimilarity float64 `json:"min_similarity"`
	// Padding adds windows of fewer tokens at the begin and at the end of a document, so that its outer tokens are in as
	// many windows as the inner ones. Default false. [padding]
	Padding bool `json:"padding"`
	// Tokens asks for the distribution of each token too. That of a document is then the sum over its tokens, each window
	// counting as often as it has tokens. Default false. [calculate_tokens]
	Tokens bool `json:"calculate_tokens"`
	// Similarity, when not nil, gives the similarity of each of the windows, whose tokens are joined by spaces, with each
	// class in place of the cosine of their weights: a row for each window, a column for each class. It is called by one
	// goroutine, with some windows at a time. Default nil. [use_embedding_model]
	Similarity func(ctx context.Context, windows []string) (sparse.CSR[float64], error) `json:"-"`
}

// resolved returns the windows with the values that zeros and negative numbers stand for. It must be called once.
func (w Windows) resolved() Windows {
	w.Size, w.Stride = stage.Setting(w.Size, 4), stage.Setting(w.Stride, 1)
	w.MinSimilarity = stage.Setting(w.MinSimilarity, 0.1)
	return w
}

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (w Windows) Validate() error {
	var f check.Fields
	f.Want(w.Size >= 0 && w.Size <= 1e6, "ctfidf.Windows.Size", w.Size, "a whole number in [1, 1000000], or 0 for 4")
	f.Want(w.Stride >= 0 && w.Stride <= 1e6, "ctfidf.Windows.Stride", w.Stride, "a whole number in [1, 1000000], or 0 for 1")
	f.Want(w.MinSimilarity <= 1, "ctfidf.Windows.MinSimilarity", w.MinSimilarity, "a number in [0, 1], 0 for 0.1, negative for 0")
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
