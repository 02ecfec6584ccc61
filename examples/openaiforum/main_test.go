package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/examples/internal/findings"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

func report(t *testing.T, args ...string) (summary, dir string) {
	t.Helper()
	dir = t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, append([]string{"--out", dir, "--resamples", "200"}, args...)))
	return out.String(), dir
}

func TestFullTopicsExact(t *testing.T) {
	summary, dir := report(t, "--full", testutil.Data(t, "openai_forum_163", "topics.jsonl"))
	require.Contains(t, summary, "163 threads")
	require.Contains(t, summary, "91.4 % of 163 without accepted answer")
	methods, err := os.ReadFile(filepath.Join(dir, "methods.md"))
	require.NoError(t, err)
	require.Contains(t, string(methods), "163 topics read, 0 malformed")
	require.Contains(t, string(methods), "None is a figure of arXiv 2411.10873")
}

// The replies are those that others counted, and the topics are about as many as the seventeen of arXiv 2411.10873.
func TestTitlesExactRepliesStatisticallyTopics(t *testing.T) {
	path := testutil.Data(t, "openai_forum", "topics.csv")
	if testing.Short() {
		t.Skip("29,576 titles are fitted")
	}
	summary, _ := report(t, path)
	require.Contains(t, summary, "29576 threads")
	require.Contains(t, summary, "[6330 9712 6871 3819 2842]")
	require.Regexp(t, `, (1[2-9]|2[0-4]) topics`, summary)
}

func TestWithoutData(t *testing.T) {
	t.Setenv("GOBERTOPIC_DATA", t.TempDir())
	var usage findings.Usage
	for _, args := range [][]string{nil, {"--full"}} {
		err := run(t.Context(), &bytes.Buffer{}, args)
		require.ErrorAs(t, err, &usage)
		require.ErrorContains(t, err, "/latest.json")
	}
	path := filepath.Join(t.TempDir(), "topics.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("{\"id\":1,\"title\":\"a\"}\n{\"id\":\n"), 0o600))
	require.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, []string{"--full", "--strict", path}), "topics.jsonl:2")
}
