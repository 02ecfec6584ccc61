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

// Fit makes a model of docs. A document that is empty or all white space is kept as an outlier and takes no part in
// anything else. Fit works from one document on; what small or odd input made it change is in Model.Warnings.
//
// It fails with ErrNoDocuments, ErrNoEmbedder, *ConfigError for each bad field, the cause of a cancelled ctx, or what a
// stage returned, wrapped with the stage's name.
func Fit(ctx context.Context, docs []string, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Embedder == nil {
		return nil, ErrNoEmbedder
	}
	if _, err := withText(docs); err != nil {
		return nil, err
	}
	began := time.Now()
	x, warnings, err := embedTexts(ctx, cfg.Embedder, docs, cfg.Run)
	if err != nil {
		return nil, err
	}
	return fit(ctx, docs, x, cfg, warnings, Timings{Embed: time.Since(began)})
}

// FitEmbedded is Fit for documents whose embeddings are already there: row i of x belongs to docs[i]. Every value must
// be finite (*ValueError names the row and the column otherwise). x is kept, not copied: it must not be changed later.
func FitEmbedded(ctx context.Context, docs []string, x blas32.General, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := checkRows(x, len(docs)); err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	return fit(ctx, docs, x, cfg, nil, Timings{})
}

func fit(ctx context.Context, docs []string, x blas32.General, cfg Config, warnings []error, spent Timings) (*Model, error) {
	active, err := withText(docs)
	if err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, docs: docs, embeddings: x, active: active, known: &known{}, fitWarnings: warnings, timings: spent}
	if blank := len(docs) - m.fitted(); blank > 0 {
		m.fitWarnings = append(m.fitWarnings, fmt.Errorf("%d of %d documents have no text; they are outliers", blank, len(docs)))
	}

	began := time.Now()
	m.reduction, err = reduce(ctx, cfg.Reducer, cfg.Run, pick(x, active))
	if err != nil {
		return nil, err
	}
	m.timings.Reduce = time.Since(began)

	began = time.Now()
	m.clustering, err = cluster(ctx, cfg.Clusterer, cfg.Run, m.reduction.Points())
	if err != nil {
		return nil, err
	}
	m.assignTopics()
	m.timings.Cluster = time.Since(began)
	m.warnFrom(StageReduce, m.reduction)
	m.warnFrom(StageCluster, m.clustering)

	began = time.Now()
	if err := m.describe(ctx); err != nil {
		return nil, err
	}
	m.timings.Words = time.Since(began)
	m.history = []Step{{Operation: "fit"}}
	return m, nil
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
