package topic

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"
)

// Topic is a group of documents and what describes it.
type Topic struct {
	// ID is 0 for the largest topic, 1 for the next, …, and −1 for the documents that belong to none.
	ID int
	// Size is the number of documents.
	Size int
	// Name is the ID and the first four terms, "3_excel_vba_cell_sheet", as BERTopic's topic_labels_.
	Name string
	// Label is a name that was given to the topic, by Relabel or as a zero-shot label, "" when there is none; BERTopic's
	// custom_labels_. A topic keeps its label through an operation that takes all of its documents into a topic of which
	// they are more than half.
	Label string `json:",omitempty"`
	// Terms are the words that set the topic apart, by falling weight. They are fewer than Config.TopWords when the
	// topic has not that many words of positive weight.
	Terms []Term
	// Aspects are the terms of Config.Aspects by name; nil when there are none.
	Aspects map[string][]Term `json:",omitempty"`
	// Representative are positions of typical documents, the most typical first.
	Representative []int
	// Embedding is the mean of the embeddings of the topic's documents.
	Embedding []float32
}

// Assignment is where a document belongs.
type Assignment struct {
	// Topic is the ID of a topic, −1 for an outlier.
	Topic int
	// Probability is how strongly the document belongs to its topic, in [0, 1]; 0 for an outlier. It is the clusterer's
	// strength: for HDBSCAN, hdbscan's probabilities_.
	Probability float64
}

// Timings is the wall time that each stage of the fit took. A stage that was not run has 0.
type Timings struct {
	Embed, Reduce, Cluster, Words time.Duration
}

// Model is a fitted topic model, or what an operation made of one. It is immutable and safe for concurrent use when its
// stages are, as those of this module are.
type Model struct {
	cfg        Config
	docs       []string
	embeddings blas32.General
	active     []int // the documents with text; nil when all have
	reduction  Reduction
	clustering Clustering
	given      []int  // the known classes of the documents with text; nil when none is known
	guide      *guide // nil without seeds
	zero       *zero  // nil without zero-shot labels

	assignments []Assignment
	topics      []Topic
	routes      map[int][]int // a label of clustering → the topics, ascending, that its documents are in; none: they are outliers
	unordered   bool          // the topics keep their IDs, whatever their sizes
	grown       []generation
	parts       []*part      // the models of what generations set aside
	homes       map[int]home // of the labels, once the model was grown
	adoption    *adoption    // where outliers go by Config.Outliers; nil: nowhere
	sources     []*Model     // what MergeModels merged; nil: the model was fitted
	rescues     []Rescue     // how outliers were given topics, the first rule first
	terms       *terms
	known       *known
	history     []Step
	batches     *batches // nil unless the documents came in batches

	fitWarnings []error // of the stages before the words
	warnings    []error // of the operation that made this model
	timings     Timings
}

// Topics lists the topics by falling size, the outliers (ID −1), if there are any, first.
func (m *Model) Topics() []Topic {
	out := slices.Clone(m.topics)
	for i := range out {
		out[i].Terms = slices.Clone(out[i].Terms)
		out[i].Aspects = cloneAspects(out[i].Aspects)
		out[i].Representative = slices.Clone(out[i].Representative)
		out[i].Embedding = slices.Clone(out[i].Embedding)
	}
	return out
}

// Assignments has one entry per document, in the order in which they were given.
func (m *Model) Assignments() []Assignment { return slices.Clone(m.assignments) }

// Documents are the documents that were fitted. The caller must not change them.
func (m *Model) Documents() []string { return m.docs }

// Embeddings has one row per document. The caller must not change it.
func (m *Model) Embeddings() blas32.General { return m.embeddings }

// Points has one row per document with text: what the clusterer saw. PointDocuments says which documents they are. The
// caller must not change it.
func (m *Model) Points() blas32.General { return m.reduction.Points() }

// PointDocuments has, for each row of Points, the position of its document.
func (m *Model) PointDocuments() []int {
	out := make([]int, m.fitted())
	for i := range out {
		out[i] = m.document(i)
	}
	return out
}

// Warnings is what is worth knowing about the fit and the last operation without being a failure.
func (m *Model) Warnings() []error {
	return slices.Concat(m.fitWarnings, m.warnOfOutliers(), m.warnings)
}

// Timings is how long the stages of the fit took.
func (m *Model) Timings() Timings { return m.timings }

// fitted is the number of documents with text.
func (m *Model) fitted() int {
	if m.active == nil {
		return len(m.docs)
	}
	return len(m.active)
}

// document is the position of the i-th document with text.
func (m *Model) document(i int) int {
	if m.active == nil {
		return i
	}
	return m.active[i]
}

func (m *Model) warnFrom(stage Stage, fitted any) {
	if w, ok := fitted.(Warner); ok {
		for _, err := range w.Warnings() {
			m.fitWarnings = append(m.fitWarnings, fmt.Errorf("%s: %w", stage, err))
		}
	}
}

// assignTopics numbers the clusters, makes the assignments of all documents and begins the history.
func (m *Model) assignTopics(ctx context.Context) error {
	labels, strength, adopted, err := m.settled(ctx)
	if err != nil {
		return err
	}
	z := 0
	if m.zero != nil {
		z, m.unordered = m.zero.labels.Rows, true
	}
	m.routes = numberLabels(labels, z)
	m.assignments = allOutside(len(m.docs))
	for i, l := range labels {
		if to, ok := m.routes[l]; ok {
			m.assignments[m.document(i)] = Assignment{to[0], strength[i]}
		}
	}
	m.listTopics()
	if m.zero != nil {
		for l, label := range m.zero.Labels {
			if to, ok := m.routes[l]; ok {
				m.topics[to[0]+m.outliers()].Label = label
			}
		}
	}
	m.history = []Step{{Operation: "fit", Adopted: adopted}}
	return nil
}

// listTopics makes the topics of the assignments, which must be numbered without gaps, with nothing but IDs and sizes.
func (m *Model) listTopics() {
	var sizes []int // sizes[t+1] is topic t's
	for _, a := range m.assignments {
		for len(sizes) < a.Topic+2 {
			sizes = append(sizes, 0)
		}
		sizes[a.Topic+1]++
	}
	m.topics = nil
	for i, size := range sizes {
		if size > 0 {
			m.topics = append(m.topics, Topic{ID: i - 1, Size: size})
		}
	}
}

// outliers is 1 when the first of the topics is that of the outliers, otherwise 0: the topic with ID t stands at place
// t + outliers.
func (m *Model) outliers() int { return -m.topics[0].ID }

// name is a topic's ID with its first four terms.
func name(id int, terms []Term) string {
	parts := []string{strconv.Itoa(id)}
	for _, t := range terms[:min(4, len(terms))] {
		parts = append(parts, t.Term)
	}
	return strings.Join(parts, "_")
}
