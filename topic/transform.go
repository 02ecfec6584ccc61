package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
)

// Transform finds the topics of docs among those of the model. A document's assignment does not depend on the others in
// the call, and a document that was fitted gets its fitted assignment again. Blank documents are outliers.
//
// It fails with ErrNoEmbedder for a model without an embedder, and with what a stage returns.
func (m *Model) Transform(ctx context.Context, docs []string) ([]Assignment, error) {
	if m.cfg.Embedder == nil {
		return nil, ErrNoEmbedder
	}
	x, _, err := embedTexts(ctx, m.cfg.Embedder, docs, m.cfg.Run)
	if err != nil {
		return nil, err
	}
	return m.TransformEmbedded(ctx, docs, x)
}

// TransformEmbedded is Transform for documents whose embeddings are already there: row i of x belongs to docs[i].
func (m *Model) TransformEmbedded(ctx context.Context, docs []string, x blas32.General) ([]Assignment, error) {
	if err := checkRows(x, len(docs)); err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	if len(docs) > 0 && x.Cols != m.embeddings.Cols {
		return nil, fmt.Errorf("embeddings: %d dimensions, want %d as in the fit", x.Cols, m.embeddings.Cols)
	}
	out := make([]Assignment, len(docs))
	for i := range out {
		out[i].Topic = Outlier
	}
	active, err := withText(docs)
	if err != nil {
		return out, nil // every document is blank
	}
	points, err := m.reduction.Transform(ctx, pick(x, active))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StageReduce, err)
	}
	labels, strength, err := m.clustering.Predict(ctx, points)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	if len(labels) != points.Rows || strength != nil && len(strength) != points.Rows {
		return nil, fmt.Errorf("%s: %d labels and %d strengths for %d points, want one each", StageCluster, len(labels), len(strength), points.Rows)
	}
	for i, a := range assign(labels, strength, m.topicOf) {
		if active != nil {
			i = active[i]
		}
		out[i] = a
	}
	return out, nil
}
