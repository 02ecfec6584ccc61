package knn

import (
	"context"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/metric"
)

// Approximate is a set of points made ready for searches that find nearly all neighbors of the points in less time than
// comparing all pairs. It does not change and is safe for concurrent use, if the options' Progress is.
type Approximate struct {
	*Index // for the distances, and where all pairs are to be compared
	// space is where the cells are made and compared: that of the metric, or of Euclidean where the metric is no function of a
	// product. Points that are near there begin the graph.
	space *Index
	own   func(a, b []float32) float64 // the distance in that case; else nil
	ready sync.Mutex
	whole bool   // the index is ready for comparing all pairs
	cells *cells // nil where there are too few points
	codes *codes // of the points in the order of their cells: position i is point cells.order[i]

	// Cells are cut into blocks.
	blocks []span
	cell   []int32 // of each block
	panels []*simd.PanelsInt8
	first  []int32   // of each cell in blocks, and the end of the last
	near   [][]int32 // cells that each cell is compared with, only those after it, in rising order
}

// How much work is done. On sentence embeddings more cells find more than more steps in the graph do for the same time, and
// what is missing is mostly missing from the points that are far from all others.
const (
	cellVotes     = 8    // cells that a point has a say for
	cellsCompared = 128  // a cell is compared with so many of the mean size
	linksForward  = 8    // steps from a point to its nearest
	linksBack     = 10   // and, at most, to points that have it among theirs
	hardShare     = 0.08 // of the points, those compared with all
	ownRounds     = 3    // looks in a graph that was begun by another metric, by twice the steps
)

// leastApproximate is the number of different rows from which on cells are made.
const leastApproximate = 4096

// NewApproximate makes an approximate index of the rows of x, which it keeps and which must not change. For few points or
// columns and under a caller's function it is exact. Errors are those of New.
func NewApproximate(ctx context.Context, x blas32.General, m Metric, opt Options) (*Approximate, error) {
	ix, err := newIndex(ctx, x, m, opt)
	if err != nil {
		return nil, err
	}
	a := &Approximate{Index: ix, space: ix}
	n := ix.points.n()
	if ix.metric.Kind == metric.Custom || n < leastApproximate || x.Cols < leastInt8 || x.Cols > mostInt8 {
		return a, a.prepareAll(ctx)
	}
	if !inner(ix.metric) {
		a.own = ix.metric.Function()
		a.space = &Index{opt: opt, kern: ix.kern, points: ix.points, stats: ix.stats}
		ix = a.space
	}
	var shift []float32
	if ix.metric.Kind == metric.Euclidean {
		if shift, err = ix.mean(ctx, parallel.Loop{Workers: opt.Workers, Block: blockRows}); err != nil {
			return nil, err
		}
	}
	codes, most, err := ix.newCodes(ctx, ix.points, ix.stats, shift)
	if err != nil {
		return nil, err
	}
	if !most.trusted() {
		return a, a.prepareAll(ctx)
	}
	if a.cells, err = ix.newCells(ctx, codes); err != nil {
		return nil, err
	}
	votes := min(cellVotes, a.cells.n())
	of := make([]int32, n*votes)
	if err := ix.nearestCells(ctx, a.cells, codes, n, votes, of, func(i int) int { return i }); err != nil {
		return nil, err
	}
	home := make([]int32, n)
	for i := range home {
		home[i] = of[i*votes]
	}
	a.cells.order, a.cells.start = sorted(home, a.cells.n())
	if err := a.neighbouring(ctx, of, votes); err != nil {
		return nil, err
	}
	return a, a.pack(ctx, codes)
}

// prepareAll makes the index ready for comparing all pairs, once.
func (a *Approximate) prepareAll(ctx context.Context) error {
	a.ready.Lock()
	defer a.ready.Unlock()
	if a.whole {
		return nil
	}
	err := a.prepare(ctx)
	a.whole = err == nil
	return err
}

