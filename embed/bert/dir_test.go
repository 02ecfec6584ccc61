package bert

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/stage"
)

// refuses loads a directory and wants an error that says each of words.
func refuses(t *testing.T, dir string, words ...string) error {
	t.Helper()
	var e *Encoder
	var err error
	require.NotPanics(t, func() { e, err = Load(dir, Config{}) })
	require.Error(t, err)
	require.Nil(t, e)
	for _, w := range append(words, "load encoder: ") {
		require.ErrorContains(t, err, w)
	}
	return err
}

func TestMissingFiles(t *testing.T) {
	full := func() *tiny {
		m := newTiny(t)
		m.files["sentence_bert_config.json"] = `{"max_seq_length": 70}`
		m.files["config_sentence_transformers.json"] = `{}`
		return m
	}
	for _, file := range []string{"config.json", "model.safetensors", "1_Pooling/config.json", "vocab.txt"} {
		t.Run(file, func(t *testing.T) {
			dir := full().save(t)
			require.NoError(t, os.Remove(filepath.Join(dir, filepath.FromSlash(file))))
			err := refuses(t, dir, filepath.FromSlash(file))
			require.ErrorIs(t, err, fs.ErrNotExist)
		})
	}
	for _, file := range []string{"modules.json", "tokenizer_config.json", "sentence_bert_config.json", "config_sentence_transformers.json"} {
		t.Run("without "+file, func(t *testing.T) {
			m := full()
			delete(m.files, file)
			embedAll(t, load(t, m.save(t), Config{}), tinyTexts(3))
		})
	}
	dir := filepath.Join(t.TempDir(), "nowhere")
	require.ErrorIs(t, refuses(t, dir, filepath.Join(dir, "config.json")), fs.ErrNotExist)
	refuses(t, filepath.Join(load2(t, full()), "config.json"), "config.json") // a file where a directory should be
}

func load2(t *testing.T, m *tiny) string {
	dir := m.save(t)
	load(t, dir, Config{})
	return dir
}

// TestBrokenJSON: half a file, a wrong type of value, and something that is no object, in each of the files.
func TestBrokenJSON(t *testing.T) {
	for _, file := range []string{
		"config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json", "tokenizer.json",
	} {
		for _, text := range []string{"", `{"a": `, "nul", `"text"`, "17", "\xff"} {
			m := newTiny(t)
			m.files[file] = text
			refuses(t, m.save(t), filepath.FromSlash(file))
		}
	}
}

// TestByteOrderMark: some editors put one before JSON.
func TestByteOrderMark(t *testing.T) {
	m := newTiny(t)
	want := embedAll(t, load(t, m.save(t), Config{}), tinyTexts(5))
	m.files["config.json"] = "\uFEFF" + m.files["config.json"]
	m.files["modules.json"] = "\uFEFF" + m.files["modules.json"]
	require.Equal(t, want, embedAll(t, load(t, m.save(t), Config{}), tinyTexts(5)))
}

