package bert

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// TestOtherModelsWithinTolerance holds e5-small-v2, from int8 weights with both of its prompts and
// from float32 ones, paraphrase-MiniLM-L3-v2, bge-small-en-v1.5, multilingual-e5-small (from weights
// of 4 bits) and all-mpnet-base-v2 to sentence-transformers, as TestGoldenWithinTolerance does
// all-MiniLM-L6-v2. In int8 the cosines for natural texts have a least and a mean.
// scripts/golden/bert_others.py says where the models are published.
func TestOtherModelsWithinTolerance(t *testing.T) {
	var g struct {
		Models []struct {
			Env, SHA256 string
			PromptName  string `json:"prompt_name"`
			Places      []int
			IDs         [][]int32
			Rows        string
		}
	}
	unzip(t, "others.json.gz", &g)
	require.Len(t, g.Models, 7)
	var all goldenTexts
	unzip(t, "golden.json.gz", &all)
	for _, m := range g.Models {
		t.Run(m.Env+m.PromptName, func(t *testing.T) {
			dir := os.Getenv(m.Env)
			if dir == "" {
				t.Skip("set " + m.Env + " to the directory that scripts/golden/bert_others.py was given for it, to compare another model with sentence-transformers")
			}
			b, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
			require.NoError(t, err)
			require.Equal(t, m.SHA256, fmt.Sprintf("%x", sha256.Sum256(b)))
			rows, err := base64.StdEncoding.DecodeString(m.Rows)
			require.NoError(t, err)
			want := func(k, dim int) []float32 {
				row := make([]float32, dim)
				for j := range row {
					row[j] = math.Float32frombits(binary.LittleEndian.Uint32(rows[4*(k*dim+j):]))
				}
				return row
			}
			for _, level := range levels() {
				step := 5
				switch {
				case level == string(simd.Default()):
					step = 1
				case testing.Short() || level == string(simd.PureGo):
					step = 9
				}
				e := load(t, dir, Config{Kernels: level, PromptName: m.PromptName})
				require.Len(t, rows, 4*e.Dim()*len(m.Places))
				least, most := 1.0, 0.0
				for k := 0; k < len(m.Places); k += step {
					text := all.Texts[m.Places[k]].Text
					ids, _ := e.Tokens(text)
					require.Equal(t, m.IDs[k], ids, "%.60q", text)
					if level == string(simd.PureGo) && e.Dim() > 384 && len(ids) > 64 {
						continue
					}
					cosine, diff := compare(embedAll(t, e, []string{text})[0], want(k, e.Dim()))
					require.GreaterOrEqual(t, cosine, 0.99999, "%.60q", text)
					require.LessOrEqual(t, diff, 1e-5, "%.60q", text)
					least, most = min(least, cosine), max(most, diff)
				}
				t.Logf("%s: cosine at least 1 − %.1e, difference at most %.1e", level, 1-least, most)
			}

			e := load(t, dir, Config{Precision: Int8, PromptName: m.PromptName})
			least, mean, n := 1.0, 0.0, 0
			for k, i := range m.Places {
				if i < all.Natural {
					cosine, _ := compare(embedAll(t, e, []string{all.Texts[i].Text})[0], want(k, e.Dim()))
					least, mean, n = min(least, cosine), mean+cosine, n+1
				}
			}
			mean /= float64(n)
			t.Logf("int8: cosine at least %.5f, mean %.5f, %d natural texts", least, mean, n)
			require.GreaterOrEqual(t, least, 0.997)
			require.GreaterOrEqual(t, mean, 0.9993)
		})
	}
}
