package topic

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// Similar is a topic and how similar it is.
type Similar struct {
	Topic      int
	Similarity float64 // a cosine, in [−1, 1]
}

// FindTopics lists the n topics most similar to text, best first, equal ones by ID; all when n is 0. Similar is the cosine
// of the embedding of the text and that of the topic, or, in a model without an embedder or without embeddings, that of the weights of
// the text's words and of the topic's. The outliers are no topic here, where BERTopic's find_topics has them.
func (m *Model) FindTopics(ctx context.Context, text string, n int) ([]Similar, error) {
	out := make([]Similar, 0, len(m.topics))
	if m.cfg.Embedder != nil && m.embeddings.Cols > 0 {
		x, err := m.embedBeside(ctx, []string{text})
		if err != nil {
			return nil, fmt.Errorf("find: %w", err)
		}
		for _, t := range m.topicIDs() {
			out = append(out, Similar{t, dense.Cosine(dense.Row(x, 0), m.topics[t+m.outliers()].Embedding)})
		}
		return best(out, n)
	}
	weights, words, err := m.weighTexts(ctx, []string{text})
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	for _, t := range m.topicIDs() {
		s := Similar{Topic: t}
		if words.Rows() > 0 {
			s.Similarity = words.Cosine(0, weights.Rows, t+m.outliers())
		}
		out = append(out, s)
	}
	return best(out, n)
}

// SimilarTopics lists the n topics most similar to topic id by their embeddings, best first, equal ones by ID; all when n is
// 0. The topic itself and the outliers are not among them.
func (m *Model) SimilarTopics(id, n int) ([]Similar, error) {
	if err := m.hasTopic(id); err != nil {
		return nil, fmt.Errorf("similar topics: %w", err)
	}
	out := make([]Similar, 0, len(m.topics))
	for _, t := range m.topicIDs() {
		if t != id {
			out = append(out, Similar{t, dense.Cosine(m.topics[id+m.outliers()].Embedding, m.topics[t+m.outliers()].Embedding)})
		}
	}
	return best(out, n)
}

// best is the n most similar of topics that stand by ID.
func best(topics []Similar, n int) ([]Similar, error) {
	if n < 0 {
		return nil, fmt.Errorf("%d topics are wanted, want 1 or more, or 0 for all", n)
	}
	slices.SortStableFunc(topics, func(a, b Similar) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return 0
	})
	if n > 0 && n < len(topics) {
		topics = topics[:n]
	}
	return topics, nil
}

// DocumentInfo is what a model says of a fitted document.
type DocumentInfo struct {
	Document    int // its position
	Topic       int
	Name, Label string  // of the topic
	Terms       string  // of the topic, joined by " - "
	Probability float64 // as in Assignment
	// Representative is whether the document is one of those that stand for its topic. BERTopic says so of every document
	// with the same text.
	Representative bool
}

// DocumentInfo has one entry per document, in their order. BERTopic's get_document_info.
func (m *Model) DocumentInfo() []DocumentInfo {
	terms := make([]string, len(m.topics))
	for i, t := range m.topics {
		words := make([]string, len(t.Terms))
		for k, term := range t.Terms {
			words[k] = term.Term
		}
		terms[i] = strings.Join(words, " - ")
	}
	out := make([]DocumentInfo, len(m.docs))
	for i, a := range m.assignments {
		at := a.Topic + m.outliers()
		t := m.topics[at]
		out[i] = DocumentInfo{Document: i, Topic: a.Topic, Name: t.Name, Label: t.Label, Terms: terms[at], Probability: a.Probability}
	}
	for _, t := range m.topics {
		for _, doc := range t.Representative {
			out[doc].Representative = true
		}
	}
	return out
}
