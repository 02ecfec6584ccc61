package hdbscan

import (
	"context"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// leafSize is the largest number of points in a leaf of a kd-tree; the smallest is about half of it.
const leafSize = 12

// kdTree holds the distinct points of a data set in a complete binary tree: the children of node i are 2i+1 and 2i+2, all
// leaves are on the last level, and every node has the tight bounding box of its points. A node owns the positions
// [start, end) of the arrays by position. Points that occur several times are there once, under the first of their rows.
// Where boxes would not help, all points are in one leaf.
type kdTree struct {
	*space
	levels int       // of children; 0: the root is a leaf
	start  []int32   // by node
	end    []int32   // by node
	box    []float64 // of node i from 2·dims·i: dims lower bounds, then dims upper bounds; nil where there is one leaf
	pts    []float64 // coordinates by position; nil for a space without
	raw    []float32 // rows by position, for a space without coordinates
	row    []int32   // first row at this place, by position
	mult   []int32   // number of rows at this place, by position
	weight []float64 // and what they weigh; nil: as many as they are
	once   bool      // the rows at a place count once in core distances
	closer float64   // by what the squared core distance is divided for that of rows at one place
	pos    []int32   // position by row
}

func (t *kdTree) len() int                 { return len(t.row) }
func (t *kdTree) isLeaf(node int32) bool   { return int(node) >= 1<<t.levels-1 }
func (t *kdTree) count(node int32) int32   { return t.end[node] - t.start[node] }
func (t *kdTree) point(p int32) []float64  { return t.pts[int(p)*t.dims : (int(p)+1)*t.dims] }
func (t *kdTree) bounds(i int32) []float64 { return t.box[int(i)*2*t.dims : (int(i)+1)*2*t.dims] }

// countOnce lets the rows at a place count once in core distances. Rows at one place are then as far apart as the core
// distance over 1 + s, where s is the share of places with at least size rows. With s = 1 every such place is a cluster:
// over any subtree of the hierarchy the places, which live for at least 1/core each, are more stable than what joins
// them, which dies at 1/core at the latest. With s near 0 they are hardly denser than what is around them.
func (t *kdTree) countOnce(size int) {
	t.once = true
	many := 0
	for _, m := range t.mult {
		if int(m) >= size {
			many++
		}
	}
	factor := 1 + float64(many)/float64(t.len())
	t.closer = float64(factor * factor)
}

// weighs is the weight of the rows at a place in core distances.
func (t *kdTree) weighs(p int32) float64 {
	if t.once {
		return 1
	}
	if t.weight != nil {
		return t.weight[p]
	}
	return float64(t.mult[p])
}

// place is where distances are measured from: coordinates, or the row itself in a space without.
type place struct {
	at  []float64
	raw []float32
	row int32 // of the data, for distances that are given
}

func (t *kdTree) place(p int32) place {
	if t.pts != nil {
		return place{at: t.point(p)}
	}
	return place{raw: t.raw[int(p)*t.dims : (int(p)+1)*t.dims], row: t.row[p]}
}

// dist is the measure of the distance of two points.
func (t *kdTree) dist(p, q int32) float64 {
	var d [1]float64
	t.dists(d[:], t.place(p), q)
	return d[0]
}

// dists writes to dst the measures of the distances from a place to the points from position lo on.
func (t *kdTree) dists(dst []float64, from place, lo int32) {
	switch {
	case t.pts != nil:
		t.norm.dists(dst, from.at, t.pts[int(lo)*t.dims:(int(lo)+len(dst))*t.dims])
	case t.given != nil:
		for i := range dst {
			dst[i] = t.given(int(from.row), int(t.row[int(lo)+i]))
		}
	default:
		for i := range dst {
			p := int(lo) + i
			dst[i] = t.between(from.raw, t.raw[p*t.dims:(p+1)*t.dims])
		}
	}
}

// leafDists writes to dst the measures of the distances from a place to the points of a leaf.
func (t *kdTree) leafDists(dst []float64, from place, leaf int32) []float64 {
	dst = dst[:t.count(leaf)]
	t.dists(dst, from, t.start[leaf])
	return dst
}

// newKDTree builds the tree of n ≥ 1 rows in a space, those of x, which has been checked, unless distances are given.
// weights, by row, may be nil. With apart every row is a point of its own.
func newKDTree(ctx context.Context, sp *space, x blas32.General, n int, weights []float64, apart bool, workers int) (*kdTree, error) {
	b := &treeBuilder{x: x, rows: n, apart: apart || sp.given != nil}
	if err := b.prepare(ctx, sp, workers); err != nil {
		return nil, err
	}
	return b.build(ctx, sp, weights, workers)
}

// part is a tree of some points of t; its rows are the numbers in at.
func (t *kdTree) part(ctx context.Context, at []int32, workers int) (*kdTree, error) {
	b := &treeBuilder{rows: len(at), apart: true, dims: t.dims}
	if t.pts != nil {
		b.made = make([]float64, 0, len(at)*t.dims)
		for _, p := range at {
			b.made = append(b.made, t.point(p)...)
		}
	} else {
		b.x = blas32.General{Rows: len(at), Cols: t.dims, Stride: t.dims}
		for _, p := range at {
			b.x.Data = append(b.x.Data, t.raw[int(p)*t.dims:(int(p)+1)*t.dims]...)
		}
	}
	return b.build(ctx, t.space, nil, workers)
}

func (b *treeBuilder) build(ctx context.Context, sp *space, weights []float64, workers int) (*kdTree, error) {
	first, mult, err := b.distinct(ctx, workers)
	if err != nil {
		return nil, err
	}
	b.keys = make([]uint64, 0, b.rows)
	for i, f := range first {
		if int(f) == i {
			b.keys = append(b.keys, uint64(i))
		}
	}
	n := len(b.keys)
	t := &kdTree{space: sp, pos: make([]int32, b.rows), closer: 1}
	if sp.boxed() {
		t.levels = bits.Len(uint((n - 1) / leafSize))
	}
	nodes := 2<<t.levels - 1
	t.start, t.end = make([]int32, nodes), make([]int32, nodes)
	if t.levels > 0 {
		t.box = make([]float64, nodes*2*t.dims)
	}
	switch {
	case sp.norm != noNorm:
		t.pts = make([]float64, n*t.dims)
	case sp.given == nil:
		t.raw = make([]float32, n*t.dims)
	}
	t.row, t.mult = make([]int32, n), make([]int32, n)
	t.end[0] = int32(n)
	b.t = t

	// The upper levels go node by node, the lower ones subtree by subtree.
	top := min(t.levels, 6)
	for level := range top {
		from := 1<<level - 1
		err := parallel.Loop{Workers: workers, Block: 1}.Run(ctx, 1<<level, func(_, lo, _ int) error {
			b.split(int32(from + lo))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	from := 1<<top - 1
	err = parallel.Loop{Workers: workers, Block: 1}.Run(ctx, 1<<top, func(_, lo, _ int) error {
		b.subtree(int32(from + lo))
		return nil
	})
	if err != nil {
		return nil, err
	}

	for p, r := range t.row {
		t.pos[r] = int32(p)
		t.mult[p] = mult[r]
	}
	for i, f := range first {
		t.pos[i] = t.pos[f]
	}
	if weights != nil {
		t.weight = make([]float64, n)
		for i, w := range weights {
			t.weight[t.pos[i]] += w
		}
	}
	return t, nil
}

// prepare computes the coordinates of the rows where they are not the values themselves.
func (b *treeBuilder) prepare(ctx context.Context, sp *space, workers int) error {
	if sp.prepare == nil {
		return nil
	}
	b.made = make([]float64, b.x.Rows*sp.dims)
	b.dims = sp.dims
	return parallel.Loop{Workers: workers}.Run(ctx, b.x.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			sp.prepare(b.made[i*sp.dims:(i+1)*sp.dims], b.values(i))
		}
		return nil
	})
}

// distinct finds for every row the first row at the same place, and how many rows that first row stands for.
func (b *treeBuilder) distinct(ctx context.Context, workers int) (first, mult []int32, err error) {
	n := b.rows
	first, mult = make([]int32, n), make([]int32, n)
	if b.apart {
		for i := range first {
			first[i], mult[i] = int32(i), 1
		}
		return first, mult, nil
	}
	hash := make([]uint64, n)
	err = parallel.Loop{Workers: workers, Block: 1024}.Run(ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			h := uint64(b.x.Cols)
			if b.made != nil {
				for _, v := range b.made[i*b.dims : (i+1)*b.dims] {
					h = mix(h, math.Float64bits(v+0)) // −0 becomes 0
				}
			} else {
				for _, v := range b.values(i) {
					h = mix(h, uint64(math.Float32bits(v+0)))
				}
			}
			hash[i] = h * 0xbf58476d1ce4e5b9
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	// An open-addressing table of row + 1, at most half full.
	width := bits.Len(uint(2*n - 1))
	table := make([]int32, 1<<width)
	mask := len(table) - 1
	for i, h := range hash {
		if i&0xffff == 0 && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		slot := int(h >> (64 - width))
		for {
			r := int(table[slot]) - 1
			if r < 0 {
				table[slot] = int32(i + 1)
				r = i
			} else if hash[r] != h || !b.same(r, i) {
				slot = (slot + 1) & mask
				continue
			}
			first[i] = int32(r)
			mult[r]++
			break
		}
	}
	return first, mult, nil
}

func mix(h, v uint64) uint64 {
	h = (h ^ v) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

// treeBuilder orders rows into the nodes of a tree. The low half of a key is a row; the high half is the row's value in
// the dimension that its node is split by, rounded, in an order-keeping code, so that all keys differ and compare as
// integers.
type treeBuilder struct {
	t    *kdTree
	x    blas32.General
	made []float64 // coordinates by row, dims each; nil: the values of x
	dims int
	keys []uint64

	rows  int
	apart bool // every row is a point of its own
}

func (b *treeBuilder) values(i int) []float32 { return b.x.Data[i*b.x.Stride : i*b.x.Stride+b.x.Cols] }

func (b *treeBuilder) same(i, j int) bool {
	if b.made != nil {
		u := b.made[j*b.dims : (j+1)*b.dims]
		for c, v := range b.made[i*b.dims : (i+1)*b.dims] {
			if v != u[c] {
				return false
			}
		}
		return true
	}
	u := b.values(j)
	for c, v := range b.values(i) {
		if v != u[c] {
			return false
		}
	}
	return true
}

// coordinate is column j of row r as a float32.
func (b *treeBuilder) coordinate(r, j int) float32 {
	if b.made != nil {
		return float32(b.made[r*b.dims+j])
	}
	return b.x.Data[r*b.x.Stride+j]
}

// split bounds a node and gives the half of its points that is lower in the widest dimension to the left child.
func (b *treeBuilder) split(node int32) {
	t := b.t
	keys := b.keys[t.start[node]:t.end[node]]
	if t.isLeaf(node) {
		b.fill(node, keys)
	}
	if t.box == nil {
		return
	}
	box := t.bounds(node)
	lo, hi := box[:t.dims], box[t.dims:]
	for j := range lo {
		lo[j], hi[j] = math.Inf(1), math.Inf(-1)
	}
	if b.made != nil {
		for _, k := range keys {
			r := int(uint32(k)) * b.dims
			grow(lo, hi, b.made[r:r+b.dims])
		}
	} else {
		for _, k := range keys {
			grow(lo, hi, b.values(int(uint32(k))))
		}
	}
	if t.isLeaf(node) {
		return
	}
	wide := 0
	for j := range lo {
		if hi[j]-lo[j] > hi[wide]-lo[wide] {
			wide = j
		}
	}
	for i, k := range keys {
		r := uint32(k)
		v := math.Float32bits(b.coordinate(int(r), wide))
		if v>>31 == 1 {
			v = ^v
		} else {
			v |= 1 << 31
		}
		keys[i] = uint64(v)<<32 | uint64(r)
	}
	half := len(keys) / 2
	nth(keys, half)
	left := 2*node + 1
	t.start[left], t.end[left] = t.start[node], t.start[node]+int32(half)
	t.start[left+1], t.end[left+1] = t.start[node]+int32(half), t.end[node]
}

// grow widens the bounds lo and hi so that they hold a point.
func grow[T float32 | float64](lo, hi []float64, point []T) {
	lo, hi = lo[:len(point)], hi[:len(point)]
	for j, v := range point {
		f := float64(v)
		if f < lo[j] {
			lo[j] = f
		}
		if f > hi[j] {
			hi[j] = f
		}
	}
}

// fill writes the rows of a leaf's keys to the leaf.
func (b *treeBuilder) fill(node int32, keys []uint64) {
	t := b.t
	for i, k := range keys {
		p, r := int(t.start[node])+i, int(uint32(k))
		t.row[p] = int32(r)
		switch {
		case b.made != nil:
			copy(t.pts[p*t.dims:(p+1)*t.dims], b.made[r*t.dims:])
		case t.pts != nil:
			for j, v := range b.values(r) {
				t.pts[p*t.dims+j] = float64(v)
			}
		case t.raw != nil:
			copy(t.raw[p*t.dims:(p+1)*t.dims], b.values(r))
		}
	}
}

func (b *treeBuilder) subtree(node int32) {
	b.split(node)
	if !b.t.isLeaf(node) {
		b.subtree(2*node + 1)
		b.subtree(2*node + 2)
	}
}

// nth orders a so that a[:k] are its k smallest values. The values differ.
func nth(a []uint64, k int) {
	for len(a) > 1 {
		// The pivot is the median of three, so that sorted input is split evenly.
		m := len(a) / 2
		x, y, z := a[0], a[m], a[len(a)-1]
		p := max(min(x, y), min(max(x, y), z))
		i, j := 0, len(a)-1
		for i <= j {
			for a[i] < p {
				i++
			}
			for a[j] > p {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			a = a[:j+1]
		case k >= i:
			a, k = a[i:], k-i
		default:
			return
		}
	}
}
