package umap

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/sparse"
)

// superviseBy intersects the graph with that of continuous targets, whose edges lead from each row to its neighbors and
// need not lead back, as in UMAP.fit of umap-learn 0.5.12. Where as many rows as there are neighbors have one target, umap-learn
// connects a row with some of them; here it is with all that it has an edge to.
func superviseBy(ctx context.Context, g sparse.CSR[float32], target blas32.General, cfg settings) (sparse.CSR[float32], error) {
	k := cfg.TargetNeighbors
	if k == 0 {
		k = cfg.neighbors(target.Rows)
	}
	ix, err := knn.Open(ctx, target, cfg.targetMetric(), cfg.options(nil))
	if err != nil {
		return sparse.CSR[float32]{}, fmt.Errorf("target: %w", err)
	}
	found, err := ix.Self(ctx, min(k, target.Rows))
	if err != nil {
		return sparse.CSR[float32]{}, fmt.Errorf("target: %w", err)
	}
	rho, sigma, err := fuzzy.Smooth(ctx, found, 1, cfg.Workers)
	if err != nil {
		return sparse.CSR[float32]{}, err
	}
	h := fuzzy.Directed(found, rho, sigma)
	if crowded := fuzzy.Crowded(found); len(crowded) > 0 {
		h = withEqual(h, crowded, g, target, cfg)
	}
	if g, err = Intersection(g, h, cfg.TargetWeight); err != nil {
		return sparse.CSR[float32]{}, err
	}
	return Rescale(g, false)
}

// withEqual returns the graph of targets in which the crowded rows, in rising order, have full edges to those of their neighbors in
// g whose targets are equal to theirs, and no others.
func withEqual(h sparse.CSR[float32], crowded []int32, g sparse.CSR[float32], target blas32.General, cfg settings) sparse.CSR[float32] {
	distance := cfg.targetMetric().Function()
	of := func(i int32) []float32 { return target.Data[int(i)*target.Stride:][:target.Cols] }
	out := sparse.CSR[float32]{Cols: h.Cols, RowPtr: make([]int, 1, len(h.RowPtr))}
	for i := range int32(h.Rows()) {
		index, weight := h.Row(int(i))
		if len(crowded) > 0 && crowded[0] == i {
			crowded = crowded[1:]
			index, weight = nil, nil
			near, _ := g.Row(int(i))
			for _, j := range near {
				if distance(of(i), of(j)) == 0 {
					index, weight = append(index, j), append(weight, 1)
				}
			}
		}
		out.Col, out.Value = append(out.Col, index...), append(out.Value, weight...)
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out
}
