package topic

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/online"
)

// PartialReducer is met by a Reducer that can learn batch by batch, as Online has it do.
type PartialReducer interface {
	Reducer
	// BeginReducing is a reduction that has seen nothing.
	BeginReducing(run Run) (PartialReduction, error)
}

// PartialReduction is what a PartialReducer has learned so far. It does not change.
type PartialReduction interface {
	// Update is the reduction after the rows of x.
	Update(ctx context.Context, x blas32.General) (PartialReduction, error)
	// Transform is as Reduction's.
	Transform(ctx context.Context, x blas32.General) (blas32.General, error)
}

// PartialClusterer is met by a Clusterer that can learn batch by batch, as Online has it do.
type PartialClusterer interface {
	Clusterer
	// BeginClustering is a clustering that has seen nothing.
	BeginClustering(run Run) (PartialClustering, error)
}

// PartialClustering is what a PartialClusterer has learned so far. It does not change. A label must mean the same cluster
// after an update as before it.
type PartialClustering interface {
	// Update is the clustering after further points.
	Update(ctx context.Context, points blas32.General) (PartialClustering, error)
	// Predict is as Clustering's.
	Predict(ctx context.Context, points blas32.General) (labels []int, strength []float64, err error)
}

// PCA is the Reducer of online.PCA, which can learn batch by batch. Workers of the embedded Config are set from the Run.
type PCA struct {
	online.PCAConfig
}

// Reduce finds the principal components of x in one go.
func (p PCA) Reduce(ctx context.Context, run Run, x blas32.General, _ []int) (Reduction, error) {
	part, err := p.BeginReducing(run)
	if err != nil {
		return nil, err
	}
	if part, err = part.Update(ctx, x); err != nil {
		return nil, err
	}
	points, err := part.Transform(ctx, x)
	return partialReduction{part, points}, err
}

// BeginReducing is a PCA that has seen nothing.
func (p PCA) BeginReducing(run Run) (PartialReduction, error) {
	cfg := p.PCAConfig
	cfg.Workers = run.Workers
	m, err := online.NewPCA(cfg)
	return pcaPart{m}, err
}

// MiniBatchKMeans is the Clusterer of online.KMeans, which can learn batch by batch. Seed and Workers of the embedded Config
// are set from the Run. Every document is in a topic.
type MiniBatchKMeans struct {
	online.KMeansConfig
}

// Cluster learns x in batches of 1,024 points, then gives every point the cluster of the nearest mean.
func (k MiniBatchKMeans) Cluster(ctx context.Context, run Run, x blas32.General) (Clustering, error) {
	return clusterInParts(ctx, k, run, x)
}

// BeginClustering is a KMeans that has seen nothing.
func (k MiniBatchKMeans) BeginClustering(run Run) (PartialClustering, error) {
	cfg := k.KMeansConfig
	cfg.Workers, cfg.Seed = run.Workers, run.Seed
	m, err := online.NewKMeans(cfg)
	return kmeansPart{m}, err
}

// DBStream is the Clusterer of online.DBStream, which can learn batch by batch and finds the number of topics. Workers of the
// embedded Config are set from the Run.
type DBStream struct {
	online.DBStreamConfig
}

// Cluster learns x point by point, then gives every point its cluster.
func (d DBStream) Cluster(ctx context.Context, run Run, x blas32.General) (Clustering, error) {
	return clusterInParts(ctx, d, run, x)
}

// BeginClustering is a DBStream that has seen nothing.
func (d DBStream) BeginClustering(run Run) (PartialClustering, error) {
	cfg := d.DBStreamConfig
	cfg.Workers = run.Workers
	m, err := online.NewDBStream(cfg)
	return dbstreamPart{m}, err
}

func clusterInParts(ctx context.Context, c PartialClusterer, run Run, x blas32.General) (Clustering, error) {
	const batch = 1024
	part, err := c.BeginClustering(run)
	if err != nil {
		return nil, err
	}
	for lo := 0; lo < x.Rows; lo += batch {
		if part, err = part.Update(ctx, dense.Slice(x, lo, min(lo+batch, x.Rows))); err != nil {
			return nil, err
		}
	}
	labels, _, err := part.Predict(ctx, x)
	return partialClustering{part, labels}, err
}

// partialReduction is a Reduction of what was learned, with the points as they were when their batches came.
type partialReduction struct {
	part   PartialReduction
	points blas32.General
}

func (r partialReduction) Points() blas32.General { return r.points }

func (r partialReduction) Transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	return r.part.Transform(ctx, x)
}

// partialClustering is a Clustering of what was learned, with the labels as they were when their batches came.
type partialClustering struct {
	part   PartialClustering
	labels []int
}

func (c partialClustering) Labels() []int { return c.labels }

func (c partialClustering) Predict(ctx context.Context, points blas32.General) ([]int, []float64, error) {
	return c.part.Predict(ctx, points)
}

type pcaPart struct{ *online.PCA }

func (p pcaPart) Update(ctx context.Context, x blas32.General) (PartialReduction, error) {
	m, err := p.PCA.Update(ctx, x)
	return pcaPart{m}, err
}

type kmeansPart struct{ *online.KMeans }

func (p kmeansPart) Update(ctx context.Context, x blas32.General) (PartialClustering, error) {
	m, err := p.KMeans.Update(ctx, x)
	return kmeansPart{m}, err
}

func (p kmeansPart) Predict(ctx context.Context, x blas32.General) ([]int, []float64, error) {
	labels, err := p.KMeans.Predict(ctx, x)
	return labels, nil, err
}

type dbstreamPart struct{ *online.DBStream }

func (p dbstreamPart) Update(ctx context.Context, x blas32.General) (PartialClustering, error) {
	m, err := p.DBStream.Update(ctx, x)
	return dbstreamPart{m}, err
}

func (p dbstreamPart) Predict(ctx context.Context, x blas32.General) ([]int, []float64, error) {
	labels, err := p.DBStream.Predict(ctx, x)
	return labels, nil, err
}
