package topic

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/dense"
)

// ZeroShot names topics beforehand. A document whose embedding has a cosine of at least MinSimilarity with that of a label
// belongs to the label it is closest to; the others are clustered. The topics of labels that a document has come first, in
// the order of the labels, and those of the clusters follow by size. New documents are treated alike.
//
// BERTopic 0.17.4 gives a model with such labels another way to place new documents, the nearest mean, and clusters other
// points than it fitted; here the clustered points are those of the fit, and a new document goes where its like went.
type ZeroShot struct {
	// Labels are the names, which must differ. None, the default, is a fit without zero-shot labels. [zeroshot_topic_list]
	Labels []string
	// MinSimilarity is the least cosine with a label, in [−1, 1]. Default 0.7. [zeroshot_min_similarity]
	MinSimilarity float64
}

// zero is the labels of a fitted model.
type zero struct {
	ZeroShot
	labels blas32.General // their embeddings
}

// match is the label that took a document, −1 for none, and the cosine with it.
type match struct {
	label  int
	cosine float64
}

// strength is how strongly the document belongs to the label.
func (m match) strength() float64 { return min(max(m.cosine, 0), 1) }

// match says for each row of x which label takes it.
func (z *zero) match(x blas32.General) []match {
	out := make([]match, x.Rows)
	all := dense.NewCentroids(z.labels, nil)
	for i := range out {
		out[i].label = Outlier
		if l, c := all.Nearest(dense.Row(x, i)); c >= z.MinSimilarity {
			out[i] = match{l, c}
		}
	}
	return out
}

// unmatched lists the rows that no label took; nil when there are no labels.
func unmatched(matched []match) []int {
	if matched == nil {
		return nil
	}
	out := []int{}
	for i, m := range matched {
		if m.label < 0 {
			out = append(out, i)
		}
	}
	return out
}

// ask embeds what the configuration asks for by name: seeds and zero-shot labels.
func (m *Model) ask(ctx context.Context) error {
	if len(m.cfg.Seeds) > 0 {
		var err error
		if m.guide, err = m.newGuide(ctx); err != nil {
			return err
		}
	}
	if len(m.cfg.ZeroShot.Labels) == 0 {
		return nil
	}
	x, err := m.embedBeside(ctx, m.cfg.ZeroShot.Labels)
	if err != nil {
		return fmt.Errorf("zero-shot labels: %w", err)
	}
	m.zero = &zero{m.cfg.ZeroShot, x}
	return nil
}

// zeroClustering is a clustering of the documents that no label took, behind the labels: the labels of the clusters start at
// z, the number of zero-shot labels.
type zeroClustering struct {
	Clustering // nil when every document was taken
	z          int
	labels     []int
	strengths  []float64
	at         []int // the point that each row of the inner clustering is; shorter than labels
}

// behindLabels puts a clustering of the points rest behind the labels that took the others.
func behindLabels(inner Clustering, z *zero, matched []match, rest []int) Clustering {
	c := &zeroClustering{Clustering: inner, z: z.labels.Rows, at: rest, labels: make([]int, len(matched)), strengths: make([]float64, len(matched))}
	for i, m := range matched {
		c.labels[i], c.strengths[i] = m.label, m.strength()
	}
	if inner == nil {
		return zeroMembers{c}
	}
	strength := strengthsOf(inner)
	for i, l := range inner.Labels() {
		if l != Outlier {
			c.labels[rest[i]], c.strengths[rest[i]] = c.z+l, strength[i]
		}
	}
	if _, ok := inner.(Memberships); ok {
		return zeroMembers{c}
	}
	return c
}

func (c *zeroClustering) Labels() []int        { return c.labels }
func (c *zeroClustering) Strengths() []float64 { return c.strengths }

// Predict places points that no label took. Without clusters they are outliers.
func (c *zeroClustering) Predict(ctx context.Context, points blas32.General) ([]int, []float64, error) {
	if c.Clustering == nil {
		labels := make([]int, points.Rows)
		for i := range labels {
			labels[i] = Outlier
		}
		return labels, nil, nil
	}
	labels, strength, err := c.Clustering.Predict(ctx, points)
	out := slices.Clone(labels)
	for i, l := range out {
		if l != Outlier {
			out[i] = c.z + l
		}
	}
	return out, strength, err
}

// Warnings are those of the inner clustering.
func (c *zeroClustering) Warnings() []error {
	if w, ok := c.Clustering.(Warner); ok {
		return w.Warnings()
	}
	return nil
}

// zeroMembers is a zeroClustering whose clusters have memberships.
type zeroMembers struct {
	*zeroClustering
}

// Memberships has those of the clusters, and for a document that a label took that label alone, as strongly as it is like it.
func (c zeroMembers) Memberships(ctx context.Context, top int) (*hdbscan.Memberships, error) {
	inner := &hdbscan.Memberships{}
	if c.Clustering != nil {
		var err error
		if inner, err = c.Clustering.(Memberships).Memberships(ctx, top); err != nil {
			return nil, err
		}
	}
	named := make([]match, len(c.labels))
	for i, l := range c.labels {
		named[i] = match{l, c.strengths[i]}
	}
	from, taken := make([]membershipRow, len(c.labels)), namedRows(named)
	next := 0 // the row of inner
	for i := range from {
		from[i] = membershipRow{of: taken, row: i}
		if next < len(c.at) && c.at[next] == i {
			from[i] = membershipRow{inner, next, c.z}
			next++
		}
	}
	return joinRows(from), nil
}

// PredictMemberships has those of the clusters, for points that no label took.
func (c zeroMembers) PredictMemberships(ctx context.Context, points blas32.General, top int) (*hdbscan.Memberships, error) {
	from := make([]membershipRow, points.Rows)
	if c.Clustering == nil {
		return joinRows(from), nil
	}
	inner, ok := c.Clustering.(PredictMemberships)
	if !ok {
		return nil, ErrNoMemberships
	}
	of, err := inner.PredictMemberships(ctx, points, top)
	if err != nil {
		return nil, err
	}
	for i := range from {
		from[i] = membershipRow{of, i, c.z}
	}
	return joinRows(from), nil
}
