package topic

import (
	"fmt"
	"maps"
	"slices"
)

// Relabel gives topics labels by ID. −1, if the model has outliers, may have one too. An empty label
// removes the old one, and topics that are not in labels keep theirs. Nothing else changes. BERTopic's
// set_topic_labels, where a topic without a label gets its name for one.
func (m *Model) Relabel(labels map[int]string) (*Model, error) {
	const operation = "relabel"
	for _, id := range slices.Sorted(maps.Keys(labels)) {
		if g := m.grouping; !g.has(id) {
			return nil, fmt.Errorf("%s: there is no topic %d, want one of %d to %d", operation, id, g.topics[0].id, g.last())
		}
	}
	out := assemble(m.documents, m.pipeline, m.grouping.relabel(operation, labels), m.description)
	out.warnings = nil
	return out, nil
}
