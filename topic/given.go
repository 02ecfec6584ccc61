package topic

import (
	"context"
	"errors"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
)

// ErrNoClasses is returned by clusterers that make topics of given classes when Data.Classes is nil.
var ErrNoClasses = errors.New("no classes: set Data.Classes (FitData)")

// Given is the Clusterer that makes the given classes the topics, whatever the points: documents of class −1 are outliers.
// A new point gets the class whose points have the mean of the highest cosine with it. BERTopic's manual topic modelling,
// with BaseCluster.
type Given struct{}

// Cluster fails with ErrNoClasses.
func (Given) Cluster(context.Context, Run, blas32.General) (Clustering, error) {
	return nil, ErrNoClasses
}

// ClusterClasses makes a cluster of each class.
func (Given) ClusterClasses(ctx context.Context, run Run, x blas32.General, y []int) (Clustering, error) {
	return clusterKnown(ctx, supervised.Fixed{}, run, x, y)
}

// clusterKnown asks a clusterer of package supervised. If no class of y is known everything is an outlier.
func clusterKnown(ctx context.Context, c stage.Clusterer, run Run, x blas32.General, y []int) (Clustering, error) {
	if y == nil {
		return nil, ErrNoClasses
	}
	fitted, err := c.Cluster(ctx, stage.Run{Workers: run.Workers, Progress: run.report(StageCluster)}, stage.Data{X: x, Classes: y})
	if errors.Is(err, stage.ErrNoClasses) {
		return unknown{y}, nil
	}
	if err != nil {
		return nil, err
	}
	return fitted, nil
}

// unknown is the clustering of points none of whose classes is known.
type unknown struct{ labels []int }

func (u unknown) Labels() []int { return u.labels }

func (u unknown) Predict(ctx context.Context, points blas32.General) ([]int, []float64, error) {
	return slices.Repeat([]int{Outlier}, points.Rows), nil, context.Cause(ctx)
}
