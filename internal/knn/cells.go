package knn

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/metric"
)

// cells are a partition of the points: each point is in the cell whose center its image is nearest to. All scores are those
// of rounded images, so that the partition has the same bits on every level.
type cells struct {
	centre blas32.General   // images
	panels *simd.PanelsInt8 // of the rounded centers
	square []float32        // Euclidean: their squared lengths; else zeros

	order []int32 // points by cell, ascending within each
	start []int32 // of each cell in order, and the end of the last
}

func (c *cells) n() int { return c.centre.Rows }

const (
	cellTurns  = 6  // rounds of k-means
	cellSample = 32 // points a cell that k-means sees
	cellBlock  = 96 // points that are assigned at once
	sampleSeed = 0x6b6e6e
)

// cellCount is the number of cells for n points.
func cellCount(n int) int { return max(1, int(2*math.Sqrt(float64(n)))) }

// codes are rounded images of rows, for either side of products.
type codes struct {
	shift  []float32 // Euclidean: near the mean of the points, which is taken from all rows
	stride int       // of a row of q: the columns, filled up with zeros
	q      []int8
	scale  []float32
	square []float32 // Euclidean: squared lengths of the images; else zeros
}

func (c *codes) row(i int) []int8 { return c.q[i*c.stride:][:c.stride] }

// newCodes rounds the rows of groups, and gives the largest of their sizes.
func (ix *Index) newCodes(ctx context.Context, g *groups, stats []metric.Stats, shift []float32) (*codes, rounded, error) {
	n, cols := g.n(), g.x.Cols
	sizes := make([]rounded, (n+255)/256)
	c := &codes{shift: shift, stride: (cols + 31) &^ 31}
	c.q, c.scale, c.square = make([]int8, n*c.stride), make([]float32, n), make([]float32, n)
	err := parallel.Loop{Workers: ix.opt.Workers, Block: 256}.Run(ctx, n, func(_, lo, hi int) error {
		y := make([]float64, cols)
		most := &sizes[lo/256]
		for i := lo; i < hi; i++ {
			var size rounded
			c.scale[i], size = ix.round(c.row(i)[:cols], y, g.row(i), stats[i], shift)
			if ix.metric.Kind == metric.Euclidean {
				c.square[i] = float32(size.length * size.length)
			}
			*most = most.max(size)
		}
		return nil
	})
	var most rounded
	for _, s := range sizes {
		most = most.max(s)
	}
	return c, most, err
}

// gather makes the left of products of the rows that at gives, n of them.
func (c *codes) gather(ix *Index, s *scratch, n int, at func(i int) int) {
	if need := n * c.stride; cap(s.q) < need {
		s.q = make([]int8, need)
	}
	for i := range n {
		j := at(i)
		copy(s.q[i*c.stride:(i+1)*c.stride], c.row(j))
		s.scale[i], s.add[i] = c.scale[j], c.square[j]
	}
	ix.kern.RowsInt8(&s.eight, c.stride, s.q[:n*c.stride], s.scale[:n])
}

// right makes the right of products of rows of codes: their scores are less the product, or the squared distance.
func (c *codes) right(ix *Index, lo, hi int) *simd.PanelsInt8 {
	scale := make([]float32, hi-lo)
	for i := range scale {
		if scale[i] = -c.scale[lo+i]; ix.metric.Kind == metric.Euclidean {
			scale[i] *= 2
		}
	}
	return ix.kern.PackInt8(hi-lo, c.stride, c.q[lo*c.stride:hi*c.stride], scale)
}

// newCells makes cells by k-means of a sample of the points, on the unit sphere unless the metric is Euclidean (Dhillon and
// Modha 2001, doi:10.1023/A:1007612920971).
func (ix *Index) newCells(ctx context.Context, codes *codes) (*cells, error) {
	n, cols := ix.points.n(), ix.points.x.Cols
	c := &cells{}
	count := min(cellCount(n), n)
	sample := ix.sample(min(n, count*cellSample))
	c.centre = blas32.General{Rows: count, Cols: cols, Stride: cols, Data: make([]float32, count*cols)}
	y := make([]float64, cols)
	for i := range count { // the sample is in random order
		g := int(sample[i])
		image(y, ix.metric, ix.points.row(g), ix.stats[g], codes.shift)
		for j, v := range y {
			c.centre.Data[i*cols+j] = float32(v)
		}
	}
	slices.Sort(sample)
	of := make([]int32, len(sample))
	for range cellTurns {
		if err := c.pack(ctx, ix); err != nil {
			return nil, err
		}
		if err := ix.nearestCells(ctx, c, codes, len(sample), 1, of, func(i int) int { return int(sample[i]) }); err != nil {
			return nil, err
		}
		if err := ix.move(ctx, c, codes.shift, sample, of); err != nil {
			return nil, err
		}
	}
	return c, c.pack(ctx, ix)
}

