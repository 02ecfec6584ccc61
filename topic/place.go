package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/topic/internal/compare"
)

// placeByEmbeddings gives each row the topic whose mean embedding has the highest cosine with it, and that cosine as the
// probability, or none when the cosine is below least.
func (m *Model) placeByEmbeddings(ctx context.Context, x blas32.General, least float64) ([]Assignment, error) {
	out := make([]Assignment, x.Rows)
	all := m.centroids(m.topicIDs()).Pack()
	scratch := make([][]float32, parallel.Workers(m.cfg.Workers))
	err := parallel.Loop{Workers: m.cfg.Workers}.Run(ctx, x.Rows, func(worker, lo, hi int) error {
		scratch[worker] = all.NearestRows(dense.Slice(x, lo, hi), scratch[worker], func(i, t int, cosine float64) {
			out[lo+i].Topic = Outlier
			if t != Outlier && cosine >= least {
				out[lo+i] = Assignment{t, min(max(cosine, 0), 1)}
			}
		})
		return nil
	})
	return out, err
}

// placeByWords gives each text the topic whose weights have the highest cosine with its own, and that cosine as the
// probability, or none when the cosine is below least or not above 0.
func (m *Model) placeByWords(ctx context.Context, texts []string, least float64) ([]Assignment, error) {
	out := allOutside(len(texts))
	weights, rows, err := m.weighTexts(ctx, texts)
	if err != nil || rows.Rows() == 0 {
		return out, err
	}
	topics := columnsOf(weights.Rows)
	err = parallel.Loop{Workers: m.cfg.Workers}.Run(ctx, len(texts), func(_, lo, hi int) error {
		cosines := make([]float64, len(weights.Classes))
		for i := lo; i < hi; i++ {
			topics.cosines(rows, i, cosines)
			for at, id := range weights.Classes {
				if c := cosines[at]; id != Outlier && c >= least && c > out[i].Probability {
					out[i] = Assignment{id, min(c, 1)}
				}
			}
		}
		return nil
	})
	return out, err
}

// placeByDistributions gives each text the topic with the greatest share in it, and that share as the probability, or none
// when no window of words is similar to a topic by at least least.
func (m *Model) placeByDistributions(ctx context.Context, texts []string, least float64) ([]Assignment, error) {
	weights, err := m.Weights(ctx)
	if err != nil {
		return nil, err
	}
	cfg, windows := m.vocabulary(), ctfidf.DefaultWindows()
	cfg.Progress, windows.MinSimilarity = nil, max(least, 0)
	shares, err := compare.WeightsFrom(weights, m.outliers()).Distribute(ctx, texts, cfg, windows)
	if err != nil {
		return nil, fmt.Errorf("distribution: %w", err)
	}
	return greatest(shares.Rows, 0), nil
}

// weighTexts is the weights of the topics and of texts, a row each; no rows when the topics have no terms.
func (m *Model) weighTexts(ctx context.Context, texts []string) (ctfidf.Weights, sparse.CSR[float64], error) {
	weights, err := m.Weights(ctx)
	if err != nil || weights.Rows.Rows() == 0 {
		return weights, sparse.CSR[float64]{}, err
	}
	cfg := m.vocabulary()
	cfg.Progress = nil
	counts, err := m.terms.counts.Documents(ctx, texts, cfg)
	if err != nil {
		return weights, sparse.CSR[float64]{}, err
	}
	rows, err := weights.Transform(counts)
	return weights, rows, err
}
