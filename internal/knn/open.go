package knn

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"
)

// ApproximateFrom is the number of rows from which on Open makes an approximate index. On sentence embeddings of 384 columns
// and with int8 products of AVX-512 the two take the same time at 20,000 rows; at this number comparing all pairs takes half
// as long again, some seconds, and finds all neighbors.
const ApproximateFrom = 1 << 16

// slowFrom is that number for metrics without products, of which a distance costs a hundred times as much.
const slowFrom = 1 << 13

// Searcher finds neighbors among points: an Index or an Approximate.
type Searcher interface {
	// Self finds for every point its k nearest points, itself first.
	Self(ctx context.Context, k int) (Neighbors, error)
	// Query finds for every row of q its k nearest points.
	Query(ctx context.Context, q blas32.General, k int) (Neighbors, error)
}

// Open makes an index of the rows of x, which it keeps and which must not change: an exact one, or from ApproximateFrom rows
// on an approximate one, and under a metric other than euclidean, cosine, correlation and hellinger from an eighth of that.
// The choice depends on nothing else. Errors are those of New.
func Open(ctx context.Context, x blas32.General, m Metric, opt Options) (Searcher, error) {
	if x.Rows >= ApproximateFrom || x.Rows >= slowFrom && !inner(canonical(m)) {
		return NewApproximate(ctx, x, m, opt)
	}
	return New(ctx, x, m, opt)
}
