package linkage

import "slices"

// join is a merge told by an item of each side.
type join struct {
	a, b int
	dist float64
}

// label makes the tree of joins that come in any order: they are made as their distances rise, those of one distance in
// the order in which they came.
func label(joins []join) Tree {
	slices.SortStableFunc(joins, func(p, q join) int {
		switch {
		case p.dist < q.dist:
			return -1
		case p.dist > q.dist:
			return 1
		}
		return 0
	})
	n := len(joins) + 1
	up := make([]int, n+len(joins)) // a node above, the node itself at the top
	for i := range up {
		up[i] = i
	}
	top := func(v int) int {
		for up[v] != v {
			up[v] = up[up[v]]
			v = up[v]
		}
		return v
	}
	t := make(Tree, len(joins))
	for i, j := range joins {
		a, b := top(j.a), top(j.b)
		t[i] = Merge{Left: min(a, b), Right: max(a, b), Distance: j.dist, Size: t.size(a) + t.size(b)}
		up[a], up[b] = n+i, n+i
	}
	return t
}
