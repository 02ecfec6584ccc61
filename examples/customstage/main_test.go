package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A caller's own reducer and clusterer make a model that holds together, the same on every run.
func TestSwappedStages(t *testing.T) {
	var first, second bytes.Buffer
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "encoding", "json")
	require.NoError(t, run(t.Context(), &first, dir, 4))
	require.NoError(t, run(t.Context(), &second, dir, 4))
	require.Equal(t, first.String(), second.String())
	require.Equal(t, 4, strings.Count(first.String(), "\n"), "k-means has no outliers: four topics\n%s", first.String())
}
