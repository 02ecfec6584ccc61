package umap

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/sparse"
)

// Union returns the graph in which an edge is where g or h has one: of the strengths a and b it makes a + b − ab, an edge that
// is missing counting as half the weakest of its graph. Rescaled, it is the sum of two models in umap-learn 0.5.12
// (general_simplicial_set_union).
func Union(g, h sparse.CSR[float32]) (sparse.CSR[float32], error) {
	return combine(g, h, false, func(a, b float64) float64 { return a + b - float64(a*b) })
}

// Intersection returns the graph in which an edge is strong where it is in both g and h. weight, from 0 to 1, is how much h
// counts: of the strengths a and b it makes a·b^(w/(1−w)) up to ½ and a^((1−w)/w)·b beyond. An edge that is missing
// counts as half the weakest of its graph, but at most 10⁻⁴ in h. Rescaled, with weight ½, it is the product of two models
// in umap-learn 0.5.12 (general_simplicial_set_intersection).
func Intersection(g, h sparse.CSR[float32], weight float64) (sparse.CSR[float32], error) {
	mix, err := mixture(weight)
	if err != nil {
		return sparse.CSR[float32]{}, err
	}
	return combine(g, h, false, mix)
}

// Difference returns the graph g with its edges weakened that are strong in h: the intersection of g with the complement of h,
// on the edges of g. Rescaled, with weight ½, it is the difference of two models in umap-learn 0.5.12.
func Difference(g, h sparse.CSR[float32], weight float64) (sparse.CSR[float32], error) {
	mix, err := mixture(weight)
	if err != nil {
		return sparse.CSR[float32]{}, err
	}
	return combine(g, h, true, mix)
}

func mixture(weight float64) (func(a, b float64) float64, error) {
	if !(weight >= 0 && weight <= 1) {
		return nil, fmt.Errorf("umap: weight of the second graph is %v, want 0 to 1", weight)
	}
	if weight < 0.5 {
		return func(a, b float64) float64 { return float64(a * bitmath.Pow(b, weight/(1-weight))) }, nil
	}
	return func(a, b float64) float64 { return float64(bitmath.Pow(a, (1-weight)/weight) * b) }, nil
}

// combine returns the graph of f of the strengths in g and h, on the edges of g alone where h is complemented.
func combine(g, h sparse.CSR[float32], complement bool, f func(a, b float64) float64) (sparse.CSR[float32], error) {
	if err := cmp.Or(fuzzy.Check(g), fuzzy.Check(h)); err != nil {
		return sparse.CSR[float32]{}, fmt.Errorf("umap: %w", err)
	}
	n := g.Rows()
	if h.Rows() != n {
		return sparse.CSR[float32]{}, fmt.Errorf("umap: graphs of %d and %d vertices cannot be combined", n, h.Rows())
	}
	right := func(w float32) float64 {
		if complement {
			return 1 - float64(w)
		}
		return float64(w)
	}
	leftMissing, rightMissing := math.Inf(1), math.Inf(1)
	for _, w := range g.Value {
		leftMissing = min(leftMissing, float64(w))
	}
	for _, w := range h.Value {
		rightMissing = min(rightMissing, right(w))
	}
	leftMissing = max(leftMissing/2, 1e-8)
	rightMissing = min(max(rightMissing/2, 1e-8), 1e-4)

	out := sparse.CSR[float32]{Cols: n, RowPtr: make([]int, n+1)}
	for i := range n {
		gi, gw := g.Row(i)
		hi, hw := h.Row(i)
		for len(gi) > 0 || len(hi) > 0 {
			a, b := leftMissing, rightMissing
			var j int32
			inG := len(gi) > 0 && (len(hi) == 0 || gi[0] <= hi[0])
			inH := len(hi) > 0 && (len(gi) == 0 || hi[0] <= gi[0])
			if inG {
				j, a = gi[0], float64(gw[0])
				gi, gw = gi[1:], gw[1:]
			}
			if inH {
				j, b = hi[0], right(hw[0])
				hi, hw = hi[1:], hw[1:]
			}
			if complement && !inG {
				continue
			}
			if w := float32(f(a, b)); w > 0 {
				out.Col = append(out.Col, j)
				out.Value = append(out.Value, w)
			}
		}
		out.RowPtr[i+1] = len(out.Col)
	}
	return out, nil
}
