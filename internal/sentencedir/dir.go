package sentencedir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/internal/tokenizer"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// Dir is what the text files of a directory say.
type Dir struct {
	Shape
	Home      string   // the folder of the transformer's files, where the weights are
	DenseHome []string // the folders of the Dense modules
	Lowercase bool     // do_lower_case of sentence_bert_config.json
	Tokenizer *tokenizer.Tokenizer
	Tok       *wordpiece.Tokenizer // the tokenizer as one of the BERT family, nil where it is another
}

// Read reads all of a directory but its weights. The model must be a BERT and its tokenizer one of
// the BERT family.
func Read(dir string) (*Dir, error) {
	d, err := ReadAny(dir)
	if err != nil {
		return nil, err
	}
	if d.Arch != "" {
		return nil, Wrong(filepath.Join(d.Home, "config.json"), "model_type", fmt.Sprintf("%q", d.Arch), "bert")
	}
	if !d.Pooling.plain() {
		return nil, Wrong(dir, "pooling", fmt.Sprintf("%q", d.Pooling), "mean, cls or max, the only ones that this encoder supports")
	}
	if len(d.Dense) > 0 {
		return nil, Wrong(filepath.Join(dir, "modules.json"), "the number of Dense modules", len(d.Dense), "none: this encoder does not support them")
	}
	if d.Tok == nil {
		path := filepath.Join(d.Home, "tokenizer.json")
		return nil, fmt.Errorf("%s: the tokenizer is not WordPiece with BertNormalizer and BertPreTokenizer, the only kind that this encoder supports", path)
	}
	return d, nil
}

// ReadAny is Read for any tokenizer and for the architectures that are near to BERT.
func ReadAny(dir string) (*Dir, error) {
	mods, err := readModules(dir)
	if err != nil {
		return nil, err
	}
	d := &Dir{Home: filepath.Join(dir, mods.transformer)}
	if err := d.readConfig(filepath.Join(d.Home, "config.json")); err != nil {
		return nil, err
	}
	d.Normalize = mods.normalize
	for _, folder := range mods.dense {
		if err := d.readDense(filepath.Join(dir, folder)); err != nil {
			return nil, err
		}
	}
	if err := d.readPooling(dir, mods); err != nil {
		return nil, err
	}
	if err := d.readPrompts(filepath.Join(dir, "config_sentence_transformers.json")); err != nil {
		return nil, err
	}
	if err := d.readTokenizer(); err != nil {
		return nil, err
	}
	if err := d.Check(filepath.Join(d.Home, "config.json")); err != nil {
		return nil, err
	}
	return d, nil
}

// ReadJSON reads one file, with or without a byte-order mark, into v. A missing file is an error only where it must be there.
func ReadJSON(path string, v any, must bool) (found bool, err error) {
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
	dense                []string
	listed, normalize    bool
}

// readModules reads modules.json. Without it sentence-transformers takes the mean and does not normalise.
func readModules(dir string) (m modules, err error) {
	path := filepath.Join(dir, "modules.json")
	var list []struct{ Type, Path string }
	if m.listed, err = ReadJSON(path, &list, false); !m.listed || err != nil {
		return m, err
	}
	const want = "a Transformer, a Pooling, any number of Dense, and a Normalize or nothing, in this order"
	for i, e := range list {
		if !filepath.IsLocal(e.Path) && e.Path != "" {
			return m, Wrong(path, fmt.Sprintf("path of module %d", i), fmt.Sprintf("%q", e.Path), "a path inside the directory")
		}
		kind := e.Type[strings.LastIndexByte(e.Type, '.')+1:]
		switch {
		case i == 0 && kind == "Transformer":
			m.transformer = e.Path
		case i == 1 && kind == "Pooling":
			m.pooling = e.Path
		case i > 1 && kind == "Dense" && !m.normalize:
			m.dense = append(m.dense, e.Path)
		case i > 1 && kind == "Normalize" && !m.normalize:
			m.normalize = true
		default:
			return m, Wrong(path, fmt.Sprintf("type of module %d", i), fmt.Sprintf("%q", e.Type), want)
		}
	}
	if len(list) < 2 {
		return m, Wrong(path, "the number of modules", len(list), want)
	}
	return m, nil
}

