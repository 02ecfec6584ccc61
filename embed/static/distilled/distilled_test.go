package distilled

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/static"
)

func TestWeightsAreThoseOfTheNotice(t *testing.T) {
	notice, err := os.ReadFile("NOTICE")
	require.NoError(t, err)
	require.Contains(t, string(notice), fmt.Sprintf("SHA-256 %x\n", sha256.Sum256(weights)))
	require.LessOrEqual(t, len(weights), 8_000_000)
	m, err := New(static.DefaultConfig())
	require.NoError(t, err)
	require.Equal(t, 256, m.Dim())
	require.Equal(t, 29_525, m.Size())
	require.Equal(t, 512, m.MaxTokens())
	_, err = New(static.Config{Workers: -1})
	require.ErrorContains(t, err, "static.Config.Workers is -1")
}

// TestGoldenWithinTolerance: int8 keeps a cosine of 0.999 to the same distillation in float32.
func TestGoldenWithinTolerance(t *testing.T) {
	want, err := embed.ReadNPYFile(filepath.Join("testdata", "golden.npy"))
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join("testdata", "texts.txt"))
	require.NoError(t, err)
	texts := strings.Split(strings.TrimSpace(string(b)), "\n")
	require.Len(t, texts, want.Rows)
	m, err := New(static.DefaultConfig())
	require.NoError(t, err)
	x, err := m.Embed(t.Context(), texts)
	require.NoError(t, err)
	least := 1.0
	for i := range texts {
		cosine := 0.0
		for j := range want.Cols {
			cosine += float64(want.Data[i*want.Stride+j]) * float64(x.Data[i*x.Stride+j])
		}
		least = min(least, cosine)
	}
	t.Logf("cosine at least %.6f", least)
	require.GreaterOrEqual(t, least, 0.999)
}

func Example() {
	m, err := New(static.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := m.Embed(context.Background(), []string{
		"Package json reads and writes JSON.",
		"Encode a struct as a JSON document.",
		"Listen for TCP connections.",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	dot := func(i, j int) (s float64) {
		for k := range x.Cols {
			s += float64(x.Data[i*x.Stride+k]) * float64(x.Data[j*x.Stride+k])
		}
		return s
	}
	fmt.Println(x.Rows, "texts,", x.Cols, "dimensions")
	fmt.Println("the second is closer to the first than the third:", dot(0, 1) > dot(0, 2))
	fmt.Printf("length %.4f\n", math.Sqrt(dot(0, 0)))
	// Output:
	// 3 texts, 256 dimensions
	// the second is closer to the first than the third: true
	// length 1.0000
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		_, err := New(static.DefaultConfig())
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "ms/load")
}
