package hdbscan

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"
)

// shuffled returns the rows of x in another order: row i is row order[i] of x.
func shuffled(x blas32.General, order []int) blas32.General {
	y := blas32.General{Rows: len(order), Cols: x.Cols, Stride: x.Cols, Data: make([]float32, len(order)*x.Cols)}
	for i, j := range order {
		copy(y.Data[i*y.Stride:][:y.Cols], x.Data[j*x.Stride:][:x.Cols])
	}
	return y
}

// canonical numbers labels by their first rows.
func canonical(labels []int) []int {
	number := map[int]int{-1: -1}
	out := make([]int, len(labels))
	for i, l := range labels {
		if _, ok := number[l]; !ok {
			number[l] = len(number) - 1
		}
		out[i] = number[l]
	}
	return out
}

// described is a fit without numbers of clusters: what must not depend on the order of the rows.
type described struct {
	labels                         []int
	strengths, outlying            []float64
	stability, persistence, lambda []float64
	sizes                          []float64
}

func describe(m *Model, order []int) described {
	n := m.rows
	d := described{labels: make([]int, n), strengths: make([]float64, n), outlying: make([]float64, n), lambda: make([]float64, n)}
	scores := m.OutlierScores()
	for i, j := range order {
		d.labels[j], d.strengths[j], d.outlying[j] = m.labels[i], m.probabilities[i], scores[i]
		d.lambda[j] = m.hierarchy.rowLambda[i]
	}
	d.labels = canonical(d.labels)
	d.persistence = slices.Sorted(slices.Values(m.persistence))
	d.stability = slices.Sorted(slices.Values(m.hierarchy.stability))
	d.sizes = slices.Sorted(slices.Values(m.hierarchy.weight))
	return d
}

// tieGrid is a grid of testdata/ties.json.gz, made by scripts/golden/hdbscan_ties.py.
type tieGrid struct {
	Dims, Size, Samples int
	Rows                string
	Leaf                bool
	Partitions          [][]int
}

func tieGrids(t *testing.T) []tieGrid {
	t.Helper()
	b, err := os.ReadFile("testdata/ties.json.gz")
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(b))
	require.NoError(t, err)
	var file struct {
		Versions map[string]string
		Grids    []tieGrid
	}
	require.NoError(t, json.NewDecoder(z).Decode(&file))
	require.Equal(t, "0.8.44", file.Versions["hdbscan"])
	require.Len(t, file.Grids, 200)
	return file.Grids
}

func (g tieGrid) input(t *testing.T) (blas32.General, Config) {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(g.Rows)
	require.NoError(t, err)
	x := blas32.General{Rows: len(b) / 4 / g.Dims, Cols: g.Dims, Stride: g.Dims, Data: make([]float32, len(b)/4)}
	for i := range x.Data {
		x.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	cfg := config(g.Size, g.Samples)
	if g.Leaf {
		cfg.ClusterSelectionMethod = Leaf
	}
	return x, cfg
}

// On 200 grids of integers the order of the rows changes nothing.
func TestTiesInAnyOrderExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for g, grid := range tieGrids(t) {
		x, cfg := grid.input(t)
		same := make([]int, x.Rows)
		for i := range same {
			same[i] = i
		}
		for _, cfg.CountCopies = range []bool{false, true} {
			want := describe(mustFit(t, x, cfg), same)
			for range 3 {
				order := r.Perm(x.Rows)
				require.Equal(t, want, describe(mustFit(t, shuffled(x, order), cfg), order), "grid %d", g)
			}
		}
	}
}

// Where the original finds one partition whatever the order of the rows, it is ours, but for a row of one grid, which is as
// near in mutual reachability to two clusters and nearer in distance to one of them.
func TestGoldenTiesExact(t *testing.T) {
	one, among, other := 0, 0, 0
	for g, grid := range tieGrids(t) {
		x, cfg := grid.input(t)
		m := mustFit(t, x, cfg)
		got := canonical(m.labels)
		has := slices.ContainsFunc(grid.Partitions, func(p []int) bool { return slices.Equal(p, got) })
		if len(grid.Partitions) > 1 {
			if has {
				among++
			}
			continue
		}
		one++
		if has {
			continue
		}
		// Rows that leave the parent in the original leave one of its parts here, at its birth: that is the nearest.
		other++
		for row, l := range grid.Partitions[0] {
			if l != got[row] {
				require.Equal(t, -1, l, "grid %d, row %d", g, row)
				require.Equal(t, m.hierarchy.birth[m.hierarchy.rowCluster[row]], m.hierarchy.rowLambda[row], "grid %d, row %d", g, row)
			}
		}
	}
	require.Greater(t, one, 40)
	require.LessOrEqual(t, other, 1)
	require.Greater(t, among, 90, "of the grids with several partitions, ours is one of them")
}

