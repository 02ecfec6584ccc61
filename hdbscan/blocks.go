package hdbscan

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// Sizes of blocks: rows whose distances are found at once (a multiple of the height of all kernels' tiles) to as many
// points.
const (
	blockRows  = 96
	blockTile  = 256
	blockExtra = 8  // neighbors that are looked for beyond those needed, so that the needed ones are certain
	blockList  = 32 // neighbors at least
)

// blocks finds the squared distances of many points at once in float32. They are wrong by a little; what they decide is
// only which exact distances need not be found.
type blocks struct {
	t      *kdTree
	kern   *simd.Kernels
	coords blas32.General // by position
	tiles  []simd.Panels
	rel    float64 // relative error of a squared distance
	abs    float64 // error of a distance from rounding the coordinates
}

func newBlocks(ctx context.Context, t *kdTree, workers int) (*blocks, error) {
	n, d := t.len(), t.dims
	kern := simd.Best()
	b := &blocks{
		t: t, kern: kern, rel: float64(d+8) * 0x1p-24,
		coords: blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)},
		tiles:  make([]simd.Panels, (n+blockTile-1)/blockTile),
	}
	norms := make([]float64, len(b.tiles))
	err := parallel.Loop{Workers: workers, Block: blockTile}.Run(ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			var sum float64
			for j, v := range t.point(int32(i)) {
				b.coords.Data[i*d+j] = float32(v)
				sum += float64(v * v)
			}
			norms[lo/blockTile] = max(norms[lo/blockTile], sum)
		}
		tile := b.coords
		tile.Rows, tile.Data = hi-lo, tile.Data[lo*d:hi*d]
		b.kern.PackInto(&b.tiles[lo/blockTile], tile)
		return nil
	})
	if t.prepare != nil { // else the coordinates are float32 as they come
		b.abs = 0x1p-22 * math.Sqrt(slices.Max(norms))
	}
	return b, err
}

// atLeast is a bound from below of the squared distance that is found as v.
func (b *blocks) atLeast(v float32) float64 {
	d2 := min(float64(v), math.MaxFloat32) * (1 - b.rel)
	if b.abs == 0 {
		return d2
	}
	d := max(math.Sqrt(d2)-b.abs, 0)
	return d * d
}

// atMost is a bound from above of what a squared distance of at most d2 is found as.
func (b *blocks) atMost(d2 float64) float32 {
	d := math.Sqrt(d2) + b.abs
	return float32(float64(d*d)*(1+2*b.rel)) * (1 + 0x1p-22)
}

// blockScratch is the memory of one worker.
type blockScratch struct {
	rows   blas32.General
	scores []float32
}

// pass calls visit, for each of the points at the given positions and for each tile of points, with what their squared
// distances are found as: those to the points from position lo on.
func (b *blocks) pass(ctx context.Context, at []int32, loop parallel.Loop, visit func(worker, i int, lo int32, d2 []float32)) error {
	loop.Block = blockRows
	d := b.t.dims
	workers := make([]blockScratch, parallel.Workers(loop.Workers))
	return loop.Run(ctx, len(at), func(w, from, to int) error {
		s := &workers[w]
		if s.scores == nil {
			s.scores = make([]float32, blockRows*blockTile)
			s.rows = blas32.General{Cols: d, Stride: d, Data: make([]float32, blockRows*d)}
		}
		s.rows.Rows = to - from
		for i := from; i < to; i++ {
			copy(s.rows.Data[(i-from)*d:(i-from+1)*d], b.coords.Data[int(at[i])*d:])
		}
		for k := range b.tiles {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			c := blas32.General{Rows: to - from, Cols: b.tiles[k].N, Stride: blockTile, Data: s.scores}
			b.kern.SquareDistNT(c, s.rows, &b.tiles[k])
			for i := from; i < to; i++ {
				row := s.scores[(i-from)*blockTile:]
				visit(w, i, int32(k*blockTile), row[:c.Cols])
			}
		}
		return nil
	})
}

// nearLists are the nearest neighbors of each point.
type nearLists struct {
	keep   int
	pos    []int32   // from keep·position: the nearest other points, by distance and row; −1: there are no more
	d2     []float64 // and their squared distances
	radius []float64 // by position: no point that is not in the list is nearer
}

// coreDistances finds core distances as coreDistances does, and lists of neighbors.
func (b *blocks) coreDistances(ctx context.Context, k float64, short bool, loop parallel.Loop) (*cores, *nearLists, error) {
	t := b.t
	n := t.len()
	c := &cores{sq: make([]float64, n)}
	if short {
		c.short = make([]float64, n)
	}
	keep := min(max(int(math.Ceil(k)), blockList)+blockExtra, n-1)
	l := &nearLists{keep: keep, pos: make([]int32, n*keep), d2: make([]float64, n*keep), radius: make([]float64, n)}
	all := make([]int32, n)
	heaps := make([][]scored, parallel.Workers(loop.Workers)*blockRows)
	for i := range all {
		all[i] = int32(i)
	}
	search := make([]neighbours, parallel.Workers(loop.Workers))
	err := b.pass(ctx, all, loop, func(w, i int, lo int32, d2 []float32) {
		h := heaps[w*blockRows+i%blockRows]
		if lo == 0 {
			h = h[:0]
		}
		worst := float32(math.Inf(1))
		if len(h) == keep {
			worst = h[0].score
		}
		for j, v := range d2 {
			if v >= worst && len(h) == keep || int(lo)+j == i {
				continue
			}
			if h = push(h, scored{v, lo + int32(j)}, keep); len(h) == keep {
				worst = h[0].score
			}
		}
		heaps[w*blockRows+i%blockRows] = h
		if int(lo)+len(d2) < n {
			return
		}
		// The last tile: exact distances.
		s := &search[w]
		s.t, s.d2, s.pos = t, s.d2[:0], s.pos[:0]
		l.radius[i] = math.Inf(1)
		if keep < n-1 {
			l.radius[i] = b.atLeast(h[0].score)
		}
		s.need, s.total = math.Inf(1), 0
		for _, v := range h {
			s.insert(t.dist(int32(i), v.pos), v.pos)
		}
		b.finish(c, l, s, int32(i), k)
	})
	return c, l, err
}

