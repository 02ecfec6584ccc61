package place

import (
	"context"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
)

// Blank takes documents without text, or with an embedding of zeros, as outliers.
type Blank struct{}

// Place takes texts of white space alone, and rows of zeros.
func (b Blank) Place(ctx context.Context, q *Query) error {
	for i, text := range q.Texts {
		if strings.TrimSpace(text) == "" || q.X.Cols > 0 && dense.IsZero(dense.Row(q.X, i)) {
			q.Topic(b, i, stage.Outlier, 0)
		}
	}
	return context.Cause(ctx)
}

// Known takes the documents of the fit, wherever operations have put them since.
type Known struct {
	// Find returns the position of a fitted document with this text and embedding, or −1. The text
	// is "" where it is not known.
	Find func(text string, x []float32) int
	// Assigned returns the topic of a fitted document and how strongly it belongs there.
	Assigned func(doc int) (topic int, strength float64)
}

// Place takes what Find finds.
func (k *Known) Place(ctx context.Context, q *Query) error {
	for _, i := range q.Open() {
		text := ""
		if q.Texts != nil {
			text = q.Texts[i]
		}
		if doc := k.Find(text, dense.Row(q.X, i)); doc >= 0 {
			topic, strength := k.Assigned(doc)
			q.Topic(k, i, topic, strength)
		}
	}
	return context.Cause(ctx)
}

// Nearest takes the documents whose cosine with the nearest of several rows is at least Floor: the
// embeddings of zero-shot labels, or, for an outlier policy, the mean embeddings of the labels.
type Nearest struct {
	Centroids dense.Centroids
	Floor     float64
	Workers   int // as for stage.Run
}

// Place takes what is near enough. The strength is the cosine, at least 0.
func (n *Nearest) Place(ctx context.Context, q *Query) error {
	open := q.Open()
	labels, strengths, err := n.Match(ctx, q.X, open)
	if err != nil {
		return err
	}
	for k, i := range open {
		q.Label(n, i, labels[k], strengths[k])
	}
	return nil
}

// Match returns, for the rows of x with the given numbers, the label of each and how strongly it
// belongs there; stage.Outlier and 0 for a row that is not near enough to any.
func (n *Nearest) Match(ctx context.Context, x blas32.General, rows []int) (labels []int, strengths []float64, err error) {
	labels, strengths = make([]int, len(rows)), make([]float64, len(rows))
	err = parallel.Loop{Workers: n.Workers}.Run(ctx, len(rows), func(_, lo, hi int) error {
		for k := lo; k < hi; k++ {
			label, cosine := n.Centroids.Nearest(dense.Row(x, rows[k]))
			if label == dense.None || cosine < n.Floor {
				labels[k] = stage.Outlier
				continue
			}
			labels[k], strengths[k] = label, min(max(cosine, 0), 1)
		}
		return nil
	})
	return labels, strengths, err
}

// Route turns labels into topics.
type Route struct {
	// To has the topics, ascending, that the documents of a label are in; none: they are outliers.
	To map[int][]int
	// Nearest returns the one of several topics that an embedding is most similar to.
	Nearest func(x []float32, topics []int) int
}

// Place gives every labeled document its topic. A label that leads nowhere makes an outlier that
// stays taken, so that no rule asks for it.
func (r *Route) Place(ctx context.Context, q *Query) error {
	for i, l := range q.label {
		if l != stage.Outlier {
			q.topic[i] = r.Topic(l, dense.Row(q.X, i), stage.Outlier)
		}
	}
	return context.Cause(ctx)
}

// Topic returns the topic that a label means for a document with embedding x: where the label leads
// to several, the document's own topic if that is one of them, otherwise the most similar one.
func (r *Route) Topic(label int, x []float32, own int) int {
	switch to := r.To[label]; {
	case len(to) == 0:
		return stage.Outlier
	case len(to) == 1:
		return to[0]
	case slices.Contains(to, own):
		return own
	default:
		return r.Nearest(x, to)
	}
}

// Rule gives topics to outliers.
type Rule struct {
	// Match returns, for each document, the topic that it is most similar to, or stage.Outlier, and
	// how similar.
	Match func(ctx context.Context, x blas32.General, texts []string) (topics []int, strengths []float64, err error)
}

// Place asks Match for the open documents, unless their texts are not known.
func (r *Rule) Place(ctx context.Context, q *Query) error {
	open := q.Open()
	if len(open) == 0 || q.Texts == nil {
		return nil
	}
	topics, strengths, err := r.Match(ctx, q.rows(open), q.texts(open))
	if err != nil {
		return err
	}
	for k, i := range open {
		if topics[k] != stage.Outlier {
			q.Topic(r, i, topics[k], strengths[k])
		}
	}
	return nil
}
