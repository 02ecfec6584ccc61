package umap

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/sparse"
)

// SmoothKNN returns two numbers for every row: the distance rho up to which a neighbor has full
// strength, and the scale sigma by which strength falls beyond. rho is the distance of the nearest
// neighbor that is not at distance 0, or of the localConnectivity-th, interpolated. sigma is such
// that Σ exp(−max(d−rho, 0)/sigma) over all neighbors but the first is log₂ nb.K to within 1e-5, and
// at least 1e-3 of the mean distance of the row, or of all rows where rho is 0. It is
// smooth_knn_dist of umap-learn 0.5.12.
func SmoothKNN(ctx context.Context, nb Neighbors, localConnectivity float64, workers int) (rho, sigma []float32, err error) {
	rho, sigma, err = fuzzy.Smooth(ctx, knn.Neighbors(nb), localConnectivity, workers)
	if err != nil {
		return nil, nil, fmt.Errorf("umap: %w", err)
	}
	return rho, sigma, nil
}

// FuzzySimplicialSet joins the neighborhoods of all rows into one symmetric graph with a row and a
// column per row of the input. The strength of the edge from a row to its neighbor at distance d is
// exp(−max(d−rho, 0)/sigma); of the strengths a and b in both directions it makes
// mixRatio·(a + b − ab) + (1 − mixRatio)·ab. mixRatio is from 0 (intersection) to 1 (union). It is
// fuzzy_simplicial_set of umap-learn 0.5.12.
func FuzzySimplicialSet(ctx context.Context, nb Neighbors, rho, sigma []float32, mixRatio float64) (sparse.CSR[float32], error) {
	return graphOf(fuzzy.Set(ctx, knn.Neighbors(nb), rho, sigma, mixRatio))
}

// Supervise returns g with weaker edges between rows of different classes: their strengths are
// multiplied by exp(−2.5/(1−weight)), those of edges to a row of class −1, which is not known, by
// exp(−1); then the graph is rescaled without spread. weight goes from 0 to 1, where no edge between
// classes is left. It is discrete_metric_simplicial_set_intersection of umap-learn 0.5.12.
func Supervise(g sparse.CSR[float32], classes []int, weight float64) (sparse.CSR[float32], error) {
	return graphOf(fuzzy.Supervise(g, classes, weight))
}

// Rescale returns g with an edge of strength 1 at every vertex again: it divides the strengths of a
// vertex by the largest and joins both directions as a + b − ab. With spread, the strengths of a
// vertex are raised to a power before they are joined, such that their sum is the binary logarithm
// of 15. It is reset_local_connectivity of umap-learn 0.5.12, where combined models use it with
// spread and supervised ones without.
func Rescale(g sparse.CSR[float32], spread bool) (sparse.CSR[float32], error) {
	return graphOf(fuzzy.Rescale(g, spread))
}

// graphOf adds the name of the package to an error.
func graphOf(g sparse.CSR[float32], err error) (sparse.CSR[float32], error) {
	if err != nil {
		return sparse.CSR[float32]{}, fmt.Errorf("umap: %w", err)
	}
	return g, nil
}

// maxWeight returns the largest weight of g.
func maxWeight(g sparse.CSR[float32]) float32 {
	var m float32
	for _, w := range g.Value {
		m = max(m, w)
	}
	return m
}

// prune returns g without the edges of less weight than least.
func prune(g sparse.CSR[float32], least float32) sparse.CSR[float32] {
	n := g.Rows()
	p := sparse.CSR[float32]{Cols: n, RowPtr: make([]int, n+1)}
	p.Col = make([]int32, 0, len(g.Col))
	p.Value = make([]float32, 0, len(g.Col))
	for i := range n {
		index, weight := g.Row(i)
		for e, w := range weight {
			if w >= least {
				p.Col = append(p.Col, index[e])
				p.Value = append(p.Value, w)
			}
		}
		p.RowPtr[i+1] = len(p.Col)
	}
	return p
}

// components numbers the connected components of a symmetric graph in the order of their first
// vertices.
func components(g sparse.CSR[float32]) (label []int32, count int) {
	label = make([]int32, g.Rows())
	for i := range label {
		label[i] = -1
	}
	var todo []int32
	for i := range label {
		if label[i] >= 0 {
			continue
		}
		label[i] = int32(count)
		todo = append(todo, int32(i))
		for len(todo) > 0 {
			v := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			index, _ := g.Row(int(v))
			for _, j := range index {
				if label[j] < 0 {
					label[j] = int32(count)
					todo = append(todo, j)
				}
			}
		}
		count++
	}
	return label, count
}

// induced returns the graph of the given vertices, which make up whole components. local holds the
// number of each vertex in the result.
func induced(g sparse.CSR[float32], vertices, local []int32) sparse.CSR[float32] {
	sub := sparse.CSR[float32]{Cols: len(vertices), RowPtr: make([]int, 1, len(vertices)+1)}
	for _, i := range vertices {
		index, weight := g.Row(int(i))
		for _, j := range index {
			sub.Col = append(sub.Col, local[j])
		}
		sub.Value = append(sub.Value, weight...)
		sub.RowPtr = append(sub.RowPtr, len(sub.Col))
	}
	return sub
}
