package topic

import (
	"fmt"
	"maps"
	"slices"
)

// Relabel gives topics labels of the caller's, by ID; −1, where the model has outliers, may have one too. An empty label
// takes the old one away, and topics that are not in labels keep theirs. Nothing else changes. BERTopic's set_topic_labels,
// where a topic without a label gets its name for one.
func (m *Model) Relabel(labels map[int]string) (*Model, error) {
	out := m.unchanged("relabel")
	for _, id := range slices.Sorted(maps.Keys(labels)) {
		at := id + m.outliers()
		if at < 0 || at >= len(out.topics) {
			return nil, fmt.Errorf("relabel: topic %d is not there, want one of %d to %d", id, m.topics[0].ID, m.topics[len(m.topics)-1].ID)
		}
		out.topics[at].Label = labels[id]
	}
	return out, nil
}

// unchanged is m after an operation that leaves the documents where they are. Its list of topics is its own.
func (m *Model) unchanged(operation string) *Model {
	out := *m
	out.topics = m.Topics()
	moves := make([]Move, len(m.topics))
	for i, t := range m.topics {
		moves[i] = Move{From: t.ID, To: []int{t.ID}}
	}
	out.history = append(slices.Clone(m.history), Step{Operation: operation, Moves: moves})
	return &out
}
