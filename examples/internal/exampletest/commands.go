// Package exampletest runs the commands that the examples tell their users to run.
package exampletest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const program = "go run ./cmd/gobertopic "

// Commands are the arguments of the calls of gobertopic in a text, with what the shell makes of variables.
func Commands(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		args, ok := strings.CutPrefix(strings.TrimSpace(line), program)
		if !ok {
			continue
		}
		fields := strings.Fields(args)
		for i, f := range fields {
			fields[i] = os.ExpandEnv(strings.Trim(f, `"`))
		}
		out = append(out, fields)
	}
	return out
}

// Build is the path of gobertopic, built for the test from the directory of its package, beside which cmd is.
func Build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gobertopic.exe") // the name that every system runs
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/gobertopic/gobertopic/cmd/gobertopic").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// Call runs a command with further flags; directories of files that it names with $GOBERTOPIC_DATA are made.
func Call(t *testing.T, path string, args []string, flags ...string) {
	t.Helper()
	for i, a := range args {
		if a == "--out" && filepath.IsAbs(args[i+1]) {
			require.NoError(t, os.MkdirAll(filepath.Dir(args[i+1]), 0o755))
		}
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, append(args, flags...)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = &said, &said, t.TempDir()
	require.NoError(t, cmd.Run(), "%s: %s", strings.Join(args, " "), &said)
}
