package topic

import (
	"errors"
	"fmt"
	"math"
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
	if n := m.reduction.Points().Rows; n != m.fitted() {
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
	total := 0
	for i, t := range m.topics {
		if i > 0 && t.ID != m.topics[i-1].ID+1 {
			bad("topic %d follows topic %d", t.ID, m.topics[i-1].ID)
		}
		if i > 0 && m.topics[i-1].ID >= 0 && t.Size > m.topics[i-1].Size {
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
	return errors.Join(errs...)
}
