package linkage

import (
	"context"
	"slices"
)

// chain follows nearest neighbors until two clusters are each other's, merges them and goes on from what is left of the
// way. It needs a method by which a union is no closer to a third cluster than the closer of its parts.
func chain(ctx context.Context, n int, dist []float64, method Method) (Tree, error) {
	s := newState(n, dist, method)
	joins := make([]join, 0, n-1)
	way := make([]int, 0, n)
	first := 0 // no live cluster is lower
	for len(joins) < n-1 {
		if len(way) == 0 {
			for s.size[first] == 0 {
				first++
			}
			way = append(way, first)
		}
		var x, y int
		var d float64
		for {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			// The cluster before stays the nearest unless another is nearer: the distances along the way fall, so it ends.
			x = way[len(way)-1]
			before := -1
			if len(way) > 1 {
				before = way[len(way)-2]
			}
			if y, d = s.nearest(x, s.live, before); y == before {
				break
			}
			way = append(way, y)
		}
		way = way[:len(way)-2]
		x, y = min(x, y), max(x, y)
		s.merge(x, y, d)
		joins = append(joins, join{x, y, d})
		// A union can come out closer than its parts by rounding, and the way lead to a cluster again. It ends before it.
		if i := slices.IndexFunc(way, func(c int) bool { return c == x || c == y }); i >= 0 {
			way = way[:i]
		}
	}
	return label(joins), nil
}
