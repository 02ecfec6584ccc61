package bert

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// The keys of a converted model's metadata.
const (
	metaShape     = "shape"
	metaTokenizer = "tokenizer"
	metaVocab     = "vocab"
)

// Convert reads a sentence-transformers directory as Load does and writes the encoder as one file for Parse, in the
// safetensors format: every matrix of the layers and the word table as int8 with one float32 scale per row, the positions
// and the vectors in float32, and the vocabulary. The same directory gives the same bytes.
func Convert(dir string, w io.Writer) error {
	m, err := readDir(dir)
	if err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	var out []safetensors.Tensor
	for _, name := range m.tensors.Names() {
		t, err := m.tensors.Tensor(name)
		if err != nil {
			return fmt.Errorf("convert: %w", err)
		}
		if strings.Contains(name, "pooler.") || strings.HasSuffix(name, "position_ids") {
			continue // not read by any encoder
		}
		values, shape, err := m.tensors.Float32(name)
		if err != nil {
			return fmt.Errorf("convert: %w", err)
		}
		if len(shape) != 2 || strings.Contains(name, "position_embeddings") || strings.Contains(name, "token_type") {
			out = append(out, safetensors.FromFloat32(name, shape, values))
			continue
		}
		q, scale := quantise(values, shape[0], shape[1])
		t.DType, t.Data = safetensors.I8, q
		out = append(out, t, safetensors.Tensor{Name: name + scaleSuffix, DType: safetensors.F32, Shape: []int{shape[0]}, Data: scale})
	}
	vocab := m.tok.Vocab()
	for id, token := range vocab {
		if strings.Contains(token, "\n") {
			return fmt.Errorf("convert: %s: token %q (id %d) has a line break in it, want none", dir, token, id)
		}
	}
	if _, err := rebuild(m.tok, m.tok.Config()); err != nil { // as Parse will
		return fmt.Errorf("convert: %s: %w", dir, err)
	}
	meta := map[string]string{metaVocab: strings.Join(vocab, "\n")}
	for key, v := range map[string]any{metaShape: m.shape, metaTokenizer: m.tok.Config()} {
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("convert: %w", err)
		}
		meta[key] = string(text)
	}
	return safetensors.Write(w, out, meta)
}

// Parse makes an encoder of what Convert wrote. data is kept and must not change; name stands for it in errors.
func Parse(name string, data []byte, cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	f, err := safetensors.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("load encoder: %s: %w", name, err)
	}
	meta := f.Metadata()
	m := &model{path: name, tensors: f}
	var tok wordpiece.Config
	if err := json.Unmarshal([]byte(meta[metaShape]), &m.shape); err != nil {
		return nil, fmt.Errorf("load encoder: %s: metadata %s: %w", name, metaShape, err)
	}
	if err := json.Unmarshal([]byte(meta[metaTokenizer]), &tok); err != nil {
		return nil, fmt.Errorf("load encoder: %s: metadata %s: %w", name, metaTokenizer, err)
	}
	if err := m.shape.Check(name); err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	if m.tok, err = wordpiece.FromVocab(strings.Split(meta[metaVocab], "\n"), tok); err != nil {
		return nil, fmt.Errorf("load encoder: %s: %w", name, err)
	}
	e, err := newEncoder(m, cfg)
	if err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	return e, nil
}
