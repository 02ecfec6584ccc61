package hdbscan

import (
	"container/heap"
	"context"
	"math"
)

// conflicts is a forest of components over rows, some of which must not be in one component.
type conflicts struct {
	parent, size []int32
	with         [][]int32            // by component: rows that must not come in
	groups       []map[int32]struct{} // by component: the groups of Data.Apart in it
}

func newConflicts(d Data, n int) *conflicts {
	c := &conflicts{
		parent: make([]int32, n), size: make([]int32, n), with: make([][]int32, n), groups: make([]map[int32]struct{}, n),
	}
	for i := range c.parent {
		c.parent[i], c.size[i] = int32(i), 1
	}
	for _, p := range d.CannotLink {
		c.with[p[0]] = append(c.with[p[0]], int32(p[1]))
		c.with[p[1]] = append(c.with[p[1]], int32(p[0]))
	}
	for i, g := range d.Apart {
		if g >= 0 {
			c.groups[i] = map[int32]struct{}{int32(g): {}}
		}
	}
	return c
}

func (c *conflicts) find(i int32) int32 {
	for c.parent[i] != i {
		c.parent[i] = c.parent[c.parent[i]]
		i = c.parent[i]
	}
	return i
}

// between says that two components must not become one.
func (c *conflicts) between(a, b int32) bool {
	x, y := a, b
	if len(c.with[x]) > len(c.with[y]) {
		x, y = y, x
	}
	if len(c.with[y]) > 0 {
		for _, v := range c.with[x] {
			if c.find(v) == y {
				return true
			}
		}
	}
	x, y = a, b
	if len(c.groups[x]) > len(c.groups[y]) {
		x, y = y, x
	}
	for g := range c.groups[x] {
		if _, ok := c.groups[y][g]; ok {
			return true
		}
	}
	return false
}

// join makes one of two components and returns it.
func (c *conflicts) join(a, b int32) int32 {
	if c.size[a] < c.size[b] {
		a, b = b, a
	}
	c.parent[b] = a
	c.size[a] += c.size[b]
	c.with[a] = append(c.with[a], c.with[b]...)
	c.with[b] = nil
	if len(c.groups[a]) < len(c.groups[b]) {
		c.groups[a], c.groups[b] = c.groups[b], c.groups[a]
	}
	for g := range c.groups[b] {
		c.groups[a][g] = struct{}{}
	}
	c.groups[b] = nil
	return a
}

// bridge ties every component, at its first row, to the first row of all, by an edge of infinite length.
func (c *conflicts) bridge(edges []link) []link {
	tied := map[int32]bool{c.find(0): true}
	for i := range c.parent {
		if r := c.find(int32(i)); !tied[r] {
			tied[r] = true
			edges = append(edges, newLink(math.Inf(1), math.Inf(1), 0, int32(i)))
		}
	}
	return edges
}

// keepApart finds the forest that Kruskal's algorithm finds when it passes over every edge whose ends must not come
// together, and bridges its parts by edges of infinite length. tree is the spanning tree without that condition, in order.
//
// A next edge of the forest that is not in the tree has a way round in the tree all of whose edges are earlier in order. So
// the first of these that leaves the edge's component was passed over: only components with such an edge need be
// searched for edges outside the tree.
func keepApart(ctx context.Context, t *kdTree, c *cores, tree []link, conf *conflicts) ([]link, error) {
	n := len(conf.parent)
	k := &keeper{
		conflicts: conf, t: t, c: c,
		next: make([]int32, n), last: make([]int32, n), held: make([]bool, n), version: make([]int32, n),
		comp: make([]int32, n), nodeComp: make([]int32, len(t.start)), state: make([]int32, n),
	}
	for i := range k.next {
		k.next[i], k.last[i] = -1, int32(i)
	}
	out := make([]link, 0, n-1)
	for len(tree) > 0 || len(k.queue) > 0 {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var e link
		owner := int32(-1)
		if len(k.queue) == 0 || len(tree) > 0 && tree[0].compare(k.queue[0].link) <= 0 {
			e, tree = tree[0], tree[1:]
		} else {
			top := heap.Pop(&k.queue).(candidate)
			if k.parent[top.of] != top.of || k.version[top.of] != top.version {
				continue
			}
			e, owner = top.link, top.of
		}
		a, b := k.find(e.a), k.find(e.b)
		switch {
		case a == b:
			if owner >= 0 {
				k.search(owner)
			}
		case k.between(a, b):
			for _, r := range [2]int32{a, b} {
				if owner < 0 || owner == r {
					k.held[r] = true
					k.search(r)
				}
			}
		default:
			out = append(out, e)
			held := k.held[a] || k.held[b]
			r := k.join(a, b)
			other := a + b - r
			k.next[k.last[r]], k.last[r] = other, k.last[other]
			if k.held[r] = held; held {
				k.search(r)
			}
		}
	}
	return k.bridge(out), nil
}

