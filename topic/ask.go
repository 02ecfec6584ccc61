package topic

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
)

// Embed returns the embeddings of texts by the embedder of the model, one row per text, to be compared
// with Embeddings and with Topic.Embedding. It reports no progress.
//
// It fails with ErrNoEmbedder for a model without an embedder, with ErrNoEmbeddings for a model of
// words alone, and if the embedder gives other dimensions than the documents have.
func (m *Model) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	cfg := m.Config()
	if cfg.Embedder == nil {
		return blas32.General{}, fmt.Errorf("embed: %w", ErrNoEmbedder)
	}
	if !m.documents.hasEmbeddings() {
		return blas32.General{}, fmt.Errorf("embed: %w", ErrNoEmbeddings)
	}
	return embedComparable(ctx, cfg, texts, m.documents)
}

// TopicEmbeddings returns the IDs of the topics in the order of Topics, and for each the mean embedding
// of its documents, which has no values in a model of words alone. It is Topic.Embedding without the
// cost of Topics: the rows are those of the model, and the caller must not change them. BERTopic's
// topic_embeddings_.
func (m *Model) TopicEmbeddings() (ids []int, rows [][]float32) {
	ids, rows = make([]int, len(m.grouping.topics)), make([][]float32, len(m.grouping.topics))
	for i, t := range m.grouping.topics {
		ids[i], rows[i] = t.id, slices.Clip(m.description.topics[i].embedding)
	}
	return ids, rows
}
