package cybertron

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	modelbert "github.com/nlpodyssey/cybertron/pkg/models/bert"
	taskbert "github.com/nlpodyssey/cybertron/pkg/tasks/textencoding/bert"
	"github.com/nlpodyssey/cybertron/pkg/vocabulary"
	"github.com/nlpodyssey/spago/mat"
	"github.com/nlpodyssey/spago/nn"
	"github.com/nlpodyssey/spago/nn/activation"
	"github.com/nlpodyssey/spago/nn/attention/selfattention"
	"github.com/nlpodyssey/spago/nn/linear"
	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/sentencedir"
)

// refusesSource converts a directory and wants an error that says each of words, nothing made and nothing left behind.
func refusesSource(t *testing.T, src string, words ...string) error {
	t.Helper()
	home := t.TempDir()
	var err error
	require.NotPanics(t, func() { err = Convert(filepath.Join(home, "model"), src) })
	require.Error(t, err)
	for _, w := range append(words, "convert: ") {
		require.ErrorContains(t, err, w)
	}
	list, e := os.ReadDir(home)
	require.NoError(t, e)
	require.Empty(t, list)
	return err
}

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

// filesOf reads all files below a directory.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		out[path] = string(b)
		return err
	}))
	return out
}

// TestConvertPlaces: a new directory or an empty one is filled; one with something in it is left as it is; the source stays.
func TestConvertPlaces(t *testing.T) {
	src := newTiny().save(t)
	before := filesOf(t, src)
	home := t.TempDir()

	dst := filepath.Join(home, "new")
	require.NoError(t, Convert(dst, src))
	want := []string{"1_Pooling/config.json", "config.json", "modules.json", "sentence_bert_config.json", "spago_model.bin", "tokenizer_config.json", "vocab.txt"}
	require.Equal(t, want, slices.Sorted(maps.Keys(filesOf(t, dst))))
	made := filesOf(t, dst)

	empty := filepath.Join(home, "empty")
	require.NoError(t, os.Mkdir(empty, 0o755))
	require.NoError(t, Convert(empty+string(filepath.Separator), src))
	require.Equal(t, want, slices.Sorted(maps.Keys(filesOf(t, empty))))
	embedAll(t, mustLoad(t, empty, Config{}), tinyTexts(3))

	require.ErrorContains(t, Convert(dst, src), "new: is not empty, it has 1_Pooling in it, want a new directory")
	require.ErrorContains(t, Convert(src, src), "is not empty")
	require.Equal(t, made, filesOf(t, dst))
	file := filepath.Join(home, "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	require.ErrorContains(t, Convert(file, src), "file")
	require.ErrorIs(t, Convert(filepath.Join(home, "no", "where"), src), fs.ErrNotExist)
	require.Equal(t, before, filesOf(t, src))
	list, err := os.ReadDir(home)
	require.NoError(t, err)
	require.Len(t, list, 3, "nothing is left behind")

	// A converted directory is no source: its weights have another form.
	refusesSource(t, dst, "model.safetensors")
}

// as stores all tensors in another type of float. It must be able to hold the values.
func (m *tiny) as(tb testing.TB, dtype string) *tiny {
	tb.Helper()
	for i := range m.tensors {
		t := &m.tensors[i]
		var out []byte
		for b := t.Data; len(b) > 0; b = b[4:] {
			bits := binary.LittleEndian.Uint32(b)
			half := uint16(bits >> 16)
			if dtype == safetensors.F16 {
				if bits<<1 != 0 {
					half = half&0x8000 | uint16(int(bits>>23&0xFF)-127+15)<<10 | uint16(bits>>13&0x3FF)
				}
				require.Equal(tb, math.Float32frombits(bits), safetensors.Float16(half))
			} else {
				require.Zero(tb, bits&0xFFFF)
			}
			out = binary.LittleEndian.AppendUint16(out, half)
		}
		t.DType, t.Data = dtype, out
	}
	return m
}

// TestTensorForms: the same numbers in every type of float, under the names of every kind of file, give the same model.
func TestTensorForms(t *testing.T) {
	want, err := os.ReadFile(filepath.Join(newTiny().convert(t), modelFile))
	require.NoError(t, err)
	rename := func(f func(string) string) func(m *tiny) *tiny {
		return func(m *tiny) *tiny {
			for i := range m.tensors {
				m.tensors[i].Name = f(m.tensors[i].Name)
			}
			return m
		}
	}
	for name, change := range map[string]func(m *tiny) *tiny{
		"F32":      func(m *tiny) *tiny { return m },
		"F16":      func(m *tiny) *tiny { return m.as(t, safetensors.F16) },
		"BF16":     func(m *tiny) *tiny { return m.as(t, safetensors.BF16) },
		"prefix":   rename(func(s string) string { return "bert." + s }),
		"oldnames": rename(strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta").Replace),
		"more": func(m *tiny) *tiny {
			m.tensors = append(m.tensors, safetensors.Tensor{Name: "embeddings.position_ids", DType: "I64", Shape: []int{1, 70}, Data: make([]byte, 560)})
			return m
		},
	} {
		got, err := os.ReadFile(filepath.Join(change(newTiny()).convert(t), modelFile))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), name)
	}
	m := newTiny() // sentence-transformers can save a model without its pooler
	m.tensors = m.tensors[:len(m.tensors)-2]
	require.Equal(t, embedAll(t, mustLoad(t, newTiny().convert(t), Config{}), tinyTexts(5)), embedAll(t, mustLoad(t, m.convert(t), Config{}), tinyTexts(5)))
}

