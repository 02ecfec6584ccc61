package online_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/online"
)

func BenchmarkPCA(b *testing.B) {
	x := blobs(2000, 384, 20, 1)
	p, err := online.NewPCA(online.PCAConfig{})
	require.NoError(b, err)
	p, err = p.Update(b.Context(), x)
	require.NoError(b, err)
	for b.Loop() {
		_, err := p.Update(b.Context(), x)
		require.NoError(b, err)
	}
}

func BenchmarkKMeans(b *testing.B) {
	x := blobs(2000, 5, 50, 1)
	k, err := online.NewKMeans(online.KMeansConfig{})
	require.NoError(b, err)
	k, err = k.Update(b.Context(), x)
	require.NoError(b, err)
	for b.Loop() {
		_, err := k.Update(b.Context(), x)
		require.NoError(b, err)
	}
}

func BenchmarkDBStream(b *testing.B) {
	x := blobs(2000, 5, 50, 1)
	s, err := online.NewDBStream(online.DBStreamConfig{})
	require.NoError(b, err)
	s, err = s.Update(b.Context(), x)
	require.NoError(b, err)
	for b.Loop() {
		_, err := s.Update(b.Context(), x)
		require.NoError(b, err)
	}
}
