// Package distilled is a static model with its weights in the binary: all-MiniLM-L6-v2 distilled to a table of 29,525 tokens
// and 256 dimensions, int8 with one scale per token, 7.9 MB. It takes no network to run: tens of thousands of texts a second
// on one core. NOTICE says where it comes from.
//
// On 20,000 titles of Stack Overflow questions of 20 kinds, k-means of its vectors agrees with the kinds (NMI, mean of five
// starts) 95 % as much as that of all-MiniLM-L6-v2's own vectors does. On other texts, long ones above all, the distance may be
// greater: a table knows no word order.
//
// A program that does not call New does not carry the weights.
package distilled

import (
	_ "embed" // for the weights

	"github.com/gobertopic/gobertopic/embed/static"
)

//go:embed distilled.safetensors
var weights []byte

// New makes the model of the weights in the binary. It fails only with *stage.ConfigError for each bad field of cfg.
func New(cfg static.Config) (*static.Model, error) {
	return static.Parse("distilled.safetensors", weights, cfg)
}
