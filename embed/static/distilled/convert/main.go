// Command convert makes the weights file of package distilled from the published model:
//
//	go run ./embed/static/distilled/convert MODEL_DIR embed/static/distilled
//
// It also writes testdata/golden.npy: the vectors of the lines of testdata/texts.txt before the table was rounded to int8.
// MODEL_DIR is all-MiniLM-L6-v2 as sentence-transformers saves it; another model is refused by its hash.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/static"
	"github.com/gobertopic/gobertopic/internal/atomicfile"
)

// original is the SHA-256 of the published model.safetensors.
const original = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: convert MODEL_DIR PACKAGE_DIR")
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
	e, err := bert.Load(dir, bert.DefaultConfig())
	if err != nil {
		return err
	}
	m, err := static.Distill(context.Background(), e, static.DefaultDistillConfig())
	if err != nil {
		return err
	}
	texts, err := os.ReadFile(filepath.Join(out, "testdata", "texts.txt"))
	if err != nil {
		return err
	}
	x, err := m.Embed(context.Background(), strings.Split(strings.TrimSpace(string(texts)), "\n"))
	if err != nil {
		return err
	}
	if err := embed.WriteNPYFile(filepath.Join(out, "testdata", "golden.npy"), x); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(out, "distilled.safetensors"), m.Quantise().Pack)
}
