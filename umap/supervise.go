package umap

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
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
	unknown, different := bitmath.Exp(-unknownDistance), bitmath.Exp(-far)
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

// superviseBy intersects the graph with that of continuous targets, whose edges lead from each row to its neighbours and
// need not lead back, as in UMAP.fit of umap-learn 0.5.12. Where as many rows as there are neighbours have one target, umap-learn
// connects a row with some of them; here it is with all that it has an edge to.
func (g Graph) superviseBy(ctx context.Context, target blas32.General, cfg Config) (Graph, error) {
	k := cfg.TargetNNeighbors
	if k == 0 {
		k = cfg.neighbours(target.Rows)
	}
	ix, err := knn.Open(ctx, target, cfg.targetMetric(), cfg.options(nil))
	if err != nil {
		return Graph{}, fmt.Errorf("target: %w", err)
	}
	found, err := ix.Self(ctx, min(k, target.Rows))
	if err != nil {
		return Graph{}, fmt.Errorf("target: %w", err)
	}
	nb := Neighbours{K: found.K, Index: found.Index, Distance: found.Distance}
	rho, sigma, err := SmoothKNN(ctx, nb, 1, cfg.Workers)
	if err != nil {
		return Graph{}, err
	}
	h := directed(nb, rho, sigma).transpose().transpose() // edges in rising order
	if crowded := nb.crowded(); len(crowded) > 0 {
		h = h.withEqual(crowded, g, target, cfg)
	}
	if g, err = g.Intersection(h, cfg.TargetWeight); err != nil {
		return Graph{}, err
	}
	return g.Rescale(false)
}

// withEqual is the graph of targets in which the crowded rows, in rising order, have full edges to those of their neighbours in
// g whose targets are equal to theirs, and no others.
func (h Graph) withEqual(crowded []int32, g Graph, target blas32.General, cfg Config) Graph {
	distance := cfg.targetMetric().Function()
	of := func(i int32) []float32 { return target.Data[int(i)*target.Stride:][:target.Cols] }
	out := Graph{Start: make([]int, 1, len(h.Start))}
	for i := range int32(h.Vertices()) {
		index, weight := h.row(int(i))
		if len(crowded) > 0 && crowded[0] == i {
			crowded = crowded[1:]
			index, weight = nil, nil
			near, _ := g.row(int(i))
			for _, j := range near {
				if distance(of(i), of(j)) == 0 {
					index, weight = append(index, j), append(weight, 1)
				}
			}
		}
		out.Index, out.Weight = append(out.Index, index...), append(out.Weight, weight...)
		out.Start = append(out.Start, len(out.Index))
	}
	return out
}
