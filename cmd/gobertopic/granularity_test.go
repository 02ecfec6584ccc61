package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGranularityFlag(t *testing.T) {
	input, npy := embedded(t, texts(90))
	fit := func(flags ...string) (int, string, string) {
		return call(t.Context(), "", append([]string{"fit", "--format", "lines", "--quiet", "--embeddings", npy, input}, flags...)...)
	}
	for _, g := range []string{"auto", "3", "layer:1", "layer:2", "bertopic"} {
		code, named, stderr := fit("--granularity", g)
		require.Zero(t, code, "%s: %s", g, stderr)
		code, short, stderr := fit("--topics", g)
		require.Zero(t, code, "%s: %s", g, stderr)
		require.Equal(t, named, short)
	}
	code, _, stderr := fit("--granularity", "layer:16")
	require.Equal(t, exitFailed, code, "equal layers are one")
	require.Contains(t, stderr, `--granularity is "layer:16", want one of the layers that these documents have`)
	code, stdout, _ := fit("--layers", "--granularity", "layer:2")
	require.Zero(t, code)
	require.Contains(t, stdout, "resolution")
	require.Contains(t, stdout, " 2*")
	docs := filepath.Join(t.TempDir(), "docs.csv")
	code, stdout, stderr = fit("--layers", "--granularity", "bertopic", "--docs", docs)
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--layers has nothing to show")
	require.Empty(t, stdout)
	require.NoFileExists(t, docs)
	for _, g := range []string{"", "0", "-1", "layer:0", "layer:17", "layer:", "many"} {
		code, _, stderr := fit("--granularity", g)
		require.Equal(t, exitUsage, code, g)
		require.Contains(t, stderr, "--granularity is")
	}
}

func TestTopicsIsAFileOrHowMany(t *testing.T) {
	input, npy := embedded(t, texts(90))
	fit := func(flags ...string) (int, string, string) {
		return call(t.Context(), "", append([]string{"fit", "--format", "lines", "--quiet", "--embeddings", npy, input}, flags...)...)
	}
	t.Chdir(t.TempDir())
	for file, n := range map[string]string{"topics.json": "2", "./4": "4", "layers": "1"} {
		code, _, stderr := fit("--topics", file, "--topics", n)
		require.Zero(t, code, stderr)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var topics []struct{ ID int }
		require.NoError(t, json.Unmarshal(text, &topics))
		topics = slices.DeleteFunc(topics, func(t struct{ ID int }) bool { return t.ID < 0 })
		require.Equal(t, n, strconv.Itoa(len(topics)), "exactly as many as were asked for")
	}
	for said, flags := range map[string][]string{
		"it was 2 before":             {"--topics", "2", "--topics", "auto"},
		"it was a.json before":        {"--topics", "a.json", "--topics", "b.json"},
		"it is empty":                 {"--topics", ""},
		"--topics is 2 and --gran":    {"--granularity", "3", "--topics", "2"},
		`--topics is "layer:99"`:      {"--topics", "layer:99"},
		`--topics is "layer:x"`:       {"--topics", "layer:x"},
		`--topics is "-1"`:            {"--topics", "-1"},
		`--granularity is "layer:99"`: {"--granularity", "layer:99"},
	} {
		code, _, stderr := fit(flags...)
		require.Equal(t, exitUsage, code, said)
		require.Contains(t, stderr, said)
	}
}
