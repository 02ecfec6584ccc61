package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
)

// Embed returns the embeddings of texts by the embedder of the model, one row per text, to be
// compared with Embeddings and with Topic.Embedding. It reports no progress.
//
// It fails with ErrNoEmbedder for a model without an embedder, with ErrNoEmbeddings for a model of
// words alone, and if the embedder gives other dimensions than the documents have.
func (m *Model) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	if m.cfg.Embedder == nil {
		return blas32.General{}, fmt.Errorf("embed: %w", ErrNoEmbedder)
	}
	if m.embeddings.Cols == 0 {
		return blas32.General{}, fmt.Errorf("embed: %w", ErrNoEmbeddings)
	}
	return m.embedBeside(ctx, texts)
}
