package static_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gobertopic/gobertopic/embed/static"
	"github.com/gobertopic/gobertopic/internal/safetensors"
)

// A model of three words and the unknown token, in two dimensions.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "static")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	files := map[string]string{
		"config.json": `{"normalize": false}`,
		"tokenizer.json": `{"normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
			"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "cat": 1, "dog": 2, "##s": 3}}}`,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			fmt.Println(err)
			return
		}
	}
	f, err := os.Create(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		fmt.Println(err)
		return
	}
	table := safetensors.FromFloat32("embeddings", []int{4, 2}, []float32{9, 9, 1, 0, 0, 1, 2, 2})
	if err := safetensors.Write(f, []safetensors.Tensor{table}, nil); err != nil {
		fmt.Println(err)
		return
	}
	if err := f.Close(); err != nil {
		fmt.Println(err)
		return
	}

	m, err := static.Load(dir, static.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := m.Embed(context.Background(), []string{"Cat", "a dog and a cat", "cats", "bird"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range x.Rows {
		fmt.Println(x.Data[2*i : 2*i+2])
	}
	// Output:
	// [1 0]
	// [0.5 0.5]
	// [1.5 1]
	// [0 0]
}
