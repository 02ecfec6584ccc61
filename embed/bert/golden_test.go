package bert

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/simd"
)

func unzip(tb testing.TB, name string, v any) {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	require.NoError(tb, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(tb, err)
	b, err := io.ReadAll(z)
	require.NoError(tb, err)
	require.NoError(tb, json.Unmarshal(b, v))
}

// goldenTexts is golden.json.gz: texts with their token ids, the first Natural of them natural.
type goldenTexts struct {
	Natural int
	Texts   []struct {
		Text string
		IDs  []int32
	}
}

// TestGoldenWithinTolerance holds all-MiniLM-L6-v2 in float32 to sentence-transformers: the same token ids, a cosine of at
// least 0.99999 and no element off by more than 1e-5, for every text and every instruction set of this machine. With -short
// each instruction set does a part of the texts.
func TestGoldenWithinTolerance(t *testing.T) {
	dir := os.Getenv("GOBERTOPIC_MODEL_DIR")
	if dir == "" {
		t.Skip("set GOBERTOPIC_MODEL_DIR to the directory of all-MiniLM-L6-v2 (the one with model.safetensors) to compare with sentence-transformers")
	}
	var g goldenTexts
	unzip(t, "golden.json.gz", &g)
	want, err := embed.ReadNPYFile(filepath.Join("testdata", "golden.npy"))
	require.NoError(t, err)
	require.Len(t, g.Texts, want.Rows)
	require.GreaterOrEqual(t, len(g.Texts), 500)
	for _, level := range levels() {
		t.Run(level, func(t *testing.T) {
			e := load(t, dir, Config{Kernels: level})
			require.Equal(t, level, e.Kernels())
			step := 1
			if testing.Short() {
				step = 16
				if level == string(simd.PureGo) {
					step = 97
				}
			}
			var places []int
			var texts []string
			for i := 0; i < len(g.Texts); i += step {
				ids, cut := e.Tokens(g.Texts[i].Text)
				require.Equal(t, g.Texts[i].IDs, ids, "text %d: %.60q", i, g.Texts[i].Text)
				require.False(t, cut && len(ids) != e.MaxTokens(), "text %d is cut at %d tokens", i, len(ids))
				places, texts = append(places, i), append(texts, g.Texts[i].Text)
			}
			least, most := 1.0, 0.0
			for k, row := range embedAll(t, e, texts) {
				i := places[k]
				cosine, diff := compare(row, want.Data[i*want.Stride:][:want.Cols])
				require.GreaterOrEqual(t, cosine, 0.99999, "text %d: %.60q", i, texts[k])
				require.LessOrEqual(t, diff, 1e-5, "text %d: %.60q", i, texts[k])
				least, most = min(least, cosine), max(most, diff)
			}
			t.Logf("%d texts: cosine at least 1 − %.1e, difference at most %.1e", len(texts), 1-least, most)
		})
	}
}

// TestTinyGoldenWithinTolerance holds small models of many kinds to sentence-transformers: pooling, activation, length,
// case, prompts, and what a directory leaves out. Token ids are the same; vectors differ by no more than 4e-6 where their largest
// element is around 3, or 1e-6 when normalised.
func TestTinyGoldenWithinTolerance(t *testing.T) {
	var g struct {
		Hidden, Layers, Inner, Positions, Types int

		Texts []string
		Cases []struct {
			Name  string
			Files map[string]string

			Prompt     string
			PromptName string `json:"prompt_name"`

			IDs  [][]int32
			Rows [][]float32
		}
	}
	unzip(t, "tiny.json.gz", &g)
	require.Len(t, g.Cases, 22)
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			s := shape{Hidden: g.Hidden, Layers: g.Layers, Inner: g.Inner, Positions: g.Positions, Types: g.Types}
			m := &tiny{shape: s, files: c.Files, tensors: tinyTensors(s, len(tinyVocab()))}
			dir := m.save(t)
			for _, level := range levels() {
				e := load(t, dir, Config{Kernels: level, Prompt: c.Prompt, PromptName: c.PromptName})
				for i, text := range g.Texts {
					ids, cut := e.Tokens(text)
					require.Equal(t, c.IDs[i], ids, "text %d: %q", i, text)
					require.False(t, cut && len(ids) != e.MaxTokens())
				}
				tolerance := 4e-6
				if e.shape.Normalize {
					tolerance = 1e-6
				}
				for i, row := range embedAll(t, e, g.Texts) {
					cosine, diff := compare(row, c.Rows[i])
					require.LessOrEqual(t, diff, tolerance, "%s, text %d: %q", level, i, g.Texts[i])
					require.GreaterOrEqual(t, cosine, 1-1e-9, "%s, text %d: %q", level, i, g.Texts[i])
				}
			}
		})
	}
}
