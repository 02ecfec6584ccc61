package hdbscan

import (
	"context"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// primBlock is the number of points whose distances to the newest point of the tree are found at once.
const primBlock = 512

// prim is Prim's algorithm: the tree grows by one point at a time, and every point outside keeps its best edge into the
// tree. O(n²) distances, O(n) memory. The points outside are kept together at the front of their arrays.
func prim(ctx context.Context, t *kdTree, c *cores, loop parallel.Loop) ([]link, error) {
	n := t.len()
	p := &primState{
		t: t, c: c,
		pts:   append([]float64(nil), t.pts...),
		at:    make([]int32, n),
		best:  make([]link, n),
		least: make([]int, (n+primBlock-1)/primBlock),
	}
	for i := range p.at {
		p.at[i] = int32(i)
		p.best[i] = noLink
	}
	var pool *primPool
	if w := min(parallel.Workers(loop.Workers), len(p.least)); w > 1 {
		pool = startPrim(p, w)
		defer pool.stop()
	}
	edges := make([]link, 0, len(t.pos))
	cur := int32(0)
	p.remove(0)
	for len(p.at) > 0 {
		p.cur = cur
		blocks := (len(p.at) + primBlock - 1) / primBlock
		if pool != nil && len(p.at)*t.dims > 1<<15 {
			pool.step(blocks)
		} else {
			for b := range blocks {
				p.relax(b)
			}
		}
		next := p.least[0]
		for _, i := range p.least[1:blocks] {
			if p.best[i].compare(p.best[next]) < 0 {
				next = i
			}
		}
		edges = append(edges, p.best[next])
		cur = p.at[next]
		p.remove(next)
		if len(edges)&63 != 0 && len(p.at) < 1<<12 {
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if loop.Progress != nil {
			loop.Progress(len(edges), n-1)
		}
	}
	if loop.Progress != nil {
		loop.Progress(n-1, n-1)
	}
	return edges, nil
}

type primState struct {
	t     *kdTree
	c     *cores
	cur   int32     // position of the newest point of the tree
	pts   []float64 // coordinates of the points outside; nil in a space without
	at    []int32   // their positions in t
	best  []link    // their best edges into the tree
	least []int     // by block: the point outside with the best edge
}

func (p *primState) remove(i int) {
	d, last := p.t.dims, len(p.at)-1
	if p.pts != nil {
		copy(p.pts[i*d:(i+1)*d], p.pts[last*d:])
		p.pts = p.pts[:last*d]
	}
	p.at[i], p.best[i] = p.at[last], p.best[last]
	p.at, p.best = p.at[:last], p.best[:last]
}

// relax offers the edges from the newest point to the points of one block.
func (p *primState) relax(block int) {
	var buf [primBlock]float64
	lo, hi := block*primBlock, min((block+1)*primBlock, len(p.at))
	dist := buf[:hi-lo]
	if d := p.t.dims; p.pts != nil {
		p.t.norm.dists(dist, p.t.point(p.cur), p.pts[lo*d:hi*d])
	} else {
		from := p.t.place(p.cur)
		for i := range dist {
			p.t.dists(dist[i:i+1], from, p.at[lo+i])
		}
	}
	core, row := p.c.sq[p.cur], p.t.row[p.cur]
	least := lo
	for i, d2 := range dist {
		j := lo + i
		w2 := max(core, p.c.sq[p.at[j]], float64(d2*p.t.scale))
		if w2 <= p.best[j].w2 {
			if e := newLink(w2, d2, row, p.t.row[p.at[j]]); e.compare(p.best[j]) < 0 {
				p.best[j] = e
			}
		}
		if p.best[j].w2 <= p.best[least].w2 && p.best[j].compare(p.best[least]) < 0 {
			least = j
		}
	}
	p.least[block] = least
}

// primPool has goroutines that wait for the next step: one step is too short to start them anew.
type primPool struct {
	p       *primState
	workers int
	steps   []chan int
	done    chan struct{}
}

func startPrim(p *primState, workers int) *primPool {
	pool := &primPool{p: p, workers: workers, done: make(chan struct{}, workers)}
	for w := 1; w < workers; w++ {
		steps := make(chan int, 1)
		pool.steps = append(pool.steps, steps)
		go func() {
			for blocks := range steps {
				pool.share(w, blocks)
				pool.done <- struct{}{}
			}
		}()
	}
	return pool
}

func (l *primPool) share(w, blocks int) {
	for b := w * blocks / l.workers; b < (w+1)*blocks/l.workers; b++ {
		l.p.relax(b)
	}
}

func (l *primPool) step(blocks int) {
	for _, c := range l.steps {
		c <- blocks
	}
	l.share(0, blocks)
	for range l.steps {
		<-l.done
	}
}

func (l *primPool) stop() {
	for _, c := range l.steps {
		close(c)
	}
}
