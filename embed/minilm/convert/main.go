// Command convert makes the weights file of package minilm from the published model:
//
//	go run ./embed/minilm/convert MODEL_DIR embed/minilm/minilm.safetensors
//
// MODEL_DIR is all-MiniLM-L6-v2 as sentence-transformers saves it; another model is refused by its hash.
// The file in the package was made before package bert rounded columns apart and smoothed all products: what this command
// writes now is other bytes, which package bert reads as well.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/internal/atomicfile"
)

// original is the SHA-256 of the published model.safetensors.
const original = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: convert MODEL_DIR OUT")
		os.Exit(2)
	}
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

func convert(dir, out string) error {
	path := filepath.Join(dir, "model.safetensors")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != original {
		return fmt.Errorf("%s has SHA-256 %s, want %s", path, sum, original)
	}
	return atomicfile.Write(out, func(w io.Writer) error { return bert.Convert(dir, w) })
}
