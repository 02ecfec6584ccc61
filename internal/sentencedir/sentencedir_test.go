package sentencedir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
)

// files is a small directory; a test changes it before it is saved.
func files() map[string]string {
	return map[string]string{
		"config.json": `{"model_type": "bert", "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20,
			"hidden_act": "gelu", "layer_norm_eps": 1e-12, "max_position_embeddings": 40, "type_vocab_size": 2}`,
		"modules.json": `[{"path": "", "type": "sentence_transformers.models.Transformer"},
			{"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]`,
		"1_Pooling/config.json":             `{"pooling_mode": "cls", "include_prompt": false}`,
		"sentence_bert_config.json":         `{"max_seq_length": 30, "do_lower_case": true}`,
		"tokenizer_config.json":             `{"tokenizer_class": "BertTokenizer", "do_lower_case": false}`,
		"config_sentence_transformers.json": `{"prompts": {"query": "query: ", "none": ""}, "default_prompt_name": "query"}`,
		"vocab.txt":                         "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n",
	}
}

func save(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(tb, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(tb, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// TestReadExact: every field comes from its file. The backends that read directories test the rest through their Load.
func TestReadExact(t *testing.T) {
	dir := save(t, files())
	d, err := Read(dir)
	require.NoError(t, err)
	require.Equal(t, Shape{
		Hidden: 12, Layers: 2, Heads: 3, Inner: 20, Act: "gelu", Eps: 1e-12, Positions: 40, Types: 2, Pooling: CLS, Normalize: true, MaxTokens: 30,
		Prompts: Prompts{ByName: map[string]string{"query": "query: ", "none": ""}, Default: "query", Unpooled: true},
	}, d.Shape)
	require.Equal(t, dir, d.Home)
	require.True(t, d.Lowercase)
	ids, cut := d.Tok.Encode(nil, "A b", 0)
	require.Equal(t, []int32{2, 5, 6, 3}, ids)
	require.False(t, cut)
}

// TestDefaults: a directory with no more than it must have is BERT-base with mean pooling.
func TestDefaults(t *testing.T) {
	d, err := Read(save(t, map[string]string{"config.json": `{"model_type": "bert"}`, "vocab.txt": files()["vocab.txt"]}))
	require.NoError(t, err)
	require.Equal(t, Shape{Hidden: 768, Layers: 12, Heads: 12, Inner: 3072, Act: "gelu", Eps: 1e-12, Positions: 512, Types: 2, Pooling: Mean, MaxTokens: 512}, d.Shape)
}

// TestReadRefuses: Read is for encoders that know neither other ways of pooling nor Dense modules,
// which ReadAny reads.
func TestReadRefuses(t *testing.T) {
	f := files()
	f["1_Pooling/config.json"] = `{"pooling_mode": ["weightedmean"]}`
	dir := save(t, f)
	d, err := ReadAny(dir)
	require.NoError(t, err)
	require.Equal(t, Weighted, d.Pooling)
	_, err = Read(dir)
	require.ErrorContains(t, err, `: pooling is "weightedmean", want mean, cls or max`)

	f = files()
	f["modules.json"] = `[{"type": "Transformer"}, {"path": "1_Pooling", "type": "Pooling"}, {"path": "2", "type": "Dense"}, {"path": "3", "type": "Dense"}, {"type": "Normalize"}]`
	f["2/config.json"] = `{"in_features": 12, "out_features": 7, "bias": false, "activation_function": "torch.nn.modules.linear.Identity"}`
	f["3/config.json"] = `{"in_features": 7, "out_features": 9, "module_input_name": "sentence_embedding", "module_output_name": null}`
	dir = save(t, f)
	d, err = ReadAny(dir)
	require.NoError(t, err)
	require.Equal(t, []Dense{{In: 12, Out: 7}, {In: 7, Out: 9, Bias: true, Act: "Tanh"}}, d.Dense)
	require.Equal(t, []string{filepath.Join(dir, "2"), filepath.Join(dir, "3")}, d.DenseHome)
	require.Equal(t, 9, d.Out())
	require.True(t, d.Normalize)
	_, err = Read(dir)
	require.ErrorContains(t, err, "modules.json: the number of Dense modules is 2, want none")

	for text, want := range map[string]string{
		`{"in_features": 8, "out_features": 9}`:                                          "in_features is 8, want 7, the columns of what comes before",
		`{"in_features": 7, "out_features": 0}`:                                          "out_features of Dense module 1 is 0, want 1 to 65536",
		`{"in_features": 7, "out_features": 9, "activation_function": "torch.nn.Mish"}`:  `activation_function is "torch.nn.Mish", want Identity, ReLU or Tanh of torch.nn`,
		`{"in_features": 7, "out_features": 9, "activation_function": "Tanh"}`:           `activation_function is "Tanh"`,
		`{"in_features": 7, "out_features": 9, "module_input_name": "token_embeddings"}`: `module_input_name is "token_embeddings"`,
		`{"in_features": 7, "out_features": 9, "module_output_name": "other"}`:           `module_output_name is "other"`,
		`{"in_features": 7, "out_features": 9, "use_residual": true}`:                    "use_residual is true, want false",
	} {
		f["3/config.json"] = text
		_, err := ReadAny(save(t, f))
		require.ErrorContains(t, err, want)
	}
}

func TestChoose(t *testing.T) {
	p := Prompts{ByName: map[string]string{"query": "query: ", "none": ""}, Default: "query"}
	for _, c := range []struct{ prompt, name, want string }{
		{"", "", "query: "}, {"a: ", "", "a: "}, {"a: ", "none", "a: "}, {"", "none", ""}, {"", "query", "query: "},
	} {
		got, err := p.Choose("x.Config", c.prompt, c.name)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	_, err := p.Choose("x.Config", "", "other")
	require.EqualError(t, err, `x.Config.PromptName is "other", want one of the model's prompts: "none" for "", "query" for "query: "`)
	var none Prompts
	got, err := none.Choose("x.Config", "", "")
	require.NoError(t, err)
	require.Empty(t, got)
}

// FuzzRead: whatever one of the files says, Read refuses it or gives a shape that passes its own check and a tokenizer.
func FuzzRead(f *testing.F) {
	var names []string
	for _, name := range []string{"1_Pooling/config.json", "config.json", "config_sentence_transformers.json", "modules.json", "sentence_bert_config.json", "tokenizer_config.json", "vocab.txt"} {
		f.Add(uint8(len(names)), []byte(files()[name]))
		names = append(names, name)
	}
	f.Add(uint8(3), []byte(`[{"path": "..", "type": "Transformer"}, {"path": "/", "type": "Pooling"}]`))
	f.Add(uint8(1), []byte(`{"model_type": "bert", "hidden_size": 1048576, "num_hidden_layers": 1048576, "max_position_embeddings": 1048576}`))
	f.Add(uint8(4), []byte(`{"max_seq_length": 1e308}`))
	f.Add(uint8(5), []byte(`{"model_max_length": -1e308, "added_tokens_decoder": {"4294967296": {"content": "a"}}}`))
	f.Add(uint8(1), []byte(`{"model_type": "roberta", "max_position_embeddings": 5, "pad_token_id": 1}`))
	f.Add(uint8(1), []byte(`{"model_type": "camembert", "max_position_embeddings": -9223372036854775808, "pad_token_id": 9223372036854775807}`))
	f.Add(uint8(1), []byte(`{"model_type": "distilbert", "dim": null, "n_layers": 1048576}`))
	dir := save(f, files())
	last := 0
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		for _, n := range []int{last, int(which) % len(names)} {
			whole := []byte(files()[names[n]])
			if n == int(which)%len(names) {
				whole = text
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(names[n])), whole, 0o600))
		}
		last = int(which) % len(names)
		var d *Dir
		var err error
		took := testutil.Allocated(func() { d, err = ReadAny(dir) })
		require.LessOrEqual(t, took, uint64(1<<23+512*len(text)), "memory beyond what the file calls for")
		if err != nil {
			return
		}
		require.NoError(t, d.Check("the result"))
		ids, _ := d.Tokenizer.Encode(nil, strings.Repeat("a b ", 50), d.MaxTokens)
		require.LessOrEqual(t, len(ids), d.MaxTokens)
		_, err = d.Choose("x.Config", "", d.Prompts.Default)
		require.True(t, err == nil || d.Unpooled)
	})
}

