package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// mixture has clusters of different density, noise, and copies of some rows.
func mixture(seed uint64, n, d, centres, copies int) blas32.General {
	r := rand.New(rand.NewPCG(seed, 1))
	mean, sd := make([]float64, centres*d), make([]float64, centres)
	for i := range mean {
		mean[i] = r.Float64() * 20
	}
	for i := range sd {
		sd[i] = 0.1 + r.Float64()
	}
	x := blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)}
	for i := range n {
		row := x.Data[i*d : (i+1)*d]
		switch {
		case i < copies:
			continue
		case r.IntN(10) == 0:
			for j := range row {
				row[j] = float32(r.Float64() * 20)
			}
		default:
			c := r.IntN(centres)
			for j := range row {
				row[j] = float32(mean[c*d+j] + sd[c]*r.NormFloat64())
			}
		}
	}
	for i := range copies {
		copy(x.Data[i*d:(i+1)*d], x.Data[(copies+r.IntN(n-copies))*d:][:d])
	}
	return x
}

// lattice has integer coordinates: ties everywhere, and many copies.
func lattice(seed uint64, n, d, side int) blas32.General {
	r := rand.New(rand.NewPCG(seed, 2))
	x := blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)}
	for i := range x.Data {
		x.Data[i] = float32(r.IntN(side))
	}
	return x
}

func newTree(t *testing.T, x blas32.General, cfg Config) *kdTree {
	t.Helper()
	sp, err := newSpace(x, cfg.resolve())
	require.NoError(t, err)
	tree, err := newKDTree(context.Background(), sp, x, x.Rows, nil, false, 2)
	require.NoError(t, err)
	return tree
}

// bruteForce is Kruskal's algorithm over all pairs of rows.
func bruteForce(x blas32.General, k int, scale float64) (core []float64, tree []link) {
	n := x.Rows
	d2 := make([][]float64, n)
	for i := range d2 {
		d2[i] = make([]float64, n)
		for j := range d2[i] {
			for c := range x.Cols {
				d := float64(x.Data[i*x.Stride+c]) - float64(x.Data[j*x.Stride+c])
				d2[i][j] += float64(d * d)
			}
		}
		row := slices.Clone(d2[i])
		row = slices.Delete(row, i, i+1)
		slices.Sort(row)
		core = append(core, row[k-1])
	}
	var all []link
	for i := range n {
		for j := range i {
			all = append(all, link{max(core[i], core[j], float64(d2[i][j]*scale)), d2[i][j], int32(j), int32(i)})
		}
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.w2 != b.w2 {
			return a.w2 < b.w2
		}
		if a.d2 != b.d2 {
			return a.d2 < b.d2
		}
		if a.a != b.a {
			return a.a < b.a
		}
		return a.b < b.b
	})
	set := make([]int, n)
	for i := range set {
		set[i] = i
	}
	for _, e := range all {
		if from, to := set[e.b], set[e.a]; from != to {
			tree = append(tree, e)
			for i := range set {
				if set[i] == from {
					set[i] = to
				}
			}
		}
	}
	return core, tree
}

// Borůvka's and Prim's algorithm give brute force's tree, edge by edge and bit by bit.
func TestSpanningTreeTwinsExact(t *testing.T) {
	ctx := context.Background()
	type input struct {
		name string
		x    blas32.General
	}
	var inputs []input
	for _, d := range []int{1, 2, 3, 5, 7, 30, 33} {
		inputs = append(inputs, input{fmt.Sprintf("mixture %d", d), mixture(uint64(d), 200, d, 4, 30)})
	}
	inputs = append(inputs,
		input{"lattice 1", lattice(1, 180, 1, 300)},
		input{"lattice 2", lattice(2, 200, 2, 10)},
		input{"lattice 3", lattice(3, 200, 3, 5)},
		input{"two", lattice(4, 2, 2, 1000)},
		input{"thirteen", lattice(5, 13, 2, 1000)},
	)
	for _, in := range inputs {
		for _, k := range []int{1, 2, 5, 25} {
			if k >= in.x.Rows {
				continue
			}
			for _, alpha := range []float64{1, 1.3, 0.6} {
				scale := 1 / (alpha * alpha)
				core, want := bruteForce(in.x, k, scale)
				cfg := Config{}
				cfg.Alpha = alpha
				tree := newTree(t, in.x, cfg)
				loop := parallel.Loop{Workers: 2}
				c, err := coreDistances(ctx, tree, float64(k), false, loop)
				require.NoError(t, err)
				for i, p := range tree.pos {
					require.Equal(t, core[i], c.sq[p], "core distance of row %d", i)
				}
				for name, find := range map[string]func(context.Context, *kdTree, *cores, parallel.Loop) ([]link, error){
					"boruvka": boruvka, "prim": prim,
					"blocks": func(ctx context.Context, t *kdTree, want *cores, loop parallel.Loop) ([]link, error) {
						c, edges, err := spanBlocks(ctx, t, float64(k), false, loop, nil)
						if err == nil && !slices.Equal(want.sq, c.sq) {
							err = errors.New("other core distances")
						}
						return edges, err
					},
				} {
					if name == "boruvka" && !tree.boxed() {
						continue
					}
					got, err := find(ctx, tree, c, loop)
					require.NoError(t, err)
					got, err = finishTree(ctx, tree, c, got, 2)
					require.NoError(t, err)
					require.Equal(t, want, got, "%s, %s, k %d, alpha %v", name, in.name, k, alpha)
				}
			}
		}
	}
}

