package linkage

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
)

var methods = []Method{Single, Complete, Average, Weighted, Ward, Centroid, Median}

// points is n places of cols coordinates, and their Euclidean distances.
func points(seed uint64, n, cols int) (x [][]float64, dist []float64) {
	r := rng.New(seed)
	x = make([][]float64, n)
	for i := range x {
		x[i] = make([]float64, cols)
		for k := range x[i] {
			x[i][k] = r.Float64()
		}
	}
	for i := range x {
		for _, y := range x[i+1:] {
			dist = append(dist, euclidean(x[i], y))
		}
	}
	return x, dist
}

func euclidean(a, b []float64) float64 {
	s := 0.0
	for k, v := range a {
		s += float64((v - b[k]) * (v - b[k]))
	}
	return math.Sqrt(s)
}

// numbers is n(n−1)/2 distances that keep no triangle inequality: random ones, or of `values` values.
func numbers(seed uint64, n, values int) []float64 {
	r := rng.New(seed)
	dist := make([]float64, n*(n-1)/2)
	for i := range dist {
		if values > 0 {
			dist[i] = float64(r.Intn(values)) / 10
		} else {
			dist[i] = r.Float64()
		}
	}
	return dist
}

func mustLink(tb testing.TB, n int, dist []float64, method Method) Tree {
	tb.Helper()
	t, err := Link(context.Background(), n, dist, method)
	require.NoError(tb, err)
	return t
}

func mustOrder(tb testing.TB, t Tree, dist []float64) Tree {
	tb.Helper()
	o, err := t.Order(context.Background(), dist)
	require.NoError(tb, err)
	return o
}

// cluster is a node by its items, and what each weighs when both parts of a merge weigh the same.
type cluster struct {
	node   int
	items  []int
	weight []float64
}

func (c cluster) mean(x [][]float64, weight func(i int) float64) []float64 {
	m := make([]float64, len(x[0]))
	for i, item := range c.items {
		for k, v := range x[item] {
			m[k] += weight(i) * v
		}
	}
	return m
}

// apart is the distance of two clusters from its meaning, with nothing known of the merges that made them.
func apart(x [][]float64, method Method, a, b cluster) float64 {
	na, nb := float64(len(a.items)), float64(len(b.items))
	least, most, sum, weighted := math.Inf(1), 0.0, 0.0, 0.0
	for i, p := range a.items {
		for j, q := range b.items {
			d := euclidean(x[p], x[q])
			least, most, sum = min(least, d), max(most, d), sum+d
			weighted += a.weight[i] * b.weight[j] * d
		}
	}
	centroids := func() float64 {
		return euclidean(a.mean(x, func(int) float64 { return 1 / na }), b.mean(x, func(int) float64 { return 1 / nb }))
	}
	switch method {
	case Single:
		return least
	case Complete:
		return most
	case Average:
		return sum / (na * nb)
	case Weighted:
		return weighted
	case Ward:
		return math.Sqrt(2*na*nb/(na+nb)) * centroids()
	case Centroid:
		return centroids()
	}
	return euclidean(a.mean(x, func(i int) float64 { return a.weight[i] }), b.mean(x, func(i int) float64 { return b.weight[i] }))
}

// naive looks at all pairs of clusters for each merge.
func naive(x [][]float64, method Method) Tree {
	var have []cluster
	for i := range x {
		have = append(have, cluster{i, []int{i}, []float64{1}})
	}
	var t Tree
	for len(have) > 1 {
		best, p, q := math.Inf(1), 0, 0
		for i := range have {
			for j := range i {
				if d := apart(x, method, have[j], have[i]); d < best {
					best, p, q = d, j, i
				}
			}
		}
		a, b := have[p], have[q]
		both := cluster{node: len(x) + len(t), items: append(slices.Clone(a.items), b.items...)}
		for _, w := range append(slices.Clone(a.weight), b.weight...) {
			both.weight = append(both.weight, w/2)
		}
		t = append(t, Merge{min(a.node, b.node), max(a.node, b.node), best, len(both.items)})
		have = append(slices.Delete(slices.Delete(have, q, q+1), p, p+1), both)
	}
	return t
}

func TestLinkMeetsDefinitionsWithinTolerance(t *testing.T) {
	for _, method := range methods {
		for seed := range uint64(6) {
			n := []int{2, 3, 8, 17, 30, 41}[seed]
			x, dist := points(seed, n, 1+int(seed))
			want, got := naive(x, method), mustLink(t, n, dist, method)
			for i, m := range got {
				require.InDelta(t, want[i].Distance, m.Distance, 1e-9, "%s, %d items, merge %d", method, n, i)
				m.Distance = want[i].Distance
				require.Equal(t, want[i], m, "%s, %d items, merge %d", method, n, i)
			}
			require.Len(t, got, len(want))
		}
	}
}

