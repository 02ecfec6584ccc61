// Command convert makes the weights file of package bgesmall from the published model:
//
//	go run ./embed/bgesmall/convert MODEL_DIR embed/bgesmall/bgesmall.safetensors
//
// MODEL_DIR is bge-small-en-v1.5 as scripts/golden/onnx_dir.py makes it; another model is refused by its hash.
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

// original is the SHA-256 of the model.safetensors that onnx_dir.py makes.
const original = "7729f2cb94ad5e3d954f8c1f9a84f1c995b33bc843a353de5cc6a77caea7544d"

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
