package topic

import (
	"context"
	"errors"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// softTopics is the number of topics that a document is counted in at most, when it is counted by its memberships.
const softTopics = 10

// count counts the terms of the topics. A weigher of type ctfidf.Soft gets counts by memberships where the clusterer has
// them: each document counts in its nearest topics as strongly as it belongs there, and among the outliers as strongly as it
// belongs nowhere; see Probabilities. N-grams then lie within one document, as if ctfidf.Config.Join were not set.
func (m *Model) count(ctx context.Context, cfg ctfidf.Config) (ctfidf.Counts, error) {
	if _, soft := m.cfg.Weigher.(ctfidf.Soft); !soft {
		return m.batches.count(ctx, m.docs, m.classes(), cfg)
	}
	memberships, err := m.memberships(ctx)
	if errors.Is(err, ErrNoMemberships) {
		m.terms.whole = true
		return m.batches.count(ctx, m.docs, m.classes(), cfg)
	}
	if err != nil {
		return ctfidf.Counts{}, err
	}
	cfg.Join = false
	counts, err := ctfidf.CountSoft(ctx, m.docs, memberships, cfg)
	if err != nil {
		return ctfidf.Counts{}, err
	}
	for i := range counts.Classes {
		counts.Classes[i] = m.topics[i].ID
	}
	return counts, nil
}

// route is the topic that stands for a cluster in the eyes of document doc: where the documents of the cluster are in
// several topics, its own if that is one of them, otherwise the nearest.
func (m *Model) route(label, doc int) int {
	to := m.routes[label]
	if len(to) == 1 {
		return to[0]
	}
	if slices.Contains(to, m.assignments[doc].Topic) {
		return m.assignments[doc].Topic
	}
	return m.nearest(dense.Row(m.embeddings, doc), to)
}

// memberships is documents × topics, in the order of the topics. Documents without text are outliers.
func (m *Model) memberships(ctx context.Context) (sparse.CSR[float64], error) {
	of, err := m.fittedMemberships(ctx, softTopics)
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	first := m.topics[0].ID
	out := sparse.CSR[float64]{Cols: len(m.topics), RowPtr: make([]int, 1, len(m.docs)+1)}
	add := func(topic int, p float64) {
		if p > 0 {
			out.Col, out.Value = append(out.Col, int32(topic-first)), append(out.Value, p)
		}
	}
	row := make([]float64, len(m.topics))
	point := 0
	for doc := range m.docs {
		outside := 1.0
		if point < m.fitted() && m.document(point) == doc {
			labels, p := of.Row(point)
			for k, label := range labels {
				if topic := m.route(int(label), doc); topic != Outlier {
					row[topic-first] += p[k]
					outside -= p[k]
				}
			}
			point++
		}
		if first == Outlier {
			row[0] = max(outside, 0)
		}
		for i, p := range row { // ascending columns
			add(i+first, p)
			row[i] = 0
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out, nil
}
