package topic

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/stage"
)

// Outlier is the topic of documents that belong to no topic.
const Outlier = stage.Outlier

// Assignment says where a document belongs.
type Assignment struct {
	// Topic is the ID of a topic, or Outlier.
	Topic int
	// Probability is how strongly the document belongs to its topic, in [0, 1]; 0 for an outlier. It is
	// the strength that the clusterer reports: for HDBSCAN, hdbscan's probabilities_.
	Probability float64
}

// grouping is the third part of a model: which document is in which topic. It is immutable.
type grouping struct {
	assignments []Assignment // one per document
	topics      []group      // ascending by ID; the outliers, if there are any, first
	// routes maps a label of the pipeline to the topics, ascending, that its documents are in. A label
	// that is missing leads to the outliers.
	routes  map[int][]int
	keepIDs bool          // topics keep their IDs, whatever their sizes
	rules   []OutlierRule // of ReduceOutliers, the first one first
	history []Step
}

// group is a topic without its description.
type group struct {
	id, size int
	label    string // given by the caller, or a zero-shot label
}

// newGrouping returns the grouping of a fit: the labels of rows are numbered as topics, those of
// zero-shot labels first.
func newGrouping(d *documents, p *pipeline, labels []int, strengths []float64, adopted int) *grouping {
	names := p.zeroShotLabels()
	g := &grouping{
		assignments: allOutliers(d.n), routes: numberLabels(labels, len(names)), keepIDs: len(names) > 0,
		history: []Step{{Operation: "fit", Adopted: adopted}},
	}
	for i, l := range labels {
		if to, ok := g.routes[l]; ok {
			g.assignments[d.doc(i)] = Assignment{to[0], strengths[i]}
		}
	}
	g.topics = listTopics(g.assignments)
	for l, name := range names {
		if to, ok := g.routes[l]; ok {
			g.topics[g.at(to[0])].label = name
		}
	}
	return g
}

// allOutliers returns the assignments of n documents that are in no topic.
func allOutliers(n int) []Assignment {
	return slices.Repeat([]Assignment{{Topic: Outlier}}, n)
}

// listTopics returns the topics of assignments, which must be numbered without gaps.
func listTopics(assignments []Assignment) []group {
	var sizes []int // sizes[t+1] is that of topic t
	for _, a := range assignments {
		for len(sizes) < a.Topic+2 {
			sizes = append(sizes, 0)
		}
		sizes[a.Topic+1]++
	}
	var out []group
	for i, size := range sizes {
		if size > 0 {
			out = append(out, group{id: i - 1, size: size})
		}
	}
	return out
}

// numberLabels numbers the labels as topics: the first named labels in their order, then the others
// by falling size, equal ones in the order of their labels. The result maps a label to its topic.
// Labels without a row, and −1, are missing from it.
func numberLabels(labels []int, named int) map[int][]int {
	sizes := map[int]int{}
	for _, l := range labels {
		if l != Outlier {
			sizes[l]++
		}
	}
	routes := make(map[int][]int, len(sizes))
	for l := range named {
		if sizes[l] > 0 {
			routes[l] = []int{len(routes)}
			delete(sizes, l)
		}
	}
	for _, l := range largestFirst(sizes) {
		routes[l] = []int{len(routes)}
	}
	return routes
}

// largestFirst lists the keys of sizes by falling size, equal ones ascending.
func largestFirst(sizes map[int]int) []int {
	return slices.SortedFunc(maps.Keys(sizes), func(a, b int) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b))
	})
}

// outliers returns 1 if the first of the topics is that of the outliers, otherwise 0.
func (g *grouping) outliers() int { return -g.topics[0].id }

// at returns the place of a topic among the topics.
func (g *grouping) at(id int) int { return id - g.topics[0].id }

// has reports whether there is a topic with this ID.
func (g *grouping) has(id int) bool {
	at := g.at(id)
	return at >= 0 && at < len(g.topics)
}

