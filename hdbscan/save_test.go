package hdbscan

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/stage/state"
)

func TestStages(t *testing.T) {
	leaf := DefaultConfig()
	leaf.ClusterSelectionMethod, leaf.UseClasses, leaf.Metric = Leaf, true, Cosine
	classes := DefaultConfig()
	classes.UseClasses = true
	for name, c := range map[string]stage.Clusterer{
		"default": DefaultConfig(), "leaf": leaf, "classes": classes, "plscan": PLSCAN{DefaultConfig(), DefaultLayerConfig()},
	} {
		t.Run(name, func(t *testing.T) { stagetest.TestClusterer(t, c) })
	}
}

func TestUseClassesExact(t *testing.T) {
	x := mixture(3, 200, 2, 4, 0)
	y := make([]int, x.Rows)
	for i := range y {
		if y[i] = -1; i%3 == 0 {
			y[i] = i % 2
		}
	}
	c := config(5, 5)
	ignored, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: y})
	require.NoError(t, err)
	require.Equal(t, mustFit(t, x, c).Labels(), ignored.Labels())
	require.Equal(t, stage.ClassesIgnored, c.ClassUse())
	c.UseClasses = true
	used, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: y})
	require.NoError(t, err)
	require.Equal(t, mustFitData(t, Data{Points: x, Classes: y}, c).Labels(), used.Labels())
	require.NotEqual(t, ignored.Labels(), used.Labels())
	require.Equal(t, stage.ClassesUsed, c.ClassUse())
}

func TestOwnSettingsWin(t *testing.T) {
	own, common := 0, 0
	c := config(5, 5)
	c.Workers, c.Progress = 3, func(int, int) { own++ }
	m, err := c.Cluster(t.Context(), stage.Run{Workers: 2, Progress: func(int, int) { common++ }}, stage.Data{X: mixture(3, 200, 2, 4, 0)})
	require.NoError(t, err)
	require.Equal(t, 3, m.(*Model).cfg.Workers)
	require.Positive(t, own)
	require.Zero(t, common)
	c.Workers, c.Progress = 0, nil
	m, err = c.Cluster(t.Context(), stage.Run{Workers: 2, Progress: func(int, int) { common++ }}, stage.Data{X: mixture(3, 200, 2, 4, 0)})
	require.NoError(t, err)
	require.Equal(t, 2, m.(*Model).cfg.Workers)
	require.Positive(t, common)
}

// requireSame compares all that the methods of two models give, bit by bit.
func requireSame(t *testing.T, want, got *Model, x blas32.General) {
	t.Helper()
	ctx := t.Context()
	ask := func(m *Model) (out []any) {
		add := func(v any, err error) { out = append(out, v, fmt.Sprint(err)) }
		out = append(out, m.Labels(), m.Strengths(), m.Persistence(), m.NumClusters(), m.CoreDistances(), m.MinimumSpanningTree(),
			m.SingleLinkageTree(), m.CondensedTree(), m.OutlierScores(), m.Exemplars(), m.TreePlot(), fmt.Sprint(m.Warnings()))
		located, err := m.Locate(ctx, x)
		add(located, err)
		for _, top := range []int{0, 2} {
			soft, err := m.Memberships(ctx, top)
			add(soft, err)
			soft, err = m.PredictMemberships(ctx, x, top)
			add(soft, err)
		}
		medoids, err := m.Medoids(ctx)
		add(medoids, err)
		validity, err := m.RelativeValidity()
		add(validity, err)
		branches, err := m.Branches(ctx, BranchConfig{MinBranchSize: 3})
		add(branches, err)
		cut, err := m.Cut(0.5, 3)
		add(cut, err)
		for n := 1; n < 4; n++ {
			flat, err := m.Flat(ctx, n)
			if err == nil {
				add(flat.Labels(), nil)
			} else {
				add(nil, err)
			}
		}
		again := m.cfg
		again.MinClusterSize, again.ClusterSelectionMethod = 4, EOM
		other, err := m.Reselect(ctx, again)
		require.NoError(t, err)
		out = append(out, other.Labels(), other.Strengths())
		layers, trace, err := m.Layers(ctx, DefaultLayerConfig())
		require.NoError(t, err)
		out = append(out, trace)
		for _, l := range layers {
			out = append(out, l.Size, l.LayerPersistence, l.Labels(), l.Strengths())
		}
		return out
	}
	a, b := ask(want), ask(got)
	require.Equal(t, len(a), len(b))
	for i := range a {
		require.Equal(t, fmt.Sprintf("%#v", a[i]), fmt.Sprintf("%#v", b[i]), "answer %d", i)
	}
}

