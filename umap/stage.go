package umap

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
)

// The interfaces that Config and Model implement.
var (
	_ stage.Reducer   = Config{}
	_ stage.ClassUser = Config{}
	_ stage.Validator = Config{}
	_ stage.Reduction = (*Model)(nil)
	_ stage.Warner    = (*Model)(nil)
)

// Reduce returns the *Model that FitData fits to the rows of d, which it keeps, supervised by the
// classes of d unless they are nil. Seed, Workers and Progress of c, where they are not 0, win over
// those of run.
func (c Config) Reduce(ctx context.Context, run stage.Run, d stage.Data) (stage.Reduction, error) {
	run = stage.Run{Seed: c.Seed, Workers: c.Workers, Progress: c.Progress}.Or(run)
	c.Seed, c.Workers, c.Progress = run.Seed, run.Workers, run.Progress
	m, err := FitData(ctx, Data{X: d.X, Borrow: true, Classes: d.Classes}, c)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// ClassUse returns stage.ClassesUsed.
func (Config) ClassUse() stage.ClassUse { return stage.ClassesUsed }

// Restore returns the model of a fit again from its training rows, their positions and its settings.
// x is kept and must not be changed later. A model fitted with Unique is restored from all rows of
// the input. Its Transform returns the same bits as that of the fitted model. Neighbors, LocalScale,
// Graph and Warnings of the result are empty: they belong to the fit. Errors are those of Fit, and
// one for positions of another shape.
func Restore(x, y blas32.General, cfg Config) (*Model, error) {
	if err := errors.Join(cfg.Validate(), check.Matrix(y)); err != nil {
		return nil, fmt.Errorf("umap: restore: %w", err)
	}
	s := cfg.resolve()
	data := Data{X: x, Borrow: true}
	if x.Rows == 0 || x.Cols == 0 || y.Rows != x.Rows || y.Cols != s.NComponents {
		return nil, fmt.Errorf("umap: restore: positions of %d×%d for %d×%d rows and %d components", y.Rows, y.Cols, x.Rows, x.Cols, s.NComponents)
	}
	if err := data.check(s); err != nil {
		return nil, fmt.Errorf("umap: restore: %w", err)
	}
	var inverse []int32
	if s.Unique {
		e := data.groups()
		data, y, inverse = data.take(e.First), dense.Pick(y, e.First), e.Of
	} else {
		y = dense.Compact(y)
	}
	m := newModel(data, cfg, s)
	m.inverse = inverse
	m.place(y)
	return m, nil
}