// TestArchitectures: what is near to BERT is read by ReadAny, with its own names and defaults, and
// refused by Read.
func TestArchitectures(t *testing.T) {
	for _, c := range []struct {
		config string
		want   Shape
	}{
		{`{"model_type": "roberta", "max_position_embeddings": 514, "type_vocab_size": 1}`, Shape{Layers: 12, Positions: 512, Types: 1, Arch: "roberta", Offset: 2}},
		{`{"model_type": "xlm-roberta", "max_position_embeddings": 40, "pad_token_id": 0}`, Shape{Layers: 12, Positions: 39, Types: 2, Arch: "roberta", Offset: 1}},
		{`{"model_type": "camembert"}`, Shape{Layers: 12, Positions: 510, Types: 2, Arch: "roberta", Offset: 2}},
		{`{"model_type": "mpnet", "max_position_embeddings": 514}`, Shape{Layers: 12, Positions: 512, Arch: "mpnet", Offset: 2}},
		{`{"model_type": "distilbert", "dim": 768, "n_heads": 12, "n_layers": 3}`, Shape{Layers: 3, Positions: 512, Arch: "distilbert"}},
	} {
		dir := save(t, map[string]string{"config.json": c.config, "vocab.txt": files()["vocab.txt"]})
		d, err := ReadAny(dir)
		require.NoError(t, err)
		c.want.Hidden, c.want.Heads, c.want.Inner, c.want.Act, c.want.Eps, c.want.Pooling, c.want.MaxTokens = 768, 12, 3072, "gelu", 1e-12, Mean, c.want.Positions
		require.Equal(t, c.want, d.Shape)
		_, err = Read(dir)
		require.ErrorContains(t, err, "model_type is \""+c.want.Arch+"\", want bert")
	}
	_, err := ReadAny(save(t, map[string]string{"config.json": `{"model_type": "mpnet", "relative_attention_num_buckets": 8}`, "vocab.txt": files()["vocab.txt"]}))
	require.ErrorContains(t, err, "relative_attention_num_buckets is 8, want 32")
	dir := save(t, map[string]string{"config.json": `{"model_type": "bert"}`, "tokenizer.json": `{"model": {"type": "WordLevel", "vocab": {"<unk>": 0}}}`})
	d, err := ReadAny(dir)
	require.NoError(t, err)
	require.Nil(t, d.Tok)
	require.Equal(t, 1, d.Tokenizer.Size())
	_, err = Read(dir)
	require.ErrorContains(t, err, "the tokenizer is not WordPiece with BertNormalizer and BertPreTokenizer")
}
