package umap_test

import (
	"archive/zip"
	"bytes"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/umap"
)

func TestStage(t *testing.T) {
	for name, c := range map[string]umap.Config{
		"default": {NEpochs: 20}, "unique": {NEpochs: 20, Unique: true},
		"topics": {NEpochs: 20, NComponents: 5, MinDist: stage.None, Metric: metric.Cosine},
	} {
		t.Run(name, func(t *testing.T) { stagetest.TestReducer(t, c) })
	}
}

// A setting of the Config wins over that of the Run, and 0 means 42.
func TestReduceSettingsExact(t *testing.T) {
	d := stage.Data{X: blobs(80, 5, 3, 21)}
	points := func(c umap.Config, run stage.Run) blas32.General {
		c.NEpochs = 20
		m, err := c.Reduce(t.Context(), run, d)
		require.NoError(t, err)
		return m.Points()
	}
	want := points(umap.Config{}, stage.Run{Seed: 42})
	require.Equal(t, want, points(umap.Config{}, stage.Run{}))
	require.Equal(t, want, points(umap.Config{Seed: 42}, stage.Run{Seed: 9}))
	require.NotEqual(t, want, points(umap.Config{}, stage.Run{Seed: 9}))

	explicit := umap.Config{
		Neighbors: 15, NComponents: 2, LearningRate: 1, MinDist: 0.1, Spread: 1, SetOpMixRatio: 1, LocalConnectivity: 1, RepulsionStrength: 1,
		NegativeSampleRate: 5, DensLambda: 2, DensFrac: 0.3, DensVarShift: 0.1, TargetWeight: 0.5, Seed: 42, TransformSeed: 42,
	}
	require.Equal(t, want, points(explicit, stage.Run{}))
	require.NotEqual(t, want, points(umap.Config{MinDist: stage.None}, stage.Run{}))
}

// A model of any kind of rows is loaded with its rows, its positions and the curve of its fit.
func TestSaveAndLoadExact(t *testing.T) {
	x := blobs(90, 6, 3, 31)
	for i := range x.Data {
		x.Data[i] = max(x.Data[i], 0)
	}
	for i := range 10 {
		copy(x.Data[i*x.Stride:][:x.Cols], x.Data[:x.Cols])
	}
	csr := sparse.CSR[float32]{Cols: x.Cols, RowPtr: []int{0}}
	for i := range x.Rows {
		for j, v := range x.Data[i*x.Stride:][:x.Cols] {
			if v != 0 {
				csr.Col, csr.Value = append(csr.Col, int32(j)), append(csr.Value, v)
			}
		}
		csr.RowPtr = append(csr.RowPtr, len(csr.Col))
	}
	classes := make([]int, x.Rows)
	for i := range classes {
		classes[i] = i%4 - 1
	}
	for name, c := range map[string]struct {
		data umap.Data
		cfg  umap.Config
	}{
		"dense":            {umap.Data{X: x}, umap.Config{}},
		"classes":          {umap.Data{X: x, Classes: classes}, umap.Config{TransformSeed: 5}},
		"unique":           {umap.Data{X: x}, umap.Config{Unique: true, Spread: 2}},
		"small spread":     {umap.Data{X: x}, umap.Config{MinDist: stage.None, Spread: 0.05}},
		"sparse":           {umap.Data{Sparse: csr}, umap.Config{Metric: metric.Cosine}},
		"sparse, unique":   {umap.Data{Sparse: csr}, umap.Config{Unique: true}},
		"given neighbors":  {umap.Data{X: x, Neighbors: neighborsOf(t, x, 8)}, umap.Config{}},
		"weighted metric":  {umap.Data{X: x}, umap.Config{Metric: metric.Minkowski, MetricP: 3, MetricWeights: []float64{1, 2, 0, 1, 1, 1}}},
		"given curve":      {umap.Data{X: x}, umap.Config{A: 1.5, B: 0.9}},
		"density and seed": {umap.Data{X: x}, umap.Config{DensMAP: true, Seed: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.NEpochs = 15
			m, err := umap.FitData(t.Context(), c.data, c.cfg)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "umap.zip")
			require.NoError(t, state.WriteFile(path, m))
			read, err := state.ReadFile(stage.Run{Workers: 2}, path)
			require.NoError(t, err)
			back := read.(*umap.Model)
			require.Equal(t, m.Points(), back.Points())
			a, b := m.AB()
			a2, b2 := back.AB()
			require.Equal(t, [2]float64{a, b}, [2]float64{a2, b2})
			require.Empty(t, back.Warnings())
			if c.data.Sparse.Rows() > 0 {
				want, err := m.TransformSparse(t.Context(), csr)
				require.NoError(t, err)
				got, err := back.TransformSparse(t.Context(), csr)
				require.NoError(t, err)
				require.Equal(t, want, got)
			} else {
				q := blobs(40, 6, 3, 32)
				want, err := m.Transform(t.Context(), q)
				require.NoError(t, err)
				got, err := back.Transform(t.Context(), q)
				require.NoError(t, err)
				require.Equal(t, want, got)
				_, err = m.Update(t.Context(), q)
				_, after := back.Update(t.Context(), q)
				require.Equal(t, err, after)
			}
			settings := m.Config()
			settings.Workers = 2
			require.Equal(t, settings, back.Config())
		})
	}
}

