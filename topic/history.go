package topic

import (
	"errors"
	"fmt"
	"slices"
)

// Step is one of the operations that made a model.
type Step struct {
	// Operation is the name of the operation: "fit", "merge", "reduce", ….
	Operation string `json:"operation"`
	// Adopted is, for a fit, the number of documents that the clusterer left outside and that
	// Config.Outliers gave a topic.
	Adopted int `json:"adopted,omitempty"`
	// Moves says where the documents of each topic went, by ascending topic; nil for the first step.
	Moves []Move `json:"moves,omitempty"`
	// Born lists the topics, ascending, that have none of the documents that there were before.
	Born []int `json:"born,omitempty"`
	// Sources says, for MergeModels, which topics each topic was made of, by ascending topic.
	Sources []Source `json:"sources,omitempty"`
}

// Move says that the documents of topic From are in the topics To after a step.
type Move struct {
	From int   `json:"from"`
	To   []int `json:"to"` // ascending, at least one; −1 if documents became outliers
}

// Source says which topics of which models a topic was made of.
type Source struct {
	Topic int          `json:"topic"`
	From  []ModelTopic `json:"from"` // by model and topic
}

// ModelTopic is a topic of one of the models that were merged.
type ModelTopic struct {
	Model int `json:"model"` // position among the models, from 0
	Topic int `json:"topic"`
	Size  int `json:"size"` // number of documents that it had there
	// Similarity is the cosine of its embedding with that of the topic that it joined, as it was then; 1
	// for the topic that others joined.
	Similarity float64 `json:"similarity"`
}

// size returns the number of documents of all topics that the topic was made of.
func (s Source) size() (n int) {
	for _, f := range s.From {
		n += f.Size
	}
	return n
}

// History returns the operations that made the model, the fit first. BERTopic keeps topic_mapper_ for
// this.
func (m *Model) History() []Step {
	out := slices.Clone(m.grouping.history)
	for i, s := range out {
		out[i].Moves, out[i].Born, out[i].Sources = slices.Clone(s.Moves), slices.Clone(s.Born), slices.Clone(s.Sources)
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
func (g *grouping) checkHistory() error {
	if len(g.history) == 0 {
		return errors.New("the history is empty")
	}
	if g.history[0].Moves != nil {
		return errors.New("the first step has moves")
	}
	if err := g.checkSources(); err != nil {
		return err
	}
	var before []int // the topics that the step before left
	for i, s := range g.history[1:] {
		var from, to []int
		for _, move := range s.Moves {
			from = append(from, move.From)
			to = append(to, move.To...)
		}
		if i > 0 && !slices.Equal(from, before) {
			return fmt.Errorf("step %d (%s) starts from topics %v, the step before left %v", i+1, s.Operation, from, before)
		}
		to = append(to, s.Born...)
		slices.Sort(to)
		before = slices.Compact(to)
	}
	now := g.all()
	if len(g.history) > 1 && !slices.Equal(before, now) {
		return fmt.Errorf("the history ends with topics %v, the model has %v", before, now)
	}
	return nil
}

// checkSources reports topics that cannot have been there: each had at least one document.
func (g *grouping) checkSources() error {
	n := len(g.assignments)
	for i, s := range g.history {
		bad := s.Adopted < 0 || s.Adopted > n
		for _, m := range s.Moves {
			bad = bad || m.From < Outlier || m.From >= n
		}
		for _, source := range s.Sources {
			bad = bad || source.Topic < 0 || source.Topic >= n
			for _, f := range source.From {
				bad = bad || f.Model < 0 || f.Model >= n || f.Topic < 0 || f.Topic >= n || f.Size < 1 || f.Size > n || !(f.Similarity >= -1 && f.Similarity <= 1)
			}
		}
		if bad {
			return fmt.Errorf("step %d (%s) of the history is of topics or documents that there were not: %+v", i, s.Operation, s)
		}
	}
	return nil
}
