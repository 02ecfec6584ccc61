package community

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// The interfaces that Config and Model implement.
var (
	_ stage.Clusterer  = Config{}
	_ stage.ClassUser  = Config{}
	_ stage.Validator  = Config{}
	_ stage.Clustering = (*Model)(nil)
	_ stage.Strengths  = (*Model)(nil)
	_ stage.Soft       = (*Model)(nil)
	_ stage.Layered    = (*Model)(nil)
)

// targetWeight is how much known classes count against the rows, as in UMAP.
const targetWeight = 0.5

// Cluster returns the *Model that Fit finds in the graph of the nearest neighbors of the rows of d
// by cosine, with the weights of UMAP's graph. Known classes weaken the edges between rows of
// different classes, as in a supervised UMAP. Cluster is meant for embeddings themselves: what a
// layout in few dimensions tears apart or draws together cannot mislead it. Workers and Progress of
// c, where they are not 0, win over those of run; there are no random numbers.
func (c Config) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	m, err := c.cluster(ctx, run, d)
	if err != nil {
		return nil, fmt.Errorf("community: %w", err)
	}
	return m, nil
}

func (c Config) cluster(ctx context.Context, run stage.Run, d stage.Data) (*Model, error) {
	run = stage.Run{Workers: c.Workers, Progress: c.Progress}.Or(run)
	c.Workers, c.Progress = run.Workers, run.Progress
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := check.Matrix(d.X); err != nil {
		return nil, err
	}
	if d.Classes != nil && len(d.Classes) != d.X.Rows {
		return nil, fmt.Errorf("%d classes for %d rows", len(d.Classes), d.X.Rows)
	}
	if e := distinct(d); len(e.First) < d.X.Rows {
		return c.clusterCopies(ctx, d, e)
	}
	g, err := c.build(ctx, d.X, d.Classes)
	if err != nil {
		return nil, err
	}
	return fit(ctx, d.X, g, c)
}

// build returns the graph of rows.
func (c Config) build(ctx context.Context, x blas32.General, classes []int) (sparse.CSR[float32], error) {
	return fuzzy.Build(ctx, x, fuzzy.Options{
		Neighbors: c.resolve().Neighbors, Metric: metric.Metric{Kind: metric.Cosine}, Limit: 2, Connectivity: 1, MixRatio: 1,
		Classes: classes, TargetWeight: targetWeight, Workers: c.Workers,
	})
}

// ClassUse returns stage.ClassesUsed.
func (Config) ClassUse() stage.ClassUse { return stage.ClassesUsed }
