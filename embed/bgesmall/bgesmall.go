// Package bgesmall is the sentence encoder bge-small-en-v1.5 with its weights in the binary: 384 dimensions, the vector of
// [CLS], texts cut at 512 tokens, results of length 1. It has twelve layers where all-MiniLM-L6-v2 (package minilm) has six,
// and takes about two and a half times as long. The matrices are stored as int8 with one scale per row, and the products
// are computed in int8 unless the configuration asks for bert.FP32. NOTICE says where the weights come from.
//
// Texts that are grouped take no prompt. For search, its authors put "Represent this sentence for searching relevant
// passages: " before a question, and nothing before a passage.
//
// A program that does not call New does not carry the weights.
package bgesmall

import (
	_ "embed" // for the weights

	"github.com/gobertopic/gobertopic/embed/bert"
)

//go:embed bgesmall.safetensors
var weights []byte

// New makes an encoder of the weights in the binary. It fails only with *stage.ConfigError for each bad field of cfg.
func New(cfg bert.Config) (*bert.Encoder, error) {
	return bert.Parse("bgesmall.safetensors", weights, cfg)
}