// TestRefusedFields: one field with a value that cannot be followed; the error names the file, the field, the value and what
// would do.
func TestRefusedFields(t *testing.T) {
	const cfg, pool, sbert, tok = "config.json", "1_Pooling/config.json", "sentence_bert_config.json", "tokenizer_config.json"
	for _, c := range []struct {
		file, field string
		value       any
		words       []string
	}{
		{cfg, "model_type", "gpt2", []string{`model_type is "gpt2", want bert, camembert, distilbert, modernbert, mpnet, roberta or xlm-roberta`}},
		{cfg, "model_type", nil, []string{`model_type is "", want bert, camembert`}},
		{cfg, "model_type", 3, []string{"model_type"}},
		{cfg, "position_embedding_type", "relative_key", []string{`position_embedding_type is "relative_key", want absolute`}},
		{cfg, "is_decoder", true, []string{"is_decoder is true, want false"}},
		{cfg, "hidden_act", "silu", []string{`hidden_act is "silu", want gelu`, "relu"}},
		{cfg, "hidden_act", "", []string{`hidden_act is "", want`}},
		{cfg, "hidden_size", 0, []string{"hidden_size is 0, want 1 to"}},
		{cfg, "hidden_size", -36, []string{"hidden_size is -36, want 1 to"}},
		{cfg, "hidden_size", 1 << 30, []string{"hidden_size is 1073741824, want 1 to"}},
		{cfg, "hidden_size", 36.5, []string{"hidden_size"}},
		{cfg, "hidden_size", "36", []string{"hidden_size"}},
		{cfg, "hidden_size", 39, []string{`tensor "embeddings.word_embeddings.weight" has shape [97 36], want [97 39]`}},
		{cfg, "num_hidden_layers", 0, []string{"num_hidden_layers is 0, want"}},
		{cfg, "num_hidden_layers", -1, []string{"num_hidden_layers is -1, want"}},
		{cfg, "num_hidden_layers", 3, []string{`tensor "encoder.layer.2.attention.self.query.weight" is missing`}},
		{cfg, "num_attention_heads", 0, []string{"num_attention_heads is 0, want"}},
		{cfg, "num_attention_heads", -3, []string{"num_attention_heads is -3, want"}},
		{cfg, "num_attention_heads", 5, []string{"num_attention_heads is 5, want a divisor of hidden_size 36"}},
		{cfg, "num_attention_heads", 72, []string{"num_attention_heads is 72, want a divisor of hidden_size 36"}},
		{cfg, "intermediate_size", 0, []string{"intermediate_size is 0, want"}},
		{cfg, "intermediate_size", -44, []string{"intermediate_size is -44, want"}},
		{cfg, "intermediate_size", 43, []string{"intermediate.dense.weight", "[44 36], want [43 36]"}},
		{cfg, "layer_norm_eps", 0, []string{"layer_norm_eps is 0, want"}},
		{cfg, "layer_norm_eps", -1e-12, []string{"layer_norm_eps is -1e-12, want"}},
		{cfg, "layer_norm_eps", 1, []string{"layer_norm_eps is 1, want"}},
		{cfg, "max_position_embeddings", 0, []string{"max_position_embeddings is 0, want"}},
		{cfg, "max_position_embeddings", -70, []string{"max_position_embeddings is -70, want"}},
		{cfg, "max_position_embeddings", 2, []string{"max_position_embeddings is 2, want at least 3"}},
		{cfg, "max_position_embeddings", 71, []string{"position_embeddings.weight", "[70 36], want [71 36]"}},
		{cfg, "type_vocab_size", 0, []string{"type_vocab_size is 0, want"}},
		{cfg, "type_vocab_size", -2, []string{"type_vocab_size is -2, want"}},
		{cfg, "type_vocab_size", 3, []string{"token_type_embeddings.weight", "[2 36], want [3 36]"}},
		{pool, "pooling_mode_mean_sqrt_len_tokens", true, []string{"pooling_mode_mean_sqrt_len_tokens is true, want"}},
		{pool, "pooling_mode_lasttoken", true, []string{"pooling_mode_lasttoken is true, want one of cls, lasttoken, max, mean, mean_sqrt_len_tokens or weightedmean alone"}},
		{pool, "pooling_mode_weightedmean_tokens", true, []string{"pooling_mode_weightedmean_tokens is true, want"}},
		{pool, "pooling_mode_cls_token", true, []string{"pooling_mode_mean_tokens is true, want one of cls, lasttoken"}},
		{pool, "pooling_mode", "first", []string{`pooling_mode is "first", want`}},
		{pool, "pooling_mode", []string{"mean", "max"}, []string{`pooling_mode is ["mean","max"], want`}},
		{pool, "pooling_mode", []string{}, []string{`pooling_mode is [], want`}},
		{pool, "pooling_mode", 7, []string{"pooling_mode is 7, want"}},
		{sbert, "max_seq_length", 0, []string{"max_seq_length is 0, want at least 3"}},
		{sbert, "max_seq_length", 2, []string{"max_seq_length is 2, want at least 3"}},
		{sbert, "max_seq_length", -1, []string{"max_seq_length is -1, want at least 3"}},
		{sbert, "max_seq_length", "256", []string{"max_seq_length"}},
		{tok, "model_max_length", -5, []string{"model_max_length is -5, want at least 3"}},
		{tok, "unk_token", "[NONE]", []string{`lacks the unknown token "[NONE]"`}},
		{tok, "cls_token", "[NONE]", []string{`lacks the special token "[NONE]"`}},
		{tok, "do_lower_case", "yes", []string{"do_lower_case"}},
	} {
		t.Run(fmt.Sprint(c.file, " ", c.field, " ", c.value), func(t *testing.T) {
			file := filepath.FromSlash(c.file)
			switch {
			case strings.Contains(c.words[0], "tensor") || strings.Contains(c.words[0], ".weight"):
				file = "model.safetensors"
			case strings.Contains(c.words[0], "lacks"):
				file = "vocab.txt"
			}
			refuses(t, newTiny(t).set(t, c.file, c.field, c.value).save(t), append(c.words, file)...)
		})
	}
}

