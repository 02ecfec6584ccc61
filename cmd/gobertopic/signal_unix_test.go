//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asCommand is the environment variable that makes the test binary the command.
const asCommand = "GOBERTOPIC_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// signalWhen runs the command in a process of its own, sends it sig as soon as ready reports true, and
// returns the exit code and standard error.
func signalWhen(t *testing.T, sig syscall.Signal, ready func() bool, args ...string) (code int, stderr string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	stdin, err := cmd.StdinPipe() // it stays open: a command that reads it waits
	require.NoError(t, err)
	defer stdin.Close()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	require.NoError(t, cmd.Start())
	require.Eventually(t, ready, 60*time.Second, time.Millisecond)
	begin := time.Now()
	require.NoError(t, cmd.Process.Signal(sig))
	_ = cmd.Wait()
	require.Less(t, time.Since(begin), 20*time.Second)
	return cmd.ProcessState.ExitCode(), errs.String()
}

// TestSignalsDuringTransform checks the exit code of each signal, that no file is left behind, and that a
// file of an earlier run stays as it was: while the model loads, while the input is read, while it embeds.
func TestSignalsDuringTransform(t *testing.T) {
	model := filepath.Join(t.TempDir(), "model")
	code, _, stderr := call(t.Context(), texts(30), "fit", "--format", "lines", "--quiet", "--granularity", "3", "--model", model, "-")
	require.Zero(t, code, stderr)
	long := write(t, "long.txt", texts(20000))
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		for _, input := range []string{"-", long} {
			for _, wait := range []time.Duration{0, 100 * time.Millisecond, 700 * time.Millisecond} {
				dir := t.TempDir()
				out := filepath.Join(dir, "docs.csv")
				require.NoError(t, os.WriteFile(out, []byte("earlier\n"), 0o600))
				var seen time.Time
				begun := func() bool { // the file of the result is created first
					files, err := os.ReadDir(dir)
					if err != nil || len(files) < 2 {
						return false
					}
					if seen.IsZero() {
						seen = time.Now()
					}
					return time.Since(seen) >= wait
				}
				code, stderr := signalWhen(t, sig, begun, "transform", "--format", "lines", "--quiet", "--model", model, "--docs", out, input)
				name := fmt.Sprintf("%v, %s, %v: %s", sig, filepath.Base(input), wait, stderr)
				require.Equal(t, want, code, name)
				require.Contains(t, stderr, "gobertopic: interrupted; nothing was written")
				require.Equal(t, []string{"docs.csv"}, filesBelow(t, dir), name)
				text, err := os.ReadFile(out)
				require.NoError(t, err)
				require.Equal(t, "earlier\n", string(text), name)
			}
		}
	}
}

// TestSignalsDuringFetch checks that a fetch stopped by a signal keeps whole pages only and says so.
func TestSignalsDuringFetch(t *testing.T) {
	const page = `{"items":[{"question_id":1,"answer_count":1}],"has_more":false,"quota_remaining":5}`
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		waiting := make(chan struct{}, 9)
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/answers") {
				fmt.Fprint(w, `{"items":[`) // half a page
				w.(http.Flusher).Flush()
				waiting <- struct{}{}
				<-r.Context().Done()
				return
			}
			fmt.Fprint(w, page)
		}))
		out := filepath.Join(t.TempDir(), "pages.jsonl")
		ready := func() bool { return len(waiting) > 0 }
		code, stderr := signalWhen(t, sig, ready, "fetch", "stackexchange", "--api", site.URL, "--rate", "30", "--out", out)
		site.Close()
		require.Equal(t, want, code, stderr)
		require.Contains(t, stderr, "interrupted; 1 pages are in "+out)
		text, err := os.ReadFile(out)
		require.NoError(t, err)
		require.Equal(t, page+"\n", string(text))
	}
}

// TestReadOnlyDirectory checks that an output that cannot be created is an error with its path, before any
// work is done, and that no panic or empty file comes of it.
func TestReadOnlyDirectory(t *testing.T) {
	dir := t.TempDir()
	input := write(t, "texts.txt", texts(30))
	require.NoError(t, os.Chmod(dir, 0o500))
	if f, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		require.NoError(t, f.Close())
		require.NoError(t, os.Remove(f.Name()))
		dir = "/proc/self/fdinfo" // root may write to any directory of a disk, but not to this one
		if _, err := os.Stat(dir); err != nil {
			t.Skip("this user may write everywhere")
		}
	}
	out := filepath.Join(dir, "out")
	for _, args := range [][]string{
		{"fit", "--format", "lines", "--quiet", "--docs", out, input},
		{"fit", "--format", "lines", "--quiet", "--model", out, input},
		{"fit", "--format", "lines", "--quiet", "--save-embeddings", out, input},
		{"fit", "--format", "lines", "--quiet", "--topics", out, input},
		{"fetch", "stackexchange", "--api", "http://127.0.0.1:1", "--out", out},
	} {
		code, stdout, stderr := call(t.Context(), "", args...)
		require.Equal(t, exitFailed, code, "%v: %s", args, stderr)
		require.Empty(t, stdout, "%v", args)
		require.Contains(t, stderr, dir, "%v", args)
		require.Regexp(t, "permission denied|no such file|read-only|not permitted", stderr, "%v", args)
	}
}
