package hdbscan

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
)

// Memberships of fewer clusters are those of the clusters with the nearest exemplars; rows that are predicted have the
// memberships that they were fitted with, bit by bit.
func TestMembershipsExact(t *testing.T) {
	ctx := context.Background()
	for _, x := range []blas32.General{mixture(61, 700, 5, 9, 60), lattice(62, 400, 2, 15), mixture(63, 300, 40, 5, 20)} {
		for _, single := range []bool{false, true} {
			cfg := config(6, 4)
			cfg.AllowSingleCluster = single
			m := mustFit(t, x, cfg)
			clusters := len(m.persistence)
			if clusters == 0 {
				continue
			}
			exemplars := m.Exemplars()
			require.Len(t, exemplars, clusters)
			for l, rows := range exemplars {
				require.NotEmpty(t, rows)
				for _, r := range rows {
					require.Equal(t, l, m.labels[r])
					require.Equal(t, 0.0, m.OutlierScores()[r]*0)
				}
			}
			for _, top := range []int{1, 2, 5, 0, 1000} {
				all, err := m.Memberships(ctx, top)
				require.NoError(t, err)
				again, err := m.PredictMemberships(ctx, x, top)
				require.NoError(t, err)
				require.Equal(t, all, again)
				want := min(top, clusters)
				if top == 0 {
					want = clusters
				}
				best := 0
				for i := range x.Rows {
					labels, values := all.Row(i)
					require.Len(t, labels, want)
					require.True(t, slices.IsSorted(labels))
					var sum float64
					for _, v := range values {
						require.False(t, math.IsNaN(v) || v < 0)
						sum += v
					}
					require.LessOrEqual(t, sum, 1+1e-12)
					if top == 5 && want == 5 && i%7 == 0 {
						require.Equal(t, nearestLabels(m, exemplars, i, 5), labels)
					}
					if l := m.labels[i]; l >= 0 && want == clusters && int(labels[argmax(values)]) == l {
						best++
					}
				}
				if want == clusters {
					in := 0
					for _, l := range m.labels {
						if l >= 0 {
							in++
						}
					}
					require.Greater(t, float64(best), 0.8*float64(in), "most rows belong most to their own clusters")
				}
			}
		}
	}
	m := mustFit(t, mixture(1, 50, 2, 2, 0), config(30, 5))
	_, err := m.Memberships(ctx, -1)
	require.ErrorContains(t, err, "top is -1")
	none, err := m.Memberships(ctx, 3)
	require.NoError(t, err)
	if none.Cols == 0 {
		labels, _ := none.Row(7)
		require.Empty(t, labels)
	}
	empty := mustFit(t, blas32.General{Cols: 2}, config(3, 3))
	none, err = empty.PredictMemberships(ctx, mixture(1, 5, 2, 2, 0), 3)
	require.NoError(t, err)
	require.Equal(t, 5, none.Rows())
}

func argmax(v []float64) int {
	best := 0
	for i, f := range v {
		if f > v[best] {
			best = i
		}
	}
	return best
}

func nearestLabels(m *Model, exemplars [][]int, row, top int) []int32 {
	var all []labelled
	for l, rows := range exemplars {
		d := math.Inf(1)
		for _, r := range rows {
			d = min(d, m.tree.dist(m.tree.pos[row], m.tree.pos[r]))
		}
		all = append(all, labelled{d, int32(l)})
	}
	slices.SortStableFunc(all, func(a, b labelled) int {
		if a.d2 < b.d2 {
			return -1
		} else if a.d2 > b.d2 {
			return 1
		}
		return 0
	})
	var out []int32
	for _, v := range all[:top] {
		out = append(out, v.label)
	}
	slices.Sort(out)
	return out
}

