package knn

import (
	"context"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/metric"
)

const (
	// blockRows is the number of rows of a block, on either side: a multiple of the tiles of all kernels. Two blocks and the
	// scores between them stay in the second-level cache.
	blockRows = 192
	words     = blockRows / 64 // of a row of the mask of a block

	// Rows of less columns than leastInt8 are compared in float32 at once, as are those of more than mostInt8.
	leastInt8 = 32
	mostInt8  = 1 << 14

	chunkBytes = 16 << 20 // of points that are packed for float32 at once
)

// Variables for the tests alone.
var (
	batchBytes = 64 << 20  // of candidates of queries that are kept at once
	selfBytes  = 768 << 20 // of candidates of all points, so that each pair is compared once
)

// side is the rows on the left of a pass.
type side struct {
	g     *groups
	stats []metric.Stats
	ids   []int32 // the groups that take part; nil for all
}

func (s *side) n() int {
	if s.ids != nil {
		return len(s.ids)
	}
	return s.g.n()
}

func (s *side) id(i int) int {
	if s.ids != nil {
		return int(s.ids[i])
	}
	return i
}

// products finds the neighbors by their inner products: in int8 where that helps, then in float32 for the rows of which
// too little was told apart, then in float64.
func (ix *Index) products(ctx context.Context, out *result, stats []metric.Stats) error {
	left := &side{g: out.queries, stats: stats}
	memory := make([]scratch, parallel.Workers(ix.opt.Workers))
	if ix.eight != nil {
		p := &pass{Index: ix, out: out, left: left, memory: memory, int8: true}
		ok, err := p.probe(ctx)
		if err != nil {
			return err
		}
		if ok {
			if err := p.run(ctx); err != nil || len(p.wide) == 0 {
				return err
			}
			slices.Sort(p.wide)
			left = &side{g: left.g, stats: stats, ids: p.wide}
		}
	}
	p := &pass{Index: ix, out: out, left: left, memory: memory, most: 4*out.kg + 64}
	if err := p.run(ctx); err != nil {
		return err
	}
	slices.Sort(p.wide)
	return parallel.Loop{Workers: ix.opt.Workers, Block: 1}.Run(ctx, len(p.wide), func(w, lo, hi int) error {
		for _, g := range p.wide[lo:hi] {
			if err := p.compareAll(ctx, &memory[w], int(g)); err != nil {
				return err
			}
		}
		return nil
	})
}

// pass compares the rows on the left with all points, in blocks, and ranks what is found.
type pass struct {
	*Index
	out    *result
	left   *side
	int8   bool
	most   int // candidates of a row
	memory []scratch

	first int           // row on the left of the first of the board
	board *board        // candidates of the rows in work
	both  bool          // the rows in work are the points, and each pair of blocks is compared once
	tiles []simd.Panels // float32: points from block tile0 on
	tile0 int

	mu   sync.Mutex
	wide []int32 // groups on the left that were given up
}

// scratch is the memory of one worker.
type scratch struct {
	rows   blas32.General // a block on the left
	q      []int8
	scale  []float32
	eight  simd.Quantised
	add    []float32
	y      []float64
	scores blas32.General
	mask   []uint64
	kth    []float32
	none   []float32 // limits that nothing meets
	near   []neighbour
	list   []neighbour
}

func (p *pass) scratch(w int) *scratch {
	s := &p.memory[w]
	s.init(p.points.x.Cols)
	return s
}

// init makes the memory on first use.
func (s *scratch) init(cols int) {
	if s.none != nil {
		return
	}
	s.rows = blas32.General{Cols: cols, Stride: max(cols, 1), Data: make([]float32, blockRows*max(cols, 1))}
	s.q, s.scale, s.y = make([]int8, blockRows*cols), make([]float32, blockRows), make([]float64, cols)
	s.add, s.none = make([]float32, blockRows), make([]float32, blockRows)
	for i := range s.none {
		s.none[i] = float32(math.Inf(-1))
	}
	s.scores = blas32.General{Stride: blockRows, Data: make([]float32, blockRows*blockRows)}
	s.mask = make([]uint64, blockRows*words)
}

