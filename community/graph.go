package community

import (
	"fmt"
	"math"
)

// Graph is a symmetric, weighted graph: the edges of vertex i are the entries Start[i] to Start[i+1] of Index and of
// Weight, each above 0. It has the layout of umap.Graph, which converts to it.
type Graph struct {
	Start  []int
	Index  []int32
	Weight []float32
}

// Vertices is the number of vertices.
func (g Graph) Vertices() int { return max(len(g.Start)-1, 0) }

// check reports a graph whose parts do not fit together or which is not symmetric.
func (g Graph) check() error {
	n := g.Vertices()
	if len(g.Start) == 0 || g.Start[0] != 0 || g.Start[n] != len(g.Index) || len(g.Index) != len(g.Weight) {
		return fmt.Errorf("graph of %d vertices with %d indices and %d weights does not fit together", n, len(g.Index), len(g.Weight))
	}
	sum, other := make([]float64, n), make([]float64, n)
	for i := range n {
		if g.Start[i] > g.Start[i+1] || g.Start[i+1] > len(g.Index) {
			return fmt.Errorf("graph: the edges of vertex %d end before they start", i)
		}
		for e := g.Start[i]; e < g.Start[i+1]; e++ {
			j, w := g.Index[e], g.Weight[e]
			if j < 0 || int(j) >= n {
				return fmt.Errorf("graph: an edge of vertex %d leads to %d, want a number below %d", i, j, n)
			}
			if !(w > 0 && w <= math.MaxFloat32) {
				return fmt.Errorf("graph: the edge from %d to %d has weight %v, want a finite number above 0", i, j, w)
			}
			sum[i] += float64(w)
			other[j] += float64(w)
		}
	}
	for i, s := range sum {
		if math.Abs(s-other[i]) > 1e-6*s {
			return fmt.Errorf("graph: the edges from vertex %d weigh %v, those to it %v: it is not symmetric", i, s, other[i])
		}
	}
	return nil
}
