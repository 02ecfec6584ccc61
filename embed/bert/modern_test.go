package bert

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// goldenModern is modern.json.gz, which scripts/golden/bert_modern.py writes.
type goldenModern struct {
	Texts []string
	Cases []struct {
		Name    string
		Files   map[string]string
		Tensors map[string][]int
		IDs     [][]int32
		Rows    [][]float32
	}
}

// moderns returns the models of the golden file.
func moderns(tb testing.TB, g *goldenModern) []*tiny {
	tb.Helper()
	unzip(tb, "modern.json.gz", g)
	var out []*tiny
	for _, c := range g.Cases {
		m := &tiny{files: c.Files}
		for name, shape := range c.Tensors {
			rule := strings.ReplaceAll(strings.TrimPrefix(name, "model."), "norm.", "LayerNorm.")
			m.tensors = append(m.tensors, safetensors.FromFloat32(name, shape, ruleWeights(rule, shape...)))
		}
		out = append(out, m)
	}
	require.Len(tb, out, 3)
	return out
}

// TestModernBERTWithinTolerance holds ModernBERT to sentence-transformers: the same token ids, a
// cosine of at least 0.999999 and no element off by more than 1e-5, by every instruction set. In
// int8, and converted, the cosine is at least 0.999. The texts are longer than the window of the
// local layers, longer than what attention takes at once, of one token, and of none.
func TestModernBERTWithinTolerance(t *testing.T) {
	var g goldenModern
	for i, m := range moderns(t, &g) {
		c := g.Cases[i]
		t.Run(c.Name, func(t *testing.T) {
			dir := m.save(t)
			check := func(e *Encoder, least, most float64) {
				rows := embedAll(t, e, g.Texts)
				for k, text := range g.Texts {
					ids, _ := e.Tokens(text)
					require.Equal(t, c.IDs[k], append([]int32{}, ids...), "%q", text)
					if len(ids) == 0 {
						require.Equal(t, make([]float32, e.Dim()), rows[k])
						continue
					}
					cosine, diff := compare(rows[k], c.Rows[k])
					require.GreaterOrEqual(t, cosine, least, "%d tokens: %.60q", len(ids), text)
					require.LessOrEqual(t, diff, most, "%d tokens: %.60q", len(ids), text)
				}
			}
			var b bytes.Buffer
			require.NoError(t, Convert(dir, &b))
			var want [][]uint32
			for _, level := range levels() {
				check(load(t, dir, Config{Kernels: level}), 0.999999, 1e-5)
				e, err := Parse("here", b.Bytes(), Config{Kernels: level})
				require.NoError(t, err)
				require.Equal(t, Int8, e.Precision())
				check(e, 0.999, 0.05)
				rows := bitsOf(embedAll(t, e, g.Texts))
				if want == nil {
					want = rows
				}
				require.Equal(t, want, rows, level)
			}
			check(load(t, dir, Config{Precision: Int8}), 0.999, 0.05)
			again, err := Parse("here", b.Bytes(), Config{MaxTokens: 5, Windows: true})
			require.NoError(t, err)
			embedAll(t, again, g.Texts)
		})
	}
}

