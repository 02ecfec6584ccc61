package topic_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/topic"
)

func TestLayersOfPLSCANExact(t *testing.T) {
	docs := manyThemes(6, 40)
	cfg := config()
	p := hdbscan.PLSCAN{}
	p.Layering.MaxSimilarity = 1
	cfg.Clusterer = p
	m, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.NoError(t, m.Check())
	layers, chosen, err := m.Layers()
	require.NoError(t, err)
	require.Greater(t, len(layers), 1)
	requireNestedTopics(t, m)

	twin := p.Config
	h, err := hdbscan.Fit(t.Context(), docPoints(t, m), twin)
	require.NoError(t, err)
	want, _, err := h.Layers(t.Context(), p.Layering)
	require.NoError(t, err)
	require.Len(t, layers, len(want))
	for i, l := range layers {
		w := want[len(want)-1-i]
		require.Equal(t, w.LayerPersistence, l.Score)
		require.Equal(t, w.Size, l.Scale)
		require.LessOrEqual(t, l.Score, layers[chosen].Score, "the most persistent is chosen")
		if i > 0 {
			require.LessOrEqual(t, layers[i-1].Clusters, l.Clusters, "the coarsest first")
		}
		at, err := m.AtLayer(t.Context(), i)
		require.NoError(t, err)
		require.NoError(t, at.Check())
		outside, topics := 0, map[int]bool{}
		number := map[int]int{-1: topic.Outlier} // the layer's labels → topics
		labels := w.Labels()
		for k, a := range at.Assignments() {
			if _, ok := number[labels[k]]; !ok {
				number[labels[k]] = a.Topic
			}
			require.Equal(t, number[labels[k]], a.Topic, "document %d of layer %d", k, i)
			require.Equal(t, w.Strengths()[k], a.Probability)
			if topics[a.Topic] = true; a.Topic == topic.Outlier {
				outside++
			}
		}
		delete(topics, topic.Outlier)
		require.Len(t, topics, l.Clusters)
		require.Equal(t, float64(outside)/float64(len(docs)), l.Outliers)

		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, at.Save(t.Context(), dir, topic.SaveOptions{}))
		back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: cfg.Embedder})
		require.NoError(t, err)
		require.Equal(t, at.Assignments(), back.Assignments())
		require.Equal(t, topic.AtLayer(i), back.Config().Granularity)
		_, now, err := back.Layers()
		require.NoError(t, err)
		require.Equal(t, i, now)
	}
	_, err = m.AtLayer(t.Context(), len(layers))
	require.ErrorContains(t, err, "want from 0 to")

	cfg.Granularity = topic.AtLayer(len(layers))
	_, err = topic.Fit(t.Context(), docs, cfg)
	require.ErrorContains(t, err, "topic.Config.Granularity is layer:")

	cfg.Granularity = topic.AtScale(layers[0].Scale)
	coarsest, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	_, now, err := coarsest.Layers()
	require.NoError(t, err)
	require.Zero(t, now)
}

func TestBadPLSCAN(t *testing.T) {
	p := hdbscan.PLSCAN{}
	p.Layering.MinClusterSize, p.MinClusterSize = 1, 1
	err := p.Validate()
	for _, field := range []string{"hdbscan.LayerOptions.MinClusterSize is 1", "hdbscan.Config.MinClusterSize is 1"} {
		require.ErrorContains(t, err, field)
	}
}
