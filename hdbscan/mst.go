package hdbscan

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// maxTreeDims is the number of columns up to which boxes may prune well enough for Borůvka's algorithm to beat Prim's.
const maxTreeDims = 30

// Edge is an edge of the minimum spanning tree of mutual reachability between rows A < B.
type Edge struct {
	A, B   int
	Weight float64 // mutual reachability distance
}

// link is an edge with what orders it: the squared weight, the squared distance, the rows.
type link struct {
	w2, d2 float64
	a, b   int32 // a < b
}

func newLink(w2, d2 float64, r, s int32) link {
	return link{w2, d2, min(r, s), max(r, s)}
}

// compare is the total order of edges.
func (e link) compare(f link) int {
	switch {
	case e.w2 != f.w2:
		return cmp.Compare(e.w2, f.w2)
	case e.d2 != f.d2:
		return cmp.Compare(e.d2, f.d2)
	case e.a != f.a:
		return cmp.Compare(e.a, f.a)
	}
	return cmp.Compare(e.b, f.b)
}

// noLink is later in order than every edge.
var noLink = link{w2: math.Inf(1), d2: math.Inf(1), a: math.MaxInt32, b: math.MaxInt32}

// span finds the core distances within which other rows weigh k, and the minimum spanning tree of mutual reachability over
// all rows, its edges in order. With short the core distances for one row fewer come too. progress, which may be nil, is
// told how much of 2·points − 1 is done.
func span(ctx context.Context, t *kdTree, k float64, short bool, workers int, progress func(done, total int)) (*cores, []link, error) {
	most, total := 0, 2*t.len()-1
	part := func(from int) func(done, total int) {
		if progress == nil {
			return nil
		}
		return func(done, _ int) {
			if done += from; done > most { // a second algorithm begins anew
				most = done
				progress(done, total)
			}
		}
	}
	loop := parallel.Loop{Workers: workers, Progress: part(0)}
	var c *cores
	var edges []link
	err := errTooMuchWork
	if !t.blocked() {
		if c, err = coreDistances(ctx, t, k, short, loop); err != nil {
			return nil, nil, err
		}
		loop.Progress = part(t.len())
		if t.boxed() {
			edges, err = boruvka(ctx, t, c, loop)
		} else {
			edges, err = prim(ctx, t, c, loop)
		}
	}
	if errors.Is(err, errTooMuchWork) {
		if c != nil {
			loop.Progress = nil // the core distances were told
		}
		c, edges, err = spanBlocks(ctx, t, k, short, loop, part(t.len()))
	}
	if err != nil {
		return nil, nil, err
	}
	c.list = nil
	edges, err = finishTree(ctx, t, c, edges, workers)
	return c, edges, err
}

// spanBlocks is span by blocks of distances, without the further rows of a point.
func spanBlocks(ctx context.Context, t *kdTree, k float64, short bool, loop parallel.Loop, progress func(done, total int)) (*cores, []link, error) {
	b, err := newBlocks(ctx, t, loop.Workers)
	if err != nil {
		return nil, nil, err
	}
	c, lists, err := b.coreDistances(ctx, k, short, loop)
	if err != nil {
		return nil, nil, err
	}
	loop.Progress = progress
	edges, err := b.boruvka(ctx, c, lists, loop)
	return c, edges, err
}

// blocked says that distances are best found many at once.
func (t *kdTree) blocked() bool { return !t.boxed() && t.norm == squares && t.len() > 1 }

// finishTree ties the further rows of every point to its first one and puts the edges in order.
func finishTree(ctx context.Context, t *kdTree, c *cores, edges []link, workers int) ([]link, error) {
	for r, p := range t.pos {
		if first := t.row[p]; first != int32(r) {
			edges = append(edges, newLink(c.sq[p]/t.closer, 0, first, int32(r)))
		}
	}
	return sortLinks(ctx, edges, workers)
}

// sortLinks puts edges in order, in place: it parts them until the parts are short, then sorts those.
func sortLinks(ctx context.Context, edges []link, workers int) ([]link, error) {
	const short = 1 << 15
	parts := [][]link{edges}
	for i := 0; i < len(parts); {
		p := parts[i]
		if len(p) <= short {
			i++
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var sample [31]link
		for j := range sample {
			sample[j] = p[j*(len(p)-1)/(len(sample)-1)]
		}
		slices.SortFunc(sample[:], link.compare)
		pivot := sample[len(sample)/2]
		lo, hi := 0, len(p)
		for lo < hi {
			if p[lo].compare(pivot) < 0 {
				lo++
			} else {
				hi--
				p[lo], p[hi] = p[hi], p[lo]
			}
		}
		if lo == 0 { // nothing is before the pivot
			i++
			continue
		}
		parts[i] = p[:lo]
		parts = append(parts, p[lo:])
	}
	err := parallel.Loop{Workers: workers, Block: 1}.Run(ctx, len(parts), func(_, i, _ int) error {
		slices.SortFunc(parts[i], link.compare)
		return nil
	})
	return edges, err
}
