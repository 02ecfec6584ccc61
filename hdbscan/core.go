package hdbscan

import (
	"context"
	"math"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// listLen is how many nearest neighbours of each point the spanning tree starts from.
const listLen = 16

// neighbours finds the points of a tree that are nearest to a query. Its memory is reused from query to query.
type neighbours struct {
	t     *kdTree
	need  int       // rows wanted, a point that stands for several rows counting as several
	total int       // rows found
	d2    []float64 // squared distances of the points found, rising; equal ones by row
	pos   []int32   // their positions
	leaf  [leafSize]float64
	stack []pending
	work  int // coordinates looked at since the context was
}

// pending is a node still to be looked into, and its squared distance to the query.
type pending struct {
	node  int32
	bound float64
}

// find sets d2 and pos to the points nearest to q, without the one at position self (−1: none), as few of them as hold
// need rows, or all.
func (s *neighbours) find(q []float64, self int32, need int) {
	t := s.t
	s.need, s.total = need, 0
	s.d2, s.pos = s.d2[:0], s.pos[:0]
	worst := math.Inf(1)
	s.stack = append(s.stack[:0], pending{0, 0})
	for len(s.stack) > 0 {
		top := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if top.bound > worst {
			continue
		}
		node := top.node
		for !t.isLeaf(node) {
			near, far := 2*node+1, 2*node+2
			a, b := t.boxDist(q, near), t.boxDist(q, far)
			if b < a {
				near, far, a, b = far, near, b, a
			}
			if b <= worst {
				s.stack = append(s.stack, pending{far, b})
			}
			if a > worst {
				node = -1
				break
			}
			node = near
		}
		if node < 0 {
			continue
		}
		s.work += leafSize * t.dims
		from := t.start[node]
		for i, d := range t.leafDists(s.leaf[:], q, node) {
			if d > worst {
				continue
			}
			if p := from + int32(i); p != self {
				worst = s.insert(d, p)
			}
		}
	}
}

// insert takes point p into the list, drops what is not needed any more, and returns the squared distance from which on
// (equal ones by row) a point is not needed.
func (s *neighbours) insert(d float64, p int32) float64 {
	row := s.t.row
	s.d2, s.pos = append(s.d2, d), append(s.pos, p)
	j := len(s.d2) - 1
	for ; j > 0 && (s.d2[j-1] > d || s.d2[j-1] == d && row[s.pos[j-1]] > row[p]); j-- {
		s.d2[j], s.pos[j] = s.d2[j-1], s.pos[j-1]
	}
	s.d2[j], s.pos[j] = d, p
	s.total += int(s.t.mult[p])
	last := len(s.d2) - 1
	for m := int(s.t.mult[s.pos[last]]); s.total-m >= s.need; m = int(s.t.mult[s.pos[last]]) {
		s.total -= m
		s.d2, s.pos = s.d2[:last], s.pos[:last]
		last--
	}
	if s.total < s.need {
		return math.Inf(1)
	}
	return s.d2[last]
}

// kth is the squared distance of the k-th nearest row that was found, k ≥ 1.
func (s *neighbours) kth(k int) float64 {
	for i, p := range s.pos {
		if k -= int(s.t.mult[p]); k <= 0 {
			return s.d2[i]
		}
	}
	return math.Inf(1)
}

// cores are core distances, and the nearest neighbours that were met in finding them.
type cores struct {
	sq    []float64 // squared core distance by position
	short []float64 // squared distance to the (minSamples−1)-th other row, by position; nil unless it is wanted
	keep  int       // neighbours kept for each point, at most
	list  []int32   // from keep·position: positions of the nearest distinct points, equally near ones by row; −1: none
}

// coreDistances finds the squared distance of every point to its k-th other row, 1 ≤ k < number of rows. A
// row on its own has core distance 0.
func coreDistances(ctx context.Context, t *kdTree, k int, short bool, loop parallel.Loop) (*cores, error) {
	n := t.len()
	c := &cores{sq: make([]float64, n), keep: min(k, listLen)}
	c.list = make([]int32, n*c.keep)
	if short {
		c.short = make([]float64, n)
	}
	loop.Block = 128
	search := make([]neighbours, parallel.Workers(loop.Workers))
	err := loop.Run(ctx, n, func(w, lo, hi int) error {
		s := &search[w]
		s.t = t
		for i := lo; i < hi; i++ {
			p := int32(i)
			copies := int(t.mult[i]) - 1
			s.find(t.point(p), p, max(k-copies, 1))
			if copies < k && len(s.pos) > 0 {
				c.sq[i] = s.kth(k - copies)
			}
			if short && copies < k-1 && len(s.pos) > 0 {
				c.short[i] = s.kth(k - 1 - copies)
			}
			list := c.list[i*c.keep : (i+1)*c.keep]
			for j := copy(list, s.pos); j < len(list); j++ {
				list[j] = -1
			}
			if err := s.look(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// look returns the cause of a cancelled context, which it looks at every millisecond or so.
func (s *neighbours) look(ctx context.Context) error {
	if s.work < 1<<20 {
		return nil
	}
	s.work = 0
	return context.Cause(ctx)
}