// A tree of many blocks of points in Prim's algorithm, and of many nodes, still is the same in both.
func TestPrimBoruvkaSameExact(t *testing.T) {
	ctx := context.Background()
	x := mixture(9, 4000, 6, 12, 300)
	tree := newTree(t, x, Config{})
	c, err := coreDistances(ctx, tree, 20, false, parallel.Loop{})
	require.NoError(t, err)
	a, err := boruvka(ctx, tree, c, parallel.Loop{Workers: 3})
	require.NoError(t, err)
	b, err := prim(ctx, tree, c, parallel.Loop{Workers: 3})
	require.NoError(t, err)
	slices.SortFunc(a, link.compare)
	slices.SortFunc(b, link.compare)
	require.Equal(t, a, b)
}

// Where Borůvka's algorithm gives up, the tree is the same, and progress never goes back.
func TestTooMuchWorkExact(t *testing.T) {
	ctx := context.Background()
	x := mixture(13, 3000, 25, 200, 0)
	tree := newTree(t, x, Config{})
	c, err := coreDistances(ctx, tree, 5, false, parallel.Loop{})
	require.NoError(t, err)
	_, err = boruvka(ctx, tree, c, parallel.Loop{Workers: 2})
	require.ErrorIs(t, err, errTooMuchWork)
	last := 0
	_, got, err := span(ctx, tree, 5, false, 2, func(done, total int) {
		require.Greater(t, done, last)
		require.Equal(t, 5999, total)
		last = done
	})
	require.NoError(t, err)
	want, err := prim(ctx, tree, c, parallel.Loop{Workers: 1})
	require.NoError(t, err)
	slices.SortFunc(want, link.compare)
	require.Equal(t, want, got)
	require.Equal(t, 5999, last)
}

func TestSortLinksExact(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 32768, 32769, 150_000} {
		edges := make([]link, n)
		for i := range edges {
			edges[i] = link{float64(r.IntN(50)), float64(r.IntN(50)), int32(r.IntN(50)), int32(r.IntN(50))}
		}
		want := slices.Clone(edges)
		slices.SortFunc(want, link.compare)
		got, err := sortLinks(context.Background(), edges, 2)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// A nearest-neighbor search finds what a scan of all rows finds.
func TestNeighboursExact(t *testing.T) {
	for _, x := range []blas32.General{mixture(3, 500, 4, 5, 80), lattice(4, 400, 2, 9), mixture(5, 60, 40, 2, 0)} {
		tree := newTree(t, x, Config{})
		s := neighbours{t: tree}
		for _, k := range []int{1, 7, 40, x.Rows} {
			for p := range int32(20) {
				q := slices.Clone(tree.point(p))
				q[0] += 0.25
				s.find(place{at: q}, -1, float64(k))
				var all []float64
				for i := range x.Rows {
					all = append(all, tree.dist(tree.pos[i], p))
					all[i] = sqDist(q, tree.point(tree.pos[i]))
				}
				slices.Sort(all)
				require.Equal(t, all[k-1], s.kth(float64(k)))
				require.True(t, slices.IsSorted(s.d2))
			}
		}
	}
}

// Bounds of boxes never exceed a distance that they bound.
func TestBoxBoundsExact(t *testing.T) {
	x := mixture(8, 300, 9, 3, 0)
	tree := newTree(t, x, Config{})
	for a := int32(0); int(a) < len(tree.start); a += 4 {
		for b := range int32(len(tree.start)) {
			least := math.Inf(1)
			for p := tree.start[a]; p < tree.end[a]; p++ {
				for q := tree.start[b]; q < tree.end[b]; q += 5 {
					least = min(least, tree.dist(p, q))
				}
				require.LessOrEqual(t, tree.boxesDist(a, b), tree.boxDist(tree.point(p), b))
			}
			require.LessOrEqual(t, tree.boxesDist(a, b), least)
		}
	}
}
