package umap

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
)

// Neighbours holds the K nearest rows of each of a number of rows. The neighbours of row i are the entries i·K to
// (i+1)·K, nearest first. An Index of −1 is a neighbour that does not count because it is too far away; its Distance is
// +Inf.
type Neighbours struct {
	K        int
	Index    []int32
	Distance []float32
}

// Rows is the number of rows that the neighbours are of.
func (nb Neighbours) Rows() int {
	if nb.K <= 0 {
		return 0
	}
	return len(nb.Index) / nb.K
}

func (nb Neighbours) clone() Neighbours {
	return Neighbours{K: nb.K, Index: slices.Clone(nb.Index), Distance: slices.Clone(nb.Distance)}
}

func (nb Neighbours) check() error {
	if nb.K < 1 || len(nb.Index)%nb.K != 0 || len(nb.Index) != len(nb.Distance) {
		return fmt.Errorf("umap: neighbours with K %d, %d indices and %d distances do not fit together", nb.K, len(nb.Index), len(nb.Distance))
	}
	n := nb.Rows()
	for at, j := range nb.Index {
		if j < -1 || int(j) >= n {
			return fmt.Errorf("umap: neighbour %d of row %d is row %d of %d", at%nb.K, at/nb.K, j, n)
		}
		if d := nb.Distance[at]; d < 0 || d != d {
			return fmt.Errorf("umap: distance of neighbour %d of row %d is %v, want at least 0", at%nb.K, at/nb.K, d)
		}
	}
	return nil
}

// checkSorted is check, and reports rows that are not their own first neighbours and distances that fall.
func (nb Neighbours) checkSorted() error {
	if err := nb.check(); err != nil {
		return err
	}
	for i := range nb.Rows() {
		index, distance := nb.Index[i*nb.K:][:nb.K], nb.Distance[i*nb.K:][:nb.K]
		if int(index[0]) != i || distance[0] != 0 {
			return fmt.Errorf("umap: neighbours: the first of row %d is row %d at distance %v, want the row itself at distance 0", i, index[0], distance[0])
		}
		for k := 1; k < nb.K; k++ {
			if distance[k] < distance[k-1] {
				return fmt.Errorf("umap: neighbours: those of row %d are at %v and then at %v, want the nearest first", i, distance[k-1], distance[k])
			}
		}
	}
	return nil
}

// NearestNeighbours finds the k nearest rows of every row of x, exactly, under cfg.Metric; ties go to the lower index.
// The first neighbour of a row is always the row itself, at distance 0. It wants 1 ≤ k ≤ x.Rows, and of cfg reads the
// metric with its parameters, Disconnection and Workers. Errors: *stage.ConfigError, *stage.ValueError for NaN and Inf, and one for
// rows that the metric is not defined for.
//
// Where k or more rows are equal, their neighbours would be each other alone, and nothing would hold them to the rest.
// There each of them has the next two of its like as neighbours, and then the rows that are nearest of all that differ.
func NearestNeighbours(ctx context.Context, x blas32.General, k int, cfg Config) (Neighbours, error) {
	if err := cfg.Validate(); err != nil {
		return Neighbours{}, fmt.Errorf("umap: %w", err)
	}
	nb, err := nearest(ctx, x, k, cfg.distance(), cfg.limit(), exactly, cfg.options(nil))
	if err != nil {
		return Neighbours{}, fmt.Errorf("umap: %w", err)
	}
	return nb, nil
}

// The ways to search: exactly, or nearly all neighbours where rows are many.
func exactly(ctx context.Context, x blas32.General, m metric.Metric, opts knn.Options) (knn.Searcher, error) {
	return knn.New(ctx, x, m, opts)
}

func nearest(ctx context.Context, x blas32.General, k int, m metric.Metric, limit float64, open func(context.Context, blas32.General, metric.Metric, knn.Options) (knn.Searcher, error), opts knn.Options) (Neighbours, error) {
	ix, err := open(ctx, x, m, opts)
	if err != nil {
		return Neighbours{}, fmt.Errorf("nearest neighbours: %w", err)
	}
	nb, err := ix.Self(ctx, k)
	if err != nil {
		return Neighbours{}, fmt.Errorf("nearest neighbours: %w", err)
	}
	return settle(ctx, nb, limit, func() equals { return distinct(x) }, func(rows, all []int32) (knn.Neighbours, error) {
		return knn.Query(ctx, dense.Pick(x, all), dense.Pick(x, rows), min(k, len(all)), m, knn.Options{Workers: opts.Workers})
	})
}

// settle makes the neighbours of a graph of those that were found: crowds of equal rows are held to the rest, and what lies
// at the limit or beyond is taken out. number tells which rows are equal, search finds the nearest of all for some rows.
func settle(ctx context.Context, found knn.Neighbours, limit float64, number func() equals, search func(rows, all []int32) (knn.Neighbours, error)) (Neighbours, error) {
	out := Neighbours{K: found.K, Index: found.Index, Distance: found.Distance}
	if crowded := out.crowded(); len(crowded) > 0 {
		if err := out.spreadOut(ctx, crowded, number(), search); err != nil {
			return Neighbours{}, fmt.Errorf("nearest neighbours: %w", err)
		}
	}
	out.disconnect(limit)
	return out, nil
}

// disconnect takes out the neighbours that are too far away to count.
func (nb Neighbours) disconnect(limit float64) {
	for i, d := range nb.Distance {
		if float64(d) >= limit {
			nb.Index[i] = -1
			nb.Distance[i] = float32(math.Inf(1))
		}
	}
}
