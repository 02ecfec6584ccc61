package cybertron

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/nlpodyssey/cybertron/pkg/models/bert"
	"github.com/nlpodyssey/cybertron/pkg/vocabulary"
	"github.com/nlpodyssey/spago/nn"
	"github.com/nlpodyssey/spago/nn/linear"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/atomicfile"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/sentencedir"
)

// Convert makes the directory dst of the sentence-transformers directory src: config.json (model_type bert, absolute
// positions), model.safetensors (F32, F16 or BF16), vocab.txt or tokenizer.json, and what else Load reads where it is there.
//
// dst gets the four files that the library loads (config.json, vocab.txt, tokenizer_config.json and spago_model.bin, in
// float32) and what Load wants beside them. It must not exist yet, or be an empty directory, and its parent must exist. It
// appears whole or not at all. src is not changed.
func Convert(dst, src string) error {
	if err := convert(dst, src); err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	return nil
}

func convert(dst, src string) (err error) {
	s, err := sentencedir.Read(src)
	if err != nil {
		return err
	}
	m, err := newModel(filepath.Join(s.Home, "model.safetensors"), s)
	if err != nil {
		return err
	}
	switch list, err := os.ReadDir(dst); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(list) > 0:
		return fmt.Errorf("%s: is not empty, it has %s in it, want a new directory", dst, list[0].Name())
	}
	dst = filepath.Clean(dst)
	tmp, err := os.MkdirTemp(filepath.Dir(dst), "."+filepath.Base(dst)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(tmp)
		}
	}()
	if err := writeTexts(tmp, s); err != nil {
		return err
	}
	if err := sameSettings(tmp, s); err != nil {
		return err
	}
	err = atomicfile.Write(filepath.Join(tmp, modelFile), func(w io.Writer) error {
		return nn.Dump(bert.NewModelForSequenceEncoding(m), w)
	})
	if err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := os.Remove(dst); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(tmp, dst)
}

const wordTensor = "embeddings.word_embeddings.weight"

