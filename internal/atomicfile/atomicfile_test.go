package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestCommitReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	f, err := Create(path)
	require.NoError(t, err)
	_, err = io.WriteString(f, "new")
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(text), "before the commit")
	require.NoError(t, f.Commit())
	f.Discard()
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "new", string(text))
	require.Equal(t, []string{"a.txt"}, names(t, dir))
	if runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o644), info.Mode().Perm())
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f, err := Create(filepath.Join(dir, "a.txt"))
	require.NoError(t, err)
	_, err = f.Write([]byte("half"))
	require.NoError(t, err)
	f.Discard()
	f.Discard()
	require.Empty(t, names(t, dir))

	broken := errors.New("out of ink")
	err = Write(filepath.Join(dir, "b.txt"), func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return broken
	})
	require.ErrorIs(t, err, broken)
	require.Empty(t, names(t, dir))
	require.NoError(t, Write(filepath.Join(dir, "c.txt"), func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }))
	require.Equal(t, []string{"c.txt"}, names(t, dir))
}

func TestCommitThatFailsLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	f, err := Create(path)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(path, "in the way"), 0o755)) // a directory cannot be replaced
	require.Error(t, f.Commit())
	require.Equal(t, []string{"a"}, names(t, dir))
}

func TestCreateErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := Create(dir)
	require.ErrorContains(t, err, dir+": is a directory, want a file")
	_, err = Create(filepath.Join(dir, "nowhere", "a.txt"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "nowhere")
	if runtime.GOOS != "windows" && os.Geteuid() != 0 { // root may write anywhere
		require.NoError(t, os.Chmod(dir, 0o500))
		_, err = Create(filepath.Join(dir, "a.txt"))
		require.ErrorIs(t, err, fs.ErrPermission)
		require.ErrorContains(t, err, "a.txt")
	}
}
