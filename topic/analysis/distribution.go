package analysis

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/internal/compare"
)

// DistributionOptions says how ApproximateDistribution cuts documents into windows of tokens and
// compares these with topics. The zero value is valid and does as BERTopic does.
type DistributionOptions struct {
	// Size is the number of tokens in a window, 1 or more. Larger windows give smoother shares and find
	// fewer short passages. 0, the default, means 4. [window]
	Size int
	// Stride is the number of tokens from the start of a window to the start of the next, 1 or more. A
	// larger stride is faster and coarser. 0, the default, means 1. [stride]
	Stride int
	// MinSimilarity is the least similarity, in (0, 1], of a window and a topic that counts; below it,
	// and at 0 or less, the similarity is taken as 0. A larger value leaves fewer topics per document.
	// 0, the default, means 0.1; stage.None means no minimum. [min_similarity]
	MinSimilarity float64
	// Padding adds shorter windows at the start and at the end of a document, so that its outer tokens
	// are in as many windows as the inner ones. [padding]
	Padding bool
	// Tokens asks for the distribution of each token too. The shares of a document are then sums over
	// its tokens. [calculate_tokens]
	Tokens bool
	// UseEmbeddings compares the embeddings of windows and topics instead of the weights of their
	// words. It needs the model's embedder. [use_embedding_model]
	UseEmbeddings bool
	// Similarity, if not nil, returns the similarity of each window, whose tokens are joined by spaces,
	// with each topic, instead of the cosine of their weights: a row per window, a column per topic. It
	// is called from one goroutine. It cannot be combined with UseEmbeddings.
	Similarity func(ctx context.Context, windows []string) (sparse.CSR[float64], error)
}

// Validate reports every field that is out of range.
func (o DistributionOptions) Validate() error {
	const name = "analysis.DistributionOptions."
	var f check.Fields
	f.Want(o.Size >= 0, name+"Size", o.Size, "1 or more, or 0 for 4")
	f.Want(o.Stride >= 0, name+"Stride", o.Stride, "1 or more, or 0 for 1")
	// Negative numbers are stage.None; the comparison is false for NaN.
	f.Want(o.MinSimilarity <= 1, name+"MinSimilarity", o.MinSimilarity,
		"a number in (0, 1], 0 for 0.1, or stage.None for no minimum")
	f.Want(o.Similarity == nil || !o.UseEmbeddings, name+"UseEmbeddings", o.UseEmbeddings, "false beside "+name+"Similarity")
	return f.Err()
}

// windows returns the options as package ctfidf takes them, which has the same defaults.
func (o DistributionOptions) windows() ctfidf.Windows {
	return ctfidf.Windows{
		Size: o.Size, Stride: o.Stride, MinSimilarity: o.MinSimilarity, Padding: o.Padding, Tokens: o.Tokens, Similarity: o.Similarity,
	}
}

// ApproximateDistribution computes the share of each topic in each of docs, fitted or new, for any
// clusterer: windows of tokens are compared with the topics, and their similarities are summed; see
// ctfidf.Weights.Distribute. Column t of the result is topic t; the outliers have no column. A row
// adds up to 1, or is empty if no window is similar to any topic. BERTopic's
// approximate_distribution.
//
// It fails with *stage.ConfigError, with what m.Weights returns, and, with UseEmbeddings, with what
// m.Embed returns.
func ApproximateDistribution(ctx context.Context, m *topic.Model, docs []string, opt DistributionOptions) (ctfidf.Distribution, error) {
	if err := opt.Validate(); err != nil {
		return ctfidf.Distribution{}, err
	}
	out, err := distribute(ctx, m, docs, opt)
	if err != nil {
		return ctfidf.Distribution{}, fmt.Errorf("distribution: %w", err)
	}
	return out, nil
}

func distribute(ctx context.Context, m *topic.Model, docs []string, opt DistributionOptions) (out ctfidf.Distribution, err error) {
	weights, err := m.Weights()
	if err != nil {
		return out, err
	}
	topics, outliers := embeddingsOf(m)
	weights = compare.WeightsFrom(weights, outliers)
	cfg, windows := vocabularyOf(m), opt.windows()
	if opt.UseEmbeddings {
		switch {
		case m.Config().Embedder == nil:
			return out, topic.ErrNoEmbedder
		case m.Dims() == 0:
			return out, topic.ErrNoEmbeddings
		}
		weights.Classes = make([]int, len(topics)) // as many columns as topics, also without words
		for t := range topics {
			weights.Classes[t] = t
		}
		windows.Similarity = func(ctx context.Context, texts []string) (sparse.CSR[float64], error) {
			return embeddingSimilarity(ctx, m, topics, texts)
		}
		// The embedder gets the words as they are.
		cfg.KeepCase, cfg.StripAccents, cfg.CleanASCII = true, ctfidf.KeepAccents, false
	}
	return weights.Distribute(ctx, docs, cfg, windows)
}

// embeddingSimilarity returns the cosines above 0 of texts, a row each, and topics by their embeddings.
func embeddingSimilarity(ctx context.Context, m *topic.Model, topics [][]float32, texts []string) (sparse.CSR[float64], error) {
	x, err := m.Embed(ctx, texts)
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	out := sparse.CSR[float64]{Cols: len(topics), RowPtr: make([]int, 1, len(texts)+1)}
	for i := range texts {
		for t, embedding := range topics {
			if c := dense.Cosine(dense.Row(x, i), embedding); c > 0 {
				out.Col, out.Value = append(out.Col, int32(t)), append(out.Value, c)
			}
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out, nil
}