// TestLibraryLoadsWithinTolerance: the library's own text encoding takes the directory, whatever form the source's tokenizer
// files have, and gives nearly the same vector for a text that its tokenizer reads as ours does. What differs is its GELU.
func TestLibraryLoadsWithinTolerance(t *testing.T) {
	for name, change := range map[string]func(m *tiny){
		"plain": func(*tiny) {},
		"tokens as objects, a length beyond int": func(m *tiny) {
			m.files["tokenizer_config.json"] = `{"tokenizer_class": "BertTokenizer", "model_max_length": 1000000000000000019884624838656,
				"cls_token": {"content": "[CLS]", "lstrip": false}, "mask_token": {"content": "[MASK]", "lstrip": true}}`
		},
		"no tokenizer_config.json": func(m *tiny) { delete(m.files, "tokenizer_config.json") },
		"marks of byte order": func(m *tiny) {
			for name := range m.files {
				if strings.HasSuffix(name, ".json") {
					m.files[name] = "\uFEFF" + m.files[name]
				}
			}
		},
		"a folder for the transformer": func(m *tiny) {
			m.files["modules.json"] = strings.Replace(m.files["modules.json"], `"path": ""`, `"path": "0_Transformer"`, 1)
			for _, name := range []string{"config.json", "vocab.txt", "tokenizer_config.json"} {
				m.files["0_Transformer/"+name] = m.files[name]
				delete(m.files, name)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTiny()
			change(m)
			src := m.save(t)
			if _, err := os.Stat(filepath.Join(src, "0_Transformer")); err == nil {
				require.NoError(t, os.Rename(filepath.Join(src, "model.safetensors"), filepath.Join(src, "0_Transformer", "model.safetensors")))
			}
			dst := filepath.Join(t.TempDir(), "model")
			require.NoError(t, Convert(dst, src))
			e := mustLoad(t, dst, Config{})
			require.Equal(t, 70, e.MaxTokens())
			own, err := taskbert.LoadTextEncoding(dst)
			require.NoError(t, err)
			_, err = modelbert.ConfigFromFile[modelbert.Config](filepath.Join(dst, configFile))
			require.NoError(t, err)
			const text = "The error reading files and maps"
			want, err := own.Encode(t.Context(), text, int(modelbert.MeanPooling))
			require.NoError(t, err)
			cosine, _ := compare(want.Vector.Data().F32(), embedAll(t, e, []string{text})[0])
			require.GreaterOrEqual(t, cosine, 0.9999)
		})
	}
}

