package topic

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// generation is one growth of a model. Positions count the documents with text, the points.
type generation struct {
	Before int   // the number of points there were before it
	Aside  []int // the points, old and new, that belonged nowhere and were modelled by themselves, ascending
}

// part is the model of the points that a generation set aside.
type part struct {
	reduction  Reduction
	clustering Clustering
	offset     int   // what is added to the labels of clustering
	aside      []int // the points
	like       []int // for each of aside, the place there of the first that is equal to it
}

// Grow makes a model of the documents of m and docs, new ones of the same kind. A new document belongs where Transform says,
// if it is at home there: if its cosine with the mean of the cluster is at most three standard deviations below that of the
// cluster's own documents. The reducer alone would not tell, which finds a place among the old documents for anything. The
// documents that belong nowhere, old and new, are then reduced and clustered among themselves, with the stages of the fit (the
// layer is chosen anew, where there are layers), and what is found are new topics: they get the next IDs, by falling size.
// Rules of ReduceOutliers place the rest. The topics that were there keep their IDs, labels and documents, though their words
// and embeddings change with the documents that come in, and the topics are no longer in the order of their sizes. From then
// on Transform asks for a home too.
//
// Growth never moves what was placed: fit anew from time to time, and Match the topics. Given and
// LogisticRegression find no new topics. Grow fails as Transform does. BERTopic has no way to add documents to a model with UMAP and HDBSCAN.
func (m *Model) Grow(ctx context.Context, docs []string) (*Model, error) {
	if m.embeddings.Cols == 0 {
		return m.grow(ctx, docs, blas32.General{Rows: len(docs)})
	}
	if m.cfg.Embedder == nil {
		return nil, ErrNoEmbedder
	}
	x, _, err := embedTexts(ctx, m.cfg.Embedder, docs, m.cfg.Run)
	if err != nil {
		return nil, err
	}
	return m.grow(ctx, docs, x)
}

// GrowEmbedded is Grow for documents whose embeddings are already there: row i of x belongs to docs[i].
func (m *Model) GrowEmbedded(ctx context.Context, docs []string, x blas32.General) (*Model, error) {
	return m.grow(ctx, docs, x)
}

