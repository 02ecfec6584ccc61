package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuickstart(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "encoding", "json")
	var first, second bytes.Buffer
	require.NoError(t, run(t.Context(), &first, dir))
	require.NoError(t, run(t.Context(), &second, dir))
	require.Equal(t, first.String(), second.String())
	require.Regexp(t, `(?m)^ +\d+  -?\d+_[a-z]+_`, first.String())
	require.Contains(t, first.String(), "json")
	require.ErrorContains(t, run(t.Context(), &first, filepath.Join(dir, "nowhere")), "nowhere")
}
