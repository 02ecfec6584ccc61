package topic

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// Grow returns the model of the documents of m and of docs, new ones of the same kind. A new document
// gets the topic that Transform says, if it lies in the region of its cluster: if its cosine with the
// mean of the cluster is at most three standard deviations below that of the cluster's own documents.
// The reducer alone could not tell, since it finds a place among the old documents for anything. The
// documents that lie in no region, old and new, are then reduced and clustered by themselves, with the
// stages of the fit (a layer is chosen anew, if there are layers). What is found are new topics: they
// get the next IDs, by falling size. The rules of ReduceOutliers place the rest. The old topics keep
// their IDs, labels and documents, though their words and embeddings change with the documents that
// come in, and the topics are no longer in the order of their sizes. From then on Transform accepts
// only what lies in a region.
//
// Growth never moves a document that has a topic: fit anew from time to time, and compare the topics
// with analysis.Match. Clusterers that make known classes the clusters find no new topics. Grow fails
// as Transform does. BERTopic has no way to add documents to a model with UMAP and HDBSCAN.
func (m *Model) Grow(ctx context.Context, docs []string) (*Model, error) {
	if err := m.whole("grow"); err != nil {
		return nil, err
	}
	x, err := m.embed(ctx, docs)
	if err != nil {
		return nil, err
	}
	return m.GrowEmbedded(ctx, docs, x)
}

// GrowEmbedded is Grow for documents whose embeddings are known: row i of x belongs to docs[i].
func (m *Model) GrowEmbedded(ctx context.Context, docs []string, x blas32.General) (*Model, error) {
	const operation = "grow"
	if err := m.whole(operation); err != nil {
		return nil, err
	}
	found, err := m.TransformEmbedded(ctx, docs, x)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	d, order, err := m.documents.extend(docs, x, m.pipeline.cfg.Workers)
	if err != nil {
		return nil, err
	}
	gr := growing{old: m, d: d, assignments: slices.Concat(m.grouping.assignments, reorder(found, order))}
	p, err := gr.pipeline(ctx)
	if err == nil {
		err = gr.assign(ctx, p)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	g := gr.grouping(operation)
	w, err := describe(ctx, d, p, g, m.description.words, m.description.embedder)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return assemble(d, p, g, w), nil
}

// growing is a growth under way.
type growing struct {
	old         *Model
	d           *documents   // of the new model
	assignments []Assignment // of all documents
	aside       []int        // rows, old and new, that lie in no region
	born        map[int]int  // the topic of each new label
}

// pipeline returns the pipeline with the new rows and with what is found among those set aside.
func (gr *growing) pipeline(ctx context.Context) (*pipeline, error) {
	old, before := gr.old.pipeline, gr.old.documents.rows()
	p := *old
	p.rows = rowResults{
		labels:    slices.Grow(slices.Clone(old.rows.labels), gr.d.rows()-before),
		strengths: slices.Grow(slices.Clone(old.rows.strengths), gr.d.rows()-before),
	}
	discovers := p.discovers(gr.d)
	if p.accept == nil && discovers {
		p.setRegions(fitRegions(gr.d, old.rows.labels, 0))
	}
	if err := gr.addRows(ctx, &p); err != nil {
		return nil, err
	}
	if !discovers {
		return &p, nil
	}
	for i, l := range p.rows.labels {
		doc := gr.d.doc(i)
		if l == Outlier && (gr.assignments[doc].Topic == Outlier || i >= before && gr.isNew(doc)) {
			gr.aside = append(gr.aside, i)
			gr.assignments[doc] = Assignment{Topic: Outlier}
		}
	}
	if len(gr.aside) < 2 {
		return &p, nil
	}
	return &p, gr.clusterAside(ctx, &p)
}

// setRegions makes labels take only what lies in their regions.
func (p *pipeline) setRegions(regions place.Regions) {
	p.accept = regions
	fits := make([]*place.Clusters, len(p.fits))
	for i, c := range p.fits {
		next := *c
		next.Accept = regions
		fits[i] = &next
	}
	p.fits = fits
}

// fitRegions returns the regions of the labels that are at least from.
func fitRegions(d *documents, labels []int, from int) place.Regions {
	out := place.Regions{}
	for l, docs := range labelMembers(d, labels, from) {
		out[l] = place.NewRegion(d.embeddings, docs)
	}
	return out
}

// addRows finds the points and the labels of the new rows. A document that was there already has the
// label that it had, whatever would be said of it if it were new.
func (gr *growing) addRows(ctx context.Context, p *pipeline) error {
	before := gr.old.documents.rows()
	docs := make([]int, gr.d.rows()-before)
	for i := range docs {
		docs[i] = gr.d.doc(before + i)
	}
	x := dense.Pick(gr.d.embeddings, docs)
	points := blas32.General{Cols: p.rows.points.Cols}
	p.rows.points = gr.old.pipeline.rows.points
	if len(docs) > 0 {
		var err error
		if points, err = p.transform(ctx, x); err != nil {
			return err
		}
		if want := p.rows.points.Cols; points.Cols != want {
			return fmt.Errorf("reduce: points of %d dimensions, want %d as in the fit", points.Cols, want)
		}
	}
	p.rows.points = dense.Stack(p.rows.points, points)

	c := place.Chain{Labels: p.names, Union: p.union, Clusters: p.fits}
	if !gr.d.hasEmbeddings() {
		c.Clusters = nil // their words place them
	}
	q := place.NewQuery(x, nil)
	if err := c.LabelByClusters(ctx, q); err != nil {
		return err
	}
	labels, strengths := q.Labels()
	for i, doc := range docs {
		l, s := labels[i], strengths[i]
		if same := gr.d.row(gr.d.find(gr.d.texts[doc], gr.d.embedding(doc))); same < before {
			l, s = p.rows.labels[same], p.rows.strengths[same]
		}
		p.rows.labels, p.rows.strengths = append(p.rows.labels, l), append(p.rows.strengths, s)
	}
	return nil
}

// transform returns the points of embeddings by the reduction of the fit.
func (p *pipeline) transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	if p.union != nil {
		return x, nil // the points of merged models are the embeddings
	}
	return p.fits[0].Transform(ctx, x)
}

