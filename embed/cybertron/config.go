package cybertron

import (
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Config says how an encoder runs. The zero value is the default.
type Config struct {
	// MaxTokens is the length in tokens, with [CLS] and [SEP], at which a text is cut. 0, the default, means the model's
	// own max_seq_length; otherwise at least 3 and at most the model's max_position_embeddings. In sentence-transformers
	// it is the attribute max_seq_length.
	MaxTokens int
	// Workers is the number of texts that are encoded at once; 0, the default, means GOMAXPROCS. It never changes a
	// result.
	Workers int
	// Prompt is put before every text, as it stands: "query: " or "passage: " for the models of the E5 family. The encoder's
	// length counts it too. Empty, the default, means the prompt that PromptName names. In sentence-transformers it is the
	// argument prompt of encode.
	Prompt string
	// PromptName is the name of one of the model's own prompts, those of config_sentence_transformers.json, where Prompt is
	// empty. Empty, the default, means the model's default_prompt_name, or no prompt where it has none.
	PromptName string
}

// DefaultConfig is the model's own length and all processors, and the model's own prompt, if it has one.
func DefaultConfig() Config { return Config{} }

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MaxTokens == 0 || c.MaxTokens >= 3, "cybertron.Config.MaxTokens", c.MaxTokens, "0 or at least 3")
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "cybertron.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}
