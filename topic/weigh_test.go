package topic_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// Every weigher makes words of the same clusters, and whatever the number of workers the same.
func TestWeighers(t *testing.T) {
	docs := themes(60)
	for name, w := range map[string]ctfidf.Weigher{
		"NPMI": ctfidf.NPMI{}, "fighting words": ctfidf.FightingWords{}, "soft": ctfidf.Soft{},
		"centroids": ctfidf.Centroid{}, "all centroids": ctfidf.Centroid{All: true},
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
	docs := themes(20)
	x, err := bagOfWords{}.Embed(context.Background(), docs)
	require.NoError(t, err)
	cfg := config()
	cfg.Embedder, cfg.Weigher = nil, ctfidf.Centroid{}
	_, err = topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.ErrorIs(t, err, topic.ErrNoEmbedder)
	require.ErrorContains(t, err, "words: ctfidf.Centroid")
	broken := errors.New("broken")
	cfg.Embedder = failing{broken}
	_, err = topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.ErrorIs(t, err, broken)
}

// hard hides everything but the labels of a clusterer.
type hard struct{ stage.Clusterer }

type hardClustering struct{ stage.Clustering }

func (h hard) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	c, err := h.Clusterer.Cluster(ctx, run, d)
	return hardClustering{c}, err
}

// ctfidf.Soft counts documents by their memberships where the clusterer has them, and says so where it has none.
func TestSoftWeigherCountsByMemberships(t *testing.T) {
	docs := append(themes(60), "", "parsing bread in the engine of a neural network")
	cfg := config()
	cfg.Weigher = ctfidf.Soft{}
	soft, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.NoError(t, soft.Check())
	for _, w := range soft.Warnings() {
		require.NotContains(t, w.Error(), "memberships")
	}
	cfg.Clusterer = hard{cfg.Clusterer}
	whole, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(whole.Warnings()), "the clusterer has no memberships")

	a, b := soft.Topics(), whole.Topics()
	require.Len(t, a, len(b))
	differ := false
	for i := range a {
		require.Equal(t, [2]int{b[i].ID, b[i].Size}, [2]int{a[i].ID, a[i].Size})
		if a[i].ID != topic.Outlier {
			require.NotEmpty(t, a[i].Terms)
			differ = differ || a[i].Terms[0].Weight != b[i].Terms[0].Weight
		}
	}
	require.True(t, differ, "memberships change the weights")
}
