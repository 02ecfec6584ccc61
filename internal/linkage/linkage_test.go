package linkage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/stage"
)

func TestErrorsExact(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		n      int
		dist   []float64
		method Method
		says   string
	}{
		{3, []float64{1, 2, 3}, "centre", `linkage: method is "centre", want single, complete, average, weighted, ward, centroid or median`},
		{3, []float64{1, 2, 3}, "", `linkage: method is "", want single, complete, average, weighted, ward, centroid or median`},
		{0, nil, Ward, "linkage: 0 items, want at least 1"},
		{-1, nil, Ward, "linkage: -1 items, want at least 1"},
		{1, []float64{1}, Ward, "linkage: 1 distances of 1 items, want 0, those above the diagonal row by row"},
		{3, make([]float64, 9), Ward, "linkage: 9 distances of 3 items, want 3, those above the diagonal row by row"},
		{3, []float64{1, 2, math.NaN()}, Single, "linkage: row 1, column 2: distance is NaN, want a number from 0 to 1e+140"},
		{4, []float64{1, 2, 3, 4, math.Inf(1), -1}, Median, "linkage: row 1, column 3: distance is +Inf, want a number from 0 to 1e+140"},
		{3, []float64{1, -1e-300, 1}, Average, "linkage: row 0, column 2: distance is -1e-300, want a number from 0 to 1e+140"},
		{2, []float64{1.1e140}, Centroid, "linkage: row 0, column 1: distance is 1.1e+140, want a number from 0 to 1e+140"},
	} {
		_, err := Link(ctx, c.n, c.dist, c.method)
		require.EqualError(t, err, c.says)
		if c.n == 3 && c.method.Validate() == nil {
			_, err = Tree{{0, 1, 1, 2}, {2, 3, 2, 3}}.Order(ctx, c.dist)
			require.EqualError(t, err, c.says)
		}
	}
	_, err := Link(ctx, 3, []float64{1, 2, math.NaN()}, Single)
	var value *stage.ValueError
	require.ErrorAs(t, err, &value)
	require.Equal(t, [2]int{1, 2}, [2]int{value.Row, value.Col})

	tree := mustLink(t, 3, []float64{1, 2, 3}, Single)
	for _, k := range []int{-1, 0, 4} {
		_, err = tree.Cut(k)
		require.EqualError(t, err, fmt.Sprintf("linkage: cut into %d clusters, want 1 to 3", k))
	}
}

func TestCheckExact(t *testing.T) {
	for says, tree := range map[string]Tree{
		"linkage: merge 0 joins node 3, want one from 0 to 2":                   {{0, 3, 1, 2}, {1, 2, 1, 2}},
		"linkage: merge 0 joins node -1, want one from 0 to 2":                  {{-1, 0, 1, 2}, {1, 2, 1, 2}},
		"linkage: merge 1 joins node 4, want one from 0 to 3":                   {{0, 1, 1, 2}, {2, 4, 1, 3}},
		"linkage: merge 0 joins node 1, which is joined already":                {{1, 1, 1, 2}, {0, 2, 1, 2}},
		"linkage: merge 1 joins node 1, which is joined already":                {{0, 1, 1, 2}, {3, 1, 1, 3}},
		"linkage: merge 1 has 2 items, want 3":                                  {{0, 1, 1, 2}, {3, 2, 1, 2}},
		"linkage: merge 0 has 9223372036854775807 items, want 2":                {{0, 1, 1, math.MaxInt}, {3, 2, 1, 2}},
		"linkage: merge 0 joins node 9223372036854775807, want one from 0 to 1": {{math.MaxInt, 0, 1, 2}},
	} {
		require.EqualError(t, tree.Check(), says)
		_, err := tree.Order(context.Background(), make([]float64, len(tree)*(len(tree)+1)/2))
		require.EqualError(t, err, says)
	}
	require.NoError(t, Tree{}.Check())
}

func TestOneItemExact(t *testing.T) {
	for _, method := range methods {
		tree := mustLink(t, 1, nil, method)
		require.Equal(t, Tree{}, tree)
		require.Equal(t, Tree{}, mustOrder(t, tree, nil))
		require.Equal(t, []int{0}, tree.Leaves())
		require.Empty(t, tree.Members())
		require.Equal(t, []int{0}, tree.CutAt(0))
		labels, err := tree.Cut(1)
		require.NoError(t, err)
		require.Equal(t, []int{0}, labels)
	}
}

// ending is a context that ends when it has been asked a number of times.
type ending struct {
	context.Context
	asked, end int
}

var errEnd = errors.New("the end")

func (c *ending) Err() error {
	if c.asked++; c.asked > c.end {
		return errEnd
	}
	return nil
}

// A context that ends at any time ends the work, and it is asked after O(n) steps of merging and for each leaf of Order.
func TestContextExact(t *testing.T) {
	const n = 12
	dist := numbers(1, n, 0)
	try := func(least int, f func(ctx context.Context) error) {
		whole := &ending{context.Background(), 0, math.MaxInt}
		require.NoError(t, f(whole))
		require.GreaterOrEqual(t, whole.asked, least)
		for end := range whole.asked {
			require.ErrorIs(t, f(&ending{context.Background(), 0, end}), errEnd)
		}
	}
	for _, method := range methods {
		try(2*(n-1), func(ctx context.Context) error {
			_, err := Link(ctx, n, dist, method)
			return err
		})
		tree := mustLink(t, n, dist, method)
		try(3*(n-1), func(ctx context.Context) error {
			_, err := tree.Order(ctx, dist)
			return err
		})
	}
	cause := errors.New("cause")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	_, err := Link(ctx, n, dist, Ward)
	require.ErrorIs(t, err, cause)
}

