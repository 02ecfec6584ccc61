package embed

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
)

// batch is the number of texts given at once to an embedder that honors no Run.
const batch = 1024

// Texts returns one finite row per text, and the number of texts that were cut because they are longer
// than the encoder reads. An embedder that is a stage.RunEmbedder gets all texts in one call; any other
// gets 1,024 at a time, between which ctx and run.Progress are served.
//
// It fails with the error of the embedder, the cause of a canceled ctx, a *stage.ValueError for a value
// that is NaN or infinite, and where the embedder returns another number of rows than it got texts, or
// rows of different dimensions.
func Texts(ctx context.Context, run stage.Run, e stage.Embedder, texts []string) (x blas32.General, truncated int, err error) {
	if full, ok := e.(stage.RunEmbedder); ok {
		x, truncated, err = full.EmbedRun(ctx, run, texts)
	} else {
		x, err = inBatches(ctx, run, e, texts)
	}
	if err == nil {
		err = checkRows(x, len(texts))
	}
	if err != nil {
		return blas32.General{}, 0, err
	}
	return x, truncated, nil
}

func inBatches(ctx context.Context, run stage.Run, e stage.Embedder, texts []string) (all blas32.General, err error) {
	for lo := 0; lo < len(texts); lo += batch {
		if err := context.Cause(ctx); err != nil {
			return all, err
		}
		hi := min(lo+batch, len(texts))
		x, err := e.Embed(ctx, texts[lo:hi])
		if err != nil {
			return all, err
		}
		if err := checkRows(x, hi-lo); err != nil {
			return all, fmt.Errorf("the embedder's result for documents %d to %d: %w", lo, hi-1, err)
		}
		if lo == 0 {
			all = dense.New(len(texts), x.Cols)
		}
		if x.Cols != all.Cols {
			return all, fmt.Errorf("the embedder gave %d dimensions for document %d and %d before", x.Cols, lo, all.Cols)
		}
		for i := range x.Rows {
			copy(dense.Row(all, lo+i), dense.Row(x, i))
		}
		if run.Progress != nil {
			run.Progress(hi, len(texts))
		}
	}
	return all, nil
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

// Run calls an embedder with the settings of a run, and returns what stage.RunEmbedder asks for.
// Encoders implement that interface with it.
func Run(ctx context.Context, e WithOptions, run stage.Run, texts []string) (x blas32.General, truncated int, err error) {
	x, err = e.EmbedWith(ctx, texts, Options{Workers: run.Workers, Progress: run.Progress, Cut: func(n int) { truncated = n }})
	return x, truncated, err
}