// TestRefusedPrompt: names that the model does not have, and a model that does not pool prompts.
func TestRefusedPrompt(t *testing.T) {
	const file = "config_sentence_transformers.json"
	m := newTiny(t).set(t, file, "prompts", map[string]string{"query": "query: ", "none": ""})
	refuses(t, m.set(t, file, "default_prompt_name", "passage").save(t), file, `default_prompt_name is "passage", want null or a name of prompts`)
	dir := m.set(t, file, "default_prompt_name", "query").save(t)
	_, err := Load(dir, Config{PromptName: "passage"})
	require.ErrorContains(t, err, `bert.Config.PromptName is "passage", want one of the model's prompts: "none" for "", "query" for "query: "`)
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	_, err = Load(newTiny(t).save(t), Config{PromptName: "query"})
	require.ErrorContains(t, err, `bert.Config.PromptName is "query", want one of the model's prompts: it has none`)

	dir = m.set(t, "1_Pooling/config.json", "include_prompt", false).save(t)
	load(t, dir, Config{PromptName: "none"})
	for _, c := range []Config{{}, {Prompt: "a"}, {PromptName: "query"}} {
		_, err = Load(dir, c)
		require.ErrorContains(t, err, "bert.Config.Prompt is")
		require.ErrorContains(t, err, "include_prompt is false")
	}
}

// TestPromptIsPartOfTheTextExact: a prompt is what the same words in the text are, its tokens count, and Convert keeps it.
func TestPromptIsPartOfTheTextExact(t *testing.T) {
	const file = "config_sentence_transformers.json"
	m := newTiny(t).set(t, file, "prompts", map[string]string{"query": "read: "}).set(t, file, "default_prompt_name", "query")
	dir := m.save(t)
	texts := tinyTexts(40)
	var led []string
	for _, text := range texts {
		led = append(led, "read: "+text)
	}
	plain := load(t, newTiny(t).save(t), Config{})
	want := bitsOf(embedAll(t, plain, led))
	require.NotEqual(t, want, bitsOf(embedAll(t, plain, texts)))
	for _, c := range []Config{{}, {Prompt: "read: "}, {PromptName: "query"}, {Prompt: "read: ", PromptName: "query"}} {
		e := load(t, dir, c)
		require.Equal(t, want, bitsOf(embedAll(t, e, texts)))
		for i := range texts {
			a, acut := e.Tokens(texts[i])
			b, bcut := plain.Tokens(led[i])
			require.Equal(t, b, a)
			require.Equal(t, bcut, acut)
		}
	}
	var b bytes.Buffer
	require.NoError(t, Convert(dir, &b))
	e, err := Parse("model", b.Bytes(), Config{})
	require.NoError(t, err)
	a, _ := e.Tokens("map")
	c, _ := plain.Tokens("read: map")
	require.Equal(t, c, a)
	require.NotContains(t, convertedShape(t, newTiny(t)), "prompt", "a model without prompts has nothing about them in its file")
}

// convertedShape is the shape as Convert writes it.
func convertedShape(t *testing.T, m *tiny) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Convert(m.save(t), &b))
	f, err := safetensors.Parse(b.Bytes())
	require.NoError(t, err)
	return f.Metadata()[metaShape]
}

