package topic_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// communities is the default with an embedder of the tests.
func communities() topic.Config {
	cfg := topic.DefaultConfig()
	cfg.Embedder = bagOfWords{}
	return cfg
}

func TestLayersAndAtLayer(t *testing.T) {
	docs := manyThemes(6, 40)
	m, err := topic.Fit(t.Context(), docs, communities())
	require.NoError(t, err)
	require.NoError(t, m.Check())
	layers, chosen, err := m.Layers()
	require.NoError(t, err)
	require.Equal(t, layers[chosen].Clusters, len(m.Topics()), "without outliers")
	for i, l := range layers {
		at, err := m.AtLayer(t.Context(), i)
		require.NoError(t, err)
		require.NoError(t, at.Check())
		topics := at.Topics()
		if topics[0].ID == topic.Outlier {
			topics = topics[1:]
		}
		require.Len(t, topics, l.Clusters)

		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, at.Save(t.Context(), dir, topic.SaveOptions{}))
		back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
		require.NoError(t, err)
		require.Equal(t, at.Assignments(), back.Assignments())
		_, now, err := back.Layers()
		require.NoError(t, err)
		require.Equal(t, i, now)
		found, err := back.Transform(t.Context(), []string{docs[3], docs[3] + " more"})
		require.NoError(t, err)
		require.Equal(t, at.Assignments()[3], found[0], "a fitted document keeps its topic")
		if l.Clusters > 1 {
			require.Equal(t, found[0].Topic, found[1].Topic)
		}
	}
	_, err = m.AtLayer(t.Context(), len(layers))
	require.ErrorContains(t, err, "want from 0 to")

	other, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	_, _, err = other.Layers()
	require.ErrorIs(t, err, topic.ErrNoLayers)
	_, err = other.AtLayer(t.Context(), 0)
	require.ErrorIs(t, err, topic.ErrNoLayers)
}

func TestDefaultDoesNotDependOnSeedOrWorkers(t *testing.T) {
	docs := manyThemes(5, 40)
	want, err := topic.Fit(t.Context(), docs, communities())
	require.NoError(t, err)
	for _, workers := range []int{1, 3} {
		cfg := communities()
		cfg.Seed, cfg.Workers = uint64(workers), workers
		m, err := topic.Fit(t.Context(), docs, cfg)
		require.NoError(t, err)
		require.Equal(t, want.Assignments(), m.Assignments())
		require.Equal(t, want.Topics(), m.Topics())
	}
}

func TestDefaultOfFewDocuments(t *testing.T) {
	for n := 1; n <= 12; n++ {
		docs := manyThemes(2, 6)[:n]
		m, err := topic.Fit(t.Context(), docs, communities())
		require.NoError(t, err, n)
		require.NoError(t, m.Check(), n)
		require.Len(t, m.Assignments(), n)
	}
}

func TestBadCommunities(t *testing.T) {
	c := community.Config{}
	c.Neighbors, c.MinStrength = 1, 2
	err := topic.Config{Clusterer: c}.Validate()
	for _, field := range []string{"community.Config.Neighbors is 1", "community.Config.MinStrength is 2"} {
		require.ErrorContains(t, err, field)
	}
}

func TestALayerThatIsNotThereIsNamed(t *testing.T) {
	cfg := communities()
	cfg.Granularity = topic.AtLayer(16)
	_, err := topic.Fit(t.Context(), manyThemes(6, 40), cfg)
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "topic.Config.Granularity", bad.Field)
	require.ErrorContains(t, err, "cluster: topic.Config.Granularity is layer:16, want a layer from 0 to ")
}

// requireNestedTopics fails where a topic of a layer does not lie in one topic of the layer before, or among its outliers.
func requireNestedTopics(t *testing.T, m *topic.Model) {
	t.Helper()
	layers, _, err := m.Layers()
	require.NoError(t, err)
	require.Greater(t, len(layers), 1)
	var coarse []topic.Assignment
	for i := range layers {
		at, err := m.AtLayer(t.Context(), i)
		require.NoError(t, err)
		fine := at.Assignments()
		in := map[int]int{}
		for d, a := range fine {
			if coarse == nil || a.Topic == topic.Outlier {
				continue
			}
			if _, ok := in[a.Topic]; !ok {
				in[a.Topic] = coarse[d].Topic
			}
			require.Equal(t, in[a.Topic], coarse[d].Topic, "document %d of topic %d of layer %d", d, a.Topic, i)
		}
		coarse = fine
	}
}

func TestTopicsOfLayersAreNestedExact(t *testing.T) {
	m, err := topic.Fit(t.Context(), manyThemes(6, 40), communities())
	require.NoError(t, err)
	requireNestedTopics(t, m)
}
