package online_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
)

func TestStages(t *testing.T) {
	t.Run("PCA", func(t *testing.T) { stagetest.TestReducer(t, online.PCAConfig{}) })
	t.Run("PCA of 2", func(t *testing.T) { stagetest.TestReducer(t, online.PCAConfig{NComponents: 2}) })
	for name, c := range map[string]stage.BatchClusterer{
		"KMeans": online.KMeansConfig{}, "KMeans of 4": online.KMeansConfig{NClusters: 4, ReassignmentRatio: stage.None},
		"DBStream": online.DBStreamConfig{}, "fading DBStream": online.DBStreamConfig{Radius: 1, Fading: 0.01, Gap: 50, MinWeight: 2},
	} {
		t.Run(name, func(t *testing.T) {
			stagetest.TestClusterer(t, c)
			stagetest.TestBatchClusterer(t, c)
		})
	}
}

// Cluster and Reduce learn what Update learns of the same batches.
func TestStagesAsUpdatesExact(t *testing.T) {
	x := blobs(2100, 6, 5, 2)
	ctx, run := t.Context(), stage.Run{Seed: 7, Workers: 2}
	k, err := online.NewKMeans(online.KMeansConfig{NClusters: 9, Seed: 7})
	require.NoError(t, err)
	s, err := online.NewDBStream(online.DBStreamConfig{})
	require.NoError(t, err)
	for lo := 0; lo < x.Rows; lo += 1024 {
		b := rows(x, lo, min(lo+1024, x.Rows))
		k, err = k.Update(ctx, b)
		require.NoError(t, err)
		s, err = s.Update(ctx, b)
		require.NoError(t, err)
	}
	want, _, err := k.Predict(ctx, x)
	require.NoError(t, err)
	got, err := online.KMeansConfig{NClusters: 9}.Cluster(ctx, run, stage.Data{X: x})
	require.NoError(t, err)
	require.Equal(t, want, got.Labels())
	require.Equal(t, k.Means(), got.(*online.KMeans).Means())
	want, _, err = s.Predict(ctx, x)
	require.NoError(t, err)
	got, err = online.DBStreamConfig{}.Cluster(ctx, run, stage.Data{X: x})
	require.NoError(t, err)
	require.Equal(t, want, got.Labels())

	p, err := online.NewPCA(online.PCAConfig{NComponents: 3})
	require.NoError(t, err)
	p, err = p.Update(ctx, x)
	require.NoError(t, err)
	points, err := p.Transform(ctx, x)
	require.NoError(t, err)
	reduced, err := online.PCAConfig{NComponents: 3}.Reduce(ctx, run, stage.Data{X: x})
	require.NoError(t, err)
	require.Equal(t, points, reduced.Points())
}

// A past that was made with other settings is not gone on with.
func TestPastOfOtherSettings(t *testing.T) {
	d := stage.Data{X: blobs(60, 4, 3, 1)}
	ctx, run := t.Context(), stage.Run{}
	p, err := online.PCAConfig{NComponents: 2}.Reduce(ctx, run, d)
	require.NoError(t, err)
	_, err = online.PCAConfig{NComponents: 3}.ReduceBatch(ctx, run, p, d)
	require.EqualError(t, err, "online: the past has 2 components, want 3 as in the settings")
	k, err := online.KMeansConfig{NClusters: 4, Seed: 1}.Cluster(ctx, run, d)
	require.NoError(t, err)
	_, err = online.KMeansConfig{NClusters: 5}.ClusterBatch(ctx, run, k, d)
	require.ErrorContains(t, err, "the past has 4 clusters")
	_, err = online.KMeansConfig{NClusters: 4}.ClusterBatch(ctx, run, k, d)
	require.NoError(t, err, "another seed alone")
	s, err := online.DBStreamConfig{}.Cluster(ctx, run, d)
	require.NoError(t, err)
	_, err = online.DBStreamConfig{Gap: 5}.ClusterBatch(ctx, run, s, d)
	require.ErrorContains(t, err, "the past has the settings")
	_, err = online.DBStreamConfig{Gap: 1000, MinWeight: 3}.ClusterBatch(ctx, run, s, d)
	require.NoError(t, err, "defaults that are written out")
	_, err = online.KMeansConfig{}.ClusterBatch(ctx, run, (*online.KMeans)(nil), d)
	require.ErrorContains(t, err, "want a *KMeans")
	_, err = online.KMeansConfig{}.Cluster(ctx, run, stage.Data{X: blas32.General{}})
	require.ErrorIs(t, err, online.ErrNothingSeen)
}
