package topic

import (
	"context"
	"fmt"
	"strings"

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
	if err := m.sameDimensions(x); err != nil {
		return nil, err
	}
	out := make([]Assignment, len(docs))
	skip := make([]bool, len(docs)) // those that need no stage
	for i, text := range docs {
		switch doc := -1; {
		case strings.TrimSpace(text) == "":
			out[i].Topic, skip[i] = Outlier, true
		default:
			if doc = m.known.find(m, text, row(x, i)); doc >= 0 {
				out[i], skip[i] = m.assignments[doc], true
			}
		}
	}
	fresh, at := without(x, skip)
	if len(at) == 0 {
		return out, nil
	}
	found, err := m.place(ctx, fresh)
	if err != nil {
		return nil, err
	}
	for i, a := range found {
		out[at[i]] = a
	}
	return out, nil
}

// place finds the topics of new rows.
func (m *Model) place(ctx context.Context, x blas32.General) ([]Assignment, error) {
	out := make([]Assignment, x.Rows)
	if m.clustering == nil {
		all := m.topicIDs()
		for i := range out {
			t, cosine := m.nearest(row(x, i), all)
			out[i] = Assignment{t, min(max(cosine, 0), 1)}
		}
		return out, nil
	}
	points, err := m.reduction.Transform(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StageReduce, err)
	}
	labels, strength, err := m.clustering.Predict(ctx, points)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	if len(labels) != x.Rows || strength != nil && len(strength) != x.Rows {
		return nil, fmt.Errorf("%s: %d labels and %d strengths for %d points, want one each", StageCluster, len(labels), len(strength), x.Rows)
	}
	for i, l := range labels {
		a := Assignment{Topic: Outlier}
		if to := m.routes[l]; len(to) > 0 {
			a.Topic, a.Probability = to[0], 1
			if len(to) > 1 {
				a.Topic, _ = m.nearest(row(x, i), to)
			}
			if strength != nil {
				a.Probability = strength[i]
			}
		}
		out[i] = a
	}
	return out, nil
}
