package topic

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/linkage"
)

// Linkage says how far a union of two topics is from a third, by SciPy's names for it.
type Linkage string

const (
	LinkWard     Linkage = "ward" // the default
	LinkAverage  Linkage = "average"
	LinkComplete Linkage = "complete"
	LinkSingle   Linkage = "single"
	LinkWeighted Linkage = "weighted"
	LinkCentroid Linkage = "centroid" // a union may be closer than what it is made of
	LinkMedian   Linkage = "median"   // likewise
)

// HierarchyOptions says how HierarchicalTopics compares topics. The zero value is the default.
type HierarchyOptions struct {
	// Method is applied to 1 − cosine, also where it supposes Euclidean distances, as in BERTopic. "", the default, stands
	// for LinkWard. [linkage_function]
	Method Linkage
	// UseEmbeddings compares the embeddings of the topics in place of the weights of their words. Default false. [use_ctfidf,
	// which is its opposite]
	UseEmbeddings bool
}

// Validate reports a method that there is not.
func (o HierarchyOptions) Validate() error {
	var f check.Fields
	f.Want(linkage.Method(o.method()).Validate() == nil, "topic.HierarchyOptions.Method", o.Method,
		"ward, average, complete, single, weighted, centroid or median")
	return f.Err()
}

func (o HierarchyOptions) method() Linkage {
	if o.Method == "" {
		return LinkWard
	}
	return o.Method
}

// HierarchyMerge is a row of a Hierarchy: two topics, or unions of topics, that become one. With n topics but the outliers,
// the numbers below n are IDs of topics, and n + i is what the i-th merge made.
type HierarchyMerge struct {
	Parent     int
	ParentName string // the five words of highest weight, joined by "_"
	Topics     []int  // in Parent, ascending
	// Left and Right are turned so that neighbours among the leaves of the tree are as close as they can be.
	Left      int
	LeftName  string
	Right     int
	RightName string
	Distance  float64 // of Left and Right
}

// Hierarchy is the order in which topics merge. It is immutable.
type Hierarchy struct {
	model  *Model
	tree   linkage.Tree
	merges []HierarchyMerge // in the order of merging
	names  []string         // of all nodes
}

// hierarchyWords is the number of words in a name, as in BERTopic.
const hierarchyWords = 5

// HierarchicalTopics finds out which topics are closest to each other, which of those that result, and so on until one is
// left. The outliers are left out. A union's name is made of the summed counts of the words of its topics, weighed with the
// factors of the model (ctfidf.Weights.Transform); where the weigher has none, by plain c-TF-IDF. A topic's is its first
// terms. It takes O(n³) time in n topics. BERTopic's hierarchical_topics, which makes equal distances unequal by chance and
// reads all unions off the tree anew for each merge.
func (m *Model) HierarchicalTopics(ctx context.Context, opt HierarchyOptions) (*Hierarchy, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if opt.UseEmbeddings && m.embeddings.Cols == 0 {
		return nil, fmt.Errorf("hierarchy: %w", ErrNoEmbeddings)
	}
	ids := m.topicIDs()
	h := &Hierarchy{model: m}
	for _, t := range ids {
		h.names = append(h.names, joinFirst(m.topics[t+m.outliers()].Terms))
	}
	if len(ids) == 0 {
		return h, nil
	}
	dist, err := m.distances(ctx, !opt.UseEmbeddings)
	if err != nil {
		return nil, fmt.Errorf("hierarchy: %w", err)
	}
	if h.tree, err = linkage.Link(ctx, len(ids), dist, linkage.Method(opt.method())); err == nil {
		h.tree, err = h.tree.Order(ctx, dist)
	}
	if err == nil {
		err = h.nameUnions(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("hierarchy: %w", err)
	}
	for i, members := range h.tree.Members() {
		s := h.tree[i]
		h.merges = append(h.merges, HierarchyMerge{
			Parent: len(ids) + i, ParentName: h.names[len(ids)+i], Topics: slices.Sorted(slices.Values(members)),
			Left: s.Left, LeftName: h.names[s.Left], Right: s.Right, RightName: h.names[s.Right], Distance: s.Distance,
		})
	}
	return h, nil
}

// nameUnions names what each merge makes.
func (h *Hierarchy) nameUnions(ctx context.Context) error {
	m, n := h.model, len(h.names)
	counts, err := m.Counts(ctx)
	if err != nil {
		return err
	}
	w, err := m.Weights(ctx)
	if err != nil {
		return err
	}
	if counts.Rows.Rows() == 0 {
		h.names = append(h.names, make([]string, len(h.tree))...)
		return nil
	}
	sums := make([]sparseRow, n, n+len(h.tree))
	for t := range sums {
		sums[t].cols, sums[t].values = counts.Rows.Row(t + m.outliers())
	}
	for _, s := range h.tree {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		sum := sums[s.Left].plus(sums[s.Right], 1, sparseRow{})
		sums[s.Left], sums[s.Right] = sparseRow{}, sparseRow{}
		sums = append(sums, sum)
		rows, err := w.Transform(sum.matrix(len(w.Vocabulary)))
		if err != nil {
			return err
		}
		union := ctfidf.Weights{Classes: []int{0}, Vocabulary: w.Vocabulary, Rows: rows}
		h.names = append(h.names, joinFirst(union.TopTerms(0, hierarchyWords)))
	}
	return nil
}

// joinFirst is the first terms, joined.
func joinFirst(terms []Term) string {
	var words []string
	for _, t := range terms[:min(hierarchyWords, len(terms))] {
		words = append(words, t.Term)
	}
	return strings.Join(words, "_")
}

// Merges lists the merges from the last, which makes one of all topics, to the first; BERTopic's rows.
func (h *Hierarchy) Merges() []HierarchyMerge {
	out := slices.Clone(h.merges)
	for i := range out {
		out[i].Topics = slices.Clone(out[i].Topics)
	}
	slices.Reverse(out)
	return out
}

// Leaves lists the topics from left to right.
func (h *Hierarchy) Leaves() []int {
	if len(h.tree) == 0 {
		return h.model.topicIDs()
	}
	return h.tree.Leaves()
}

// Cut is the model with its topics merged as the hierarchy says until k are left: from 1 to as many as there are.
func (h *Hierarchy) Cut(ctx context.Context, k int) (*Model, error) {
	n := len(h.model.topicIDs())
	if k < 1 || k > n {
		return nil, fmt.Errorf("hierarchy: %d topics, want 1 to %d", k, n)
	}
	labels, err := h.tree.Cut(k)
	if err != nil {
		return nil, fmt.Errorf("hierarchy: %w", err)
	}
	return h.merged(ctx, labels)
}

// CutAt is the model after all merges of at most the given distance.
func (h *Hierarchy) CutAt(ctx context.Context, distance float64) (*Model, error) {
	if len(h.model.topicIDs()) == 0 {
		return h.model.MergeTopics(ctx)
	}
	return h.merged(ctx, h.tree.CutAt(distance))
}

func (h *Hierarchy) merged(ctx context.Context, labels []int) (*Model, error) {
	groups := make([][]int, len(labels))
	for t, l := range labels {
		groups[l] = append(groups[l], t)
	}
	groups = slices.DeleteFunc(groups, func(g []int) bool { return len(g) < 2 })
	return h.model.MergeTopics(ctx, groups...)
}