// want returns an error if there is no topic with this ID, or if it is that of the outliers.
func (g *grouping) want(id int) error {
	switch last := g.last(); {
	case last == Outlier:
		return fmt.Errorf("there is no topic %d: the model has no topics", id)
	case id < 0 || id > last:
		return fmt.Errorf("there is no topic %d, want one of 0 to %d", id, last)
	}
	return nil
}

// last returns the greatest ID.
func (g *grouping) last() int { return g.topics[len(g.topics)-1].id }

// ids lists the topics without the outliers.
func (g *grouping) ids() []int {
	out := make([]int, 0, len(g.topics))
	for _, t := range g.topics {
		if t.id != Outlier {
			out = append(out, t.id)
		}
	}
	return out
}

// all lists the topics, that of the outliers included.
func (g *grouping) all() []int {
	out := make([]int, len(g.topics))
	for i, t := range g.topics {
		out[i] = t.id
	}
	return out
}

// classes returns the topic of each document.
func (g *grouping) classes() []int {
	out := make([]int, len(g.assignments))
	for i, a := range g.assignments {
		out[i] = a.Topic
	}
	return out
}

// members lists the documents of each topic, in the order of the topics.
func (g *grouping) members() [][]int {
	out := make([][]int, len(g.topics))
	for i, t := range g.topics {
		out[i] = make([]int, 0, t.size)
	}
	for doc, a := range g.assignments {
		at := g.at(a.Topic)
		out[at] = append(out[at], doc)
	}
	return out
}

// moved returns the assignments with topics replaced as into says. Those missing from it stay.
func (g *grouping) moved(into map[int]int) []Assignment {
	out := slices.Clone(g.assignments)
	for i := range out {
		if t, ok := into[out[i].Topic]; ok {
			out[i].Topic = t
		}
	}
	return out
}

// regrouping says what an operation makes of the documents.
type regrouping struct {
	operation string
	// assignments has one entry per document. The topics are any numbers of 0 or more, and −1 for
	// outliers.
	assignments []Assignment
	// keepIDs makes the numbers in assignments, which must be 0, 1, … without gaps, the IDs of the
	// topics. Otherwise topics are numbered by falling size, equal ones in the order of their numbers.
	keepIDs bool
}

// regroup returns the grouping after documents moved. New documents find their topics by way of the
// old topics that they would have been in.
func (g *grouping) regroup(r regrouping) *grouping {
	out := &grouping{assignments: slices.Clone(r.assignments), keepIDs: r.keepIDs, rules: g.rules}
	number := map[int]int{Outlier: Outlier}
	if !r.keepIDs {
		sizes := map[int]int{}
		for _, a := range out.assignments {
			if a.Topic != Outlier {
				sizes[a.Topic]++
			}
		}
		for id, t := range largestFirst(sizes) {
			number[t] = id
		}
	}
	for i := range out.assignments {
		a := &out.assignments[i]
		if !r.keepIDs {
			a.Topic = number[a.Topic]
		}
		if a.Topic == Outlier {
			a.Probability = 0
		}
	}
	out.topics = listTopics(out.assignments)
	moves, shares := g.moves(out)
	out.routes = reroute(g.routes, moves)
	out.history = append(slices.Clone(g.history), Step{Operation: r.operation, Moves: moves})
	for i, t := range out.topics {
		out.topics[i].label = g.inherited(t, shares[i])
	}
	return out
}

// relabel returns the grouping with other labels, as a step of the history.
func (g *grouping) relabel(operation string, labels map[int]string) *grouping {
	out := *g
	out.topics = slices.Clone(g.topics)
	for id, label := range labels {
		out.topics[g.at(id)].label = label
	}
	moves := make([]Move, len(g.topics))
	for i, t := range g.topics {
		moves[i] = Move{From: t.id, To: []int{t.id}}
	}
	out.history = append(slices.Clone(g.history), Step{Operation: operation, Moves: moves})
	return &out
}

