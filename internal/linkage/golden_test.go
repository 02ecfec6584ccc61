package linkage

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

type golden struct {
	Name    string
	N       int
	Dist    []float64
	Methods []struct {
		Method      Method
		Left, Right []int
		Distance    []float64
		Size        []int
		Leaves      []int
		At          []float64
		Flat        [][]int
		K           []int
		Cut         [][]int
	}
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g struct{ Cases []golden }
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	require.Len(t, g.Cases, 21)
	return g.Cases
}

// each calls f with every tree of the golden file.
func each(t *testing.T, f func(t *testing.T, g golden, at int, tree Tree)) {
	for _, g := range readGolden(t) {
		require.Len(t, g.Methods, 7)
		for i, want := range g.Methods {
			t.Run(g.Name+"/"+string(want.Method), func(t *testing.T) {
				tree, err := Link(context.Background(), g.N, g.Dist, want.Method)
				require.NoError(t, err)
				require.NoError(t, tree.Check())
				f(t, g, i, tree)
			})
		}
	}
}

// The merges are SciPy's to the last bit of the distances, with ties too.
func TestLinkIsSciPysExact(t *testing.T) {
	each(t, func(t *testing.T, g golden, at int, tree Tree) {
		want := g.Methods[at]
		require.Len(t, tree, len(want.Left))
		for i, m := range tree {
			require.Equal(t, Merge{want.Left[i], want.Right[i], want.Distance[i], want.Size[i]}, m, "merge %d", i)
		}
	})
}

func TestCutAtIsSciPysExact(t *testing.T) {
	each(t, func(t *testing.T, g golden, at int, tree Tree) {
		for i, d := range g.Methods[at].At {
			require.Equal(t, g.Methods[at].Flat[i], tree.CutAt(d), "at %v", d)
		}
	})
}

func TestCutIsScikitLearnsExact(t *testing.T) {
	cuts := 0
	each(t, func(t *testing.T, g golden, at int, tree Tree) {
		for i, k := range g.Methods[at].K {
			labels, err := tree.Cut(k)
			require.NoError(t, err)
			require.Equal(t, g.Methods[at].Cut[i], labels, "%d clusters", k)
			cuts++
		}
	})
	require.Greater(t, cuts, 300)
}

// length is that of the way along leaves.
func length(n int, dist []float64, leaves []int) float64 {
	s := 0.0
	for i := 1; i < len(leaves); i++ {
		a, b := min(leaves[i-1], leaves[i]), max(leaves[i-1], leaves[i])
		s += dist[a*n-a*(a+1)/2+b-a-1]
	}
	return s
}

func TestOrderIsNoLongerThanSciPysWithinTolerance(t *testing.T) {
	shorter := 0
	each(t, func(t *testing.T, g golden, at int, tree Tree) {
		ordered, err := tree.Order(context.Background(), g.Dist)
		require.NoError(t, err)
		require.NoError(t, ordered.Check())
		ours, theirs := length(g.N, g.Dist, ordered.Leaves()), length(g.N, g.Dist, g.Methods[at].Leaves)
		require.LessOrEqual(t, ours, theirs+1e-12*theirs)
		if ours < theirs-1e-9*theirs {
			shorter++
		}
	})
	require.Positive(t, shorter, "SciPy's way is the shortest for every tree: the comparison shows nothing")
	t.Logf("%d of 147 ways are shorter than SciPy's", shorter)
}
