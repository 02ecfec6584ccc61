package bert

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// linear is a product with a matrix of weights, outputs × inputs: c = a·wᵀ. It is the seam for kernels of other number
// formats. A row of c depends on the same row of a alone.
type linear interface {
	mul(c, a blas32.General)
}

// dense is a linear in float32.
type dense struct {
	kernels *simd.Kernels
	panels  *simd.Panels
}

func (d dense) mul(c, a blas32.General) { d.kernels.MulNT(c, a, d.panels) }

// layer is one layer of the encoder.
type layer struct {
	qkv, out, up, down                 linear
	qkvBias, outBias, upBias, downBias []float32
	norm1, norm2                       norm
}

// table holds the word vectors, in float32 or, for a converted model, as int8 with one scale per word. The int8 rows are
// read where they lie in the file.
type table struct {
	cols  int
	full  []float32
	small []byte
	scale []float32
}

// addTo adds the vector of a word to dst.
func (t *table) addTo(dst []float32, id int32) {
	lo, hi := int(id)*t.cols, (int(id)+1)*t.cols
	if t.small == nil {
		for i, v := range t.full[lo:hi] {
			dst[i] += v
		}
		return
	}
	s := t.scale[id]
	for i, v := range t.small[lo:hi] {
		dst[i] += float32(float32(int8(v)) * s)
	}
}

// scaleSuffix names the tensor with one float32 per row that belongs to a matrix of type I8.
const scaleSuffix = ".scale"

// reader gets the tensors of a model by their names in transformers, checks their shapes and remembers the first error.
type reader struct {
	f      *safetensors.File
	path   string
	prefix string
	err    error
}

func (r *reader) failf(name, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: tensor %q %s", r.path, name, fmt.Sprintf(format, args...))
	}
}

// tensor finds a tensor. Layer norms have other names in old files.
func (r *reader) tensor(name string, shape ...int) (safetensors.Tensor, bool) {
	name = r.prefix + name
	if !r.f.Has(name) {
		old := strings.Replace(strings.Replace(name, "LayerNorm.weight", "LayerNorm.gamma", 1), "LayerNorm.bias", "LayerNorm.beta", 1)
		if r.f.Has(old) {
			name = old
		}
	}
	t, err := r.f.Tensor(name)
	if err != nil {
		r.failf(name, "is missing")
		return t, false
	}
	if !slices.Equal(t.Shape, shape) {
		r.failf(name, "has shape %v, want %v", t.Shape, shape)
		return t, false
	}
	return t, true
}

func (r *reader) floats(name string, shape ...int) []float32 {
	t, ok := r.tensor(name, shape...)
	if !ok {
		return nil
	}
	v, _, err := r.f.Float32(t.Name)
	if err != nil {
		r.failf(t.Name, "is %s, want F32, F16 or BF16", t.DType)
		return nil
	}
	if err := check.Matrix(blas32.General{Rows: 1, Cols: len(v), Stride: len(v), Data: v}); err != nil {
		r.failf(t.Name, "%v", err)
	}
	return v
}

// isInt8 tells whether a matrix is stored as int8.
func (r *reader) isInt8(name string) bool {
	t, err := r.f.Tensor(r.prefix + name)
	return err == nil && t.DType == safetensors.I8
}

// matrix is a matrix of any type in float32.
func (r *reader) matrix(name string, rows, cols int) []float32 {
	if !r.isInt8(name) {
		return r.floats(name, rows, cols)
	}
	t, ok := r.tensor(name, rows, cols)
	scale := r.floats(name+scaleSuffix, rows)
	if !ok || r.err != nil {
		return nil
	}
	v := make([]float32, rows*cols)
	for i, s := range scale {
		row := t.Data[i*cols:][:cols]
		for j, q := range row {
			v[i*cols+j] = float32(int8(q)) * s
		}
	}
	return v
}

// words is the table of word vectors, one row for each of the tokenizer's ids at least.
func (r *reader) words(name string, cols, atLeast int) table {
	t, err := r.f.Tensor(r.prefix + name)
	if err != nil || len(t.Shape) != 2 || t.Shape[1] != cols {
		r.tensor(name, atLeast, cols)
		return table{}
	}
	rows := t.Shape[0]
	if rows < atLeast {
		r.failf(t.Name, "has %d rows, want one for each of the tokenizer's %d ids", rows, atLeast)
		return table{}
	}
	if r.isInt8(name) {
		return table{cols: cols, small: t.Data, scale: r.floats(name+scaleSuffix, rows)}
	}
	return table{cols: cols, full: r.floats(name, rows, cols)}
}

func (r *reader) norm(name string, s *shape) norm {
	return norm{gain: r.floats(name+".weight", s.Hidden), shift: r.floats(name+".bias", s.Hidden), eps: float32(s.Eps)}
}

