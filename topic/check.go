package topic

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// Check tests every invariant between the parts of a model and reports all that do not hold. A model made by this
// package always passes; it is for tests and for those who bring their own stages.
func (m *Model) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if len(m.assignments) != len(m.docs) {
		bad("%d assignments for %d documents", len(m.assignments), len(m.docs))
	}
	if m.embeddings.Rows != len(m.docs) {
		bad("%d embeddings for %d documents", m.embeddings.Rows, len(m.docs))
	}
	if m.reduction == nil {
		bad("there is no reduction")
	} else if n := m.reduction.Points().Rows; n != m.fitted() {
		bad("%d points for %d documents with text", n, m.fitted())
	}
	sizes := map[int]int{}
	for i, a := range m.assignments {
		sizes[a.Topic]++
		if math.IsNaN(a.Probability) || a.Probability < 0 || a.Probability > 1 {
			bad("document %d has probability %v", i, a.Probability)
		}
		if a.Topic == Outlier && a.Probability != 0 {
			bad("document %d is an outlier with probability %v", i, a.Probability)
		}
	}
	if len(m.topics) == 0 || m.topics[0].ID != Outlier && m.topics[0].ID != 0 {
		bad("the topics do not start with −1 or 0")
		return errors.Join(errs...)
	}
	total := 0
	for i, t := range m.topics {
		if i > 0 && t.ID != m.topics[i-1].ID+1 {
			bad("topic %d follows topic %d", t.ID, m.topics[i-1].ID)
		}
		if t.Size == 0 {
			bad("topic %d is empty", t.ID)
		}
		if !m.unordered && i > 0 && m.topics[i-1].ID >= 0 && t.Size > m.topics[i-1].Size {
			bad("topic %d has %d documents, more than the topic before it", t.ID, t.Size)
		}
		if t.Size != sizes[t.ID] {
			bad("topic %d has size %d but %d documents", t.ID, t.Size, sizes[t.ID])
		}
		if t.Name != name(t.ID, t.Terms) {
			bad("topic %d has the name %q", t.ID, t.Name)
		}
		if len(t.Embedding) != m.embeddings.Cols {
			bad("topic %d has an embedding of %d dimensions, not %d", t.ID, len(t.Embedding), m.embeddings.Cols)
		}
		if len(t.Aspects) != len(m.topics[0].Aspects) {
			bad("topic %d has %d aspects, topic %d has %d", t.ID, len(t.Aspects), m.topics[0].ID, len(m.topics[0].Aspects))
		}
		for name := range t.Aspects {
			if _, ok := m.topics[0].Aspects[name]; !ok {
				bad("topic %d has an aspect %q, topic %d has not", t.ID, name, m.topics[0].ID)
			}
		}
		for _, d := range t.Representative {
			if d < 0 || d >= len(m.assignments) || m.assignments[d].Topic != t.ID {
				bad("topic %d is represented by document %d, which is not its own", t.ID, d)
			}
		}
		total += t.Size
	}
	if total != len(m.docs) {
		bad("the topics have %d documents in all, not %d", total, len(m.docs))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	last := m.topics[len(m.topics)-1].ID
	for _, label := range slices.Sorted(maps.Keys(m.routes)) {
		to := m.routes[label]
		for i, t := range to {
			if t < 0 || t > last || i > 0 && t <= to[i-1] {
				bad("label %d of the clusters leads to the topics %v, want rising ones of 0 to %d", label, to, last)
				break
			}
		}
	}
	return errors.Join(append(errs, m.checkTerms(), m.checkMeans(), m.checkHistory(), m.batches.check(len(m.docs)))...)
}

// checkTerms reports counts, weights and terms that do not go with the topics.
func (m *Model) checkTerms() error {
	m.terms.mu.Lock()
	defer m.terms.mu.Unlock()
	if !m.terms.counted || m.terms.weights.Rows.Rows() == 0 {
		return nil
	}
	var ids []int
	for _, t := range m.topics {
		ids = append(ids, t.ID)
	}
	if !slices.Equal(m.terms.counts.Classes, ids) || !slices.Equal(m.terms.weights.Classes, ids) {
		return fmt.Errorf("there are counts of the topics %v and weights of %v, the model has %v", m.terms.counts.Classes, m.terms.weights.Classes, ids)
	}
	if len(m.cfg.Representers) > 0 {
		return nil
	}
	for i, t := range m.topics {
		if want := m.terms.weights.TopTerms(i, m.cfg.TopWords); !slices.Equal(want, t.Terms) {
			return fmt.Errorf("topic %d has the terms %v, its weights say %v", t.ID, t.Terms, want)
		}
	}
	return nil
}

// checkMeans reports topics whose embedding is not the mean of their documents'.
func (m *Model) checkMeans() error {
	means := m.meanEmbeddings()
	for i, t := range m.topics {
		if !slices.Equal(dense.Row(means, i), t.Embedding) {
			return fmt.Errorf("topic %d has an embedding that is not the mean of its documents'", t.ID)
		}
	}
	return nil
}
