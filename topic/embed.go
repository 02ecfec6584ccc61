package topic

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
)

// embedTexts returns one finite row per text.
func embedTexts(ctx context.Context, e stage.Embedder, texts []string, cfg Config) (x blas32.General, warnings []error, err error) {
	x, truncated, err := embed.Texts(ctx, cfg.run("embed"), e, texts)
	if err != nil {
		return x, nil, fmt.Errorf("embed: %w", err)
	}
	if truncated > 0 {
		warnings = []error{fmt.Errorf("embed: %d of %d documents were longer than the encoder reads; their ends were left out", truncated, len(texts))}
	}
	return x, warnings, nil
}

// embedQuiet embeds texts that are not the documents of the caller, without reporting progress.
func embedQuiet(ctx context.Context, e stage.Embedder, texts []string, cfg Config) (blas32.General, error) {
	cfg.Progress = nil
	x, _, err := embedTexts(ctx, e, texts, cfg)
	return x, err
}

// embedComparable embeds texts to be compared with the embeddings of documents.
func embedComparable(ctx context.Context, cfg Config, texts []string, d *documents) (blas32.General, error) {
	x, err := embedQuiet(ctx, cfg.Embedder, texts, cfg)
	if err == nil && x.Rows > 0 && x.Cols != d.embeddings.Cols {
		err = fmt.Errorf("the embedder gives %d dimensions, the embeddings of the documents have %d", x.Cols, d.embeddings.Cols)
	}
	return x, err
}

// embed returns the embeddings of new documents; rows without columns in a model of words alone.
func (m *Model) embed(ctx context.Context, docs []string) (blas32.General, error) {
	if !m.documents.hasEmbeddings() {
		return blas32.General{Rows: len(docs)}, nil
	}
	e := m.description.embedder
	if e == nil {
		return blas32.General{}, ErrNoEmbedder
	}
	x, _, err := embedTexts(ctx, e, docs, m.pipeline.cfg)
	return x, err
}

// checkRows reports a matrix that does not have n finite rows.
func checkRows(x blas32.General, n int) error {
	if x.Rows != n {
		return fmt.Errorf("%d rows for %d documents, want one row each", x.Rows, n)
	}
	if n > 0 && x.Cols == 0 {
		return errors.New("rows without columns, want at least one dimension")
	}
	return check.Matrix(x)
}
