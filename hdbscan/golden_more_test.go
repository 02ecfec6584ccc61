package hdbscan

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
)

// readMore reads a file that scripts/golden/hdbscan_more.py made.
func readMore(t *testing.T, name string, to any) goldenFile {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var all struct {
		goldenFile
		Sets json.RawMessage `json:"sets"`
	}
	require.NoError(t, json.NewDecoder(z).Decode(&all))
	require.Equal(t, "0.8.44", all.Versions["hdbscan"])
	require.Equal(t, "0.3.4", all.Versions["fast_hdbscan"])
	require.NoError(t, json.Unmarshal(all.Sets, to))
	return all.goldenFile
}

// Every combination of the options that select clusters gives the labels of the original's exact mode, on 20 data sets.
func TestGoldenSelectionExact(t *testing.T) {
	var sets []struct {
		Name       string
		Dims, Rows int
		Cases      []struct {
			Size, Samples         int
			Leaf, Single          bool
			Epsilon               float64
			EpsilonMax            float64 `json:"epsilon_max"`
			Persistence           float64
			MaxSize               int `json:"max_size"`
			Labels, Probabilities int
			Rows                  int
			Plain                 *struct{ Left, Right, Distance, Labels int }
		}
	}
	g := readMore(t, "selection.json.gz", &sets)
	require.Len(t, sets, 20)
	cases := 0
	for _, s := range sets {
		x := g.matrix(t, s.Rows, s.Dims)
		var fitted, own *Model
		last := -1
		for _, c := range s.Cases {
			cfg := config(c.Size, c.Samples)
			if c.Leaf {
				cfg.ClusterSelectionMethod = Leaf
			}
			cfg.AllowSingleCluster, cfg.MaxClusterSize = c.Single, c.MaxSize
			cfg.ClusterSelectionEpsilon, cfg.ClusterSelectionEpsilonMax, cfg.ClusterSelectionPersistence = c.Epsilon, c.EpsilonMax, c.Persistence
			if fitted == nil || fitted.cfg.MinSamples != c.Samples {
				fitted = mustFit(t, x, config(c.Size, c.Samples))
				mergeOneByOne(t, fitted)
			}
			m, err := fitted.Reselect(context.Background(), cfg)
			require.NoError(t, err)
			requireLabels(t, small(g.bytes(t, c.Labels)), m.labels, "%s, %+v", s.Name, c)
			for i, v := range g.matrix(t, c.Probabilities, 1).Data {
				if math.Abs(float64(v)-m.probabilities[i]) > 2e-6 {
					require.InDelta(t, v, m.probabilities[i], 2e-6, "%s, %+v", s.Name, c)
				}
			}
			if s.Name[:4] != "dupl" {
				require.Len(t, m.condensed.falls, c.Rows)
			}
			cases++
			if c.Plain == nil {
				continue
			}
			// The fit as it comes, on the tree that the original made of it.
			if own == nil || c.Plain.Distance != last {
				last = c.Plain.Distance
				own = fitted.derived()
				left, right, distance := g.bytes(t, c.Plain.Left), g.bytes(t, c.Plain.Right), g.floats(t, c.Plain.Distance)
				own.linkage = &linkage{n: x.Rows, merges: make([]merge, len(distance)), binary: true}
				for i, d := range distance {
					l, r := int32(binary.LittleEndian.Uint16(left[2*i:])), int32(binary.LittleEndian.Uint16(right[2*i:]))
					own.linkage.merges[i] = merge{dist: d, left: l, right: r, size: own.linkage.size(l) + own.linkage.size(r), whole: d == 0}
				}
				requireSamePartitions(t, fitted.linkage.merges, own.linkage.merges)
			}
			m, err = own.Reselect(context.Background(), cfg)
			require.NoError(t, err)
			requireLabels(t, small(g.bytes(t, c.Plain.Labels)), m.labels, "%s, plain, %+v", s.Name, c)
		}
	}
	require.Greater(t, cases, 2000)
}

// requireLabels is require.Equal without the cost of the message where there is nothing to say.
func requireLabels(t *testing.T, want, got []int, format string, args ...any) {
	t.Helper()
	if !slices.Equal(want, got) {
		require.Equal(t, want, got, append([]any{format}, args...)...)
	}
}

