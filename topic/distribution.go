package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// DistributionOptions says how ApproximateDistribution compares documents with topics.
type DistributionOptions struct {
	ctfidf.Windows
	// UseEmbeddings takes the cosine of the embedding of a window and that of the topic, in place of that of their weights.
	// It needs an embedder. Default false; BERTopic's use_embedding_model.
	UseEmbeddings bool
}

// DefaultDistributionOptions is windows of four tokens, one for each token, and similarities from 0.1, as in BERTopic.
func DefaultDistributionOptions() DistributionOptions {
	return DistributionOptions{Windows: ctfidf.Windows{Size: 4, Stride: 1, MinSimilarity: 0.1}}
}

// ApproximateDistribution finds out how much each of docs, fitted or new, has of each topic, whatever the clusterer: a
// window of some tokens runs over the document and is compared with the topics by its words; see
// [ctfidf.Weights.Distribute]. Column t of the result is topic t; the outliers have none. A row adds up to 1, or is empty
// where no window is similar to any topic. BERTopic's approximate_distribution.
func (m *Model) ApproximateDistribution(ctx context.Context, docs []string, opt DistributionOptions) (ctfidf.Distribution, error) {
	fail := func(err error) (ctfidf.Distribution, error) {
		return ctfidf.Distribution{}, fmt.Errorf("distribution: %w", err)
	}
	weights, err := m.Weights(ctx)
	if err != nil {
		return fail(err)
	}
	weights = withoutOutliers(weights, m.outliers())
	cfg := m.vocabulary()
	cfg.Progress = nil
	if opt.UseEmbeddings {
		if m.cfg.Embedder == nil {
			return fail(ErrNoEmbedder)
		}
		weights.Classes = m.topicIDs()
		opt.Similarity = m.windowSimilarity
		// The embedder gets the words as they are.
		cfg.KeepCase, cfg.StripAccents, cfg.CleanASCII = true, ctfidf.KeepAccents, false
	}
	out, err := weights.Distribute(ctx, docs, cfg, opt.Windows)
	if err != nil {
		return fail(err)
	}
	return out, nil
}

// withoutOutliers is the weights without their first n rows.
func withoutOutliers(w ctfidf.Weights, n int) ctfidf.Weights {
	if n == 0 || w.Rows.Rows() == 0 {
		return w
	}
	lo := w.Rows.RowPtr[n]
	out := w
	out.Classes = w.Classes[n:]
	out.Rows = sparse.CSR[float64]{Cols: w.Rows.Cols, RowPtr: make([]int, 0, len(w.Rows.RowPtr)-n), Col: w.Rows.Col[lo:], Value: w.Rows.Value[lo:]}
	for _, end := range w.Rows.RowPtr[n:] {
		out.Rows.RowPtr = append(out.Rows.RowPtr, end-lo)
	}
	return out
}

// windowSimilarity is the cosines of texts and topics by their embeddings, those above 0.
func (m *Model) windowSimilarity(ctx context.Context, texts []string) (sparse.CSR[float64], error) {
	x, err := m.embedBeside(ctx, texts)
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	ids := m.topicIDs()
	out := sparse.CSR[float64]{Cols: len(ids), RowPtr: make([]int, 1, len(texts)+1)}
	for i := range texts {
		for _, t := range ids {
			if c := dense.Cosine(dense.Row(x, i), m.topics[t+m.outliers()].Embedding); c > 0 {
				out.Col, out.Value = append(out.Col, int32(t)), append(out.Value, c)
			}
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out, nil
}

// sameDimensions reports rows that cannot be compared with the embeddings of the fit.
func (m *Model) sameDimensions(x blas32.General) error {
	if x.Rows > 0 && x.Cols != m.embeddings.Cols {
		return fmt.Errorf("embeddings: %d dimensions, want %d as in the fit", x.Cols, m.embeddings.Cols)
	}
	return nil
}
