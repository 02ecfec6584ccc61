package hdbscan

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/metric"
)

func mustFitData(t testing.TB, d Data, cfg Config) *Model {
	t.Helper()
	m, err := FitData(context.Background(), d, cfg)
	require.NoError(t, err)
	return m
}

// dense is the matrix of distances of the rows of x, and graph those below a limit.
func dense(x blas32.General) blas32.General {
	d := blas32.General{Rows: x.Rows, Cols: x.Rows, Stride: x.Rows, Data: make([]float32, x.Rows*x.Rows)}
	for i := range x.Rows {
		for j := range x.Rows {
			var s float64
			for c := range x.Cols {
				v := float64(x.Data[i*x.Stride+c]) - float64(x.Data[j*x.Stride+c])
				s += v * v
			}
			d.Data[i*x.Rows+j] = float32(math.Sqrt(s))
		}
	}
	return d
}

func graph(d blas32.General, limit float32) *Graph {
	g := &Graph{Rows: d.Rows, Start: []int{0}}
	for i := range d.Rows {
		for j := range d.Rows {
			if v := d.Data[i*d.Stride+j]; i != j && v <= limit {
				g.Index, g.Distance = append(g.Index, j), append(g.Distance, float64(v))
			}
		}
		g.Start = append(g.Start, len(g.Index))
	}
	return g
}

// A row of weight w is w rows at its place: in core distances, in the sizes of clusters and in what is selected.
func TestWeightsAreCopiesExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for _, d := range []int{2, 5, 40} {
		x := mixture(uint64(100+d), 250, d, 5, 0)
		weights := make([]float64, x.Rows)
		copied := blas32.General{Cols: d, Stride: d}
		var of []int
		for i := range x.Rows {
			weights[i] = 1
			switch r.IntN(12) {
			case 0:
				weights[i] = float64(2 + r.IntN(3))
			case 1:
				weights[i] = 12
			}
			for range int(weights[i]) {
				copied.Data = append(copied.Data, x.Data[i*d:(i+1)*d]...)
				of = append(of, i)
			}
		}
		copied.Rows = len(of)
		for _, cfg := range []Config{config(5, 0), config(10, 3), config(8, 20), config(3, 1)} {
			for _, method := range []Method{EOM, Leaf} {
				cfg.ClusterSelectionMethod = method
				a, b := mustFitData(t, Data{Points: x, Weights: weights}, cfg), mustFit(t, copied, cfg)
				labels, probabilities, scores := make([]int, len(of)), make([]float64, len(of)), make([]float64, len(of))
				for j, i := range of {
					labels[j], probabilities[j], scores[j] = a.labels[i], a.probabilities[i], a.OutlierScores()[i]
				}
				renamed(t, b.labels, labels)
				require.Equal(t, b.probabilities, probabilities)
				require.Equal(t, b.OutlierScores(), scores)
				require.ElementsMatch(t, round(b.persistence), round(a.persistence))
			}
		}
	}
	// Weights of 1 change nothing.
	x := mixture(5, 300, 3, 4, 40)
	ones := slices.Repeat([]float64{1}, x.Rows)
	a, b := mustFit(t, x, config(5, 0)), mustFitData(t, Data{Points: x, Weights: ones}, config(5, 0))
	require.Equal(t, a.links, b.links)
	require.Equal(t, a.labels, b.labels)
	// All weights doubled, with MinSamples and MinClusterSize, is nearly the same; a row of weight 0 is no company.
	half := slices.Repeat([]float64{0}, x.Rows)
	for i := range half {
		half[i] = float64(i % 2)
	}
	m := mustFitData(t, Data{Points: x, Weights: half}, config(5, 0))
	requireSound(t, m, x.Rows)
}

func round(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, f := range v {
		out[i] = math.Round(f*1e9) / 1e9
	}
	return out
}

