package bert

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

// FuzzParse: whatever the metadata and the place and type of a tensor of a converted model are, Parse refuses them or makes an
// encoder that works, in memory that the file calls for.
func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, Convert(newTiny(f).save(f), &b))
	whole, err := safetensors.Parse(b.Bytes())
	require.NoError(f, err)
	meta := whole.Metadata()
	f.Add(meta[metaShape], meta[metaTokenizer], meta[metaVocab], uint8(0), uint8(0), []byte(nil))
	f.Add(meta[metaShape], `{"Unk": "a", "Cls": "b", "Sep": "c", "MaxWordChars": 1}`, "a\nb\nc", uint8(3), uint8(1), []byte{1, 2})
	f.Add(`{"hidden_size": 1048576, "num_hidden_layers": 1048576, "num_attention_heads": 1}`, "{}", "", uint8(7), uint8(4), []byte(nil))
	f.Add(`{"prompts": {"a": "b"}, "default_prompt_name": "c"}`, "null", "[UNK]", uint8(9), uint8(7), []byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, shape, tokenizer, vocab string, which, how uint8, data []byte) {
		var ts []safetensors.Tensor
		for _, name := range whole.Names() {
			x, err := whole.Tensor(name)
			require.NoError(t, err)
			ts = append(ts, x)
		}
		x := &ts[int(which)%len(ts)]
		switch how % 8 {
		case 1:
			x.Name += "x"
		case 2:
			x.Shape = append([]int{1}, x.Shape...)
		case 3:
			x.Shape[0], x.Data = 0, nil
		case 4:
			x.DType = safetensors.F16
			x.Shape = append(x.Shape[:len(x.Shape)-1], 2*x.Shape[len(x.Shape)-1])
		case 5:
			x.Data = append([]byte(nil), x.Data...)
			copy(x.Data, data)
		case 6:
			x.Shape, x.Data, x.DType = []int{len(data)}, data, safetensors.I8
		}
		var out bytes.Buffer
		if safetensors.Write(&out, ts, map[string]string{metaShape: shape, metaTokenizer: tokenizer, metaVocab: vocab}) != nil {
			return
		}
		var e *Encoder
		var err error
		took := testutil.Allocated(func() { e, err = Parse("p", out.Bytes(), Config{Workers: 1}) })
		require.LessOrEqual(t, took, uint64(1<<24+64*out.Len()), "memory beyond what the file calls for")
		if err != nil {
			require.Nil(t, e)
			return
		}
		got, err := e.Embed(t.Context(), []string{"", "the file, map é 你"})
		require.NoError(t, err)
		require.Equal(t, 2, got.Rows)
	})
}
