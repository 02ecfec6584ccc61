//go:build unix

package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A named pipe, which shells make for <(command) too, is read from its first record on, and once.
func TestNamedPipe(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	path := filepath.Join(t.TempDir(), "docs.jsonl")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	var records strings.Builder
	for _, d := range lines3(30) {
		text, err := json.Marshal(d)
		require.NoError(t, err)
		records.WriteString(`{"text":` + string(text) + "}\n")
	}
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, []byte(records.String()), 0o600) }()
	table := filepath.Join(t.TempDir(), "docs.csv")
	code, _, stderr := call(ctx, "", "fit", "--granularity", "3", "--quiet", "--docs", table, path)
	require.Zero(t, code, stderr)
	require.NoError(t, <-written)
	require.Len(t, readCSV(t, table), 31)
}
