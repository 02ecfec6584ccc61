package analysis

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/linkage"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/internal/compare"
)

// Linkage is how the distance between unions of topics is computed, by SciPy's names.
type Linkage string

const (
	LinkWard     Linkage = "ward" // the default
	LinkAverage  Linkage = "average"
	LinkComplete Linkage = "complete"
	LinkSingle   Linkage = "single"
	LinkWeighted Linkage = "weighted"
	LinkCentroid Linkage = "centroid" // a union may merge at a smaller distance than its parts
	LinkMedian   Linkage = "median"   // likewise
)

// HierarchyOptions says how HierarchicalTopics compares topics. The zero value is valid and does as
// BERTopic does.
type HierarchyOptions struct {
	// Method is the linkage. It is applied to 1 − cosine, also if it supposes Euclidean distances, as
	// in BERTopic. Default LinkWard. [linkage_function]
	Method Linkage
	// UseEmbeddings compares the embeddings of the topics instead of the weights of their words.
	// [the opposite of use_ctfidf]
	UseEmbeddings bool
}

// Validate reports a method that does not exist.
func (o HierarchyOptions) Validate() error {
	var f check.Fields
	f.Want(o.method().Validate() == nil, "analysis.HierarchyOptions.Method", o.Method,
		"ward, average, complete, single, weighted, centroid or median")
	return f.Err()
}

func (o HierarchyOptions) method() linkage.Method {
	if o.Method == "" {
		return linkage.Method(LinkWard)
	}
	return linkage.Method(o.Method)
}

// HierarchyMerge is a merge of two topics, or unions of topics. With n topics, the nodes below n are
// topics by ID, and node n + i is the result of the i-th merge.
type HierarchyMerge struct {
	Parent     int
	ParentName string // the five terms of highest weight, joined by "_"
	Topics     []int  // the topics in Parent, rising
	// Left and Right are the parts. They are ordered so that neighboring leaves of the tree are close.
	Left      int
	LeftName  string
	Right     int
	RightName string
	Distance  float64 // between Left and Right
}

// Hierarchy is the order in which the topics of a model merge. It is immutable.
type Hierarchy struct {
	model  *topic.Model
	topics int // number of leaves
	tree   linkage.Tree
	merges []HierarchyMerge // in the order of merging
	names  []string         // of all nodes
}

// wordsInName is the number of terms in the name of a node, as in BERTopic.
const wordsInName = 5

// HierarchicalTopics merges the two closest topics of m, then the two closest of what results, and so
// on until one is left. The outliers take no part. The name of a topic is made of its first terms. The
// name of a union is made of the summed counts of its topics, weighed with the factors of the model
// (ctfidf.Weights.Transform), or by plain c-TF-IDF if the weigher has none. The time is O(n³) in the
// number n of topics. BERTopic's hierarchical_topics, which perturbs equal distances at random.
//
// It fails with *stage.ConfigError, with topic.ErrNoEmbeddings for UseEmbeddings and a model of words
// alone, and with what m.Weights returns.
func HierarchicalTopics(ctx context.Context, m *topic.Model, opt HierarchyOptions) (*Hierarchy, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if opt.UseEmbeddings && m.Dims() == 0 {
		return nil, fmt.Errorf("hierarchy: %w", topic.ErrNoEmbeddings)
	}
	h, err := hierarchyOf(ctx, m, opt)
	if err != nil {
		return nil, fmt.Errorf("hierarchy: %w", err)
	}
	return h, nil
}

func hierarchyOf(ctx context.Context, m *topic.Model, opt HierarchyOptions) (*Hierarchy, error) {
	topics := topicsOf(m)
	embeddings, outliers := embeddingsOf(m)
	h := &Hierarchy{model: m, topics: len(topics)}
	for _, t := range topics {
		h.names = append(h.names, joinFirst(t.Terms))
	}
	if len(topics) == 0 {
		return h, nil
	}
	weights, err := m.Weights()
	if err != nil {
		return nil, err
	}
	var dist []float64
	if opt.UseEmbeddings {
		dist, err = compare.Distances(ctx, centroidsOf(embeddings))
	} else {
		dist, err = compare.SparseDistances(ctx, weights.Rows, len(topics))
	}
	if err != nil {
		return nil, err
	}
	if h.tree, err = linkage.Link(ctx, len(topics), dist, opt.method()); err != nil {
		return nil, err
	}
	if h.tree, err = h.tree.Order(ctx, dist); err != nil {
		return nil, err
	}
	counts, err := m.Counts()
	if err != nil {
		return nil, err
	}
	if err := h.nameUnions(ctx, counts.Rows, outliers, weights); err != nil {
		return nil, err
	}
	h.listMerges()
	return h, nil
}

