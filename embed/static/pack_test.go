package static

import (
	"bytes"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// TestPackAndParseGiveTheSameBits: the model of a packed file is the model, for each kind of table.
func TestPackAndParseGiveTheSameBits(t *testing.T) {
	for k := range golden(t).Cases {
		m, g := open(t, k, DefaultConfig())
		for _, m := range []*Model{m, m.Quantise()} {
			var b, twice bytes.Buffer
			require.NoError(t, m.Pack(&b))
			again, err := Parse("packed", b.Bytes(), DefaultConfig())
			require.NoError(t, err)
			require.Equal(t, m.Size(), again.Size())
			require.Equal(t, m.MaxTokens(), again.MaxTokens())
			x, err := m.Embed(t.Context(), g.Texts)
			require.NoError(t, err)
			y, err := again.Embed(t.Context(), g.Texts)
			require.NoError(t, err)
			require.Equal(t, x, y)
			require.NoError(t, again.Pack(&twice))
			require.Equal(t, b.Bytes(), twice.Bytes())
		}
	}
}

// TestQuantiseWithinTolerance: no value of the table is off by more than half a step of its row, Save keeps the result, and
// a table of int8 is left as it is.
func TestQuantiseWithinTolerance(t *testing.T) {
	for k := range golden(t).Cases {
		m, g := open(t, k, DefaultConfig())
		q := m.Quantise()
		if m.small != nil {
			require.Same(t, m, q)
			continue
		}
		require.Nil(t, q.table)
		for id := range q.weights {
			at, w := id, float32(1)
			if m.mapping != nil {
				at = int(m.mapping[id])
			}
			if m.weights != nil {
				w = m.weights[id]
			}
			for j, v := range m.table[at*m.dim:][:m.dim] {
				got := float64(int8(q.small[at*m.dim+j])) * float64(q.weights[id])
				require.InDelta(t, float64(v)*float64(w), got, 0.5001*math.Abs(float64(q.weights[id]))+1e-30)
			}
		}
		require.NotEqual(t, m.Identity(), q.Identity())
		dir := filepath.Join(t.TempDir(), "q")
		require.NoError(t, q.Save(dir))
		again, err := Load(dir, DefaultConfig())
		require.NoError(t, err)
		x, err := q.Embed(t.Context(), g.Texts)
		require.NoError(t, err)
		y, err := again.Embed(t.Context(), g.Texts)
		require.NoError(t, err)
		require.Equal(t, x, y)
	}
}

// pack is a packed model, changed before it is written.
func pack(t testing.TB, change func(ts []safetensors.Tensor, meta map[string]string) []safetensors.Tensor) []byte {
	t.Helper()
	m, _ := open(t, 0, DefaultConfig())
	var b, out bytes.Buffer
	require.NoError(t, m.Quantise().Pack(&b))
	f, err := safetensors.Parse(b.Bytes())
	require.NoError(t, err)
	var ts []safetensors.Tensor
	for _, name := range f.Names() {
		tensor, err := f.Tensor(name)
		require.NoError(t, err)
		ts = append(ts, tensor)
	}
	meta := f.Metadata()
	require.NoError(t, safetensors.Write(&out, change(ts, meta), meta))
	return out.Bytes()
}

func TestParseRefuses(t *testing.T) {
	keep := func(ts []safetensors.Tensor, _ map[string]string) []safetensors.Tensor { return ts }
	set := func(key, value string) func([]safetensors.Tensor, map[string]string) []safetensors.Tensor {
		return func(ts []safetensors.Tensor, meta map[string]string) []safetensors.Tensor {
			meta[key] = value
			return ts
		}
	}
	good := pack(t, keep)
	_, err := Parse("p", good, DefaultConfig())
	require.NoError(t, err)
	for want, data := range map[string][]byte{
		"file has 0 bytes":        nil,
		"header is to have":       good[:100],
		"metadata static: ":       pack(t, set(metaModel, "")),
		"max_length is negative":  pack(t, set(metaModel, `{"max_length": -1}`)),
		"metadata tokenizer: ":    pack(t, set(metaTokenizer, "{")),
		"model.type is missing":   pack(t, set(metaTokenizer, "{}")),
		"model.type is BPE":       pack(t, set(metaTokenizer, `{"model": {"type": "BPE"}}`)),
		"[UNK]":                   pack(t, set(metaVocab, "a\nb")),
		"lacks the unknown token": pack(t, set(metaVocab, "")),
		`tensor "embeddings"`:     pack(t, func([]safetensors.Tensor, map[string]string) []safetensors.Tensor { return nil }),
		"embeddings has shape [748 1 16]": pack(t, func(ts []safetensors.Tensor, _ map[string]string) []safetensors.Tensor {
			for i := range ts {
				if ts[i].Name == "embeddings" {
					ts[i].Shape = []int{748, 1, ts[i].Shape[1]}
				}
			}
			return ts
		}),
	} {
		var m *Model
		var err error
		require.NotPanics(t, func() { m, err = Parse("p", data, DefaultConfig()) })
		require.Nil(t, m)
		require.ErrorContains(t, err, "static embeddings: p: ")
		require.ErrorContains(t, err, want)
	}
	_, err = Parse("p", good, Config{Workers: -1})
	require.ErrorContains(t, err, "static.Config.Workers is -1")
}

// FuzzParse: a packed file is refused, or makes a model that works.
func FuzzParse(f *testing.F) {
	c := wordpiece.DefaultConfig()
	tok, err := newTokenizer([]string{"[UNK]", "the", "file", "##s"}, c, c.Unk)
	require.NoError(f, err)
	for _, m := range []*Model{
		{tok: tok, dim: 2, table: []float32{1, 2, 3, 4, 5, 6, 7, 8}, normalize: true, maxTokens: 5},
		{tok: tok, dim: 1, table: []float32{1, 2}, mapping: []int32{0, 1, 1, 0}, weights: []float32{1, 2, 3, 4}},
	} {
		for _, m := range []*Model{m, m.Quantise()} {
			var b bytes.Buffer
			require.NoError(f, m.Pack(&b))
			f.Add(b.Bytes())
		}
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		var m *Model
		var err error
		took := testutil.Allocated(func() { m, err = Parse("p", data, Config{Workers: 1}) })
		require.LessOrEqual(t, took, uint64(1<<23+512*len(data)), "memory beyond what the file calls for")
		if err != nil {
			return
		}
		x, err := m.Embed(t.Context(), []string{"", "the file map", "\x00é你"})
		require.NoError(t, err)
		require.Equal(t, 3, x.Rows)
	})
}
