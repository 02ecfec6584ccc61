package mmap

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	want := make([]byte, 3*os.Getpagesize()+17)
	for i := range want {
		want[i] = byte(i * 7)
	}
	require.NoError(t, os.WriteFile(path, want, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	for _, size := range []int64{-1, 0} {
		_, err := Map(f, size)
		require.ErrorContains(t, err, path)
	}
	for _, size := range []int{1, os.Getpagesize(), len(want)} {
		got, err := Map(f, int64(size))
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		require.NoError(t, err)
		require.Equal(t, want[:size], got)
		require.NoError(t, Unmap(got))
	}
	got, err := Map(f, int64(len(want)))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, os.Remove(path))
	require.Equal(t, want, got, "the memory outlives the file's handle and its name")
	require.NoError(t, Unmap(got))
	_, err = Map(f, 1)
	require.ErrorContains(t, err, path)
	require.Error(t, Unmap(nil))
}
