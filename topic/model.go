package topic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// Model is a fitted topic model, or what an operation made of one. It is immutable, and safe for
// concurrent use if its stages are, as those of this module are.
//
// It has four parts. An operation builds the parts that change and shares the others.
type Model struct {
	documents   *documents
	pipeline    *pipeline
	grouping    *grouping
	description *description
	chain       func() *place.Chain // made of the four parts when it is first needed
	warnings    []error             // of the operation that made this model
}

// Topic is a group of documents with its description.
type Topic struct {
	// ID is 0 for the largest topic, 1 for the next, and so on, and −1 for the outliers.
	ID int
	// Size is the number of documents.
	Size int
	// Name is the ID and the first four terms, "3_excel_vba_cell_sheet", as in BERTopic's topic_labels_.
	Name string
	// Label is a name that the topic was given, by Relabel or as a zero-shot label; "" if there is none.
	// A topic keeps its label through an operation that puts all of its documents into a topic of which
	// they are more than half. BERTopic's custom_labels_.
	Label string `json:",omitempty"`
	// Terms holds the words that set the topic apart, by falling weight. They are fewer than
	// Words.TopWords if the topic has not that many words of positive weight.
	Terms []ctfidf.Term
	// Aspects holds the terms of Words.Aspects by name; nil if there are none.
	Aspects map[string][]ctfidf.Term `json:",omitempty"`
	// Representative holds the positions of typical documents, the most typical first.
	Representative []int
	// Embedding is the mean of the embeddings of the topic's documents.
	Embedding []float32
}

// assemble returns a model of four parts. Every operation ends here.
func assemble(d *documents, p *pipeline, g *grouping, w *description, warnings ...error) *Model {
	m := &Model{documents: d, pipeline: p, grouping: g, description: w, warnings: slices.Concat(warnings, w.warnings)}
	m.chain = sync.OnceValue(func() *place.Chain { return m.newChain() })
	return m
}

// Check tests every invariant within and between the parts of a model. A model that this package made
// always passes; Check is for tests, and for those who bring stages of their own. In a loaded model it
// reads all parts.
func (m *Model) Check() error {
	if err := m.open(); err != nil {
		return err
	}
	if err := errors.Join(m.documents.check(), m.pipeline.check(m.documents), m.grouping.check(m.documents)); err != nil {
		return err
	}
	for i, source := range m.pipeline.sources {
		if err := source.Check(); err != nil {
			return fmt.Errorf("merged model %d: %w", i, err)
		}
	}
	return m.description.check(m.documents, m.pipeline, m.grouping)
}

// Topics lists the topics by falling size, the outliers (ID −1), if there are any, first.
func (m *Model) Topics() []Topic {
	out := make([]Topic, len(m.grouping.topics))
	for i, g := range m.grouping.topics {
		t := m.description.topics[i]
		out[i] = Topic{
			ID: g.id, Size: g.size, Label: g.label, Name: t.name, Terms: slices.Clone(t.terms), Aspects: cloneAspects(t.aspects),
			Representative: slices.Clone(t.representative), Embedding: slices.Clone(t.embedding),
		}
		for k, doc := range t.representative {
			out[i].Representative[k] = m.documents.given(doc)
		}
	}
	return out
}

func cloneAspects(aspects map[string][]ctfidf.Term) map[string][]ctfidf.Term {
	out := maps.Clone(aspects)
	for name, terms := range out {
		out[name] = slices.Clone(terms)
	}
	return out
}

// Assignments returns one entry per document, in the order in which the documents were given.
func (m *Model) Assignments() []Assignment {
	if m.documents.order == nil {
		return slices.Clone(m.grouping.assignments)
	}
	return restore(m.grouping.assignments, m.documents.order)
}

// Config returns how the model was made: the Config of the fit, with the Words of the last
// UpdateTopics. The caller must not change what its fields lead to.
func (m *Model) Config() Config {
	cfg := m.pipeline.cfg
	cfg.Words, cfg.Embedder = m.description.words, m.description.embedder
	return cfg
}

// Warnings returns what is worth knowing about the fit and the last operation without being a failure.
func (m *Model) Warnings() []error {
	return slices.Concat(m.pipeline.warnings, m.outlierWarnings(), m.warnings)
}

// Timings returns how long the steps of the fit took.
func (m *Model) Timings() Timings { return m.pipeline.timings }

// regroup is how an operation that moves documents between topics makes its model.
func (m *Model) regroup(ctx context.Context, r regrouping) (*Model, error) {
	if err := m.whole(r.operation); err != nil {
		return nil, err
	}
	if len(r.assignments) != m.documents.n {
		return nil, fmt.Errorf("%s: %d topics for %d documents, want one each", r.operation, len(r.assignments), m.documents.n)
	}
	return m.describe(ctx, r.operation, m.grouping.regroup(r))
}

// describe returns the model with another grouping.
func (m *Model) describe(ctx context.Context, operation string, g *grouping) (*Model, error) {
	w, err := describe(ctx, m.documents, m.pipeline, g, m.description.words, m.description.embedder)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return assemble(m.documents, m.pipeline, g, w), nil
}

// unchanged returns the model after an operation that had nothing to do.
func (m *Model) unchanged(operation string, warnings ...error) *Model {
	out := assemble(m.documents, m.pipeline, m.grouping.relabel(operation, nil), m.description)
	out.warnings = warnings
	return out
}

// embedding returns the embedding of a topic.
func (m *Model) embedding(id int) []float32 {
	return m.description.topics[m.grouping.at(id)].embedding
}
