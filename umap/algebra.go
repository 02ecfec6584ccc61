package umap

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

// Union is the graph in which an edge is where g or h has one: of the strengths a and b it makes a + b − ab, an edge that
// is missing counting as half the weakest of its graph. Rescaled, it is the sum of two models in umap-learn 0.5.12
// (general_simplicial_set_union).
func (g Graph) Union(h Graph) (Graph, error) {
	return g.combine(h, false, func(a, b float64) float64 { return a + b - float64(a*b) })
}

// Intersection is the graph in which an edge is strong where it is in both g and h. weight, from 0 to 1, is how much h
// counts: of the strengths a and b it makes a·b^(w/(1−w)) up to ½ and a^((1−w)/w)·b beyond. An edge that is missing
// counts as half the weakest of its graph, but at most 10⁻⁴ in h. Rescaled, with weight ½, it is the product of two models
// in umap-learn 0.5.12 (general_simplicial_set_intersection).
func (g Graph) Intersection(h Graph, weight float64) (Graph, error) {
	mix, err := mixture(weight)
	if err != nil {
		return Graph{}, err
	}
	return g.combine(h, false, mix)
}

// Difference is the graph g with its edges weakened that are strong in h: the intersection of g with the complement of h,
// on the edges of g. Rescaled, with weight ½, it is the difference of two models in umap-learn 0.5.12.
func (g Graph) Difference(h Graph, weight float64) (Graph, error) {
	mix, err := mixture(weight)
	if err != nil {
		return Graph{}, err
	}
	return g.combine(h, true, mix)
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

// combine makes the graph of f of the strengths in g and h, on the edges of g alone where h is complemented.
func (g Graph) combine(h Graph, complement bool, f func(a, b float64) float64) (Graph, error) {
	if err := g.check(); err != nil {
		return Graph{}, err
	}
	if err := h.check(); err != nil {
		return Graph{}, err
	}
	n := g.Vertices()
	if h.Vertices() != n {
		return Graph{}, fmt.Errorf("umap: graphs of %d and %d vertices cannot be combined", n, h.Vertices())
	}
	right := func(w float32) float64 {
		if complement {
			return 1 - float64(w)
		}
		return float64(w)
	}
	leftMissing, rightMissing := math.Inf(1), math.Inf(1)
	for _, w := range g.Weight {
		leftMissing = min(leftMissing, float64(w))
	}
	for _, w := range h.Weight {
		rightMissing = min(rightMissing, right(w))
	}
	leftMissing = max(leftMissing/2, 1e-8)
	rightMissing = min(max(rightMissing/2, 1e-8), 1e-4)

	out := Graph{Start: make([]int, n+1)}
	for i := range n {
		gi, gw := g.row(i)
		hi, hw := h.row(i)
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
				out.Index = append(out.Index, j)
				out.Weight = append(out.Weight, w)
			}
		}
		out.Start[i+1] = len(out.Index)
	}
	return out, nil
}

// Rescale gives every vertex an edge of strength 1 again: it divides the strengths of a vertex by the largest and joins
// both directions as a + b − ab. With spread, the strengths of a vertex are then raised to a power before they are
// joined, such that their sum is the binary logarithm of 15. It is reset_local_connectivity of umap-learn 0.5.12, where
// combined models use it with spread and supervised ones without.
func (g Graph) Rescale(spread bool) (Graph, error) {
	if err := g.check(); err != nil {
		return Graph{}, err
	}
	out := Graph{Start: g.Start, Index: g.Index, Weight: make([]float32, len(g.Weight))}
	for i := range g.Vertices() {
		lo, hi := g.Start[i], g.Start[i+1]
		row := out.Weight[lo:hi]
		var most float32
		for _, w := range g.Weight[lo:hi] {
			most = max(most, w)
		}
		for k, w := range g.Weight[lo:hi] {
			row[k] = w / most
		}
		if spread {
			spreadRow(row)
		}
	}
	return out.join(1), nil
}

// spreadRow raises the strengths of a vertex, of which the largest is 1, to the power that makes their sum log₂ 15.
func spreadRow(row []float32) {
	const k, steps = 15, 32
	target := bitmath.Log(k) / math.Ln2
	lo, hi, mid := 0.0, math.Inf(1), 1.0
	for range steps {
		sum := 0.0
		for _, w := range row {
			sum += bitmath.Pow(float64(w), mid)
		}
		if math.Abs(sum-target) < smoothTolerance {
			break
		}
		if sum < target {
			hi = mid
			mid = (lo + hi) / 2
		} else {
			lo = mid
			if math.IsInf(hi, 1) {
				mid *= 2
			} else {
				mid = (lo + hi) / 2
			}
		}
	}
	for k, w := range row {
		row[k] = float32(bitmath.Pow(float64(w), mid))
	}
}
