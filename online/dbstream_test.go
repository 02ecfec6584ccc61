package online_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
)

func TestDBStreamWithinTolerance(t *testing.T) {
	for _, c := range readGolden(t).DBStream {
		s, err := online.NewDBStream(online.DBStreamConfig{Radius: c.Radius, Fading: c.Fading, Gap: c.Gap, MinWeight: setTo(c.MinWeight), Intersection: c.Intersection})
		require.NoError(t, err)
		x := matrix(c.X)
		for at := 0; at < x.Rows; at += 50 {
			s, err = s.Update(t.Context(), rows(x, at, min(at+50, x.Rows)))
			require.NoError(t, err)
		}
		var state struct {
			Micro []struct {
				Born, Last, Cluster int
				Centre              []float64
				Weight              float64
				Shared              []struct {
					With, Last int
					Weight     float64
				}
			}
		}
		text, err := json.Marshal(s)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &state))
		require.Len(t, state.Micro, len(c.Micro))
		same := map[[2]int]bool{}
		for i, want := range c.Micro {
			got := state.Micro[i]
			require.InDeltaSlice(t, want.Centre, got.Centre, 1e-9)
			require.InDelta(t, want.Weight, got.Weight, 1e-9)
			require.Equal(t, want.Last, got.Last)
			require.Len(t, got.Shared, len(want.Shared))
			for j, e := range want.Shared {
				require.Equal(t, state.Micro[int(e[0])].Born, got.Shared[j].With)
				require.InDelta(t, e[1], got.Shared[j].Weight, 1e-9)
				require.Equal(t, int(e[2]), got.Shared[j].Last)
			}
			if c.Fading == 0 { // the weights that decide are the same
				same[[2]int{want.Label, got.Cluster}] = true
			}
		}
		if c.Fading == 0 { // other numbers, the same groups
			of, from := map[int]bool{}, map[int]bool{}
			for pair := range same {
				require.False(t, of[pair[0]] || from[pair[1]], pair)
				of[pair[0]], from[pair[1]] = true, true
			}
			require.True(t, same[[2]int{stage.Outlier, stage.Outlier}])
			require.Greater(t, len(same), 2)
		}
	}
}

// DBStream finds the blobs without being told how many there are, a blob that comes later gets a new number, and the
// others keep theirs.
func TestDBStreamFindsBlobsExact(t *testing.T) {
	x := blobs(400, 3, 4, 0.3)
	cfg := online.DBStreamConfig{}
	cfg.Radius, cfg.Intersection = 1, 0.05
	s, err := online.NewDBStream(cfg)
	require.NoError(t, err)
	var first []int
	for at := 0; at < 400; at += 100 {
		s, err = s.Update(t.Context(), rows(x, at, at+100))
		require.NoError(t, err)
		require.Len(t, s.Clusters(), 4)
		labels, _, err := s.Predict(t.Context(), x)
		require.NoError(t, err)
		requireBlobs(t, labels, 4)
		if first == nil {
			first = labels
		}
		require.Equal(t, first, labels, "numbers changed")
	}
	far := blobs(20, 3, 1, 0.3)
	for i := range far.Data {
		far.Data[i] += 100
	}
	before, _, err := s.Predict(t.Context(), far)
	require.NoError(t, err)
	for _, l := range before {
		require.Equal(t, stage.Outlier, l)
	}
	s, err = s.Update(t.Context(), far)
	require.NoError(t, err)
	after, _, err := s.Predict(t.Context(), far)
	require.NoError(t, err)
	for _, l := range after {
		require.Equal(t, 4, l)
	}
	labels, _, err := s.Predict(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, first, labels)
}

// With fading a region that gets no rows any more is left out.
func TestDBStreamForgetsExact(t *testing.T) {
	cfg := online.DBStreamConfig{}
	cfg.Radius, cfg.Intersection, cfg.Fading, cfg.Gap = 1, 0.05, 0.05, 50
	s, err := online.NewDBStream(cfg)
	require.NoError(t, err)
	old := blobs(100, 3, 1, 0.3)
	s, err = s.Update(t.Context(), old)
	require.NoError(t, err)
	fresh := blobs(400, 3, 1, 0.3)
	for i := range fresh.Data {
		fresh.Data[i] += 50
	}
	s, err = s.Update(t.Context(), fresh)
	require.NoError(t, err)
	labels, _, err := s.Predict(t.Context(), old)
	require.NoError(t, err)
	for _, l := range labels {
		require.Equal(t, stage.Outlier, l)
	}
	require.Len(t, s.Clusters(), 1)
}
