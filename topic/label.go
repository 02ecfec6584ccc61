package topic

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gobertopic/gobertopic/internal/check"
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

// LabelConfig says how labels are made of terms. The names in brackets are those of BERTopic's generate_topic_labels.
type LabelConfig struct {
	// Words is the number of terms in a label, at least 1. Default 3. [nr_words]
	Words int
	// Prefix puts the topic's ID before the terms. Default true. [topic_prefix]
	Prefix bool
	// WordLength is the number of characters (code points) that a term is cut to; 0, the default, leaves terms whole.
	// [word_length]
	WordLength int
	// Separator stands between the parts of a label. Default "_". [separator]
	Separator string
	// Aspect is the name of the aspect whose terms are used; "", the default, stands for the topic's own. [aspect]
	Aspect string
}

// DefaultLabelConfig makes labels such as "3_excel_vba_cell".
func DefaultLabelConfig() LabelConfig {
	return LabelConfig{Words: 3, Prefix: true, Separator: "_"}
}

// Validate reports every field outside its range.
func (c LabelConfig) Validate() error {
	var f check.Fields
	f.Want(c.Words >= 1, "topic.LabelConfig.Words", c.Words, "1 or more")
	f.Want(c.WordLength >= 0, "topic.LabelConfig.WordLength", c.WordLength, "0 (whole terms) or more")
	return f.Err()
}

// GenerateLabels makes a label for each topic of its terms, by ID, for Relabel. It fails for an aspect that the model has
// not.
func (m *Model) GenerateLabels(cfg LabelConfig) (map[int]string, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	out := make(map[int]string, len(m.topics))
	for _, t := range m.topics {
		terms := t.Terms
		if cfg.Aspect != "" {
			var ok bool
			if terms, ok = t.Aspects[cfg.Aspect]; !ok {
				return nil, fmt.Errorf("labels: there is no aspect %q, want one of %q", cfg.Aspect, slices.Sorted(maps.Keys(t.Aspects)))
			}
		}
		var parts []string
		if cfg.Prefix {
			parts = append(parts, strconv.Itoa(t.ID))
		}
		for _, term := range terms[:min(cfg.Words, len(terms))] {
			parts = append(parts, cut(term.Term, cfg.WordLength))
		}
		out[t.ID] = strings.Join(parts, cfg.Separator)
	}
	return out, nil
}

// cut is the first n code points of s; all of them when n is 0.
func cut(s string, n int) string {
	if n > 0 {
		for at := range s {
			if n--; n < 0 {
				return s[:at]
			}
		}
	}
	return s
}
