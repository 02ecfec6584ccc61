package topic

import (
	"context"
	"errors"
	"fmt"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
)

// CentroidWeigher weighs a term by the cosine of its embedding and the mean embedding of the topic's documents, as
// ctfidf.Centroid does with embeddings of the caller's: turftopic's feature_importance="centroid". Every term of the
// vocabulary is embedded, so that Config.Vocabulary should bound it (MinDF, MaxFeatures).
type CentroidWeigher struct {
	// Embedder embeds the terms. It must be one whose vectors the documents' can be compared with. nil, the default, is
	// Config.Embedder.
	Embedder Embedder
	// All weighs every term in every topic, also those that none of its documents has. Default false.
	All bool
}

// Weigh fails: counts alone have no centroids. A fit gives the weigher what it needs.
func (CentroidWeigher) Weigh(ctfidf.Counts) (ctfidf.Weights, error) {
	return ctfidf.Weights{}, errors.New("topic.CentroidWeigher weighs within a fit alone; use ctfidf.Centroid with embeddings of your own")
}

// weigh weighs the counts of the topics.
func (m *Model) weigh(ctx context.Context, counts ctfidf.Counts) (ctfidf.Weights, error) {
	w, ok := m.cfg.Weigher.(CentroidWeigher)
	if !ok {
		return m.cfg.weigher().Weigh(counts)
	}
	e := w.Embedder
	if e == nil {
		e = m.cfg.Embedder
	}
	if e == nil {
		return ctfidf.Weights{}, fmt.Errorf("topic.CentroidWeigher: %w", ErrNoEmbedder)
	}
	terms, err := embedAside(ctx, e, counts.Vocabulary, m.cfg.Run)
	if err != nil {
		return ctfidf.Weights{}, fmt.Errorf("topic.CentroidWeigher: %w", err)
	}
	means := dense.New(len(m.topics), m.embeddings.Cols)
	for i, t := range m.topics {
		copy(dense.Row(means, i), t.Embedding)
	}
	return ctfidf.Centroid{Centroids: means, Terms: terms, All: w.All}.Weigh(counts)
}
