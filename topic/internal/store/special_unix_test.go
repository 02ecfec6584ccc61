//go:build unix

package store

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// within fails if f takes long.
func within(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Second):
		t.Fatal("it hangs")
		return nil
	}
}

func TestSpecialFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	writeSmall(t, dir, 1)
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, unix.Mkfifo(pipe, 0o600))
	makers := map[string]func(path string){
		"fifo":         func(path string) { require.NoError(t, unix.Mkfifo(path, 0o600)) },
		"link to fifo": func(path string) { require.NoError(t, os.Symlink(pipe, path)) },
		"device":       func(path string) { require.NoError(t, os.Symlink("/dev/zero", path)) },
		"link to self": func(path string) { require.NoError(t, os.Symlink(filepath.Base(path), path)) },
		"socket": func(path string) {
			at := filepath.Join(os.TempDir(), "gobertopic-test-socket") // short enough for its address
			l, err := net.Listen("unix", at)
			require.NoError(t, err)
			l.(*net.UnixListener).SetUnlinkOnClose(false)
			require.NoError(t, l.Close())
			require.NoError(t, os.Rename(at, path))
		},
	}
	for kind, mk := range makers {
		for _, name := range append(entries(t, dir), "gen-1") {
			file, aside := filepath.Join(dir, filepath.FromSlash(name)), filepath.Join(t.TempDir(), "aside")
			require.NoError(t, os.Rename(file, aside))
			mk(file)
			err := within(t, func() error { return readAll(dir) })
			require.ErrorContains(t, err, file, kind)
			if kind != "link to self" && name != "gen-1" {
				requireNames(t, err, file, kind)
			}
			if name == manifestName || name == "gen-1" {
				require.Error(t, within(t, func() error { return CanWrite(dir) }), kind)
				require.Error(t, within(t, func() error { return Write(dir, put(nil)) }), kind)
			}
			require.NoError(t, os.Remove(file))
			require.NoError(t, os.Rename(aside, file))
		}
		for _, name := range []string{"extra", "lock", "model.json.tmp", "gen-2", "gen-1/x"} {
			file := filepath.Join(dir, filepath.FromSlash(name))
			mk(file)
			requireNames(t, within(t, func() error { return readAll(dir) }), file, kind)
			if name != "gen-1/x" {
				require.Error(t, within(t, func() error { return CanWrite(dir) }), kind)
				require.Error(t, within(t, func() error { return Write(dir, put(nil)) }), kind)
			}
			require.NoError(t, os.Remove(file))
		}
		// In place of the directory.
		at := filepath.Join(t.TempDir(), "at")
		mk(at)
		require.Error(t, within(t, func() error { return readAll(at) }), kind)
		require.Error(t, within(t, func() error { return CanWrite(at) }), kind)
		require.Error(t, within(t, func() error { return Write(at, put(nil)) }), kind)
	}
	require.NoError(t, readAll(dir))
}

// Links to regular files and directories serve as these.
func TestLinks(t *testing.T) {
	root := t.TempDir()
	dir, link := filepath.Join(root, "model"), filepath.Join(root, "link")
	writeSmall(t, dir, 1)
	require.NoError(t, os.Symlink("model", link))
	require.NoError(t, readAll(link))
	file := filepath.Join(dir, "gen-1", "2")
	require.NoError(t, os.Rename(file, filepath.Join(root, "elsewhere")))
	require.NoError(t, os.Symlink(filepath.Join(root, "elsewhere"), file))
	require.NoError(t, readAll(link))
	require.NoError(t, CanWrite(link))
	require.NoError(t, Write(link, put(map[string]string{"a": "1"})))
	requireText(t, openModel(t, dir), "a", "1")
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.Equal(t, fs.ModeSymlink, info.Mode().Type())
	require.FileExists(t, filepath.Join(root, "elsewhere"), "only the link was the model's")

	require.NoError(t, os.Symlink("nothing", filepath.Join(root, "broken")))
	require.ErrorContains(t, CanWrite(filepath.Join(root, "broken")), "link to nothing")
	require.Error(t, Write(filepath.Join(root, "broken"), put(nil)))
}
