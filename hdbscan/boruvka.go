package hdbscan

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// boruvka is Borůvka's algorithm on a kd-tree (March, Ram and Gray, KDD 2010, doi:10.1145/1835804.1835882): in each
// round every component of the forest finds its best edge to another component, and those edges join components. Three
// things keep a round short:
//
//   - A point whose core distance is not less than that of one of its nearest neighbors has its best edge in the list of
//     neighbors that its core distance was found with, so the first round searches nothing; later rounds take their first
//     bounds from the lists.
//   - What a component found in a round bounds the edges of its points from below in all later rounds. With the core
//     distances this gives every point, and so every node, a reach: no edge of it to another component is shorter.
//   - The largest component waits: the others join it.
//
// The edges of the total order's only minimum spanning tree are found, in no order. Where boxes prune badly (tight groups
// in many dimensions) the rounds together may cost more than Prim's algorithm; then errTooMuchWork ends it early.
func boruvka(ctx context.Context, t *kdTree, c *cores, loop parallel.Loop) ([]link, error) {
	n := t.len()
	if n == 1 {
		return nil, nil
	}
	s := newForest(ctx, t, c)
	progress := loop.Progress
	report := func() {
		if progress != nil {
			progress(len(s.edges), n-1)
		}
	}
	loop.Progress = nil
	if err := s.firstRound(); err != nil {
		return nil, err
	}
	report()
	for len(s.edges) < n-1 {
		if err := s.round(loop); err != nil {
			return nil, err
		}
		report()
	}
	return s.edges, nil
}

func newForest(ctx context.Context, t *kdTree, c *cores) *forest {
	n := t.len()
	s := &forest{
		t: t, c: c, ctx: ctx,
		parent:   make([]int32, n),
		comp:     make([]int32, n),
		reach:    append([]float64(nil), c.sq...),
		nodeComp: make([]int32, len(t.start)),
		nodeMin:  make([]float64, len(t.start)),
		allowed:  max(int64(n)*int64(n)/2, 1<<20), // as much as Prim's algorithm does
		edges:    make([]link, 0, len(t.pos)),
	}
	for i := range s.parent {
		s.parent[i] = -1
	}
	return s
}

var errTooMuchWork = errors.New("more work than another algorithm")

// forest is the state of Borůvka's algorithm. Points are named by their positions, components are numbered in each round.
type forest struct {
	t   *kdTree
	c   *cores
	ctx context.Context

	parent []int32 // union-find: the parent, or less the size of the component that the point is the root of
	edges  []link

	comp     []int32      // component by point
	skip     int32        // the component that waits
	best     []atomicLink // best edge by component
	reach    []float64    // by point: no edge to another component has a smaller squared weight
	nodeComp []int32      // by node: the component of all its points, or −1
	nodeMin  []float64    // by node: the least reach of its points

	locks   [256]sync.Mutex
	stopped atomic.Bool  // the context is canceled or the work is more than allowed
	work    atomic.Int64 // distances found, of points and boxes, as far as the walkers have told
	allowed int64
}

// atomicLink is the best edge known of a component. Whoever holds the component's lock may read and write all of it;
// w2 and d2 may be read by everyone. d2 is written before w2 and read after it, so that a reader sees a pair that is
// either current or later in order than the current one, never earlier, as far as prune goes.
type atomicLink struct {
	w2, d2 atomic.Uint64 // bits of a float64
	link   link
}

func (s *forest) find(i int32) int32 {
	for s.parent[i] >= 0 {
		if up := s.parent[s.parent[i]]; up >= 0 {
			s.parent[i] = up
		}
		i = s.parent[i]
	}
	return i
}

// join adds an edge of the tree unless its ends are in one component already.
func (s *forest) join(e link) {
	a, b := s.find(s.t.pos[e.a]), s.find(s.t.pos[e.b])
	if a == b {
		return
	}
	if s.parent[a] > s.parent[b] {
		a, b = b, a
	}
	s.parent[a] += s.parent[b]
	s.parent[b] = a
	s.edges = append(s.edges, e)
}

