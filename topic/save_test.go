package topic_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	topiconline "github.com/gobertopic/gobertopic/topic/online"
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
func smallModels(t testing.TB) map[string]*topic.Model {
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

// savedModels saves a model of each kind, compact ones too, and returns their directories.
func savedModels(t testing.TB) map[string]string {
	t.Helper()
	dirs := map[string]string{}
	save := func(name string, m *topic.Model, opt topic.SaveOptions) {
		dirs[name] = filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dirs[name], opt), name)
	}
	models := smallModels(t)
	for name, m := range models {
		save(name, m, topic.SaveOptions{})
	}
	save("without texts", models["communities"], topic.SaveOptions{WithoutTexts: true})
	save("float16", models["clusters"], topic.SaveOptions{Embeddings: "float16"})
	save("int8", models["grown"], topic.SaveOptions{Embeddings: "int8"})
	save("compact", models["clusters"], topic.SaveOptions{WithoutTexts: true, Embeddings: "none"})
	l, err := topiconline.New(topic.Config{Embedder: bagOfWords{}, Reducer: online.PCAConfig{NComponents: 3}, Clusterer: online.KMeansConfig{NClusters: 3}}, ctfidf.Online{})
	require.NoError(t, err)
	for batch := range slices.Chunk(themes(10), 15) {
		_, err := l.PartialFit(t.Context(), batch)
		require.NoError(t, err)
	}
	m, err := l.Model(t.Context())
	require.NoError(t, err)
	save("online", m, topic.SaveOptions{})
	return dirs
}

// Whatever happens to a file of a saved model, Verify fails with an error that names a file, and so
// does what opens the model.
func TestDamagedModelsAreRefused(t *testing.T) {
	for name, dir := range savedModels(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, topic.Verify(t.Context(), dir))
			for _, path := range filesBelow(t, dir) {
				whole, err := os.ReadFile(path)
				require.NoError(t, err)
				flipEveryByte(t, dir, path, whole)
				for _, n := range []int{0, 1, len(whole) / 2, len(whole) - 1} {
					requireRefused(t, dir, path, whole[:n], fmt.Sprintf("%d of %d bytes", n, len(whole)))
				}
				requireRefused(t, dir, path, append(whole[:len(whole):len(whole)], 0), "a byte more")
				require.NoError(t, os.Remove(path))
				require.Error(t, topic.Verify(t.Context(), dir), "without %s", path)
				_, err = topic.Load(t.Context(), dir, topic.LoadOptions{})
				require.Error(t, err, "without %s", path)
				require.NoError(t, os.WriteFile(path, whole, 0o600))
				extra := filepath.Join(filepath.Dir(path), "extra")
				require.NoError(t, os.WriteFile(extra, whole, 0o600))
				requireNames(t, topic.Verify(t.Context(), dir), extra, "an extra file")
				require.NoError(t, os.Remove(extra))
			}
			require.NoError(t, topic.Verify(t.Context(), dir))
		})
	}
}

// thorough reports whether the tests that take minutes are to leave nothing out:
//
//	GOBERTOPIC_THOROUGH=1 go test -run 'Damaged|Order|Wrong' ./topic
func thorough() bool { return os.Getenv("GOBERTOPIC_THOROUGH") != "" }

// flipEveryByte changes each byte of a file in turn, one of 31 if the test is not thorough.
func flipEveryByte(t *testing.T, dir, path string, whole []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer f.Close()
	step := 31
	if thorough() {
		step = 1
	}
	for at := 0; at < len(whole); at += step {
		flip := byte(1 + at%255)
		_, err := f.WriteAt([]byte{whole[at] ^ flip}, int64(at))
		require.NoError(t, err)
		if err := topic.Verify(t.Context(), dir); err == nil || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Fatalf("byte %d of %s flipped by %d: %v", at, path, flip, err)
		}
		_, err = f.WriteAt(whole[at:at+1], int64(at))
		require.NoError(t, err)
	}
}

// Files of two models, or of two generations of one, never pass for one model.
func TestMixedModelsAreRefused(t *testing.T) {
	dirs := savedModels(t)
	dir, data := dirs["communities"], func(dir string) string { return filepath.Join(dir, "gen-1", "0") }
	for name, other := range dirs {
		if name == "communities" {
			continue
		}
		for _, file := range []func(string) string{data, func(dir string) string { return filepath.Join(dir, "model.json") }} {
			mine, err := os.ReadFile(file(dir))
			require.NoError(t, err)
			theirs, err := os.ReadFile(file(other))
			require.NoError(t, err)
			require.NotEqual(t, mine, theirs)
			requireRefused(t, dir, file(dir), theirs, "the file of "+name)
			require.NoError(t, os.WriteFile(file(dir), mine, 0o600))
		}
	}
	require.NoError(t, topic.Verify(t.Context(), dir))
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

// requireRefused writes a file of a model and requires that nothing accepts the model.
func requireRefused(t *testing.T, dir, path string, content []byte, what string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, content, 0o600))
	requireNames(t, topic.Verify(t.Context(), dir), filepath.Dir(path), what)
	m, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
	if err == nil {
		err = m.Check()
	}
	requireNames(t, err, filepath.Dir(path), what)
}

// requireNames requires an error that names a file.
func requireNames(t *testing.T, err error, file, what string) {
	t.Helper()
	require.ErrorContains(t, err, file, what)
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