// sound is what holds for every tree, whatever the distances.
func sound(t *testing.T, n int, dist []float64, method Method) {
	tree := mustLink(t, n, dist, method)
	require.NoError(t, tree.Check())
	require.Len(t, tree, n-1)
	for i, m := range tree {
		require.Less(t, m.Left, m.Right)
		require.False(t, math.IsNaN(m.Distance) || m.Distance < 0 || math.IsInf(m.Distance, 0))
		if i > 0 && method != Centroid && method != Median {
			require.GreaterOrEqual(t, m.Distance, tree[i-1].Distance)
		}
	}
	order := mustOrder(t, tree, dist)
	is, was := length(n, dist, order.Leaves()), length(n, dist, tree.Leaves())
	require.LessOrEqual(t, is, was+1e-12*was)
	for _, tree := range []Tree{tree, order} {
		leaves := tree.Leaves()
		all := slices.Sorted(slices.Values(leaves))
		for i, v := range all {
			require.Equal(t, i, v)
		}
		require.Len(t, all, n)
		below := func(v int, members [][]int) []int {
			if v < n {
				return []int{v}
			}
			return members[v-n]
		}
		members := tree.Members()
		for i, m := range tree {
			require.Len(t, members[i], m.Size)
			require.Equal(t, append(slices.Clone(below(m.Left, members)), below(m.Right, members)...), members[i])
		}
		if n > 1 {
			require.Equal(t, leaves, members[n-2])
		}
		for k := 1; k <= n; k++ {
			labels, err := tree.Cut(k)
			require.NoError(t, err)
			require.Equal(t, k-1, slices.Max(labels))
			if k > 1 && k < n { // the clusters are those of k−1 with one of them parted: by the merge undone
				before, err := tree.Cut(k - 1)
				require.NoError(t, err)
				apart := map[int]bool{}
				for item, c := range labels {
					if before[item] == before[members[n-k][0]] {
						apart[c] = true
					}
				}
				require.Len(t, apart, 2)
			}
			if method != Centroid && method != Median && (k == 1 || k < n && tree[n-k].Distance > tree[n-k-1].Distance) {
				require.Equal(t, labels, tree.CutAt(tree[n-k-1].Distance))
			}
		}
		require.Equal(t, n-1, slices.Max(tree.CutAt(math.NaN())))
		require.Zero(t, slices.Max(tree.CutAt(math.Inf(1))))
	}
}

func TestPropertiesExact(t *testing.T) {
	for _, method := range methods {
		for round := range uint64(40) {
			n := 2 + int(round)
			sound(t, n, numbers(round, n, int(round%4)*int(round%4)), method)
		}
	}
}

// The tree of items in another order is the same tree.
func TestOrderOfItemsDoesNotMatterWithinTolerance(t *testing.T) {
	const n = 50
	x, dist := points(9, n, 4)
	slices.Reverse(x)
	var turned []float64
	for i := range x {
		for _, y := range x[i+1:] {
			turned = append(turned, euclidean(x[i], y))
		}
	}
	for _, method := range methods {
		a, b := mustLink(t, n, dist, method), mustLink(t, n, turned, method)
		for i, members := range a.Members() {
			others := slices.Clone(b.Members()[i])
			for k, v := range others {
				others[k] = n - 1 - v
			}
			require.ElementsMatch(t, members, others)
			require.InDelta(t, a[i].Distance, b[i].Distance, 1e-12)
		}
	}
}

func FuzzLink(f *testing.F) {
	f.Add([]byte{2, 1, 2, 3})
	f.Add([]byte{9, 3, 3, 3, 3, 1, 3, 3, 2, 2})
	f.Add([]byte{12, 7, 6, 5, 4, 3, 2, 1, 0})
	values := []float64{0, 0.1, 0.2, 0.3, 0.1 + 0.2, 1 / 3.0, 1e-300, 5e-324, 1e140, 1, math.Nextafter(1, 2), 0.7}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) < 2 {
			return
		}
		n := 2 + int(text[0])%20
		dist := make([]float64, n*(n-1)/2)
		for i := range dist {
			dist[i] = values[(int(text[1+i%(len(text)-1)])+i/(len(text)-1))%len(values)]
		}
		for _, method := range methods {
			sound(t, n, dist, method)
		}
	})
}

func BenchmarkLink(b *testing.B) {
	for _, n := range []int{200, 1000} {
		_, dist := points(1, n, 5)
		for _, method := range methods {
			b.Run(fmt.Sprintf("%s/%d", method, n), func(b *testing.B) {
				for b.Loop() {
					mustLink(b, n, dist, method)
				}
			})
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	for _, n := range []int{200, 500, 1000} {
		_, dist := points(1, n, 5)
		tree := mustLink(b, n, dist, Ward)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				mustOrder(b, tree, dist)
			}
		})
	}
}
