package knn

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// Sizes of blocks. A block of queries and a tile of points with the scores between them stay in the second-level cache.
// A batch of queries and a chunk of points are what is prepared in memory at once; the larger they are, the less
// preparing is done over again.
const (
	queryBlock = 120 // a multiple of the tiles' heights of all kernels
	pointTile  = 256
	batchBytes = 32 << 20
	chunkBytes = 16 << 20
)

type neighbour struct {
	distance float64
	index    int32
}

func (a neighbour) compare(b neighbour) int {
	if c := cmp.Compare(a.distance, b.distance); c != 0 {
		return c
	}
	return cmp.Compare(a.index, b.index)
}

// finder is one search.
type finder struct {
	kern            *simd.Kernels
	points, queries *groups
	self            bool
	k               int // neighbours of a row
	kg              int // groups that hold them: fewer when there are not so many
	metric          Metric
	bound           bound
	pp, qq          []float64 // Cosine: products of the rows of the groups with themselves
	out             Neighbours
}

// scratch is the memory of one worker.
type scratch struct {
	rows   blas32.General // a tile of points, prepared
	scores []float32      // queryBlock × pointTile
	kth    []float32
	groups []neighbour // index is a group's number
	list   []neighbour // index is a row's number
}

func search(ctx context.Context, kern *simd.Kernels, points, queries *groups, self bool, k int, m Metric, opt Options) (Neighbours, error) {
	f := &finder{kern: kern, points: points, queries: queries, self: self, k: k, kg: min(k, points.n()), metric: m, bound: newBound(m, points.x.Cols)}
	n := queries.x.Rows
	f.out = Neighbours{K: k, Index: make([]int32, n*k), Distance: make([]float32, n*k)}
	loop := parallel.Loop{Workers: opt.Workers, Block: queryBlock}
	if err := f.measure(ctx, loop); err != nil {
		return Neighbours{}, err
	}
	workers := make([]scratch, parallel.Workers(opt.Workers))

	cols, kept := points.x.Cols, min(4*f.kg+64, points.n())
	batch := min(max(batchBytes/(4*cols+8*kept)/queryBlock, 1)*queryBlock, queries.n())
	chunk := min(max(chunkBytes/(4*cols+1)/pointTile, 1)*pointTile, points.n())
	rows := blas32.General{Cols: cols, Stride: max(cols, 1), Data: make([]float32, batch*max(cols, 1))}
	lists := make([]candidates, batch)
	memory := make([]candidate, batch*kept)
	for i := range lists {
		lists[i].list = memory[i*kept : i*kept : (i+1)*kept]
	}
	tiles := make([]simd.Panels, (chunk+pointTile-1)/pointTile)

	told := 0
	for q0 := 0; q0 < queries.n(); q0 += batch {
		q1 := min(q0+batch, queries.n())
		err := loop.Run(ctx, q1-q0, func(_, lo, hi int) error {
			for i := lo; i < hi; i++ {
				f.query(row(rows, i), q0+i)
				lists[i].reset()
			}
			return nil
		})
		if err != nil {
			return Neighbours{}, err
		}
		for p0 := 0; p0 < points.n(); p0 += chunk {
			p1 := min(p0+chunk, points.n())
			if err := f.pack(ctx, tiles, p0, p1, workers, opt.Workers); err != nil {
				return Neighbours{}, err
			}
			first := loop
			if opt.Progress != nil {
				first.Progress = func(done, _ int) {
					share := (float64(q0) + (float64(q1-q0)*float64(p0)+float64(done)*float64(p1-p0))/float64(points.n())) / float64(queries.n())
					if now := int(share * float64(n)); now > told && now < n { // n is told when the result is whole
						told = now
						opt.Progress(now, n)
					}
				}
			}
			err := first.Run(ctx, q1-q0, func(w, lo, hi int) error {
				block := rows
				block.Rows, block.Data = hi-lo, rows.Data[lo*rows.Stride:]
				return f.score(ctx, &workers[w], block, lists[lo:hi], tiles[:(p1-p0+pointTile-1)/pointTile], p0)
			})
			if err != nil {
				return Neighbours{}, err
			}
		}
		err = loop.Run(ctx, q1-q0, func(w, lo, hi int) error {
			for i := lo; i < hi; i++ {
				if err := f.rank(ctx, &workers[w], &lists[i], q0+i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return Neighbours{}, err
		}
	}
	if opt.Progress != nil {
		opt.Progress(n, n)
	}
	return f.out, nil
}

// measure computes the products of the rows with themselves, which only Cosine needs.
func (f *finder) measure(ctx context.Context, loop parallel.Loop) error {
	if f.metric != Cosine {
		return nil
	}
	products := func(g *groups) ([]float64, error) {
		v := make([]float64, g.n())
		return v, loop.Run(ctx, g.n(), func(_, lo, hi int) error {
			for i := lo; i < hi; i++ {
				v[i] = dot(g.row(i), g.row(i))
			}
			return nil
		})
	}
	var err error
	if f.pp, err = products(f.points); err != nil {
		return err
	}
	f.qq = f.pp
	if !f.self {
		f.qq, err = products(f.queries)
	}
	return err
}

// query prepares a query for the first pass: as it is, for squared distances, or its negative on the unit sphere, so that
// the product with a point, which is put there likewise, is smaller the nearer they are.
func (f *finder) query(dst []float32, g int) {
	if f.metric == Cosine {
		scaled(dst, f.queries.row(g), -inverse(f.qq[g]))
	} else {
		copy(dst, f.queries.row(g))
	}
}

// point prepares a point.
func (f *finder) point(dst []float32, g int) {
	if f.metric == Cosine {
		scaled(dst, f.points.row(g), inverse(f.pp[g]))
	} else {
		copy(dst, f.points.row(g))
	}
}

func inverse(square float64) float64 {
	if square == 0 {
		return 0
	}
	return 1 / math.Sqrt(square)
}

func scaled(dst, src []float32, factor float64) {
	for i, v := range src {
		dst[i] = float32(float64(v) * factor)
	}
}

// pack prepares the points in [p0, p1) as tiles for the kernels.
func (f *finder) pack(ctx context.Context, tiles []simd.Panels, p0, p1 int, workers []scratch, n int) error {
	return parallel.Loop{Workers: n, Block: pointTile}.Run(ctx, p1-p0, func(w, lo, hi int) error {
		cols, s := f.points.x.Cols, &workers[w].rows
		if s.Data == nil {
			*s = blas32.General{Cols: cols, Stride: max(cols, 1), Data: make([]float32, pointTile*max(cols, 1))}
		}
		for i := lo; i < hi; i++ {
			f.point(row(*s, i-lo), p0+i)
		}
		s.Rows = hi - lo
		f.kern.PackInto(&tiles[lo/pointTile], *s)
		return nil
	})
}

// score runs the first pass for a block of queries over the tiles that begin at the point p0.
func (f *finder) score(ctx context.Context, s *scratch, block blas32.General, lists []candidates, tiles []simd.Panels, p0 int) error {
	if s.scores == nil {
		s.scores = make([]float32, queryBlock*pointTile)
	}
	for t := range tiles {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		tile := &tiles[t]
		c := blas32.General{Rows: block.Rows, Cols: tile.N, Stride: pointTile, Data: s.scores}
		if f.metric == Cosine {
			f.kern.MulNT(c, block, tile)
		} else {
			f.kern.SquareDistNT(c, block, tile)
		}
		for i := range lists {
			s.kth = lists[i].add(row(c, i), int32(p0+t*pointTile), f.kg, f.bound, s.kth)
		}
	}
	return nil
}

// rank orders the candidates of a group of queries by their distances and writes the neighbours of its rows.
func (f *finder) rank(ctx context.Context, s *scratch, c *candidates, g int) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	q := f.queries.row(g)
	var qq float64
	if f.metric == Cosine {
		qq = f.qq[g]
	}
	distance := func(p int) neighbour {
		var pp float64
		if f.metric == Cosine {
			pp = f.pp[p]
		}
		return neighbour{f.metric.distance(q, f.points.row(p), qq, pp), int32(p)}
	}

	s.groups = s.groups[:0]
	if c.wide {
		for p := range f.points.n() {
			if p%256 == 0 {
				if err := context.Cause(ctx); err != nil {
					return err
				}
			}
			s.groups = keep(s.groups, distance(p), f.kg)
		}
	} else {
		s.kth = c.shrink(f.kg, f.bound, s.kth)
		for _, v := range c.list {
			s.groups = append(s.groups, distance(int(v.group)))
		}
	}
	slices.SortFunc(s.groups, neighbour.compare)

	// Groups ascend with their first rows, so the k first rows by (distance, row) lie in the k first groups.
	s.list = s.list[:0]
	single := true
	for i, v := range s.groups[:f.kg] {
		if len(s.list) >= f.k && v.distance > s.groups[i-1].distance {
			break
		}
		m := f.points.members(int(v.index))
		single = single && len(m) == 1
		for _, r := range m[:min(len(m), f.k)] {
			s.list = append(s.list, neighbour{v.distance, r})
		}
	}
	if !single {
		slices.SortFunc(s.list, neighbour.compare)
	}
	for _, r := range f.queries.members(g) {
		f.write(int(r), s.list)
	}
	return nil
}

// write stores the first neighbours of the list as those of row r.
func (f *finder) write(r int, list []neighbour) {
	index, distance := f.out.Index[r*f.k:(r+1)*f.k], f.out.Distance[r*f.k:(r+1)*f.k]
	j := 0
	if f.self {
		index[0], distance[0] = int32(r), 0
		j = 1
	}
	for _, v := range list {
		if j == f.k {
			return
		}
		if f.self && int(v.index) == r {
			continue
		}
		index[j], distance[j] = v.index, float32(v.distance)
		j++
	}
}

// keep adds v to a heap of the n nearest, whose root is the farthest.
func keep(heap []neighbour, v neighbour, n int) []neighbour {
	if len(heap) < n {
		heap = append(heap, v)
		for i := len(heap) - 1; i > 0; {
			up := (i - 1) / 2
			if heap[i].compare(heap[up]) <= 0 {
				break
			}
			heap[i], heap[up] = heap[up], heap[i]
			i = up
		}
		return heap
	}
	if v.compare(heap[0]) >= 0 {
		return heap
	}
	heap[0] = v
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return heap
		}
		if down+1 < n && heap[down+1].compare(heap[down]) > 0 {
			down++
		}
		if heap[down].compare(heap[i]) <= 0 {
			return heap
		}
		heap[i], heap[down] = heap[down], heap[i]
		i = down
	}
}
