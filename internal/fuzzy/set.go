package fuzzy

import (
	"context"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/sparse"
)

type graph = sparse.CSR[float32]

// Set joins the neighborhoods of all rows into one symmetric graph. The strength of the edge from a
// row to its neighbor at distance d is exp(−max(d−rho, 0)/sigma); of the strengths a and b in both
// directions it makes mixRatio·(a + b − ab) + (1 − mixRatio)·ab. mixRatio is from 0 (intersection)
// to 1 (union). It is fuzzy_simplicial_set of umap-learn 0.5.12.
func Set(ctx context.Context, nb knn.Neighbors, rho, sigma []float32, mixRatio float64) (sparse.CSR[float32], error) {
	if err := CheckNeighbors(nb); err != nil {
		return graph{}, err
	}
	n := Rows(nb)
	if len(rho) != n || len(sigma) != n {
		return graph{}, fmt.Errorf("%d rho and %d sigma for %d rows", len(rho), len(sigma), n)
	}
	if !(mixRatio >= 0 && mixRatio <= 1) {
		return graph{}, fmt.Errorf("mix ratio is %v, want 0 to 1", mixRatio)
	}
	out := Directed(nb, rho, sigma)
	if err := context.Cause(ctx); err != nil {
		return graph{}, err
	}
	if err := Check(out); err != nil { // a neighbor that comes twice in a row
		return graph{}, err
	}
	if err := context.Cause(ctx); err != nil {
		return graph{}, err
	}
	return join(out, mixRatio), nil
}

// Directed returns the graph of the edges from each row to its own neighbors, in rising order.
func Directed(nb knn.Neighbors, rho, sigma []float32) sparse.CSR[float32] {
	n := Rows(nb)
	g := graph{Cols: n, RowPtr: make([]int, n+1)}
	g.Col = make([]int32, 0, len(nb.Index))
	g.Value = make([]float32, 0, len(nb.Index))
	for i := range n {
		for at := i * nb.K; at < (i+1)*nb.K; at++ {
			j := nb.Index[at]
			if j < 0 || int(j) == i {
				continue
			}
			if w := Membership(nb.Distance[at], rho[i], sigma[i]); w > 0 {
				g.Col = append(g.Col, j)
				g.Value = append(g.Value, w)
			}
		}
		g.RowPtr[i+1] = len(g.Col)
	}
	return g.Transpose().Transpose() // sorts every row
}

// join returns the symmetric graph of a directed one whose rows rise: of the strengths a and b in
// both directions it makes mixRatio·(a + b − ab) + (1 − mixRatio)·ab.
func join(g graph, mixRatio float64) graph {
	n := g.Rows()
	in := g.Transpose()
	mix := float32(mixRatio)
	rest := float32(1 - mixRatio)
	out := graph{Cols: n, RowPtr: make([]int, n+1)}
	out.Col = make([]int32, 0, 2*len(g.Col))
	out.Value = make([]float32, 0, 2*len(g.Col))
	for i := range n {
		ai, aw := g.Row(i)
		bi, bw := in.Row(i)
		for len(ai) > 0 || len(bi) > 0 {
			var j int32
			var a, b float32
			switch {
			case len(bi) == 0 || len(ai) > 0 && ai[0] < bi[0]:
				j, a = ai[0], aw[0]
				ai, aw = ai[1:], aw[1:]
			case len(ai) == 0 || bi[0] < ai[0]:
				j, b = bi[0], bw[0]
				bi, bw = bi[1:], bw[1:]
			default:
				j, a, b = ai[0], aw[0], bw[0]
				ai, aw, bi, bw = ai[1:], aw[1:], bi[1:], bw[1:]
			}
			// a + b comes first, so that the weight is the same from both ends.
			both := float32(a * b)
			w := float32(mix*((a+b)-both)) + float32(rest*both)
			if w > 0 {
				out.Col = append(out.Col, j)
				out.Value = append(out.Value, w)
			}
		}
		out.RowPtr[i+1] = len(out.Col)
	}
	return out
}

// Check reports a graph whose parts do not fit together, so that later steps can index it without
// care: columns other than vertices, rows that do not rise, weights that are not finite and above 0.
func Check(g sparse.CSR[float32]) error {
	n := g.Rows()
	if len(g.RowPtr) == 0 || g.Cols != n || g.RowPtr[0] != 0 || g.RowPtr[n] != len(g.Col) || len(g.Col) != len(g.Value) {
		return fmt.Errorf("graph of %d vertices with %d columns, %d edges and %d weights does not fit together", n, g.Cols, len(g.Col), len(g.Value))
	}
	for i := range n {
		if g.RowPtr[i] > g.RowPtr[i+1] || g.RowPtr[i+1] > len(g.Col) {
			return fmt.Errorf("graph: the edges of vertex %d end before they start", i)
		}
		last := int32(-1)
		index, weight := g.Row(i)
		for e, j := range index {
			if j <= last || int(j) >= n {
				return fmt.Errorf("graph: edge %d of vertex %d leads to %d, want rising numbers below %d", e, i, j, n)
			}
			if w := weight[e]; !(w > 0 && w <= math.MaxFloat32) {
				return fmt.Errorf("graph: edge from %d to %d has weight %v, want a finite number above 0", i, j, w)
			}
			last = j
		}
	}
	return nil
}
