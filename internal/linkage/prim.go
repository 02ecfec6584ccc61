package linkage

import (
	"context"
	"math"
)

// prim grows a minimum spanning tree from item 0 by the item that is nearest to it, the lowest of several. An edge is
// noted as one from the item that was added before: once edges are sorted by length, it joins the same two sets.
func prim(ctx context.Context, n int, dist []float64) (Tree, error) {
	joins := make([]join, 0, n-1)
	near := make([]float64, n) // distance of an item to the tree
	for i := range near {
		near[i] = math.Inf(1)
	}
	in := make([]bool, n)
	for x := 0; len(joins) < n-1; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		in[x] = true
		y, least := -1, math.Inf(1)
		visit := func(i int, d float64) {
			if in[i] {
				return
			}
			if d < near[i] {
				near[i] = d
			}
			if near[i] < least {
				y, least = i, near[i]
			}
		}
		at := x - 1 // of the pair i–x
		for i := range x {
			visit(i, dist[at])
			at += n - 2 - i
		}
		at += 1 // of the pair x–(x+1)
		for i := x + 1; i < n; i++ {
			visit(i, dist[at+i-x-1])
		}
		joins = append(joins, join{x, y, least})
		x = y
	}
	return label(joins), nil
}
