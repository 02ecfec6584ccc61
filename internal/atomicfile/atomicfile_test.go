package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
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

func requireFile(t *testing.T, path, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(text))
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode()
}

func put(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// Whoever looks sees the old file or the whole new one.
func TestCommitReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	for i, want := range []string{"", "first", "second"} {
		f, err := Create(path)
		require.NoError(t, err)
		require.NoError(t, put("fir")(f))
		require.NoError(t, put("st")(f))
		if i == 0 {
			require.NoFileExists(t, path)
			require.Regexp(t, `^\.a\.txt\.tmp-\d+$`, strings.Join(names(t, dir), " "))
		} else {
			requireFile(t, path, want)
		}
		require.NoError(t, f.Commit())
		requireFile(t, path, "first")
		f.Discard()
		require.ErrorIs(t, f.Commit(), fs.ErrClosed)
		_, err = f.Write([]byte("more"))
		require.ErrorIs(t, err, fs.ErrClosed)
		requireFile(t, path, "first")
		require.NoError(t, Write(path, put("second")))
		require.NoError(t, Write(path, put([]string{"first", "second", "x"}[i])))
		require.Equal(t, []string{"a.txt"}, names(t, dir))
	}
	requireFile(t, path, "x")
	t.Chdir(dir)
	require.NoError(t, Write("relative", put("r")))
	requireFile(t, filepath.Join(dir, "relative"), "r")
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	require.NoError(t, os.WriteFile(old, []byte("old"), 0o600))
	broken := errors.New("out of ink")
	for _, path := range []string{old, filepath.Join(dir, "new")} {
		f, err := Create(path)
		require.NoError(t, err)
		require.NoError(t, put("half")(f))
		f.Discard()
		f.Discard()
		require.ErrorIs(t, f.Commit(), fs.ErrClosed)

		require.ErrorIs(t, Write(path, func(w io.Writer) error {
			_, _ = io.WriteString(w, "half")
			return broken
		}), broken)
		require.Panics(t, func() {
			_ = Write(path, func(w io.Writer) error { panic("in the middle") })
		})
		require.Equal(t, []string{"old"}, names(t, dir))
		requireFile(t, old, "old")
	}
}

func TestCommitThatFailsLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	f, err := Create(path)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(path, "in the way"), 0o755)) // a directory cannot be replaced
	require.ErrorContains(t, f.Commit(), path)
	require.Equal(t, []string{"a"}, names(t, dir))
	require.Equal(t, []string{"in the way"}, names(t, path))

	other := filepath.Join(dir, "b")
	require.NoError(t, os.WriteFile(other, []byte("old"), 0o600))
	f, err = Create(other)
	require.NoError(t, err)
	require.NoError(t, f.tmp.Close()) // as when the disk fails
	require.Error(t, f.Commit())
	requireFile(t, other, "old")
	require.Equal(t, []string{"a", "b"}, names(t, dir))
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	dir := t.TempDir()
	like, path := filepath.Join(dir, "like"), filepath.Join(dir, "a")
	f, err := os.Create(like)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, Write(path, put("x")))
	require.Equal(t, mode(t, like), mode(t, path), "as os.Create makes it")
	for _, m := range []fs.FileMode{0o600, 0o640, 0o755, 0o666, 0o400} {
		require.NoError(t, os.Chmod(path, m))
		require.NoError(t, Write(path, put(m.String())))
		require.Equal(t, m, mode(t, path))
		requireFile(t, path, m.String())
	}
}

func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	dir, other := t.TempDir(), t.TempDir()
	file, link := filepath.Join(other, "file"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o600))
	require.NoError(t, os.Symlink(file, link))
	require.NoError(t, Write(link, put("new")))
	requireFile(t, file, "new")
	to, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, file, to)
	require.Equal(t, []string{"link"}, names(t, dir))
	require.Equal(t, []string{"file"}, names(t, other))
}

// Devices and pipes are written to, not replaced.
func TestDevice(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs /dev")
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	path := filepath.Join("/dev/fd", itoa(w.Fd()))
	if _, err := os.Stat(path); err != nil {
		t.Skip("needs /dev/fd")
	}
	require.NoError(t, Write(path, put("through")))
	got := make([]byte, 7)
	_, err = io.ReadFull(r, got)
	require.NoError(t, err)
	require.Equal(t, "through", string(got))

	before := mode(t, os.DevNull)
	require.NoError(t, Write(os.DevNull, put("nothing")))
	f, err := Create(os.DevNull)
	require.NoError(t, err)
	f.Discard()
	require.Equal(t, before, mode(t, os.DevNull))
	require.False(t, mode(t, os.DevNull).IsRegular())
}

func itoa(n uintptr) (s string) {
	for ; n > 0; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return s
}

func TestCreateErrors(t *testing.T) {
	dir := t.TempDir()
	requireFault := func(path string, cause error) {
		t.Helper()
		_, err := Create(path)
		require.ErrorIs(t, err, cause)
		var fault *fs.PathError
		require.ErrorAs(t, err, &fault)
		require.Equal(t, path, fault.Path, "the path asked for, not that of the temporary file")
		require.NotContains(t, err.Error(), ".tmp-")
		called := false
		require.ErrorIs(t, Write(path, func(io.Writer) error { called = true; return nil }), cause)
		require.False(t, called)
	}
	_, err := Create(dir)
	require.EqualError(t, err, "create "+dir+": is a directory, want a file")
	requireFault(filepath.Join(dir, "nowhere", "a.txt"), fs.ErrNotExist)
	_, err = Create("")
	require.Error(t, err)
	_, err = Create(filepath.Join(dir, "nowhere") + string(filepath.Separator))
	require.Error(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	_, err = Create(filepath.Join(dir, "file", "a.txt"))
	require.ErrorContains(t, err, filepath.Join(dir, "file", "a.txt"))

	locked := filepath.Join(dir, "locked")
	require.NoError(t, os.Mkdir(locked, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(locked, "old"), []byte("old"), 0o666))
	unprivileged(t, locked, func() {
		requireFault(filepath.Join(locked, "a.txt"), fs.ErrPermission)
		requireFault(filepath.Join(locked, "old"), fs.ErrPermission)
	})
	requireFile(t, filepath.Join(locked, "old"), "old")
	require.Equal(t, []string{"old"}, names(t, locked))
	require.ElementsMatch(t, []string{"file", "locked"}, names(t, dir))
}

// A name may be as long as the file system takes.
func TestLongName(t *testing.T) {
	for _, name := range []string{strings.Repeat("x", 240), strings.Repeat("é", 120)} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Skipf("the file system takes no name of %d bytes: %v", len(name), err)
		}
		require.NoError(t, os.Remove(path))
		require.NoError(t, Write(path, put("long")))
		requireFile(t, path, "long")
		require.Len(t, names(t, dir), 1)
	}
}

// Many who write the same file at once leave one of their files, whole.
func TestAtOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = Write(path, put(strings.Repeat(string(rune('a'+i)), 100000))) })
	}
	wg.Wait()
	if runtime.GOOS != "windows" { // which may refuse to replace a file that is being replaced
		require.NoError(t, errors.Join(errs...))
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat(string(text[:1]), 100000), string(text))
	require.Equal(t, []string{"a"}, names(t, dir))
}
