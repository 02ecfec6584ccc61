package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/stage"
)

// UpdateOptions says what UpdateTopics changes.
type UpdateOptions struct {
	// Words describes the topics. nil keeps how they are described. To change a part, start from those of
	// the model:
	//
	//	words := m.Config().Words
	//	words.Vocabulary.NGramMax = 2
	//	m, err := m.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	Words *Words
	// Topics has another topic for each document: any number of 0 or more, or −1 for an outlier. They are
	// numbered by size, and everything that depends on them follows, their embeddings and where new
	// documents go too. A document with another number than it had has probability 1 from then on; one
	// without text stays an outlier. nil keeps the topics.
	Topics []int
	// Embedder serves a model that has none: for representers, and for new documents.
	Embedder stage.Embedder
}

// UpdateTopics describes the topics anew, of other documents if opt.Topics has some. BERTopic's
// update_topics puts defaults in the place of what it is not given and leaves the embeddings of topics
// as they were.
func (m *Model) UpdateTopics(ctx context.Context, opt UpdateOptions) (*Model, error) {
	const operation = "update"
	if err := m.whole(operation); err != nil {
		return nil, err
	}
	words, e := m.description.words, m.description.embedder
	if opt.Words != nil {
		words = *opt.Words
	}
	words.missing = words.stillMissing(words.missing)
	if e == nil {
		e = opt.Embedder
		if err := m.pipeline.embedder.wants(identity(e)); err != nil {
			return nil, fmt.Errorf("%s: %w", operation, err)
		}
	}
	if err := words.validate(e); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	g := m.grouping
	r := regrouping{operation: operation, assignments: g.assignments, keepIDs: g.keepIDs}
	if opt.Topics != nil {
		var err error
		if r, err = m.retopic(operation, opt.Topics); err != nil {
			return nil, fmt.Errorf("%s: %w", operation, err)
		}
	}
	next := g.regroup(r)
	w, err := describe(ctx, m.documents, m.pipeline, next, words, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return assemble(m.documents, m.pipeline, next, w), nil
}

// retopic returns the regrouping of documents to other topics.
func (m *Model) retopic(operation string, topics []int) (regrouping, error) {
	r := regrouping{operation: operation, assignments: slices.Clone(m.grouping.assignments)}
	if len(topics) != len(r.assignments) {
		return r, fmt.Errorf("%d topics for %d documents, want one each", len(topics), len(r.assignments))
	}
	var errs []error
	for i, t := range topics {
		if t < Outlier {
			errs = append(errs, fmt.Errorf("document %d has topic %d, want −1 or more", i, t))
			break
		}
	}
	for i := range m.documents.rows() {
		doc := m.documents.doc(i)
		if t, a := topics[m.documents.given(doc)], &r.assignments[doc]; a.Topic != t {
			*a = Assignment{Topic: t, Probability: 1}
		}
	}
	return r, errors.Join(errs...)
}
