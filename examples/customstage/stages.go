package main

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/gobertopic/gobertopic/topic"
)

// pca is a topic.Reducer: the first principal components, by gonum.
type pca struct {
	components int
}

func (p pca) Reduce(_ context.Context, _ topic.Run, x blas32.General, _ []int) (topic.Reduction, error) {
	if x.Rows < 2 || p.components > x.Cols {
		return nil, fmt.Errorf("pca: %d components of %d rows of %d dimensions", p.components, x.Rows, x.Cols)
	}
	var pc stat.PC
	wide := widen(x)
	if !pc.PrincipalComponents(wide, nil) {
		return nil, errors.New("pca: the decomposition failed")
	}
	var axes mat.Dense
	pc.VectorsTo(&axes)
	fitted := projection{axes: mat.DenseCopyOf(axes.Slice(0, x.Cols, 0, p.components)), mean: make([]float64, x.Cols)}
	for j := range fitted.mean {
		fitted.mean[j] = stat.Mean(mat.Col(nil, j, wide), nil)
	}
	fitted.points = fitted.project(x)
	return fitted, nil
}

// projection is a topic.Reduction.
type projection struct {
	axes   *mat.Dense
	mean   []float64
	points blas32.General
}

func (p projection) Points() blas32.General { return p.points }

func (p projection) Transform(_ context.Context, x blas32.General) (blas32.General, error) {
	return p.project(x), nil
}

func (p projection) project(x blas32.General) blas32.General {
	_, k := p.axes.Dims()
	out := blas32.General{Rows: x.Rows, Cols: k, Stride: k, Data: make([]float32, x.Rows*k)}
	for i := range x.Rows {
		for c := range k {
			var sum float64
			for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
				sum += (float64(v) - p.mean[j]) * p.axes.At(j, c)
			}
			out.Data[i*k+c] = float32(sum)
		}
	}
	return out
}

func widen(x blas32.General) *mat.Dense {
	d := mat.NewDense(x.Rows, x.Cols, nil)
	for i := range x.Rows {
		for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
			d.Set(i, j, float64(v))
		}
	}
	return d
}

// kMeans is a topic.Clusterer: Lloyd's algorithm from evenly spaced rows.
type kMeans struct {
	k, rounds int
}

func (m kMeans) Cluster(ctx context.Context, run topic.Run, x blas32.General) (topic.Clustering, error) {
	if x.Rows < m.k {
		return nil, fmt.Errorf("k-means: %d points for %d clusters", x.Rows, m.k)
	}
	c := &centroids{blas32.General{Rows: m.k, Cols: x.Cols, Stride: x.Cols, Data: make([]float32, m.k*x.Cols)}, nil}
	for i := range m.k {
		copy(c.at.Data[i*x.Cols:(i+1)*x.Cols], x.Data[i*x.Rows/m.k*x.Stride:])
	}
	for round := range m.rounds {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		c.labels, _, _ = c.Predict(ctx, x)
		sums, counts := make([]float64, m.k*x.Cols), make([]float64, m.k)
		for i, l := range c.labels {
			counts[l]++
			for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
				sums[l*x.Cols+j] += float64(v)
			}
		}
		for i := range c.at.Data {
			if n := counts[i/x.Cols]; n > 0 {
				c.at.Data[i] = float32(sums[i] / n)
			}
		}
		if run.Progress != nil {
			run.Progress(topic.Progress{Stage: topic.StageCluster, Done: round + 1, Total: m.rounds})
		}
	}
	c.labels, _, _ = c.Predict(ctx, x)
	return c, nil
}

// centroids is a topic.Clustering.
type centroids struct {
	at     blas32.General
	labels []int
}

func (c *centroids) Labels() []int { return c.labels }

func (c *centroids) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	labels := make([]int, x.Rows)
	for i := range labels {
		best := -1.0
		for k := range c.at.Rows {
			var d float64
			for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
				diff := float64(v - c.at.Data[k*c.at.Stride+j])
				d += diff * diff
			}
			if best < 0 || d < best {
				best, labels[i] = d, k
			}
		}
	}
	return labels, nil, nil
}
