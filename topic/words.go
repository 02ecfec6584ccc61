package topic

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// candidateTerms is the number of terms per topic that representers choose from, at the least; BERTopic's 30.
const candidateTerms = 30

// describe is the last arrow: topics to words, representative documents, mean embeddings and names.
func (m *Model) describe(ctx context.Context) error {
	classes := make([]int, len(m.docs))
	for i, a := range m.assignments {
		classes[i] = a.Topic
	}
	cfg := m.cfg.Vocabulary
	cfg.Workers, cfg.Progress = m.cfg.Workers, m.cfg.report(StageWords)

	v := m.view(classes, cfg)
	candidates := make([][]Term, len(m.topics))
	counts, err := m.count(ctx, classes, cfg)
	switch {
	case errors.Is(err, ctfidf.ErrEmptyVocabulary):
		m.warnings = append(m.warnings, fmt.Errorf("%s: %w; the topics have no terms", StageWords, err))
	case err != nil:
		return err
	default:
		weights, err := m.weigh(ctx, counts)
		if err != nil {
			return err
		}
		for i := range m.topics {
			candidates[i] = weights.TopTerms(i, max(candidateTerms, m.cfg.TopWords))
		}
		v.Weights = weights
		if v.Representative, err = v.Typical(ctx, m.cfg.RepresentativeDocs, m.cfg.RepresentativeDiversity); err != nil {
			return err
		}
	}

	v.Means = m.meanEmbeddings()
	for i := range m.topics {
		m.topics[i].Embedding = row(v.Means, i)
		m.topics[i].Representative = v.Representative[i]
	}
	return m.represent(ctx, v, candidates)
}

// meanEmbeddings is the mean embedding of each topic's documents, summed in float64 in the order of the documents.
func (m *Model) meanEmbeddings() blas32.General {
	dim := m.embeddings.Cols
	sums := make([]float64, len(m.topics)*dim)
	first := m.topics[0].ID
	for doc, a := range m.assignments {
		sum := sums[(a.Topic-first)*dim:][:dim]
		for j, v := range row(m.embeddings, doc) {
			sum[j] += float64(v)
		}
	}
	means := blas32.General{Rows: len(m.topics), Cols: dim, Stride: dim, Data: make([]float32, len(sums))}
	for i, s := range sums {
		means.Data[i] = float32(s / float64(m.topics[i/dim].Size))
	}
	return means
}
