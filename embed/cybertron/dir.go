package cybertron

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// pooling says how the vectors of a text's tokens become one.
type pooling string

const (
	poolMean pooling = "mean"
	poolCLS  pooling = "cls"
	poolMax  pooling = "max"
)

// settings is what the text files of a directory say about a model.
type settings struct {
	Hidden    int     `json:"hidden_size"`
	Layers    int     `json:"num_hidden_layers"`
	Heads     int     `json:"num_attention_heads"`
	Inner     int     `json:"intermediate_size"`
	Act       string  `json:"hidden_act"`
	Eps       float64 `json:"layer_norm_eps"`
	Positions int     `json:"max_position_embeddings"`
	Types     int     `json:"type_vocab_size"`

	home      string // the folder of the transformer's files
	pooling   pooling
	normalize bool
	maxTokens int
	lowercase bool // do_lower_case of sentence_bert_config.json
	tok       *wordpiece.Tokenizer
}

// wrong is the error for a field of a file that this package cannot follow.
func wrong(path, field string, value any, want string) error {
	return fmt.Errorf("%s: %s is %v, want %s", path, field, value, want)
}

// readSettings reads all of a directory but its weights.
func readSettings(dir string) (*settings, error) {
	mods, err := readModules(dir)
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, mods.transformer)
	s, err := readConfig(filepath.Join(home, "config.json"))
	if err != nil {
		return nil, err
	}
	s.home, s.normalize = home, mods.normalize
	if s.pooling, err = readPooling(dir, mods); err != nil {
		return nil, err
	}
	if err := refusePrompt(filepath.Join(dir, "config_sentence_transformers.json")); err != nil {
		return nil, err
	}
	return s, s.readTokenizer()
}

