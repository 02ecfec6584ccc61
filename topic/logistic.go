package topic

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/supervised"
)

// LogisticRegression is the Clusterer of supervised.Logistic.
type LogisticRegression struct {
	C             float64
	MaxIterations int
}

// Validate reports fields that are out of range.
func (l LogisticRegression) Validate() error { return supervised.Logistic(l).Validate() }

// Cluster fails with ErrNoClasses.
func (LogisticRegression) Cluster(context.Context, Run, blas32.General) (Clustering, error) {
	return nil, ErrNoClasses
}

// ClusterClasses makes a cluster of each class and learns to tell them apart.
func (l LogisticRegression) ClusterClasses(ctx context.Context, run Run, x blas32.General, y []int) (Clustering, error) {
	return clusterKnown(ctx, supervised.Logistic(l), run, x, y)
}