// TestConvertVocab: what vocab.txt says becomes one different line for each id.
func TestConvertVocab(t *testing.T) {
	m := newTiny()
	lines := strings.Split(strings.TrimSuffix(m.files["vocab.txt"], "\n"), "\n")
	lines[10], lines[11] = "", "map" // the second map, at the end, is the one that counts
	m.files["vocab.txt"] = strings.Join(lines, "\r\n")
	dst := m.convert(t)
	b, err := os.ReadFile(filepath.Join(dst, vocabFile))
	require.NoError(t, err)
	got := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	require.Len(t, got, len(lines))
	double := slices.Index(lines, "##s") // it is there twice already
	for i := range lines {
		if i == 10 || i == 11 || i == double {
			require.Equal(t, fmt.Sprintf("[no token %d]", i), got[i])
		} else {
			require.Equal(t, lines[i], got[i])
		}
	}
	v, err := vocabulary.NewFromFile(filepath.Join(dst, vocabFile))
	require.NoError(t, err)
	require.Len(t, v.Items(), len(lines))
}

// TestAddedTokens: tokens beyond the vocabulary keep their ids.
func TestAddedTokens(t *testing.T) {
	m := newTiny()
	words := len(m.tensor(t, wordTensor).Data) / 4 / 36
	m.files["added_tokens.json"] = fmt.Sprintf(`{"new thing": %d}`, words)
	refusesSource(t, m.save(t), "model.safetensors", fmt.Sprintf("has shape [%d 36], want a row of 36 for each of the tokenizer's %d ids", words, words+1))
	*m.tensor(t, wordTensor) = safetensors.FromFloat32(wordTensor, []int{words + 1, 36}, ruleWeights(wordTensor, words+1, 36))
	ids, _ := mustLoad(t, m.convert(t), Config{}).Tokens("a new thing!")
	require.Contains(t, ids, int32(words))
}

