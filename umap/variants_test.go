package umap_test

import (
	"encoding/json"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/umap"
)

// Neighbours alone are laid out as the rows that they are of, whose graph does not fall apart.
func TestNeighboursAloneExact(t *testing.T) {
	x := blobs(200, 5, 1, 41)
	cfg := quick()
	m := fit(t, x, cfg)
	alone, err := umap.FitData(t.Context(), umap.Data{Neighbours: m.Neighbours()}, cfg)
	require.NoError(t, err)
	require.Equal(t, m.Embedding(), alone.Embedding())
	require.Equal(t, m.Graph(), alone.Graph())
	of, err := umap.FitData(t.Context(), umap.Data{Graph: m.Graph()}, cfg)
	require.NoError(t, err)
	require.Equal(t, m.Embedding(), of.Embedding())
	_, _, err = alone.Radii(t.Context())
	require.NoError(t, err)

	_, err = alone.Transform(t.Context(), x)
	require.ErrorContains(t, err, "fitted to neighbours or a graph without rows")
	_, err = alone.Update(t.Context(), x)
	require.ErrorContains(t, err, "fitted to neighbours or a graph without rows")
	_, err = alone.InverseTransform(t.Context(), alone.Embedding())
	require.ErrorContains(t, err, "fitted to neighbours without rows")
	cfg.Init = umap.PCA
	_, err = umap.FitData(t.Context(), umap.Data{Neighbours: m.Neighbours()}, cfg)
	require.ErrorContains(t, err, "umap.Config.Init is pca")
	_, err = umap.FitData(t.Context(), umap.Data{}, quick())
	require.ErrorContains(t, err, "matrix of 0×0")

	// Many components, whose arrangement is random for want of rows.
	apart := matrix(200, 40)
	s := rng.New(42)
	for i := range apart.Rows {
		apart.Data[i*40+i%10] = 100
		for d := range 40 {
			apart.Data[i*40+d] += float32(s.Float64())
		}
	}
	alone, err = umap.FitData(t.Context(), umap.Data{Neighbours: fit(t, apart, quick()).Neighbours()}, quick())
	require.NoError(t, err)
	require.Equal(t, 200, alone.Embedding().Rows)
}

func TestNeighboursOutOfOrder(t *testing.T) {
	x := blobs(50, 4, 2, 43)
	cfg := quick()
	for _, c := range []struct {
		want   string
		change func(nb umap.Neighbours)
	}{
		{"the first of row 3 is row 4 at distance 0", func(nb umap.Neighbours) { nb.Index[3*nb.K] = 4 }},
		{"the first of row 3 is row 3 at distance 1", func(nb umap.Neighbours) { nb.Distance[3*nb.K] = 1 }},
		{"want the nearest first", func(nb umap.Neighbours) { nb.Distance[3*nb.K+2] = 0 }},
		{"neighbour 2 of row 3 is row 50 of 50", func(nb umap.Neighbours) { nb.Index[3*nb.K+2] = 50 }},
		{"twice", func(nb umap.Neighbours) { nb.Index[3*nb.K+2] = nb.Index[3*nb.K+1] }},
	} {
		nb := fit(t, x, cfg).Neighbours()
		c.change(nb)
		_, err := umap.FitData(t.Context(), umap.Data{X: x, Neighbours: nb}, cfg)
		if c.want == "twice" {
			require.ErrorContains(t, err, "want rising numbers")
			continue
		}
		require.ErrorContains(t, err, c.want)
	}
}

// What is fitted beyond plain rows has the same bits for any number of workers.
func TestSameBitsOfFeatures(t *testing.T) {
	x, q := blobs(260, 6, 4, 44), blobs(40, 6, 4, 45)
	classes := make([]int, x.Rows)
	target := matrix(x.Rows, 2)
	csr := sparse.CSR[float32]{Cols: 6, RowPtr: []int{0}}
	for i := range x.Rows {
		classes[i] = i%4 - 1
		target.Data[2*i], target.Data[2*i+1] = float32(i%9), x.Data[6*i]
		for d, v := range x.Data[6*i : 6*i+6] {
			if d != i%6 {
				csr.Col, csr.Value = append(csr.Col, int32(d)), append(csr.Value, v+1)
			}
		}
		csr.RowPtr = append(csr.RowPtr, len(csr.Col))
	}
	var want []blas32.General
	for _, workers := range []int{1, 2, 5, 0} {
		var got []blas32.General
		add := func(y blas32.General, err error) {
			require.NoError(t, err)
			got = append(got, y)
		}
		for _, data := range []umap.Data{{X: x, Classes: classes}, {X: x, Target: target}, {Sparse: csr}} {
			cfg := quick()
			cfg.Workers = workers
			m, err := umap.FitData(t.Context(), data, cfg)
			require.NoError(t, err)
			add(m.Embedding(), nil)
		}
		for _, metric := range []umap.Metric{umap.Correlation, umap.Canberra, umap.Manhattan} {
			cfg := quick()
			cfg.Workers, cfg.Metric, cfg.DensMAP = workers, metric, metric == umap.Manhattan
			m := fit(t, x, cfg)
			add(m.Embedding(), nil)
			add(m.InverseTransform(t.Context(), matrix(3, 2)))
			u, err := m.Update(t.Context(), q)
			require.NoError(t, err)
			add(u.Embedding(), nil)
		}
		if want == nil {
			want = got
		}
		require.Equal(t, want, got, "%d workers", workers)
	}
}

