package linkage

import (
	"context"
	"math"
	"slices"
)

// prim grows a minimum spanning tree from item 0 by the item that is nearest to it, the lowest of several. An edge is
// noted as one from the item that was added before: once edges are sorted by length, it joins the same two sets.
func prim(ctx context.Context, n int, dist []float64) (Tree, error) {
	joins := make([]join, 0, n-1)
	rest, near := make([]int, n), make([]float64, n) // the items outside the tree, rising, and by item how far each is from it
	base := make([]int, n)                           // base[i]+j is the place of the pair i–j, i < j
	for i := range n {
		rest[i], near[i] = i, math.Inf(1)
		base[i] = i*n - i*(i+1)/2 - i - 1
	}
	for x := 0; len(joins) < n-1; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		at, _ := slices.BinarySearch(rest, x)
		rest = slices.Delete(rest, at, at+1)
		y, least := -1, math.Inf(1)
		for k, i := range rest {
			pair := base[x] + i
			if k < at {
				pair = base[i] + x
			}
			if d := dist[pair]; d < near[i] {
				near[i] = d
			}
			if near[i] < least {
				y, least = i, near[i]
			}
		}
		joins = append(joins, join{x, y, least})
		x = y
	}
	return label(joins), nil
}