func TestMissingFiles(t *testing.T) {
	for _, file := range []string{"config.json", "model.safetensors", "1_Pooling/config.json", "vocab.txt"} {
		src := newTiny().save(t)
		require.NoError(t, os.Remove(filepath.Join(src, filepath.FromSlash(file))))
		require.ErrorIs(t, refusesSource(t, src, filepath.FromSlash(file)), fs.ErrNotExist)
	}
	for _, file := range []string{"config.json", "spago_model.bin", "1_Pooling/config.json", "vocab.txt"} {
		dir := newTiny().convert(t)
		require.NoError(t, os.Remove(filepath.Join(dir, filepath.FromSlash(file))))
		require.ErrorIs(t, refuses(t, dir, filepath.FromSlash(file)), fs.ErrNotExist)
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	require.ErrorIs(t, refuses(t, nowhere, filepath.Join(nowhere, "config.json")), fs.ErrNotExist)
	require.ErrorIs(t, refusesSource(t, nowhere, filepath.Join(nowhere, "config.json")), fs.ErrNotExist)
	refuses(t, newTiny().save(t), "spago_model.bin", "Convert makes it of model.safetensors")
}

// TestRefusedFields: one field with a value that cannot be followed; the error names the file, the field, the value and what
// would do.
func TestRefusedFields(t *testing.T) {
	const cfg, pool, sbert, tok, mods, st = "config.json", "1_Pooling/config.json", "sentence_bert_config.json", "tokenizer_config.json", "modules.json", "config_sentence_transformers.json"
	const weights = "model.safetensors"
	for _, c := range []struct {
		file, field string
		value       any
		says, in    string
	}{
		{cfg, "model_type", "roberta", `model_type is "roberta", want bert`, cfg},
		{cfg, "model_type", nil, `model_type is "", want bert`, cfg},
		{cfg, "position_embedding_type", "relative_key", `position_embedding_type is "relative_key", want absolute`, cfg},
		{cfg, "is_decoder", true, "is_decoder is true, want false", cfg},
		{cfg, "embeddings_size", 12, "embeddings_size is 12, want hidden_size 36", cfg},
		{cfg, "hidden_act", "silu", `hidden_act is "silu", want gelu`, cfg},
		{cfg, "hidden_size", 0, "hidden_size is 0, want 1 to", cfg},
		{cfg, "hidden_size", 36.5, "hidden_size", cfg},
		{cfg, "hidden_size", 39, `tensor "embeddings.word_embeddings.weight" has shape [97 36], want a row of 39`, weights},
		{cfg, "num_hidden_layers", 1 << 20, `tensor "encoder.layer.2.attention.self.query.weight" is missing`, weights},
		{cfg, "num_hidden_layers", 1<<20 + 1, "num_hidden_layers is 1048577, want 1 to 1048576", cfg},
		{cfg, "num_attention_heads", 5, "num_attention_heads is 5, want a divisor of hidden_size 36", cfg},
		{cfg, "intermediate_size", 43, `tensor "encoder.layer.0.intermediate.dense.weight" has shape [44 36], want [43 36]`, weights},
		{cfg, "layer_norm_eps", 0, "layer_norm_eps is 0, want", cfg},
		{cfg, "max_position_embeddings", 2, "max_position_embeddings is 2, want at least 3", cfg},
		{cfg, "max_position_embeddings", 71, `tensor "embeddings.position_embeddings.weight" has shape [70 36], want [71 36]`, weights},
		{cfg, "type_vocab_size", 3, `tensor "embeddings.token_type_embeddings.weight" has shape [2 36], want [3 36]`, weights},
		{cfg, "id2label", 7, "the library cannot read it", cfg},
		{tok, "strip_accents", true, "", ""},
		{tok, "do_lower_case", "yes", "do_lower_case", tok},
		{tok, "model_max_length", -5, "model_max_length is -5, want at least 3", tok},
		{tok, "cls_token", "[NONE]", `lacks the special token "[NONE]"`, "vocab.txt"},
		{pool, "pooling_mode_lasttoken", true, "pooling_mode_lasttoken is true, want", pool},
		{pool, "pooling_mode_cls_token", true, "pooling_mode_mean_tokens is true, want one of cls, lasttoken", pool},
		{pool, "pooling_mode", []string{"mean", "max"}, `pooling_mode is ["mean","max"], want`, pool},
		{pool, "pooling_mode", 7, "pooling_mode is 7, want", pool},
		{sbert, "max_seq_length", 2, "max_seq_length is 2, want at least 3", sbert},
		{sbert, "max_seq_length", "256", "max_seq_length", sbert},
		{st, "prompts", map[string]string{"query": "query: "}, "", ""},
	} {
		t.Run(fmt.Sprint(c.file, " ", c.field, " ", c.value), func(t *testing.T) {
			src := newTiny().set(t, c.file, c.field, c.value).save(t)
			if c.says == "" {
				require.NoError(t, Convert(filepath.Join(t.TempDir(), "model"), src))
				return
			}
			refusesSource(t, src, filepath.FromSlash(c.in), c.says)
		})
	}
	prompt := newTiny().set(t, st, "prompts", map[string]string{"query": "query: "}).set(t, st, "default_prompt_name", "passage").save(t)
	refusesSource(t, prompt, st, `default_prompt_name is "passage", want null or a name of prompts`)
	for text, want := range map[string]string{
		`[]`: "the number of modules is 0, want a Transformer",
		`[{"type": "sentence_transformers.models.Pooling"}]`:                            "type of module 0 is",
		`[{"type": "Transformer"}, {"type": "Pooling"}, {"type": "models.LSTM"}]`:       `type of module 2 is "models.LSTM"`,
		`[{"type": "Transformer", "path": "../elsewhere"}, {"type": "models.Pooling"}]`: `path of module 0 is "../elsewhere"`,
		`{`: "modules.json",
	} {
		m := newTiny()
		m.files[mods] = text
		refusesSource(t, m.save(t), mods, want)
	}
}

// TestRefusedTensors: tensors that are missing, of another shape or type, or not finite.
func TestRefusedTensors(t *testing.T) {
	m := newTiny()
	for i := range len(m.tensors) - 2 {
		name := m.tensors[i].Name
		if testing.Short() && i%7 != 0 {
			continue
		}
		m := newTiny()
		m.tensors = slices.Delete(m.tensors, i, i+1)
		refusesSource(t, m.save(t), "model.safetensors", name, "is missing")
		m = newTiny()
		binary.LittleEndian.PutUint32(m.tensors[i].Data[4:], math.Float32bits(float32(math.NaN())))
		refusesSource(t, m.save(t), "model.safetensors", name, "is NaN")
		m = newTiny()
		m.tensors[i].Shape = append(m.tensors[i].Shape, 1)
		refusesSource(t, m.save(t), "model.safetensors", name, "has shape")
		m = newTiny()
		m.tensors[i].DType = "I32"
		refusesSource(t, m.save(t), "model.safetensors", name, "is I32, want F32, F16 or BF16")
	}
	src := newTiny().save(t)
	require.NoError(t, os.WriteFile(filepath.Join(src, "model.safetensors"), []byte("short"), 0o600))
	refusesSource(t, src, "model.safetensors")
}

// change rewrites spago_model.bin after f.
func change(t *testing.T, dir string, f func(m *modelbert.Model)) {
	t.Helper()
	m, err := readModel(filepath.Join(dir, modelFile))
	require.NoError(t, err)
	f(m)
	require.NoError(t, nn.DumpToFile(modelbert.NewModelForSequenceEncoding(m), filepath.Join(dir, modelFile)))
}

// TestRefusedModels: a spago_model.bin that is not what config.json says is an error that names the part; the library would
// panic or exit when it runs.
func TestRefusedModels(t *testing.T) {
	dense := func(shape ...int) *nn.Param { return nn.NewParam(mat.NewDense[float32](mat.WithShape(shape...))) }
	for want, f := range map[string]func(m *modelbert.Model){
		"Bert.Embeddings is missing":                                       func(m *modelbert.Model) { m.Embeddings = nil },
		"Bert.Embeddings has a Projector, want none":                       func(m *modelbert.Model) { m.Embeddings.Projector = linear.New[float32](36, 36) },
		"Bert.Embeddings.Tokens is not a table of 97 rows":                 func(m *modelbert.Model) { m.Embeddings.Tokens.Size-- },
		"Bert.Embeddings.Tokens is not a table of 98 rows":                 func(m *modelbert.Model) { m.Embeddings.Tokens.Size++ },
		"Bert.Embeddings.Positions is not a table of 70 rows":              func(m *modelbert.Model) { m.Embeddings.Positions = m.Embeddings.TokenTypes },
		"Bert.Embeddings.TokenTypes is not a table of 2 rows":              func(m *modelbert.Model) { m.Embeddings.TokenTypes = nil },
		"Bert.Embeddings.Norm is missing":                                  func(m *modelbert.Model) { m.Embeddings.Norm = nil },
		"Bert.Encoder has not num_hidden_layers 2":                         func(m *modelbert.Model) { m.Encoder.Layers = m.Encoder.Layers[:1] },
		"Bert.Encoder.Layers[1] has a part missing":                        func(m *modelbert.Model) { m.Encoder.Layers[1].FF = nil },
		"Bert.Encoder.Layers[0].FF.MLP has 2 parts, want 3":                func(m *modelbert.Model) { m.Encoder.Layers[0].FF.MLP = m.Encoder.Layers[0].FF.MLP[:2] },
		"Bert.Encoder.Layers[0].FF.MLP[2] is a *activation.Model, want":    func(m *modelbert.Model) { m.Encoder.Layers[0].FF.MLP[2] = activation.New(activation.GELU) },
		"Bert.Encoder.Layers[1].FF.Norm is missing":                        func(m *modelbert.Model) { m.Encoder.Layers[1].FF.Norm = nil },
		"Bert.Encoder.Layers[1].SelfAttention.Norm is missing":             func(m *modelbert.Model) { m.Encoder.Layers[1].SelfAttention.Norm = nil },
		"Bert.Encoder.Layers[1].SelfAttention.Attention.OutputMerge is a ": func(m *modelbert.Model) { m.Encoder.Layers[1].SelfAttention.Attention.OutputMerge = nil },
		"Attention has not num_attention_heads 3": func(m *modelbert.Model) {
			a := m.Encoder.Layers[0].SelfAttention.Attention
			a.Heads = a.Heads[:2]
		},
		"Bert.Encoder.Layers[0].SelfAttention.Attention.Heads[2] is not a head": func(m *modelbert.Model) {
			m.Encoder.Layers[0].SelfAttention.Attention.Heads[2].UseCausalMask = true
		},
		"Heads[1] is not a head": func(m *modelbert.Model) {
			m.Encoder.Layers[0].SelfAttention.Attention.Heads[1] = &selfattention.Model{}
		},
		`parameter "embeddings.word_embeddings.weight", from value 108: has shape [35 1]`: func(m *modelbert.Model) { m.Embeddings.Tokens.Weights[3] = dense(35) },
		`parameter "embeddings.LayerNorm.bias", from value 0: is missing`:                 func(m *modelbert.Model) { m.Embeddings.Norm.B = nil },
		`parameter "encoder.layer.1.output.dense.weight", from value 0: has shape [44 36] and 1584 values, want [36 44]`: func(m *modelbert.Model) {
			m.Encoder.Layers[1].FF.MLP[2] = &linear.Model{W: dense(44, 36), B: dense(36)}
		},
		`parameter "encoder.layer.0.attention.self.value.weight", from value 432: row 0, column 7: is NaN`: func(m *modelbert.Model) {
			m.Encoder.Layers[0].SelfAttention.Attention.Heads[1].Value.W.Data().F32()[7] = float32(math.NaN())
		},
		`not of float32, at the matrix at byte`: func(m *modelbert.Model) {
			m.Embeddings.Norm.W = nn.NewParam(mat.NewDense[float64](mat.WithShape(36)))
		},
	} {
		t.Run(want, func(t *testing.T) {
			dir := newTiny().convert(t)
			change(t, dir, f)
			refuses(t, dir, modelFile, want)
		})
	}

	// What the library's converter does otherwise than Convert makes no difference.
	dir := newTiny().convert(t)
	texts := tinyTexts(8)
	want := embedAll(t, mustLoad(t, dir, Config{}), texts)
	change(t, dir, func(m *modelbert.Model) {
		m.Pooler, m.Embeddings.Vocab = nil, vocabulary.New(nil)
		for _, l := range m.Encoder.Layers {
			l.FF.Norm.Eps = nn.Buf(mat.Scalar(float32(0.1)))
			l.FF.MLP[1] = activation.New(activation.Tanh)
			l.SelfAttention.Attention.Heads[0].ScaleFactor = nil
		}
	})
	require.Equal(t, want, embedAll(t, mustLoad(t, dir, Config{}), texts))
}

// TestBrokenModelFile: cut short anywhere, and with any byte changed, spago_model.bin is an error that names it, or a model
// with other numbers.
func TestBrokenModelFile(t *testing.T) {
	dir := newTiny().convert(t)
	path := filepath.Join(dir, modelFile)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	step := len(whole) / 40
	if testing.Short() {
		step = len(whole) / 8
	}
	for n := 0; n < len(whole); n += step {
		require.NoError(t, os.WriteFile(path, whole[:n], 0o600))
		refuses(t, dir, modelFile)
	}
	for at := 0; at < len(whole); at += step - 1 {
		b := slices.Clone(whole)
		b[at] ^= 0x55
		require.NoError(t, os.WriteFile(path, b, 0o600))
		require.NotPanics(t, func() {
			e, err := Load(dir, Config{})
			if err != nil {
				require.ErrorContains(t, err, modelFile)
				return
			}
			_, err = e.Embed(t.Context(), []string{"the map"}) // NaN where a weight is huge now
			require.NoError(t, err)
		})
	}
}

// FuzzModelFile: no spago_model.bin makes Load panic, and one that loads can be run.
func FuzzModelFile(f *testing.F) {
	dir := newTiny().convert(f)
	whole, err := os.ReadFile(filepath.Join(dir, modelFile))
	require.NoError(f, err)
	f.Add(0, []byte{})
	f.Add(2980, []byte("@0xy@")) // a thousand million dimensions
	for _, at := range []int{10, 300, 1000, 3000, 9000, len(whole) - 100} {
		f.Add(at, []byte("\xff\x00\x7f"))
	}
	s, err := sentencedir.Read(dir)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, at int, patch []byte) {
		if at < 0 || at > len(whole) {
			return
		}
		b := slices.Clone(whole)
		copy(b[at:], patch)
		path := filepath.Join(t.TempDir(), modelFile)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		e, err := newEncoder(path, s, Config{})
		if err != nil {
			require.ErrorContains(t, err, modelFile)
			return
		}
		_, err = e.Embed(t.Context(), []string{"the map", ""})
		require.NoError(t, err)
	})
}

