// Package place decides where a document goes. A chain of placers is made once for a model, and is
// used for the documents of the fit, new documents, growth, merged models and memberships alike:
//
//	blank → known text → zero-shot label → clusterer, then what growth added → outlier policy → route → outlier rules
//
// The placers up to the outlier policy give labels. Route turns labels into topics. The known text
// and the outlier rules give topics. A document is open until a placer takes it.
package place

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
)

// Query holds documents on their way through a chain.
type Query struct {
	// X has one embedding per document. It has no columns in a model of words alone.
	X blas32.General
	// Texts has one text per document. It is nil where they are not known: when one model of several
	// that were merged is asked.
	Texts []string

	label    []int
	topic    []int
	strength []float64
	by       []Placer // nil for an open document
}

// NewQuery returns a query of open documents.
func NewQuery(x blas32.General, texts []string) *Query {
	n := x.Rows
	return &Query{
		X: x, Texts: texts, strength: make([]float64, n), by: make([]Placer, n),
		label: slices.Repeat([]int{stage.Outlier}, n), topic: slices.Repeat([]int{stage.Outlier}, n),
	}
}

// Open returns the documents that no placer has taken, ascending.
func (q *Query) Open() []int {
	open := []int{}
	for i, p := range q.by {
		if p == nil {
			open = append(open, i)
		}
	}
	return open
}

// Label has p take document i by a label, unless that is stage.Outlier.
func (q *Query) Label(p Placer, i, label int, strength float64) {
	if label != stage.Outlier {
		q.by[i], q.label[i], q.strength[i] = p, label, strength
	}
}

// Topic has p take document i by a topic. A known document may be a known outlier.
func (q *Query) Topic(p Placer, i, topic int, strength float64) {
	q.by[i], q.topic[i], q.strength[i] = p, topic, strength
}

// Result returns the topic of document i and how strongly it belongs there, 0 for an outlier.
func (q *Query) Result(i int) (topic int, strength float64) {
	if q.topic[i] == stage.Outlier {
		return stage.Outlier, 0
	}
	return q.topic[i], q.strength[i]
}

// Labels returns the labels of all documents and how strongly each belongs to its label. The caller
// must not change them while the query is in use.
func (q *Query) Labels() (labels []int, strengths []float64) { return q.label, q.strength }

// rows returns the embeddings of documents; x itself if they are all.
func (q *Query) rows(at []int) blas32.General {
	if len(at) == q.X.Rows {
		return q.X
	}
	return dense.Pick(q.X, at)
}

// texts returns the texts of documents.
func (q *Query) texts(at []int) []string {
	out := make([]string, len(at))
	for k, i := range at {
		out[k] = q.Texts[i]
	}
	return out
}

// Placer takes those of the open documents of a query that belong to it. It is immutable and safe
// for concurrent use. Whether it takes a document depends on that document alone.
type Placer interface {
	Place(ctx context.Context, q *Query) error
}

// Chain holds the placers of a model in their order. Any may be nil.
type Chain struct {
	Known    *Known      // finds documents of the fit again
	Labels   *Nearest    // zero-shot labels
	Clusters []*Clusters // the fit's, then one for each growth that found clusters
	Union    *Union      // the models that were merged, before what growth added; then Clusters has growths alone
	Outliers *Nearest    // the outlier policy
	Route    *Route      // labels to topics
	Rules    []Placer    // outlier rules; in a model of words alone, the comparison of words first
}

// Place has every placer take what belongs to it.
func (c *Chain) Place(ctx context.Context, q *Query) error {
	placers := []Placer{Blank{}}
	if c.Known != nil {
		placers = append(placers, c.Known)
	}
	placers = append(placers, c.fitted()...)
	if c.Outliers != nil {
		placers = append(placers, c.Outliers)
	}
	return run(ctx, q, append(append(placers, c.Route), c.Rules...)...)
}

// PlaceByClusters asks only what was fitted: no known document, policy or rule. It is the part that
// a model of several that were merged contributes.
func (c *Chain) PlaceByClusters(ctx context.Context, q *Query) error {
	return run(ctx, q, append(c.fitted(), c.Route)...)
}

// LabelByClusters asks what was fitted for labels. It is how documents that come later get the
// labels that memberships and further growth go by.
func (c *Chain) LabelByClusters(ctx context.Context, q *Query) error {
	return run(ctx, q, c.fitted()...)
}

// fitted returns the placers that give labels in the fit, in their order.
func (c *Chain) fitted() []Placer {
	var out []Placer
	if c.Labels != nil {
		out = append(out, c.Labels)
	}
	if c.Union != nil {
		out = append(out, c.Union)
	}
	for _, p := range c.Clusters {
		out = append(out, p)
	}
	return out
}

func run(ctx context.Context, q *Query, placers ...Placer) error {
	for _, p := range placers {
		if err := p.Place(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// PlaceOutliers asks the outlier policy and the outlier rules alone.
func (c *Chain) PlaceOutliers(ctx context.Context, q *Query) error {
	var placers []Placer
	if c.Outliers != nil {
		placers = append(placers, c.Outliers)
	}
	return run(ctx, q, append(append(placers, c.Route), c.Rules...)...)
}