func TestRefusedModules(t *testing.T) {
	const transformer = `{"path": "", "type": "sentence_transformers.models.Transformer"}`
	const pool = `{"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}`
	const normal = `{"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}`
	for text, want := range map[string]string{
		`[]`:                       "the number of modules is 0, want a Transformer",
		`[` + transformer + `]`:    "the number of modules is 1, want a Transformer",
		`[` + pool + `]`:           "type of module 0 is",
		`[` + transformer + `, 3]`: "modules.json",
		`[` + transformer + `,` + normal + `,` + pool + `]`:                                                                   `type of module 1 is "sentence_transformers.models.Normalize"`,
		`[` + transformer + `,` + pool + `,{"type": "sentence_transformers.models.LSTM"}]`:                                    `type of module 2 is "sentence_transformers.models.LSTM"`,
		`[` + transformer + `,` + pool + `,` + normal + `,{"path": "3_Dense", "type": "sentence_transformers.models.Dense"}]`: `type of module 3 is "sentence_transformers.models.Dense"`,
		`[` + transformer + `,` + pool + `,{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]`:                filepath.Join("2_Dense", "config.json"),
		`[` + transformer + `,` + pool + `,` + normal + `,` + normal + `]`:                                                    "type of module 3 is",
		`[{"path": "", "type": "sentence_transformers.models.WordEmbeddings"},` + pool + `]`:                                  "type of module 0 is",
		`[` + transformer + `,{"path": "../x", "type": "sentence_transformers.models.Pooling"}]`:                              `path of module 1 is "../x", want a path inside the directory`,
		`[` + transformer + `,{"path": "/etc", "type": "sentence_transformers.models.Pooling"}]`:                              `path of module 1 is "/etc"`,
		`[{"path": "0_T", "type": "sentence_transformers.models.Transformer"},` + pool + `]`:                                  filepath.Join("0_T", "config.json"),
		`[` + transformer + `,{"path": "other", "type": "sentence_transformers.models.Pooling"}]`:                             filepath.Join("other", "config.json"),
	} {
		m := newTiny(t)
		m.files["modules.json"] = text
		refuses(t, m.save(t), want)
	}
}

// TestTransformerInFolder: the first module may have a folder of its own.
func TestTransformerInFolder(t *testing.T) {
	m := newTiny(t)
	want := embedAll(t, load(t, m.save(t), Config{}), tinyTexts(5))
	m.files["modules.json"] = strings.Replace(m.files["modules.json"], `"path": ""`, `"path": "0_Transformer"`, 1)
	for _, file := range []string{"config.json", "tokenizer_config.json", "vocab.txt"} {
		m.files["0_Transformer/"+file] = m.files[file]
		delete(m.files, file)
	}
	dir := m.save(t)
	require.NoError(t, os.Rename(filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "0_Transformer", "model.safetensors")))
	require.Equal(t, want, embedAll(t, load(t, dir, Config{}), tinyTexts(5)))
}

// TestTruncatedWeights: a file that ends anywhere is refused.
func TestTruncatedWeights(t *testing.T) {
	m := newTiny(t)
	dir, whole := m.save(t), m.safetensors(t)
	header := 8 + int(binary.LittleEndian.Uint64(whole))
	finer := 20
	if testing.Short() {
		finer = 3
	}
	for n := 0; n < len(whole); n += max(1, n/finer) {
		if n > header {
			n = len(whole) - (len(whole)-n)/97*97 - 1
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), whole[:n], 0o600))
		refuses(t, dir, "model.safetensors")
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), append(whole, 0), 0o600))
	refuses(t, dir, "model.safetensors")
}

// TestEveryTensor: each tensor that is read is missed, and must have its shape, a type of float and finite values.
func TestEveryTensor(t *testing.T) {
	read := 0
	dir := newTiny(t).save(t)
	for i, tensor := range newTiny(t).tensors {
		if strings.HasPrefix(tensor.Name, "pooler") {
			continue
		}
		read++
		if testing.Short() && i%4 != 0 {
			continue
		}
		change := func(f func(m *tiny, t *safetensors.Tensor)) string {
			m := newTiny(t)
			f(m, &m.tensors[i])
			require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), m.safetensors(t), 0o600))
			return dir
		}
		name := fmt.Sprintf("tensor %q", tensor.Name)
		refuses(t, change(func(m *tiny, _ *safetensors.Tensor) { m.tensors = slices.Delete(m.tensors, i, i+1) }), "model.safetensors", name)
		refuses(t, change(func(_ *tiny, x *safetensors.Tensor) { x.Shape = append([]int{1}, x.Shape...) }), "model.safetensors", name, "shape [1 ")
		refuses(t, change(func(_ *tiny, x *safetensors.Tensor) { x.Shape, x.Data = []int{}, x.Data[:4] }), "model.safetensors", name, "shape []")
		refuses(t, change(func(_ *tiny, x *safetensors.Tensor) { x.DType = "I32" }), "model.safetensors", name, "is I32, want F32, F16 or BF16")
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			refuses(t, change(func(_ *tiny, x *safetensors.Tensor) {
				binary.LittleEndian.PutUint32(x.Data[len(x.Data)-4:], math.Float32bits(float32(bad)))
			}), "model.safetensors", name, fmt.Sprint(bad)[len(fmt.Sprint(bad))-3:])
		}
		if tensor.Name != "embeddings.word_embeddings.weight" { // which may have more rows than there are words
			refuses(t, change(func(_ *tiny, x *safetensors.Tensor) {
				x.Data = append(x.Data, x.Data[:len(x.Data)/x.Shape[0]]...)
				x.Shape[0]++
			}), "model.safetensors", name, "shape")
		}
	}
	require.Equal(t, 5+2*16, read)
}