// Query finds for every row of q its k nearest points, exactly, as Index.Query does: a few rows are soon compared with all
// points, and many are compared in blocks.
func (a *Approximate) Query(ctx context.Context, q blas32.General, k int) (Neighbors, error) {
	if err := a.prepareAll(ctx); err != nil {
		return Neighbors{}, err
	}
	return a.Index.Query(ctx, q, k)
}

// neighboring picks for each cell the cells that its points are compared with: those that come next for most of its points,
// until together they have enough points.
func (a *Approximate) neighbouring(ctx context.Context, of []int32, votes int) error {
	c := a.cells
	enough := cellsCompared * a.points.n() / c.n()
	pairs := make([][]int32, c.n())
	count := make([]int32, c.n())
	for i := range pairs {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		clear(count)
		var met []int32
		for _, p := range c.order[c.start[i]:c.start[i+1]] {
			for rank, j := range of[int(p)*votes:][:votes] {
				if j == int32(i) {
					continue
				}
				if count[j] == 0 {
					met = append(met, j)
				}
				count[j] += int32(votes - rank)
			}
		}
		slices.SortFunc(met, func(x, y int32) int {
			if count[x] != count[y] {
				return int(count[y] - count[x])
			}
			return int(x - y)
		})
		points := int(c.start[i+1] - c.start[i])
		take := func(cells []int32) {
			for _, j := range cells {
				if points >= enough {
					return
				}
				points += int(c.start[j+1] - c.start[j])
				x, y := min(int32(i), j), max(int32(i), j)
				pairs[x] = append(pairs[x], y)
			}
		}
		if take(met); points < enough {
			take(a.others(i, met))
		}
	}
	for i, p := range pairs {
		slices.Sort(p)
		pairs[i] = slices.Compact(p)
	}
	a.near = pairs
	return nil
}

// others are the cells that are not among those met, by the distances of their centers from that of cell i.
func (a *Approximate) others(i int, met []int32) []int32 {
	c := a.cells
	var list []neighbour
	for j := range c.n() {
		if j != i && !slices.Contains(met, int32(j)) {
			list = append(list, neighbour{a.kern.Squares64(dense.Row(c.centre, i), dense.Row(c.centre, j)), int32(j)})
		}
	}
	slices.SortFunc(list, neighbour.compare)
	out := make([]int32, len(list))
	for t, v := range list {
		out[t] = v.index
	}
	return out
}

// pack puts the codes into the order of the cells, and cuts the cells into blocks.
func (a *Approximate) pack(ctx context.Context, codes *codes) error {
	c := a.cells
	for cell := range c.n() {
		a.first = append(a.first, int32(len(a.blocks)))
		lo, hi := int(c.start[cell]), int(c.start[cell+1])
		parts := (hi - lo + blockRows - 1) / blockRows
		for p := range parts {
			a.blocks = append(a.blocks, span{lo + (hi-lo)*p/parts, lo + (hi-lo)*(p+1)/parts})
			a.cell = append(a.cell, int32(cell))
		}
	}
	a.first = append(a.first, int32(len(a.blocks)))
	a.panels = make([]*simd.PanelsInt8, len(a.blocks))
	to := *codes
	to.q, to.scale, to.square = make([]int8, len(codes.q)), make([]float32, len(codes.scale)), make([]float32, len(codes.square))
	a.codes = &to
	return parallel.Loop{Workers: a.opt.Workers, Block: 1}.Run(ctx, len(a.blocks), func(_, i, _ int) error {
		b := a.blocks[i]
		for p := b.lo; p < b.hi; p++ {
			g := int(c.order[p])
			copy(to.row(p), codes.row(g))
			to.scale[p], to.square[p] = codes.scale[g], codes.square[g]
		}
		a.panels[i] = to.right(a.space, b.lo, b.hi)
		return nil
	})
}

