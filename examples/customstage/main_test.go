package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/topic"
)

func TestStagesKeepTheContract(t *testing.T) {
	t.Run("pca", func(t *testing.T) { stagetest.TestReducer(t, pca{}) })
	t.Run("few components", func(t *testing.T) { stagetest.TestReducer(t, pca{Components: 2}) })
	t.Run("kmeans", func(t *testing.T) { stagetest.TestClusterer(t, kMeans{}) })
	t.Run("few clusters", func(t *testing.T) { stagetest.TestClusterer(t, kMeans{K: 4, Rounds: 3}) })
	for _, bad := range []stage.Validator{pca{Components: -1}, pca{Components: 1001}, kMeans{K: -1}, kMeans{Rounds: 1001}} {
		var field *stage.ConfigError
		require.ErrorAs(t, bad.Validate(), &field, "%+v", bad)
	}
}

func goDocs(t *testing.T, pkg string) (dir string, docs []string) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir = filepath.Join(strings.TrimSpace(string(root)), "src", "encoding", pkg)
	for doc, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		require.NoError(t, err)
		docs = append(docs, doc.Text)
	}
	return dir, docs
}

// The command prints the same on every run: four topics, two in the coarsest layer, and those of the grown
// model.
func TestRun(t *testing.T) {
	dir, _ := goDocs(t, "json")
	var first, second bytes.Buffer
	require.NoError(t, run(t.Context(), &first, dir, filepath.Join(t.TempDir(), "model"), 4))
	require.NoError(t, run(t.Context(), &second, dir, filepath.Join(t.TempDir(), "model"), 4))
	require.Equal(t, first.String(), second.String())
	parts := regexp.MustCompile(`(?m)^\S.*$`).Split(first.String(), -1)
	require.Len(t, parts, 4, first.String())
	require.Equal(t, 5, strings.Count(parts[1], "\n"), "k-means has no outliers: four topics\n%s", first.String())
	require.Equal(t, 3, strings.Count(parts[2], "\n"), "two topics\n%s", first.String())
	require.GreaterOrEqual(t, strings.Count(parts[3], "\n"), 5, "no topic is lost as the model grows\n%s", first.String())
}

// A model of a caller's own stages holds together through every operation, before and after it is saved,
// with the same results.
func TestModelOfOwnStages(t *testing.T) {
	_, docs := goDocs(t, "json")
	_, others := goDocs(t, "xml")
	others = others[:min(len(others), 30)] // they are embedded many times
	cfg := topic.DefaultConfig()
	cfg.Reducer, cfg.Clusterer = pca{}, kMeans{K: 5}
	fitted, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.NoError(t, fitted.Check())
	require.Len(t, fitted.Topics(), 5)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, fitted.Save(t.Context(), dir, topic.SaveOptions{}))
	loaded, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: cfg.Embedder})
	require.NoError(t, err)
	require.NoError(t, loaded.Check())
	require.Equal(t, fitted.Topics(), loaded.Topics())
	require.Equal(t, fitted.Assignments(), loaded.Assignments())

	same := func(f func(m *topic.Model) *topic.Model) *topic.Model {
		t.Helper()
		a, b := f(fitted), f(loaded)
		require.NoError(t, a.Check())
		require.NoError(t, b.Check())
		require.Equal(t, a.Topics(), b.Topics())
		require.Equal(t, a.Assignments(), b.Assignments())
		x, err := a.Transform(t.Context(), others)
		require.NoError(t, err)
		y, err := b.Transform(t.Context(), others)
		require.NoError(t, err)
		require.Equal(t, x, y)
		return a
	}
	same(func(m *topic.Model) *topic.Model { return m })

	layers, chosen, err := loaded.Layers()
	require.NoError(t, err)
	require.Len(t, layers, 4)
	require.Equal(t, 3, chosen)
	for i, l := range layers {
		at := same(func(m *topic.Model) *topic.Model {
			at, err := m.AtLayer(t.Context(), i)
			require.NoError(t, err)
			return at
		})
		require.Len(t, at.Topics(), l.Clusters)
	}
	cfg.Granularity = topic.AtLayer(1)
	third, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.Len(t, third.Topics(), 3)

	grown := same(func(m *topic.Model) *topic.Model {
		g, err := m.Grow(t.Context(), others)
		require.NoError(t, err)
		return g
	})
	require.Equal(t, len(docs)+len(others), grown.Len())
	require.NoError(t, grown.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: cfg.Embedder})
	require.NoError(t, err)
	require.NoError(t, back.Check())
	require.Equal(t, grown.Topics(), back.Topics())
	again, err := back.Transform(t.Context(), others)
	require.NoError(t, err)
	require.Equal(t, grown.Assignments()[len(docs):], again)
}
