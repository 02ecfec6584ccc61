package cybertron_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/cybertron"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/stage"
)

var _ stage.Embedder = (*cybertron.Encoder)(nil)

// A sentence-transformers directory is converted once, without Python, and then loaded.
func Example() {
	dir, err := os.MkdirTemp("", "cybertron")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	src, dst := filepath.Join(dir, "random-tiny"), filepath.Join(dir, "random-tiny-spago")
	if err := writeRandomModel(src); err != nil { // stands for a model from a hub
		log.Fatal(err)
	}

	if err := cybertron.Convert(dst, src); err != nil {
		log.Fatal(err)
	}
	e, err := cybertron.Load(dst, cybertron.DefaultConfig())
	if err != nil {
		log.Fatal(err)
	}
	texts := []string{"a map", "", "a map of maps, and of a map"}
	x, err := e.EmbedWith(context.Background(), texts, embed.Options{
		Cut: func(n int) { fmt.Println(n, "text is longer than", e.MaxTokens(), "tokens") },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Rows, "rows of", x.Cols)
	for i, text := range texts {
		var squares float64
		for _, v := range x.Data[i*x.Stride:][:x.Cols] {
			squares += float64(v) * float64(v)
		}
		ids, _ := e.Tokens(text)
		fmt.Printf("%q is the tokens %v, its vector is %.3f long\n", text, ids, squares)
	}
	// Output:
	// 1 text is longer than 8 tokens
	// 3 rows of 8
	// "a map" is the tokens [2 5 6 3], its vector is 1.000 long
	// "" is the tokens [2 3], its vector is 1.000 long
	// "a map of maps, and of a map" is the tokens [2 5 6 7 6 8 9 3], its vector is 1.000 long
}

// writeRandomModel makes a sentence-transformers directory with one layer of random numbers.
func writeRandomModel(dir string) error {
	vocab := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "map", "of", "##s", ",", "and"}
	const hidden, inner, positions = 8, 16, 8
	files := map[string]any{
		"config.json": map[string]any{
			"model_type": "bert", "hidden_size": hidden, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": inner,
			"max_position_embeddings": positions, "type_vocab_size": 2,
		},
		"modules.json":          []map[string]string{{"type": "Transformer"}, {"type": "Pooling", "path": "1_Pooling"}, {"type": "Normalize"}},
		"1_Pooling/config.json": map[string]any{"pooling_mode_mean_tokens": true},
	}
	if err := os.MkdirAll(filepath.Join(dir, "1_Pooling"), 0o755); err != nil {
		return err
	}
	for name, v := range files {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "vocab.txt"), []byte(strings.Join(vocab, "\n")), 0o644); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var tensors []safetensors.Tensor
	add := func(name string, shape ...int) {
		n := 1
		for _, k := range shape {
			n *= k
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = rng.Float32() - 0.5
		}
		tensors = append(tensors, safetensors.FromFloat32(name, shape, values))
	}
	add("embeddings.word_embeddings.weight", len(vocab), hidden)
	add("embeddings.position_embeddings.weight", positions, hidden)
	add("embeddings.token_type_embeddings.weight", 2, hidden)
	for name, shape := range map[string][]int{
		"embeddings.LayerNorm": {hidden}, "encoder.layer.0.attention.output.LayerNorm": {hidden}, "encoder.layer.0.output.LayerNorm": {hidden},
		"encoder.layer.0.attention.self.query": {hidden, hidden}, "encoder.layer.0.attention.self.key": {hidden, hidden},
		"encoder.layer.0.attention.self.value": {hidden, hidden}, "encoder.layer.0.attention.output.dense": {hidden, hidden},
		"encoder.layer.0.intermediate.dense": {inner, hidden}, "encoder.layer.0.output.dense": {hidden, inner},
	} {
		add(name+".weight", shape...)
		add(name+".bias", shape[0])
	}
	f, err := os.Create(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		return err
	}
	defer f.Close()
	return safetensors.Write(f, tensors, nil)
}