// Distances that are given, as a matrix or as a graph, make the tree that the points make.
func TestGivenDistancesExact(t *testing.T) {
	for _, x := range []blas32.General{mixture(3, 200, 3, 4, 0), lattice(4, 300, 2, 30)} {
		d := dense(x)
		for _, cfg := range []Config{config(5, 0), config(8, 2)} {
			want := mustFit(t, x, cfg)
			given := mustFitData(t, Data{Distances: d}, cfg)
			whole := mustFitData(t, Data{Graph: graph(d, math.MaxFloat32)}, cfg)
			require.Equal(t, given.links, whole.links)
			require.Equal(t, given.labels, whole.labels)
			for i, e := range want.MinimumSpanningTree() {
				require.InDelta(t, e.Weight, given.MinimumSpanningTree()[i].Weight, 1e-5)
			}
			for i, v := range want.CoreDistances() {
				require.InDelta(t, v, given.CoreDistances()[i], 1e-5)
			}
			_, err := given.Medoids(context.Background())
			require.NoError(t, err)
			_, _, err = given.Predict(context.Background(), x)
			require.ErrorContains(t, err, "no place for new points")
			_, err = given.Memberships(context.Background(), 3)
			require.ErrorContains(t, err, "no distances to exemplars")
			_, err = given.Branches(context.Background(), BranchOptions{})
			require.ErrorContains(t, err, "need coordinates")
			_, err = given.Centroids(x)
			require.Error(t, err)
		}
	}
}

// Parts out of each other's reach never share a cluster, whatever is selected.
func TestDisconnectedExact(t *testing.T) {
	x := mixture(6, 240, 2, 3, 0)
	d := dense(x)
	part := func(i int) int { return i % 3 }
	for i := range d.Rows {
		for j := range d.Rows {
			if part(i) != part(j) {
				d.Data[i*d.Stride+j] = float32(math.Inf(1))
			}
		}
	}
	d.Data[0], d.Data[1*d.Stride+1] = 7, float32(math.NaN()) // the diagonal is not looked at
	g := graph(d, math.MaxFloat32)
	for _, cfg := range []Config{config(5, 0), config(10, 2), config(100, 3)} {
		for _, single := range []bool{false, true} {
			for _, epsilon := range []float64{0, 1, 1e6} {
				for _, method := range []Method{EOM, Leaf} {
					cfg.AllowSingleCluster, cfg.ClusterSelectionEpsilon, cfg.ClusterSelectionMethod = single, epsilon, method
					for _, m := range []*Model{mustFitData(t, Data{Distances: d}, cfg), mustFitData(t, Data{Graph: g}, cfg)} {
						of := map[int]int{}
						for i, l := range m.labels {
							if l < 0 {
								continue
							}
							if p, ok := of[l]; ok {
								require.Equal(t, p, part(i))
							}
							of[l] = part(i)
						}
						for _, v := range append(m.Strengths(), m.OutlierScores()...) {
							require.False(t, math.IsNaN(v))
						}
						_, err := m.Flat(context.Background(), 2)
						if cfg.MinClusterSize <= 80 {
							require.ErrorContains(t, err, "want from 3 to")
						}
					}
				}
			}
		}
	}
}