// readJSON reads one file into v. A missing file is an error only where it must be there.
func readJSON(path string, v any, must bool) (found bool, err error) {
	b, err := os.ReadFile(path)
	if !must && errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")), v); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}

// modules is what modules.json says; paths are relative to the directory.
type modules struct {
	transformer, pooling string
	listed, normalize    bool
}

// readModules reads modules.json. Without it sentence-transformers takes the mean and does not normalise.
func readModules(dir string) (m modules, err error) {
	path := filepath.Join(dir, "modules.json")
	var list []struct{ Type, Path string }
	if m.listed, err = readJSON(path, &list, false); !m.listed || err != nil {
		return m, err
	}
	const want = "a Transformer, a Pooling, and a Normalize or nothing, in this order"
	for i, e := range list {
		if !filepath.IsLocal(e.Path) && e.Path != "" {
			return m, wrong(path, fmt.Sprintf("path of module %d", i), fmt.Sprintf("%q", e.Path), "a path inside the directory")
		}
		kind := e.Type[strings.LastIndexByte(e.Type, '.')+1:]
		switch {
		case i == 0 && kind == "Transformer":
			m.transformer = e.Path
		case i == 1 && kind == "Pooling":
			m.pooling = e.Path
		case i == 2 && kind == "Normalize":
			m.normalize = true
		default:
			return m, wrong(path, fmt.Sprintf("type of module %d", i), fmt.Sprintf("%q", e.Type), want)
		}
	}
	if len(list) < 2 {
		return m, wrong(path, "the number of modules", len(list), want)
	}
	return m, nil
}

// readConfig reads config.json. The defaults are those of transformers' BertConfig.
func readConfig(path string) (*settings, error) {
	c := struct {
		ModelType  string  `json:"model_type"`
		Position   *string `json:"position_embedding_type"`
		Decoder    bool    `json:"is_decoder"`
		Embeddings int     `json:"embeddings_size"`
		settings
	}{settings: settings{
		Hidden: 768, Layers: 12, Heads: 12, Inner: 3072, Act: "gelu", Eps: 1e-12, Positions: 512, Types: 2,
	}}
	if _, err := readJSON(path, &c, true); err != nil {
		return nil, err
	}
	s := &c.settings
	switch {
	case c.ModelType != "bert":
		return nil, wrong(path, "model_type", fmt.Sprintf("%q", c.ModelType), "bert")
	case c.Position != nil && *c.Position != "absolute":
		return nil, wrong(path, "position_embedding_type", fmt.Sprintf("%q", *c.Position), "absolute")
	case c.Decoder:
		return nil, wrong(path, "is_decoder", true, "false")
	case c.Embeddings != 0 && c.Embeddings != s.Hidden:
		return nil, wrong(path, "embeddings_size", c.Embeddings, fmt.Sprintf("hidden_size %d", s.Hidden))
	}
	for _, f := range []struct {
		name  string
		value int
	}{
		{"hidden_size", s.Hidden},
		{"num_hidden_layers", s.Layers},
		{"num_attention_heads", s.Heads},
		{"intermediate_size", s.Inner},
		{"max_position_embeddings", s.Positions},
		{"type_vocab_size", s.Types},
	} {
		if f.value < 1 || f.value > 1<<20 {
			return nil, wrong(path, f.name, f.value, "1 to 1048576")
		}
	}
	switch _, known := activations[s.Act]; {
	case s.Hidden%s.Heads != 0:
		return nil, wrong(path, "num_attention_heads", s.Heads, fmt.Sprintf("a divisor of hidden_size %d", s.Hidden))
	case !known:
		return nil, wrong(path, "hidden_act", fmt.Sprintf("%q", s.Act), "gelu, gelu_new, gelu_pytorch_tanh or relu")
	case !(s.Eps > 0 && s.Eps < 1):
		return nil, wrong(path, "layer_norm_eps", s.Eps, "more than 0 and less than 1")
	case s.Positions < 3:
		return nil, wrong(path, "max_position_embeddings", s.Positions, "at least 3")
	}
	return s, nil
}

// The fields of the Pooling module's config.json before sentence-transformers 6, and what they stand for here.
var poolingFields = []struct {
	field string
	mode  pooling
}{
	{"pooling_mode_cls_token", poolCLS},
	{"pooling_mode_max_tokens", poolMax},
	{"pooling_mode_mean_tokens", poolMean},
	{"pooling_mode_mean_sqrt_len_tokens", ""},
	{"pooling_mode_weightedmean_tokens", ""},
	{"pooling_mode_lasttoken", ""},
}

// readPooling reads the Pooling module's config.json, in the form of sentence-transformers 6 (pooling_mode) or before.
func readPooling(dir string, m modules) (pooling, error) {
	if !m.listed {
		return poolMean, nil
	}
	path := filepath.Join(dir, m.pooling, "config.json")
	fields := map[string]json.RawMessage{}
	if _, err := readJSON(path, &fields, true); err != nil {
		return "", err
	}
	const want = "one of mean, cls and max"
	if raw, ok := fields["pooling_mode"]; ok {
		var modes []pooling
		if err := json.Unmarshal(raw, &modes); err != nil {
			modes = make([]pooling, 1)
			if err := json.Unmarshal(raw, &modes[0]); err != nil {
				return "", wrong(path, "pooling_mode", string(raw), want)
			}
		}
		if len(modes) != 1 || modes[0] != poolMean && modes[0] != poolCLS && modes[0] != poolMax {
			return "", wrong(path, "pooling_mode", string(raw), want)
		}
		return modes[0], nil
	}
	var mode pooling
	for _, f := range poolingFields {
		if string(fields[f.field]) != "true" {
			continue
		}
		if f.mode == "" || mode != "" {
			return "", wrong(path, f.field, true, want+" alone")
		}
		mode = f.mode
	}
	if mode == "" {
		mode = poolMean
	}
	return mode, nil
}

// refusePrompt reports a directory whose texts are to be led in by a prompt.
func refusePrompt(path string) error {
	var c struct {
		Default *string           `json:"default_prompt_name"`
		Prompts map[string]string `json:"prompts"`
	}
	if _, err := readJSON(path, &c, false); err != nil {
		return err
	}
	if c.Default != nil && c.Prompts[*c.Default] != "" {
		return wrong(path, "default_prompt_name", fmt.Sprintf("%q (%q)", *c.Default, c.Prompts[*c.Default]), "null or an empty prompt")
	}
	return nil
}

// readTokenizer reads the tokenizer and the length at which texts are cut: max_seq_length of sentence_bert_config.json, or
// else model_max_length of tokenizer_config.json, or else as many positions as there are.
func (s *settings) readTokenizer() error {
	path := filepath.Join(s.home, "sentence_bert_config.json")
	var c struct {
		MaxTokens *float64 `json:"max_seq_length"`
		Lowercase bool     `json:"do_lower_case"`
	}
	if _, err := readJSON(path, &c, false); err != nil {
		return err
	}
	field, source := "max_seq_length", path
	if c.MaxTokens == nil {
		var t struct {
			MaxTokens *float64 `json:"model_max_length"`
		}
		field, source = "model_max_length", filepath.Join(s.home, "tokenizer_config.json")
		if _, err := readJSON(source, &t, false); err != nil {
			return err
		}
		c.MaxTokens = t.MaxTokens
	}
	s.maxTokens = s.Positions
	if c.MaxTokens != nil {
		if !(*c.MaxTokens >= 3) {
			return wrong(source, field, *c.MaxTokens, "at least 3")
		}
		s.maxTokens = int(math.Min(*c.MaxTokens, float64(s.Positions)))
	}

	var err error
	if s.tok, err = wordpiece.LoadDir(s.home); err != nil {
		return err
	}
	if cfg := s.tok.Config(); c.Lowercase && !cfg.Lowercase {
		// sentence-transformers lowers the text before all else, which leaves accents as they are.
		keep := cfg.StripAccents != nil && *cfg.StripAccents
		cfg.Lowercase, cfg.StripAccents = true, &keep
		if s.tok, err = rebuild(s.tok, cfg); err != nil {
			return fmt.Errorf("%s: do_lower_case: %w", path, err)
		}
	}
	s.lowercase = c.Lowercase
	return nil
}

// rebuild makes a tokenizer with the same vocabulary and another configuration. It fails where FromVocab cannot give the
// special and added tokens the ids that they have.
func rebuild(t *wordpiece.Tokenizer, cfg wordpiece.Config) (*wordpiece.Tokenizer, error) {
	u, err := wordpiece.FromVocab(t.Vocab(), cfg)
	if err != nil {
		return nil, err
	}
	for _, a := range cfg.Added {
		want, _ := t.ID(a.Content)
		if got, _ := u.ID(a.Content); got != want {
			return nil, fmt.Errorf("added token %q has id %d, want %d, its place in the vocabulary or after it", a.Content, want, got)
		}
	}
	a, _ := t.Encode(nil, "a", 0)
	b, _ := u.Encode(nil, "a", 0)
	if !slices.Equal(a, b) {
		return nil, fmt.Errorf("the tokenizer makes %v of \"a\", want %v, with nothing around it but %s and %s", a, b, cfg.Cls, cfg.Sep)
	}
	return u, nil
}
