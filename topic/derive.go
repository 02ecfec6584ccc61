package topic

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// regrouping is what an operation makes of the documents of a model.
type regrouping struct {
	operation string
	// assignments has one entry per document. The topics are any numbers of 0 or more, and −1 for outliers.
	assignments []Assignment
	// labels names topics by the numbers in assignments, before what they keep of old labels; nil when there are no new
	// ones.
	labels map[int]string
	// keep makes the numbers in assignments, which must be 0, 1, … without gaps, the IDs of the topics. Otherwise topics are
	// numbered anew by falling size, equal ones in the order of their numbers.
	keep bool
}

// regroup is how every operation on the grouping makes its model: the documents are regrouped, and all that follows from
// that is computed again, words and names included. The new model finds the topics of new documents by way of the old
// topics that they would have been in.
func (m *Model) regroup(ctx context.Context, r regrouping) (*Model, error) {
	if len(r.assignments) != len(m.docs) {
		return nil, fmt.Errorf("%s: %d topics for %d documents, want one each", r.operation, len(r.assignments), len(m.docs))
	}
	out := *m
	out.warnings, out.terms, out.unordered = nil, nil, r.keep
	out.assignments = slices.Clone(r.assignments)
	number := map[int]int{Outlier: Outlier}
	if !r.keep {
		sizes := map[int]int{}
		for _, a := range out.assignments {
			if a.Topic != Outlier {
				sizes[a.Topic]++
			}
		}
		for id, t := range largestFirst(sizes) {
			number[t] = id
		}
		for i := range out.assignments {
			a := &out.assignments[i]
			a.Topic = number[a.Topic]
		}
	}
	for i := range out.assignments {
		if a := &out.assignments[i]; a.Topic == Outlier {
			a.Probability = 0
		}
	}
	out.listTopics()
	moves, shares := m.moves(&out)
	out.routes = reroute(m.routes, moves)
	out.history = append(slices.Clone(m.history), Step{Operation: r.operation, Moves: moves})

	for i := range out.topics {
		out.topics[i].Label = m.inherited(out.topics[i], shares[i])
	}
	for t, label := range r.labels {
		id, ok := t, r.keep
		if !r.keep {
			id, ok = number[t]
		}
		if at := id + out.outliers(); ok && at >= 0 && at < len(out.topics) {
			out.topics[at].Label = label
		}
	}
	if err := out.describe(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", r.operation, err)
	}
	return &out, nil
}

// moves says where the documents of each topic of m are in out, whose documents start with those of m, and, for each topic
// of out, how many documents of which topics of m it has.
func (m *Model) moves(out *Model) (moves []Move, shares []map[int]int) {
	shares = make([]map[int]int, len(out.topics))
	for i := range shares {
		shares[i] = map[int]int{}
	}
	for i, a := range m.assignments {
		shares[out.assignments[i].Topic+out.outliers()][a.Topic]++
	}
	moves = make([]Move, len(m.topics))
	for i, t := range m.topics {
		moves[i].From = t.ID
		for j, of := range shares {
			if of[t.ID] > 0 {
				moves[i].To = append(moves[i].To, out.topics[j].ID)
			}
		}
	}
	return moves, shares
}

// reroute is where the labels of a clustering lead after moves. A label that led to topics leads to those that their
// documents are in now; it leads to the outliers only when none of them is in a topic.
func reroute(routes map[int][]int, moves []Move) map[int][]int {
	to := make(map[int][]int, len(moves))
	for _, move := range moves {
		to[move.From] = move.To
	}
	out := make(map[int][]int, len(routes))
	for label, topics := range routes {
		set := map[int]bool{}
		for _, t := range topics {
			for _, n := range to[t] {
				if n != Outlier {
					set[n] = true
				}
			}
		}
		if len(set) > 0 {
			out[label] = slices.Sorted(maps.Keys(set))
		}
	}
	return out
}

// inherited is the label that a new topic keeps: that of an old topic which is in it whole and makes up more than half of
// it.
func (m *Model) inherited(t Topic, shares map[int]int) string {
	if t.ID == Outlier {
		if m.topics[0].ID == Outlier {
			return m.topics[0].Label
		}
		return ""
	}
	for _, old := range m.topics { // at most one is more than half
		if old.ID != Outlier && shares[old.ID] == old.Size && 2*old.Size > t.Size {
			return old.Label
		}
	}
	return ""
}
