package bgesmall

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed/bert"
)

func TestWeightsAreThoseOfTheNotice(t *testing.T) {
	notice, err := os.ReadFile("NOTICE")
	require.NoError(t, err)
	require.Contains(t, string(notice), fmt.Sprintf("SHA-256 %x\n", sha256.Sum256(weights)))
	require.LessOrEqual(t, len(weights), 37_000_000)
}

func unzip(t *testing.T, name string, v any) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "bert", "testdata", name))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(v))
}

// Token ids are those of sentence-transformers. Int8 keeps a cosine of 0.9993 for each natural text
// and of 0.9996 on average; with products in float32 the rounded weights alone keep 0.9995 and 0.9998.
func TestGoldenIdsExactCosineWithinTolerance(t *testing.T) {
	var all struct {
		Natural int
		Texts   []struct{ Text string }
	}
	unzip(t, "golden.json.gz", &all)
	var others struct {
		Models []struct {
			Env    string
			Places []int
			IDs    [][]int32
			Rows   string
		}
	}
	unzip(t, "others.json.gz", &others)
	for _, m := range others.Models {
		if m.Env != "GOBERTOPIC_BGE_DIR" {
			continue
		}
		rows, err := base64.StdEncoding.DecodeString(m.Rows)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(m.Places), 100)
		for _, c := range []struct {
			asked, precision bert.Precision
			eachMin, meanMin float64
		}{{"", bert.Int8, 0.9993, 0.9996}, {bert.FP32, bert.FP32, 0.9995, 0.9998}} {
			e, err := New(bert.Config{Precision: c.asked})
			require.NoError(t, err)
			require.Equal(t, c.precision, e.Precision())
			require.Equal(t, 512, e.MaxTokens())
			require.Len(t, rows, 4*e.Dim()*len(m.Places))
			texts := make([]string, len(m.Places))
			for k, i := range m.Places {
				texts[k] = all.Texts[i].Text
				ids, _ := e.Tokens(texts[k])
				require.Equal(t, m.IDs[k], ids, "%.60q", texts[k])
			}
			got, err := e.Embed(t.Context(), texts)
			require.NoError(t, err)
			least, mean, natural := 1.0, 0.0, 0
			for k, i := range m.Places {
				var dot, aa, bb float64
				for j := range e.Dim() {
					a := float64(got.Data[k*got.Stride+j])
					b := float64(math.Float32frombits(binary.LittleEndian.Uint32(rows[4*(k*e.Dim()+j):])))
					dot, aa, bb = dot+a*b, aa+a*a, bb+b*b
				}
				require.InDelta(t, 1, aa, 1e-6)
				if i < all.Natural {
					cosine := dot / math.Sqrt(aa*bb)
					least, mean, natural = min(least, cosine), mean+cosine, natural+1
				}
			}
			mean /= float64(natural)
			t.Logf("%s: cosine least %.5f, mean %.5f, %d natural texts", c.precision, least, mean, natural)
			require.GreaterOrEqual(t, least, c.eachMin)
			require.GreaterOrEqual(t, mean, c.meanMin)
		}
		return
	}
	t.Fatal("the golden file has no bge-small-en-v1.5")
}
