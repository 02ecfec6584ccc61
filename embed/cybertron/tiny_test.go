package cybertron

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/sentencedir"
)

// tiny is a small sentence-transformers directory in the making: its text files and its tensors, for a test to change
// before it is saved.
type tiny struct {
	files   map[string]string
	tensors []safetensors.Tensor
}

// newTiny is a model of odd sizes with two layers that takes the mean and normalises it. It has a vocab.txt and no
// tokenizer.json.
func newTiny() *tiny {
	vocab := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789.,!?-" {
		vocab = append(vocab, string(c))
	}
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789" {
		vocab = append(vocab, "##"+string(c))
	}
	vocab = append(vocab, "the", "and", "error", "func", "##ing", "##ed", "Go", "A", "é", "##é", "read", "write", "file", "map", "##s")
	return &tiny{
		files: map[string]string{
			"config.json": `{"model_type": "bert", "hidden_size": 36, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 44,
				"hidden_act": "gelu", "layer_norm_eps": 1e-12, "max_position_embeddings": 70, "type_vocab_size": 2}`,
			"modules.json": `[
				{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
				{"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
				{"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]`,
			"1_Pooling/config.json": `{"word_embedding_dimension": 36, "pooling_mode_mean_tokens": true}`,
			"tokenizer_config.json": `{"tokenizer_class": "BertTokenizer", "do_lower_case": true}`,
			"vocab.txt":             strings.Join(vocab, "\n") + "\n",
		},
		tensors: tinyTensors(36, 2, 44, 70, 2, len(vocab)),
	}
}

// ruleWeights is the rule weights() of scripts/golden/bert_tiny.py: numbers that are exact in every type of float.
func ruleWeights(name string, shape ...int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	start := h.Sum64()
	n := 1
	for _, k := range shape {
		n *= k
	}
	v := make([]float32, n)
	for i := range v {
		z := (start + uint64(i)) * 0x9E3779B97F4A7C15
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		u := int(z>>56) - 128
		switch {
		case strings.HasPrefix(name, "embeddings.") && !strings.Contains(name, "LayerNorm"):
			v[i] = float32(u) / 128
		case strings.HasSuffix(name, "LayerNorm.weight"):
			v[i] = 1 + float32(u>>2)/128
		case len(shape) == 2:
			v[i] = float32(u) / 512
		default:
			v[i] = float32(u) / 1024
		}
	}
	return v
}

// tinyTensors are the tensors of a model with weights by rule.
func tinyTensors(hidden, layers, inner, positions, types, words int) []safetensors.Tensor {
	var ts []safetensors.Tensor
	add := func(name string, shape ...int) {
		ts = append(ts, safetensors.FromFloat32(name, shape, ruleWeights(name, shape...)))
	}
	s := &sentencedir.Dir{Shape: sentencedir.Shape{Hidden: hidden, Layers: layers, Inner: inner, Positions: positions, Types: types}}
	add(wordTensor, words, hidden)
	for name, shape := range tensorsOf(s) {
		add(name, shape...)
	}
	add("pooler.dense.weight", hidden, hidden)
	add("pooler.dense.bias", hidden)
	return ts
}

// set changes one field of one of the JSON files, which it makes when there is none; nil removes the field.
func (m *tiny) set(tb testing.TB, file, field string, value any) *tiny {
	tb.Helper()
	doc := map[string]any{}
	if text, ok := m.files[file]; ok {
		require.NoError(tb, json.Unmarshal([]byte(text), &doc))
	}
	doc[field] = value
	if value == nil {
		delete(doc, field)
	}
	b, err := json.Marshal(doc)
	require.NoError(tb, err)
	m.files[file] = string(b)
	return m
}

// tensor finds one of the tensors.
func (m *tiny) tensor(tb testing.TB, name string) *safetensors.Tensor {
	tb.Helper()
	i := slices.IndexFunc(m.tensors, func(t safetensors.Tensor) bool { return t.Name == name })
	require.GreaterOrEqual(tb, i, 0, name)
	return &m.tensors[i]
}

// save writes the sentence-transformers directory.
func (m *tiny) save(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range m.files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(tb, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(tb, os.WriteFile(path, []byte(text), 0o600))
	}
	var b bytes.Buffer
	require.NoError(tb, safetensors.Write(&b, m.tensors, map[string]string{"format": "pt"}))
	require.NoError(tb, os.WriteFile(filepath.Join(dir, "model.safetensors"), b.Bytes(), 0o600))
	return dir
}

// convert is save and Convert: the converted directory.
func (m *tiny) convert(tb testing.TB) string {
	tb.Helper()
	dst := filepath.Join(tb.TempDir(), "model")
	require.NoError(tb, Convert(dst, m.save(tb)))
	return dst
}

func mustLoad(tb testing.TB, dir string, cfg Config) *Encoder {
	tb.Helper()
	e, err := Load(dir, cfg)
	require.NoError(tb, err)
	return e
}

// embedAll is Embed, with finite results of the right shape.
func embedAll(tb testing.TB, e *Encoder, texts []string) [][]float32 {
	tb.Helper()
	x, err := e.Embed(tb.Context(), texts)
	require.NoError(tb, err)
	require.Equal(tb, len(texts), x.Rows)
	require.Equal(tb, e.Dim(), x.Cols)
	rows := make([][]float32, x.Rows)
	for i := range rows {
		rows[i] = x.Data[i*x.Stride:][:x.Cols]
		for j, v := range rows[i] {
			if v-v != 0 {
				tb.Fatalf("text %d, column %d is %v", i, j, v)
			}
		}
	}
	return rows
}

// bitsOf makes a comparison tell 0 from −0.
func bitsOf(rows [][]float32) [][]uint32 {
	out := make([][]uint32, len(rows))
	for i, r := range rows {
		for _, v := range r {
			out[i] = append(out[i], math.Float32bits(v))
		}
	}
	return out
}

// compare is the cosine and the largest difference of two vectors, both in float64.
func compare(a, b []float32) (cosine, diff float64) {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
		diff = max(diff, math.Abs(x-y))
	}
	return ab / math.Sqrt(aa*bb), diff
}

// tinyTexts is many texts of every length that newTiny's model can take, and longer ones.
func tinyTexts(n int) []string {
	words := []string{"the", "and", "Error:", "func", "reading", "files", "map", "x9", "Café", "你好", "[MASK]", "[SEP]", "!", "don't", "a-b"}
	out := make([]string, n)
	for i := range out {
		var b strings.Builder
		for k := range i * 7 % 40 {
			fmt.Fprintf(&b, "%s ", words[(i*i+k*5+k*k)%len(words)])
		}
		out[i] = b.String()
	}
	return out
}
