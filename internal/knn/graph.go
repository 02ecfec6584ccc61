package knn

import (
	"context"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// graph is the nearest points found so far: of each position width positions by (score, position).
type graph struct {
	width int
	index []int32
	score []float32
	fresh []bool // found in the last round
	own   bool   // the scores are distances of the metric, not those of the blocks' products
}

func newGraph(n, width int) *graph {
	return &graph{width: width, index: make([]int32, n*width), score: make([]float32, n*width), fresh: make([]bool, n*width)}
}

// refine looks for nearer points among the neighbors of neighbors, counting the points of which a point is a neighbor
// among its neighbors (Dong, Moses and Li 2011, doi:10.1145/1963405.1963487), as far as one of the two steps was found in the
// last round. Every point looks for itself in the graph of the last round, so the order of the points does not matter.
func (a *Approximate) refine(ctx context.Context, g *graph, memory []approximateScratch) (*graph, error) {
	n := a.points.n()
	next := newGraph(n, g.width)
	next.own = g.own
	links, err := a.link(ctx, g)
	if err != nil {
		return nil, err
	}
	for w := range memory { // marks of an earlier round would depend on who had which point
		clear(memory[w].seen)
	}
	return next, parallel.Loop{Workers: a.opt.Workers, Block: 64}.Run(ctx, n, func(w, lo, hi int) error {
		s := &memory[w]
		if s.seen == nil {
			s.seen = make([]int32, n)
		}
		for p := lo; p < hi; p++ {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			s.met = s.met[:0]
			mark := int32(p) + 1
			for _, q := range g.index[p*g.width:][:g.width] {
				s.seen[q] = mark
			}
			for _, q := range links.of(int32(p)) {
				fresh := q&1 == 1
				for _, r := range links.of(q >> 1) {
					if (fresh || r&1 == 1) && s.seen[r>>1] != mark {
						s.seen[r>>1] = mark
						s.met = append(s.met, r>>1)
					}
				}
			}
			a.merge(s, g, next, p)
		}
		return nil
	})
}

// merge writes the nearest of the old neighbors of p and the points in s.met.
func (a *Approximate) merge(s *approximateScratch, g, next *graph, p int) {
	at := p * g.width
	index, score, fresh := next.index[at:][:g.width], next.score[at:][:g.width], next.fresh[at:][:g.width]
	copy(index, g.index[at:])
	copy(score, g.score[at:])
	last := g.width - 1
	for _, q := range s.met {
		v := candidate{a.score(int32(p), q, g.own), q}
		if v.compare(candidate{score[last], index[last]}) >= 0 {
			continue
		}
		j := last
		for ; j > 0 && v.compare(candidate{score[j-1], index[j-1]}) < 0; j-- {
			index[j], score[j], fresh[j] = index[j-1], score[j-1], fresh[j-1]
		}
		index[j], score[j], fresh[j] = v.group, v.score, true
	}
}

// measureAll turns a graph into one of the metric's own distances.
func (a *Approximate) measureAll(ctx context.Context, g *graph) error {
	g.own = true
	return parallel.Loop{Workers: a.opt.Workers, Block: 64}.Run(ctx, a.points.n(), func(_, lo, hi int) error {
		list := make([]candidate, g.width)
		for p := lo; p < hi; p++ {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			at := p * g.width
			for j, q := range g.index[at:][:g.width] {
				list[j] = candidate{a.score(int32(p), q, true), q}
			}
			sortCandidates(list)
			for j, v := range list {
				g.index[at+j], g.score[at+j], g.fresh[at+j] = v.group, v.score, true
			}
		}
		return nil
	})
}

// links are the steps from each position: to its nearest and to the nearest positions that have it among theirs. A link is
// twice the position, plus 1 if it was found in the last round.
type links struct {
	start []int32
	to    []int32
}

func (l *links) of(p int32) []int32 { return l.to[l.start[p]:l.start[p+1]] }

func (a *Approximate) link(ctx context.Context, g *graph) (*links, error) {
	n, k, most := a.points.n(), min(linksForward, g.width), int32(linksBack)
	if g.own {
		k, most = min(2*k, g.width), 2*most
	}
	back := make([]int32, n) // steps against the direction
	for p := range n {
		for _, q := range g.index[p*g.width:][:k] {
			if back[q] < most {
				back[q]++
			}
		}
	}
	l := &links{start: make([]int32, n+1)}
	for p := range n {
		l.start[p+1] = l.start[p] + int32(k) + back[p]
	}
	l.to = make([]int32, l.start[n])
	clear(back)
	for j := range k { // the nearest first
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		for p := range n {
			at := p*g.width + j
			q, fresh := g.index[at], int32(0)
			if g.fresh[at] {
				fresh = 1
			}
			l.to[int(l.start[p])+j] = q<<1 | fresh
			if to := l.start[q] + int32(k) + back[q]; to < l.start[q+1] {
				l.to[to] = int32(p)<<1 | fresh
				back[q]++
			}
		}
	}
	return l, nil
}