// score is what the blocks' products make of two positions, or their distance once the graph is one of distances.
func (a *Approximate) score(i, j int32, own bool) float32 {
	if own {
		return float32(a.own(a.points.row(int(a.cells.order[i])), a.points.row(int(a.cells.order[j]))))
	}
	c := a.codes
	scale := -c.scale[j]
	if a.space.metric.Kind == metric.Euclidean {
		scale *= 2
	}
	product := float32(a.kern.DotInt8(c.row(int(i)), c.row(int(j)))) * float32(c.scale[i]*scale)
	return (float32(product) + c.square[j]) + c.square[i]
}

// Self finds for every point k points near to it, nearly always the k nearest, as Index.Self does.
func (a *Approximate) Self(ctx context.Context, k int) (Neighbors, error) {
	if err := checkK(k, a.points.x.Rows); err != nil {
		return Neighbors{}, err
	}
	out := newResult(a.points, a.points, true, k)
	if a.small(out.kg) {
		if err := a.prepareAll(ctx); err != nil {
			return Neighbors{}, err
		}
		return a.Index.Self(ctx, k)
	}
	n := a.points.n()
	memory := make([]approximateScratch, parallel.Workers(a.opt.Workers))
	g := newGraph(n, width(out.kg))
	if err := a.scan(ctx, out, g, memory); err != nil {
		return Neighbors{}, err
	}
	g, err := a.refine(ctx, g, memory)
	if err != nil {
		return Neighbors{}, err
	}
	a.tell(out, 0.75)
	if err := a.hard(ctx, g, out.kg, memory); err != nil {
		return Neighbors{}, err
	}
	rounds := 1
	if a.own != nil {
		if err := a.measureAll(ctx, g); err != nil {
			return Neighbors{}, err
		}
		rounds = ownRounds
	}
	for range rounds {
		if g, err = a.refine(ctx, g, memory); err != nil {
			return Neighbors{}, err
		}
	}
	a.tell(out, 0.95)
	err = parallel.Loop{Workers: a.opt.Workers}.Run(ctx, n, func(w, lo, hi int) error {
		s := &memory[w]
		for p := lo; p < hi; p++ {
			i := int(a.cells.order[p])
			// The scores of a row of zeros do not tell its equals from others.
			s.near = append(s.near[:0], a.distance(a.points.row(i), a.stats[i], int32(i)))
			for _, q := range g.index[p*g.width:][:g.width] {
				if int(q) == p {
					continue
				}
				s.near = keep(s.near, a.distance(a.points.row(i), a.stats[i], a.cells.order[q]), out.kg)
			}
			s.list = out.set(i, s.near, s.list)
		}
		return nil
	})
	if err != nil {
		return Neighbors{}, err
	}
	if a.opt.Progress != nil {
		a.opt.Progress(a.points.x.Rows, a.points.x.Rows)
	}
	return out.Neighbors, nil
}

func (a *Approximate) distance(row []float32, s metric.Stats, g int32) neighbour {
	return neighbour{a.metric.Between(row, a.points.row(int(g)), s, a.stats[g]), g}
}

// tell reports a share of the work.
func (a *Approximate) tell(out *result, share float64) {
	total := a.points.x.Rows
	if now := int(share * float64(total)); a.opt.Progress != nil && now > out.told && now < total {
		out.told = now
		a.opt.Progress(now, total)
	}
}

// width is the number of positions that are kept to find k neighbors among: some more, as scores are rough.
func width(k int) int { return k + k/4 + 3 }

// small says that there are too few points for cells to be of use in finding k neighbors.
func (a *Approximate) small(k int) bool {
	return a.cells == nil || cellsCompared*a.points.n()/a.cells.n() < 16*width(k)
}

type approximateScratch struct {
	scratch
	seen []int32 // the position + 1 that a position was last met for
	met  []int32
}

