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
	var layers []*layerWeights
	if _, err := newEncoder(m, Config{Precision: Int8}, func(w *layerWeights) { layers = append(layers, w) }); err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	r := newReader(m)
	out := r.smallTensors(m, layers)
	if r.err != nil {
		return fmt.Errorf("convert: %w", r.err)
	}
	text, err := json.Marshal(m.shape)
	if err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	meta[metaShape] = string(text)
	modules, err := m.denseModules()
	if err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	for i, w := range modules {
		out = append(out, safetensors.FromFloat32(denseName(i, denseWeight), []int{m.Dense[i].Out, m.Dense[i].In}, w.weights))
		if w.bias != nil {
			out = append(out, safetensors.FromFloat32(denseName(i, denseBias), []int{m.Dense[i].Out}, w.bias))
		}
	}
	return safetensors.Write(w, out, meta)
}

// smallTensors are the tensors of a converted model, given the weights of its layers in int8.
func (r *reader) smallTensors(m *model, layers []*layerWeights) (out []safetensors.Tensor) {
	h := m.Hidden
	floats := func(name string, v []float32, shape ...int) {
		out = append(out, safetensors.FromFloat32(name, shape, v))
	}
	matrix := func(name string, rows, cols int, small []int8, scale []float32) {
		out = append(out, safetensors.FromInt8(name, []int{rows, cols}, small))
		floats(name+scaleSuffix, scale, rows)
	}
	norm := func(n norm) {
		if n.gain == nil {
			return
		}
		floats(n.name+weightSuffix, n.gain, h)
		if m.Modern == nil || m.Modern.NormBias {
			floats(n.name+biasSuffix, n.shift, h)
		}
	}
	name := wordVectors
	if m.Arch == modernBERT {
		name = modernWords
		norm(r.norm(modernNorm, &m.shape))
		norm(r.norm(modernFinalNorm, &m.shape))
	} else {
		floats(positionVectors, r.floats(positionVectors, m.Offset+m.Positions, h), m.Offset+m.Positions, h)
		if m.Types > 0 {
			floats(typeVectors, r.floats(typeVectors, m.Types, h), m.Types, h)
		}
		norm(r.norm(embeddingNorm, &m.shape))
	}
	if m.Arch == mpnet {
		floats(relativeBias, r.floats(relativeBias, relativeBuckets, m.Heads), relativeBuckets, m.Heads)
	}
	words := r.words(name, h, m.tok.Size())
	if r.err != nil {
		return nil
	}
	if words.small == nil {
		words.small, words.scale = quantise(words.full, len(words.full)/h, h, nil)
	}
	matrix(name, len(words.scale), h, words.small, words.scale)
	for _, w := range layers {
		for _, p := range []product{w.qkv, w.out, w.up, w.down} {
			rows := p.rows / len(p.names)
			for i, name := range p.names {
				matrix(name+weightSuffix, rows, p.cols, p.small[i*rows*p.cols:][:rows*p.cols], p.scale[i*rows:][:rows])
				if p.biases != nil {
					floats(name+biasSuffix, p.biases[i*rows:][:rows], rows)
				}
			}
			if p.smooth != nil {
				floats(p.name+smoothSuffix, p.smooth, p.cols)
			}
			if n := len(p.side.columns); n > 0 {
				numbers := make([]float32, n)
				for j, at := range p.side.columns {
					numbers[j] = float32(at)
				}
				floats(p.name+sideColumnsSuffix, numbers, n)
				matrix(p.name+sideSuffix, p.rows, n, p.side.small, p.side.scale)
			}
		}
		norm(w.norm1)
		norm(w.norm2)
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
	e, err := newEncoder(m, cfg, nil)
	if err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	return e, nil
}
