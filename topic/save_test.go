package topic_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

func TestNotesAreReadWithoutTheModel(t *testing.T) {
	cfg := config()
	cfg.Notes = map[string]string{"made of": "three themes", "": "a note without a name"}
	m, err := topic.Fit(t.Context(), themes(20), cfg)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	notes, err := topic.ReadNotes(dir)
	require.NoError(t, err)
	require.Equal(t, cfg.Notes, notes)
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err)
	require.Equal(t, cfg.Notes, back.Config().Notes)
	_, err = topic.ReadNotes(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestModelsOfFormat3AreRefused(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.json"), []byte(`{"Format":"gobertopic model","Version":3,"Seed":42}`), 0o600))
	_, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
	require.ErrorContains(t, err, "fit and save the model again")
	require.ErrorContains(t, err, "model.json")
	_, err = topic.ReadNotes(dir)
	require.ErrorContains(t, err, "fit and save the model again")
}

// A stage whose type nobody registered is named before the fit and by Save.
func TestStagesThatCannotBeSavedAreNamed(t *testing.T) {
	cfg := config()
	require.NoError(t, cfg.CanSave(""))
	cfg.Reducer, cfg.Clusterer = nil, labelled{0, 1, 0, 1, 0, 1}
	require.ErrorIs(t, cfg.CanSave(""), state.ErrUnregistered)
	require.ErrorContains(t, cfg.CanSave(""), "labelled")
	m, err := topic.Fit(t.Context(), themes(2), cfg)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.ErrorIs(t, m.Save(t.Context(), dir, topic.SaveOptions{}), state.ErrUnregistered)
	require.NoDirExists(t, dir)
}

// smallModels returns a model of each kind.
func smallModels(t *testing.T) map[string]*topic.Model {
	t.Helper()
	ctx, docs := t.Context(), append(themes(9), "", "zebra")
	classes := make([]int, len(docs))
	for i := range classes {
		classes[i] = i % 3
	}
	out := map[string]*topic.Model{}
	for name, set := range map[string]func(*topic.Config, *topic.Input){
		"communities": func(c *topic.Config, _ *topic.Input) { c.Reducer, c.Clusterer = nil, community.Config{} },
		"clusters":    func(*topic.Config, *topic.Input) {},
		"layers":      func(c *topic.Config, _ *topic.Input) { c.Clusterer = hdbscan.PLSCAN{} },
		"components":  func(c *topic.Config, _ *topic.Input) { c.Reducer = online.PCAConfig{NComponents: 3} },
		"classes": func(c *topic.Config, d *topic.Input) {
			c.Reducer, c.Clusterer, d.Classes = nil, supervised.Logistic{}, classes
		},
		"words alone": func(c *topic.Config, d *topic.Input) {
			c.Reducer, c.Clusterer, d.Classes, d.WordsAlone = nil, supervised.Fixed{}, classes, true
		},
		"zero-shot": func(c *topic.Config, _ *topic.Input) {
			c.ZeroShot = topic.ZeroShot{Labels: []string{"cat dog"}, MinSimilarity: 0.4}
		},
		"guided": func(c *topic.Config, _ *topic.Input) { c.Seeds = [][]string{{"cat", "dog"}} },
		"policy": func(c *topic.Config, _ *topic.Input) { c.Outliers = topic.SoftOutliers },
		"aspects": func(c *topic.Config, _ *topic.Input) {
			c.Aspects = []topic.Aspect{{Name: "plain"}}
		},
	} {
		cfg, in := config(), topic.Input{Docs: docs}
		set(&cfg, &in)
		m, err := topic.FitInput(ctx, in, cfg)
		require.NoError(t, err, name)
		out[name] = m
	}
	var err error
	out["grown"], err = out["communities"].Grow(ctx, manyThemes(3, 8))
	require.NoError(t, err)
	out["merged"], err = topic.MergeModels(ctx, []*topic.Model{out["clusters"], out["zero-shot"]}, 0.8)
	require.NoError(t, err)
	return out
}

// Whatever happens to a file of a saved model, loading fails with an error that names a file.
func TestDamagedModelsAreRefused(t *testing.T) {
	for name, m := range smallModels(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "model")
			require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
			load := func() error {
				back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
				if err == nil {
					requireSame(t, m, back, "load")
				}
				return err
			}
			require.NoError(t, load())
			for _, path := range filesBelow(t, dir) {
				whole, err := os.ReadFile(path)
				require.NoError(t, err)
				step := max(1, len(whole)/60)
				for at := 0; at < len(whole); at += step {
					damaged := append([]byte{}, whole...)
					damaged[at] ^= byte(1 + at%255)
					requireRefused(t, load, path, damaged, fmt.Sprintf("byte %d", at))
				}
				for _, n := range []int{0, 1, len(whole) / 2, len(whole) - 1} {
					requireRefused(t, load, path, whole[:n], fmt.Sprintf("%d of %d bytes", n, len(whole)))
				}
				requireRefused(t, load, path, append(whole[:len(whole):len(whole)], 0), "a byte more")
				require.NoError(t, os.WriteFile(path, whole, 0o600))
			}
			require.NoError(t, load())
		})
	}
}

// filesBelow lists the files of a directory.
func filesBelow(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, out)
	return out
}

func requireRefused(t *testing.T, load func() error, path string, content []byte, what string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, content, 0o600))
	err := load()
	require.Error(t, err, "%s: %s", filepath.Base(path), what)
	require.True(t, strings.Contains(err.Error(), filepath.Dir(path)), "%s: %s: %v", filepath.Base(path), what, err)
}

// A model that was loaded runs no algorithm: its stages answer as those of the fit, with no rows to fit.
func TestLoadedModelsAnswerAlikeExact(t *testing.T) {
	for name, m := range smallModels(t) {
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}), name)
		back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
		require.NoError(t, err, name)
		requireSame(t, m, back, name)
		if m.Dims() == 0 {
			continue
		}
		fresh := manyThemes(4, 6)
		x, err := bagOfWords{}.Embed(t.Context(), fresh)
		require.NoError(t, err)
		for _, rows := range []int{1, len(fresh)} {
			some := blas32.General{Rows: rows, Cols: x.Cols, Stride: x.Stride, Data: x.Data}
			want, err := m.TransformEmbedded(t.Context(), fresh[:rows], some)
			require.NoError(t, err, name)
			got, err := back.TransformEmbedded(t.Context(), fresh[:rows], some)
			require.NoError(t, err, name)
			require.Equal(t, want, got, name)
		}
	}
}