func (m *Model) grow(ctx context.Context, docs []string, x blas32.General) (*Model, error) {
	const operation = "grow"
	found, err := m.TransformEmbedded(ctx, docs, x)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	out := *m
	out.warnings, out.terms, out.known, out.unordered = nil, nil, &known{}, true
	out.docs = slices.Concat(m.docs, docs)
	out.batches = m.batches.with(len(out.docs))
	out.embeddings = dense.Stack(m.embeddings, x)
	if out.active, err = withText(out.docs); err != nil {
		return nil, err
	}
	if m.given != nil {
		out.given = slices.Concat(m.given, slices.Repeat([]int{Outlier}, out.fitted()-m.fitted()))
	}
	if err := out.extend(ctx, m); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}

	out.assignments = slices.Concat(m.assignments, found)
	born, err := out.findAside(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	out.listTopics()
	for i := range out.topics {
		if at := out.topics[i].ID + m.outliers(); at >= 0 && at < len(m.topics) {
			out.topics[i].Label = m.topics[at].Label
		}
	}
	moves, shares := m.moves(&out)
	step := Step{Operation: operation, Moves: moves}
	for i, of := range shares {
		if len(of) == 0 {
			step.Born = append(step.Born, out.topics[i].ID)
		}
	}
	out.history = append(slices.Clone(m.history), step)
	out.routes = make(map[int][]int, len(m.routes)+len(born))
	for label, to := range m.routes {
		out.routes[label] = to
	}
	for label, id := range born {
		out.routes[label] = []int{id}
	}
	if err := out.describe(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return &out, nil
}

// extend makes the points of all documents: the new ones are placed among the old.
func (m *Model) extend(ctx context.Context, old *Model) error {
	at := make([]int, m.fitted()-old.fitted())
	for i := range at {
		at[i] = m.document(old.fitted() + i)
	}
	added := blas32.General{Cols: old.reduction.Points().Cols}
	if len(at) > 0 {
		var err error
		if added, err = old.reduction.Transform(ctx, dense.Pick(m.embeddings, at)); err != nil {
			return fmt.Errorf("%s: %w", StageReduce, err)
		}
	}
	m.reduction = extended{old.reduction, dense.Stack(old.reduction.Points(), added)}
	return nil
}

// extended is a reduction with points that were placed later.
type extended struct {
	Reduction
	points blas32.General
}

func (e extended) Points() blas32.General { return e.points }

// findAside models the points that belong nowhere and writes the assignments of the new documents and of those that are in a
// new cluster. It says which new labels lead to which topics.
func (m *Model) findAside(ctx context.Context, old *Model) (map[int]int, error) {
	g := generation{Before: old.fitted()}
	m.grown, m.parts, m.homes = append(slices.Clone(old.grown), g), slices.Clone(old.parts), maps.Clone(old.homes)
	c, err := m.later(ctx, g, m.fitted())
	if err != nil {
		return nil, err
	}
	if m.finds() {
		for i, l := range c.labels {
			if doc := m.document(i); l == Outlier && (m.assignments[doc].Topic == Outlier || i >= g.Before && m.isNew(old, doc)) {
				g.Aside = append(g.Aside, i)
				m.assignments[doc] = Assignment{Topic: Outlier}
			}
		}
	}
	m.grown[len(m.grown)-1] = g
	if err := m.modelAside(ctx, c, g); err != nil {
		return nil, err
	}
	m.clustering = c

	sizes := map[int]int{}
	var left []int // documents that are in no new cluster
	for _, i := range g.Aside {
		if l := c.labels[i]; l != Outlier {
			sizes[l]++
		} else {
			left = append(left, m.document(i))
		}
	}
	next := old.topics[len(old.topics)-1].ID + 1
	born := make(map[int]int, len(sizes))
	for k, l := range largestFirst(sizes) {
		born[l] = next + k
	}
	for _, i := range g.Aside {
		if l := c.labels[i]; l != Outlier {
			m.assignments[m.document(i)] = Assignment{born[l], c.strengths[i]}
		}
	}
	// The policy and the rules place documents among the topics there were, whose means and words old has.
	if left, err = old.adopt(ctx, m.embeddings, left, m.assignments); err != nil {
		return nil, err
	}
	for _, r := range m.rescues {
		if left, err = old.rescue(ctx, r, m.embeddings, m.docs, left, m.assignments); err != nil {
			return nil, err
		}
	}
	return born, nil
}

// isNew says whether old had no document like doc, whose topic would be known.
func (m *Model) isNew(old *Model, doc int) bool {
	return old.like(m.docs[doc], dense.Row(m.embeddings, doc)) < 0
}

// firstPoints is the number of points of the fit, before any growth.
func (m *Model) firstPoints() int {
	if len(m.grown) > 0 {
		return m.grown[0].Before
	}
	return m.fitted()
}

// finds says whether the clusterer can find topics that nobody named.
func (m *Model) finds() bool {
	switch m.cfg.Clusterer.(type) {
	case Given, LogisticRegression:
		return false
	}
	return m.embeddings.Cols > 0
}

// grownClustering is a clustering to which points were added later. What it says of new points is for the first of its
// documents alone; Model.predict goes on from there.
type grownClustering struct {
	Clustering
	labels    []int
	strengths []float64
}

func (c *grownClustering) Labels() []int        { return c.labels }
func (c *grownClustering) Strengths() []float64 { return c.strengths }

// later places the points of a generation, which ends before point end, by the clustering of those before it.
func (m *Model) later(ctx context.Context, g generation, end int) (*grownClustering, error) {
	c := &grownClustering{Clustering: m.base(), labels: slices.Clone(m.clustering.Labels()), strengths: strengthsOf(m.clustering)}
	if m.homes == nil && m.finds() {
		m.homes = map[int]home{}
		m.settle(c.labels, 0)
	}
	rows := make([]int, end-g.Before)
	for i := range rows {
		rows[i] = m.document(g.Before + i)
	}
	x := dense.Pick(m.embeddings, rows)
	labels, strength, _, err := m.predict(ctx, x, dense.Slice(m.reduction.Points(), g.Before, end))
	if err != nil {
		return nil, err
	}
	var matched []match
	if m.zero != nil {
		matched = m.zero.match(x)
	}
	for i, l := range labels {
		s := strength[i]
		switch {
		case matched != nil && matched[i].label >= 0:
			l, s = matched[i].label, matched[i].strength()
		case x.Cols == 0:
			l, s = Outlier, 0 // their words place them
		}
		// What is there already lies where it lay, whatever would be said of it if it were new.
		if like := m.point(m.known.find(m, m.docs[rows[i]], dense.Row(x, i))); like < g.Before {
			l, s = c.labels[like], c.strengths[like]
		}
		c.labels, c.strengths = append(c.labels, l), append(c.strengths, s)
	}
	return c, nil
}

// modelAside reduces and clusters the points that a generation set aside.
func (m *Model) modelAside(ctx context.Context, c *grownClustering, g generation) error {
	if len(g.Aside) < 2 {
		return nil
	}
	rows := make([]int, len(g.Aside))
	for i, p := range g.Aside {
		rows[i] = m.document(p)
	}
	var err error
	p := &part{}
	if p.reduction, err = m.reduceRows(ctx, dense.Pick(m.embeddings, rows), nil); err != nil {
		return err
	}
	// The layers of these points are their own: a number that was chosen for others says nothing of them.
	if p.clustering, err = m.clusterPoints(ctx, withLayer(m.cfg.Clusterer, 0), p.reduction.Points(), nil); err != nil {
		return err
	}
	for _, l := range c.labels {
		p.offset = max(p.offset, l+1)
	}
	for l := range m.homes {
		p.offset = max(p.offset, l+1)
	}
	strength := strengthsOf(p.clustering)
	for k, l := range p.clustering.Labels() {
		if i := g.Aside[k]; l != Outlier {
			c.labels[i], c.strengths[i] = p.offset+l, strength[k]
		}
	}
	first := make(map[int]int, len(rows)) // documents → places
	p.aside, p.like = g.Aside, make([]int, len(rows))
	for k, doc := range rows {
		first[doc], p.like[k] = k, k
		// A reducer may place equal documents apart; they stay together.
		if like, ok := first[m.known.find(m, m.docs[doc], dense.Row(m.embeddings, doc))]; ok {
			p.like[k] = like
			c.labels[g.Aside[k]], c.strengths[g.Aside[k]] = c.labels[g.Aside[like]], c.strengths[g.Aside[like]]
		}
	}
	m.parts = append(m.parts, p)
	m.settle(c.labels, p.offset)
	return nil
}

// replay makes the clustering of a model that was grown, from that of its first points.
func (m *Model) replay(ctx context.Context) error {
	for i, g := range m.grown {
		end := m.fitted()
		if i+1 < len(m.grown) {
			end = m.grown[i+1].Before
		}
		c, err := m.later(ctx, g, end)
		if err != nil {
			return err
		}
		if err := m.modelAside(ctx, c, g); err != nil {
			return err
		}
		m.clustering = c
	}
	return nil
}
