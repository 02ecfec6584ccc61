package umap

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/knn"
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

// NearestNeighbours finds the k nearest rows of every row of x, exactly; ties go to the lower index. The first neighbour
// of a row is always the row itself, at distance 0. It wants 1 ≤ k ≤ x.Rows and gives a *ValueError for NaN and Inf.
func NearestNeighbours(ctx context.Context, x blas32.General, k int, metric Metric, workers int) (Neighbours, error) {
	return nearest(ctx, x, k, metric, knn.Options{Workers: workers})
}

func nearest(ctx context.Context, x blas32.General, k int, metric Metric, opts knn.Options) (Neighbours, error) {
	if err := check.Matrix(x); err != nil {
		return Neighbours{}, fmt.Errorf("umap: input: %w", err)
	}
	if k < 1 || k > x.Rows {
		return Neighbours{}, fmt.Errorf("umap: %d neighbours of %d rows, want 1 to the number of rows", k, x.Rows)
	}
	nb, err := knn.Self(ctx, x, k, metric.internal(), opts)
	if err != nil {
		return Neighbours{}, fmt.Errorf("umap: nearest neighbours: %w", err)
	}
	out := Neighbours{K: nb.K, Index: nb.Index, Distance: nb.Distance}
	out.disconnect(metric)
	return out, nil
}

// query finds the k nearest rows of x for every row of q.
func query(ctx context.Context, x, q blas32.General, k int, metric Metric, opts knn.Options) (Neighbours, error) {
	nb, err := knn.Query(ctx, x, q, k, metric.internal(), opts)
	if err != nil {
		return Neighbours{}, fmt.Errorf("umap: nearest neighbours: %w", err)
	}
	out := Neighbours{K: nb.K, Index: nb.Index, Distance: nb.Distance}
	out.disconnect(metric)
	return out, nil
}

// disconnect takes out the neighbours that are too far away to count.
func (nb Neighbours) disconnect(metric Metric) {
	limit := metric.disconnection()
	for i, d := range nb.Distance {
		if d >= limit {
			nb.Index[i] = -1
			nb.Distance[i] = float32(math.Inf(1))
		}
	}
}

func (m Metric) internal() knn.Metric {
	if m == Cosine {
		return knn.Cosine
	}
	return knn.Euclidean
}
