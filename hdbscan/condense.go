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

// fall is a CondensedEdge in small: clusters are numbered from the number of rows.
type fall struct {
	lambda        float64
	parent, child int32
}

// condensed is a condensed tree.
type condensed struct {
	n      int // rows of data
	falls  []fall
	size   []int32   // rows by cluster, from the root, 0
	weight []float64 // by cluster
	rows   []float64 // weights of the rows; nil: 1 each
	binary bool      // see linkage
}

// lambdaOf is λ of a distance.
func lambdaOf(distance float64) float64 {
	if distance > 0 {
		return 1 / distance
	}
	return math.Inf(1)
}

// condense keeps of a single-linkage tree only the splits into sides that weigh at least minSize each (Campello et al.
// 2013; condense_tree of hdbscan 0.8.44). Rows on a smaller side leave the cluster one by one. Unlike the original it
// never splits a set of rows at one place, and takes all merges of one distance in one step; see level.
func condense(ctx context.Context, l *linkage, minSize float64) (*condensed, error) {
	n := int32(l.n)
	c := &condensed{n: l.n, rows: l.rows, binary: l.binary}
	if n == 0 {
		return c, nil
	}
	root := 2*n - 2
	c.size, c.weight = append(c.size, n), append(c.weight, l.weighs(root))
	if len(l.merges) == 0 {
		return c, nil
	}
	c.falls = make([]fall, 0, int(n)+int(n)/16)
	// The cluster of a node; only a row with a weight may be one.
	first := n
	if l.rows != nil {
		first = 0
	}
	label := make([]int32, root+1-first)
	label[root-first] = n
	nodes := append(make([]int32, 0, n), root)
	v := level{l: l, minSize: minSize}
	var queue []int32
	for i := 0; i < len(nodes); i++ {
		if i&0xffff == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		node := nodes[i]
		cluster := label[node-first]
		if node < n { // a row that weighs enough for a cluster
			c.falls = append(c.falls, fall{lambdaOf(l.core[node]), cluster, node})
			continue
		}
		v.open(node)
		lambda := lambdaOf(l.merges[node-n].dist)
		split := v.large > 1
		if split {
			v.share()
		}
		from := int32(len(c.size)) // of the clusters that this one splits into
		for _, p := range v.parts {
			if !p.large {
				continue
			}
			label[p.node-first] = cluster
			if split {
				label[p.node-first] = n + int32(len(c.size))
				c.falls = append(c.falls, fall{lambda, cluster, label[p.node-first]})
				c.size, c.weight = append(c.size, l.size(p.node)), append(c.weight, l.weighs(p.node))
			}
			nodes = append(nodes, p.node)
		}
		for _, p := range v.parts {
			if p.large {
				continue
			}
			leaves := cluster
			if split && p.owner >= 0 {
				k := from + p.owner
				leaves = n + k
				c.size[k] += l.size(p.node)
				c.weight[k] += l.weighs(p.node)
			}
			queue = c.drop(l, leaves, p.node, lambda, queue)
		}
	}
	return c, nil
}

// drop lets every row below a node leave the cluster at lambda, breadth first.
func (c *condensed) drop(l *linkage, cluster, node int32, lambda float64, queue []int32) []int32 {
	queue = append(queue[:0], node)
	for i := 0; i < len(queue); i++ {
		v := queue[i]
		if int(v) < l.n {
			c.falls = append(c.falls, fall{lambda, cluster, v})
			continue
		}
		queue = append(queue, l.merges[int(v)-l.n].left, l.merges[int(v)-l.n].right)
	}
	return queue
}

// edges are the rows of the tree in full.
func (c *condensed) edges() []CondensedEdge {
	out := make([]CondensedEdge, len(c.falls))
	for i, f := range c.falls {
		out[i] = CondensedEdge{int(f.parent), int(f.child), f.lambda, 1}
		if k := int(f.child) - c.n; k >= 0 {
			out[i].Size = int(c.size[k])
		}
	}
	return out
}
