package hdbscan

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"
)

// goldenFile is testdata/golden.json.gz, made by scripts/golden/hdbscan.py; an int that stands for an array is its number
// in arrays.
type goldenFile struct {
	Arrays   []string          `json:"arrays"`
	Versions map[string]string `json:"versions"`
	Sets     []goldenSet       `json:"sets"`
}

type goldenSet struct {
	Name  string
	Dims  int
	Rows  int
	New   int
	Cases []goldenCase
}

type goldenCase struct {
	Config struct {
		MinClusterSize int     `json:"min_cluster_size"`
		MinSamples     int     `json:"min_samples"`
		Method         string  `json:"cluster_selection_method"`
		Epsilon        float64 `json:"cluster_selection_epsilon"`
		Single         bool    `json:"allow_single_cluster"`
		MaxClusterSize int     `json:"max_cluster_size"`
		Alpha          float64 `json:"alpha"`
	}
	Plain struct {
		Left, Right, Distance int
		goldenResult
	}
	Ordered struct {
		A, B, Weight, Core int
		goldenResult
	}
}

type goldenResult struct {
	Tree      struct{ Parent, Child, Size, Distance int }
	Flat      struct{ Labels, Probabilities, Persistence int }
	Predicted *struct{ Labels, Strength int }
}

func readGolden(t *testing.T) goldenFile {
	t.Helper()
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g goldenFile
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	require.Equal(t, "0.8.44", g.Versions["hdbscan"])
	require.NotEmpty(t, g.Sets)
	return g
}

func (g goldenFile) bytes(t *testing.T, i int) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(g.Arrays[i])
	require.NoError(t, err)
	return b
}

func (g goldenFile) ints(t *testing.T, i int) []int {
	t.Helper()
	b := g.bytes(t, i)
	v := make([]int, len(b)/4)
	for j := range v {
		v[j] = int(int32(binary.LittleEndian.Uint32(b[4*j:])))
	}
	return v
}

func (g goldenFile) floats(t *testing.T, i int) []float64 {
	t.Helper()
	b := g.bytes(t, i)
	v := make([]float64, len(b)/8)
	for j := range v {
		v[j] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*j:]))
	}
	return v
}

func (g goldenFile) matrix(t *testing.T, i, dims int) blas32.General {
	t.Helper()
	b := g.bytes(t, i)
	v := make([]float32, len(b)/4)
	for j := range v {
		v[j] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*j:]))
	}
	return blas32.General{Rows: len(v) / dims, Cols: dims, Stride: dims, Data: v}
}

func (c goldenCase) config() Config {
	cfg := Config{CountCopies: true}
	if c.Config.MinClusterSize != 0 {
		cfg.MinClusterSize = c.Config.MinClusterSize
	}
	cfg.MinSamples = c.Config.MinSamples
	if c.Config.Method == "leaf" {
		cfg.ClusterSelectionMethod = Leaf
	}
	cfg.ClusterSelectionEpsilon = c.Config.Epsilon
	cfg.AllowSingleCluster = c.Config.Single
	cfg.MaxClusterSize = c.Config.MaxClusterSize
	if c.Config.Alpha != 0 {
		cfg.Alpha = c.Config.Alpha
	}
	return cfg
}

// each runs f for every case, with the model that is fitted to it for the original's predictions.
func (g goldenFile) each(t *testing.T, f func(t *testing.T, s goldenSet, c goldenCase, m *Model)) {
	for _, s := range g.Sets {
		x := g.matrix(t, s.Rows, s.Dims)
		for i, c := range s.Cases {
			t.Run(fmt.Sprintf("%s/%d", s.Name, i), func(t *testing.T) {
				cfg := c.config()
				cfg.OriginalPrediction = true
				m, err := Fit(context.Background(), x, cfg)
				require.NoError(t, err)
				f(t, s, c, m)
			})
		}
	}
}

// The spanning tree, the condensed tree row by row, labels, and what new points get, by the original's own functions on
// edges in the same order.
func TestGoldenOrderedExact(t *testing.T) {
	g := readGolden(t)
	g.each(t, func(t *testing.T, s goldenSet, c goldenCase, m *Model) {
		want := c.Ordered
		edges := m.MinimumSpanningTree()
		a, b, weight := g.ints(t, want.A), g.ints(t, want.B), g.floats(t, want.Weight)
		require.Len(t, edges, len(a))
		for i, e := range edges {
			require.Equal(t, [2]int{a[i], b[i]}, [2]int{e.A, e.B}, "edge %d", i)
			require.InEpsilon(t, 1+weight[i], 1+e.Weight, 1e-12)
		}
		requireNear(t, g.floats(t, want.Core), m.CoreDistances(), 1e-12)
		mergeOneByOne(t, m)
		if s.Name == "copies" {
			// The original splits a set of equal rows where that is large enough; the labels come out the same.
			requireTree(t, g, want.goldenResult, m, true)
		} else {
			requireTree(t, g, want.goldenResult, m, false)
		}
		requireFlat(t, g, want.goldenResult, m)
		requirePredicted(t, g, s, want.goldenResult, m)
	})
}

