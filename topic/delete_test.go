package topic_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/topic"
)

// fitThemes is a model of manyThemes in which each theme is a topic, and the topic of each theme.
func fitThemes(t testing.TB, themes, n int) (m *topic.Model, of []int) {
	t.Helper()
	cfg := config()
	clusterer := cfg.Clusterer.(hdbscan.Config)
	clusterer.ClusterSelectionMethod = hdbscan.Leaf
	cfg.Clusterer, cfg.Seed = clusterer, 1
	m, err := topic.Fit(t.Context(), manyThemes(themes, n), cfg)
	require.NoError(t, err)
	require.Equal(t, themes, topicCount(m))
	return m, themeTopics(t, m, themes)
}

// themeTopics is the topic that each theme's documents are in, which is one.
func themeTopics(t testing.TB, m *topic.Model, themes int) []int {
	t.Helper()
	of := make([]int, themes)
	for i, a := range m.Assignments() {
		if i < themes {
			of[i] = a.Topic
		}
		require.Equal(t, of[i%themes], a.Topic, "theme %d is in one topic", i%themes)
	}
	return of
}

func TestDeleteTopicsExact(t *testing.T) {
	ctx := t.Context()
	m, of := fitThemes(t, 6, 30)
	m, err := m.Relabel(map[int]string{of[1]: "the first", of[2]: "the second"})
	require.NoError(t, err)
	next, err := m.DeleteTopics(ctx, of[1], of[4])
	require.NoError(t, err)
	require.NoError(t, next.Check())
	now := next.Assignments()
	var kept int
	for i, a := range m.Assignments() {
		switch i % 6 {
		case 1, 4:
			require.Equal(t, topic.Assignment{Topic: topic.Outlier}, now[i])
		default:
			require.NotEqual(t, topic.Outlier, now[i].Topic)
			require.Equal(t, a.Probability, now[i].Probability)
			kept++
		}
	}
	require.Equal(t, 120, kept)

	// What is left keeps its documents, its embedding and its label; the rows of others are not taken for it.
	before, after := m.Topics(), next.Topics()
	for theme := range 6 {
		if theme == 1 || theme == 4 {
			continue
		}
		old, is := before[of[theme]], after[now[theme].Topic+1]
		require.Equal(t, old.Embedding, is.Embedding)
		require.Equal(t, old.Size, is.Size)
		require.Equal(t, old.Label, is.Label)
	}

	// New documents of a deleted topic are outliers, those of others are found.
	for theme := range 6 {
		doc := manyThemes(6, 30)[theme] + " unseen"
		was, err := m.Transform(ctx, []string{doc})
		require.NoError(t, err)
		require.Equal(t, of[theme], was[0].Topic)
		is, err := next.Transform(ctx, []string{doc})
		require.NoError(t, err)
		require.Equal(t, now[theme].Topic, is[0].Topic)
	}

	all, err := m.DeleteTopics(ctx, of...)
	require.NoError(t, err)
	require.NoError(t, all.Check())
	require.Len(t, all.Topics(), 1)
	_, err = m.DeleteTopics(ctx, 6)
	require.EqualError(t, err, "delete: there is no topic 6, want one of 0 to 5")
	_, err = m.DeleteTopics(ctx, -1)
	require.EqualError(t, err, "delete: there is no topic -1, want one of 0 to 5")
	_, err = all.DeleteTopics(ctx, 0)
	require.EqualError(t, err, "delete: there is no topic 0: the model has no topics")
}
