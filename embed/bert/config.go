package bert

import (
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// Config says how an encoder runs. The zero value is the default.
type Config struct {
	// MaxTokens is the length in tokens, with [CLS] and [SEP], at which a text is cut. 0, the default, means the model's
	// own max_seq_length; otherwise at least 3 and at most the model's max_position_embeddings. In sentence-transformers
	// it is the attribute max_seq_length.
	MaxTokens int
	// Workers is the number of goroutines of one call; 0, the default, means GOMAXPROCS. It never changes a result.
	Workers int
	// Precision is the number format of the matrix products. Empty, the default, means Int8 for a model whose matrices
	// are stored as int8, as Convert writes them, and FP32 for any other.
	Precision Precision
	// Windows cuts a text that is longer than MaxTokens into windows of that length, as even as can be, and takes the mean
	// of their vectors, each weighted by its tokens. Default false: the end of such a text is left out, as
	// sentence-transformers does.
	Windows bool
	// Kernels names the instruction set of the products: "purego", "avx2", "avx512", "avx512vnni"
	// or "amx". Empty, the default, means the value of the environment variable GOBERTOPIC_SIMD, or
	// else the best that the processor has. With Int8 all give the same bits; with FP32 all but
	// "purego", which rounds differently in the last digits.
	Kernels string
	// TruncateDim keeps that many of the first dimensions, for models that are trained so (Matryoshka
	// representation learning). The vectors have length 1 again where those of the model have. Fewer
	// dimensions take less time after embedding and lose some quality. 0, the default, means all of
	// them. In sentence-transformers it is truncate_dim, which leaves the vectors shorter unless
	// normalize_embeddings is set.
	TruncateDim int
	// Prompt is put before every text, as it stands: "query: " or "passage: " for the models of the E5 family. MaxTokens
	// counts its tokens too. Empty, the default, means the prompt that PromptName names. In sentence-transformers it is the
	// argument prompt of encode.
	Prompt string
	// PromptName is the name of one of the model's own prompts, those of config_sentence_transformers.json, where Prompt is
	// empty. Empty, the default, means the model's default_prompt_name, or no prompt where it has none.
	PromptName string
}

// Precision is a number format of matrix products.
type Precision string

const (
	// FP32 is float32, as sentence-transformers computes.
	FP32 Precision = "fp32"
	// Int8 rounds the weights, with a scale per output, and the activations, with a scale and a zero point per token, to
	// 8 bits, adds up exactly, rounds what attention multiplies to bfloat16, and does all else in
	// float32. Several times faster than FP32 on processors with
	// AVX-512-VNNI or AMX.
	Int8 Precision = "int8"
)

// DefaultConfig is the model's own length, all processors and the best kernels.
func DefaultConfig() Config { return Config{} }

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MaxTokens == 0 || c.MaxTokens >= 3, "bert.Config.MaxTokens", c.MaxTokens, "0 or at least 3")
	f.Want(c.TruncateDim >= 0, "bert.Config.TruncateDim", c.TruncateDim, "at least 0")
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "bert.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	f.Want(c.Precision == "" || c.Precision == FP32 || c.Precision == Int8, "bert.Config.Precision", c.Precision, `"fp32", "int8" or nothing`)
	if _, err := c.kernels(); err != nil {
		name := c.Kernels
		if name == "" {
			name = "not set"
		}
		f.Want(false, "bert.Config.Kernels", name, "a set that this machine has: "+err.Error())
	}
	return f.Err()
}

func (c Config) kernels() (*simd.Kernels, error) {
	if c.Kernels != "" {
		return simd.For(simd.Level(c.Kernels))
	}
	if err := simd.Forced(); err != nil {
		return nil, err
	}
	return simd.For(simd.Default())
}