// isNew reports whether the old model has no document like doc.
func (gr *growing) isNew(doc int) bool {
	old := gr.old
	return old.pipeline.find(old.documents, gr.d.texts[doc], gr.d.embedding(doc)) < 0
}

// clusterAside reduces and clusters the rows that lie in no region.
func (gr *growing) clusterAside(ctx context.Context, p *pipeline) error {
	docs := gr.d.docs(gr.aside)
	q := place.NewQuery(dense.Pick(gr.d.embeddings, docs), nil)
	l := p.learner(nil)
	l.Rows, l.Offset = gr.aside, nextLabel(p)
	// A reducer may place equal documents apart; they stay together.
	l.Same = make([]int, len(docs))
	first := make(map[int]int, len(docs)) // documents → positions in docs
	for k, doc := range docs {
		first[doc], l.Same[k] = k, k
		if same, ok := first[gr.d.find(gr.d.texts[doc], gr.d.embedding(doc))]; ok {
			l.Same[k] = same
		}
	}
	f, err := l.Learn(ctx, q)
	if err != nil {
		return err
	}
	labels, strengths := q.Labels()
	for k, i := range gr.aside {
		if labels[k] != Outlier {
			p.rows.labels[i], p.rows.strengths[i] = labels[k], strengths[k]
		}
	}
	regions := maps.Clone(p.accept)
	maps.Copy(regions, fitRegions(gr.d, p.rows.labels, l.Offset))
	p.fits = append(slices.Clip(p.fits), f.Clusters)
	p.setRegions(regions)
	return nil
}

// nextLabel returns the first number that is not a label yet.
func nextLabel(p *pipeline) int {
	next := 0
	for _, l := range p.rows.labels {
		next = max(next, l+1)
	}
	for l := range p.accept {
		next = max(next, l+1)
	}
	return next
}

// assign numbers the new labels as topics and places what is left by the outlier policy and the
// outlier rules of the old model, whose means and words are known.
func (gr *growing) assign(ctx context.Context, p *pipeline) error {
	sizes := map[int]int{}
	var left []int // documents
	for _, i := range gr.aside {
		if l := p.rows.labels[i]; l != Outlier {
			sizes[l]++
		} else {
			left = append(left, gr.d.doc(i))
		}
	}
	next := gr.old.grouping.last() + 1
	gr.born = make(map[int]int, len(sizes))
	for k, l := range largestFirst(sizes) {
		gr.born[l] = next + k
	}
	for _, i := range gr.aside {
		if l := p.rows.labels[i]; l != Outlier {
			gr.assignments[gr.d.doc(i)] = Assignment{gr.born[l], p.rows.strengths[i]}
		}
	}
	texts := make([]string, len(left))
	for k, doc := range left {
		texts[k] = gr.d.texts[doc]
	}
	q := place.NewQuery(dense.Pick(gr.d.embeddings, left), texts)
	if len(left) == 0 {
		return nil
	}
	if err := gr.old.chain().PlaceOutliers(ctx, q); err != nil {
		return err
	}
	for k, doc := range left {
		gr.assignments[doc].Topic, gr.assignments[doc].Probability = q.Result(k)
	}
	return nil
}

// grouping returns the grouping of all documents.
func (gr *growing) grouping(operation string) *grouping {
	old := gr.old.grouping
	g := &grouping{assignments: gr.assignments, topics: listTopics(gr.assignments), keepIDs: true, rules: old.rules, routes: maps.Clone(old.routes)}
	for i, t := range g.topics {
		if old.has(t.id) {
			g.topics[i].label = old.topics[old.at(t.id)].label
		}
	}
	for label, id := range gr.born {
		g.routes[label] = []int{id}
	}
	moves, shares := old.moves(g)
	g.history = append(slices.Clone(old.history), Step{Operation: operation, Moves: moves, Born: newTopics(g, shares)})
	return g
}

// newTopics lists the topics that have none of the documents there were before.
func newTopics(g *grouping, shares []map[int]int) []int {
	var born []int
	for i, of := range shares {
		if len(of) == 0 {
			born = append(born, g.topics[i].id)
		}
	}
	return born
}
