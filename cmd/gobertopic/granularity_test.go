package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGranularityFlag(t *testing.T) {
	input, npy := embedded(t, texts(90))
	fit := func(flags ...string) (int, string, string) {
		return call(t.Context(), "", append([]string{"fit", "--format", "lines", "--quiet", "--embeddings", npy, input}, flags...)...)
	}
	for _, g := range []string{"auto", "3", "layer:1", "layer:16", "bertopic"} {
		code, _, stderr := fit("--granularity", g)
		require.Zero(t, code, "%s: %s", g, stderr)
	}
	code, stdout, _ := fit("--layers", "--granularity", "layer:2")
	require.Zero(t, code)
	require.Contains(t, stdout, "resolution")
	require.Contains(t, stdout, " 2*")
	for _, g := range []string{"", "0", "-1", "layer:0", "layer:17", "layer:", "many"} {
		code, _, stderr := fit("--granularity", g)
		require.Equal(t, exitUsage, code, g)
		require.Contains(t, stderr, "--granularity is")
	}
}