// sample is some of the points, in random order.
func (ix *Index) sample(size int) []int32 {
	s := rng.New(sampleSeed)
	all := count32(ix.points.n())
	for i := range size {
		j := i + s.Intn(len(all)-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:size]
}

// pack rounds the centers.
func (c *cells) pack(ctx context.Context, ix *Index) error {
	plain := &Index{opt: ix.opt, kern: ix.kern} // the centers are images already
	n := c.n()
	codes, _, err := plain.newCodes(ctx, &groups{x: c.centre, start: count32(n + 1), member: count32(n)}, make([]metric.Stats, n), nil)
	if err != nil {
		return err
	}
	c.panels = codes.right(ix, 0, n)
	if c.square = codes.square; ix.metric.Kind != metric.Euclidean {
		c.square = make([]float32, n)
	}
	return nil
}

// count32 is 0, 1, … n − 1.
func count32(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = int32(i)
	}
	return s
}

// nearestCells writes the nearest cells of n points, count for each, nearest first; of equally near ones the lowest.
func (ix *Index) nearestCells(ctx context.Context, c *cells, codes *codes, n, count int, of []int32, point func(i int) int) error {
	type memory struct {
		scratch
		scores blas32.General
		near   []neighbour
	}
	workers := make([]*memory, parallel.Workers(ix.opt.Workers))
	return parallel.Loop{Workers: ix.opt.Workers, Block: cellBlock}.Run(ctx, n, func(w, lo, hi int) error {
		m := workers[w]
		if m == nil {
			m = &memory{scores: blas32.General{Cols: c.n(), Stride: c.n(), Data: make([]float32, cellBlock*c.n())}}
			m.init(ix.points.x.Cols)
			workers[w] = m
		}
		codes.gather(ix, &m.scratch, hi-lo, func(i int) int { return point(lo + i) })
		m.scores.Rows = hi - lo
		ix.kern.MulInt8(m.scores, &m.eight, c.panels, c.square)
		for i := lo; i < hi; i++ {
			m.near = nearestOf(dense.Row(m.scores, i-lo), count, m.near)
			for j, v := range m.near {
				of[i*count+j] = v.index
			}
		}
		return nil
	})
}

// nearestOf is the n smallest scores in rising order. memory is used for it.
func nearestOf(scores []float32, n int, memory []neighbour) []neighbour {
	if n == 1 {
		best := 0
		for j, v := range scores {
			if v < scores[best] {
				best = j
			}
		}
		return append(memory[:0], neighbour{float64(scores[best]), int32(best)})
	}
	h := memory[:0]
	for j, v := range scores {
		if len(h) < n || float64(v) < h[0].distance {
			h = keep(h, neighbour{float64(v), int32(j)}, n)
		}
	}
	slices.SortFunc(h, neighbour.compare)
	return h
}

// move puts the centers in the middle of their points. A cell without points keeps its center.
func (ix *Index) move(ctx context.Context, c *cells, shift []float32, sample, of []int32) error {
	byCell, start := sorted(of, c.n())
	cols := c.centre.Cols
	return parallel.Loop{Workers: ix.opt.Workers, Block: 4}.Run(ctx, c.n(), func(_, lo, hi int) error {
		y, sum := make([]float64, cols), make([]float64, cols)
		for i := lo; i < hi; i++ {
			members := byCell[start[i]:start[i+1]]
			if len(members) == 0 {
				continue
			}
			clear(sum)
			for _, m := range members {
				g := int(sample[m])
				image(y, ix.metric, ix.points.row(g), ix.stats[g], shift)
				for j, v := range y {
					sum[j] += v
				}
			}
			factor := 1 / float64(len(members))
			if ix.metric.Kind != metric.Euclidean {
				square := 0.0
				for _, v := range sum {
					square += float64(v * v)
				}
				factor = inverse(square)
			}
			for j, v := range sum {
				c.centre.Data[i*cols+j] = float32(v * factor)
			}
		}
		return nil
	})
}

// sorted lists the items of each of n classes, ascending, those of class i between start[i] and start[i+1].
func sorted(class []int32, n int) (items, start []int32) {
	start = make([]int32, n+1)
	for _, c := range class {
		start[c+1]++
	}
	for i := range n {
		start[i+1] += start[i]
	}
	next := slices.Clone(start)
	items = make([]int32, len(class))
	for i, c := range class {
		items[next[c]] = int32(i)
		next[c]++
	}
	return items, start
}
