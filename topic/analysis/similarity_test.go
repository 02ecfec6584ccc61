package analysis_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// TestSimilarityMatrixWithinTolerance: the cosines by plain sums, and those of SimilarTopics.
func TestSimilarityMatrixWithinTolerance(t *testing.T) {
	m, err := topic.Fit(t.Context(), append(manyThemes(6, 24), "", "zebra quagga unlike anything else"), config())
	require.NoError(t, err)
	require.Equal(t, topic.Outlier, m.Topics()[0].ID)
	all, err := analysis.SimilarityMatrix(m)
	require.NoError(t, err)
	topics := m.Topics()[1:]
	require.Len(t, all, len(topics))
	for i, a := range topics {
		require.Len(t, all[i], len(topics))
		require.Equal(t, 1.0, all[i][i])
		for j, b := range topics {
			var ab, aa, bb float64
			for k, v := range a.Embedding {
				w := b.Embedding[k]
				ab, aa, bb = ab+float64(v)*float64(w), aa+float64(v)*float64(v), bb+float64(w)*float64(w)
			}
			require.InDelta(t, ab/math.Sqrt(aa*bb), all[i][j], 1e-12)
			require.Equal(t, all[j][i], all[i][j])
		}
		similar, err := analysis.SimilarTopics(m, i, 0)
		require.NoError(t, err)
		for _, s := range similar {
			require.Equal(t, s.Similarity, all[i][s.Topic])
		}
	}
}

func TestSimilarityMatrixOfOddModels(t *testing.T) {
	cfg := config()
	cfg.Reducer, cfg.Clusterer, cfg.Embedder = nil, supervised.Fixed{}, nil
	docs := []string{"one", "two", "three", "four"}
	fit := func(data topic.Input) *topic.Model {
		data.Docs = docs
		m, err := topic.FitInput(t.Context(), data, cfg)
		require.NoError(t, err)
		return m
	}
	// The first topic has no direction.
	m := fit(topic.Input{Classes: []int{0, 0, 1, 2}, Embeddings: matrixOf([][]float32{{1, 0}, {-1, 0}, {0, 2}, {0, -3}})})
	all, err := analysis.SimilarityMatrix(m)
	require.NoError(t, err)
	require.Equal(t, [][]float64{{0, 0, 0}, {0, 1, -1}, {0, -1, 1}}, all)
	none, err := m.DeleteTopics(t.Context(), 0, 1, 2)
	require.NoError(t, err)
	all, err = analysis.SimilarityMatrix(none)
	require.NoError(t, err)
	require.Empty(t, all)
	_, err = analysis.SimilarityMatrix(fit(topic.Input{Classes: []int{0, 0, 1, 1}, WordsAlone: true}))
	require.ErrorIs(t, err, topic.ErrNoEmbeddings)
	_, err = analysis.SimilarTopics(fit(topic.Input{Classes: []int{0, 0, 1, 1}, WordsAlone: true}), 0, 0)
	require.ErrorIs(t, err, topic.ErrNoEmbeddings)
}