// newModel makes the library's model of a safetensors file.
func newModel(path string, s *sentencedir.Dir) (*bert.Model, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	r := &reader{f: f, path: path}
	if !f.Has(wordTensor) && f.Has("bert."+wordTensor) {
		r.prefix = "bert."
	}
	words, err := f.Tensor(r.prefix + wordTensor)
	if err != nil {
		return nil, err
	}
	if len(words.Shape) != 2 || words.Shape[0] < s.Tok.Size() || words.Shape[1] != s.Hidden {
		return nil, fmt.Errorf("%s: tensor %q has shape %v, want a row of %d for each of the tokenizer's %d ids", path, words.Name, words.Shape, s.Hidden, s.Tok.Size())
	}
	// Before memory is taken for what config.json promises.
	for name, shape := range tensorsOf(s) {
		if r.tensor(name, shape); r.err != nil {
			return nil, r.err
		}
	}
	c := bert.Config{
		Architectures: []string{"BertModel"}, ModelType: "bert", PositionEmbeddingType: "absolute",
		HiddenAct: activations[s.Act].library, HiddenSize: s.Hidden, EmbeddingsSize: s.Hidden, IntermediateSize: s.Inner,
		LayerNormEps: s.Eps, MaxPositionEmbeddings: s.Positions, NumAttentionHeads: s.Heads, NumHiddenLayers: s.Layers,
		TypeVocabSize: s.Types, VocabSize: words.Shape[0],
	}
	m := bert.New[float32](c)
	m.Embeddings.Vocab = vocabulary.New(libraryVocab(s))
	slots, err := slotsOf(m, s, words.Shape[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if pooler, ok := m.Pooler.Model[0].(*linear.Model); ok && f.Has(r.prefix+"pooler.dense.weight") {
		// Not used here, but by the library's own pooling.
		l := slotList{slots: slots}
		l.linear("Bert.Pooler", "pooler.dense", pooler, s.Hidden, s.Hidden)
		slots = l.slots
	}
	for i := range slots {
		v := &slots[i]
		values := r.floats(v.tensor, v.full)
		if r.err != nil {
			return nil, r.err
		}
		v.fill(values[v.at:][:v.rows*v.cols])
	}
	setEps(m, s)
	return m, nil
}

// tensorsOf names the tensors of a model but the word vectors, with their shapes.
func tensorsOf(s *sentencedir.Dir) iter.Seq2[string, []int] {
	return func(yield func(string, []int) bool) {
		h := s.Hidden
		pair := func(name string, shape ...int) bool {
			return yield(name+".weight", shape) && yield(name+".bias", shape[:1])
		}
		if !yield("embeddings.position_embeddings.weight", []int{s.Positions, h}) ||
			!yield("embeddings.token_type_embeddings.weight", []int{s.Types, h}) || !pair("embeddings.LayerNorm", h) {
			return
		}
		for i := range s.Layers {
			p := fmt.Sprintf("encoder.layer.%d.", i)
			if !pair(p+"attention.self.query", h, h) || !pair(p+"attention.self.key", h, h) || !pair(p+"attention.self.value", h, h) ||
				!pair(p+"attention.output.dense", h, h) || !pair(p+"attention.output.LayerNorm", h) ||
				!pair(p+"intermediate.dense", s.Inner, h) || !pair(p+"output.dense", h, s.Inner) || !pair(p+"output.LayerNorm", h) {
				return
			}
		}
	}
}

// reader gets the tensors of a model file by their names in transformers and remembers the first error.
type reader struct {
	f      *safetensors.File
	path   string
	prefix string
	err    error

	last   string // the tensor read last
	values []float32
}

func (r *reader) failf(name, format string, args ...any) bool {
	r.err = fmt.Errorf("%s: tensor %q %s", r.path, name, fmt.Sprintf(format, args...))
	return false
}

// tensor finds a tensor. Layer norms have other names in old files.
func (r *reader) tensor(name string, shape []int) (safetensors.Tensor, bool) {
	name = r.prefix + name
	if !r.f.Has(name) {
		old := strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta").Replace(name)
		if r.f.Has(old) {
			name = old
		}
	}
	t, err := r.f.Tensor(name)
	if err != nil {
		return t, r.failf(name, "is missing")
	}
	if !slices.Equal(t.Shape, shape) {
		return t, r.failf(name, "has shape %v, want %v", t.Shape, shape)
	}
	return t, true
}

// floats is a tensor of any type of float. Neighboring calls for one tensor read it once.
func (r *reader) floats(name string, shape []int) []float32 {
	if name == r.last || r.err != nil {
		return r.values
	}
	r.last = name
	t, ok := r.tensor(name, shape)
	if !ok {
		return nil
	}
	var err error
	if r.values, _, err = r.f.Float32(t.Name); err != nil {
		r.failf(t.Name, "is %s, want F32, F16 or BF16", t.DType)
	} else if err = check.Matrix(blas32.General{Rows: 1, Cols: len(r.values), Stride: len(r.values), Data: r.values}); err != nil {
		r.failf(t.Name, "%v", err)
	}
	return r.values
}

// libraryVocab is the vocabulary for vocab.txt, in which no token may be there twice or missing. What stands for an id
// without a token has brackets in it, so that it is no word.
func libraryVocab(s *sentencedir.Dir) []string {
	vocab := s.Tok.Vocab()
	for id, token := range vocab {
		if token == "" {
			vocab[id] = fmt.Sprintf("[no token %d]", id)
		}
	}
	return vocab
}

// writeTexts writes everything but the weights: the files that the library reads, and the others that are read here.
func writeTexts(dir string, s *sentencedir.Dir) error {
	vocab := libraryVocab(s)
	seen := map[string]bool{}
	for id, token := range vocab {
		if strings.ContainsAny(token, "\r\n") || seen[token] {
			return fmt.Errorf("%s: token %q (id %d) cannot be a line of %s", s.Home, token, id, vocabFile)
		}
		seen[token] = true
	}
	files := map[string][]byte{vocabFile: []byte(strings.Join(vocab, "\n") + "\n")}
	for _, name := range []string{configFile, "tokenizer.json", "special_tokens_map.json", "added_tokens.json"} {
		b, err := os.ReadFile(filepath.Join(s.Home, name))
		if name != configFile && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		files[name] = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")) // the library would not read a byte-order mark
	}
	if err := json.Unmarshal(files[configFile], new(bert.Config)); err != nil {
		return fmt.Errorf("%s: the library cannot read it: %w", filepath.Join(s.Home, configFile), err)
	}

	list := []map[string]any{
		{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
		{"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
	}
	if s.Normalize {
		list = append(list, map[string]any{"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"})
	}
	pool := map[string]any{"word_embedding_dimension": s.Hidden, "include_prompt": !s.Unpooled}
	for _, f := range sentencedir.PoolingFields {
		pool[f.Field] = f.Mode == s.Pooling
	}
	tokenizer, err := libraryTokenizer(filepath.Join(s.Home, tokenizerFile), s)
	if err != nil {
		return err
	}
	settings := map[string]any{
		"modules.json":              list,
		"1_Pooling/config.json":     pool,
		"sentence_bert_config.json": map[string]any{"max_seq_length": s.MaxTokens, "do_lower_case": s.Lowercase},
		tokenizerFile:               tokenizer,
	}
	if len(s.ByName) > 0 {
		prompts := map[string]any{"prompts": s.ByName}
		if s.Prompts.Default != "" {
			prompts["default_prompt_name"] = s.Prompts.Default
		}
		settings["config_sentence_transformers.json"] = prompts
	}
	for name, v := range settings {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		files[name] = append(b, '\n')
	}
	if err := os.Mkdir(filepath.Join(dir, "1_Pooling"), 0o755); err != nil {
		return err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// libraryTokenizer is tokenizer_config.json in the form that the library takes: it wants do_lower_case, a length that is an
// int, and special tokens that are strings. The flags of a token that is an object move to added_tokens_decoder.
func libraryTokenizer(path string, s *sentencedir.Dir) (map[string]any, error) {
	fields := map[string]any{}
	if _, err := sentencedir.ReadJSON(path, &fields, false); err != nil {
		return nil, err
	}
	if fields == nil { // the file says null
		fields = map[string]any{}
	}
	for _, name := range []string{"unk_token", "sep_token", "pad_token", "cls_token", "mask_token"} {
		token, ok := fields[name].(map[string]any)
		if !ok {
			continue
		}
		content, _ := token["content"].(string)
		fields[name] = content
		id, ok := s.Tok.ID(content)
		if !ok {
			continue
		}
		added, ok := fields["added_tokens_decoder"].(map[string]any)
		if !ok {
			added = map[string]any{}
			fields["added_tokens_decoder"] = added
		}
		if key := strconv.Itoa(int(id)); added[key] == nil {
			added[key] = token
		}
	}
	fields["model_max_length"] = s.MaxTokens
	if _, ok := fields["do_lower_case"].(bool); !ok {
		fields["do_lower_case"] = s.Tok.Config().Lowercase
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, new(bert.TokenizerConfig)); err != nil {
		return nil, fmt.Errorf("%s: the library cannot read it: %w", path, err)
	}
	return fields, nil
}

// sameSettings reads the text files of a converted directory back and reports what they do not say as the source does.
func sameSettings(dir string, s *sentencedir.Dir) error {
	got, err := sentencedir.Read(dir)
	if err != nil {
		return err
	}
	a, b := *s, *got
	a.Tok, b.Tok, a.Tokenizer, b.Tokenizer, a.Home, b.Home = nil, nil, nil, nil, "", ""
	vocab := s.Tok.Vocab()
	switch {
	case !reflect.DeepEqual(a, b):
		return fmt.Errorf("%s: the settings %+v became %+v", s.Home, a, b)
	case !reflect.DeepEqual(s.Tok.Config(), got.Tok.Config()):
		return fmt.Errorf("%s: the configuration of the tokenizer %+v became %+v", s.Home, s.Tok.Config(), got.Tok.Config())
	case got.Tok.Size() > s.Tok.Size():
		return fmt.Errorf("%s: the tokenizer's %d ids became %d", s.Home, s.Tok.Size(), got.Tok.Size())
	}
	for id, token := range vocab {
		if other := got.Tok.Token(int32(id)); token != "" && token != other {
			return fmt.Errorf("%s: token %q (id %d) became %q", s.Home, token, id, other)
		}
	}
	for _, t := range s.Tok.Config().Added {
		want, _ := s.Tok.ID(t.Content)
		if id, _ := got.Tok.ID(t.Content); id != want {
			return fmt.Errorf("%s: the id of the added token %q, %d, became %d", s.Home, t.Content, want, id)
		}
	}
	return nil
}
