package topic_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/topic"
)

// What scikit-learn 1.9.1's IncrementalPCA (5 components) and MiniBatchKMeans (20 clusters) give for the 20,000 titles in
// batches of 2,000, as adjusted Rand index, the mean of seeds 0 to 9 and its standard deviation: each title in the cluster that
// it had when its batch came, and in the cluster that it has in the end. By benchmarks/peers/online.py.
const (
	sklearnAssigned, sklearnAssignedDeviation = 0.1027, 0.0086
	sklearnFinal, sklearnFinalDeviation       = 0.2411, 0.0142
)

// requireOnlineAsGood learns titles batch by batch, with several seeds.
func requireOnlineAsGood(t *testing.T, docs []string, x blas32.General, classes []int) {
	t.Helper()
	const seeds, batch = 5, 2000
	ari := func(o *topic.Online) float64 {
		m, err := o.Model(t.Context())
		require.NoError(t, err)
		var labels []int
		for _, a := range m.Assignments() {
			labels = append(labels, a.Topic)
		}
		v, err := eval.ARI(classes, labels)
		require.NoError(t, err)
		return v / seeds
	}
	var assigned, final float64
	for seed := range uint64(seeds) {
		cfg := topic.BERTopicConfig()
		cfg.Vocabulary = ctfidf.Config{}
		cfg.Seed, cfg.RepresentativeDocs = seed, 0
		cfg.Reducer = topic.PCA{PCAConfig: online.PCAConfig{}}
		cfg.Clusterer = topic.MiniBatchKMeans{KMeansConfig: online.KMeansConfig{NClusters: 20, ReassignmentRatio: 0.01}}
		o, err := topic.NewOnline(cfg, ctfidf.Online{})
		require.NoError(t, err)
		lo := 0
		for part := range slices.Chunk(docs, batch) {
			_, err := o.PartialFitEmbedded(t.Context(), part, blas32.General{Rows: len(part), Cols: x.Cols, Stride: x.Stride, Data: x.Data[lo*x.Stride:]})
			require.NoError(t, err)
			lo += len(part)
		}
		assigned += ari(o)
		require.NoError(t, o.Refresh(t.Context()))
		final += ari(o)
	}
	t.Logf("online: mean ARI %.4f as assigned, %.4f in the end; scikit-learn %.4f and %.4f", assigned, final, sklearnAssigned, sklearnFinal)
	// Means of five and ten seeds: two standard errors of their difference are 1.1 deviations.
	require.Greater(t, assigned, sklearnAssigned-1.1*sklearnAssignedDeviation)
	require.Greater(t, final, sklearnFinal-1.1*sklearnFinalDeviation)
}
