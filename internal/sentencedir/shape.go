package sentencedir

import (
	"fmt"
	"slices"
)

// Pooling says how the vectors of a text's tokens become one.
type Pooling string

// The ways of pooling.
const (
	Mean Pooling = "mean"
	CLS  Pooling = "cls"
	Max  Pooling = "max"
	// SqrtLen is the sum over the root of the number of tokens, Weighted the mean in which token i,
	// from 1 on, counts i times, and Last the vector of the last token.
	SqrtLen  Pooling = "mean_sqrt_len_tokens"
	Weighted Pooling = "weightedmean"
	Last     Pooling = "lasttoken"
)

// poolings names all ways of pooling.
const poolings = "cls, lasttoken, max, mean, mean_sqrt_len_tokens or weightedmean"

func (p Pooling) known() bool { return p.plain() || p == SqrtLen || p == Weighted || p == Last }

// plain reports whether p is one of the three that every reader of directories here knows.
func (p Pooling) plain() bool { return p == Mean || p == CLS || p == Max }

// Dense is a module after pooling: a product with weights and a bias, and an activation.
type Dense struct {
	In   int    `json:"in_features"`
	Out  int    `json:"out_features"`
	Bias bool   `json:"bias"`
	Act  string `json:"activation"` // one of DenseActivations
}

// DenseActivations are the activations of a Dense module that are known, by their names in
// torch.nn, with "" for none.
var DenseActivations = []string{"", "ReLU", "Tanh"}

// Shape is everything about a model but its numbers and its vocabulary. Its JSON form is stable.
type Shape struct {
	Hidden    int     `json:"hidden_size"`
	Layers    int     `json:"num_hidden_layers"`
	Heads     int     `json:"num_attention_heads"`
	Inner     int     `json:"intermediate_size"`
	Act       string  `json:"hidden_act"` // one of Activations
	Eps       float64 `json:"layer_norm_eps"`
	Positions int     `json:"max_position_embeddings"`
	Types     int     `json:"type_vocab_size"`
	Pooling   Pooling `json:"pooling"`
	Normalize bool    `json:"normalize"`
	MaxTokens int     `json:"max_seq_length"` // where texts are cut, with their special tokens
	// Arch is "" for BERT, "roberta" for RoBERTa and XLM-RoBERTa, "distilbert", "modernbert" or
	// "mpnet". The last three have no token types.
	Arch string `json:"model_type,omitempty"`
	// Offset is the number of rows of the position table before that of the first token, 0 for
	// BERT. Positions does not count them. The last of them is that of the padding token, whose id
	// is Offset−1.
	Offset int `json:"position_offset,omitempty"`
	// Modern is what only ModernBERT has, nil for any other.
	Modern *Modern `json:"modernbert,omitempty"`
	// Dense are the modules after pooling, before the vector is normalized.
	Dense   []Dense `json:"dense,omitempty"`
	Prompts         // what may stand before a text
}

// Modern is what a ModernBERT has beyond a BERT.
type Modern struct {
	// Local says of each layer whether a token sees only the tokens up to Window/2 away from it.
	Local  []bool `json:"local_layers"`
	Window int    `json:"local_attention"`
	// Theta and LocalTheta are the bases of the rotations in layers that see all and in local ones.
	Theta      float64 `json:"global_rope_theta"`
	LocalTheta float64 `json:"local_rope_theta"`
	// Which products and norms have biases.
	AttentionBias bool `json:"attention_bias,omitempty"`
	InnerBias     bool `json:"mlp_bias,omitempty"`
	NormBias      bool `json:"norm_bias,omitempty"`
}

// check reports what no model has.
func (m *Modern) check(path string, s *Shape) error {
	size := s.Hidden / s.Heads
	switch {
	case len(m.Local) != s.Layers:
		return Wrong(path, "the number of layer_types", len(m.Local), fmt.Sprintf("num_hidden_layers %d", s.Layers))
	case m.Window < 2 || m.Window > 1<<20:
		return Wrong(path, "local_attention", m.Window, "2 to 1048576")
	case !(m.Theta >= 1 && m.Theta <= 1e12):
		return Wrong(path, "rope_theta of full_attention", m.Theta, "1 to 1e12")
	case !(m.LocalTheta >= 1 && m.LocalTheta <= 1e12):
		return Wrong(path, "rope_theta of sliding_attention", m.LocalTheta, "1 to 1e12")
	case size%2 != 0:
		return Wrong(path, "hidden_size/num_attention_heads", size, "an even number")
	case s.Positions > 1<<16:
		return Wrong(path, "max_position_embeddings", s.Positions, "at most 65536")
	}
	return nil
}