// TestWordTable: the table may be longer than the vocabulary, but not shorter.
func TestWordTable(t *testing.T) {
	m := newTiny(t)
	want := embedAll(t, load(t, m.save(t), Config{}), tinyTexts(5))
	w := m.tensor(t, "embeddings.word_embeddings.weight")
	w.Data = append(w.Data, make([]byte, 4*36)...)
	w.Shape[0]++
	require.Equal(t, want, embedAll(t, load(t, m.save(t), Config{}), tinyTexts(5)))
	m.files["vocab.txt"] += "one\ntwo\n"
	refuses(t, m.save(t), "model.safetensors", `tensor "embeddings.word_embeddings.weight" has 98 rows, want one for each of the tokenizer's 99 ids`)
}

func TestRefusedConfig(t *testing.T) {
	dir := newTiny(t).save(t)
	_, err := Load(dir, Config{MaxTokens: 2, Workers: -1, Kernels: "mmx"})
	for _, field := range []string{
		"bert.Config.MaxTokens is 2, want 0 or at least 3", "bert.Config.Workers is -1, want from 1 to 4096, or 0 for GOMAXPROCS", "bert.Config.Kernels is mmx, want", `"mmx" is not available here`,
	} {
		require.ErrorContains(t, err, field)
	}
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	_, err = Load(dir, Config{MaxTokens: -1})
	require.ErrorAs(t, err, &bad)
	require.Equal(t, &stage.ConfigError{Field: "bert.Config.MaxTokens", Value: -1, Want: "0 or at least 3"}, bad)
	_, err = Load(dir, Config{MaxTokens: 71})
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "bert.Config.MaxTokens is 71, want at most the model's 70 positions")
	require.NoError(t, DefaultConfig().Validate())
	require.False(t, errors.Is(err, fs.ErrNotExist))
}

// FuzzLoad: whatever one of the files of a directory says, Load either refuses with an error or makes an encoder that works.
func FuzzLoad(f *testing.F) {
	m := newTiny(f)
	m.files["sentence_bert_config.json"] = `{"max_seq_length": 9, "do_lower_case": true}`
	m.files["config_sentence_transformers.json"] = `{"default_prompt_name": null, "prompts": {"a": "b"}}`
	names := slices.Sorted(maps.Keys(m.files))
	for i, name := range names {
		f.Add(uint8(i), m.files[name])
	}
	for name, texts := range map[string][]string{
		"config.json": {
			`{"model_type": "bert"}`, `{"model_type": "bert", "hidden_size": 1, "num_attention_heads": 1, "intermediate_size": 1}`,
			strings.Replace(m.files["config.json"], `"num_attention_heads": 3`, `"num_attention_heads": 36`, 1), `{"model_type": "bert", "hidden_size": 9223372036854775807}`,
		},
		"modules.json":          {`[{"type": "Transformer"}, {"type": "Pooling", "path": "1_Pooling"}]`, `[]`},
		"1_Pooling/config.json": {`{"pooling_mode": ["max"]}`, `{"pooling_mode_cls_token": true}`, `{}`},
		"tokenizer_config.json": {
			`{"do_lower_case": false, "model_max_length": 1e300, "unk_token": {"content": "a"}, "cls_token": "the", "sep_token": "the"}`,
			`{"added_tokens_decoder": {"7": {"content": "map", "normalized": true, "lstrip": true}}}`,
		},
		"vocab.txt": {"[UNK]\n[CLS]\n[SEP]\na\n##a\n"},
	} {
		for _, text := range texts {
			f.Add(uint8(slices.Index(names, name)), text)
		}
	}
	dir := m.save(f)
	texts := []string{"", "the map", strings.Repeat("reading files ", 40)}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		name := names[int(which)%len(names)]
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		e, err := Load(dir, Config{Workers: 1})
		require.NoError(t, os.WriteFile(path, []byte(m.files[name]), 0o600))
		if err != nil {
			require.Nil(t, e)
			return
		}
		x, err := e.Embed(t.Context(), texts)
		require.NoError(t, err)
		require.Equal(t, len(texts), x.Rows)
		for _, text := range texts {
			ids, _ := e.Tokens(text)
			require.LessOrEqual(t, len(ids), e.MaxTokens())
		}
	})
}
