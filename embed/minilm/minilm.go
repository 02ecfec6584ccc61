// Package minilm is the sentence encoder all-MiniLM-L6-v2 with its weights in the binary: 384 dimensions, texts cut at 256
// tokens, results of length 1. The matrices are stored as int8 with one scale per row, and the products are computed in int8 unless the configuration asks
// for bert.FP32. NOTICE says where the weights come from.
//
// A program that does not call New does not carry the weights.
package minilm

import (
	_ "embed" // for the weights

	"github.com/gobertopic/gobertopic/embed/bert"
)

// Identity is the Identity of an encoder that New makes with bert.DefaultConfig. It costs nothing, while
// New reads the weights.
const Identity = `bert e746f839e2ca015df7dce4159dd8fa8a max=256 windows=false prompt="" int8 attention=bf16`

//go:embed minilm.safetensors
var weights []byte

// New makes an encoder of the weights in the binary. It fails only with *stage.ConfigError for each bad field of cfg.
func New(cfg bert.Config) (*bert.Encoder, error) {
	return bert.Parse("minilm.safetensors", weights, cfg)
}
