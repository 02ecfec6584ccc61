package hdbscan

import (
	"context"
	"fmt"
)

// Merge is one step of the single-linkage tree, as in SciPy's linkage matrix: the i-th merge of a tree over n rows joins
// the nodes Left and Right to node n+i. Nodes below n are rows.
type Merge struct {
	Left, Right int
	Distance    float64 // mutual reachability distance
	Size        int     // number of rows below the new node
}

// merge is a Merge in small. step counts the different edges up to this one: merges of one step have the same weight
// and the same distance of rows, so that nothing but the order of the rows puts one before the other. whole says that all
// rows below are at the same place.
type merge struct {
	dist        float64
	left, right int32
	size        int32
	step        int32
	whole       bool
}

// linkage is a single-linkage tree over rows that may have weights. A row of weight w stands for w rows at its place.
type linkage struct {
	n      int // rows
	merges []merge
	rows   []float64 // weights of the rows; nil: 1 each
	weight []float64 // by merge; nil: its size
	core   []float64 // with weights: the distance at which the rows that a row stands for part
	binary bool      // condense takes merges of one distance one after the other, as the Python package does
}

// singleLinkage turns the edges of a spanning tree, in order, into merges. The left node of a merge holds the edge's
// lower row. distance is that of a squared weight. It fails if edges, which may come from a file, make a circle.
func singleLinkage(ctx context.Context, n int, edges []link, weights []float64, distance func(w2 float64) float64) (*linkage, error) {
	l := &linkage{n: n, merges: make([]merge, len(edges)), rows: weights}
	if weights != nil {
		l.weight = make([]float64, len(edges))
	}
	parent := make([]int32, n) // union-find over rows: the parent, or less the number of rows below a root
	node := make([]int32, n)   // the tree's node of a set, by its root row
	for i := range parent {
		parent[i], node[i] = -1, int32(i)
	}
	find := func(i int32) int32 {
		for parent[i] >= 0 {
			if up := parent[parent[i]]; up >= 0 {
				parent[i] = up
			}
			i = parent[i]
		}
		return i
	}
	for i, e := range edges {
		if i&0xffff == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		a, b := find(e.a), find(e.b)
		if a == b {
			return nil, fmt.Errorf("edge %d of the spanning tree makes a circle", i)
		}
		l.merges[i] = merge{
			dist: distance(e.w2), left: node[a], right: node[b], size: -parent[a] - parent[b],
			// Of the edges of one weight those between rows at one place come first, and no edge of such a row is lighter:
			// both sides hold nothing but such rows.
			whole: e.d2 == 0,
		}
		if i > 0 {
			l.merges[i].step = l.merges[i-1].step
			if last := edges[i-1]; last.w2 != e.w2 || last.d2 != e.d2 {
				l.merges[i].step++
			}
		}
		if weights != nil {
			l.weight[i] = l.weighs(node[a]) + l.weighs(node[b])
		}
		if parent[a] > parent[b] {
			a, b = b, a
		}
		parent[a] += parent[b]
		parent[b] = a
		node[a] = int32(n + i)
	}
	return l, nil
}

// size is the number of rows below a node, which is a row or n and the number of a merge.
func (l *linkage) size(node int32) int32 {
	if int(node) < l.n {
		return 1
	}
	return l.merges[int(node)-l.n].size
}

// weighs is the weight of the rows below a node.
func (l *linkage) weighs(node int32) float64 {
	switch {
	case l.rows == nil:
		return float64(l.size(node))
	case int(node) < l.n:
		return l.rows[node]
	}
	return l.weight[int(node)-l.n]
}
