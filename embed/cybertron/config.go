package cybertron

import "github.com/gobertopic/gobertopic/internal/check"

// ConfigError is one field of a configuration with a value outside its range.
type ConfigError = check.ConfigError

// Config says how an encoder runs. The zero value is the default.
type Config struct {
	// MaxTokens is the length in tokens, with [CLS] and [SEP], at which a text is cut. 0, the default, means the model's
	// own max_seq_length; otherwise at least 3 and at most the model's max_position_embeddings. In sentence-transformers
	// it is the attribute max_seq_length.
	MaxTokens int
	// Workers is the number of texts that are encoded at once; 0, the default, means GOMAXPROCS. It never changes a
	// result.
	Workers int
}

// DefaultConfig is the model's own length and all processors.
func DefaultConfig() Config { return Config{} }

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MaxTokens == 0 || c.MaxTokens >= 3, "cybertron.Config.MaxTokens", c.MaxTokens, "0 or at least 3")
	f.Want(c.Workers >= 0, "cybertron.Config.Workers", c.Workers, "at least 0")
	return f.Err()
}
