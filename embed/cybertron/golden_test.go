package cybertron

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
)

const modelEnv = "GOBERTOPIC_MODEL_DIR"

// modelDir is the directory of all-MiniLM-L6-v2, or the end of the test.
func modelDir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv(modelEnv)
	if dir == "" {
		tb.Skip("set " + modelEnv + " to the directory of all-MiniLM-L6-v2 (the one with model.safetensors) to compare with sentence-transformers")
	}
	return dir
}

// goldenTexts is golden.json.gz: texts with their token ids, the first Natural of them natural.
type goldenTexts struct {
	Natural int
	Texts   []struct {
		Text string
		IDs  []int32
	}
}

// readGolden reads one of package bert's golden files, which hold what sentence-transformers says.
func readGolden(tb testing.TB, name string, v any) {
	tb.Helper()
	f, err := os.Open(filepath.Join("..", "bert", "testdata", name))
	require.NoError(tb, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(tb, err)
	require.NoError(tb, json.NewDecoder(z).Decode(v))
}

// TestGoldenWithinTolerance holds all-MiniLM-L6-v2 to sentence-transformers: the same token ids, a cosine of at least
// 0.99999 and no element off by more than 1e-5, for every third of the texts, with natural, hostile and cut ones among them.
// GOBERTOPIC_GOLDEN=all takes every text.
func TestGoldenWithinTolerance(t *testing.T) {
	src := modelDir(t)
	dst := filepath.Join(t.TempDir(), "model")
	require.NoError(t, Convert(dst, src))
	e := mustLoad(t, dst, Config{})
	var g goldenTexts
	readGolden(t, "golden.json.gz", &g)
	want, err := embed.ReadNPYFile(filepath.Join("..", "bert", "testdata", "golden.npy"))
	require.NoError(t, err)
	require.Len(t, g.Texts, want.Rows)
	step := 3
	switch {
	case os.Getenv("GOBERTOPIC_GOLDEN") == "all":
		step = 1
	case testing.Short():
		step = 40
	}
	var places []int
	var texts []string
	var hostile, long int
	for i := 0; i < len(g.Texts); i += step {
		ids, cut := e.Tokens(g.Texts[i].Text)
		require.Equal(t, g.Texts[i].IDs, ids, "text %d: %.60q", i, g.Texts[i].Text)
		if i >= g.Natural {
			hostile++
		}
		if cut {
			require.Len(t, ids, e.MaxTokens())
			long++
		}
		places, texts = append(places, i), append(texts, g.Texts[i].Text)
	}
	if step <= 3 {
		require.GreaterOrEqual(t, len(texts)-hostile, 100)
		require.GreaterOrEqual(t, hostile, 50)
		require.GreaterOrEqual(t, long, 5)
	}
	told := -1
	x, err := e.EmbedWith(t.Context(), texts, embed.Options{Cut: func(n int) { told = n }})
	require.NoError(t, err)
	require.Equal(t, long, told)
	least, most := 1.0, 0.0
	for k, i := range places {
		cosine, diff := compare(x.Data[k*x.Stride:][:x.Cols], want.Data[i*want.Stride:][:want.Cols])
		require.GreaterOrEqual(t, cosine, 0.99999, "text %d: %.60q", i, texts[k])
		require.LessOrEqual(t, diff, 1e-5, "text %d: %.60q", i, texts[k])
		least, most = min(least, cosine), max(most, diff)
	}
	t.Logf("%d texts, %d hostile, %d cut: cosine at least 1 − %.1e, difference at most %.1e", len(texts), hostile, long, 1-least, most)
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
	readGolden(t, "tiny.json.gz", &g)
	require.Len(t, g.Cases, 22)
	words := len(newTiny().tensor(t, wordTensor).Data) / 4 / g.Hidden
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			m := &tiny{files: c.Files, tensors: tinyTensors(g.Hidden, g.Layers, g.Inner, g.Positions, g.Types, words)}
			e := mustLoad(t, m.convert(t), Config{Prompt: c.Prompt, PromptName: c.PromptName})
			for i, text := range g.Texts {
				ids, _ := e.Tokens(text)
				require.Equal(t, c.IDs[i], ids, "text %d: %q", i, text)
			}
			tolerance := 4e-6
			if e.settings.Normalize {
				tolerance = 1e-6
			}
			for i, row := range embedAll(t, e, g.Texts) {
				cosine, diff := compare(row, c.Rows[i])
				require.LessOrEqual(t, diff, tolerance, "text %d: %q", i, g.Texts[i])
				require.GreaterOrEqual(t, cosine, 1-1e-9, "text %d: %q", i, g.Texts[i])
			}
		})
	}
}