// moves returns where the documents of each topic of g are in next, whose documents begin with those
// of g, and, for each topic of next, how many documents of which topics of g it has.
func (g *grouping) moves(next *grouping) (moves []Move, shares []map[int]int) {
	shares = make([]map[int]int, len(next.topics))
	for i := range shares {
		shares[i] = map[int]int{}
	}
	for i, a := range g.assignments {
		shares[next.at(next.assignments[i].Topic)][a.Topic]++
	}
	moves = make([]Move, len(g.topics))
	for i, t := range g.topics {
		moves[i].From = t.id
		for j, of := range shares {
			if of[t.id] > 0 {
				moves[i].To = append(moves[i].To, next.topics[j].id)
			}
		}
	}
	return moves, shares
}

// reroute returns the routes after moves. A label that led to topics leads to those that their
// documents are in now; it leads to the outliers only if none of them is in a topic.
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

// inherited returns the label that a new topic keeps: that of an old topic whose documents are all
// in it and are more than half of it.
func (g *grouping) inherited(t group, shares map[int]int) string {
	for _, old := range g.topics { // at most one is more than half
		switch {
		case t.id == Outlier:
			if old.id == Outlier {
				return old.label
			}
		case old.id != Outlier && shares[old.id] == old.size && 2*old.size > t.size:
			return old.label
		}
	}
	return ""
}

// maxLabel bounds the labels of rows: a zero-shot label, a cluster, or a topic of a merged model takes
// one, and all but zero-shot labels have a document, which may be in two models.
func maxLabel(d *documents) int { return 2*d.n + maxZeroShot }

func (g *grouping) check(d *documents) error {
	if len(g.assignments) != d.n {
		return fmt.Errorf("%d assignments for %d documents", len(g.assignments), d.n)
	}
	if len(g.topics) == 0 || g.topics[0].id != Outlier && g.topics[0].id != 0 {
		return fmt.Errorf("the topics do not start with −1 or 0")
	}
	sizes := make([]int, len(g.topics))
	first := g.topics[0].id
	for i, a := range g.assignments {
		if at := a.Topic - first; at >= 0 && at < len(sizes) {
			sizes[at]++
		}
		if math.IsNaN(a.Probability) || a.Probability < 0 || a.Probability > 1 || a.Topic == Outlier && a.Probability != 0 {
			return fmt.Errorf("document %d is in topic %d with probability %v", i, a.Topic, a.Probability)
		}
	}
	total := 0
	for i, t := range g.topics {
		total += t.size
		switch {
		case i > 0 && t.id != g.topics[i-1].id+1:
			return fmt.Errorf("topic %d follows topic %d", t.id, g.topics[i-1].id)
		case t.size == 0:
			return fmt.Errorf("topic %d is empty", t.id)
		case t.size != sizes[i]:
			return fmt.Errorf("topic %d has size %d but %d documents", t.id, t.size, sizes[i])
		case !g.keepIDs && i > 0 && g.topics[i-1].id >= 0 && t.size > g.topics[i-1].size:
			return fmt.Errorf("topic %d has %d documents, more than the topic before it", t.id, t.size)
		}
	}
	if total != d.n {
		return fmt.Errorf("the topics have %d documents in all, not %d", total, d.n)
	}
	for _, label := range slices.Sorted(maps.Keys(g.routes)) {
		to := g.routes[label]
		if label < 0 || label > maxLabel(d) || len(to) == 0 || to[0] < 0 || to[len(to)-1] > g.last() || !slices.IsSorted(to) || len(slices.Compact(slices.Clone(to))) != len(to) {
			return fmt.Errorf("label %d leads to the topics %v, want rising ones of 0 to %d", label, to, g.last())
		}
	}
	for _, r := range g.rules {
		if err := r.validate(); err != nil {
			return err
		}
	}
	return g.checkHistory()
}

// sortedKeys lists the keys of a map, ascending.
func sortedKeys[V any](m map[int]V) []int { return slices.Sorted(maps.Keys(m)) }