func small(b []byte) []int {
	v := make([]int, len(b))
	for i := range b {
		v[i] = int(int8(b[i]))
	}
	return v
}

type moreSet struct {
	Name                                   string
	Dims, Rows, New, Size, Samples, Labels int
	OutlierScores                          int     `json:"outlier_scores"`
	RelativeValidity                       float64 `json:"relative_validity"`
	NewScores                              int     `json:"new_scores"`
	Memberships                            int
	NewMemberships                         int `json:"new_memberships"`
	Exemplars                              [][]int
	Centroids                              int
	Medoids                                []int
	Cuts                                   []struct {
		Distance     float64
		Size, Labels int
	}
	Flat     []struct{ N, Labels int }
	Branches []struct {
		Sides, Leaf                               bool
		Labels, Probabilities, Branch, Centrality int
	}
	Layers struct {
		Size, Sizes, Persistence int
		Layers                   []struct {
			Size   float64
			Labels int
		}
	}
	Classes []struct{ Y, Labels int }
	Metrics []struct {
		Metric                      string
		P, Weight                   float64
		Labels, Probabilities, Core int
	}
}

func eachMore(t *testing.T, f func(t *testing.T, g goldenFile, s moreSet, x blas32.General, m *Model)) {
	var sets []moreSet
	g := readMore(t, "more.json.gz", &sets)
	require.Len(t, sets, 7)
	for _, s := range sets {
		t.Run(s.Name, func(t *testing.T) {
			x := g.matrix(t, s.Rows, s.Dims)
			cfg := config(s.Size, s.Samples)
			cfg.OriginalPrediction = true
			m := mustFit(t, x, cfg)
			require.Equal(t, g.ints(t, s.Labels), m.labels)
			mergeOneByOne(t, m)
			f(t, g, s, x, m)
		})
	}
}

func denseOf(s sparse.CSR[float64]) []float64 {
	out := make([]float64, s.Rows()*s.Cols)
	for i := range s.Rows() {
		labels, values := s.Row(i)
		for j, l := range labels {
			out[i*s.Cols+int(l)] = values[j]
		}
	}
	return out
}

func TestGoldenOfAModelWithinTolerance(t *testing.T) {
	ctx := context.Background()
	eachMore(t, func(t *testing.T, g goldenFile, s moreSet, x blas32.General, m *Model) {
		requireNear(t, g.floats(t, s.OutlierScores), m.OutlierScores(), 1e-9)
		v, err := m.RelativeValidity()
		require.NoError(t, err)
		require.InDelta(t, s.RelativeValidity, v, 1e-9)
		require.Equal(t, s.Exemplars, m.Exemplars())
		c, err := m.Centroids(x)
		require.NoError(t, err)
		for i, v := range g.floats(t, s.Centroids) {
			require.InDelta(t, v, c.Data[i], 1e-5)
		}
		medoids, err := m.Medoids(ctx)
		require.NoError(t, err)
		require.Equal(t, s.Medoids, medoids)

		points := g.matrix(t, s.New, s.Dims)
		found, err := m.Locate(ctx, points)
		require.NoError(t, err)
		for i, want := range g.floats(t, s.NewScores) {
			require.InDelta(t, max(want, 0), found[i].OutlierScore, 1e-9) // below 0 for points deeper than all rows
		}
		all, err := m.Memberships(ctx, 0)
		require.NoError(t, err)
		requireNear(t, g.floats(t, s.Memberships), denseOf(all), 1e-6)
		all, err = m.PredictMemberships(ctx, points, 0)
		require.NoError(t, err)
		requireNear(t, g.floats(t, s.NewMemberships), denseOf(all), 1e-5) // λ goes through a float32 there

		require.NotEmpty(t, s.Cuts)
		for _, c := range s.Cuts {
			labels, err := m.Cut(c.Distance, c.Size)
			require.NoError(t, err)
			renamed(t, g.ints(t, c.Labels), labels)
		}
		require.NotEmpty(t, s.Flat)
		for _, c := range s.Flat {
			f, err := m.Flat(ctx, c.N)
			require.NoError(t, err)
			renamed(t, g.ints(t, c.Labels), f.labels)
		}
	})
}

