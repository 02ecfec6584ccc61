package fuzzy

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
)

// Opener makes rows ready for a search: knn.New exactly, knn.Open nearly all neighbors of many rows.
type Opener func(context.Context, blas32.General, metric.Metric, knn.Options) (knn.Searcher, error)

// Nearest returns the k nearest rows of every row of x, each row its own first neighbor. Where k or
// more rows are equal, they get neighbors that differ from them; see Settle.
func Nearest(ctx context.Context, x blas32.General, k int, m metric.Metric, limit float64, open Opener, opts knn.Options) (knn.Neighbors, error) {
	ix, err := open(ctx, x, m, opts)
	if err != nil {
		return knn.Neighbors{}, fmt.Errorf("nearest neighbors: %w", err)
	}
	nb, err := ix.Self(ctx, k)
	if err != nil {
		return knn.Neighbors{}, fmt.Errorf("nearest neighbors: %w", err)
	}
	return Settle(ctx, nb, limit, func() Groups { return Distinct(x) }, func(rows, all []int32) (knn.Neighbors, error) {
		return knn.Query(ctx, dense.Pick(x, all), dense.Pick(x, rows), min(k, len(all)), m, knn.Options{Workers: opts.Workers})
	})
}

// Settle turns the neighbors that a search found into those of a graph, in place. Rows whose
// neighbors are all equal to them get other neighbors as well, and neighbors at the limit or beyond
// do not count. group returns which rows are equal; search returns, for some of the rows, the
// nearest among all, both given by number.
func Settle(ctx context.Context, found knn.Neighbors, limit float64, group func() Groups, search func(rows, all []int32) (knn.Neighbors, error)) (knn.Neighbors, error) {
	if crowded := Crowded(found); len(crowded) > 0 {
		if err := spreadOut(ctx, found, crowded, group(), search); err != nil {
			return knn.Neighbors{}, fmt.Errorf("nearest neighbors: %w", err)
		}
	}
	Disconnect(found, limit)
	return found, nil
}

// Disconnect marks the neighbors at distance limit or beyond as not there: index −1, distance +Inf.
func Disconnect(nb knn.Neighbors, limit float64) {
	for i, d := range nb.Distance {
		if float64(d) >= limit {
			nb.Index[i] = -1
			nb.Distance[i] = float32(math.Inf(1))
		}
	}
}

// Rows returns the number of rows that the neighbors are of.
func Rows(nb knn.Neighbors) int {
	if nb.K <= 0 {
		return 0
	}
	return len(nb.Index) / nb.K
}

// CheckNeighbors reports parts that do not fit together, rows that there are not, and distances
// that are NaN or negative.
func CheckNeighbors(nb knn.Neighbors) error {
	if nb.K < 1 || len(nb.Index)%nb.K != 0 || len(nb.Index) != len(nb.Distance) {
		return fmt.Errorf("neighbors with K %d, %d indices and %d distances do not fit together", nb.K, len(nb.Index), len(nb.Distance))
	}
	n := Rows(nb)
	for at, j := range nb.Index {
		if j < -1 || int(j) >= n {
			return fmt.Errorf("neighbor %d of row %d is row %d of %d", at%nb.K, at/nb.K, j, n)
		}
		if d := nb.Distance[at]; d < 0 || d != d {
			return fmt.Errorf("distance of neighbor %d of row %d is %v, want at least 0", at%nb.K, at/nb.K, d)
		}
	}
	return nil
}
