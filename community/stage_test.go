package community

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/stage/state"
)

func TestStage(t *testing.T) {
	for name, c := range map[string]Config{
		"default": {}, "strength": {MinStrength: 0.6, MinSize: 3}, "many": {Communities: 9, Neighbors: 5, Voters: 3, Workers: 2},
	} {
		t.Run(name, func(t *testing.T) { stagetest.TestClusterer(t, c) })
	}
}

// A loaded model has all that the saved one has.
func TestSaveAndLoadExact(t *testing.T) {
	x, g, _ := planted(5, 30)
	fitted, err := Fit(t.Context(), x, g, Config{MinStrength: 0.4, Resolutions: 9})
	require.NoError(t, err)
	back := stagetest.Reload(t, fitted).(*Model)
	require.Equal(t, fitted.Layers(), back.Layers())
	require.Equal(t, fitted.Scores(), back.Scores())
	require.Equal(t, fitted.Chosen(), back.Chosen())
	for i := range fitted.Layers() {
		a, err := fitted.AtLayer(i)
		require.NoError(t, err)
		b, err := back.AtLayer(i)
		require.NoError(t, err)
		require.Equal(t, a.Labels(), b.Labels())
		require.Equal(t, a.(*Model).Strengths(), b.(*Model).Strengths())
		want, err := a.(*Model).Memberships(t.Context(), 2)
		require.NoError(t, err)
		got, err := b.(*Model).Memberships(t.Context(), 2)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// The zero value means the documented defaults, and the settings of the Config win over those of the
// Run.
func TestDefaultsExact(t *testing.T) {
	x, _, _ := planted(5, 40)
	labels := func(c Config) []int {
		m, err := c.Cluster(t.Context(), stage.Run{Seed: 3, Workers: 1}, stage.Data{X: x})
		require.NoError(t, err)
		return m.Labels()
	}
	require.Equal(t, labels(Config{}), labels(Config{
		Neighbors: 15, Coarsest: 0.1, Finest: 8, Resolutions: 16, MinSize: 10, Rounds: 2, Voters: 15, Sample: 2048, Workers: 3,
	}))
	progress := 0
	_, err := Config{Progress: func(int, int) { progress++ }}.Cluster(t.Context(), stage.Run{Progress: func(int, int) { t.Error("called") }}, stage.Data{X: x})
	require.NoError(t, err)
	require.Positive(t, progress)
}

// Known classes draw rows of one class together.
func TestClassesShapeTheGraph(t *testing.T) {
	x := noise(200, 12)
	classes := make([]int, x.Rows)
	for i := range classes {
		classes[i] = i % 2
	}
	split := func(d stage.Data) (same int) {
		m, err := Config{Communities: 2}.Cluster(t.Context(), stage.Run{}, d)
		require.NoError(t, err)
		g := m.(*Model).graph
		for i := range g.Rows() {
			cols, weights := g.Row(i)
			for k, j := range cols {
				if weights[k] > 0.1 && classes[i] == classes[j] {
					same++
				} else if weights[k] > 0.1 {
					same--
				}
			}
		}
		return same
	}
	require.Greater(t, split(stage.Data{X: x, Classes: classes}), split(stage.Data{X: x})+500)
	_, err := Config{}.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: classes[1:]})
	require.EqualError(t, err, "community: 199 classes for 200 rows")
	_, err = Config{}.Cluster(t.Context(), stage.Run{}, stage.Data{X: blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{1}}, Classes: []int{1, 2}})
	require.EqualError(t, err, "community: 2 classes for 1 rows")
}

func TestValidateNamesEveryField(t *testing.T) {
	err := Config{
		Neighbors: 1, Coarsest: -1, Finest: 1e7, Resolutions: 1001, Communities: -1, MinSize: -1, MinStrength: 2, Rounds: -1, Voters: -1, Sample: -1, Workers: -1,
	}.Validate()
	for _, field := range []string{
		"Neighbors is 1", "Coarsest is -1", "Finest is 1e+07", "Resolutions is 1001", "Communities is -1", "MinSize is -1", "MinStrength is 2", "Rounds is -1",
		"Voters is -1", "Sample is -1", "Workers is -1",
	} {
		require.ErrorContains(t, err, "community.Config."+field+", want ")
	}
	require.NoError(t, Config{}.Validate())
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

// zipOf is the counterpart of sectionsOf.
func zipOf(t testing.TB, sections map[string][]byte) *zip.Reader {
	t.Helper()
	var file bytes.Buffer
	out := zip.NewWriter(&file)
	for name, s := range sections {
		w, err := out.Create(name)
		require.NoError(t, err)
		_, err = w.Write(s)
		require.NoError(t, err)
	}
	require.NoError(t, out.Close())
	r, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	require.NoError(t, err)
	return r
}

// FuzzLoad replaces a section of a saved model: what loads can be worked with.
func FuzzLoad(f *testing.F) {
	x, g, _ := planted(2, 12)
	m, err := Fit(f.Context(), x, g, Config{Resolutions: 3, MinSize: 2})
	require.NoError(f, err)
	sections := sectionsOf(f, m)
	for name, text := range sections {
		f.Add(name, text)
	}
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		changed := map[string][]byte{}
		for n, s := range sections {
			if changed[n] = s; n == name {
				changed[n] = text
			}
		}
		loaded, err := state.Load(stage.Run{Workers: 1}, zipOf(t, changed))
		if err != nil {
			return
		}
		m := loaded.(*Model)
		for i := range m.Layers() {
			at, err := m.AtLayer(i)
			require.NoError(t, err)
			_, _, _ = at.Predict(t.Context(), x)
			_, err = at.(*Model).Memberships(t.Context(), 2)
			require.NoError(t, err)
		}
	})
}
