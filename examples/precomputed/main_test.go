package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
)

// Three kinds of texts whose embeddings lie along three axes become three topics.
func TestPrecomputed(t *testing.T) {
	words := []string{"bread flour oven", "engine brake wheel", "cat dog fur"}
	const each = 40
	var lines strings.Builder
	x := blas32.General{Rows: 3 * each, Cols: 8, Stride: 8, Data: make([]float32, 3*each*8)}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range x.Rows {
		fmt.Fprintf(&lines, "%s of day%d\n", words[i%3], i)
		for j := range x.Cols {
			x.Data[i*8+j] = 0.2 * float32(r.NormFloat64())
		}
		x.Data[i*8+i%3]++
	}
	dir := t.TempDir()
	texts, rows := filepath.Join(dir, "texts.txt"), filepath.Join(dir, "rows.npy")
	require.NoError(t, os.WriteFile(texts, []byte(lines.String()), 0o600))
	require.NoError(t, embed.WriteNPYFile(rows, x))

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, texts, rows))
	require.Equal(t, 3, strings.Count(out.String(), "  40  "), out.String())
	require.Contains(t, out.String(), `"bread flour oven of day0" belongs to topic 1`)

	x.Rows--
	require.NoError(t, embed.WriteNPYFile(rows, x))
	require.ErrorContains(t, run(t.Context(), &out, texts, rows), "119 rows for 120 documents")
}
