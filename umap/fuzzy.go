package umap

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Graph is a sparse, weighted graph: a fuzzy simplicial set of dimension 1. The edges of vertex i are the entries
// Start[i] to Start[i+1] of Index, in rising order, and of Weight, each above 0 and at most 1. The graphs that
// FuzzySimplicialSet makes are symmetric and have no edge from a vertex to itself.
type Graph struct {
	Start  []int
	Index  []int32
	Weight []float32
}

// Vertices is the number of vertices.
func (g Graph) Vertices() int { return max(len(g.Start)-1, 0) }

func (g Graph) clone() Graph {
	return Graph{Start: slices.Clone(g.Start), Index: slices.Clone(g.Index), Weight: slices.Clone(g.Weight)}
}

func (g Graph) row(i int) ([]int32, []float32) {
	lo, hi := g.Start[i], g.Start[i+1]
	return g.Index[lo:hi], g.Weight[lo:hi]
}

func (g Graph) maxWeight() float32 {
	var m float32
	for _, w := range g.Weight {
		m = max(m, w)
	}
	return m
}

// check reports a graph whose parts do not fit together, so that the stages below may index without care.
func (g Graph) check() error {
	n := g.Vertices()
	if len(g.Start) == 0 || g.Start[0] != 0 || g.Start[n] != len(g.Index) || len(g.Index) != len(g.Weight) {
		return fmt.Errorf("umap: graph of %d vertices with %d indices and %d weights does not fit together", n, len(g.Index), len(g.Weight))
	}
	for i := range n {
		if g.Start[i] > g.Start[i+1] || g.Start[i+1] > len(g.Index) {
			return fmt.Errorf("umap: graph: the edges of vertex %d end before they start", i)
		}
		last := int32(-1)
		index, weight := g.row(i)
		for e, j := range index {
			if j <= last || int(j) >= n {
				return fmt.Errorf("umap: graph: edge %d of vertex %d leads to %d, want rising numbers below %d", e, i, j, n)
			}
			if w := weight[e]; !(w > 0 && w <= math.MaxFloat32) {
				return fmt.Errorf("umap: graph: edge from %d to %d has weight %v, want a finite number above 0", i, j, w)
			}
			last = j
		}
	}
	return nil
}

const (
	smoothTolerance = 1e-5 // umap-learn's SMOOTH_K_TOLERANCE
	minScale        = 1e-3 // umap-learn's MIN_K_DIST_SCALE
	smoothSteps     = 64
)