// readConfig reads config.json. The defaults are those of transformers' configurations.
func (d *Dir) readConfig(path string) error {
	c := struct {
		ModelType  string  `json:"model_type"`
		Position   *string `json:"position_embedding_type"`
		Decoder    bool    `json:"is_decoder"`
		Embeddings int     `json:"embeddings_size"`
		Pad        int     `json:"pad_token_id"`
		Buckets    int     `json:"relative_attention_num_buckets"`
		Shape
	}{Pad: 1, Buckets: 32, Shape: Shape{
		Hidden: 768, Layers: 12, Heads: 12, Inner: 3072, Act: "gelu", Eps: 1e-12, Positions: 512, Types: 2,
	}}
	if _, err := ReadJSON(path, &c, true); err != nil {
		return err
	}
	c.Arch, c.Offset, c.Modern, c.Dense = c.ModelType, 0, nil, nil
	switch c.ModelType {
	case "bert":
		c.Arch = ""
	case "mpnet", "roberta", "xlm-roberta", "camembert":
		// The position of the first token follows that of padding, which is its id.
		if c.Pad < 0 || c.Pad >= c.Positions-2 {
			return Wrong(path, "pad_token_id", c.Pad, fmt.Sprintf("0 to %d, for max_position_embeddings %d", c.Positions-3, c.Positions))
		}
		c.Offset = c.Pad + 1
		c.Positions -= c.Offset
		if c.Arch != "mpnet" {
			c.Arch = "roberta"
			break
		}
		if c.Types = 0; c.Buckets != 32 {
			return Wrong(path, "relative_attention_num_buckets", c.Buckets, "32")
		}
	case "distilbert":
		if err := c.readDistilBERT(path); err != nil {
			return err
		}
	case "modernbert":
		if err := c.readModern(path); err != nil {
			return err
		}
	default:
		return Wrong(path, "model_type", fmt.Sprintf("%q", c.ModelType), "bert, camembert, distilbert, modernbert, mpnet, roberta or xlm-roberta")
	}
	switch {
	case c.Position != nil && *c.Position != "absolute":
		return Wrong(path, "position_embedding_type", fmt.Sprintf("%q", *c.Position), "absolute")
	case c.Decoder:
		return Wrong(path, "is_decoder", true, "false")
	case c.Embeddings != 0 && c.Embeddings != c.Hidden:
		return Wrong(path, "embeddings_size", c.Embeddings, fmt.Sprintf("hidden_size %d", c.Hidden))
	}
	d.Shape = c.Shape
	// Other files say these.
	d.Pooling, d.Normalize, d.MaxTokens, d.Prompts = Mean, false, 0, Prompts{}
	return nil
}

// readDistilBERT reads the fields that have other names in a DistilBERT.
func (s *Shape) readDistilBERT(path string) error {
	c := struct {
		Hidden *int    `json:"dim"`
		Layers *int    `json:"n_layers"`
		Heads  *int    `json:"n_heads"`
		Inner  *int    `json:"hidden_dim"`
		Act    *string `json:"activation"`
	}{&s.Hidden, &s.Layers, &s.Heads, &s.Inner, &s.Act}
	s.Layers, s.Types = 6, 0
	_, err := ReadJSON(path, &c, true)
	return err
}

// readModern reads the fields that are those of ModernBERT.
func (s *Shape) readModern(path string) error {
	type rope struct {
		Type  *string  `json:"rope_type"`
		Theta *float64 `json:"rope_theta"`
	}
	m := &Modern{Window: 128, Theta: 160_000, LocalTheta: 10_000}
	every := 3
	s.Inner, s.Layers, s.Eps, s.Positions, s.Types = 1152, 22, 1e-5, 8192, 0
	c := struct {
		Inner      *int            `json:"intermediate_size"`
		Layers     *int            `json:"num_hidden_layers"`
		Act        *string         `json:"hidden_activation"`
		Eps        *float64        `json:"norm_eps"`
		Positions  *int            `json:"max_position_embeddings"`
		Window     *int            `json:"local_attention"`
		Every      *int            `json:"global_attn_every_n_layers"`
		Kinds      []string        `json:"layer_types"`
		Theta      *float64        `json:"global_rope_theta"`
		LocalTheta *float64        `json:"local_rope_theta"`
		Ropes      map[string]rope `json:"rope_parameters"`
		Scaling    map[string]any  `json:"rope_scaling"`
		Attention  *bool           `json:"attention_bias"`
		InnerBias  *bool           `json:"mlp_bias"`
		Norm       *bool           `json:"norm_bias"`
	}{
		Inner: &s.Inner, Layers: &s.Layers, Act: &s.Act, Eps: &s.Eps, Positions: &s.Positions,
		Window: &m.Window, Every: &every, Theta: &m.Theta, LocalTheta: &m.LocalTheta,
		Attention: &m.AttentionBias, InnerBias: &m.InnerBias, Norm: &m.NormBias,
	}
	s.Act = "gelu"
	if _, err := ReadJSON(path, &c, true); err != nil {
		return err
	}
	if len(c.Scaling) > 0 {
		return Wrong(path, "rope_scaling", c.Scaling, "null")
	}
	for i, to := range []*float64{&m.Theta, &m.LocalTheta} {
		kind := []string{fullAttention, slidingAttention}[i]
		r := c.Ropes[kind]
		if r.Type != nil && *r.Type != "default" {
			return Wrong(path, "rope_parameters."+kind+".rope_type", fmt.Sprintf("%q", *r.Type), `"default"`)
		}
		if r.Theta != nil {
			*to = *r.Theta
		}
	}
	switch {
	case c.Kinds == nil && every < 1:
		return Wrong(path, "global_attn_every_n_layers", every, "at least 1")
	case c.Kinds == nil && s.Layers <= 1<<20: // Check refuses other numbers of layers
		for i := range s.Layers {
			m.Local = append(m.Local, i%every > 0)
		}
	}
	for i, kind := range c.Kinds {
		if kind != fullAttention && kind != slidingAttention {
			return Wrong(path, fmt.Sprintf("layer_types[%d]", i), fmt.Sprintf("%q", kind), fullAttention+" or "+slidingAttention)
		}
		m.Local = append(m.Local, kind == slidingAttention)
	}
	s.Modern = m
	return nil
}

