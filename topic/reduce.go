package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

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

// reduce is the second arrow: embeddings to points. Without a reducer the embeddings are the points. Seeds draw the
// embeddings towards themselves first.
func (m *Model) reduce(ctx context.Context) error {
	x, y := pick(m.embeddings, m.active), m.given
	if m.guide != nil {
		x, y = m.guide.draw(x)
	}
	m.reduction = identity{x}
	if r := m.cfg.Reducer; r != nil {
		red, err := r.Reduce(ctx, m.cfg.Run, x, y)
		if err == nil {
			err = checkRows(red.Points(), x.Rows)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", StageReduce, err)
		}
		m.reduction = red
	}
	if m.guide != nil {
		m.reduction = guided{m.reduction, m.guide}
	}
	return nil
}

// identity is the reduction of a model without a reducer.
type identity struct {
	x blas32.General
}

func (r identity) Points() blas32.General { return r.x }

func (r identity) Transform(_ context.Context, x blas32.General) (blas32.General, error) {
	return x, nil
}
