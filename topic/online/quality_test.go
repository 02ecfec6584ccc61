package online_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	topiconline "github.com/gobertopic/gobertopic/topic/online"
)

// What scikit-learn 1.9.1's IncrementalPCA (5 components) and MiniBatchKMeans (20 clusters) give
// for 20,000 titles in batches of 2,000, as adjusted Rand index, the mean of seeds 0 to 9 and its
// standard deviation: each title in the cluster that it had when its batch came, and in the cluster
// that it has in the end. By benchmarks/peers/online.py.
const (
	sklearnAssigned, sklearnAssignedDeviation = 0.1027, 0.0086
	sklearnFinal, sklearnFinalDeviation       = 0.2411, 0.0142
)

// Titles learned in batches agree with their labels as well as by scikit-learn, over five seeds.
func TestStackOverflowTitlesStatistically(t *testing.T) {
	if testing.Short() {
		t.Skip("embeds 20,000 titles")
	}
	docs := lines(t, testutil.Data(t, "so20k", "title_StackOverflow.txt"))
	classes := numbered(lines(t, testutil.Data(t, "so20k", "label_StackOverflow.txt")))
	x := embedded(t, docs)
	const seeds, batch = 5, 2000
	ari := func(l *topiconline.Learner) float64 {
		var labels []int
		for _, a := range modelOf(t, l).Assignments() {
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
		cfg.Seed, cfg.RepresentativeDocs = seed, stage.None
		cfg.Reducer, cfg.Clusterer = online.PCAConfig{}, online.KMeansConfig{NClusters: 20}
		l := newLearner(t, cfg)
		lo := 0
		for part := range slices.Chunk(docs, batch) {
			_, err := l.PartialFitEmbedded(t.Context(), part, slice(x, lo, lo+len(part)))
			require.NoError(t, err)
			lo += len(part)
		}
		assigned += ari(l)
		require.NoError(t, l.Refresh(t.Context()))
		final += ari(l)
	}
	t.Logf("mean ARI %.4f as assigned, %.4f in the end; scikit-learn %.4f and %.4f", assigned, final, sklearnAssigned, sklearnFinal)
	// Means of five and ten seeds: two standard errors of their difference are 1.1 deviations.
	require.Greater(t, assigned, sklearnAssigned-1.1*sklearnAssignedDeviation)
	require.Greater(t, final, sklearnFinal-1.1*sklearnFinalDeviation)
}

// numbered gives every different string a number.
func numbered(names []string) []int {
	number := map[string]int{}
	out := make([]int, len(names))
	for i, name := range names {
		if _, ok := number[name]; !ok {
			number[name] = len(number)
		}
		out[i] = number[name]
	}
	return out
}
