package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/linkage"
	"github.com/gobertopic/gobertopic/topic/internal/compare"
)

// ReduceConfig says how ReduceTopics and ReduceTopicsAuto compare topics. The zero value is the default.
type ReduceConfig struct {
	// UseWords compares the weights of the topics' words (Weights) in place of their embeddings. A model without embeddings
	// does so anyway. Default false; BERTopic's use_ctfidf.
	UseWords bool
}

// ReduceTopics merges the topics that are most alike until n are left, at least 1: average linkage on 1 − cosine of their
// embeddings. The outliers are no topic here and stay outside; BERTopic's reduce_topics counts them, so that its nr_topics
// is one more than n where there are outliers. The topics are numbered by size again; what is said of MergeTopics holds.
// With n topics or fewer nothing changes, and Warnings says so.
func (m *Model) ReduceTopics(ctx context.Context, n int, cfg ReduceConfig) (*Model, error) {
	if n < 1 {
		return nil, fmt.Errorf("reduce: %d topics, want 1 or more", n)
	}
	if has := len(m.topicIDs()); n >= has {
		out := m.unchanged("reduce")
		out.warnings = []error{fmt.Errorf("reduce: nothing to do for %d topics: the model has %d", n, has)}
		return out, nil
	}
	labels, err := m.closest(ctx, n, cfg.UseWords)
	if err != nil {
		return nil, fmt.Errorf("reduce: %w", err)
	}
	return m.joined(ctx, "reduce", labels)
}

// closest is the cluster of each topic when n ≥ 1 clusters, fewer than there are topics, are made of them.
func (m *Model) closest(ctx context.Context, n int, useWords bool) ([]int, error) {
	dist, err := m.distances(ctx, useWords)
	if err != nil {
		return nil, err
	}
	tree, err := linkage.Link(ctx, len(m.topicIDs()), dist, linkage.Average)
	if err != nil {
		return nil, err
	}
	return tree.Cut(n)
}

// ReduceTopicsAuto merges topics that lie close together, as many as there are: those of a cluster that HDBSCAN (at least
// two topics, Euclidean, excess of mass) finds among the embeddings of the topics, brought to length 1. Topics in no
// cluster stay as they are, and so do the outliers. BERTopic's reduce_topics with "auto".
//
// With words the rows are the weights of all terms: topics × terms float32 of memory.
func (m *Model) ReduceTopicsAuto(ctx context.Context, cfg ReduceConfig) (*Model, error) {
	ids := m.topicIDs()
	if len(ids) < 3 { // a single cluster of all is none to HDBSCAN
		return m.unchanged("reduce"), nil
	}
	x, err := m.directions(ctx, cfg.UseWords)
	if err != nil {
		return nil, fmt.Errorf("reduce: %w", err)
	}
	c := hdbscan.Config{}
	c.MinClusterSize, c.Workers = 2, m.cfg.Workers
	fitted, err := hdbscan.Fit(ctx, x, c)
	if err != nil {
		return nil, fmt.Errorf("reduce: %w", err)
	}
	labels := fitted.Labels()
	for i, l := range labels {
		if l < 0 {
			labels[i] = len(ids) + i // a cluster of its own
		}
	}
	return m.joined(ctx, "reduce", labels)
}

// joined makes one topic of the topics with the same label; labels has one for each topic but the outliers.
func (m *Model) joined(ctx context.Context, operation string, labels []int) (*Model, error) {
	into, first := map[int]int{}, map[int]int{}
	for t, l := range labels {
		if _, ok := first[l]; !ok {
			first[l] = t
		}
		into[t] = first[l]
	}
	return m.regroup(ctx, regrouping{operation: operation, assignments: m.moved(into)})
}

// distances is 1 − cosine, in [0, 2], of each two topics but the outliers, condensed as package linkage wants it: of their
// embeddings, or of the weights of their words when useWords is set or there are no embeddings. What has no direction has
// distance 1 to everything.
func (m *Model) distances(ctx context.Context, useWords bool) ([]float64, error) {
	ids := m.topicIDs()
	if !useWords && m.embeddings.Cols > 0 {
		return compare.Distances(ctx, m.centroids(ids))
	}
	w, err := m.Weights(ctx)
	if err != nil {
		return nil, err
	}
	return compare.SparseDistances(ctx, w.Rows, len(ids))
}

// directions is the embeddings of the topics but the outliers, or the weights of their words, each brought to length 1.
func (m *Model) directions(ctx context.Context, useWords bool) (blas32.General, error) {
	ids := m.topicIDs()
	if !useWords && m.embeddings.Cols > 0 {
		c := m.centroids(ids)
		x := dense.New(len(ids), m.embeddings.Cols)
		for i, from := range c.Rows {
			if to := dense.Row(x, i); c.Norms[i] > 0 {
				for j, v := range from {
					to[j] = float32(float64(v) / c.Norms[i])
				}
			}
		}
		return x, nil
	}
	w, err := m.Weights(ctx)
	if err != nil {
		return blas32.General{}, err
	}
	x := dense.New(len(ids), max(1, len(w.Vocabulary)))
	if w.Rows.Rows() == 0 {
		return x, nil
	}
	for i, t := range ids {
		length := w.Rows.Norm(t + m.outliers())
		cols, values := w.Rows.Row(t + m.outliers())
		to := dense.Row(x, i)
		for k, c := range cols {
			if length > 0 {
				to[c] = float32(values[k] / length)
			}
		}
	}
	return x, nil
}