// scan compares each cell with itself and then with those near to it, each pair of blocks once.
func (a *Approximate) scan(ctx context.Context, out *result, g *graph, memory []approximateScratch) error {
	board := newBoard(a.blocks, selection{k: g.width, most: 1 << 28})
	loop := parallel.Loop{Workers: a.opt.Workers, Block: 1}
	strip := func(own bool) error {
		return loop.Run(ctx, len(a.blocks), func(w, i, _ int) error {
			s := &memory[w]
			s.init(a.points.x.Cols)
			b := a.blocks[i]
			a.codes.gather(a.space, &s.scratch, b.n(), func(i int) int { return b.lo + i })
			s.scores.Rows = b.n()
			cell := a.cell[i]
			if own {
				return a.compare(ctx, s, board, i, i, int(a.first[cell+1]), true)
			}
			near := a.near[cell]
			for t := range near {
				d := near[(t+i*7)%len(near)] // neighboring strips begin at other places, so as not to wait for each other
				if err := a.compare(ctx, s, board, i, int(a.first[d]), int(a.first[d+1]), true); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := strip(true); err != nil {
		return err
	}
	loop.Progress = func(done, of int) { a.tell(out, 0.1+0.5*float64(done)/float64(of)) }
	if err := strip(false); err != nil {
		return err
	}
	loop.Progress = nil
	return loop.Run(ctx, len(a.blocks), func(w, i, _ int) error {
		for r := range a.blocks[i].n() {
			list, _ := board.take(&memory[w].scratch, i, r)
			at := (a.blocks[i].lo + r) * g.width
			for j, v := range list[:g.width] {
				g.index[at+j], g.score[at+j], g.fresh[at+j] = v.group, v.score, true
			}
		}
		return context.Cause(ctx)
	})
}

// compare takes the near ones among the pairs of block i of the board, which is loaded, and the blocks of points from j0 to
// j1, for both if they are on the board.
func (a *Approximate) compare(ctx context.Context, s *approximateScratch, b *board, i, j0, j1 int, both bool) error {
	for j := j0; j < j1; j++ {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		right, other := a.blocks[j], j
		if !both || j == i {
			other = -1
		}
		s.scores.Cols = right.n()
		a.kern.MulInt8(s.scores, &s.eight, a.panels[j], a.codes.square[right.lo:right.hi])
		b.collect(a.kern, &s.scratch, i, other, right.lo)
	}
	return nil
}

// hard compares the points whose neighbors are farthest away, where most of what is missing is missing, with all points.
func (a *Approximate) hard(ctx context.Context, g *graph, k int, memory []approximateScratch) error {
	n := a.points.n()
	far := make([]candidate, n) // the farthest first
	for p := range far {
		far[p] = candidate{-g.score[p*g.width+k-1], int32(p)}
	}
	sortCandidates(far)
	far = far[:int(float64(n)*hardShare)]
	slices.SortFunc(far, func(a, b candidate) int { return int(a.group) - int(b.group) })
	blocks := spans(len(far))
	board := newBoard(blocks, selection{k: g.width, most: 1 << 28})
	slack := 16 * u32 * slices.Max(a.codes.square) // squares were added in another order
	return parallel.Loop{Workers: a.opt.Workers, Block: 1}.Run(ctx, len(blocks), func(w, i, _ int) error {
		s := &memory[w]
		b := blocks[i]
		a.codes.gather(a.space, &s.scratch, b.n(), func(r int) int { return int(far[b.lo+r].group) })
		s.scores.Rows = b.n()
		for r := range b.n() { // its neighbors so far are found again
			board.cuts[i][r] = g.score[int(far[b.lo+r].group)*g.width+g.width-1] + slack
		}
		if err := a.compare(ctx, s, board, i, 0, len(a.blocks), false); err != nil {
			return err
		}
		for r := range b.n() {
			list, _ := board.take(&s.scratch, i, r)
			at := int(far[b.lo+r].group) * g.width
			old := append(s.met[:0], g.index[at:][:g.width]...)
			s.met = old
			for j, v := range list[:g.width] {
				g.index[at+j], g.score[at+j] = v.group, v.score
				g.fresh[at+j] = g.fresh[at+j] || !slices.Contains(old, v.group)
			}
		}
		return nil
	})
}