func neighborsOf(t *testing.T, x blas32.General, k int) umap.Neighbors {
	t.Helper()
	nb, err := umap.NearestNeighbors(t.Context(), x, k, umap.Config{})
	require.NoError(t, err)
	return nb
}

func TestSaveErrors(t *testing.T) {
	x := blobs(40, 3, 2, 33)
	own := umap.Config{Metric: metric.Custom, Distance: func(a, b []float32) float64 { return float64((a[0] - b[0]) * (a[0] - b[0])) }, NEpochs: 5}
	require.ErrorContains(t, state.CanSave(own), "the metric custom cannot be written")
	m, err := umap.Fit(t.Context(), x, own)
	require.NoError(t, err)
	require.Error(t, state.WriteFile(filepath.Join(t.TempDir(), "own.zip"), m))
	bare, err := umap.FitData(t.Context(), umap.Data{Neighbors: neighborsOf(t, x, 5)}, umap.Config{NEpochs: 5})
	require.NoError(t, err)
	require.ErrorContains(t, state.WriteFile(filepath.Join(t.TempDir(), "bare.zip"), bare), "without rows")
}

// FuzzLoad changes bytes of a saved model: what loads can be worked with.
func FuzzLoad(f *testing.F) {
	m, err := umap.Config{NEpochs: 5, Unique: true}.Reduce(f.Context(), stage.Run{}, stage.Data{X: blobs(30, 3, 2, 34)})
	require.NoError(f, err)
	sections := sectionsOf(f, m)
	for name, text := range sections {
		f.Add(name, text)
	}
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		var file bytes.Buffer
		out := zip.NewWriter(&file)
		for n, s := range sections {
			if n == name {
				s = text
			}
			w, err := out.Create(n)
			require.NoError(t, err)
			_, err = w.Write(s)
			require.NoError(t, err)
		}
		require.NoError(t, out.Close())
		r, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
		require.NoError(t, err)
		loaded, err := state.Load(stage.Run{Workers: 1}, r)
		if err != nil {
			return
		}
		m := loaded.(*umap.Model)
		if m.Config().NEpochs > 100 || m.Config().NegativeSampleRate > 100 {
			return // slow, not wrong
		}
		_, err = m.Transform(t.Context(), blobs(4, 3, 2, 35))
		if err == nil {
			m.Points()
		}
	})
}

// sectionsOf returns the sections of a saved stage by their names.
func sectionsOf(t testing.TB, fitted any) map[string][]byte {
	t.Helper()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	require.NoError(t, state.Save(w, fitted))
	require.NoError(t, w.Close())
	r, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	require.NoError(t, err)
	out := map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		require.NoError(t, err)
		out[f.Name], err = io.ReadAll(in)
		require.NoError(t, err)
		require.NoError(t, in.Close())
	}
	return out
}