// SmoothKNN finds for every row the distance rho up to which a neighbour is a full one (the distance of the nearest
// neighbour that is not at distance 0, or of the localConnectivity-th, interpolated) and the scale sigma for which
// Σ exp(−max(d−rho, 0)/sigma) over all neighbours but the first is log2 of nb.K, to within 1e-5. Sigma is at least 1e-3
// of the mean distance of the row, or of all rows where rho is 0. It is smooth_knn_dist of umap-learn 0.5.12.
func SmoothKNN(ctx context.Context, nb Neighbours, localConnectivity float64, workers int) (rho, sigma []float32, err error) {
	if err := nb.check(); err != nil {
		return nil, nil, err
	}
	if !(localConnectivity >= 0) || math.IsInf(localConnectivity, 1) {
		return nil, nil, fmt.Errorf("umap: local connectivity is %v, want a finite number, at least 0", localConnectivity)
	}
	n := nb.Rows()
	rho, sigma = make([]float32, n), make([]float32, n)
	all := meanFinite(nb.Distance)
	err = parallel.Loop{Workers: workers}.Run(ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			rho[i], sigma[i] = smoothRow(nb.Distance[i*nb.K:(i+1)*nb.K], localConnectivity, all)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return rho, sigma, nil
}

// smoothRow is SmoothKNN for one row; all is the mean distance to be used where rho is 0.
func smoothRow(d []float32, localConnectivity float64, all float64) (rho, sigma float32) {
	first := 0 // of the neighbours at a distance above 0; the distances rise
	for first < len(d) && d[first] <= 0 {
		first++
	}
	end := len(d) // of the neighbours that count
	for end > first && math.IsInf(float64(d[end-1]), 1) {
		end--
	}
	if above := d[first:end]; float64(len(above)) >= localConnectivity && len(above) > 0 {
		whole := int(localConnectivity)
		part := localConnectivity - float64(whole)
		switch {
		case whole == 0:
			rho = float32(part * float64(above[0]))
		case part > smoothTolerance && whole < len(above):
			rho = above[whole-1] + float32(part*float64(above[whole]-above[whole-1]))
		default:
			rho = above[whole-1]
		}
	} else if len(above) > 0 {
		rho = above[len(above)-1]
	}

	// The bisection takes umap-learn's steps, so that it stops at the same sigma.
	target := bitmath.Log(float64(len(d))) / math.Ln2
	lo, hi, mid := 0.0, math.Inf(1), 1.0
	for range smoothSteps {
		sum := 0.0
		for _, v := range d[1:] {
			if t := v - rho; t > 0 {
				sum += bitmath.Exp(-float64(t) / mid)
			} else {
				sum++
			}
		}
		if math.Abs(sum-target) < smoothTolerance {
			break
		}
		switch {
		case sum > target:
			hi = mid
			mid = (lo + hi) / 2
		case math.IsInf(hi, 1):
			lo = mid
			mid *= 2
		default:
			lo = mid
			mid = (lo + hi) / 2
		}
	}
	least := all
	if rho > 0 {
		least = meanFinite(d)
	}
	return rho, float32(max(mid, minScale*least))
}

// meanFinite is the mean of the distances that count.
func meanFinite(d []float32) float64 {
	sum, n := 0.0, 0
	for _, v := range d {
		if !math.IsInf(float64(v), 1) {
			sum += float64(v)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// membership is the strength of the edge to a neighbour at distance d.
func membership(d, rho, sigma float32) float32 {
	if d-rho <= 0 || sigma == 0 {
		return 1
	}
	return float32(bitmath.Exp(-float64(d-rho) / float64(sigma)))
}

// FuzzySimplicialSet joins the neighbourhoods of all rows into one symmetric graph. The strength of the edge from a row to
// its neighbour is exp(−max(d−rho, 0)/sigma); of the strengths a and b in both directions it makes
// mixRatio·(a + b − ab) + (1 − mixRatio)·ab. mixRatio is from 0 (intersection) to 1 (union). It is fuzzy_simplicial_set
// of umap-learn 0.5.12.
func FuzzySimplicialSet(ctx context.Context, nb Neighbours, rho, sigma []float32, mixRatio float64) (Graph, error) {
	if err := nb.check(); err != nil {
		return Graph{}, err
	}
	n := nb.Rows()
	if len(rho) != n || len(sigma) != n {
		return Graph{}, fmt.Errorf("umap: %d rho and %d sigma for %d rows", len(rho), len(sigma), n)
	}
	if !(mixRatio >= 0 && mixRatio <= 1) {
		return Graph{}, fmt.Errorf("umap: mix ratio is %v, want 0 to 1", mixRatio)
	}
	out := directed(nb, rho, sigma)
	if err := context.Cause(ctx); err != nil {
		return Graph{}, err
	}
	out = out.transpose().transpose()   // sorts every row by index
	if err := out.check(); err != nil { // a neighbour that comes twice in a row
		return Graph{}, err
	}
	if err := context.Cause(ctx); err != nil {
		return Graph{}, err
	}

	return out.join(mixRatio), nil
}

// join makes the symmetric graph of a directed one whose rows rise: of the strengths a and b in both directions
// mixRatio·(a + b − ab) + (1 − mixRatio)·ab.
func (g Graph) join(mixRatio float64) Graph {
	n := g.Vertices()
	in := g.transpose()
	mix := float32(mixRatio)
	rest := float32(1 - mixRatio)
	out := Graph{Start: make([]int, n+1)}
	out.Index = make([]int32, 0, 2*len(g.Index))
	out.Weight = make([]float32, 0, 2*len(g.Index))
	for i := range n {
		ai, aw := g.row(i)
		bi, bw := in.row(i)
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
				out.Index = append(out.Index, j)
				out.Weight = append(out.Weight, w)
			}
		}
		out.Start[i+1] = len(out.Index)
	}
	return out
}

// directed is the graph of the rows' own neighbourhoods, edges in the order of the neighbours.
func directed(nb Neighbours, rho, sigma []float32) Graph {
	n := nb.Rows()
	g := Graph{Start: make([]int, n+1)}
	g.Index = make([]int32, 0, len(nb.Index))
	g.Weight = make([]float32, 0, len(nb.Index))
	for i := range n {
		for at := i * nb.K; at < (i+1)*nb.K; at++ {
			j := nb.Index[at]
			if j < 0 || int(j) == i {
				continue
			}
			if w := membership(nb.Distance[at], rho[i], sigma[i]); w > 0 {
				g.Index = append(g.Index, j)
				g.Weight = append(g.Weight, w)
			}
		}
		g.Start[i+1] = len(g.Index)
	}
	return g
}

// transpose turns every edge round. The rows of the result are in rising order of index.
func (g Graph) transpose() Graph {
	n := g.Vertices()
	t := Graph{Start: make([]int, n+1), Index: make([]int32, len(g.Index)), Weight: make([]float32, len(g.Index))}
	for _, j := range g.Index {
		t.Start[j+1]++
	}
	for i := range n {
		t.Start[i+1] += t.Start[i]
	}
	at := make([]int, n)
	copy(at, t.Start)
	for i := range n {
		index, weight := g.row(i)
		for e, j := range index {
			t.Index[at[j]] = int32(i)
			t.Weight[at[j]] = weight[e]
			at[j]++
		}
	}
	return t
}

// prune takes out the edges below least.
func (g Graph) prune(least float32) Graph {
	n := g.Vertices()
	p := Graph{Start: make([]int, n+1)}
	p.Index = make([]int32, 0, len(g.Index))
	p.Weight = make([]float32, 0, len(g.Index))
	for i := range n {
		index, weight := g.row(i)
		for e, w := range weight {
			if w >= least {
				p.Index = append(p.Index, index[e])
				p.Weight = append(p.Weight, w)
			}
		}
		p.Start[i+1] = len(p.Index)
	}
	return p
}

// components numbers the connected components of a symmetric graph in the order of their first vertices.
func (g Graph) components() (label []int32, count int) {
	label = make([]int32, g.Vertices())
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
			index, _ := g.row(int(v))
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