// FuzzConvert: no config.json and tokenizer_config.json make Convert panic; what it converts loads with the same settings.
func FuzzConvert(f *testing.F) {
	m := newTiny()
	f.Add(m.files["config.json"], m.files["tokenizer_config.json"], m.files["1_Pooling/config.json"], "{}")
	f.Add(`{"model_type": "bert"}`, `null`, `{"pooling_mode": "cls"}`, `{"max_seq_length": 1e300}`)
	f.Add(`null`, `{"mask_token": {"content": "[MASK]", "lstrip": true}, "added_tokens_decoder": {"4": null}}`, `[]`, `{"do_lower_case": true}`)
	f.Add(m.files["config.json"], `{"do_lower_case": false, "mask_token": {"content": "a"}, "added_tokens_decoder": 3}`, `{}`, `{"do_lower_case": true, "max_seq_length": 3.5}`)
	f.Fuzz(func(t *testing.T, config, tokenizer, pool, sbert string) {
		m := newTiny()
		m.files["config.json"], m.files["tokenizer_config.json"], m.files["1_Pooling/config.json"], m.files["sentence_bert_config.json"] = config, tokenizer, pool, sbert
		src := m.save(t)
		dst := filepath.Join(t.TempDir(), "model")
		if err := Convert(dst, src); err != nil {
			_, e := os.Stat(dst)
			require.ErrorIs(t, e, fs.ErrNotExist)
			return
		}
		e := mustLoad(t, dst, Config{})
		s, err := sentencedir.Read(src)
		require.NoError(t, err)
		require.Equal(t, s.MaxTokens, e.MaxTokens())
		texts := []string{"the map of [MASK] Café", ""}
		for _, text := range texts {
			want, _ := s.Tok.Encode(nil, text, s.MaxTokens)
			ids, _ := e.Tokens(text)
			require.Equal(t, want, ids)
		}
		_, err = taskbert.LoadTextEncoding(dst)
		require.NoError(t, err)
		var c modelbert.Config
		b, err := os.ReadFile(filepath.Join(dst, configFile))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &c))
		_, err = e.Embed(t.Context(), texts)
		require.NoError(t, err)
	})
}