// The forest is that of Kruskal's algorithm over all pairs, and no two rows that must be apart share a cluster.
func TestCannotLinkTwinExact(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, x := range []blas32.General{mixture(11, 80, 2, 3, 10), lattice(12, 70, 2, 6), mixture(13, 60, 35, 3, 5)} {
		for try := range 4 {
			d := Data{Points: x}
			if try%2 == 0 {
				for range 5 + 60*try {
					if i, j := r.IntN(x.Rows), r.IntN(x.Rows); i != j {
						d.CannotLink = append(d.CannotLink, [2]int{i, j})
					}
				}
			}
			if try > 0 {
				d.Apart = make([]int, x.Rows)
				for i := range d.Apart {
					d.Apart[i] = r.IntN(x.Rows/(3*try)) - 1
				}
			}
			for _, k := range []int{1, 4} {
				m := mustFitData(t, d, config(4, k))
				require.Equal(t, constrainedKruskal(x, d, k), m.links, "try %d, k %d", try, k)
				for _, single := range []bool{false, true} {
					cfg := config(4, k)
					cfg.AllowSingleCluster, cfg.ClusterSelectionEpsilon = single, 3
					m, err := m.Reselect(context.Background(), cfg)
					require.NoError(t, err)
					for _, p := range d.CannotLink {
						require.False(t, m.labels[p[0]] >= 0 && m.labels[p[0]] == m.labels[p[1]], "%v", p)
					}
					seen := map[[2]int]bool{}
					for i, g := range d.Apart {
						if l := m.labels[i]; g >= 0 && l >= 0 {
							require.False(t, seen[[2]int{g, l}])
							seen[[2]int{g, l}] = true
						}
					}
				}
			}
		}
	}
	// A graph keeps the same conditions.
	x := mixture(11, 80, 2, 3, 0)
	d := dense(x)
	c := Data{Graph: graph(d, math.MaxFloat32), CannotLink: [][2]int{{0, 1}, {2, 3}, {4, 5}}}
	given := mustFitData(t, Data{Distances: d, CannotLink: c.CannotLink}, config(4, 3))
	require.Equal(t, given.links, mustFitData(t, c, config(4, 3)).links)
}

func constrainedKruskal(x blas32.General, d Data, k int) []link {
	core, _ := bruteForce(x, k, 1)
	var all []link
	for i := range x.Rows {
		for j := range i {
			var s float64
			for c := range x.Cols {
				v := float64(x.Data[i*x.Stride+c]) - float64(x.Data[j*x.Stride+c])
				s += float64(v * v)
			}
			all = append(all, newLink(max(core[i], core[j], s), s, int32(i), int32(j)))
		}
	}
	slices.SortFunc(all, link.compare)
	set := make([]int, x.Rows)
	for i := range set {
		set[i] = i
	}
	var out []link
	for _, e := range all {
		a, b := set[e.a], set[e.b]
		if a == b {
			continue
		}
		clash := false
		for _, p := range d.CannotLink {
			clash = clash || set[p[0]] == a && set[p[1]] == b || set[p[0]] == b && set[p[1]] == a
		}
		for i, g := range d.Apart {
			for j, h := range d.Apart[:i] {
				clash = clash || g >= 0 && g == h && (set[i] == a && set[j] == b || set[i] == b && set[j] == a)
			}
		}
		if clash {
			continue
		}
		for i := range set {
			if set[i] == b {
				set[i] = a
			}
		}
		out = append(out, e)
	}
	seen := map[int]bool{set[0]: true}
	for i, s := range set {
		if !seen[s] {
			seen[s] = true
			out = append(out, newLink(math.Inf(1), math.Inf(1), 0, int32(i)))
		}
	}
	return out
}

