package hdbscan

import (
	"context"
	"math"
)

// Merge is one step of the single-linkage tree, as in SciPy's linkage matrix: the i-th merge of a tree over n rows joins
// the nodes Left and Right to node n+i. Nodes below n are rows.
type Merge struct {
	Left, Right int
	Distance    float64 // mutual reachability distance
	Size        int     // number of rows below the new node
}

// merge is a Merge in small. whole says that all rows below have the same coordinates.
type merge struct {
	dist        float64
	left, right int32
	size        int32
	whole       bool
}

// singleLinkage turns the edges of a spanning tree, in order, into merges. The left node of a merge holds the edge's
// lower row.
func singleLinkage(ctx context.Context, edges []link) ([]merge, error) {
	n := len(edges) + 1
	merges := make([]merge, len(edges))
	parent := make([]int32, n) // union-find over rows
	node := make([]int32, n)   // the tree's node of a set, by its root row
	size := make([]int32, n)
	for i := range parent {
		parent[i], node[i], size[i] = int32(i), int32(i), 1
	}
	find := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for i, e := range edges {
		if i&0xffff == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		a, b := find(e.a), find(e.b)
		merges[i] = merge{
			dist: math.Sqrt(e.w2), left: node[a], right: node[b], size: size[a] + size[b],
			// Of the edges of one weight those between copies of a row come first, and no edge of a copy is lighter:
			// both sides hold nothing but copies.
			whole: e.d2 == 0,
		}
		if size[a] < size[b] {
			a, b = b, a
		}
		parent[b] = a
		size[a] += size[b]
		node[a] = int32(n + i)
	}
	return merges, nil
}
