package topic

import (
	"context"
	"fmt"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// Transform finds the topics of docs among those of the model. A document's assignment does not depend on the others in
// the call, and a document that was fitted gets its fitted assignment again. Blank documents are outliers.
//
// It fails with ErrNoEmbedder for a model without an embedder, and with what a stage returns.
func (m *Model) Transform(ctx context.Context, docs []string) ([]Assignment, error) {
	if m.embeddings.Cols == 0 {
		return m.TransformEmbedded(ctx, docs, blas32.General{Rows: len(docs)})
	}
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
	if err := checkRows(x, len(docs)); err != nil && m.embeddings.Cols > 0 {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	if err := m.sameDimensions(x); err != nil {
		return nil, err
	}
	out := make([]Assignment, len(docs))
	skip := make([]bool, len(docs)) // those that need no stage
	for i, text := range docs {
		if strings.TrimSpace(text) == "" {
			out[i].Topic, skip[i] = Outlier, true
		} else if doc := m.like(text, dense.Row(x, i)); doc >= 0 {
			out[i], skip[i] = m.assignments[doc], true
		}
	}
	if m.zero != nil {
		for i, match := range m.zero.match(x) {
			if !skip[i] && match.label >= 0 {
				out[i], skip[i] = m.assign(match.label, match.strength(), dense.Row(x, i)), true
			}
		}
	}
	fresh, at := without(x, skip)
	if len(at) == 0 {
		return out, nil
	}
	texts := make([]string, len(at))
	for i, doc := range at {
		texts[i] = docs[doc]
	}
	found, err := m.place(ctx, fresh, texts)
	if err != nil {
		return nil, err
	}
	for i, a := range found {
		out[at[i]] = a
	}
	return out, nil
}

// choose is the topic for a new document with embedding x and the label of a cluster.
func (m *Model) choose(label int, x []float32) int {
	to := m.routes[label]
	if len(to) == 1 {
		return to[0]
	}
	return m.nearest(x, to)
}

// assign gives a new document with embedding x, which belongs to the label of a cluster as strongly as strength, its topic.
func (m *Model) assign(label int, strength float64, x []float32) Assignment {
	if t := m.choose(label, x); t != Outlier {
		return Assignment{t, strength}
	}
	return Assignment{Topic: Outlier}
}

// place finds the topics of new texts, whose embeddings are the rows of x.
func (m *Model) place(ctx context.Context, x blas32.General, texts []string) ([]Assignment, error) {
	if x.Cols == 0 {
		return m.placeByWords(ctx, texts, 0)
	}
	labels, out, err := m.placeByLabels(ctx, x)
	if err != nil {
		return nil, err
	}
	var outside []int
	for i, l := range labels {
		if l == Outlier {
			outside = append(outside, i)
		}
	}
	if outside, err = m.adopt(ctx, x, outside, out); err != nil {
		return nil, err
	}
	for _, r := range m.rescues {
		if outside, err = m.rescue(ctx, r, x, texts, outside, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// placeByLabels finds the labels of new rows and the topics that they lead to.
func (m *Model) placeByLabels(ctx context.Context, x blas32.General) ([]int, []Assignment, error) {
	points, err := m.reduction.Transform(ctx, x)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", StageReduce, err)
	}
	labels, strength, _, err := m.predict(ctx, x, points)
	if err != nil {
		return nil, nil, err
	}
	out := make([]Assignment, x.Rows)
	for i, l := range labels {
		out[i] = m.assign(l, strength[i], dense.Row(x, i))
	}
	return labels, out, nil
}

// sameDimensions reports rows that cannot be compared with the embeddings of the fit.
func (m *Model) sameDimensions(x blas32.General) error {
	if x.Rows > 0 && x.Cols != m.embeddings.Cols {
		return fmt.Errorf("embeddings: %d dimensions, want %d as in the fit", x.Cols, m.embeddings.Cols)
	}
	return nil
}
