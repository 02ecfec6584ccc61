package embed_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUnusedWeightsAreLeftOut links programs that import every encoder and call one: each carries the
// weights of that one alone.
func TestUnusedWeightsAreLeftOut(t *testing.T) {
	if testing.Short() {
		t.Skip("linking takes some seconds")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	weights := func(path string) int64 {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Size()
	}
	program := func(call string) int64 {
		dir := t.TempDir()
		source := filepath.Join(dir, "main.go")
		require.NoError(t, os.WriteFile(source, []byte(`package main

import (
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/bgesmall"
	"github.com/gobertopic/gobertopic/embed/minilm"
	"github.com/gobertopic/gobertopic/embed/static/distilled"
)

func main() {
	cfg := bert.Config{}
	_, _, _ = bgesmall.New, minilm.New, distilled.New
	_, _ = `+call+`
}
`), 0o600))
		out := filepath.Join(dir, "program")
		cmd := exec.Command("go", "build", "-o", out, source)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", text)
		return weights(out)
	}
	const slack = 2 << 20
	none := program(`bert.Load("x", cfg)`)
	require.Less(t, none, int64(12<<20))
	for call, file := range map[string]string{
		"minilm.New(cfg)":   "minilm/minilm.safetensors",
		"bgesmall.New(cfg)": "bgesmall/bgesmall.safetensors",
	} {
		size := program(call)
		require.InDelta(t, none+weights(file), size, slack, call)
	}
}
