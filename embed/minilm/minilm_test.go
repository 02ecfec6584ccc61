package minilm

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
)

func TestWeightsAreThoseOfTheNotice(t *testing.T) {
	notice, err := os.ReadFile("NOTICE")
	require.NoError(t, err)
	require.Contains(t, string(notice), fmt.Sprintf("SHA-256 %x\n", sha256.Sum256(weights)))
	require.LessOrEqual(t, len(weights), 24_000_000)
}

// Token ids are those of sentence-transformers. Int8 keeps a cosine of 0.998 for each natural text and of 0.9993 on average;
// with products in float32 the rounded weights alone keep 0.9985 and 0.9995.
func TestGoldenIdsExactCosineWithinTolerance(t *testing.T) {
	dir := filepath.Join("..", "bert", "testdata")
	f, err := os.Open(filepath.Join(dir, "golden.json.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var golden struct {
		Natural int
		Texts   []struct {
			Text string
			IDs  []int32
		}
	}
	require.NoError(t, json.NewDecoder(z).Decode(&golden))
	want, err := embed.ReadNPYFile(filepath.Join(dir, "golden.npy"))
	require.NoError(t, err)
	require.Len(t, golden.Texts, want.Rows)
	require.GreaterOrEqual(t, len(golden.Texts), 500)

	for _, c := range []struct {
		precision        bert.Precision
		asked            bert.Precision
		eachMin, meanMin float64
	}{{bert.Int8, "", 0.998, 0.9993}, {bert.FP32, bert.FP32, 0.9985, 0.9995}} {
		e, err := New(bert.Config{Precision: c.asked})
		require.NoError(t, err)
		require.Equal(t, c.precision, e.Precision())
		texts := make([]string, len(golden.Texts))
		for i, g := range golden.Texts {
			texts[i] = g.Text
			ids, _ := e.Tokens(g.Text)
			require.Equal(t, g.IDs, ids, "text %d: %.60q", i, g.Text)
		}
		got, err := e.Embed(t.Context(), texts)
		require.NoError(t, err)
		least, mean := 1.0, 0.0
		for i := range golden.Natural {
			var dot, aa, bb float64
			for j := range want.Cols {
				a, b := float64(got.Data[i*got.Stride+j]), float64(want.Data[i*want.Stride+j])
				dot, aa, bb = dot+a*b, aa+a*a, bb+b*b
			}
			cosine := dot / math.Sqrt(aa*bb)
			least, mean = min(least, cosine), mean+cosine/float64(golden.Natural)
		}
		t.Logf("%s: cosine least %.5f, mean %.5f", c.precision, least, mean)
		require.GreaterOrEqual(t, least, c.eachMin)
		require.GreaterOrEqual(t, mean, c.meanMin)
	}
}

func TestIdentityIsThatOfTheEncoderExact(t *testing.T) {
	e, err := New(bert.DefaultConfig())
	require.NoError(t, err)
	require.Equal(t, Identity, e.Identity())
}
