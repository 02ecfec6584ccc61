package online_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/online"
)

func TestKMeansWithinTolerance(t *testing.T) {
	for _, c := range readGolden(t).KMeans {
		k, err := online.KMeansFrom(matrix(c.Init), online.KMeansConfig{NClusters: c.K, ReassignmentRatio: setTo(c.Ratio)})
		require.NoError(t, err)
		at := 0
		for _, s := range c.Steps {
			x := matrix(c.X[at : at+s.Rows])
			k, err = k.Update(t.Context(), x)
			require.NoError(t, err)
			at += s.Rows
			for i, centre := range k.Means() {
				require.InDeltaSlice(t, s.Centres[i], centre, 1e-9)
			}
			var state struct{ Counts []float64 }
			text, err := json.Marshal(k)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &state))
			require.Equal(t, s.Counts, state.Counts)
			labels, _, err := k.Predict(t.Context(), x)
			require.NoError(t, err)
			require.Equal(t, s.Labels, labels)
		}
	}
}

// What chance decides, first centers and reassignments, is as good as scikit-learn's: the mean over seeds of the sum of
// squared distances is not larger by more than two standard errors of the difference.
func TestKMeansStatistically(t *testing.T) {
	const seeds = 40
	for _, c := range readGolden(t).Inertia {
		x := matrix(c.X)
		var found []float64
		mean, square := 0.0, 0.0
		for seed := range uint64(seeds) {
			cfg := online.KMeansConfig{}
			cfg.NClusters, cfg.Seed = c.K, seed
			k, err := online.NewKMeans(cfg)
			require.NoError(t, err)
			for at := 0; at < x.Rows; at += c.Batch {
				k, err = k.Update(t.Context(), rows(x, at, at+c.Batch))
				require.NoError(t, err)
			}
			labels, _, err := k.Predict(t.Context(), x)
			require.NoError(t, err)
			sum := 0.0
			for i, l := range labels {
				for j, v := range c.X[i] {
					d := float64(v) - k.Means()[l][j]
					sum += d * d
				}
			}
			found = append(found, sum)
			mean += sum / seeds
		}
		for _, v := range found {
			square += (v - mean) * (v - mean) / (seeds - 1)
		}
		t.Logf("K %d: %.1f ± %.1f, scikit-learn %.1f ± %.1f", c.K, mean, math.Sqrt(square), c.Mean, c.Deviation)
		require.Less(t, mean, c.Mean+2*math.Sqrt((square+c.Deviation*c.Deviation)/seeds))
	}
}

// Well separated blobs are found, whatever the batches, also when the first has fewer rows than there are clusters.
func TestKMeansFindsBlobsExact(t *testing.T) {
	const n, blobCount = 300, 6
	x := blobs(n, 4, blobCount, 0.2)
	for _, size := range []int{1, 4, 50, n} {
		k, err := online.NewKMeans(online.KMeansConfig{NClusters: blobCount, Seed: 3, ReassignmentRatio: 0.01})
		require.NoError(t, err)
		for at := 0; at < n; at += size {
			k, err = k.Update(t.Context(), rows(x, at, min(at+size, n)))
			require.NoError(t, err)
		}
		labels, _, err := k.Predict(t.Context(), x)
		require.NoError(t, err)
		if size >= 50 {
			requireBlobs(t, labels, blobCount)
		}
		require.Len(t, k.Means(), blobCount)
	}
}

// A center that nothing is near to is moved to where rows are; without reassignment it stays.
func TestKMeansReassignsExact(t *testing.T) {
	x := blobs(100, 2, 2, 0.1)
	far := matrix([][]float32{{x.Data[0], x.Data[1]}, {1e6, 1e6}})
	for _, c := range []struct {
		ratio float64
		moved bool
	}{{0, false}, {0.01, true}} {
		k, err := online.KMeansFrom(far, online.KMeansConfig{NClusters: 2, ReassignmentRatio: setTo(c.ratio)})
		require.NoError(t, err)
		k, err = k.Update(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, c.moved, k.Means()[1][0] < 100)
	}
}
