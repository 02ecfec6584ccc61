package topic_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/topic"
)

// Every weigher makes words of the same clusters, and whatever the number of workers the same.
func TestWeighers(t *testing.T) {
	docs := themes(60)
	for name, w := range map[string]topic.Weigher{
		"NPMI": ctfidf.DefaultNPMI(), "fighting words": ctfidf.FightingWords{}, "soft": ctfidf.Soft{},
		"centroids": topic.CentroidWeigher{}, "all centroids": topic.CentroidWeigher{All: true, Embedder: bagOfWords{}},
	} {
		cfg := config()
		cfg.Weigher, cfg.Workers = w, 1
		m, err := topic.Fit(t.Context(), docs, cfg)
		require.NoError(t, err, name)
		require.NoError(t, m.Check())
		for _, tp := range m.Topics() {
			if tp.ID != topic.Outlier {
				require.NotEmpty(t, tp.Terms, name)
				require.NotEmpty(t, tp.Representative, name)
			}
		}
		cfg.Workers = 3
		again, err := topic.Fit(t.Context(), docs, cfg)
		require.NoError(t, err)
		require.Equal(t, m.Topics(), again.Topics(), name)
	}
}

func TestCentroidWeigherNeedsAModelAndAnEmbedder(t *testing.T) {
	_, err := topic.CentroidWeigher{}.Weigh(ctfidf.Counts{})
	require.ErrorContains(t, err, "ctfidf.Centroid")

	docs := themes(20)
	x, err := bagOfWords{}.Embed(context.Background(), docs)
	require.NoError(t, err)
	cfg := config()
	cfg.Embedder, cfg.Weigher = nil, topic.CentroidWeigher{}
	_, err = topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.ErrorIs(t, err, topic.ErrNoEmbedder)
	require.ErrorContains(t, err, "words: topic.CentroidWeigher")
	broken := errors.New("broken")
	cfg.Weigher = topic.CentroidWeigher{Embedder: failing{broken}}
	_, err = topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.ErrorIs(t, err, broken)
}
