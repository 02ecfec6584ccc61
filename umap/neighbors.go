package umap

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
)

// Neighbors holds the K nearest rows of each of a number of rows. The neighbors of row i are the entries i·K to
// (i+1)·K, nearest first. An Index of −1 is a neighbor that does not count because it is too far away; its Distance is
// +Inf.
type Neighbors struct {
	K        int
	Index    []int32
	Distance []float32
}

// Rows is the number of rows that the neighbors are of.
func (nb Neighbors) Rows() int {
	if nb.K <= 0 {
		return 0
	}
	return len(nb.Index) / nb.K
}

func (nb Neighbors) clone() Neighbors {
	return Neighbors{K: nb.K, Index: slices.Clone(nb.Index), Distance: slices.Clone(nb.Distance)}
}

// checkSorted reports parts that do not fit together, rows that are not their own first neighbors and distances that fall.
func (nb Neighbors) checkSorted() error {
	if err := fuzzy.CheckNeighbors(knn.Neighbors(nb)); err != nil {
		return fmt.Errorf("umap: %w", err)
	}
	for i := range nb.Rows() {
		index, distance := nb.Index[i*nb.K:][:nb.K], nb.Distance[i*nb.K:][:nb.K]
		if int(index[0]) != i || distance[0] != 0 {
			return fmt.Errorf("umap: neighbors: the first of row %d is row %d at distance %v, want the row itself at distance 0", i, index[0], distance[0])
		}
		for k := 1; k < nb.K; k++ {
			if distance[k] < distance[k-1] {
				return fmt.Errorf("umap: neighbors: those of row %d are at %v and then at %v, want the nearest first", i, distance[k-1], distance[k])
			}
		}
	}
	return nil
}

// NearestNeighbors finds the k nearest rows of every row of x, exactly, under cfg.Metric; ties go to the lower index.
// The first neighbor of a row is always the row itself, at distance 0. It wants 1 ≤ k ≤ x.Rows, and of cfg reads the
// metric with its parameters, Disconnection and Workers. Errors: *stage.ConfigError, *stage.ValueError for NaN and Inf, and one for
// rows that the metric is not defined for.
//
// Where k or more rows are equal, their neighbors would be each other alone, and nothing would hold them to the rest.
// There each of them has the next two of its like as neighbors, and then the rows that are nearest of all that differ.
func NearestNeighbors(ctx context.Context, x blas32.General, k int, cfg Config) (Neighbors, error) {
	if err := cfg.Validate(); err != nil {
		return Neighbors{}, fmt.Errorf("umap: %w", err)
	}
	s := cfg.resolve()
	nb, err := fuzzy.Nearest(ctx, x, k, s.distance(), s.limit(), exactly, s.options(nil))
	if err != nil {
		return Neighbors{}, fmt.Errorf("umap: %w", err)
	}
	return Neighbors(nb), nil
}

// exactly opens an exact search, where knn.Open finds nearly all neighbors of many rows.
func exactly(ctx context.Context, x blas32.General, m metric.Metric, opts knn.Options) (knn.Searcher, error) {
	return knn.New(ctx, x, m, opts)
}