// run compares and ranks all rows on the left. When they are the points themselves, each pair of blocks is compared once,
// for both, unless the candidates of all rows take too much memory.
func (p *pass) run(ctx context.Context) error {
	n, s := p.left.n(), selection{k: p.out.kg, most: p.most}
	each := 24 + 16*s.least()
	if p.both = p.out.self && p.left.ids == nil && n <= selfBytes/each; p.both {
		return p.batch(ctx, 0, n, s)
	}
	size := max(batchBytes/(each+4*p.points.x.Cols)/blockRows, 1) * blockRows
	for lo := 0; lo < n; lo += size {
		if err := p.batch(ctx, lo, min(lo+size, n), s); err != nil {
			return err
		}
	}
	return nil
}

// batch does the rows [lo, hi) on the left.
func (p *pass) batch(ctx context.Context, lo, hi int, s selection) error {
	n := hi - lo
	if n == 0 {
		return nil
	}
	p.first, p.board = lo, newBoard(spans(n), s)
	for i := range n {
		p.board.bound[i] = newBound(p.metric, p.points.x.Cols)
		if p.int8 && p.out.self { // else it is known when the row is rounded
			p.board.bound[i] = bound{abs: p.slack(p.left.id(lo + i))}
		}
	}

	all := (p.points.n() + blockRows - 1) / blockRows
	chunk := all
	if !p.int8 {
		chunk = min(all, max(1, chunkBytes/(4*p.points.x.Cols+1)/blockRows))
		if len(p.tiles) < chunk {
			p.tiles = make([]simd.Panels, chunk)
		}
	}
	progress := p.progress(lo, n, all)
	for c0 := 0; c0 < all; c0 += chunk {
		c1 := min(c0+chunk, all)
		if err := p.pack(ctx, c0, c1); err != nil {
			return err
		}
		loop := parallel.Loop{Workers: p.opt.Workers, Block: 1, Progress: progress(c0, c1)}
		lefts := len(p.board.blocks)
		if p.both {
			lefts = c1 // blocks further on meet these points as they come to the right
		}
		err := loop.Run(ctx, lefts, func(w, i, _ int) error { return p.strip(ctx, p.scratch(w), i, c0, c1) })
		if err != nil {
			return err
		}
	}
	return parallel.Loop{Workers: p.opt.Workers, Block: 1}.Run(ctx, len(p.board.blocks), func(w, i, _ int) error {
		for r := range p.board.blocks[i].n() {
			if err := p.rank(ctx, p.scratch(w), i, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// pack makes the panels of the blocks of points from c0 to c1.
func (p *pass) pack(ctx context.Context, c0, c1 int) error {
	if p.int8 {
		return nil
	}
	p.tile0 = c0
	return parallel.Loop{Workers: p.opt.Workers, Block: 1}.Run(ctx, c1-c0, func(w, i, _ int) error {
		s := p.scratch(w)
		lo := (c0 + i) * blockRows
		s.rows.Rows = min(blockRows, p.points.n()-lo)
		for j := range s.rows.Rows {
			p.vector(s, dense.Row(s.rows, j), p.points.row(lo+j), p.stats[lo+j], 1)
		}
		p.kern.PackInto(&p.tiles[i], s.rows)
		return nil
	})
}

// vector is what the float32 kernels see of a row: itself for squared distances, else its image times sign.
func (p *pass) vector(s *scratch, dst, a []float32, stats metric.Stats, sign float64) {
	if p.metric.Kind == metric.Euclidean {
		copy(dst, a)
		return
	}
	image(s.y, p.metric, a, stats, nil)
	for j, v := range s.y {
		dst[j] = float32(sign * v)
	}
}

// load prepares the rows of block b on the left.
func (p *pass) load(s *scratch, b int) {
	lo, n := p.board.blocks[b].lo, p.board.blocks[b].n()
	s.rows.Rows = n
	cols := p.points.x.Cols
	for i := range n {
		g := p.left.id(p.first + lo + i)
		a, stats := p.left.g.row(g), p.left.stats[g]
		s.add[i] = 0
		if !p.int8 {
			p.vector(s, dense.Row(s.rows, i), a, stats, -1)
			continue
		}
		var size rounded
		s.scale[i], size = p.round(s.q[i*cols:][:cols], s.y, a, stats, p.eight.shift)
		if !p.out.self {
			p.board.bound[lo+i] = bound{abs: p.error(size, p.eight.most)}
		}
		if p.metric.Kind == metric.Euclidean {
			s.add[i] = float32(size.length * size.length)
		}
	}
	if p.int8 {
		p.kern.RowsInt8(&s.eight, cols, s.q[:n*cols], s.scale[:n])
	}
}

// score makes the scores of the block on the left with block j of the points.
func (p *pass) score(s *scratch, j int) {
	s.scores.Rows, s.scores.Cols = s.rows.Rows, min(blockRows, p.points.n()-j*blockRows)
	switch {
	case p.int8 && p.metric.Kind == metric.Euclidean:
		p.kern.MulInt8(s.scores, &s.eight, p.eight.panels[j], p.eight.square[j*blockRows:][:s.scores.Cols])
	case p.int8:
		p.kern.MulInt8(s.scores, &s.eight, p.eight.panels[j], nil)
	case p.metric.Kind == metric.Euclidean:
		p.kern.SquareDistNT(s.scores, s.rows, &p.tiles[j-p.tile0])
	default:
		p.kern.MulNT(s.scores, s.rows, &p.tiles[j-p.tile0])
	}
}

// strip compares block i on the left with the blocks of points from c0 to c1, or with those of them that do not come before
// it, for both sides.
func (p *pass) strip(ctx context.Context, s *scratch, i, c0, c1 int) error {
	if p.both {
		c0 = max(c0, i)
	}
	p.load(s, i)
	for t := range c1 - c0 {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		j, other := c0+t, -1
		if p.both { // neighboring strips begin at other places, so as not to wait for each other
			if j = c0 + (t+i*7)%(c1-c0); j != i {
				other = j
			}
		}
		p.score(s, j)
		p.board.collect(p.kern, s, i, other, j*blockRows)
	}
	return nil
}

// rank orders the candidates of row r of block i by their distances. From the nearest estimate on they are measured until
// none that is left can be among the nearest.
func (p *pass) rank(ctx context.Context, s *scratch, i, r int) error {
	at := p.board.blocks[i].lo + r
	g := p.left.id(p.first + at)
	list, wide := p.board.take(s, i, r)
	if wide {
		p.mu.Lock()
		p.wide = append(p.wide, int32(g))
		p.mu.Unlock()
		return nil
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	k, b := p.out.kg, p.board.bound[at]
	a, stats := p.left.g.row(g), p.left.stats[g]
	s.near = s.near[:0]
	for _, v := range list {
		if len(s.near) == k && b.least(v.score) > score(p.metric, s.near[0].distance) {
			break
		}
		s.near = keep(s.near, p.distance(a, stats, int(v.group)), k)
	}
	s.list = p.out.set(g, s.near, s.list)
	return nil
}

func (p *pass) distance(a []float32, stats metric.Stats, point int) neighbour {
	return neighbour{p.metric.Between(a, p.points.row(point), stats, p.stats[point]), int32(point)}
}

// compareAll ranks all points for one group on the left.
func (p *pass) compareAll(ctx context.Context, s *scratch, g int) error {
	a, stats := p.out.queries.row(g), p.left.stats[g]
	s.near = s.near[:0]
	for j := range p.points.n() {
		if j%256 == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
		}
		s.near = keep(s.near, p.distance(a, stats, j), p.out.kg)
	}
	s.list = p.out.set(g, s.near, s.list)
	return nil
}
