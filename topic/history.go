package topic

import (
	"fmt"
	"slices"
)

// Step is one of the operations that made a model what it is.
type Step struct {
	// Operation is the name of what was done: "fit", "merge", "reduce", ….
	Operation string
	// Adopted is, of the fit, the number of documents that the clusterer left outside and Config.Outliers gave a topic.
	Adopted int `json:",omitempty"`
	// Moves says where the documents of each topic went, by ascending topic; nil for the first step.
	Moves []Move `json:",omitempty"`
	// Born are the topics that have none of the documents there were before, ascending.
	Born []int `json:",omitempty"`
	// Sources says, of MergeModels, what each topic was made of, by ascending topic.
	Sources []Source `json:",omitempty"`
}

// Move says that the documents of topic From are in the topics To after a step.
type Move struct {
	From int
	To   []int // ascending, at least one; −1 where documents became outliers
}

// History lists the operations that made the model, the fit first. BERTopic keeps topic_mapper_ for this.
func (m *Model) History() []Step {
	out := slices.Clone(m.history)
	for i, s := range out {
		out[i].Moves, out[i].Born = slices.Clone(s.Moves), slices.Clone(s.Born)
		out[i].Sources = slices.Clone(s.Sources)
		for j, from := range s.Sources {
			out[i].Sources[j].From = slices.Clone(from.From)
		}
		for j, move := range s.Moves {
			out[i].Moves[j].To = slices.Clone(move.To)
		}
	}
	return out
}

// checkHistory reports steps that do not follow from each other.
func (m *Model) checkHistory() error {
	if len(m.history) == 0 {
		return fmt.Errorf("the history is empty")
	}
	var before []int // the topics that the step before left
	for i, s := range m.history {
		if i == 0 && s.Moves != nil {
			return fmt.Errorf("the first step has moves")
		}
		if i == 0 {
			continue
		}
		var from, to []int
		for _, move := range s.Moves {
			from = append(from, move.From)
			to = append(to, move.To...)
		}
		if i > 1 && !slices.Equal(from, before) {
			return fmt.Errorf("step %d (%s) starts from topics %v, the step before left %v", i, s.Operation, from, before)
		}
		to = append(to, s.Born...)
		slices.Sort(to)
		before = slices.Compact(to)
	}
	var now []int
	for _, t := range m.topics {
		now = append(now, t.ID)
	}
	if len(m.history) > 1 && !slices.Equal(before, now) {
		return fmt.Errorf("the history ends with topics %v, the model has %v", before, now)
	}
	return nil
}
