package topic_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
)

// A program that never calls DefaultConfig must not carry the weights of the default encoder, which are over 20 MB.
func TestOwnEmbedderMakesASmallBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	own := binarySize(t, `cfg := topic.Config{Embedder: lengths{}, Clusterer: hdbscan.Config{}, Reducer: umap.Config{}, Words: topic.Words{Weigher: ctfidf.Weighting{}}}`)
	full := binarySize(t, `cfg := topic.DefaultConfig()
		_, _, _, _ = ctfidf.Weighting{}, hdbscan.EOM, umap.Spectral, 0`)
	require.Less(t, own, int64(12<<20), "bytes of a program with an embedder of its own")
	require.Greater(t, full, own+20<<20, "the default configuration carries the weights")
}

func binarySize(t *testing.T, config string) int64 {
	t.Helper()
	root := testutil.Root(t)
	dir, err := os.MkdirTemp(root, "_sizetest-")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	source := `package main

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

type lengths struct{}

func (lengths) Embed(_ context.Context, texts []string) (blas32.General, error) {
	x := blas32.General{Rows: len(texts), Cols: 1, Stride: 1, Data: make([]float32, len(texts))}
	for i, text := range texts {
		x.Data[i] = float32(len(text))
	}
	return x, nil
}

func main() {
	` + config + `
	m, err := topic.Fit(context.Background(), []string{"a"}, cfg)
	fmt.Println(m, err)
}
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600))
	binary := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", binary, "./"+filepath.Base(dir))
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	info, err := os.Stat(binary)
	require.NoError(t, err)
	return info.Size()
}