// TestModernBERTRefused: what a ModernBERT cannot be is named.
func TestModernBERTRefused(t *testing.T) {
	for _, c := range []struct {
		field string
		value any
		want  string
	}{
		{"local_attention", 1, "config.json: local_attention is 1, want 2 to 1048576"},
		{"global_rope_theta", 0, "config.json: rope_theta of full_attention is 0, want 1 to 1e12"},
		{"local_rope_theta", -1, "config.json: rope_theta of sliding_attention is -1, want 1 to 1e12"},
		{"rope_parameters", map[string]any{"full_attention": map[string]any{"rope_type": "yarn"}}, `rope_parameters.full_attention.rope_type is "yarn", want "default"`},
		{"rope_scaling", map[string]any{"factor": 2}, "rope_scaling is map[factor:2], want null"},
		{"layer_types", []string{"full_attention"}, "the number of layer_types is 1, want num_hidden_layers 5"},
		{"layer_types", []string{"full_attention", "linear"}, `layer_types[1] is "linear", want full_attention or sliding_attention`},
		{"global_attn_every_n_layers", 0, "global_attn_every_n_layers is 0, want at least 1"},
		{"num_attention_heads", 4, "hidden_size/num_attention_heads is 9, want an even number"},
		{"max_position_embeddings", 1 << 20, "max_position_embeddings is 1048576, want at most 65536"},
		{"hidden_activation", "silu", `hidden_act is "silu"`},
		{"attention_bias", true, `tensor "layers.0.attn.Wqkv.bias" is missing`},
		{"norm_bias", true, `tensor "embeddings.norm.bias" is missing`},
		{"intermediate_size", 45, `tensor "layers.0.mlp.Wi.weight" has shape [88 36], want [90 36]`},
		{"num_hidden_layers", 6, `tensor "layers.5.attn.Wqkv.weight" is missing`},
	} {
		var g goldenModern
		m := moderns(t, &g)[0]
		m.set(t, "config.json", c.field, c.value)
		refuses(t, m.save(t), c.want)
	}
}

// TestModernBERTDefaults: what config.json leaves out is that of ModernBERT-base.
func TestModernBERTDefaults(t *testing.T) {
	var g goldenModern
	m := moderns(t, &g)[0]
	m.files["config.json"] = `{"model_type": "modernbert"}`
	delete(m.files, "sentence_bert_config.json")
	d, err := readDir(m.save(t))
	require.NoError(t, err)
	require.Equal(t, []int{768, 1152, 22, 12, 8192, 8192, 0}, []int{d.Hidden, d.Inner, d.Layers, d.Heads, d.Positions, d.MaxTokens, d.Types})
	require.Equal(t, []any{"gelu", 1e-5, 128, 160000.0, 10000.0}, []any{d.Act, d.Eps, d.Modern.Window, d.Modern.Theta, d.Modern.LocalTheta})
	for i, local := range d.Modern.Local {
		require.Equal(t, i%3 > 0, local, i)
	}
}

// TestMixWindowExact: attention within a window has the bits of attention to all tokens where the
// window is as wide as the text, and otherwise those of a text that is only the window.
func TestMixWindowExact(t *testing.T) {
	const h, heads, m = 24, 2, 150
	kernels, err := simd.For(simd.Default())
	require.NoError(t, err)
	e := &Encoder{shape: shape{Hidden: h, Heads: heads}, kernels: kernels}
	qkv := matrix(m, 3*h, 3*h, ruleWeights("qkv", m*3*h))
	for i := range qkv.Data {
		qkv.Data[i] *= 16
	}
	s := &scratch{}
	row := func(x []float32, i int) []uint32 { return bitsOf([][]float32{x[i*h:][:h]})[0] }
	whole := matrix(m, h, h, make([]float32, m*h))
	require.True(t, e.mixPiece(t.Context(), s, whole, qkv))
	for _, reach := range []int{0, m - 1, 2 * m} {
		got := matrix(m, h, h, make([]float32, m*h))
		require.True(t, e.mixWindow(t.Context(), s, got, qkv, reach))
		require.Equal(t, bitsOf([][]float32{whole.Data}), bitsOf([][]float32{got.Data}), reach)
	}
	for _, reach := range []int{1, 7, 64, 70} {
		got := matrix(m, h, h, slices.Repeat([]float32{float32(math.NaN())}, m*h))
		require.True(t, e.mixWindow(t.Context(), s, got, qkv, reach))
		for i := range m {
			lo, hi := max(0, i-reach), min(m, i+reach+1)
			part := matrix(hi-lo, h, h, make([]float32, (hi-lo)*h))
			require.True(t, e.mixPiece(t.Context(), s, part, matrix(hi-lo, 3*h, 3*h, qkv.Data[lo*3*h:])))
			require.Equal(t, row(part.Data, i-lo), row(got.Data, i), "row %d, reach %d", i, reach)
		}
	}
}