// savable lists models of every kind that can be saved, with points to ask about.
func savable(t testing.TB) map[string]*Model {
	x := mixture(7, 150, 2, 5, 10)
	high := mixture(8, 120, 40, 4, 3)
	weights, classes := make([]float64, x.Rows), make([]int, x.Rows)
	for i := range weights {
		weights[i], classes[i] = float64(i%4)/2, i%5-1
	}
	out := map[string]*Model{}
	add := func(name string, d Data, change func(*Config)) {
		c := config(6, 4)
		change(&c)
		out[name] = mustFitData(t, d, c)
	}
	for _, metric := range []Metric{Euclidean, Cosine, Correlation, Manhattan, Chebyshev, Canberra, Minkowski, Hamming} {
		add(metric.String(), Data{Points: x}, func(c *Config) { c.Metric = metric })
		add(metric.String()+" 40", Data{Points: high}, func(c *Config) { c.Metric = metric })
	}
	null := blas32.General{Rows: x.Rows, Cols: 2, Stride: 2, Data: slices.Clone(x.Data)}
	clear(null.Data[20:24])
	add("a row without direction", Data{Points: null}, func(c *Config) { c.Metric = Cosine })
	add("haversine", Data{Points: x}, func(c *Config) { c.Metric = Haversine })
	add("weighted minkowski", Data{Points: x}, func(c *Config) { c.Metric, c.MinkowskiP, c.MinkowskiWeights = Minkowski, 3, []float64{1, 2} })
	add("original", Data{Points: x}, func(c *Config) { c.OriginalPrediction = true })
	add("weights", Data{Points: x, Weights: weights}, func(*Config) {})
	add("classes", Data{Points: x, Classes: classes}, func(*Config) {})
	add("apart", Data{Points: x, CannotLink: [][2]int{{1, 2}, {3, 90}, {0, 7}}}, func(*Config) {})
	add("persistence", Data{Points: x}, func(c *Config) { c.ClusterSelectionPersistence, c.MinClusterSize = 0.3, 3 })
	add("epsilon", Data{Points: x}, func(c *Config) { c.ClusterSelectionEpsilon, c.AllowSingleCluster = 9, true })
	add("single", Data{Points: mixture(9, 60, 3, 1, 0)}, func(c *Config) { c.AllowSingleCluster = true })
	add("a cluster without rows", Data{Points: mixture(9, 60, 3, 1, 0)}, func(c *Config) { c.ClusterSelectionEpsilon, c.AllowSingleCluster = 1e-6, true })
	add("none", Data{Points: mixture(9, 60, 3, 1, 0)}, func(c *Config) { c.MinClusterSize = 40 })
	add("few", Data{Points: mixture(9, 3, 3, 1, 0)}, func(*Config) {})
	add("one", Data{Points: mixture(9, 1, 3, 1, 0)}, func(*Config) {})
	add("one of weight 9", Data{Points: mixture(9, 1, 3, 1, 0), Weights: []float64{9}}, func(*Config) {})
	add("no rows", Data{Points: blas32.General{Cols: 2}}, func(*Config) {})
	add("equal", Data{Points: blas32.General{Rows: 30, Cols: 2, Stride: 2, Data: make([]float32, 60)}}, func(*Config) {})
	return out
}

func TestSaveSameBits(t *testing.T) {
	for name, m := range savable(t) {
		t.Run(name, func(t *testing.T) {
			cols := 2
			if m.tree != nil {
				cols = m.tree.cols
			}
			q := mixture(11, 70, cols, 5, 0)
			if m.tree != nil && m.tree.pts != nil && m.tree.cols == m.tree.dims {
				for j, v := range m.tree.point(0) { // a row of the fit
					q.Data[j] = float32(v)
				}
			}
			requireSame(t, m, stagetest.Reload(t, m).(*Model), q)
		})
	}
}