func TestGoldenBranchesWithinTolerance(t *testing.T) {
	parted := 0
	eachMore(t, func(t *testing.T, g goldenFile, s moreSet, _ blas32.General, m *Model) {
		for _, c := range s.Branches {
			cfg := BranchOptions{MinBranchSize: 6, Sides: c.Sides}
			if c.Leaf {
				cfg.Method = Leaf
			}
			b, err := m.Branches(context.Background(), cfg)
			require.NoError(t, err)
			requireNear(t, g.floats(t, c.Centrality), b.Centrality, 1e-9)
			// A row at which branches meet may go to either: all connections of a row weigh the same.
			meetings := 0
			for _, p := range b.Persistence {
				meetings += max(len(p)-1, 0)
			}
			pairs, most := map[[2]int]int{}, map[int]int{}
			for i, l := range g.ints(t, c.Labels) {
				pair := [2]int{l, b.Labels[i]}
				pairs[pair]++
				most[l] = max(most[l], pairs[pair])
			}
			other := len(b.Labels)
			for _, n := range most {
				other -= n
			}
			require.LessOrEqual(t, other, meetings, "%v", pairs)
			for i, p := range g.floats(t, c.Probabilities) {
				if math.Abs(p-b.Probabilities[i]) > 1e-9 {
					meetings--
				}
			}
			require.GreaterOrEqual(t, meetings, 0)
			for _, p := range b.Persistence {
				if len(p) > 2 {
					parted++
				}
			}
		}
	})
	require.Positive(t, parted)
}

// The trace and the layers are those of PLSCAN on the same spanning tree.
func TestGoldenLayersWithinTolerance(t *testing.T) {
	several := 0
	eachMore(t, func(t *testing.T, g goldenFile, s moreSet, _ blas32.General, m *Model) {
		cfg := LayerOptions{}
		cfg.MinClusterSize, cfg.OriginalPersistence = s.Layers.Size, true
		layers, trace, err := m.Layers(context.Background(), cfg)
		require.NoError(t, err)
		require.Equal(t, g.floats(t, s.Layers.Sizes), trace.Size)
		requireNear(t, g.floats(t, s.Layers.Persistence), trace.Persistence, 1e-4) // float32 there
		require.Len(t, layers, len(s.Layers.Layers))
		for _, want := range s.Layers.Layers {
			var got *Layer
			for i := range layers {
				if layers[i].Size == want.Size {
					got = &layers[i]
				}
			}
			require.NotNil(t, got, "size %v", want.Size)
			renamed(t, g.ints(t, want.Labels), got.labels)
		}
		if len(layers) > 1 {
			several++
		}
	})
	require.Greater(t, several, 3)
}

func TestGoldenClassesExact(t *testing.T) {
	changed := 0
	eachMore(t, func(t *testing.T, g goldenFile, s moreSet, x blas32.General, m *Model) {
		for _, c := range s.Classes {
			got, err := FitData(context.Background(), Data{Points: x, Classes: g.ints(t, c.Y)}, config(s.Size, s.Samples))
			require.NoError(t, err)
			renamed(t, g.ints(t, c.Labels), got.labels)
			for i, l := range got.labels {
				if l != m.labels[i] {
					changed++
					break
				}
			}
		}
	})
	require.Positive(t, changed, "classes change what is selected")
}

// Distances of SciPy, and the original's labels on their exact spanning tree.
func TestGoldenMetricsWithinTolerance(t *testing.T) {
	eachMore(t, func(t *testing.T, g goldenFile, s moreSet, x blas32.General, _ *Model) {
		for _, c := range s.Metrics {
			cfg := config(s.Size, s.Samples)
			var err error
			cfg.Metric, err = metric.Parse(c.Metric)
			require.NoError(t, err)
			cfg.MetricP = c.P
			m := mustFit(t, x, cfg)
			mergeOneByOne(t, m)
			var weight float64
			for _, e := range m.MinimumSpanningTree() {
				weight += e.Weight
			}
			require.InEpsilon(t, c.Weight, weight, 1e-9, c.Metric)
			requireNear(t, g.floats(t, c.Core), m.CoreDistances(), 1e-9)
			renamed(t, g.ints(t, c.Labels), m.labels)
			requireNear(t, g.floats(t, c.Probabilities), m.probabilities, 1e-6)
		}
	})
}