// The later stages on the original's own single-linkage tree give what a plain fit of the original gives.
func TestGoldenPlainExact(t *testing.T) {
	g := readGolden(t)
	g.each(t, func(t *testing.T, s goldenSet, c goldenCase, m *Model) {
		want := c.Plain
		left, right, dist := g.ints(t, want.Left), g.ints(t, want.Right), g.floats(t, want.Distance)
		own := m.linkage
		m.linkage = &linkage{n: m.rows, merges: make([]merge, len(left)), binary: true}
		for i := range left {
			size := m.linkage.size(int32(left[i])) + m.linkage.size(int32(right[i]))
			m.linkage.merges[i] = merge{dist: dist[i], left: int32(left[i]), right: int32(right[i]), size: size, whole: dist[i] == 0}
		}
		requireSamePartitions(t, own.merges, m.linkage.merges)
		require.NoError(t, m.cluster(context.Background()))
		requireTree(t, g, want.goldenResult, m, s.Name == "copies")
		requireFlat(t, g, want.goldenResult, m)
		requirePredicted(t, g, s, want.goldenResult, m)
	})
}

// mergeOneByOne takes the merges of one distance one after the other, as the original does.
func mergeOneByOne(t *testing.T, m *Model) {
	t.Helper()
	m.linkage.binary = true
	require.NoError(t, m.cluster(context.Background()))
}

func requireNear(t *testing.T, want, got []float64, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.InDelta(t, want[i], got[i], tolerance*max(1, math.Abs(want[i])), "at %d", i)
	}
}

// requireTree compares condensed trees. With merged, clusters that the original made of equal rows are taken back into
// their parents first, and only the rows are compared, without regard to order.
func requireTree(t *testing.T, g goldenFile, want goldenResult, m *Model, merged bool) {
	t.Helper()
	parent, child := g.ints(t, want.Tree.Parent), g.ints(t, want.Tree.Child)
	size, dist := g.ints(t, want.Tree.Size), g.floats(t, want.Tree.Distance)
	got := m.CondensedTree()
	if !merged {
		require.Len(t, got, len(parent))
		for i, e := range got {
			require.Equal(t, [3]int{parent[i], child[i], size[i]}, [3]int{e.Parent, e.Child, e.Size}, "row %d", i)
			require.InDelta(t, dist[i], 1/e.Lambda, 1e-9*max(1, dist[i]))
		}
		return
	}
	into := map[int]int{m.rows: m.rows}
	type row struct{ parentSize, child int }
	sizes := map[int]int{m.rows: m.rows}
	var a, b []row
	for i := range parent {
		p := into[parent[i]]
		if child[i] >= m.rows {
			into[child[i]] = child[i]
			sizes[child[i]] = size[i]
			if dist[i] == 0 {
				into[child[i]] = p
			}
			continue
		}
		a = append(a, row{sizes[p], child[i]})
	}
	for _, e := range got {
		if e.Child >= m.rows {
			sizes[e.Child] = e.Size
			require.False(t, math.IsInf(e.Lambda, 1))
			continue
		}
		b = append(b, row{sizes[e.Parent], e.Child})
	}
	require.ElementsMatch(t, a, b)
}

func requireFlat(t *testing.T, g goldenFile, want goldenResult, m *Model) {
	t.Helper()
	require.Equal(t, g.ints(t, want.Flat.Labels), m.Labels())
	requireNear(t, g.floats(t, want.Flat.Probabilities), m.Strengths(), 1e-9)
	// The original rounds sums of stabilities to float32.
	requireNear(t, g.floats(t, want.Flat.Persistence), m.Persistence(), 1e-6)
}

func requirePredicted(t *testing.T, g goldenFile, s goldenSet, want goldenResult, m *Model) {
	t.Helper()
	if want.Predicted == nil {
		return
	}
	labels, strength, err := m.Predict(context.Background(), g.matrix(t, s.New, s.Dims))
	require.NoError(t, err)
	require.Equal(t, g.ints(t, want.Predicted.Labels), labels)
	requireNear(t, g.floats(t, want.Predicted.Strength), strength, 1e-9)
}

// requireSamePartitions holds if two single-linkage trees have the same components at every distance, whatever the order
// of merges at one distance.
func requireSamePartitions(t *testing.T, a, b []merge) {
	t.Helper()
	require.Len(t, b, len(a))
	n := int32(len(a) + 1)
	// A set of rows is known by the sum of its rows' hashes.
	sums := func(merges []merge) []uint64 {
		sum := make([]uint64, len(merges))
		of := func(v int32) uint64 {
			if v < n {
				h := (uint64(v) + 1) * 0x9e3779b97f4a7c15
				h ^= h >> 29
				return h * 0xbf58476d1ce4e5b9
			}
			return sum[v-n]
		}
		for i, m := range merges {
			sum[i] = of(m.left) + of(m.right)
		}
		return sum
	}
	x, y := sums(a), sums(b)
	same := func(m, o merge) bool { return math.Abs(m.dist-o.dist) <= 1e-12*max(1, m.dist) }
	for lo := 0; lo < len(a); {
		hi := lo + 1
		for hi < len(a) && same(a[lo], a[hi]) {
			hi++
		}
		for i := lo; i < hi; i++ {
			require.True(t, same(a[i], b[i]), "merge %d", i)
		}
		// Within [lo, hi) only the components that are left at the end are defined.
		final := func(merges []merge, sum []uint64) []uint64 {
			used := map[int32]bool{}
			for _, m := range merges[lo:hi] {
				used[m.left], used[m.right] = true, true
			}
			var s []uint64
			for i := lo; i < hi; i++ {
				if !used[n+int32(i)] {
					s = append(s, sum[i])
				}
			}
			slices.Sort(s)
			return s
		}
		require.Equal(t, final(a, x), final(b, y), "at distance %v", a[lo].dist)
		lo = hi
	}
}