// The kinds of layers of ModernBERT.
const (
	fullAttention    = "full_attention"
	slidingAttention = "sliding_attention"
)

// PoolingFields are the fields of the Pooling module's config.json before sentence-transformers 6, and what they stand for
// where it is supported.
var PoolingFields = []struct {
	Field string
	Mode  Pooling
}{
	{"pooling_mode_cls_token", CLS},
	{"pooling_mode_max_tokens", Max},
	{"pooling_mode_mean_tokens", Mean},
	{"pooling_mode_mean_sqrt_len_tokens", SqrtLen},
	{"pooling_mode_weightedmean_tokens", Weighted},
	{"pooling_mode_lasttoken", Last},
}

// readDense reads the config.json of a Dense module.
func (d *Dir) readDense(dir string) error {
	path := filepath.Join(dir, "config.json")
	c := struct {
		In       int     `json:"in_features"`
		Out      int     `json:"out_features"`
		Bias     bool    `json:"bias"`
		Act      string  `json:"activation_function"`
		Input    string  `json:"module_input_name"`
		Output   *string `json:"module_output_name"`
		Residual bool    `json:"use_residual"`
	}{Bias: true, Act: "torch.nn.modules.activation.Tanh", Input: sentence}
	if _, err := ReadJSON(path, &c, true); err != nil {
		return err
	}
	name := c.Act[strings.LastIndexByte(c.Act, '.')+1:]
	act := name
	if name == "Identity" {
		act = ""
	}
	switch {
	case !strings.HasPrefix(c.Act, "torch.nn.") || name == "" || !slices.Contains(DenseActivations, act):
		return Wrong(path, "activation_function", fmt.Sprintf("%q", c.Act), "Identity, ReLU or Tanh of torch.nn")
	case c.In != d.Out():
		return Wrong(path, "in_features", c.In, fmt.Sprintf("%d, the columns of what comes before", d.Out()))
	case c.Input != sentence:
		return Wrong(path, "module_input_name", fmt.Sprintf("%q", c.Input), sentence)
	case c.Output != nil && *c.Output != sentence:
		return Wrong(path, "module_output_name", fmt.Sprintf("%q", *c.Output), sentence)
	case c.Residual:
		return Wrong(path, "use_residual", true, "false")
	}
	d.Dense = append(d.Dense, Dense{In: c.In, Out: c.Out, Bias: c.Bias, Act: act})
	d.DenseHome = append(d.DenseHome, dir)
	return nil
}

// sentence is the name of the vector of a text among the features of sentence-transformers.
const sentence = "sentence_embedding"

// readPooling reads the Pooling module's config.json, in the form of sentence-transformers 6 (pooling_mode) or before.
func (d *Dir) readPooling(dir string, m modules) error {
	if !m.listed {
		return nil
	}
	path := filepath.Join(dir, m.pooling, "config.json")
	fields := map[string]json.RawMessage{}
	if _, err := ReadJSON(path, &fields, true); err != nil {
		return err
	}
	d.Unpooled = string(fields["include_prompt"]) == "false"
	const want = "one of " + poolings
	if raw, ok := fields["pooling_mode"]; ok {
		var modes []Pooling
		if err := json.Unmarshal(raw, &modes); err != nil {
			modes = make([]Pooling, 1)
			if err := json.Unmarshal(raw, &modes[0]); err != nil {
				return Wrong(path, "pooling_mode", string(raw), want)
			}
		}
		if len(modes) != 1 || !modes[0].known() {
			return Wrong(path, "pooling_mode", string(raw), want)
		}
		d.Pooling = modes[0]
		return nil
	}
	var mode Pooling
	for _, f := range PoolingFields {
		if string(fields[f.Field]) != "true" {
			continue
		}
		if f.Mode == "" || mode != "" {
			return Wrong(path, f.Field, true, want+" alone")
		}
		mode = f.Mode
	}
	if mode != "" {
		d.Pooling = mode
	}
	return nil
}
