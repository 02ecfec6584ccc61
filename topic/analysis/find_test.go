package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

func TestFindTopics(t *testing.T) {
	docs := themes(40)
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	cfg := config()
	cfg.Embedder = nil
	words, err := topic.FitEmbedded(t.Context(), docs, testutil.Got(t, m.Embeddings), cfg)
	require.NoError(t, err)
	for i, query := range []string{"cat dog fur", "car engine", "cheese oven"} {
		for _, m := range []*topic.Model{m, words} {
			found, err := analysis.FindTopics(t.Context(), m, query, 2)
			require.NoError(t, err)
			require.Len(t, found, 2)
			require.GreaterOrEqual(t, found[0].Similarity, found[1].Similarity)
			of := map[int]int{}
			for doc := i; doc < len(docs); doc += 3 {
				of[m.Assignments()[doc].Topic]++
			}
			require.Positive(t, of[found[0].Topic], "%s is of another theme", query)
		}
	}
	all, err := analysis.FindTopics(t.Context(), m, "cat", 0)
	require.NoError(t, err)
	require.Len(t, all, topicCount(m))
	_, err = analysis.FindTopics(t.Context(), m, "cat", -1)
	require.ErrorContains(t, err, "want 1 or more")
	nothing, err := analysis.FindTopics(t.Context(), words, "zzz", 1)
	require.NoError(t, err)
	require.Equal(t, []analysis.Similar{{Topic: 0}}, nothing)
}

// TestFindTopicsOfWordsAlone: the embedder has nothing to compare with.
func TestFindTopicsOfWordsAlone(t *testing.T) {
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	docs := themes(10)
	classes := make([]int, len(docs))
	for i := range classes {
		classes[i] = i % 3
	}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: classes, WordsAlone: true}, cfg)
	require.NoError(t, err)
	found, err := analysis.FindTopics(t.Context(), m, "car engine", 1)
	require.NoError(t, err)
	require.Equal(t, m.Assignments()[1].Topic, found[0].Topic)
}

func TestSimilarTopics(t *testing.T) {
	m, err := topic.Fit(t.Context(), manyThemes(6, 24), config())
	require.NoError(t, err)
	for id := range topicCount(m) {
		similar, err := analysis.SimilarTopics(m, id, 0)
		require.NoError(t, err)
		require.Len(t, similar, topicCount(m)-1)
		for i, s := range similar {
			require.NotEqual(t, id, s.Topic)
			if i > 0 {
				require.LessOrEqual(t, s.Similarity, similar[i-1].Similarity)
			}
		}
	}
	_, err = analysis.SimilarTopics(m, -1, 1)
	require.ErrorContains(t, err, "there is no topic -1, want 0 to ")
}
