package umap

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/metric"
)

// features is testdata/features.json.gz, made by scripts/golden/umap_features.py.
type features struct {
	Rows, Cols, K int
	X             []float32
	Metrics       []struct {
		Metric     string
		P          float64
		Index      []int32
		Distance   []float32 // −1 for +Inf
		Rho, Sigma []float32
		Graph      Graph
	}
	Graph       Graph
	Classes     []int
	Supervised  []weighted
	Target      []float32
	TargetGraph Graph
	Continuous  []weighted
	Union       Graph
	Product     Graph
	Difference  Graph
	Radii       []float64
}

type weighted struct {
	Weight float64
	Graph  Graph
}

func readFeatures(t *testing.T) (features, blas32.General) {
	t.Helper()
	f, err := os.Open("testdata/features.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g features
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	return g, blas32.General{Rows: g.Rows, Cols: g.Cols, Stride: g.Cols, Data: g.X}
}

func requireSameGraph(t *testing.T, want, got Graph, name string) {
	t.Helper()
	requireNearGraph(t, want, got, 2e-5, name)
}

func requireNearGraph(t *testing.T, want, got Graph, delta float64, name string) {
	t.Helper()
	require.NoError(t, got.check(), name)
	requireSymmetric(t, got)
	w, g := denseGraph(want), denseGraph(got)
	require.Equal(t, w.Rows, g.Rows, name)
	for i := range w.Data {
		require.InDelta(t, w.Data[i], g.Data[i], delta, "%s: edge from %d to %d", name, i/w.Rows, i%w.Rows)
	}
}

func TestMetricsWithinToleranceOfUmapLearn(t *testing.T) {
	golden, all := readFeatures(t)
	require.Len(t, golden.Metrics, 13)
	for _, c := range golden.Metrics {
		kind, err := metric.Parse(c.Metric)
		require.NoError(t, err)
		x := all
		if kind == Haversine {
			x.Cols = 2
		}
		cfg := withMetric(kind)
		cfg.MetricP = c.P
		nb, err := NearestNeighbours(t.Context(), x, golden.K, cfg)
		require.NoError(t, err)
		given := Neighbours{K: golden.K, Index: c.Index}
		for i, d := range c.Distance {
			if d < 0 {
				d = float32(math.Inf(1))
				require.Equal(t, d, nb.Distance[i], "%s: distance of neighbour %d of row %d", c.Metric, i%nb.K, i/nb.K)
			} else {
				require.InDelta(t, d, nb.Distance[i], 2e-6, "%s: distance of neighbour %d of row %d", c.Metric, i%nb.K, i/nb.K)
			}
			given.Distance = append(given.Distance, d)
		}
		rho, sigma, err := SmoothKNN(t.Context(), given, 1, 0)
		require.NoError(t, err)
		for i := range rho {
			require.InDelta(t, c.Rho[i], rho[i], 1e-5*(1+float64(c.Rho[i])), "%s: rho of row %d", c.Metric, i)
			require.InDelta(t, c.Sigma[i], sigma[i], 1e-4*(1e-3+float64(c.Sigma[i])), "%s: sigma of row %d", c.Metric, i)
		}
		g, err := FuzzySimplicialSet(t.Context(), given, rho, sigma, 1)
		require.NoError(t, err)
		requireSameGraph(t, c.Graph, g, c.Metric)

		// A fit to given neighbours has the graph of those neighbours.
		cfg.NEpochs = 20
		m, err := FitData(t.Context(), Data{X: x, Neighbours: given}, cfg)
		require.NoError(t, err)
		requireSameGraph(t, c.Graph, m.Graph(), c.Metric+" of given neighbours")
		require.True(t, finite(m.Embedding().Data), c.Metric)
		y, err := m.Transform(t.Context(), x)
		require.NoError(t, err)
		if kind != Haversine { // there some rows are equal
			require.Equal(t, m.Embedding().Data, y.Data, c.Metric)
		}
	}
}

func TestSupervisionWithinToleranceOfUmapLearn(t *testing.T) {
	golden, x := readFeatures(t)
	for _, c := range golden.Supervised {
		g, err := golden.Graph.Supervise(golden.Classes, c.Weight)
		require.NoError(t, err)
		requireSameGraph(t, c.Graph, g, "classes")

		cfg := DefaultConfig()
		cfg.NNeighbors, cfg.NEpochs, cfg.TargetWeight = golden.K, 20, c.Weight
		m, err := FitData(t.Context(), Data{X: x, Classes: golden.Classes}, cfg)
		require.NoError(t, err)
		requireSameGraph(t, c.Graph, m.Graph(), "a fit to classes")
	}
	target := blas32.General{Rows: golden.Rows, Cols: 2, Stride: 2, Data: golden.Target}
	for _, c := range golden.Continuous {
		cfg := DefaultConfig()
		cfg.NNeighbors, cfg.NEpochs, cfg.TargetWeight = golden.K, 20, c.Weight
		m, err := FitData(t.Context(), Data{X: x, Target: target}, cfg)
		require.NoError(t, err)
		requireSameGraph(t, c.Graph, m.Graph(), "a fit to targets")
	}
	_, err := golden.Graph.Supervise(golden.Classes[1:], 0.5)
	require.ErrorContains(t, err, "89 classes for 90 rows")
}

func TestAlgebraWithinToleranceOfUmapLearn(t *testing.T) {
	golden, x := readFeatures(t)
	g, h := golden.Graph, golden.TargetGraph
	union, err := g.Union(h)
	require.NoError(t, err)
	union, err = union.Rescale(true)
	require.NoError(t, err)
	requireNearGraph(t, golden.Union, union, 1e-3, "union") // the sum of a row's strengths is met to 1e-5 by both
	product, err := g.Intersection(h, 0.5)
	require.NoError(t, err)
	product, err = product.Rescale(true)
	require.NoError(t, err)
	requireNearGraph(t, golden.Product, product, 1e-3, "product")
	difference, err := g.Difference(h, 0.5)
	require.NoError(t, err)
	difference, err = difference.Rescale(false)
	require.NoError(t, err)
	requireSameGraph(t, golden.Difference, difference, "difference")

	_, err = g.Union(Graph{Start: []int{0, 0}})
	require.ErrorContains(t, err, "graphs of 90 and 1 vertices")
	_, err = g.Intersection(h, 2)
	require.ErrorContains(t, err, "weight of the second graph is 2")

	cfg := DefaultConfig()
	cfg.NEpochs = 30
	m, err := FitData(t.Context(), Data{X: x, Graph: product}, cfg)
	require.NoError(t, err)
	require.Equal(t, product, m.Graph())
	require.True(t, finite(m.Embedding().Data))
	_, _, err = m.Radii(t.Context())
	require.ErrorContains(t, err, "no neighbours")
}

func TestRadiiWithinToleranceOfUmapLearn(t *testing.T) {
	golden, x := readFeatures(t)
	cfg := DefaultConfig()
	cfg.NNeighbors, cfg.DensMAP = golden.K, true
	m, err := Fit(t.Context(), x, cfg)
	require.NoError(t, err)
	original, embedded, err := m.Radii(t.Context())
	require.NoError(t, err)
	require.Len(t, embedded, golden.Rows)
	for i, r := range golden.Radii {
		require.InDelta(t, r, original[i], 1e-4, "row %d", i)
	}
}

// The force of the density is the gradient of the correlation that it is to raise.
func TestDensityForceWithinToleranceOfDifference(t *testing.T) {
	_, x := readFeatures(t)
	cfg := DefaultConfig()
	cfg.NNeighbors, cfg.DensMAP, cfg.Workers = 8, true, 1
	nb, err := NearestNeighbours(t.Context(), x, 8, cfg)
	require.NoError(t, err)
	rho, sigma, err := SmoothKNN(t.Context(), nb, 1, 1)
	require.NoError(t, err)
	g, err := FuzzySimplicialSet(t.Context(), nb, rho, sigma, 1)
	require.NoError(t, err)
	y := dense.New(x.Rows, 2)
	for i := range y.Rows {
		y.Data[2*i], y.Data[2*i+1] = 3*x.Data[6*i], 3*x.Data[6*i+1]+2*x.Data[6*i+2]
	}
	a, b := cfg.curve()
	e := newEngine(y, g, newForces(a, b, 1), cfg)
	d := newDensity(&e, g, nb, cfg)

	// What umap-learn's force, times the strength of the edge over the strength of all and summed over the edges of a row,
	// is the gradient of: n times the covariance over the root of the variance, with the mean held.
	correlation := func() float64 {
		require.NoError(t, d.measure(t.Context(), &e))
		return d.cov / d.std
	}
	correlation()
	const r = 17
	own := e.row(r)
	var force [2]float64
	for k := e.start[r]; k < e.start[r+1]; k++ {
		other := e.row(int(e.to[k]))
		w := d.most * float64(e.due[k]) / (1 << phases)
		f := d.force(&e, r, int(e.to[k]), squared(own, other), w) * w
		for c := range force {
			force[c] += f * (float64(own[c]) - float64(other[c]))
		}
	}
	var slope [2]float64
	for c := range slope {
		was := own[c]
		own[c] = was + 1e-2
		up := correlation()
		own[c] = was - 1e-2
		slope[c] = (up - correlation()) / 2e-2
		own[c] = was
	}
	dot := force[0]*slope[0] + force[1]*slope[1]
	cos := dot / math.Sqrt((force[0]*force[0]+force[1]*force[1])*(slope[0]*slope[0]+slope[1]*slope[1]))
	require.Greater(t, cos, 0.98, "force %v, slope %v", force, slope)
}