// anyTree joins nodes at random, or each item to what there is.
func anyTree(r *rng.Stream, n int, chain bool) Tree {
	var t Tree
	nodes := make([]int, n)
	for i := range nodes {
		nodes[i] = i
	}
	for len(nodes) > 1 {
		take := func(i int) int {
			v := nodes[i]
			nodes = slices.Delete(nodes, i, i+1)
			return v
		}
		var a int
		if chain {
			a = take(len(nodes) - 1)
		} else {
			a = take(r.Intn(len(nodes)))
		}
		b := take(r.Intn(len(nodes)))
		if r.Intn(2) == 0 {
			a, b = b, a
		}
		nodes = append(nodes, n+len(t))
		t = append(t, Merge{a, b, float64(len(t)), t.sizeOf(n, a) + t.sizeOf(n, b)})
	}
	return t
}

// sizeOf is size for a tree of n items that is not complete.
func (t Tree) sizeOf(n, v int) int {
	if v < n {
		return 1
	}
	return t[v-n].Size
}

// shortestOfAll is the length of the shortest of all ways.
func shortestOfAll(t Tree, n int, dist []float64) float64 {
	best := math.Inf(1)
	for turned := range 1 << (n - 1) {
		u := slices.Clone(t)
		for i := range u {
			if turned>>i&1 == 1 {
				u[i].Left, u[i].Right = u[i].Right, u[i].Left
			}
		}
		best = min(best, length(n, dist, u.Leaves()))
	}
	return best
}

func TestOrderIsShortestOfAllExact(t *testing.T) {
	r := rng.New(3)
	for round := range 600 {
		n := 1 + round%9
		dist := numbers(uint64(round), n, []int{0, 0, 3, 8}[round/9%4])
		if round%2 == 0 { // multiples of 2⁻¹⁰: sums are exact in any order
			for i, d := range dist {
				dist[i] = math.Round(d*1024) / 1024
			}
		}
		tree := anyTree(&r, n, round%5 == 0)
		require.NoError(t, tree.Check())
		before := slices.Clone(tree)
		got := mustOrder(t, tree, dist)
		require.Equal(t, before, tree)
		require.NoError(t, got.Check())
		require.Len(t, got, n-1)
		for i, m := range got {
			if m.Left != tree[i].Left {
				m.Left, m.Right = m.Right, m.Left
			}
			require.Equal(t, tree[i], m, "the tree is another one")
		}
		if n > 1 {
			require.Equal(t, tree[n-2].Left, got[n-2].Left, "the root is turned")
		}
		want, is := shortestOfAll(tree, n, dist), length(n, dist, got.Leaves())
		if round%2 == 0 {
			require.Equal(t, want, is)
		} else {
			require.InDelta(t, want, is, 1e-13)
		}
	}
}

func TestOrderLeavesTiesExact(t *testing.T) {
	r := rng.New(4)
	for n := 2; n < 40; n++ {
		tree := anyTree(&r, n, n%3 == 0)
		dist := slices.Repeat([]float64{0.5}, n*(n-1)/2)
		require.Equal(t, tree, mustOrder(t, tree, dist))
	}
}

// A tree as deep as it has merges. On a line the leaves of the chain that grows from one end stay in a row.
func TestOrderOfDeepTreeExact(t *testing.T) {
	const n = 1000
	dist := make([]float64, 0, n*(n-1)/2)
	for i := range n {
		for j := i + 1; j < n; j++ {
			dist = append(dist, float64(j-i))
		}
	}
	tree := make(Tree, n-1)
	for i := range tree {
		tree[i] = Merge{i + 1, n + i - 1, float64(i), i + 2}
	}
	tree[0] = Merge{0, 1, 0, 2}
	leaves := mustOrder(t, tree, dist).Leaves()
	slices.Reverse(leaves) // the root's left node is the last item
	for i, v := range leaves {
		require.Equal(t, i, v)
	}
}

func TestSameBits(t *testing.T) {
	hash := uint64(14695981039346656037)
	add := func(v uint64) {
		for range 8 {
			hash = (hash ^ v&0xff) * 1099511628211
			v >>= 8
		}
	}
	for _, values := range []int{0, 4} {
		dist := numbers(5, 70, values)
		before := slices.Clone(dist)
		for _, method := range methods {
			tree := mustLink(t, 70, dist, method)
			require.Equal(t, tree, mustLink(t, 70, dist, method))
			order := mustOrder(t, tree, dist)
			require.Equal(t, order, mustOrder(t, tree, dist))
			for _, m := range order {
				add(uint64(m.Left))
				add(uint64(m.Right))
				add(math.Float64bits(m.Distance))
			}
		}
		require.Equal(t, before, dist, "the distances have changed")
	}
	require.Equal(t, uint64(0x20b3ebddb33c1dcd), hash, "other bits than on other machines")
}

// Chains are not for median, whose unions come closer than their parts: there the way leads to clusters again, as
// rounding could have it elsewhere. What comes out is another tree than Link makes, but a tree.
func TestChainEndsWithoutItsPremiseExact(t *testing.T) {
	for seed := range uint64(2000) {
		n := 5 + int(seed%40)
		tree, err := chain(context.Background(), n, numbers(seed, n, 0), Median)
		require.NoError(t, err)
		require.Len(t, tree, n-1)
		require.NoError(t, tree.Check())
	}
}
