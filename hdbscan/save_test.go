package hdbscan

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/stage/state"
)

func TestStages(t *testing.T) {
	leaf := Config{}
	leaf.ClusterSelectionMethod, leaf.UseClasses, leaf.Metric = Leaf, true, metric.Cosine
	classes := Config{}
	classes.UseClasses = true
	for name, c := range map[string]stage.Clusterer{
		"default": Config{}, "leaf": leaf, "classes": classes, "plscan": PLSCAN{Config{}, LayerOptions{}},
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
		branches, err := m.Branches(ctx, BranchOptions{MinBranchSize: 3})
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
		again := Config(m.cfg)
		again.MinClusterSize, again.ClusterSelectionMethod = 4, EOM
		other, err := m.Reselect(ctx, again)
		require.NoError(t, err)
		out = append(out, other.Labels(), other.Strengths())
		layers, trace, err := m.Layers(ctx, LayerOptions{})
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
	for _, metric := range []metric.Kind{metric.Euclidean, metric.Cosine, metric.Correlation, metric.Manhattan, metric.Chebyshev, metric.Canberra, metric.Minkowski, metric.Hamming} {
		add(metric.String(), Data{Points: x}, func(c *Config) { c.Metric = metric })
		add(metric.String()+" 40", Data{Points: high}, func(c *Config) { c.Metric = metric })
	}
	null := blas32.General{Rows: x.Rows, Cols: 2, Stride: 2, Data: slices.Clone(x.Data)}
	clear(null.Data[20:24])
	add("a row without direction", Data{Points: null}, func(c *Config) { c.Metric = metric.Cosine })
	add("haversine", Data{Points: x}, func(c *Config) { c.Metric = metric.Haversine })
	add("weighted minkowski", Data{Points: x}, func(c *Config) { c.Metric, c.MetricP, c.MetricWeights = metric.Minkowski, 3, []float64{1, 2} })
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
	add("copies", Data{Points: mixture(5, 300, 3, 4, 120)}, func(c *Config) { c.CountCopies = false })
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
	p := PLSCAN{config(2, 3), LayerOptions{}}
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
	c.Metric, c.Distance = metric.Custom, func(a, b []float32) float64 { return math.Abs(float64(a[0]) - float64(b[0])) }
	require.Error(t, state.CanSave(c))
	require.ErrorContains(t, mustFit(t, x, c).Save(stagetest.Files{}), "distance of the caller's")
	require.ErrorContains(t, mustFitData(t, Data{Distances: dense(x)}, config(5, 5)).Save(stagetest.Files{}), "given distances")
	require.ErrorContains(t, mustFitData(t, Data{Graph: graph(dense(x), 3)}, config(5, 5)).Save(stagetest.Files{}), "given distances")
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
		whole := stagetest.Files{}
		require.NoError(t, m.Save(whole))
		refused := 0
		for range 80 {
			damaged := whole.Damage(rng)
			back, err := load(stage.Run{Workers: 1}, fstest.MapFS(damaged))
			if err != nil {
				refused++
				continue
			}
			if back.tree != nil {
				q := mixture(3, 5, back.tree.cols, 2, 0)
				if back.cfg.Metric != metric.Hellinger {
					_, _, err = back.Predict(ctx, q)
					require.NoError(t, err, name)
				}
				_, _ = back.PredictMemberships(ctx, q, 2)
			}
			_, _ = back.Memberships(ctx, 0)
			back.TreePlot()
			_, _ = back.Cut(1, 2)
			_, _ = back.Flat(ctx, 2)
			_, _ = back.Reselect(ctx, Config(back.cfg))
			_, _, _ = back.Layers(ctx, LayerOptions{})
			_, _ = back.Branches(ctx, BranchOptions{})
		}
		require.Greater(t, refused, 30, name)
	}
}

func TestZeroValuesAreTheDefaults(t *testing.T) {
	x := mixture(7, 300, 2, 9, 10)
	requireSame(t, mustFit(t, x, Config{MinClusterSize: 5, MinSamples: 5, Alpha: 1}), mustFit(t, x, Config{}), x)
	sizes := func(o LayerOptions) (out []float64) {
		layers, _, err := mustFit(t, x, Config{}).Layers(t.Context(), o)
		require.NoError(t, err)
		for _, l := range layers {
			out = append(out, l.Size)
		}
		return out
	}
	require.Equal(t, sizes(LayerOptions{MinClusterSize: 5, MaxLayers: 10, MaxSimilarity: 0.2}), sizes(LayerOptions{}))
	require.Equal(t, sizes(LayerOptions{MaxSimilarity: math.SmallestNonzeroFloat64}), sizes(LayerOptions{MaxSimilarity: stage.None}))
	for _, v := range []stage.Validator{Config{}, LayerOptions{}, BranchOptions{}, PLSCAN{}} {
		require.NoError(t, v.Validate())
	}
	most := Config{MinClusterSize: maxRows, MinSamples: maxRows, MaxClusterSize: maxRows, Workers: maxWorkers}
	require.NoError(t, most.Validate())
	for _, c := range []Config{{MinClusterSize: maxRows + 1}, {MinSamples: maxRows + 1}, {MaxClusterSize: maxRows + 1}, {Workers: maxWorkers + 1}} {
		require.Error(t, c.Validate())
	}
	require.Error(t, LayerOptions{MaxSimilarity: math.NaN()}.Validate())
}

// TestSavedKeysExact: the names by which settings are saved do not change with those in Go.
func TestSavedKeysExact(t *testing.T) {
	p := PLSCAN{
		Config{
			1, 2, metric.Minkowski, 3,
			[]float64{4},
			nil, 5, 6, 7, Leaf, true, 8, true, true, 9, true, true, 10,
			func(int, int) {},
		}, LayerOptions{1, 2, 3, 0.4, true},
	}
	text, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, `{"min_cluster_size":1,"min_samples":2,"metric":"minkowski","p":3,"w":[4],"cluster_selection_epsilon":5,`+
		`"cluster_selection_epsilon_max":6,"cluster_selection_persistence":7,"cluster_selection_method":"leaf","allow_single_cluster":true,`+
		`"max_cluster_size":8,"no_class_outliers":true,"use_classes":true,"alpha":9,"count_copies":true,"original_prediction":true,`+
		`"layering":{"base_min_cluster_size":1,"base_n_clusters":2,"max_layers":3,"layer_similarity_threshold":0.4,"original_persistence":true}}`, string(text))
	require.Error(t, new(Method).UnmarshalText([]byte("both")))
	_, err = json.Marshal(Config{ClusterSelectionMethod: 7})
	require.ErrorContains(t, err, "want eom or leaf")
	require.ErrorContains(t, state.CanSave(Config{Metric: metric.Minkowski, MetricP: math.Inf(1)}), "unsupported value")
}
