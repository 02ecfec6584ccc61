package hdbscan

import (
	"context"
	"math"
)

// CondensedEdge is one row of the condensed tree. Over n rows of data, clusters are numbered from n (the root) so that a
// parent's number is below its children's; children below n are rows of the data.
type CondensedEdge struct {
	Parent, Child int
	Lambda        float64 // 1/distance at which the child leaves the parent; +Inf where the distance is 0
	Size          int     // rows in the child
}

// condense keeps of a single-linkage tree only the splits into two sides of at least minSize rows each (Campello et al.
// 2013; condense_tree of hdbscan 0.8.44). Rows on a smaller side leave the cluster one by one. Unlike the original it
// never splits a set of rows with the same coordinates.
func condense(ctx context.Context, merges []merge, minSize int) ([]CondensedEdge, error) {
	if len(merges) == 0 {
		return nil, nil
	}
	n := int32(len(merges) + 1)
	c := condenser{n: n, merges: merges, rows: make([]CondensedEdge, 0, int(n)+int(n)/16)}
	label := make([]int32, len(merges)) // the cluster of a node of the tree
	label[len(merges)-1] = n
	next := n + 1
	nodes := []int32{2*n - 2}
	for i := 0; i < len(nodes); i++ {
		if i&0xffff == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		m := merges[nodes[i]-n]
		cluster := label[nodes[i]-n]
		lambda := math.Inf(1)
		if m.dist > 0 {
			lambda = 1 / m.dist
		}
		left, right := c.size(m.left), c.size(m.right)
		stays := [2]bool{left >= minSize && !m.whole, right >= minSize && !m.whole}
		for side, child := range [2]int32{m.left, m.right} {
			switch {
			case !stays[side]:
				c.drop(cluster, child, lambda)
			case stays[0] && stays[1]:
				c.rows = append(c.rows, CondensedEdge{int(cluster), int(next), lambda, c.size(child)})
				label[child-n] = next
				next++
				nodes = append(nodes, child)
			default:
				label[child-n] = cluster
				nodes = append(nodes, child)
			}
		}
	}
	return c.rows, nil
}

type condenser struct {
	n      int32
	merges []merge
	rows   []CondensedEdge
	queue  []int32
}

func (c *condenser) size(node int32) int {
	if node < c.n {
		return 1
	}
	return int(c.merges[node-c.n].size)
}

// drop lets every row below a node leave the cluster at lambda, breadth first.
func (c *condenser) drop(cluster, node int32, lambda float64) {
	c.queue = append(c.queue[:0], node)
	for i := 0; i < len(c.queue); i++ {
		v := c.queue[i]
		if v < c.n {
			c.rows = append(c.rows, CondensedEdge{int(cluster), int(v), lambda, 1})
			continue
		}
		c.queue = append(c.queue, c.merges[v-c.n].left, c.merges[v-c.n].right)
	}
}
