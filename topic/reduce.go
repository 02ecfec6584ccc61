package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/linkage"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic/internal/compare"
)

// ReduceOptions says how ReduceTopics compares topics.
type ReduceOptions struct {
	// UseWords compares the weights of the topics' words in place of their embeddings. A model without
	// embeddings does so anyway. Default false. [use_ctfidf]
	UseWords bool
}

// ReduceTopics merges the topics that are most similar, as Config.Granularity does in a fit: until a
// number of them is left (NumTopics), by average linkage on 1 − cosine of their embeddings, or those
// that lie close together, as many as there are (Merged): those of a cluster that HDBSCAN (at least two
// topics, Euclidean, excess of mass) finds among the embeddings of the topics, scaled to length 1.
// Topics in no cluster then stay as they are. The outliers are not a topic here and stay outliers;
// BERTopic's reduce_topics counts them, so that its nr_topics is one more where there are outliers. The
// topics are numbered by size again; what is said of MergeTopics holds. A model with as many topics or
// fewer stays as it is; if it has fewer, Warnings says so. With UseWords, Merged takes topics × terms
// float32 of memory.
func (m *Model) ReduceTopics(ctx context.Context, to Granularity, opt ReduceOptions) (*Model, error) {
	const operation = "reduce"
	if !to.merges() || !to.valid() {
		return nil, &stage.ConfigError{Field: "topic.ReduceTopics to", Value: to, Want: "a number of topics, 1 or more, or merge"}
	}
	if err := m.open(); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	into, warning, err := to.merge(ctx, m.similarities(opt))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	switch {
	case into != nil:
		return m.regroup(ctx, regrouping{operation: operation, assignments: m.grouping.moved(into)})
	case warning != nil:
		return m.unchanged(operation, warning), nil
	}
	return m.unchanged(operation), nil
}

func (m *Model) similarities(opt ReduceOptions) similarities {
	return similarities{p: m.pipeline, g: m.grouping, w: m.description, useWords: opt.UseWords || !m.documents.hasEmbeddings()}
}

// embeddedTopics returns a description with nothing but the embeddings of the topics.
func embeddedTopics(d *documents, p *pipeline, g *grouping) *description {
	w := &description{topics: make([]described, len(g.topics))}
	means := meanEmbeddings(d, p, g)
	for i := range w.topics {
		w.topics[i].embedding = dense.Row(means, i)
	}
	return w
}

// similarities compares the topics of a model.
type similarities struct {
	p        *pipeline
	g        *grouping
	w        *description
	useWords bool
}

// closest returns which topics become one if n are to be left, fewer than there are: a map from each
// topic to the first of those that it is merged with.
func (s similarities) closest(ctx context.Context, n int) (map[int]int, error) {
	dist, err := s.distances(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := linkage.Link(ctx, len(s.g.ids()), dist, linkage.Average)
	if err != nil {
		return nil, err
	}
	labels, err := tree.Cut(n)
	return firstOf(labels), err
}

// close returns which topics become one if those that lie close together are merged; nil if there are
// too few to tell.
func (s similarities) close(ctx context.Context) (map[int]int, error) {
	ids := s.g.ids()
	if len(ids) < 3 { // HDBSCAN does not call all of the rows one cluster
		return nil, nil
	}
	c, err := hdbscan.Config{MinClusterSize: 2}.Cluster(ctx, stage.Run{Workers: s.p.cfg.Workers}, stage.Data{X: s.directions()})
	if err != nil {
		return nil, err
	}
	labels := c.Labels()
	for i, l := range labels {
		if l == Outlier {
			labels[i] = len(ids) + i // a cluster of its own
		}
	}
	return firstOf(labels), nil
}

// firstOf maps each topic to the first one with the same label.
func firstOf(labels []int) map[int]int {
	into, first := map[int]int{}, map[int]int{}
	for t, l := range labels {
		if _, ok := first[l]; !ok {
			first[l] = t
		}
		into[t] = first[l]
	}
	return into
}

// centroids returns the embeddings of the topics without the outliers.
func (s similarities) centroids() dense.Centroids { return s.w.centroids(s.g.ids(), s.g.at) }

// distances returns 1 − cosine, in [0, 2], of every two topics, condensed as package linkage wants it.
// What has no direction has distance 1 to everything.
func (s similarities) distances(ctx context.Context) ([]float64, error) {
	if s.useWords {
		return compare.SparseDistances(ctx, s.w.weights.Rows, len(s.g.ids()))
	}
	return compare.Distances(ctx, s.centroids())
}

// directions returns the embeddings of the topics, or the weights of their words, each scaled to
// length 1.
func (s similarities) directions() blas32.General {
	if !s.useWords {
		c := s.centroids()
		x := dense.New(len(c.Rows), len(c.Rows[0]))
		for i, from := range c.Rows {
			if to := dense.Row(x, i); c.Norms[i] > 0 {
				for j, v := range from {
					to[j] = float32(float64(v) / c.Norms[i])
				}
			}
		}
		return x
	}
	ids, weights := s.g.ids(), s.w.weights
	x := dense.New(len(ids), max(1, len(weights.Vocabulary)))
	if weights.Rows.Rows() == 0 {
		return x
	}
	for i, t := range ids {
		norm := weights.Rows.Norm(s.g.at(t))
		cols, values := weights.Rows.Row(s.g.at(t))
		to := dense.Row(x, i)
		for k, c := range cols {
			if norm > 0 {
				to[c] = float32(values[k] / norm)
			}
		}
	}
	return x
}
