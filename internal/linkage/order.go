package linkage

import (
	"context"
	"math"
)

// Order turns merges over, Left for Right, so that the way along the leaves from left to right is the shortest of the
// 2^(n−1) that the tree allows (Bar-Joseph, Gifford and Jaakkola, "Fast optimal leaf ordering for hierarchical
// clustering", doi:10.1093/bioinformatics/17.suppl_1.S22). dist is the condensed distances of the items, as for Link. Of
// two ways that are each other's reverse the one is taken that has the root's left node on the left; where all ways are
// equally long the tree stays as it is. It takes O(n³) time, for a chain O(n²), and 2n² float64 of memory. SciPy's
// optimal_leaf_ordering does not always find the shortest way.
//
// The error says that t is no tree, or what is wrong with dist as in Link; or it is the cause of ctx's end.
func (t Tree) Order(ctx context.Context, dist []float64) (Tree, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	n := len(t) + 1
	if err := valid(ctx, n, dist); err != nil {
		return nil, err
	}
	if n == 1 {
		return Tree{}, nil
	}
	o := newOrder(t, dist)
	for v := n; v < n+len(t); v++ {
		if err := o.shortest(ctx, v); err != nil {
			return nil, err
		}
	}
	return o.turned(ctx, t)
}

// order is about leaves by their places in the tree as it was: what is below a node is a range of them.
type order struct {
	n           int
	left, right []int     // children, by node, for those that are no items
	lo, mid, hi []int     // by node: its left half is places lo to mid, its right half mid to hi
	d           []float64 // square matrix of distances
	// way[u*n+w] is the shortest way from u to w through all leaves below the lowest node above both. It fits ends that are
	// in different halves of a node.
	way     []float64
	through []float64 // scratch of shortest
}

func newOrder(t Tree, dist []float64) *order {
	n := len(t) + 1
	nodes := n + len(t)
	o := &order{
		n: n, left: make([]int, nodes), right: make([]int, nodes), lo: t.starts(), mid: make([]int, nodes), hi: make([]int, nodes),
		d: make([]float64, n*n), way: make([]float64, n*n), through: make([]float64, n),
	}
	for v, lo := range o.lo {
		o.hi[v] = lo + t.size(v)
		if v >= n {
			o.left[v], o.right[v] = t[v-n].Left, t[v-n].Right
			o.mid[v] = lo + t.size(o.left[v])
		}
	}
	for i := range n {
		p := o.lo[i]
		for j, v := range dist[:n-1-i] {
			q := o.lo[i+1+j]
			o.d[p*n+q], o.d[q*n+p] = v, v
		}
		dist = dist[n-1-i:]
	}
	return o
}

// ends is the range of the leaves at which a way through all leaves below v ends that begins at u.
func (o *order) ends(v, u int) (lo, hi int) {
	switch {
	case v < o.n:
		return u, u + 1
	case u < o.mid[v]:
		return o.mid[v], o.hi[v]
	}
	return o.lo[v], o.mid[v]
}

// shortest finds the ways through the leaves below v from those of its left half to those of its right half: within the
// left half from u to m, on to k in the right half, and within that to w. First the best m is found for each k, then the
// best k for each w.
func (o *order) shortest(ctx context.Context, v int) error {
	n, lo, mid, hi := o.n, o.lo[v], o.mid[v], o.hi[v]
	through := o.through[:hi-mid]
	for u := lo; u < mid; u++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for k := range through {
			through[k] = math.Inf(1)
		}
		m0, m1 := o.ends(o.left[v], u)
		for m := m0; m < m1; m++ {
			lessen(through, o.way[u*n+m], o.d[m*n+mid:m*n+hi])
		}
		way := o.way[u*n+mid : u*n+hi]
		for w := range way {
			way[w] = math.Inf(1)
		}
		for k := mid; k < hi; k++ {
			w0, w1 := o.ends(o.right[v], k)
			lessen(way[w0-mid:w1-mid], through[k-mid], o.way[k*n+w0:k*n+w1])
		}
		for w, s := range way {
			o.way[(mid+w)*n+u] = s
		}
	}
	return nil
}

// lessen makes each value of to at most a plus that of b.
func lessen(to []float64, a float64, b []float64) {
	b = b[:len(to)]
	for i, v := range b {
		if s := a + v; s < to[i] {
			to[i] = s
		}
	}
}

// turned follows the shortest way of all from the root down, and turns over the merges that it meets from the right.
func (o *order) turned(ctx context.Context, t Tree) (Tree, error) {
	n := o.n
	first, last := make([]int, n+len(t)), make([]int, n+len(t)) // by node: the leaves at which its part of the way begins and ends
	root := n + len(t) - 1
	least := math.Inf(1)
	for u := 0; u < o.mid[root]; u++ {
		for w := n - 1; w >= o.mid[root]; w-- {
			if s := o.way[u*n+w]; s < least {
				least, first[root], last[root] = s, u, w
			}
		}
	}
	out := append(Tree(nil), t...)
	for v := root; v >= n; v-- {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		l, r := o.left[v], o.right[v]
		u, w := min(first[v], last[v]), max(first[v], last[v])
		m, k := o.step(v, u, w)
		if first[v] < last[v] {
			first[l], last[l], first[r], last[r] = u, m, k, w
		} else {
			first[r], last[r], first[l], last[l] = w, k, m, u
			out[v-n].Left, out[v-n].Right = r, l
		}
	}
	return out, nil
}

// step is the leaves at which the shortest way from u to w goes from the left half of v to the right one: of several the
// last of the left and the first of the right.
func (o *order) step(v, u, w int) (m, k int) {
	n := o.n
	m0, m1 := o.ends(o.left[v], u)
	k0, k1 := o.ends(o.right[v], w)
	for m := m1 - 1; m >= m0; m-- {
		for k := k0; k < k1; k++ {
			if o.way[u*n+m]+o.d[m*n+k]+o.way[k*n+w] == o.way[u*n+w] { // the same sum as in shortest, in the same order
				return m, k
			}
		}
	}
	panic("linkage: no way is as short as the shortest") // finite sums are found again
}