func TestSaveLayersSameBits(t *testing.T) {
	x := mixture(7, 600, 2, 25, 10)
	p := PLSCAN{config(2, 3), DefaultLayerConfig()}
	p.Layering.MaxSimilarity = 1
	fitted, err := p.Cluster(t.Context(), stage.Run{}, stage.Data{X: x})
	require.NoError(t, err)
	m := fitted.(*Multiscale)
	require.Greater(t, len(m.Layers()), 2)
	want, _, err := mustFit(t, x, p.Config).Layers(t.Context(), p.Layering)
	require.NoError(t, err)
	back := stagetest.Reload(t, m).(*Multiscale)
	require.Equal(t, m.Layers(), back.Layers())
	require.Equal(t, m.Chosen(), back.Chosen())
	for i, l := range m.Layers() {
		w := want[len(want)-1-i]
		require.Equal(t, stage.Layer{Clusters: w.NumClusters(), Outliers: share(w.Labels()), Score: w.LayerPersistence, Scale: w.Size}, l)
		require.LessOrEqual(t, l.Score, m.Layers()[m.Chosen()].Score)
		at, err := m.AtLayer(i)
		require.NoError(t, err)
		requireSame(t, w.Model, at.(*Multiscale).Model, x)
		again, err := back.AtLayer(i)
		require.NoError(t, err)
		require.Equal(t, i, again.(*Multiscale).Chosen())
		requireSame(t, w.Model, again.(*Multiscale).Model, x)
		require.Equal(t, i, stagetest.Reload(t, at).(*Multiscale).Chosen())
		requireSame(t, w.Model, stagetest.Reload(t, w.Model).(*Model), x)
	}
	_, err = m.AtLayer(-1)
	require.ErrorContains(t, err, "want from 0 to")
	empty, err := p.Cluster(t.Context(), stage.Run{}, stage.Data{X: blas32.General{Cols: 2}})
	require.NoError(t, err)
	require.Len(t, stagetest.Reload(t, empty).(*Multiscale).Layers(), 1)
}

func share(labels []int) float64 {
	outliers := 0.0
	for _, l := range labels {
		if l < 0 {
			outliers++
		}
	}
	return outliers / float64(len(labels))
}

func TestSaveOfWhatHasNoFormInAFile(t *testing.T) {
	x := mixture(7, 50, 2, 3, 0)
	c := config(5, 5)
	c.Metric, c.Distance = Custom, func(a, b []float32) float64 { return math.Abs(float64(a[0]) - float64(b[0])) }
	require.Error(t, state.CanSave(c))
	require.ErrorContains(t, mustFit(t, x, c).Save(files{}), "distance of the caller's")
	require.ErrorContains(t, mustFitData(t, Data{Distances: dense(x)}, config(5, 5)).Save(files{}), "given distances")
	require.ErrorContains(t, mustFitData(t, Data{Graph: graph(dense(x), 3)}, config(5, 5)).Save(files{}), "given distances")
}

// files is a Writer into memory.
type files fstest.MapFS

func (f files) Create(name string) (io.Writer, error) {
	f[name] = &fstest.MapFile{}
	return (*file)(f[name]), nil
}

type file fstest.MapFile

func (f *file) Write(p []byte) (int, error) {
	f.Data = append(f.Data, p...)
	return len(p), nil
}

// TestDamagedModel changes, cuts and exchanges parts of saved models: load fails or returns a model
// whose methods do not panic.
func TestDamagedModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ctx := context.Background()
	for name, m := range savable(t) {
		if m.rows > 200 {
			continue
		}
		whole := files{}
		require.NoError(t, m.Save(whole))
		names := make([]string, 0, len(whole))
		for n := range whole {
			names = append(names, n)
		}
		slices.Sort(names)
		refused := 0
		for range 80 {
			damaged := files{}
			for n, f := range whole {
				damaged[n] = &fstest.MapFile{Data: slices.Clone(f.Data)}
			}
			f := damaged[names[rng.IntN(len(names))]]
			switch rng.IntN(4) {
			case 0:
				f.Data = f.Data[:rng.IntN(len(f.Data))]
			case 1:
				f.Data = damaged[names[rng.IntN(len(names))]].Data
			default:
				for range 1 + rng.IntN(4) {
					f.Data[rng.IntN(len(f.Data))] ^= 1 << rng.IntN(8)
				}
			}
			back, err := load(stage.Run{Workers: 1}, fstest.MapFS(damaged))
			if err != nil {
				refused++
				continue
			}
			if back.tree != nil {
				q := mixture(3, 5, back.tree.cols, 2, 0)
				if back.cfg.Metric != Hellinger {
					_, _, err = back.Predict(ctx, q)
					require.NoError(t, err, name)
				}
				_, _ = back.PredictMemberships(ctx, q, 2)
			}
			_, _ = back.Memberships(ctx, 0)
			back.TreePlot()
			_, _ = back.Cut(1, 2)
			_, _ = back.Flat(ctx, 2)
			_, _ = back.Reselect(ctx, back.cfg)
			_, _, _ = back.Layers(ctx, DefaultLayerConfig())
			_, _ = back.Branches(ctx, BranchConfig{})
		}
		require.Greater(t, refused, 30, name)
	}
}
