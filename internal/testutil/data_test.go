package testutil

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorder is a test that notes how it ends.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.failed = fmt.Sprint(args...)
	runtime.Goexit()
}

// record calls f as a test is called.
func record(f func(tb testing.TB)) *recorder {
	r := &recorder{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f(r)
	}()
	<-ended
	return r
}

func TestData(t *testing.T) {
	dir := t.TempDir()
	want := filepath.Join(dir, "set", "a.csv")
	require.NoError(t, os.Mkdir(filepath.Dir(want), 0o755))
	require.NoError(t, os.WriteFile(want, nil, 0o600))
	t.Setenv("GOBERTOPIC_DATA", dir)
	require.Equal(t, want, Data(t, "set", "a.csv"))
	require.Equal(t, dir, Data(t))

	came := false
	r := record(func(tb testing.TB) {
		Data(tb, "set", "b.csv")
		came = true
	})
	require.False(t, came, "the test goes on")
	require.Empty(t, r.failed)
	for _, part := range []string{filepath.Join("set", "b.csv"), "GOBERTOPIC_DATA", "no such file"} {
		if part != "no such file" || runtime.GOOS != "windows" {
			require.Contains(t, r.skipped, part)
		}
	}
}

// Without the variable the directory is beside the module, wherever in it the test is.
func TestDataBesideTheModule(t *testing.T) {
	dir := t.TempDir()
	module, want := filepath.Join(dir, "module"), filepath.Join(dir, "shared", "data", "a")
	require.NoError(t, os.MkdirAll(filepath.Join(module, "x", "y"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Dir(want), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), nil, 0o600))
	require.NoError(t, os.WriteFile(want, nil, 0o600))
	t.Setenv("GOBERTOPIC_DATA", "")
	for _, at := range []string{module, filepath.Join(module, "x", "y")} {
		t.Chdir(at)
		got, err := os.Stat(Data(t, "a"))
		require.NoError(t, err)
		same, err := os.Stat(want)
		require.NoError(t, err)
		require.True(t, os.SameFile(got, same))
	}
}

func TestRoot(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(Root(t), "go.mod"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "module github.com/gobertopic/gobertopic\n"))

	outside := t.TempDir()
	for at := outside; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			t.Skipf("the temporary directory is in a module: %s", at)
		}
	}
	t.Chdir(outside)
	r := record(func(tb testing.TB) { Root(tb) })
	require.Equal(t, "no go.mod above the test's directory", r.failed)
}
