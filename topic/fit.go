package topic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"
)

var (
	// ErrNoDocuments is returned when there is nothing to fit: no documents, or none with text in it.
	ErrNoDocuments = errors.New("no documents with text")
	// ErrNoEmbedder is returned where documents must be embedded and the configuration or the model has no embedder.
	ErrNoEmbedder = errors.New("no embedder: set Config.Embedder, or give embeddings (FitEmbedded, TransformEmbedded)")
)

// Data is what a model is fitted on.
type Data struct {
	// Docs are the documents.
	Docs []string
	// Embeddings has one row per document, every value finite. Without columns the documents are embedded by
	// Config.Embedder. The rows are kept, not copied: they must not be changed later.
	Embeddings blas32.General
	// Classes is what is known of each document beforehand: a class of 0 or more, or −1 where it is not known. nil: nothing
	// is known. What they do is the stages' business: a reducer such as UMAP draws the documents of a class together, the
	// clusterers Given and LogisticRegression make the classes the topics. BERTopic's y.
	Classes []int
	// WordsAlone fits without embeddings: only with the clusterer Given and without a reducer, and the topics of new
	// documents are found by their words.
	WordsAlone bool
}

// Fit makes a model of docs. A document that is empty or all white space is kept as an outlier and takes no part in
// anything else. Fit works from one document on; what small or odd input made it change is in Model.Warnings.
//
// It fails with ErrNoDocuments, ErrNoEmbedder, *stage.ConfigError for each bad field, the cause of a cancelled ctx, or what a
// stage returned, wrapped with the stage's name.
func Fit(ctx context.Context, docs []string, cfg Config) (*Model, error) {
	return FitData(ctx, Data{Docs: docs}, cfg)
}

// FitEmbedded is Fit for documents whose embeddings are already there: row i of x belongs to docs[i]. Every value must
// be finite (*stage.ValueError names the row and the column otherwise). x is kept, not copied: it must not be changed later.
func FitEmbedded(ctx context.Context, docs []string, x blas32.General, cfg Config) (*Model, error) {
	if x.Cols == 0 { // which FitData takes for none
		if err := checkRows(x, len(docs)); err != nil {
			return nil, fmt.Errorf("embeddings: %w", err)
		}
	}
	return FitData(ctx, Data{Docs: docs, Embeddings: x}, cfg)
}

// FitData is Fit for documents of which more is known than their text: embeddings, classes. It fails as Fit does, and with
// an error that names the document whose class is out of range.
func FitData(ctx context.Context, data Data, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	active, err := withText(data.Docs)
	if err != nil {
		return nil, err
	}
	if err := data.check(cfg); err != nil {
		return nil, err
	}
	began := time.Now()
	var warnings []error
	switch {
	case data.WordsAlone:
		data.Embeddings = blas32.General{Rows: len(data.Docs)}
	case data.Embeddings.Cols == 0:
		if data.Embeddings, warnings, err = embedTexts(ctx, cfg.Embedder, data.Docs, cfg.Run); err != nil {
			return nil, err
		}
	}
	m := &Model{
		cfg: cfg, docs: data.Docs, embeddings: data.Embeddings, active: active, given: pickInts(data.Classes, active), known: &known{},
		fitWarnings: warnings, timings: Timings{Embed: time.Since(began)},
	}
	if err := m.fit(ctx); err != nil {
		return nil, err
	}
	began = time.Now()
	m, err = m.describeReduced(ctx)
	if err != nil {
		return nil, err
	}
	m.timings.Words = time.Since(began)
	return m, nil
}

// check reports data that does not fit together or that cfg cannot work with.
func (d Data) check(cfg Config) error {
	if d.WordsAlone {
		if _, given := cfg.Clusterer.(Given); !given || cfg.Reducer != nil || d.Embeddings.Cols > 0 || len(cfg.ZeroShot.Labels)+len(cfg.Seeds) > 0 {
			return errors.New("topic.Data.WordsAlone wants topic.Given as the clusterer, no reducer, no embeddings, no seeds and no zero-shot labels")
		}
	} else if d.Embeddings.Cols == 0 && cfg.Embedder == nil {
		return ErrNoEmbedder
	}
	if d.Embeddings.Cols > 0 {
		if err := checkRows(d.Embeddings, len(d.Docs)); err != nil {
			return fmt.Errorf("embeddings: %w", err)
		}
	}
	if d.Classes == nil {
		return nil
	}
	if len(d.Classes) != len(d.Docs) {
		return fmt.Errorf("%d classes for %d documents, want one each", len(d.Classes), len(d.Docs))
	}
	for i, c := range d.Classes {
		if c < Outlier {
			return fmt.Errorf("document %d has the class %d, want 0 or more, or −1 where it is not known", i, c)
		}
	}
	return nil
}

// fit runs the stages on the embeddings up to the topics and their sizes.
func (m *Model) fit(ctx context.Context) error {
	if blank := len(m.docs) - m.fitted(); blank > 0 {
		m.fitWarnings = append(m.fitWarnings, fmt.Errorf("%d of %d documents have no text; they are outliers", blank, len(m.docs)))
	}
	if err := m.ask(ctx); err != nil {
		return err
	}

	began := time.Now()
	if err := m.reduce(ctx); err != nil {
		return err
	}
	m.timings.Reduce = time.Since(began)

	began = time.Now()
	if err := m.cluster(ctx); err != nil {
		return err
	}
	if err := m.assignTopics(ctx); err != nil {
		return err
	}
	m.timings.Cluster = time.Since(began)
	m.warnFrom(StageReduce, m.reduction)
	m.warnFrom(StageCluster, m.clustering)
	return nil
}

// pickInts is the given entries of x; x itself when index is nil, nil when x is.
func pickInts(x, index []int) []int {
	if x == nil || index == nil {
		return x
	}
	out := make([]int, len(index))
	for to, from := range index {
		out[to] = x[from]
	}
	return out
}

// withText lists the documents that are not blank; nil when that is all of them.
func withText(docs []string) ([]int, error) {
	var index []int
	blank := 0
	for i, d := range docs {
		if strings.TrimSpace(d) != "" {
			if blank > 0 {
				index = append(index, i)
			}
			continue
		}
		if blank == 0 {
			index = make([]int, i, len(docs))
			for j := range index {
				index[j] = j
			}
		}
		blank++
	}
	if len(docs) == blank {
		return nil, fmt.Errorf("%w: %d documents, %d of them blank", ErrNoDocuments, len(docs), blank)
	}
	return index, nil
}