// firstRound joins every point whose best edge is known for certain: all weights of a point are at least its core
// distance, and a neighbor with no larger a core distance that is no further gives just that weight; the first such
// neighbor in the list is the nearest. (Where Alpha is below 1 a distance may exceed the core distance; such a point
// waits for the next round.)
func (s *forest) firstRound() error {
	for i := range s.comp {
		if i&0xffff == 0 && s.ctx.Err() != nil {
			return context.Cause(s.ctx)
		}
		p := int32(i)
		core := s.c.sq[p]
		for _, q := range s.c.list[i*s.c.keep : (i+1)*s.c.keep] {
			if q < 0 {
				break
			}
			if s.c.sq[q] > core {
				continue
			}
			if d2 := s.t.dist(p, q); float64(d2*s.t.scale) <= core {
				s.join(newLink(core, d2, s.t.row[p], s.t.row[q]))
			}
			break
		}
	}
	return nil
}

func (s *forest) round(loop parallel.Loop) error {
	t := s.t
	n := t.len()
	s.label()
	// Bounds from the lists of neighbors.
	loop.Block = 1024
	err := loop.Run(s.ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			s.offerList(int32(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	// The search, by subtrees of one component and by leaves.
	units := s.units(0, nil)
	loop.Block = 4
	walkers := make([]walker, parallel.Workers(loop.Workers))
	err = loop.Run(s.ctx, len(units), func(w, lo, hi int) error {
		k := &walkers[w]
		k.forest = s
		for _, node := range units[lo:hi] {
			if c := s.nodeComp[node]; c >= 0 {
				k.visit(node, 0, c, 0)
				continue
			}
			for p := t.start[node]; p < t.end[node]; p++ {
				if s.comp[p] != s.skip {
					k.visitPoint(p, 0, s.comp[p], 0)
				}
			}
		}
		k.tell()
		switch {
		case !s.stopped.Load():
			return nil
		case s.ctx.Err() != nil:
			return context.Cause(s.ctx)
		}
		return errTooMuchWork
	})
	if err != nil {
		return err
	}
	s.joinBest()
	return nil
}

// joinBest joins every component but the one that waits by its best edge.
func (s *forest) joinBest() {
	for i, c := range s.comp {
		if c != s.skip {
			s.reach[i] = max(s.reach[i], s.best[c].link.w2)
		}
	}
	for c := range s.best {
		if int32(c) != s.skip {
			s.join(s.best[c].link)
		}
	}
}

// label finds the component of every point and node, and forgets the best edges of the last round.
func (s *forest) label() {
	t := s.t
	components, largest := int32(0), int32(0)
	for i, p := range s.parent {
		if p < 0 {
			if s.comp[i] = components; p < largest {
				largest, s.skip = p, components
			}
			components++
		}
	}
	for i, p := range s.parent {
		if p >= 0 {
			s.comp[i] = s.comp[s.find(int32(i))]
		}
	}
	if s.best == nil {
		s.best = make([]atomicLink, components)
	}
	s.best = s.best[:components]
	for c := range s.best {
		s.best[c].set(noLink)
	}
	for node := len(t.start) - 1; node >= 0; node-- {
		var c int32
		var least float64
		if i := int32(node); t.isLeaf(i) {
			lo, hi := t.start[i], t.end[i]
			c, least = s.comp[lo], s.reach[lo]
			for p := lo + 1; p < hi; p++ {
				if s.comp[p] != c {
					c = -1
				}
				least = min(least, s.reach[p])
			}
		} else {
			c = s.nodeComp[2*i+1]
			if s.nodeComp[2*i+2] != c {
				c = -1
			}
			least = min(s.nodeMin[2*i+1], s.nodeMin[2*i+2])
		}
		s.nodeComp[node], s.nodeMin[node] = c, least
	}
}

func (a *atomicLink) set(e link) {
	a.link = e
	a.d2.Store(math.Float64bits(e.d2))
	a.w2.Store(math.Float64bits(e.w2))
}

// offer makes the edge between points p and q the best of component c if it is better than what is known.
func (s *forest) offer(c int32, w2, d2 float64, p, q int32) {
	e := newLink(w2, d2, s.t.row[p], s.t.row[q])
	lock := &s.locks[c&255]
	lock.Lock()
	if e.compare(s.best[c].link) < 0 {
		s.best[c].set(e)
	}
	lock.Unlock()
}

// prune reports that no edge with at least the given squared weight and squared distance can be the best of c.
func (s *forest) prune(c int32, w2, d2 float64) bool {
	b := &s.best[c]
	w := math.Float64frombits(b.w2.Load())
	return w2 > w || w2 == w && d2 > math.Float64frombits(b.d2.Load())
}

func (s *forest) offerList(p int32) {
	c := s.comp[p]
	if c == s.skip || s.prune(c, s.reach[p], 0) {
		return
	}
	core := s.c.sq[p]
	for _, q := range s.c.list[int(p)*s.c.keep : (int(p)+1)*s.c.keep] {
		if q < 0 {
			return
		}
		if s.comp[q] == c {
			continue
		}
		w2 := max(core, s.c.sq[q])
		if s.prune(c, w2, 0) {
			continue
		}
		d2 := s.t.dist(p, q)
		if w2 = max(w2, float64(d2*s.t.scale)); !s.prune(c, w2, d2) {
			s.offer(c, w2, d2, p, q)
		}
	}
}

// units appends the roots of the subtrees to search from.
func (s *forest) units(node int32, to []int32) []int32 {
	c := s.nodeComp[node]
	switch {
	case c == s.skip || c >= 0 && s.prune(c, s.nodeMin[node], 0):
		return to
	case s.t.isLeaf(node) || c >= 0 && s.t.count(node) <= 512:
		return append(to, node)
	}
	return s.units(2*node+2, s.units(2*node+1, to))
}

// walker searches for one goroutine.
type walker struct {
	*forest
	done int // distances found since it last told
	buf  [leafSize]float64
}

// tell adds up the work, and stops all walkers where it is too much or the context is canceled.
func (k *walker) tell() {
	if k.work.Add(int64(k.done)) > k.allowed || k.ctx.Err() != nil {
		k.stopped.Store(true)
	}
	k.done = 0
}

// visit searches for better edges of component c from the points of node q, which are all in c, to the points of node r.
// d2 is the squared distance of the two.
func (k *walker) visit(q, r, c int32, d2 float64) {
	if k.stopped.Load() || k.nodeComp[r] == c || k.prune(c, max(k.nodeMin[q], k.nodeMin[r], float64(d2*k.t.scale)), d2) {
		return
	}
	t := k.t
	if t.isLeaf(q) {
		for p := t.start[q]; p < t.end[q]; p++ {
			k.visitPoint(p, r, c, t.boxDist(t.point(p), r))
		}
		return
	}
	if t.isLeaf(r) || t.count(q) > t.count(r) {
		k.visit(2*q+1, r, c, t.boxesDist(2*q+1, r))
		k.visit(2*q+2, r, c, t.boxesDist(2*q+2, r))
		return
	}
	k.done += 2
	near, far := 2*r+1, 2*r+2
	a, b := t.boxesDist(q, near), t.boxesDist(q, far)
	if b < a {
		near, far, a, b = far, near, b, a
	}
	k.visit(q, near, c, a)
	k.visit(q, far, c, b)
}

// visitPoint searches for better edges of component c from point p, which is in c, to the points of node r, which is at
// squared distance d2.
func (k *walker) visitPoint(p, r, c int32, d2 float64) {
	for {
		if k.stopped.Load() || k.nodeComp[r] == c || k.prune(c, max(k.reach[p], k.nodeMin[r], float64(d2*k.t.scale)), d2) {
			return
		}
		if k.t.isLeaf(r) {
			break
		}
		k.done += 2
		near, far := 2*r+1, 2*r+2
		a, b := k.t.boxDist(k.t.point(p), near), k.t.boxDist(k.t.point(p), far)
		if b < a {
			near, far, a, b = far, near, b, a
		}
		k.visitPoint(p, near, c, a)
		r, d2 = far, b
	}
	if k.done += leafSize; k.done*k.t.dims > 1<<18 {
		k.tell()
	}
	core := k.c.sq[p]
	from := k.t.start[r]
	for i, d2 := range k.t.leafDists(k.buf[:], k.t.place(p), r) {
		x := from + int32(i)
		if k.comp[x] == c {
			continue
		}
		if w2 := max(core, k.c.sq[x], float64(d2*k.t.scale)); !k.prune(c, w2, d2) {
			k.offer(c, w2, d2, p, x)
		}
	}
}