// finish sets the core distance and the list of point i from its nearest neighbors, if those are certain, and
// otherwise from a search of all points.
func (b *blocks) finish(c *cores, l *nearLists, s *neighbours, i int32, k float64) {
	t := b.t
	at := int(i) * l.keep
	copy(l.d2[at:at+l.keep], s.d2)
	for j := copy(l.pos[at:at+l.keep], s.pos); j < l.keep; j++ {
		l.pos[at+j] = -1
	}
	others := k - (t.weighs(i) - 1)
	if others <= 0 || len(s.pos) == 0 {
		return
	}
	if s.total < others && len(s.pos) < t.len()-1 || s.kth(others) > l.radius[i] {
		s.find(t.place(i), i, others)
	}
	c.sq[i] = s.kth(others)
	if c.short != nil && others > 1 {
		c.short[i] = s.kth(others - 1)
	}
}

// scored is a point and what its squared distance is found as.
type scored struct {
	score float32
	pos   int32
}

func (a scored) after(b scored) bool { return a.score > b.score || a.score == b.score && a.pos > b.pos }

// push keeps the n nearest in a heap whose root is the farthest.
func push(h []scored, v scored, n int) []scored {
	if len(h) < n {
		h = append(h, v)
		for i := len(h) - 1; i > 0 && h[i].after(h[(i-1)/2]); i = (i - 1) / 2 {
			h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		}
		return h
	}
	if !h[0].after(v) {
		return h
	}
	h[0] = v
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return h
		}
		if down+1 < n && h[down+1].after(h[down]) {
			down++
		}
		if !h[down].after(h[i]) {
			return h
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}

// boruvka is Borůvka's algorithm with lists of neighbors and, for the points whose lists do not settle the matter, passes
// over all points.
func (b *blocks) boruvka(ctx context.Context, c *cores, l *nearLists, loop parallel.Loop) ([]link, error) {
	t := b.t
	n := t.len()
	if n == 1 {
		return nil, nil
	}
	s := newForest(ctx, t, c)
	progress := loop.Progress
	loop.Progress = nil
	active := make([]int32, 0, n)
	for len(s.edges) < n-1 {
		s.label()
		if err := s.offerLists(l, loop); err != nil {
			return nil, err
		}
		active = active[:0]
		for i := range int32(n) {
			if comp := s.comp[i]; comp != s.skip && !s.prune(comp, max(s.reach[i], float64(l.radius[i]*t.scale)), l.radius[i]) {
				active = append(active, i)
			}
		}
		// The points of a component together, those that reach least first: they give the best bounds.
		slices.SortFunc(active, func(i, j int32) int {
			return cmp.Or(cmp.Compare(s.comp[i], s.comp[j]), cmp.Compare(s.reach[i], s.reach[j]), cmp.Compare(i, j))
		})
		err := b.pass(ctx, active, loop, func(_, i int, lo int32, d2 []float32) {
			s.offerTile(b, active[i], lo, d2)
		})
		if err != nil {
			return nil, err
		}
		s.joinBest()
		if progress != nil {
			progress(len(s.edges), n-1)
		}
	}
	return s.edges, nil
}

// offerLists offers the edges in the lists of neighbors to the points' components.
func (s *forest) offerLists(l *nearLists, loop parallel.Loop) error {
	loop.Block = 512
	return loop.Run(s.ctx, s.t.len(), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			p, c := int32(i), s.comp[i]
			if c == s.skip {
				continue
			}
			for j := i * l.keep; j < (i+1)*l.keep && l.pos[j] >= 0; j++ {
				q, d2 := l.pos[j], l.d2[j]
				if s.prune(c, max(s.reach[i], float64(d2*s.t.scale)), d2) {
					break
				}
				if s.comp[q] == c {
					continue
				}
				if w2 := max(s.c.sq[p], s.c.sq[q], float64(d2*s.t.scale)); !s.prune(c, w2, d2) {
					s.offer(c, w2, d2, p, q)
				}
			}
		}
		return nil
	})
}

// offerTile offers the edges from point p to the points of a tile to p's component.
func (s *forest) offerTile(b *blocks, p, lo int32, found []float32) {
	c, core := s.comp[p], s.c.sq[p]
	bound := func() float32 {
		w2 := math.Float64frombits(s.best[c].w2.Load())
		if core > w2 || s.reach[p] > w2 {
			return -1
		}
		return b.atMost(w2 / s.t.scale * (1 + 1e-12))
	}
	most := bound()
	for j, v := range found {
		if v > most {
			continue
		}
		x := lo + int32(j)
		if s.comp[x] == c {
			continue
		}
		least := b.atLeast(v)
		if s.prune(c, max(core, s.c.sq[x], float64(least*s.t.scale)), least) {
			continue
		}
		d2 := s.t.dist(p, x)
		if w2 := max(core, s.c.sq[x], float64(d2*s.t.scale)); !s.prune(c, w2, d2) {
			s.offer(c, w2, d2, p, x)
			most = bound()
		}
	}
}
