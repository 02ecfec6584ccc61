package topic

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"

	"github.com/gobertopic/gobertopic/stage"
)

// Input is documents with what is known of them.
type Input struct {
	// Docs holds the texts.
	Docs []string
	// Embeddings has one row per document, every value finite. Without columns the documents are
	// embedded by Config.Embedder. The model keeps the rows: they must not be changed later.
	Embeddings blas32.General
	// Classes holds the known class of each document, 0 or more, or Outlier if it is not known. nil: no
	// class is known. The stages decide what classes do: UMAP draws the documents of a class together,
	// the clusterers of package supervised make the classes the topics. BERTopic's y.
	Classes []int
	// WordsAlone fits without embeddings. The clusterer must make the known classes the clusters
	// (stage.ClassesOnly), there must be no reducer, and the topics of new documents are found by their
	// words.
	WordsAlone bool
}

// Fit makes a model of docs. A document that is empty or white space alone is an outlier and takes no
// part in anything else. Fit works from one document on. Model.Warnings says what small or unusual
// input changed.
//
// It fails with ErrNoDocuments, ErrNoEmbedder, a *stage.ConfigError for each bad setting, the cause of
// a canceled ctx, or the error of a stage, wrapped with the name of the step.
func Fit(ctx context.Context, docs []string, cfg Config) (*Model, error) {
	return FitInput(ctx, Input{Docs: docs}, cfg)
}

// FitEmbedded is Fit for documents whose embeddings are known: row i of x belongs to docs[i]. Every
// value must be finite; otherwise a *stage.ValueError names the row and the column. The model keeps x:
// it must not be changed later.
func FitEmbedded(ctx context.Context, docs []string, x blas32.General, cfg Config) (*Model, error) {
	if x.Cols == 0 { // FitInput would embed the documents
		if err := checkRows(x, len(docs)); err != nil {
			return nil, fmt.Errorf("embeddings: %w", err)
		}
	}
	return FitInput(ctx, Input{Docs: docs, Embeddings: x}, cfg)
}

// FitInput is Fit for documents of which more is known than their text. It also fails with an error
// that names the document whose class is out of range.
func FitInput(ctx context.Context, in Input, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if _, err := contentRows(in.Docs, blas32.General{}); err != nil {
		return nil, err
	}
	if err := in.check(cfg); err != nil {
		return nil, err
	}
	began := time.Now()
	x, warnings, err := in.embeddings(ctx, cfg)
	if err != nil {
		return nil, err
	}
	embedding := time.Since(began)
	d, err := in.documents(x, cfg.Workers)
	if err != nil {
		return nil, err
	}
	warnings = append(warnings, d.contentWarnings()...)
	p, result, err := fitPipeline(ctx, d, cfg)
	if err != nil {
		return nil, d.givenRows(err)
	}
	p.warnings, p.timings.Embed = append(warnings, p.warnings...), embedding
	g := newGrouping(d, p, result.labels, result.strengths, result.adopted)
	began = time.Now()
	m, err := describeAt(ctx, d, p, g, cfg)
	p.timings.Words = time.Since(began)
	return m, err
}

// describeAt ends a fit: the topics are merged as Config.Granularity asks, and described.
func describeAt(ctx context.Context, d *documents, p *pipeline, g *grouping, cfg Config) (*Model, error) {
	words := func(g *grouping) (*Model, error) {
		w, err := describe(ctx, d, p, g, cfg.Words, cfg.Embedder)
		if err != nil {
			return nil, err
		}
		return assemble(d, p, g, w), nil
	}
	if !cfg.Granularity.merges() {
		return words(g)
	}
	// The words are made once, of the topics that remain. Without embeddings they decide which these are.
	var w *description
	var err error
	if d.hasEmbeddings() {
		w = embeddedTopics(d, p, g)
	} else if w, err = describe(ctx, d, p, g, cfg.Words, cfg.Embedder); err != nil {
		return nil, err
	}
	into, warning, err := cfg.Granularity.merge(ctx, similarities{p: p, g: g, w: w, useWords: !d.hasEmbeddings()})
	if err != nil {
		return nil, fmt.Errorf("reduce: %w", err)
	}
	if into == nil {
		g = g.relabel("reduce", nil)
	} else {
		g = g.regroup(regrouping{operation: "reduce", assignments: g.moved(into)})
	}
	m, err := words(g)
	if err == nil && warning != nil {
		m.warnings = append([]error{warning}, m.warnings...)
	}
	return m, err
}

// documents returns the documents in canonical order. x is put in that order too: in place if it is not
// the caller's.
func (in Input) documents(x blas32.General, workers int) (*documents, error) {
	order := canonicalOrder(in.Docs, func(doc int) bool { return hasContent(in.Docs[doc], x, doc) }, x, in.Classes, workers)
	switch {
	case order == nil || x.Cols == 0:
	case in.Embeddings.Cols > 0:
		x = dense.Pick(x, order)
	default:
		reorderRows(x, order)
	}
	texts := reorder(in.Docs, order)
	active, err := contentRows(texts, x)
	if err != nil {
		return nil, err
	}
	d := newDocuments(texts, active, x, reorder(in.Classes, order))
	d.order = order
	return d, nil
}

// check reports input that does not fit together or that cfg cannot work with.
func (in Input) check(cfg Config) error {
	if in.WordsAlone {
		use, ok := cfg.clusterer().(stage.ClassUser)
		if !ok || use.ClassUse() != stage.ClassesOnly || cfg.Reducer != nil || in.Embeddings.Cols > 0 || len(cfg.ZeroShot.Labels)+len(cfg.Seeds) > 0 {
			return errors.New("topic.Input.WordsAlone wants a clusterer that makes the known classes the clusters, such as supervised.Fixed, no reducer, no embeddings, no seeds and no zero-shot labels")
		}
	} else if in.Embeddings.Cols == 0 && cfg.Embedder == nil {
		return ErrNoEmbedder
	}
	if in.Embeddings.Cols > 0 {
		if err := checkRows(in.Embeddings, len(in.Docs)); err != nil {
			return fmt.Errorf("embeddings: %w", err)
		}
	}
	if in.Classes != nil && len(in.Classes) != len(in.Docs) {
		return fmt.Errorf("%d classes for %d documents, want one each", len(in.Classes), len(in.Docs))
	}
	for i, c := range in.Classes {
		if c < Outlier {
			return fmt.Errorf("document %d has the class %d, want 0 or more, or −1 if it is not known", i, c)
		}
	}
	return nil
}

// embeddings returns those that were given, or those of the embedder.
func (in Input) embeddings(ctx context.Context, cfg Config) (blas32.General, []error, error) {
	switch {
	case in.WordsAlone:
		return blas32.General{Rows: len(in.Docs)}, nil, nil
	case in.Embeddings.Cols > 0:
		return in.Embeddings, nil, nil
	}
	return embedTexts(ctx, cfg.Embedder, in.Docs, cfg)
}