// Permuting the vertices permutes what is made of graphs.
func TestPermutationOfGraphsExact(t *testing.T) {
	x := blobs(120, 5, 3, 46)
	cfg := quick()
	g := fit(t, x, cfg).Graph()
	cfg.Metric = umap.Chebyshev
	h := fit(t, x, cfg).Graph()
	perm := make([]int, x.Rows) // new number → old number
	s := rng.New(47)
	for i := range perm {
		j := s.Intn(i + 1)
		perm[i] = perm[j]
		perm[j] = i
	}
	classes, permuted := make([]int, x.Rows), make([]int, x.Rows)
	for i := range classes {
		classes[i] = i%3 - 1
	}
	for to, from := range perm {
		permuted[to] = classes[from]
	}
	for name, step := range map[string]func(g, h umap.Graph, classes []int) (umap.Graph, error){
		"classes":      func(g, _ umap.Graph, classes []int) (umap.Graph, error) { return g.Supervise(classes, 0.5) },
		"union":        func(g, h umap.Graph, _ []int) (umap.Graph, error) { return g.Union(h) },
		"intersection": func(g, h umap.Graph, _ []int) (umap.Graph, error) { return g.Intersection(h, 0.3) },
		"difference":   func(g, h umap.Graph, _ []int) (umap.Graph, error) { return g.Difference(h, 0.5) },
		"rescaled":     func(g, _ umap.Graph, _ []int) (umap.Graph, error) { return g.Rescale(false) },
	} {
		first, err := step(g, h, classes)
		require.NoError(t, err)
		second, err := step(reorder(g, perm), reorder(h, perm), permuted)
		require.NoError(t, err)
		require.Equal(t, reorder(first, perm), second, name)
	}
}

// Targets of few values, each of more rows than there are neighbours, draw rows of one value together, and in the same way
// in whatever order the rows are.
func TestTargetsOfFewValuesStatistical(t *testing.T) {
	s := rng.New(48)
	x, target := matrix(240, 8), matrix(240, 1)
	for i := range x.Rows {
		target.Data[i] = float32(i % 4)
		for d := range 8 {
			x.Data[i*8+d] = float32(s.Float64())
		}
	}
	cfg := quick()
	cfg.NEpochs, cfg.TargetWeight = 200, 0.7
	m, err := umap.FitData(t.Context(), umap.Data{X: x, Target: target}, cfg)
	require.NoError(t, err)
	same := func(y blas32.General) (n int) {
		for i := range y.Rows {
			if i%4 == nearestTo(y, i, func(int) bool { return true })%4 {
				n++
			}
		}
		return n
	}
	require.Greater(t, same(m.Embedding()), 200)
	require.Less(t, same(fit(t, x, cfg).Embedding()), 100)

	perm := make([]int, x.Rows) // new number → old number
	p, permuted := matrix(240, 8), matrix(240, 1)
	for i := range perm {
		perm[i] = (i*7 + 5) % 240
		copy(p.Data[i*8:][:8], x.Data[perm[i]*8:])
		permuted.Data[i] = target.Data[perm[i]]
	}
	other, err := umap.FitData(t.Context(), umap.Data{X: p, Target: permuted}, cfg)
	require.NoError(t, err)
	want, got := reorder(m.Graph(), perm), other.Graph()
	require.Equal(t, want.Index, got.Index)
	for e, w := range want.Weight {
		require.InDelta(t, w, got.Weight[e], 1e-6)
	}
}

// reorder is g with its vertices in another order: vertex i of the result is perm[i].
func reorder(g umap.Graph, perm []int) umap.Graph {
	place := make([]int32, len(perm))
	for to, from := range perm {
		place[from] = int32(to)
	}
	out := umap.Graph{Start: []int{0}}
	for _, from := range perm {
		row := make(map[int32]float32)
		for e := g.Start[from]; e < g.Start[from+1]; e++ {
			row[place[g.Index[e]]] = g.Weight[e]
		}
		for j := range int32(len(perm)) {
			if w, ok := row[j]; ok {
				out.Index, out.Weight = append(out.Index, j), append(out.Weight, w)
			}
		}
		out.Start = append(out.Start, len(out.Index))
	}
	return out
}

// A configuration is the same after it was written and read, with metrics by their names.
func TestConfigAsJSONExact(t *testing.T) {
	cfg := umap.DefaultConfig()
	cfg.Metric, cfg.MetricP, cfg.MetricWeights, cfg.TargetMetric = umap.Minkowski, 3, []float64{1, 0.5}, umap.Manhattan
	text, err := json.Marshal(cfg)
	require.NoError(t, err)
	require.Contains(t, string(text), `"Metric":"minkowski"`)
	var back umap.Config
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, cfg, back)
	cfg.Metric = umap.Custom
	_, err = json.Marshal(cfg)
	require.ErrorContains(t, err, "the metric custom cannot be written as text")

	flags := flag.NewFlagSet("", flag.ContinueOnError)
	var m umap.Metric
	flags.TextVar(&m, "metric", umap.Cosine, "")
	require.NoError(t, flags.Parse(nil))
	require.Equal(t, umap.Cosine, m)
	require.NoError(t, flags.Parse([]string{"-metric", "l1"}))
	require.Equal(t, umap.Manhattan, m)
}