// Every number of clusters that the tree has can be had, each a merger of two of the next, unless more than two part at one
// distance.
func TestFlatExact(t *testing.T) {
	ctx := context.Background()
	several := 0
	for _, x := range []blas32.General{mixture(31, 600, 3, 8, 30), lattice(32, 2000, 2, 90)} {
		for _, cfg := range []Config{config(5, 0), config(12, 3)} {
			m := mustFit(t, x, cfg)
			leaves := m.condensed.leaves()
			require.Greater(t, leaves, 2)
			for n := 1; n <= leaves; n++ {
				f, err := m.Flat(ctx, n)
				if slices.Max(m.hierarchy.parts) > 2 && err != nil {
					require.ErrorContains(t, err, "splits at one distance part more than two")
					several++
					continue
				}
				require.NoError(t, err)
				require.Len(t, f.persistence, n)
				requireSound(t, f, x.Rows)
				labels, _, err := f.Predict(ctx, x)
				require.NoError(t, err)
				require.Equal(t, f.labels, labels)
			}
			for _, n := range []int{0, -1, leaves + 1} {
				_, err := m.Flat(ctx, n)
				require.ErrorContains(t, err, "are not possible, want from 1 to")
			}
			same, err := m.Flat(ctx, len(m.persistence))
			require.NoError(t, err)
			require.Equal(t, m.labels, same.labels)
		}
	}
	require.Positive(t, several)
	_, err := mustFit(t, mixture(1, 1, 2, 1, 0), config(5, 0)).Flat(ctx, 1)
	require.ErrorContains(t, err, "of 1 rows are not possible")
}

