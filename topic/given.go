package topic

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
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
	if y == nil {
		return nil, ErrNoClasses
	}
	var classes []int // in the order in which they first occur
	sums := map[int][]float64{}
	for i, c := range y {
		if c == Outlier {
			continue
		}
		sum, ok := sums[c]
		if !ok {
			sum = make([]float64, x.Cols)
			sums[c] = sum
			classes = append(classes, c)
		}
		dense.AddTo(sum, dense.Row(x, i))
	}
	means := dense.New(len(classes), x.Cols)
	for k, c := range classes {
		dense.SetMean(dense.Row(means, k), sums[c], x.Rows) // the length of a sum does not matter to a cosine
	}
	return &givenClustering{labels: y, cols: x.Cols, means: dense.NewCentroids(means, classes), workers: run.Workers}, context.Cause(ctx)
}

// givenClustering is classes and the means of their points, of cols dimensions.
type givenClustering struct {
	labels  []int
	cols    int
	means   dense.Centroids
	workers int
}

func (g *givenClustering) Labels() []int { return g.labels }

// Predict gives each point the class with the nearest mean, and the cosine with it, at least 0, as the strength.
func (g *givenClustering) Predict(ctx context.Context, points blas32.General) ([]int, []float64, error) {
	if points.Cols != g.cols && points.Rows > 0 {
		return nil, nil, fmt.Errorf("points of %d dimensions, want %d as in the fit", points.Cols, g.cols)
	}
	labels, strength := make([]int, points.Rows), make([]float64, points.Rows)
	err := parallel.Loop{Workers: g.workers}.Run(ctx, points.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			labels[i], strength[i] = g.means.Nearest(dense.Row(points, i))
			strength[i] = min(max(strength[i], 0), 1)
		}
		return nil
	})
	return labels, strength, err
}
