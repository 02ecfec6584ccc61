package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/umap"
)

// UMAP is the Reducer of package umap. Seed, Workers and Progress of the embedded Config are set from the Run.
type UMAP struct {
	umap.Config
}

// Reduce fits umap on x, supervised by the classes in y unless it is nil. x is kept: it must not be changed later.
func (u UMAP) Reduce(ctx context.Context, run Run, x blas32.General, y []int) (Reduction, error) {
	cfg := u.Config
	cfg.Seed, cfg.Workers, cfg.Progress = run.Seed, run.Workers, run.report(StageReduce)
	m, err := umap.FitData(ctx, umap.Data{X: x, Borrow: true, Classes: y}, cfg)
	if err != nil {
		return nil, err
	}
	return umapReduction{m}, nil
}

type umapReduction struct {
	*umap.Model
}

func (r umapReduction) Points() blas32.General { return r.Embedding() }

// reduce is the second arrow: embeddings to points.
func (m *Model) reduce(ctx context.Context) (err error) {
	m.reduction, err = m.reduceRows(ctx, dense.Pick(m.embeddings, m.active), m.given)
	return err
}

// reduceRows reduces rows of known classes. Without a reducer the embeddings are the points. Seeds draw the embeddings
// towards themselves first.
func (m *Model) reduceRows(ctx context.Context, x blas32.General, y []int) (Reduction, error) {
	if m.guide != nil {
		x, y = m.guide.draw(x)
	}
	var red Reduction = identity{x}
	if r := m.cfg.Reducer; r != nil {
		var err error
		red, err = r.Reduce(ctx, m.cfg.Run, x, y)
		if err == nil {
			err = checkRows(red.Points(), x.Rows)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", StageReduce, err)
		}
	}
	if m.guide != nil {
		return guided{red, m.guide}, nil
	}
	return red, nil
}

// identity is the reduction of a model without a reducer.
type identity struct {
	x blas32.General
}

func (r identity) Points() blas32.General { return r.x }

func (r identity) Transform(_ context.Context, x blas32.General) (blas32.General, error) {
	return x, nil
}
