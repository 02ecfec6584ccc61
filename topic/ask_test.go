package topic_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

func TestTopicEmbeddingsExact(t *testing.T) {
	m := pets()
	ids, rows := m.TopicEmbeddings()
	topics := m.Topics()
	require.Len(t, ids, len(topics))
	for i, of := range topics {
		require.Equal(t, of.ID, ids[i])
		require.Equal(t, of.Embedding, rows[i])
	}
	ids[0], rows[0] = 9, nil
	require.Equal(t, topics, m.Topics(), "the model is as it was")
}

func TestEmbedExact(t *testing.T) {
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	data := topic.Input{Docs: themes(2), Classes: []int{0, 1, 2, 0, 1, 2}}
	m, err := topic.FitInput(t.Context(), data, cfg)
	require.NoError(t, err)
	got, err := m.Embed(t.Context(), data.Docs)
	require.NoError(t, err)
	require.Equal(t, testutil.Got(t, m.Embeddings), got)

	_, err = pets().Embed(t.Context(), data.Docs)
	require.ErrorIs(t, err, topic.ErrNoEmbedder)
	data.WordsAlone = true
	m, err = topic.FitInput(t.Context(), data, cfg)
	require.NoError(t, err)
	_, err = m.Embed(t.Context(), data.Docs)
	require.ErrorIs(t, err, topic.ErrNoEmbeddings)
	data.WordsAlone, data.Embeddings = false, matrixOf([][]float32{{1, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 1}, {1, 1}})
	m, err = topic.FitInput(t.Context(), data, cfg)
	require.NoError(t, err)
	_, err = m.Embed(t.Context(), data.Docs)
	require.ErrorContains(t, err, "24 dimensions, the embeddings of the documents have 2")
}
