package topic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic/internal/batch"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// Parts is what New assembles a model of: what packages know that make a model without Fit, such as
// topic/online. Its rows are the documents with text, in the order of the documents.
type Parts struct {
	Docs       []string
	Embeddings blas32.General // one row per document, which the model keeps; no columns: words alone
	// Assignments says which topic each document is in; topics are numbered from 0 without gaps.
	Assignments []Assignment
	Config      Config

	// Reduction maps embeddings to Points, one per row. nil: the embeddings are the points.
	Reduction stage.Reduction
	Points    blas32.General
	// Clustering places new documents. Labels and Strengths are what it said of the rows; Topics maps a
	// label to the topic that its documents are in.
	Clustering stage.Clustering
	Labels     []int
	Strengths  []float64
	Topics     map[int]int

	// Ends holds the number of documents after each batch, for documents that came in batches, and
	// Counting says how their words are counted. nil: all came at once.
	Ends     []int
	Counting ctfidf.Online

	// Operation is the first step of the history, such as "online".
	Operation string
	Warnings  []error
}

// New assembles a model and describes its topics. It fits no stage. It fails with ErrNoDocuments, with
// an error that says which parts do not fit together, and with the error of a weigher or a representer.
func New(ctx context.Context, parts Parts) (*Model, error) {
	active, err := contentRows(parts.Docs, parts.Embeddings)
	if err != nil {
		return nil, err
	}
	d := newDocuments(parts.Docs, active, parts.Embeddings, nil)
	if parts.Ends != nil {
		d.batches = &batch.Counts{Counting: parts.Counting, Ends: parts.Ends}
	}
	if !d.hasEmbeddings() {
		d.embeddings.Rows = d.n
	}
	p := &pipeline{cfg: parts.Config, embedder: identity(parts.Config.Embedder), warnings: slices.Clip(parts.Warnings)}
	p.warnings = append(p.warnings, d.contentWarnings()...)
	p.rows = rowResults{points: parts.Points, labels: parts.Labels, strengths: parts.Strengths}
	if parts.Reduction == nil {
		p.rows.points = d.x()
	}
	fit := &place.Clusters{Reduction: parts.Reduction, Clustering: parts.Clustering, Rows: make([]int, d.rows())}
	for i := range fit.Rows {
		fit.Rows[i] = i
	}
	if fit.Clustering == nil {
		return nil, errors.New("there is no clustering")
	}
	p.fits = []*place.Clusters{fit}
	g := &grouping{assignments: parts.Assignments, topics: listTopics(parts.Assignments), keepIDs: true, routes: map[int][]int{}, history: []Step{{Operation: parts.Operation}}}
	for label, t := range parts.Topics {
		g.routes[label] = []int{t}
	}
	if err := errors.Join(d.check(), p.check(d), g.check(d)); err != nil {
		return nil, fmt.Errorf("the parts do not fit together: %w", err)
	}
	w, err := describe(ctx, d, p, g, parts.Config.Words, parts.Config.Embedder)
	if err != nil {
		return nil, err
	}
	return assemble(d, p, g, w), nil
}

// Embed returns the embeddings of documents as a fit makes them, for Parts: one finite row per
// document, and warnings, such as that documents were cut. It fails with ErrNoEmbedder.
func (c Config) Embed(ctx context.Context, docs []string) (x blas32.General, warnings []error, err error) {
	if c.Embedder == nil {
		return x, nil, ErrNoEmbedder
	}
	return embedTexts(ctx, c.Embedder, docs, c)
}

// Parts returns what New makes the model of again, or false if the model is not one that New made, or
// was changed since by more than new words and labels, or was saved without texts or embeddings. The
// caller must not change what it returns. It fails if parts of a loaded model cannot be read.
func (m *Model) Parts() (Parts, bool, error) {
	d, p, g := m.documents, m.pipeline, m.grouping
	if err := m.open(); err != nil || d.withoutTexts || d.withoutRows || d.order != nil {
		return Parts{}, false, err
	}
	for _, s := range g.history[1:] {
		moved := slices.ContainsFunc(s.Moves, func(move Move) bool { return len(move.To) != 1 || move.To[0] != move.From })
		if s.Operation != "relabel" && (s.Operation != "update" || moved) {
			return Parts{}, false, nil
		}
	}
	if len(p.fits) != 1 || d.batches == nil {
		return Parts{}, false, nil
	}
	warnings := p.warnings
	if n := len(d.contentWarnings()); n <= len(warnings) { // New reports them again
		warnings = warnings[:len(warnings)-n]
	}
	parts := Parts{
		Docs: d.texts, Embeddings: d.embeddings, Assignments: g.assignments, Config: m.Config(), Reduction: p.fits[0].Reduction, Points: p.rows.points,
		Clustering: p.fits[0].Clustering, Labels: p.rows.labels, Strengths: p.rows.strengths, Topics: make(map[int]int, len(g.routes)),
		Ends: d.batches.Ends, Counting: d.batches.Counting, Operation: g.history[0].Operation, Warnings: slices.Clip(warnings),
	}
	for label, to := range maps.All(g.routes) {
		parts.Topics[label] = to[0]
	}
	return parts, true, nil
}