// keeper is the state of keepApart. Components are named by one of their rows, which is the first in their list.
type keeper struct {
	*conflicts
	t *kdTree
	c *cores

	next, last []int32 // the rows of a component as a list
	held       []bool  // by component: an edge of the tree was passed over
	version    []int32 // by component: of its latest candidate
	queue      candidates

	// Of the search.
	comp     []int32 // component by position
	nodeComp []int32 // component by node, or −1
	state    []int32 // by component: 2·stamp where it may be joined, 2·stamp+1 where it may not
	stamp    int32
	stack    []pending
	buf      [leafChunk]float64
}

// candidate is the best edge of a component.
type candidate struct {
	link
	of, version int32
}

type candidates []candidate

func (q candidates) Len() int           { return len(q) }
func (q candidates) Less(i, j int) bool { return q[i].compare(q[j].link) < 0 }
func (q candidates) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *candidates) Push(v any)        { *q = append(*q, v.(candidate)) }
func (q *candidates) Pop() any {
	old := *q
	v := old[len(old)-1]
	*q = old[:len(old)-1]
	return v
}

// search queues the best edge of component r to a component that it may join, if there is one.
func (k *keeper) search(r int32) {
	t := k.t
	k.stamp++
	k.version[r]++
	for p, row := range t.row {
		k.comp[p] = k.find(row)
	}
	for node := len(t.start) - 1; node >= 0; node-- {
		i := int32(node)
		if !t.isLeaf(i) {
			if k.nodeComp[i] = k.nodeComp[2*i+1]; k.nodeComp[2*i+2] != k.nodeComp[i] {
				k.nodeComp[i] = -1
			}
			continue
		}
		k.nodeComp[i] = k.comp[t.start[i]]
		for _, c := range k.comp[t.start[i]:t.end[i]] {
			if c != k.nodeComp[i] {
				k.nodeComp[i] = -1
			}
		}
	}
	best := noLink
	for row := r; row >= 0; row = k.next[row] {
		best = k.nearest(r, t.pos[row], best)
	}
	if best != noLink && !math.IsInf(best.w2, 1) {
		heap.Push(&k.queue, candidate{best, r, k.version[r]})
	}
}

// nearest is the better of best and the best edge from point p, which is in component r, to one that r may join.
func (k *keeper) nearest(r, p int32, best link) link {
	t := k.t
	core := k.c.sq[p]
	from := t.place(p)
	worse := func(d2 float64) bool {
		w2 := max(core, float64(d2*t.scale))
		return w2 > best.w2 || w2 == best.w2 && d2 > best.d2
	}
	k.stack = append(k.stack[:0], pending{0, 0})
	for len(k.stack) > 0 {
		top := k.stack[len(k.stack)-1]
		k.stack = k.stack[:len(k.stack)-1]
		if k.nodeComp[top.node] == r || worse(top.bound) {
			continue
		}
		if !t.isLeaf(top.node) {
			near, far := 2*top.node+1, 2*top.node+2
			a, b := t.boxDist(from.at, near), t.boxDist(from.at, far)
			if b < a {
				near, far, a, b = far, near, b, a
			}
			k.stack = append(k.stack, pending{far, b}, pending{near, a})
			continue
		}
		for lo, end := t.start[top.node], t.end[top.node]; lo < end; lo += leafChunk {
			dists := k.buf[:min(leafChunk, end-lo)]
			t.dists(dists, from, lo)
			for i, d2 := range dists {
				x := lo + int32(i)
				to := k.comp[x]
				if to == r {
					continue
				}
				e := newLink(max(core, k.c.sq[x], float64(d2*t.scale)), d2, t.row[p], t.row[x])
				if e.compare(best) < 0 && k.mayJoin(r, to) {
					best = e
				}
			}
		}
	}
	return best
}

// mayJoin remembers within a search what between says.
func (k *keeper) mayJoin(r, to int32) bool {
	if k.state[to]>>1 != k.stamp {
		k.state[to] = 2 * k.stamp
		if k.between(r, to) {
			k.state[to]++
		}
	}
	return k.state[to]&1 == 0
}