// Prompts are texts to put before each text, by name.
type Prompts struct {
	ByName  map[string]string `json:"prompts,omitempty"`
	Default string            `json:"default_prompt_name,omitempty"` // the name of one of them, or nothing
	// Unpooled is set when the vectors of a prompt's tokens do not count in the mean.
	Unpooled bool `json:"exclude_prompt,omitempty"`
}

// Activations are the values of hidden_act that are known: "gelu" and "gelu_python" are x·Φ(x), "gelu_new" and
// "gelu_pytorch_tanh" its approximation with tanh.
var Activations = []string{"gelu", "gelu_python", "gelu_new", "gelu_pytorch_tanh", "relu"}

// Wrong is the error for a field of a file that cannot be followed.
func Wrong(path, field string, value any, want string) error {
	return fmt.Errorf("%s: %s is %v, want %s", path, field, value, want)
}

// untyped reports whether the architecture has no token types.
func (s *Shape) untyped() bool {
	return s.Arch == "distilbert" || s.Arch == "modernbert" || s.Arch == "mpnet"
}

// Out returns the number of columns of a result.
func (s *Shape) Out() int {
	if n := len(s.Dense); n > 0 {
		return s.Dense[n-1].Out
	}
	return s.Hidden
}

// Check reports sizes that no model has; path is what to call their source.
func (s *Shape) Check(path string) error {
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
		if f.name == "type_vocab_size" && s.untyped() && f.value == 0 {
			continue
		}
		if f.value < 1 || f.value > 1<<20 {
			return Wrong(path, f.name, f.value, "1 to 1048576")
		}
	}
	switch {
	case s.Arch != "" && s.Arch != "roberta" && !s.untyped():
		return Wrong(path, "model_type", fmt.Sprintf("%q", s.Arch), "nothing, distilbert, modernbert, mpnet or roberta")
	case (s.Arch == "modernbert") != (s.Modern != nil):
		return Wrong(path, "modernbert", s.Modern != nil, fmt.Sprintf("%t for model_type %q", s.Arch == "modernbert", s.Arch))
	case s.Offset < 0 || s.Offset > 1<<20 || s.Offset > 0 && s.Arch != "roberta" && s.Arch != "mpnet":
		return Wrong(path, "position_offset", s.Offset, "0, or up to 1048576 for mpnet and roberta")
	case s.Hidden%s.Heads != 0:
		return Wrong(path, "num_attention_heads", s.Heads, fmt.Sprintf("a divisor of hidden_size %d", s.Hidden))
	case !slices.Contains(Activations, s.Act):
		return Wrong(path, "hidden_act", fmt.Sprintf("%q", s.Act), "gelu, gelu_new, gelu_pytorch_tanh or relu")
	case !(s.Eps > 0 && s.Eps < 1):
		return Wrong(path, "layer_norm_eps", s.Eps, "more than 0 and less than 1")
	case s.Positions < 3:
		return Wrong(path, "max_position_embeddings", s.Positions, "at least 3")
	case !s.Pooling.known():
		return Wrong(path, "pooling", fmt.Sprintf("%q", s.Pooling), poolings)
	case s.MaxTokens < 3 || s.MaxTokens > s.Positions:
		return Wrong(path, "max_seq_length", s.MaxTokens, fmt.Sprintf("3 to %d", s.Positions))
	}
	if s.Modern != nil {
		if err := s.Modern.check(path, s); err != nil {
			return err
		}
	}
	cols := s.Hidden
	for i, d := range s.Dense {
		switch {
		case d.In != cols:
			return Wrong(path, fmt.Sprintf("in_features of Dense module %d", i), d.In, fmt.Sprintf("%d, the columns of what comes before it", cols))
		case d.Out < 1 || d.Out > 1<<16:
			return Wrong(path, fmt.Sprintf("out_features of Dense module %d", i), d.Out, "1 to 65536")
		case !slices.Contains(DenseActivations, d.Act):
			return Wrong(path, fmt.Sprintf("activation_function of Dense module %d", i), fmt.Sprintf("%q", d.Act), "Identity, ReLU or Tanh")
		}
		cols = d.Out
	}
	return nil
}