// A tree of any metric weighs what brute force finds, and so does the caller's own function.
func TestMetricsTwinWithinTolerance(t *testing.T) {
	x := mixture(21, 150, 4, 4, 12)
	for i := range x.Data[:8] {
		x.Data[i] = 0 // a row of zeros, twice
	}
	for m := metric.Euclidean; m <= metric.Custom; m++ {
		y := x
		cfg := config(5, 4)
		cfg.Metric = m
		switch m {
		case metric.Haversine:
			y = blas32.General{Rows: x.Rows, Cols: 2, Stride: 4, Data: slices.Clone(x.Data)}
			for i := range y.Data {
				y.Data[i] = y.Data[i]/20 - 0.3
			}
		case metric.Hellinger:
			y.Data = slices.Clone(x.Data)
			for i := range y.Data {
				y.Data[i] = float32(math.Abs(float64(y.Data[i])))
			}
		case metric.Hamming, metric.Jaccard, metric.Dice:
			y.Data = slices.Clone(x.Data)
			for i := range y.Data {
				y.Data[i] = float32(math.Mod(math.Floor(float64(y.Data[i])), 3))
			}
		case metric.Minkowski:
			cfg.MetricP, cfg.MetricWeights = 3, []float64{1, 2, 0.5, 0}
		case metric.Custom:
			cfg.Distance = func(a, b []float32) float64 { return math.Abs(float64(a[0]-b[0])) + math.Abs(float64(a[1]-b[1]))/3 }
		}
		for _, alpha := range []float64{1, 1.4} {
			cfg.Alpha = alpha
			f := cfg.resolve().metric().Function()
			fit := mustFit(t, y, cfg)
			d := make([][]float64, y.Rows)
			core := make([]float64, y.Rows)
			for i := range d {
				for j := range y.Rows {
					d[i] = append(d[i], f(y.Data[i*4:i*4+y.Cols], y.Data[j*4:j*4+y.Cols]))
				}
				s := slices.Delete(slices.Clone(d[i]), i, i+1)
				slices.Sort(s)
				core[i] = s[3]
			}
			for i, c := range fit.CoreDistances() {
				require.InDelta(t, core[i], c, 1e-7*max(1, core[i]), "%v, row %d", m, i)
			}
			best := slices.Repeat([]float64{math.Inf(1)}, y.Rows)
			in := make([]bool, y.Rows)
			var weight float64
			best[0] = 0
			for range y.Rows {
				at := -1
				for i := range best {
					if !in[i] && (at < 0 || best[i] < best[at]) {
						at = i
					}
				}
				in[at] = true
				weight += best[at]
				for i := range best {
					best[i] = min(best[i], max(core[i], core[at], d[i][at]/alpha))
				}
			}
			var got float64
			for _, e := range fit.MinimumSpanningTree() {
				got += e.Weight
			}
			require.InEpsilon(t, weight, got, 1e-7, "%v, alpha %v", m, alpha)
			// Rows come back, and new points are at home.
			labels, strength, err := fit.Predict(context.Background(), y)
			require.NoError(t, err)
			require.Equal(t, fit.labels, labels, "%v", m)
			require.Equal(t, fit.probabilities, strength, "%v", m)
		}
	}
	// A new row of zeros is nowhere among points on the sphere.
	cfg := config(5, 4)
	cfg.Metric = metric.Cosine
	m := mustFit(t, mixture(22, 100, 3, 3, 0), cfg)
	labels, _, err := m.Predict(context.Background(), blas32.General{Rows: 1, Cols: 3, Stride: 3, Data: make([]float32, 3)})
	require.NoError(t, err)
	require.Equal(t, []int{-1}, labels)
}

