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

// kdTree holds the distinct points of a matrix in a complete binary tree: the children of node i are 2i+1 and 2i+2, all
// leaves are on the last level, and every node has the tight bounding box of its points. A node owns the positions
// [start, end) of the arrays by position. Points that occur several times are there once, under the first of their rows.
type kdTree struct {
	dims   int
	levels int       // of children; 0: the root is a leaf
	start  []int32   // by node
	end    []int32   // by node
	box    []float64 // of node i from 2·dims·i: dims lower bounds, then dims upper bounds
	pts    []float64 // coordinates by position
	row    []int32   // first row with these coordinates, by position
	mult   []int32   // number of rows with these coordinates, by position
	pos    []int32   // position by row
}

func (t *kdTree) len() int                 { return len(t.row) }
func (t *kdTree) isLeaf(node int32) bool   { return int(node) >= 1<<t.levels-1 }
func (t *kdTree) count(node int32) int32   { return t.end[node] - t.start[node] }
func (t *kdTree) point(p int32) []float64  { return t.pts[int(p)*t.dims : (int(p)+1)*t.dims] }
func (t *kdTree) dist(p, q int32) float64  { return sqDist(t.point(p), t.point(q)) }
func (t *kdTree) bounds(i int32) []float64 { return t.box[int(i)*2*t.dims : (int(i)+1)*2*t.dims] }

// leafDists writes to dst the squared distances of q to the points of a leaf.
func (t *kdTree) leafDists(dst, q []float64, leaf int32) []float64 {
	lo, hi := int(t.start[leaf]), int(t.end[leaf])
	dst = dst[:hi-lo]
	sqDists(dst, q, t.pts[lo*t.dims:hi*t.dims])
	return dst
}

// newKDTree builds the tree of x, which is valid, has at least one row and at least one column.
func newKDTree(ctx context.Context, x blas32.General, workers int) (*kdTree, error) {
	first, mult, err := distinct(ctx, x, workers)
	if err != nil {
		return nil, err
	}
	b := &treeBuilder{x: x}
	for i, f := range first {
		if int(f) == i {
			b.keys = append(b.keys, uint64(i))
		}
	}
	n := len(b.keys)
	t := &kdTree{dims: x.Cols, levels: bits.Len(uint((n - 1) / leafSize))}
	nodes := 2<<t.levels - 1
	t.start, t.end = make([]int32, nodes), make([]int32, nodes)
	t.box = make([]float64, nodes*2*t.dims)
	t.pts = make([]float64, n*t.dims)
	t.row, t.mult, t.pos = make([]int32, n), make([]int32, n), make([]int32, x.Rows)
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
	return t, nil
}

// distinct finds for every row the first row with the same coordinates, and how many rows that first row stands for.
func distinct(ctx context.Context, x blas32.General, workers int) (first, mult []int32, err error) {
	hash := make([]uint64, x.Rows)
	err = parallel.Loop{Workers: workers, Block: 1024}.Run(ctx, x.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			h := uint64(x.Cols)
			for _, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
				v += 0 // −0 becomes 0
				h = (h ^ uint64(math.Float32bits(v))) * 0x9e3779b97f4a7c15
				h ^= h >> 29
			}
			hash[i] = h * 0xbf58476d1ce4e5b9
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	// An open-addressing table of row + 1, at most half full.
	width := bits.Len(uint(2*x.Rows - 1))
	table := make([]int32, 1<<width)
	mask := len(table) - 1
	first, mult = make([]int32, x.Rows), make([]int32, x.Rows)
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
			} else if hash[r] != h || !sameRow(x, r, i) {
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

func sameRow(x blas32.General, i, j int) bool {
	b := x.Data[j*x.Stride : j*x.Stride+x.Cols]
	for c, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
		if v != b[c] {
			return false
		}
	}
	return true
}

// treeBuilder orders rows into the nodes of a tree. The low half of a key is a row; the high half is the row's value in
// the dimension that its node is split by, in an order-keeping code, so that all keys differ and compare as integers.
type treeBuilder struct {
	t    *kdTree
	x    blas32.General
	keys []uint64
}

// split bounds a node and gives the half of its points that is lower in the widest dimension to the left child.
func (b *treeBuilder) split(node int32) {
	t := b.t
	keys := b.keys[t.start[node]:t.end[node]]
	box := t.bounds(node)
	lo, hi := box[:t.dims], box[t.dims:]
	for j := range lo {
		lo[j], hi[j] = math.Inf(1), math.Inf(-1)
	}
	for _, k := range keys {
		r := int(uint32(k)) * b.x.Stride
		for j, v := range b.x.Data[r : r+t.dims] {
			f := float64(v)
			if f < lo[j] {
				lo[j] = f
			}
			if f > hi[j] {
				hi[j] = f
			}
		}
	}
	if t.isLeaf(node) {
		for i, k := range keys {
			p := int(t.start[node]) + i
			r := int(uint32(k))
			t.row[p] = int32(r)
			for j, v := range b.x.Data[r*b.x.Stride : r*b.x.Stride+t.dims] {
				t.pts[p*t.dims+j] = float64(v)
			}
		}
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
		v := math.Float32bits(b.x.Data[int(r)*b.x.Stride+wide])
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
