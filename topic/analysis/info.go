package analysis

import (
	"strings"

	"github.com/gobertopic/gobertopic/topic"
)

// DocumentRow is what a model says of a fitted document.
type DocumentRow struct {
	Document    int // position in Model.Documents
	Topic       int
	Name, Label string  // of the topic
	Terms       string  // of the topic, joined by " - "
	Probability float64 // as in topic.Assignment
	// Representative reports whether the document is one of the typical documents of its topic. In
	// BERTopic it is true for every document with the same text.
	Representative bool
}

// DocumentInfo returns a row for each document of m, in the order of m.Documents. BERTopic's
// get_document_info.
func DocumentInfo(m *topic.Model) []DocumentRow {
	topics, assignments := m.Topics(), m.Assignments()
	first := topics[0].ID
	terms := make([]string, len(topics))
	for i, t := range topics {
		words := make([]string, len(t.Terms))
		for k, term := range t.Terms {
			words[k] = term.Term
		}
		terms[i] = strings.Join(words, " - ")
	}
	out := make([]DocumentRow, len(assignments))
	for i, a := range assignments {
		t := topics[a.Topic-first]
		out[i] = DocumentRow{
			Document: i, Topic: a.Topic, Name: t.Name, Label: t.Label, Terms: terms[a.Topic-first],
			Probability: a.Probability,
		}
	}
	for _, t := range topics {
		for _, doc := range t.Representative {
			out[doc].Representative = true
		}
	}
	return out
}
