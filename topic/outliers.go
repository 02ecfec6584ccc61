package topic

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic/internal/compare"
	"github.com/gobertopic/gobertopic/topic/internal/sparserow"
)

// ReduceOutliers gives topics to outliers by a rule. Documents without text stay outliers. Words,
// means and sizes follow, and Transform treats a new document in the same way if the clusterer finds
// that it is an outlier. BERTopic 0.17.4 returns a list of topics alone, and update_topics with it
// leaves embeddings and probabilities as they were.
func (m *Model) ReduceOutliers(ctx context.Context, rule OutlierRule) (*Model, error) {
	const operation = "reduce outliers"
	fail := func(err error) (*Model, error) { return nil, fmt.Errorf("%s: %w", operation, err) }
	if err := rule.validate(); err != nil {
		return fail(err)
	}
	if err := m.whole(operation); err != nil {
		return nil, err
	}
	d, g := m.documents, m.grouping
	if (rule.Strategy == ByEmbeddings || rule.Strategy == ByProbabilities) && !d.hasEmbeddings() {
		return fail(ErrNoEmbeddings)
	}
	if rule.Strategy == ByProbabilities && !m.chain().Soft() {
		return fail(ErrNoMemberships)
	}
	var outside []int
	var texts []string
	for i := range d.rows() {
		if doc := d.doc(i); g.assignments[doc].Topic == Outlier {
			outside, texts = append(outside, doc), append(texts, d.texts[doc])
		}
	}
	assignments := slices.Clone(g.assignments)
	if len(outside) > 0 {
		topics, strengths, err := rule.match(m)(ctx, dense.Pick(d.embeddings, outside), texts)
		if err != nil {
			return fail(err)
		}
		for k, doc := range outside {
			assignments[doc] = Assignment{topics[k], strengths[k]}
		}
	}
	next := g.regroup(regrouping{operation: operation, assignments: assignments})
	next.rules = append(slices.Clone(g.rules), rule)
	return m.describe(ctx, operation, next)
}

// matcher returns, for each document, the topic that it is most similar to, or Outlier, and how
// similar.
type matcher = func(ctx context.Context, x blas32.General, texts []string) (topics []int, strengths []float64, err error)

// match returns how the rule compares documents with the topics of a model.
func (r OutlierRule) match(m *Model) matcher {
	switch r.Strategy {
	case ByEmbeddings:
		return m.matchEmbeddings(r.Threshold)
	case ByWords:
		return m.matchWords(r.Threshold)
	case ByDistributions:
		return func(ctx context.Context, _ blas32.General, texts []string) ([]int, []float64, error) {
			w := m.description
			d, err := compare.WeightsFrom(w.weights, m.grouping.outliers()).Distribute(ctx, texts, w.vocabulary(m.pipeline), ctfidf.Windows{MinSimilarity: cmp.Or(max(r.Threshold, 0), stage.None)})
			if err != nil {
				return nil, nil, err
			}
			topics, strengths := greatest(d.Rows, 0)
			return topics, strengths, nil
		}
	}
	return func(ctx context.Context, x blas32.General, texts []string) ([]int, []float64, error) {
		p, err := m.probabilities(ctx, x, texts, 0)
		if err != nil {
			return nil, nil, err
		}
		topics, strengths := greatest(p, r.Threshold)
		return topics, strengths, nil
	}
}

// greatest returns, for each row, the column of its greatest value, the first of equals, and the
// value; Outlier and 0 if it is below least or not above 0.
func greatest(rows sparse.CSR[float64], least float64) (topics []int, strengths []float64) {
	topics, strengths = slices.Repeat([]int{Outlier}, rows.Rows()), make([]float64, rows.Rows())
	for i := range topics {
		cols, values := rows.Row(i)
		for k, v := range values {
			if v >= least && v > strengths[i] {
				topics[i], strengths[i] = int(cols[k]), min(v, 1)
			}
		}
	}
	return topics, strengths
}

// matchEmbeddings compares embeddings with those of the topics. The similarity is the cosine.
func (m *Model) matchEmbeddings(least float64) matcher {
	return func(ctx context.Context, x blas32.General, _ []string) (topics []int, strengths []float64, err error) {
		topics, strengths = make([]int, x.Rows), make([]float64, x.Rows)
		all := m.centroids(m.grouping.ids()).Pack()
		scratch := make([][]float32, parallel.Workers(m.pipeline.cfg.Workers))
		err = parallel.Loop{Workers: m.pipeline.cfg.Workers}.Run(ctx, x.Rows, func(worker, lo, hi int) error {
			scratch[worker] = all.NearestRows(dense.Slice(x, lo, hi), scratch[worker], func(i, t int, cosine float64) {
				topics[lo+i] = Outlier
				if t != dense.None && cosine >= least {
					topics[lo+i], strengths[lo+i] = t, min(max(cosine, 0), 1)
				}
			})
			return nil
		})
		return topics, strengths, err
	}
}

// matchWords compares the weights of the words of texts with those of the topics. The similarity is
// the cosine; one that is not above 0 is none.
func (m *Model) matchWords(least float64) matcher {
	return func(ctx context.Context, _ blas32.General, texts []string) (topics []int, strengths []float64, err error) {
		topics, strengths = slices.Repeat([]int{Outlier}, len(texts)), make([]float64, len(texts))
		w := m.description
		rows, err := w.weighTexts(ctx, m.pipeline, texts)
		if err != nil || rows.Rows() == 0 {
			return topics, strengths, err
		}
		all := sparserow.NewByColumn(w.weights.Rows)
		err = parallel.Loop{Workers: m.pipeline.cfg.Workers}.Run(ctx, len(texts), func(_, lo, hi int) error {
			cosines := make([]float64, len(w.weights.Classes))
			for i := lo; i < hi; i++ {
				all.Cosines(rows, i, cosines)
				for at, id := range w.weights.Classes {
					if c := cosines[at]; id != Outlier && c >= least && c > strengths[i] {
						topics[i], strengths[i] = id, min(c, 1)
					}
				}
			}
			return nil
		})
		return topics, strengths, err
	}
}