func TestDataErrors(t *testing.T) {
	ctx := context.Background()
	x := mixture(1, 20, 2, 2, 0)
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	square := func(v ...float32) blas32.General {
		n := int(math.Sqrt(float64(len(v))))
		return blas32.General{Rows: n, Cols: n, Stride: n, Data: v}
	}
	for name, c := range map[string]struct {
		d    Data
		says string
	}{
		"two kinds":            {Data{Points: x, Distances: square(0)}, "more than one of"},
		"weights":              {Data{Points: x, Weights: []float64{1}}, "1 weights for 20 rows"},
		"negative weight":      {Data{Points: x, Weights: slices.Repeat([]float64{-1}, 20)}, "row 0: has weight -1"},
		"no weight":            {Data{Points: x, Weights: make([]float64, 20)}, "add up to 0"},
		"classes":              {Data{Points: x, Classes: []int{1, 2}}, "2 classes for 20 rows"},
		"class":                {Data{Points: x, Classes: slices.Repeat([]int{-2}, 20)}, "row 0: has class or group -2"},
		"pair":                 {Data{Points: x, CannotLink: [][2]int{{3, 3}}}, "pair 0 that cannot link is (3, 3)"},
		"pair beyond":          {Data{Points: x, CannotLink: [][2]int{{3, 20}}}, "(3, 20), want two rows of 20"},
		"not square":           {Data{Distances: blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: make([]float32, 6)}}, "2×3, want as many"},
		"not symmetric":        {Data{Distances: square(0, 1, 2, 0)}, "row 1, column 0: is 2, but 1 the other way round"},
		"negative":             {Data{Distances: square(0, -1, -1, 0)}, "row 1, column 0: is -1"},
		"NaN":                  {Data{Distances: square(0, nan, nan, 0)}, "is NaN"},
		"short":                {Data{Distances: blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 3)}}, "needs 4 values"},
		"graph without starts": {Data{Graph: &Graph{Rows: 2}}, "0 starts for 2 rows"},
		"graph to itself":      {Data{Graph: &Graph{Rows: 2, Start: []int{0, 1, 1}, Index: []int{0}, Distance: []float64{1}}}, "want another row"},
		"graph negative":       {Data{Graph: &Graph{Rows: 2, Start: []int{0, 1, 1}, Index: []int{1}, Distance: []float64{-1}}}, "want a distance"},
		"graph not symmetric":  {Data{Graph: &Graph{Rows: 2, Start: []int{0, 1, 2}, Index: []int{1, 0}, Distance: []float64{1, 2}}}, "the other way round"},
		"graph of wrong sizes": {Data{Graph: &Graph{Rows: 1, Start: []int{0, 2}, Index: []int{1}, Distance: []float64{1}}}, "do not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := FitData(ctx, c.d, Config{})
			require.ErrorContains(t, err, c.says)
		})
	}
	for _, d := range []Data{
		{Distances: square(0)},
		{Distances: square(0, inf, inf, 0)},
		{Graph: &Graph{}},
		{Graph: &Graph{Rows: 1, Start: []int{0, 0}}},
		{Graph: &Graph{Rows: 3, Start: []int{0, 0, 0, 0}}},
	} {
		m := mustFitData(t, d, Config{})
		require.NotContains(t, m.labels, 0)
	}
	cfg := Config{}
	cfg.Metric, cfg.Distance = metric.Custom, func(a, _ []float32) float64 { return math.NaN() }
	_, err := Fit(ctx, x, cfg)
	require.ErrorContains(t, err, "Config.Distance gave NaN for the rows")
	cfg.Distance = nil
	require.ErrorContains(t, cfg.Validate(), "hdbscan.Config.Distance is nil")
	cfg = Config{}
	cfg.MetricP, cfg.MetricWeights, cfg.Metric = -1, []float64{-1}, 99
	require.ErrorContains(t, cfg.Validate(), "MetricWeights[0] is -1")
	cfg = Config{}
	cfg.Metric = metric.Haversine
	_, err = Fit(ctx, mixture(1, 20, 3, 2, 0), cfg)
	require.ErrorContains(t, err, "want 2")
}

// Small grids of integers have ties everywhere: trees and labels are those of the brute-force twin.
func FuzzGridTwin(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, uint8(20+seed), uint8(1+seed%4), uint8(2+seed), uint8(1+seed%6))
	}
	f.Fuzz(func(t *testing.T, seed uint64, rows, dims, side, samples uint8) {
		n, d := 2+int(rows)%60, 1+int(dims)%36
		k := 1 + int(samples)%(n-1)
		x := lattice(seed, n, d, 1+int(side)%7)
		_, want := bruteForce(x, k, 1)
		m := mustFit(t, x, config(3, k))
		require.Equal(t, want, m.links)
		requireSound(t, m, n)
		twin := m.derived()
		var err error
		twin.linkage, err = singleLinkage(context.Background(), n, want, nil, math.Sqrt)
		require.NoError(t, err)
		require.NoError(t, twin.cluster(context.Background()))
		require.Equal(t, twin.labels, m.labels)
		labels, strength, err := m.Predict(context.Background(), x)
		require.NoError(t, err)
		require.Equal(t, m.labels, labels)
		require.Equal(t, m.probabilities, strength)
		_ = fmt.Sprint(m.TreePlot())
	})
}
