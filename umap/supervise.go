package umap

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/knn"
)

const (
	unknownDistance = 1.0  // of a row whose class is not known from any other
	farDistance     = 2.5  // of rows of different classes, over 1 − target weight
	farthest        = 1e12 // and where that is 0
)

// Supervise weakens the edges between rows of different classes: their strengths are multiplied by exp(−2.5/(1−weight)),
// those of edges to a row of class −1, which is not known, by exp(−1); then the graph is rescaled. weight goes from 0 to
// 1, where no edge between classes is left. It is discrete_metric_simplicial_set_intersection of umap-learn 0.5.12.
func (g Graph) Supervise(classes []int, weight float64) (Graph, error) {
	if err := g.check(); err != nil {
		return Graph{}, err
	}
	if len(classes) != g.Vertices() {
		return Graph{}, fmt.Errorf("umap: %d classes for %d rows", len(classes), g.Vertices())
	}
	if !(weight >= 0 && weight <= 1) {
		return Graph{}, fmt.Errorf("umap: target weight is %v, want 0 to 1", weight)
	}
	far := farthest
	if weight < 1 {
		far = farDistance / (1 - weight)
	}
	unknown, different := exp(-unknownDistance), exp(-far)
	out := Graph{Start: make([]int, g.Vertices()+1)}
	for i := range g.Vertices() {
		index, weights := g.row(i)
		for k, j := range index {
			w := weights[k]
			switch {
			case classes[i] == -1 || classes[j] == -1:
				w = float32(float64(w) * unknown)
			case classes[i] != classes[j]:
				w = float32(float64(w) * different)
			}
			if w > 0 {
				out.Index = append(out.Index, j)
				out.Weight = append(out.Weight, w)
			}
		}
		out.Start[i+1] = len(out.Index)
	}
	return out.Rescale(false)
}

// superviseBy intersects the graph with that of continuous targets.
func (g Graph) superviseBy(ctx context.Context, target blas32.General, cfg Config) (Graph, error) {
	k := cfg.TargetNNeighbors
	if k == 0 {
		k = cfg.NNeighbors
	}
	k = min(k, target.Rows)
	nb, err := nearest(ctx, target, k, cfg.targetMetric(), math.Inf(1), knn.Open, cfg.options(nil))
	if err != nil {
		return Graph{}, fmt.Errorf("target: %w", err)
	}
	rho, sigma, err := SmoothKNN(ctx, nb, 1, cfg.Workers)
	if err != nil {
		return Graph{}, err
	}
	h, err := FuzzySimplicialSet(ctx, nb, rho, sigma, 1)
	if err != nil {
		return Graph{}, err
	}
	if g, err = g.Intersection(h, cfg.TargetWeight); err != nil {
		return Graph{}, err
	}
	return g.Rescale(false)
}
