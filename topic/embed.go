package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
)

// embedBatch is the number of texts given at once to an embedder that reports no progress of its own.
const embedBatch = 1024

// embedTexts is the first arrow: texts to one finite row each.
func embedTexts(ctx context.Context, e Embedder, texts []string, run Run) (blas32.General, []error, error) {
	var warnings []error
	x, err := func() (blas32.General, error) {
		full, ok := e.(embed.WithOptions)
		if !ok {
			return embedInBatches(ctx, e, texts, run.report(StageEmbed))
		}
		cut := 0
		x, err := full.EmbedWith(ctx, texts, embed.Options{
			Workers:  run.Workers,
			Progress: run.report(StageEmbed),
			Cut:      func(n int) { cut = n },
		})
		if cut > 0 {
			warnings = append(warnings, fmt.Errorf("%s: %d of %d documents were longer than the encoder reads; their ends were left out", StageEmbed, cut, len(texts)))
		}
		return x, err
	}()
	if err == nil {
		err = checkRows(x, len(texts))
	}
	if err != nil {
		return blas32.General{}, nil, fmt.Errorf("%s: %w", StageEmbed, err)
	}
	return x, warnings, nil
}

// embedAside embeds texts that are not the caller's documents, and reports no progress.
func embedAside(ctx context.Context, e Embedder, texts []string, run Run) (blas32.General, error) {
	run.Progress = nil
	x, _, err := embedTexts(ctx, e, texts, run)
	return x, err
}

// embedBeside is embedAside with the model's embedder, for comparison with the embeddings of its documents.
func (m *Model) embedBeside(ctx context.Context, texts []string) (blas32.General, error) {
	x, err := embedAside(ctx, m.cfg.Embedder, texts, m.cfg.Run)
	if err == nil && x.Rows > 0 && x.Cols != m.embeddings.Cols {
		err = fmt.Errorf("the embedder gives %d dimensions, the embeddings of the documents have %d", x.Cols, m.embeddings.Cols)
	}
	return x, err
}

func embedInBatches(ctx context.Context, e Embedder, texts []string, progress func(done, total int)) (blas32.General, error) {
	var all blas32.General
	for lo := 0; lo < len(texts); lo += embedBatch {
		if err := context.Cause(ctx); err != nil {
			return all, err
		}
		hi := min(lo+embedBatch, len(texts))
		x, err := e.Embed(ctx, texts[lo:hi])
		if err != nil {
			return all, err
		}
		if err := checkRows(x, hi-lo); err != nil {
			return all, fmt.Errorf("the embedder's result for documents %d to %d: %w", lo, hi-1, err)
		}
		if lo == 0 {
			all = blas32.General{Rows: len(texts), Cols: x.Cols, Stride: x.Cols, Data: make([]float32, len(texts)*x.Cols)}
		}
		if x.Cols != all.Cols {
			return all, fmt.Errorf("the embedder gave %d dimensions for document %d and %d before", x.Cols, lo, all.Cols)
		}
		for i := range x.Rows {
			copy(dense.Row(all, lo+i), dense.Row(x, i))
		}
		if progress != nil {
			progress(hi, len(texts))
		}
	}
	return all, nil
}

// checkRows reports a matrix that is not n finite rows.
func checkRows(x blas32.General, n int) error {
	if x.Rows != n {
		return fmt.Errorf("%d rows for %d documents, want one row each", x.Rows, n)
	}
	if n > 0 && x.Cols == 0 {
		return fmt.Errorf("rows without columns, want at least one dimension")
	}
	return check.Matrix(x)
}