// Seven points, of which one is as far from both clusters: it leaves with neither, in any order.
func TestFewPointsInAnyOrderExact(t *testing.T) {
	x := blas32.General{Rows: 7, Cols: 1, Stride: 1, Data: []float32{0, 1, 2, 4, 6, 7, 8}}
	cfg := config(3, 1)
	for range 20 {
		order := rand.Perm(x.Rows)
		labels := describe(mustFit(t, shuffled(x, order), cfg), order).labels
		require.Equal(t, []int{0, 0, 0, -1, 1, 1, 1}, labels)
	}
	// A unit square, one step away from it another, of which one corner is in both orders where its nearest rows are.
	x = blas32.General{Rows: 8, Cols: 2, Stride: 2, Data: []float32{0, 0, 0, 1, 1, 0, 1, 1, 5, 0, 5, 1, 6, 0, 7, 2}}
	same := []int{0, 1, 2, 3, 4, 5, 6, 7}
	want := describe(mustFit(t, x, cfg), same)
	require.Equal(t, []int{0, 0, 0, 0, 1, 1, 1, 1}, want.labels)
	for range 50 {
		order := rand.Perm(x.Rows)
		require.Equal(t, want, describe(mustFit(t, shuffled(x, order), cfg), order))
	}
}

// twin is the condensed tree and the selection by their definitions, over all pairs of rows.
type twin struct {
	w, d2  [][]float64 // squared
	size   int
	leaf   bool
	label  []int
	lambda []float64
}

func newTwin(x blas32.General, cfg Config) *twin {
	core, _ := bruteForce(x, cfg.MinSamples, 1)
	n := x.Rows
	w := &twin{w: make([][]float64, n), d2: make([][]float64, n), size: cfg.MinClusterSize, leaf: cfg.ClusterSelectionMethod == Leaf}
	w.label, w.lambda = slices.Repeat([]int{-1}, n), make([]float64, n)
	for i := range n {
		w.w[i], w.d2[i] = make([]float64, n), make([]float64, n)
		for j := range n {
			for c := range x.Cols {
				d := float64(x.Data[i*x.Stride+c]) - float64(x.Data[j*x.Stride+c])
				w.d2[i][j] += float64(d * d)
			}
			w.w[i][j] = max(core[i], core[j], w.d2[i][j])
		}
	}
	return w
}

// components returns the components of some rows that the pairs tie for which holds tells so; copies are always tied.
func (w *twin) components(rows []int, holds func(i, j int) bool) [][]int {
	var out [][]int
	seen := map[int]bool{}
	for _, r := range rows {
		if seen[r] {
			continue
		}
		seen[r] = true
		part := []int{r}
		for k := 0; k < len(part); k++ {
			for _, j := range rows {
				if i := part[k]; !seen[j] && (w.d2[i][j] == 0 || holds(i, j)) {
					seen[j] = true
					part = append(part, j)
				}
			}
		}
		out = append(out, part)
	}
	return out
}

// twinCluster is a cluster of the condensed tree.
type twinCluster struct {
	birth    float64
	rows     map[int]float64 // those that leave it, and their λ
	children []*twinCluster
	sizes    []float64
}

// grow lets rows, which are in a cluster, leave it.
func (w *twin) grow(c *twinCluster, rows []int) {
	var levels []float64
	for _, i := range rows {
		for _, j := range rows {
			if i != j {
				levels = append(levels, w.w[i][j])
			}
		}
	}
	slices.Sort(levels)
	var at float64
	for _, level := range slices.Compact(levels) {
		at = level
		if len(w.components(rows, func(i, j int) bool { return w.w[i][j] <= at })) == 1 && w.tied(rows, at) {
			break
		}
	}
	lambda := lambdaOf(math.Sqrt(at))
	var large, small [][]int
	for _, p := range w.components(rows, func(i, j int) bool { return w.w[i][j] < at }) {
		if len(p) >= w.size && len(p) < len(rows) && w.tied(p, math.Nextafter(at, 0)) {
			large = append(large, p)
		} else {
			small = append(small, p)
		}
	}
	switch len(large) {
	case 0:
	case 1:
		defer w.grow(c, large[0])
	default:
		for _, p := range large {
			c.children = append(c.children, &twinCluster{birth: lambda, rows: map[int]float64{}})
			c.sizes = append(c.sizes, float64(len(p)))
		}
		for k, p := range large {
			defer w.grow(c.children[k], p)
		}
	}
	for _, p := range small {
		owner := c
		if len(large) > 1 {
			if k := w.owner(rows, p[0], at, large); k >= 0 {
				owner = c.children[k]
				c.sizes[k] += float64(len(p))
			}
		}
		for _, i := range p {
			owner.rows[i], w.lambda[i] = lambda, lambda
		}
	}
}

