package bert

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
)

// TestEmbedIDsExact: the ids of a text give the vector of a model that takes the mean and does not normalise, whatever the
// model's own pooling is, with and without company.
func TestEmbedIDsExact(t *testing.T) {
	raw := newTiny(t)
	raw.files["modules.json"] = `[{"path": "", "type": "Transformer"}, {"path": "1_Pooling", "type": "Pooling"}]`
	want := load(t, raw.save(t), Config{})
	m := newTiny(t).set(t, "1_Pooling/config.json", "pooling_mode", "cls")
	e := load(t, m.save(t), Config{Prompt: "a prompt that is not used"})
	texts := tinyTexts(60)
	ids := make([][]int32, len(texts))
	for i, text := range texts {
		ids[i], _ = want.Tokens(text)
	}
	x, err := e.EmbedIDs(t.Context(), ids, embed.Options{Workers: 3})
	require.NoError(t, err)
	rows := embedAll(t, want, texts)
	for i := range rows {
		require.Equal(t, rows[i], x.Data[i*x.Stride:][:x.Cols], "text %d", i)
		alone, err := e.EmbedIDs(t.Context(), ids[i:i+1], embed.Options{})
		require.NoError(t, err)
		require.Equal(t, rows[i], alone.Data)
	}
	length := 0.0
	for _, v := range rows[1] {
		length += float64(v) * float64(v)
	}
	require.Greater(t, math.Abs(length-1), 0.1, "not normalised")

	x, err = e.EmbedIDs(t.Context(), [][]int32{{}, {2, 3}}, embed.Options{})
	require.NoError(t, err)
	require.Equal(t, make([]float32, e.Dim()), x.Data[:e.Dim()])
	x, err = e.EmbedIDs(t.Context(), nil, embed.Options{})
	require.NoError(t, err)
	require.Zero(t, x.Rows)
}

func TestEmbedIDsRefuses(t *testing.T) {
	e := load(t, newTiny(t).save(t), Config{})
	_, err := e.EmbedIDs(t.Context(), [][]int32{{2}, make([]int32, 71)}, embed.Options{})
	require.ErrorContains(t, err, "sequence 1 has 71 tokens, want at most the model's 70 positions")
	for _, id := range []int32{-1, 97, math.MaxInt32} {
		_, err = e.EmbedIDs(t.Context(), [][]int32{{2, id}}, embed.Options{})
		require.ErrorContains(t, err, "sequence 0, token 1 has the id")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = e.EmbedIDs(ctx, [][]int32{{2}}, embed.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// TestIdentity: whatever changes a vector changes the identity, and nothing else does.
func TestIdentity(t *testing.T) {
	id := func(m *tiny, c Config) string { return load(t, m.save(t), c).Identity() }
	want := id(newTiny(t), Config{})
	require.Equal(t, want, id(newTiny(t), Config{Workers: 3, MaxTokens: 70, Precision: FP32}))
	require.Regexp(t, "^bert [0-9a-f]{32} ", want)

	pooled := newTiny(t).set(t, "1_Pooling/config.json", "pooling_mode", "cls")
	spelled := newTiny(t)
	spelled.files["vocab.txt"] += "another"
	w := spelled.tensor(t, "embeddings.word_embeddings.weight")
	w.Shape[0]++
	w.Data = append(w.Data, make([]byte, 4*36)...)
	cased := newTiny(t).set(t, "tokenizer_config.json", "do_lower_case", false)
	seen := map[string]bool{want: true}
	for i, other := range []string{
		id(newTiny(t), Config{MaxTokens: 69}), id(newTiny(t), Config{Prompt: "a"}), id(newTiny(t), Config{Prompt: "b"}),
		id(newTiny(t), Config{Precision: Int8}), id(newTiny(t), Config{Windows: true}),
		id(pooled, Config{}), id(spelled, Config{}), id(cased, Config{}),
	} {
		require.False(t, seen[other], "case %d: %s", i, other)
		seen[other] = true
	}
	for i := range newTiny(t).tensors {
		m := newTiny(t)
		d := m.tensors[i].Data
		binary.LittleEndian.PutUint32(d[len(d)-4:], binary.LittleEndian.Uint32(d[len(d)-4:])^1)
		other := id(m, Config{})
		require.False(t, seen[other], m.tensors[i].Name)
		seen[other] = true
	}
	if levels := levels(); len(levels) > 1 {
		best := levels[len(levels)-1]
		require.NotEqual(t, id(newTiny(t), Config{Kernels: "purego"}), id(newTiny(t), Config{Kernels: best}))
		require.Equal(t, id(newTiny(t), Config{Kernels: "purego", Precision: Int8}), id(newTiny(t), Config{Kernels: best, Precision: Int8}))
	}
}
