package topic

import (
	"context"
	"fmt"
	"slices"
)

// Config is how the model was made: that of the fit with the changes of UpdateTopics. The caller must not change what its
// fields lead to.
func (m *Model) Config() Config { return m.cfg }

// UpdateTopics describes the topics anew: with the Vocabulary, the Weigher, the Representers, the Aspects, TopWords, the
// Representative fields, the Workers and the Progress of cfg, of which nothing else counts but, in a model without an
// embedder, the Embedder. Model.Config is where to start, so that what is not changed stays:
//
//	cfg := m.Config()
//	cfg.Vocabulary.NGramMax = 2
//	m, err := m.UpdateTopics(ctx, cfg, nil)
//
// topics, unless it is nil, has another topic for each document: any number of 0 or more, or −1 for an outlier. They are
// numbered by size, and everything that hangs on them follows, their embeddings and the way of new documents too. A
// document that is given another number than it had has probability 1 from then on; one without text stays an outlier.
//
// BERTopic's update_topics, which puts defaults in the place of what it is not given and leaves the embeddings of topics as
// they were.
func (m *Model) UpdateTopics(ctx context.Context, cfg Config, topics []int) (*Model, error) {
	const operation = "update"
	next := m.cfg
	next.Vocabulary, next.Weigher, next.Representers, next.Aspects = cfg.Vocabulary, cfg.Weigher, cfg.Representers, cfg.Aspects
	next.TopWords, next.RepresentativeDocs, next.RepresentativeDiversity = cfg.TopWords, cfg.RepresentativeDocs, cfg.RepresentativeDiversity
	next.Workers, next.Progress = cfg.Workers, cfg.Progress
	if next.Embedder == nil {
		next.Embedder = cfg.Embedder
	}
	valid := next
	valid.Seeds, valid.ZeroShot.Labels = nil, nil // the fit embedded them
	if err := valid.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	have := next.functions()
	next.unsaved = slices.DeleteFunc(slices.Clone(cfg.unsaved), func(name string) bool { return name == "Weigher" || have[name] })

	base := *m
	base.cfg = next
	if topics == nil {
		return base.regroup(ctx, regrouping{operation: operation, assignments: m.assignments, keep: m.unordered})
	}
	assignments := slices.Clone(m.assignments)
	if len(topics) != len(assignments) {
		return nil, fmt.Errorf("%s: %d topics for %d documents, want one each", operation, len(topics), len(assignments))
	}
	for i, t := range topics {
		if t < Outlier {
			return nil, fmt.Errorf("%s: document %d has topic %d, want −1 or more", operation, i, t)
		}
	}
	for i := range m.fitted() {
		doc := m.document(i)
		if a := &assignments[doc]; a.Topic != topics[doc] {
			*a = Assignment{Topic: topics[doc], Probability: 1}
		}
	}
	return base.regroup(ctx, regrouping{operation: operation, assignments: assignments})
}