// tied says that rows hold together at a squared distance, copies only if they reach each other.
func (w *twin) tied(rows []int, at float64) bool {
	reached := map[int]bool{rows[0]: true}
	part := []int{rows[0]}
	for k := 0; k < len(part); k++ {
		for _, j := range rows {
			if !reached[j] && w.w[part[k]][j] <= at {
				reached[j] = true
				part = append(part, j)
			}
		}
	}
	return len(part) == len(rows)
}

// owner returns the large part that pairs of weight at tie row i to first, by distance; −1 for several.
func (w *twin) owner(rows []int, i int, at float64, large [][]int) int {
	var levels []float64
	for _, a := range rows {
		levels = append(levels, w.d2[a]...)
	}
	slices.Sort(levels)
	for _, most := range slices.Compact(levels) {
		parts := w.components(rows, func(a, b int) bool { return w.w[a][b] < at || w.w[a][b] == at && w.d2[a][b] <= most })
		k := slices.IndexFunc(parts, func(p []int) bool { return slices.Contains(p, i) })
		var in []int
		for l, p := range large {
			if slices.Contains(parts[k], p[0]) {
				in = append(in, l)
			}
		}
		switch {
		case len(in) == 1:
			return in[0]
		case len(in) > 1:
			return -1
		}
	}
	panic("a part that is tied to nothing")
}

// choose returns the best stability at and below a cluster and what is selected for it.
func (w *twin) choose(c *twinCluster, root bool) (float64, []*twinCluster) {
	var terms, below []float64
	var chosen []*twinCluster
	for _, lambda := range c.rows {
		terms = append(terms, lambda-c.birth)
	}
	slices.Sort(terms)
	sizes := slices.Sorted(slices.Values(c.sizes))
	for _, s := range sizes {
		terms = append(terms, float64((c.children[0].birth-c.birth)*s))
	}
	own, sum := 0.0, 0.0
	for _, v := range terms {
		own += v
	}
	for _, child := range c.children {
		s, list := w.choose(child, false)
		below, chosen = append(below, s), append(chosen, list...)
	}
	slices.Sort(below)
	for _, s := range below {
		sum += s
	}
	if root || w.leaf && len(c.children) > 0 || !w.leaf && sum > own {
		return sum, chosen
	}
	return own, []*twinCluster{c}
}

func (w *twin) mark(c *twinCluster, label int) {
	for i := range c.rows {
		w.label[i] = label
	}
	for _, child := range c.children {
		w.mark(child, label)
	}
}

func (w *twin) fit() {
	root := &twinCluster{rows: map[int]float64{}}
	all := make([]int, len(w.label))
	for i := range all {
		all[i] = i
	}
	w.grow(root, all)
	_, chosen := w.choose(root, true)
	for k, c := range chosen {
		w.mark(c, k)
	}
}

// Condensed tree and selection are what the definitions say: on grids, and on the spread rows of 21 topics, with clusters
// of two.
func TestTiesTwinExact(t *testing.T) {
	for g, grid := range tieGrids(t) {
		x, cfg := grid.input(t)
		if x.Rows > 60 {
			continue
		}
		m := mustFit(t, x, cfg)
		w := newTwin(x, cfg)
		w.fit()
		require.Equal(t, w.lambda, m.hierarchy.rowLambda, "grid %d", g)
		require.Equal(t, canonical(w.label), canonical(m.labels), "grid %d", g)
	}
	for seed := range uint64(40) {
		x := mixture(seed, 21, 30, 1, 0)
		cfg := config(2, 2)
		m := mustFit(t, x, cfg)
		w := newTwin(x, cfg)
		w.fit()
		require.Equal(t, canonical(w.label), canonical(m.labels), "seed %d", seed)
	}
}