// nameUnions appends the names of the unions. counts and weights have outliers rows before those of
// the topics.
func (h *Hierarchy) nameUnions(ctx context.Context, counts sparse.CSR[float64], outliers int, weights ctfidf.Weights) error {
	if counts.Rows() == 0 {
		h.names = append(h.names, make([]string, len(h.tree))...)
		return nil
	}
	sums := make([]sparseRow, h.topics, h.topics+len(h.tree)) // by node
	for t := range sums {
		sums[t].cols, sums[t].values = counts.Row(t + outliers)
	}
	for _, merge := range h.tree {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		sum := sums[merge.Left].plus(sums[merge.Right], 1, sparseRow{})
		sums[merge.Left], sums[merge.Right] = sparseRow{}, sparseRow{} // needed no more
		sums = append(sums, sum)
		rows, err := weights.Transform(sum.matrix(len(weights.Vocabulary)))
		if err != nil {
			return err
		}
		union := ctfidf.Weights{Classes: []int{0}, Vocabulary: weights.Vocabulary, Rows: rows}
		h.names = append(h.names, joinFirst(union.TopTerms(0, wordsInName)))
	}
	return nil
}

// listMerges fills h.merges from the tree and the names.
func (h *Hierarchy) listMerges() {
	for i, members := range h.tree.Members() {
		merge, parent := h.tree[i], h.topics+i
		h.merges = append(h.merges, HierarchyMerge{
			Parent: parent, ParentName: h.names[parent], Topics: slices.Sorted(slices.Values(members)),
			Left: merge.Left, LeftName: h.names[merge.Left],
			Right: merge.Right, RightName: h.names[merge.Right],
			Distance: merge.Distance,
		})
	}
}

// joinFirst returns the first terms, joined by "_".
func joinFirst(terms []ctfidf.Term) string {
	var words []string
	for _, t := range terms[:min(wordsInName, len(terms))] {
		words = append(words, t.Term)
	}
	return strings.Join(words, "_")
}

// Merges returns the merges from the last, which unites all topics, to the first, as BERTopic does.
func (h *Hierarchy) Merges() []HierarchyMerge {
	out := slices.Clone(h.merges)
	for i := range out {
		out[i].Topics = slices.Clone(out[i].Topics)
	}
	slices.Reverse(out)
	return out
}

// Leaves returns the topics from left to right.
func (h *Hierarchy) Leaves() []int {
	if len(h.tree) > 0 {
		return h.tree.Leaves()
	}
	out := make([]int, h.topics)
	for t := range out {
		out[t] = t
	}
	return out
}

// Cut returns the model with its topics merged, in the order of the hierarchy, until k are left. k is
// from 1 to the number of topics.
func (h *Hierarchy) Cut(ctx context.Context, k int) (*topic.Model, error) {
	if k < 1 || k > h.topics {
		return nil, fmt.Errorf("hierarchy: %d topics, want 1 to %d", k, h.topics)
	}
	labels, err := h.tree.Cut(k)
	if err != nil {
		return nil, fmt.Errorf("hierarchy: %w", err)
	}
	return h.merged(ctx, labels)
}

// CutAt returns the model after all merges of at most the given distance.
func (h *Hierarchy) CutAt(ctx context.Context, distance float64) (*topic.Model, error) {
	if h.topics == 0 {
		return h.model.MergeTopics(ctx)
	}
	return h.merged(ctx, h.tree.CutAt(distance))
}

// merged returns the model with the topics of equal labels merged.
func (h *Hierarchy) merged(ctx context.Context, labels []int) (*topic.Model, error) {
	groups := make([][]int, len(labels))
	for t, l := range labels {
		groups[l] = append(groups[l], t)
	}
	groups = slices.DeleteFunc(groups, func(g []int) bool { return len(g) < 2 })
	return h.model.MergeTopics(ctx, groups...)
}