// newEncoder packs a model's weights.
func newEncoder(m *model, cfg Config) (*Encoder, error) {
	kernels, err := cfg.kernels()
	if err != nil {
		return nil, err
	}
	e := &Encoder{shape: m.shape, tok: m.tok, kernels: kernels, act: activations[m.Act](), workers: cfg.Workers}
	if cfg.MaxTokens > 0 {
		if cfg.MaxTokens > m.Positions {
			return nil, &ConfigError{Field: "bert.Config.MaxTokens", Value: cfg.MaxTokens, Want: fmt.Sprintf("at most the model's %d positions", m.Positions)}
		}
		e.shape.MaxTokens = cfg.MaxTokens
	}
	if e.model, err = m.sum(); err != nil {
		return nil, err
	}
	if e.prompt, err = m.Choose("bert.Config", cfg.Prompt, cfg.PromptName); err != nil {
		return nil, err
	}
	const embeddings = "embeddings.word_embeddings.weight"
	r := &reader{f: m.tensors, path: m.path}
	if !r.f.Has(embeddings) && r.f.Has("bert."+embeddings) {
		r.prefix = "bert."
	}
	e.words = r.words(embeddings, m.Hidden, m.tok.Size())
	e.positions = r.matrix("embeddings.position_embeddings.weight", m.Positions, m.Hidden)
	types := r.matrix("embeddings.token_type_embeddings.weight", m.Types, m.Hidden)
	e.norm = r.norm("embeddings.LayerNorm", &m.shape)
	if r.err != nil {
		return nil, r.err
	}
	for i := range e.positions { // every token of a single text is of type 0
		e.positions[i] += types[i%m.Hidden]
	}
	for i := range m.Layers {
		l, err := r.layer(fmt.Sprintf("encoder.layer.%d.", i), &m.shape, kernels)
		if err != nil {
			return nil, err
		}
		e.layers = append(e.layers, l)
	}
	return e, nil
}

func (r *reader) layer(p string, s *shape, kernels *simd.Kernels) (layer, error) {
	h := s.Hidden
	pack := func(rows, cols int, data []float32) linear {
		if r.err != nil {
			return nil
		}
		return dense{kernels, kernels.Pack(blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data})}
	}
	// Queries, keys and values are one product.
	var qkv, qkvBias []float32
	for _, name := range []string{"query", "key", "value"} {
		qkv = append(qkv, r.matrix(p+"attention.self."+name+".weight", h, h)...)
		qkvBias = append(qkvBias, r.floats(p+"attention.self."+name+".bias", h)...)
	}
	l := layer{
		qkv: pack(3*h, h, qkv), qkvBias: qkvBias,
		out:      pack(h, h, r.matrix(p+"attention.output.dense.weight", h, h)),
		outBias:  r.floats(p+"attention.output.dense.bias", h),
		norm1:    r.norm(p+"attention.output.LayerNorm", s),
		up:       pack(s.Inner, h, r.matrix(p+"intermediate.dense.weight", s.Inner, h)),
		upBias:   r.floats(p+"intermediate.dense.bias", s.Inner),
		down:     pack(h, s.Inner, r.matrix(p+"output.dense.weight", h, s.Inner)),
		downBias: r.floats(p+"output.dense.bias", h),
		norm2:    r.norm(p+"output.LayerNorm", s),
	}
	return l, r.err
}

// quantise rounds each row of a matrix to int8: row ≈ q·scale.
func quantise(m []float32, rows, cols int) (q []byte, scale []byte) {
	q, scale = make([]byte, rows*cols), make([]byte, 0, 4*rows)
	for i := range rows {
		s := quantiseRow(q[i*cols:][:cols], m[i*cols:][:cols])
		scale = binary.LittleEndian.AppendUint32(scale, math.Float32bits(s))
	}
	return q, scale
}

// quantiseRow tries scales that clip the largest values a little and keeps the one with the least squared error.
func quantiseRow(q []byte, row []float32) float32 {
	var top float64
	for _, v := range row {
		top = max(top, math.Abs(float64(v)))
	}
	if top == 0 {
		clear(q)
		return 1
	}
	const tries = 80
	best, least := float32(0), math.Inf(1)
	for t := range tries {
		s := float32(top * (1 - 0.5*float64(t)/tries) / 127)
		if s == 0 {
			break // all values are too small to have a scale
		}
		var sum float64
		for _, v := range row {
			d := float64(v) - float64(s)*round127(v, s)
			sum += d * d
		}
		if sum < least {
			best, least = s, sum
		}
	}
	if best == 0 {
		clear(q)
		return 1
	}
	for i, v := range row {
		q[i] = byte(int8(round127(v, best)))
	}
	return best
}

func round127(v, scale float32) float64 {
	return min(max(math.RoundToEven(float64(v)/float64(scale)), -127), 127)
}
