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

// TestOtherModelsWithinTolerance holds e5-small-v2, with both of its prompts, and paraphrase-MiniLM-L3-v2 to
// sentence-transformers, as TestGoldenWithinTolerance does all-MiniLM-L6-v2. scripts/golden/onnx_dir.py makes their
// directories of published packages.
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
	require.Len(t, g.Models, 3)
	var all goldenTexts
	unzip(t, "golden.json.gz", &all)
	for _, m := range g.Models {
		t.Run(m.Env+m.PromptName, func(t *testing.T) {
			dir := os.Getenv(m.Env)
			if dir == "" {
				t.Skip("set " + m.Env + " to what scripts/golden/onnx_dir.py makes, to compare another model with sentence-transformers")
			}
			b, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
			require.NoError(t, err)
			require.Equal(t, m.SHA256, fmt.Sprintf("%x", sha256.Sum256(b)))
			rows, err := base64.StdEncoding.DecodeString(m.Rows)
			require.NoError(t, err)
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
					want := make([]float32, e.Dim())
					for j := range want {
						want[j] = math.Float32frombits(binary.LittleEndian.Uint32(rows[4*(k*e.Dim()+j):]))
					}
					cosine, diff := compare(embedAll(t, e, []string{text})[0], want)
					require.GreaterOrEqual(t, cosine, 0.99999, "%.60q", text)
					require.LessOrEqual(t, diff, 1e-5, "%.60q", text)
					least, most = min(least, cosine), max(most, diff)
				}
				t.Logf("%s: cosine at least 1 − %.1e, difference at most %.1e", level, 1-least, most)
			}
		})
	}
}
