package linkage

import (
	"context"
	"math"
)

// generic merges the two closest clusters of all, again and again. It holds for each cluster a lower bound of its distance
// to those after it, and the one that may be nearest; a bound is made good when it is the least.
func generic(ctx context.Context, n int, dist []float64, method Method) (Tree, error) {
	s := newState(n, dist, method)
	node := make([]int, n) // of the tree, by place
	near := make([]int, n)
	bound := make([]float64, n-1)
	for x := range n {
		node[x] = x
		if x < n-1 {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			near[x], bound[x] = s.nearest(x, s.after(x), -1)
		}
	}
	q := newQueue(bound)
	t := make(Tree, n-1)
	for k := range t {
		x := q.least()
		for s.row(x)[near[x]] != q.bound[x] {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			var d float64
			near[x], d = s.nearest(x, s.after(x), -1)
			q.set(x, d)
			x = q.least()
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		y, d := near[x], q.bound[x]
		q.pop()
		t[k] = Merge{Left: min(node[x], node[y]), Right: max(node[x], node[y]), Distance: d, Size: s.size[x] + s.size[y]}
		s.merge(x, y, d)
		node[y] = n + k

		// The last cluster of all is never taken away, for y is after x: each other one has one after it.
		for _, z := range s.live {
			if z < x && near[z] == x {
				near[z] = y // a guess
			}
			if z < y {
				if d := s.row(z)[y]; d < q.bound[z] {
					near[z] = y
					q.set(z, d)
				}
			}
		}
		if y < n-1 {
			near[y], d = s.nearest(y, s.after(y), -1)
			q.set(y, d)
		}
	}
	return t, nil
}

// queue is a binary heap of clusters by their bounds, in which a bound can be changed.
type queue struct {
	bound []float64 // by cluster
	heap  []int     // clusters, none with a lower bound than its parent's, which is the one at (i−1)/2
	place []int     // in heap, by cluster
}

func newQueue(bound []float64) *queue {
	q := &queue{bound: bound, heap: make([]int, len(bound)), place: make([]int, len(bound))}
	for i := range bound {
		q.heap[i], q.place[i] = i, i
	}
	for i := len(bound)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
	return q
}

func (q *queue) least() int { return q.heap[0] }

// pop takes the least away.
func (q *queue) pop() {
	last := len(q.heap) - 1
	q.swap(0, last)
	q.heap = q.heap[:last]
	q.down(0)
}

// set changes the bound of x.
func (q *queue) set(x int, d float64) {
	up := d < q.bound[x]
	q.bound[x] = d
	if up {
		q.up(q.place[x])
	} else {
		q.down(q.place[x])
	}
}

func (q *queue) swap(i, j int) {
	q.heap[i], q.heap[j] = q.heap[j], q.heap[i]
	q.place[q.heap[i]], q.place[q.heap[j]] = i, j
}

func (q *queue) at(i int) float64 {
	if i < len(q.heap) {
		return q.bound[q.heap[i]]
	}
	return math.Inf(1)
}

func (q *queue) up(i int) {
	for i > 0 && q.at(i) < q.at((i-1)/2) {
		q.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (q *queue) down(i int) {
	for {
		child := 2*i + 1
		if q.at(child+1) < q.at(child) {
			child++
		}
		if !(q.at(child) < q.at(i)) {
			return
		}
		q.swap(i, child)
		i = child
	}
}
