package hdbscan

import (
	"context"
	"math"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// listLen is how many nearest neighbors of each point the spanning tree starts from.
const listLen = 8

// neighbors finds the points of a tree that are nearest to a place. Its memory is reused from query to query.
type neighbours struct {
	t     *kdTree
	need  float64   // weight of rows wanted, a point that stands for several rows counting as several
	total float64   // weight of rows found
	d2    []float64 // squared distances of the points found, rising; equal ones by row
	pos   []int32   // their positions
	leaf  [leafChunk]float64
	stack []pending
	work  int // coordinates looked at since the context was
}

// leafChunk is the number of points of a leaf whose distances are found at once. Only leaves without boxes have more.
const leafChunk = 64

// pending is a node still to be looked into, and its squared distance to the query.
type pending struct {
	node  int32
	bound float64
}

// find sets d2 and pos to the points nearest to a place, without the one at position self (−1: none), as few of them as
// have rows that weigh need, or all.
func (s *neighbours) find(from place, self int32, need float64) {
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
			a, b := t.boxDist(from.at, near), t.boxDist(from.at, far)
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
		for lo, end := t.start[node], t.end[node]; lo < end; lo += leafChunk {
			dists := s.leaf[:min(leafChunk, end-lo)]
			t.dists(dists, from, lo)
			s.work += len(dists) * t.dims
			for i, d := range dists {
				if d > worst {
					continue
				}
				if p := lo + int32(i); p != self {
					worst = s.insert(d, p)
				}
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
	s.total += s.t.weighs(p)
	last := len(s.d2) - 1
	for m := s.t.weighs(s.pos[last]); s.total-m >= s.need && last > 0; m = s.t.weighs(s.pos[last]) {
		s.total -= m
		s.d2, s.pos = s.d2[:last], s.pos[:last]
		last--
	}
	if s.total < s.need {
		return math.Inf(1)
	}
	return s.d2[last]
}

// kth is the squared distance within which the points found weigh k, or that of the last of them.
func (s *neighbours) kth(k float64) float64 {
	for i, p := range s.pos {
		if k -= s.t.weighs(p); k <= 0 {
			return s.d2[i]
		}
	}
	return s.d2[len(s.d2)-1]
}

// cores are core distances, and the nearest neighbors that were met in finding them.
type cores struct {
	sq    []float64 // squared core distance by position
	short []float64 // squared distance to the (minSamples−1)-th other row, by position; nil unless it is wanted
	keep  int       // neighbors kept for each point, at most
	list  []int32   // from keep·position: positions of the nearest distinct points, equally near ones by row; −1: none
}

// coreDistances finds the squared distance of every point within which other rows weigh k > 0. A row on its own has core
// distance 0.
func coreDistances(ctx context.Context, t *kdTree, k float64, short bool, loop parallel.Loop) (*cores, error) {
	n := t.len()
	c := &cores{sq: make([]float64, n), keep: max(1, min(int(math.Ceil(k)), listLen))}
	c.list = make([]int32, n*c.keep)
	if short {
		c.short = make([]float64, n)
	}
	loop.Block = 128
	if !t.boxed() {
		loop.Block = 8
	}
	search := make([]neighbours, parallel.Workers(loop.Workers))
	err := loop.Run(ctx, n, func(w, lo, hi int) error {
		s := &search[w]
		s.t = t
		for i := lo; i < hi; i++ {
			p := int32(i)
			others := k - (t.weighs(p) - 1) // what is not at the same place
			s.find(t.place(p), p, max(others, math.SmallestNonzeroFloat64))
			if others > 0 && len(s.pos) > 0 {
				c.sq[i] = s.kth(others)
			}
			if short && others > 1 && len(s.pos) > 0 {
				c.short[i] = s.kth(others - 1)
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

// look returns the cause of a canceled context, which it looks at every millisecond or so.
func (s *neighbours) look(ctx context.Context) error {
	if s.work < 1<<20 {
		return nil
	}
	s.work = 0
	return context.Cause(ctx)
}