// A cut has the components of the edges below the distance.
func TestCutTwinExact(t *testing.T) {
	for _, x := range []blas32.General{mixture(33, 300, 2, 5, 20), lattice(34, 250, 2, 12)} {
		m := mustFit(t, x, config(5, 3))
		for _, cut := range []float64{0, 0.3, 1, 2, 3, 1e9, math.Inf(1)} {
			set := make([]int, x.Rows)
			for i := range set {
				set[i] = i
			}
			for _, e := range m.MinimumSpanningTree() {
				if e.Weight < cut {
					from, to := set[e.B], set[e.A]
					for i := range set {
						if set[i] == from {
							set[i] = to
						}
					}
				}
			}
			for _, size := range []int{1, 4, 30} {
				count, number := map[int]int{}, map[int]int{}
				for _, s := range set {
					count[s]++
				}
				var want []int
				for _, s := range set {
					if count[s] < size {
						want = append(want, -1)
						continue
					}
					if _, ok := number[s]; !ok {
						number[s] = len(number)
					}
					want = append(want, number[s])
				}
				got, err := m.Cut(cut, size)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
		_, err := m.Cut(math.NaN(), 1)
		require.Error(t, err)
		_, err = m.Cut(1, 0)
		require.Error(t, err)
	}
}

// The trace counts the leaf clusters that a condensed tree has at each minimum cluster size.
func TestLayersTwinExact(t *testing.T) {
	ctx := context.Background()
	tied := 0
	for _, x := range []blas32.General{mixture(41, 500, 3, 12, 30), lattice(42, 2000, 2, 90)} {
		m := mustFit(t, x, config(50, 4))
		layers, trace, err := m.Layers(ctx, LayerOptions{})
		require.NoError(t, err)
		require.Equal(t, 4.0, trace.Size[0])
		for i, size := range trace.Size {
			tree, err := condense(ctx, m.linkage, size+1)
			require.NoError(t, err)
			h := newHierarchy(tree)
			leaves := 0
			for c := 1; c < len(h.parent); c++ {
				if h.split[c] == 0 {
					leaves++
				}
			}
			require.Equal(t, leaves, trace.Clusters[i], "size %v", size)
		}
		require.Greater(t, len(trace.Size), 5)
		require.NotEmpty(t, layers)
		for i, l := range layers {
			if i > 0 {
				require.LessOrEqual(t, len(l.persistence), len(layers[i-1].persistence))
			}
			requireSound(t, l.Model, x.Rows)
			require.Positive(t, l.LayerPersistence)
			labels, strength, err := l.Predict(ctx, x)
			require.NoError(t, err)
			require.Equal(t, l.labels, labels)
			require.Equal(t, l.probabilities, strength)
			cfg := config(int(l.Size)+1, 0)
			if i == 0 {
				cfg.MinClusterSize--
			}
			cfg.ClusterSelectionMethod = Leaf
			leaf, err := m.Reselect(ctx, cfg)
			require.NoError(t, err)
			require.Len(t, leaf.persistence, len(l.persistence), "layer %d, size %v", i, l.Size)
			// A row that is tied to several clusters of the finest layer leaves with none of them. Where only one of these is
			// large enough in another layer, a tree condensed for that layer lets the row leave with it, at its birth.
			same := slices.Clone(l.labels)
			for row, h := 0, leaf.hierarchy; row < x.Rows; row++ {
				if c := h.rowCluster[row]; l.labels[row] < 0 && leaf.labels[row] >= 0 && h.rowLambda[row] == h.birth[c] {
					same[row], tied = leaf.labels[row], tied+1
				}
			}
			label := map[int]int{-1: -1}
			for row, c := range l.labels {
				if c >= 0 {
					label[leaf.labels[row]] = c
				}
			}
			for row, c := range leaf.labels {
				if same[row] != l.labels[row] {
					same[row] = label[c]
				}
			}
			renamed(t, leaf.labels, same)
		}
		for _, n := range []int{2, 5, 9} {
			cfg := LayerOptions{}
			cfg.Clusters, cfg.MaxLayers = n, 1
			layers, _, err := m.Layers(ctx, cfg)
			require.NoError(t, err)
			require.Len(t, layers, 1)
			require.InDelta(t, n, len(layers[0].persistence), 2)
		}
	}
	_, _, err := mustFit(t, mixture(1, 20, 2, 1, 0), config(5, 0)).Layers(ctx, LayerOptions{MinClusterSize: 1, Clusters: -1, MaxLayers: -1, MaxSimilarity: 2})
	for _, field := range []string{"MinClusterSize", "Clusters", "MaxLayers", "MaxSimilarity"} {
		require.ErrorContains(t, err, "hdbscan.LayerOptions."+field)
	}
	for n := range 4 {
		layers, _, err := mustFit(t, blas32.General{Rows: n, Cols: 1, Stride: 1, Data: []float32{1, 2, 5}}, config(2, 1)).Layers(ctx, LayerOptions{})
		require.NoError(t, err)
		require.Len(t, layers, 1)
	}
}

// What is left of the condensed tree has no leaf that lives for less than the threshold.
func TestSimplifyExact(t *testing.T) {
	x := mixture(51, 800, 3, 12, 30)
	m := mustFit(t, x, config(4, 2))
	before := len(m.hierarchy.parent)
	for _, threshold := range []float64{0.05, 0.5, 2, 1e9} {
		cfg := config(4, 2)
		cfg.ClusterSelectionPersistence = threshold
		s, err := m.Reselect(context.Background(), cfg)
		require.NoError(t, err)
		h := s.hierarchy
		require.LessOrEqual(t, len(h.parent), before)
		before = len(h.parent)
		for c := 1; c < len(h.parent); c++ {
			require.GreaterOrEqual(t, h.deepest[c]-h.birth[c], threshold)
		}
		rows := 0
		for _, e := range s.CondensedTree() {
			if e.Child < x.Rows {
				rows++
			}
		}
		require.Equal(t, x.Rows, rows)
	}
	require.Equal(t, 1, before)
}

func TestTreePlotExact(t *testing.T) {
	m := mustFit(t, mixture(52, 500, 3, 8, 30), config(5, 3))
	plot := m.TreePlot()
	require.Len(t, plot.Clusters, len(m.hierarchy.parent))
	labels, seen := 0, map[float64]bool{}
	for i, c := range plot.Clusters {
		if c.Label >= 0 {
			require.Equal(t, labels, c.Label)
			labels++
		}
		last := c.Steps[len(c.Steps)-1]
		require.Zero(t, last.Size, "in the end everything has left")
		require.Equal(t, c.Death, last.Lambda)
		for j := 1; j < len(c.Steps); j++ {
			require.Greater(t, c.Steps[j].Lambda, c.Steps[j-1].Lambda)
			require.Less(t, c.Steps[j].Size, c.Steps[j-1].Size)
		}
		if c.Children == nil {
			require.False(t, seen[c.X])
			seen[c.X] = true
			continue
		}
		l, r := plot.Clusters[c.Children[0]], plot.Clusters[c.Children[1]]
		require.Equal(t, c.Cluster, l.Parent)
		require.Equal(t, m.rows+i, r.Parent)
		require.Equal(t, (l.X+r.X)/2, c.X)
		require.Less(t, l.X, r.X)
	}
	require.Len(t, m.persistence, labels)
	require.Empty(t, mustFit(t, blas32.General{}, config(5, 3)).TreePlot().Clusters)
}

// A row predicted again has its outlier score; new points have scores between 0 and 1.
func TestLocateExact(t *testing.T) {
	x := mixture(53, 600, 4, 6, 40)
	m := mustFit(t, x, config(6, 3))
	found, err := m.Locate(context.Background(), x)
	require.NoError(t, err)
	scores := m.OutlierScores()
	for i, p := range found {
		require.Equal(t, scores[i], p.OutlierScore)
		require.Equal(t, m.tree.row[m.tree.pos[i]], int32(p.Neighbor))
	}
	found, err = m.Locate(context.Background(), mixture(54, 200, 4, 6, 0))
	require.NoError(t, err)
	for _, p := range found {
		require.False(t, math.IsNaN(p.OutlierScore) || p.OutlierScore < 0 || p.OutlierScore > 1)
	}
}

func TestBranchesOfAStar(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	x := blas32.General{Rows: 900, Cols: 2, Stride: 2, Data: make([]float32, 1800)}
	arm := make([]int, 900)
	for i := range arm {
		arm[i] = i % 3
		at, turn := 4*r.Float64(), float64(arm[i])*2*math.Pi/3
		x.Data[2*i] = float32(at*math.Cos(turn) + 0.06*r.NormFloat64())
		x.Data[2*i+1] = float32(at*math.Sin(turn) + 0.06*r.NormFloat64())
	}
	cfg := config(20, 5)
	cfg.AllowSingleCluster, cfg.ClusterSelectionEpsilon = true, 0.6
	m := mustFit(t, x, cfg)
	require.Len(t, m.persistence, 1)
	for _, core := range []bool{false, true} {
		b, err := m.Branches(context.Background(), BranchOptions{CoreGraph: core})
		require.NoError(t, err)
		require.Len(t, b.Persistence[0], 3)
		agree := map[[2]int]int{}
		for i, l := range b.Branch {
			if l >= 0 && m.labels[i] >= 0 {
				agree[[2]int{arm[i], l}]++
			}
		}
		for a := range 3 {
			counts := []int{agree[[2]int{a, 0}], agree[[2]int{a, 1}], agree[[2]int{a, 2}]}
			slices.Sort(counts)
			require.Greater(t, counts[2], 20*(counts[0]+counts[1]+1), "arm %d of %v", a, agree)
		}
	}
	_, err := m.Branches(context.Background(), BranchOptions{MinBranchSize: 1, Epsilon: -1, Persistence: math.NaN(), Method: 9, MaxBranchSize: -1})
	for _, field := range []string{"MinBranchSize", "Method", "MaxBranchSize", "Epsilon", "Persistence"} {
		require.ErrorContains(t, err, "hdbscan.BranchOptions."+field)
	}
	two, err := mustFit(t, mixture(5, 200, 2, 3, 0), config(5, 0)).Branches(context.Background(), BranchOptions{MinBranchSize: 50})
	require.NoError(t, err)
	require.Len(t, two.Labels, 200)
}

// Everything that a model can be asked is the same for any number of workers.
func TestSameBitsOfAModelExact(t *testing.T) {
	ctx := context.Background()
	x := mixture(71, 900, 6, 8, 60)
	high := mixture(72, 500, 48, 6, 40)
	weights := make([]float64, x.Rows)
	for i := range weights {
		weights[i] = float64(1+i%7) / 3
	}
	type answers struct {
		links      []link
		labels     []int
		members    sparse.CSR[float64]
		branches   *Branches
		layers     []Layer
		medoids    []int
		prediction []Prediction
	}
	ask := func(d Data, cfg Config) (a answers) {
		m, err := FitData(ctx, d, cfg)
		require.NoError(t, err)
		a.links, a.labels = m.links, m.labels
		a.members, err = m.Memberships(ctx, 3)
		require.NoError(t, err)
		if m.tree.norm != noNorm {
			a.branches, err = m.Branches(ctx, BranchOptions{})
			require.NoError(t, err)
		}
		layers, _, err := m.Layers(ctx, LayerOptions{})
		require.NoError(t, err)
		for _, l := range layers {
			l.Model = &Model{labels: l.labels, probabilities: l.probabilities}
			a.layers = append(a.layers, l)
		}
		a.medoids, err = m.Medoids(ctx)
		require.NoError(t, err)
		points := d.Points
		points.Rows = 100
		a.prediction, err = m.Locate(ctx, points)
		require.NoError(t, err)
		return a
	}
	for _, d := range []Data{{Points: x}, {Points: high}, {Points: x, Weights: weights, CannotLink: [][2]int{{1, 2}, {5, 9}, {700, 800}}}} {
		for _, metric := range []metric.Kind{metric.Euclidean, metric.Cosine, metric.Manhattan, metric.Canberra} {
			cfg := config(8, 4)
			cfg.Metric, cfg.Workers = metric, 1
			want := ask(d, cfg)
			for _, workers := range []int{2, 3, 7} {
				cfg.Workers = workers
				require.Equal(t, want, ask(d, cfg), "%v, %d workers", metric, workers)
			}
		}
	}
}

func TestReselectErrors(t *testing.T) {
	x := mixture(1, 100, 2, 3, 0)
	m := mustFit(t, x, config(5, 0))
	_, err := m.Reselect(context.Background(), Config{MinClusterSize: 1})
	require.ErrorContains(t, err, "MinClusterSize is 1")
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	for name, f := range map[string]func() error{
		"memberships": func() error { _, err := m.Memberships(ctx, 2); return err },
		"flat":        func() error { _, err := m.Flat(ctx, 2); return err },
		"layers":      func() error { _, _, err := m.Layers(ctx, LayerOptions{}); return err },
		"medoids":     func() error { _, err := m.Medoids(ctx); return err },
		"locate":      func() error { _, err := m.Locate(ctx, x); return err },
	} {
		require.ErrorIs(t, f(), cause, name)
	}
	_, err = mustFit(t, x, config(90, 3)).RelativeValidity()
	require.ErrorContains(t, err, "no cluster")
}

func TestClusterWithoutRows(t *testing.T) {
	x, c := mixture(9, 60, 3, 1, 0), config(5, 5)
	c.ClusterSelectionEpsilon, c.AllowSingleCluster = 1e-6, true
	m := mustFit(t, x, c)
	require.Equal(t, 1, m.NumClusters())
	require.NotContains(t, m.Labels(), 0)
	medoids, err := m.Medoids(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{-1}, medoids)
	means, err := m.Centroids(x)
	require.NoError(t, err)
	require.Equal(t, make([]float32, 3), means.Data)
	b, err := m.Branches(t.Context(), BranchOptions{})
	require.NoError(t, err)
	require.Equal(t, [][]float64{nil}, b.Persistence)
	require.Equal(t, m.Labels(), b.Labels)
}
