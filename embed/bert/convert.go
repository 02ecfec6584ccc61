package bert

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/gobertopic/gobertopic/internal/safetensors"
)

// metaShape is the key of the sizes in a converted model's metadata. Those of the tokenizer are in
// tokenizer.go.
const metaShape = "shape"

// Convert reads a sentence-transformers directory as Load does and writes the encoder as one file for Parse, in the
// safetensors format: every matrix of the layers and the word table as int8 with one float32 scale per row, one float32 per
// input of a product, the positions and the vectors in float32, and the vocabulary. The same directory gives the same bytes.
func Convert(dir string, w io.Writer) error {
	m, err := readDir(dir)
	if err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	meta := map[string]string{}
	if err := putTokenizer(meta, m.tok); err != nil {
		return fmt.Errorf("convert: %s: %w", dir, err)
	}
	seen, err := calibrate(m, "")
	if err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	r := newReader(m)
	out := r.smallTensors(m, seen)
	if r.err != nil {
		return fmt.Errorf("convert: %w", r.err)
	}
	text, err := json.Marshal(m.shape)
	if err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	meta[metaShape] = string(text)
	return safetensors.Write(w, out, meta)
}

// smallTensors are the tensors of a converted model.
func (r *reader) smallTensors(m *model, seen []calibration) (out []safetensors.Tensor) {
	h := m.Hidden
	floats := func(name string, shape ...int) {
		out = append(out, safetensors.FromFloat32(name, shape, r.floats(name, shape...)))
	}
	matrix := func(name string, rows, cols int, small []int8, scale []float32) {
		out = append(out, safetensors.FromInt8(name, []int{rows, cols}, small), safetensors.FromFloat32(name+scaleSuffix, []int{rows}, scale))
	}
	norm := func(name string) {
		floats(name+".weight", h)
		floats(name+".bias", h)
	}
	// product writes one matrix for each name, of rows rows.
	product := func(smooth string, w *weights, top []float32, rows int, names ...string) {
		w.quantise(top)
		for i, name := range names {
			matrix(name+weightSuffix, rows, w.cols, w.small[i*rows*w.cols:(i+1)*rows*w.cols], w.scale[i*rows:(i+1)*rows])
			floats(name+biasSuffix, rows)
		}
		if w.smooth != nil {
			out = append(out, safetensors.FromFloat32(smooth+smoothSuffix, []int{w.cols}, w.smooth))
		}
	}
	words := r.words(wordVectors, h, m.tok.Size())
	floats("embeddings.position_embeddings.weight", m.Offset+m.Positions, h)
	if m.Types > 0 {
		floats("embeddings.token_type_embeddings.weight", m.Types, h)
	}
	norm("embeddings.LayerNorm")
	if m.Arch == mpnet {
		floats(relativeBias, relativeBuckets, m.Heads)
	}
	if r.err != nil {
		return nil
	}
	if words.small == nil {
		words.small, words.scale = quantise(words.full, len(words.full)/h, h)
	}
	matrix(wordVectors, len(words.scale), h, words.small, words.scale)
	for i, c := range seen {
		w, p := r.layer(i, &m.shape), layerName(i)
		if r.err != nil {
			return nil
		}
		product(p+attentionName, w.qkv, c.qkv, h, p+queryName, p+keyName, p+valueName)
		product(p+mixedName, w.out, nil, h, p+mixedName)
		norm(p + "attention.output.LayerNorm")
		product(p+upName, w.up, c.up, m.Inner, p+upName)
		product(p+downName, w.down, nil, h, p+downName)
		norm(p + "output.LayerNorm")
	}
	return out
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
	if err := json.Unmarshal([]byte(meta[metaShape]), &m.shape); err != nil {
		return nil, fmt.Errorf("load encoder: %s: metadata %s: %w", name, metaShape, err)
	}
	if err := m.shape.Check(name); err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	if m.tok, err = tokenizerFrom(meta); err != nil {
		return nil, fmt.Errorf("load encoder: %s: %w", name, err)
	}
	e, err := newEncoder(m, cfg)
	if err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	return e, nil
}
