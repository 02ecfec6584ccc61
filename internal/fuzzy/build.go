package fuzzy

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
)

// Options says which graph Build returns. It has no defaults.
type Options struct {
	Neighbors    int           // number of neighbors of a row, itself included; at least 1
	Metric       metric.Metric // distance between rows
	Limit        float64       // distance from which rows are not neighbors; +Inf: none
	Connectivity float64       // number of nearest neighbors with full strength; see Smooth
	MixRatio     float64       // from 0, intersection, to 1, union; see Set
	Classes      []int         // known class of each row, −1 where unknown; nil: none
	TargetWeight float64       // weight of the classes, from 0 to 1; see Supervise
	Workers      int           // number of goroutines; 0: GOMAXPROCS
}

// Build returns the graph of the rows of x, which are finite and at least 1. Where there are no
// more than o.Neighbors rows, every row gets one neighbor less than there are rows.
func Build(ctx context.Context, x blas32.General, o Options) (sparse.CSR[float32], error) {
	none := sparse.CSR[float32]{}
	if x.Rows == 0 {
		return none, fmt.Errorf("no rows, want at least 1")
	}
	if x.Rows == 1 {
		return Single(), context.Cause(ctx)
	}
	nb, err := Nearest(ctx, x, Reduced(o.Neighbors, x.Rows), o.Metric, o.Limit, knn.Open, knn.Options{Workers: o.Workers})
	if err != nil {
		return none, err
	}
	rho, sigma, err := Smooth(ctx, nb, o.Connectivity, o.Workers)
	if err != nil {
		return none, err
	}
	g, err := Set(ctx, nb, rho, sigma, o.MixRatio)
	if err != nil || o.Classes == nil {
		return g, err
	}
	return Supervise(g, o.Classes, o.TargetWeight)
}

// Single returns the graph of one vertex, which has no edges.
func Single() sparse.CSR[float32] { return sparse.CSR[float32]{Cols: 1, RowPtr: []int{0, 0}} }

// Reduced returns the number of neighbors for n rows: k, or n − 1 but at least 1 where n ≤ k.
func Reduced(k, n int) int {
	if n <= k {
		return max(n-1, 1)
	}
	return k
}
