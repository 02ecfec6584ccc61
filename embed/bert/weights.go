package bert

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
)

// layer is one layer of the encoder.
type layer struct {
	qkv, out, up, down linear
	norm1, norm2       norm
}

// norm is a layer norm.
type norm struct {
	gain, shift []float32
	eps         float32
}

// table holds the word vectors, in float32 or, for a converted model, as int8 with one scale per word. The int8 rows are
// read where they lie in the file.
type table struct {
	cols  int
	full  []float32
	small []int8
	scale []float32
}

// addTo adds the vector of a word to dst.
func (t *table) addTo(k *simd.Kernels, dst []float32, id int32) {
	lo, hi := int(id)*t.cols, (int(id)+1)*t.cols
	if t.small == nil {
		k.Add(dst, t.full[lo:hi])
	} else {
		k.AddInt8(dst, t.small[lo:hi], t.scale[id])
	}
}

// What a converted model has beside its matrices of type I8: scaleSuffix names the tensor with one float32 per row of a
// matrix, smoothSuffix the one with one float32 per input of a product, which is 1 where it is missing.
const (
	scaleSuffix  = ".scale"
	smoothSuffix = ".smooth"
)

// reader gets the tensors of a model by their names in transformers, checks their shapes and remembers the first error.
type reader struct {
	f      *safetensors.File
	path   string
	prefix string
	names  *strings.Replacer // of another architecture's tensors, nil for BERT's own
	err    error
}

func (r *reader) failf(name, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: tensor %q %s", r.path, name, fmt.Sprintf(format, args...))
	}
}

// tensor finds a tensor. Layer norms have other names in old files.
func (r *reader) tensor(name string, shape ...int) (safetensors.Tensor, bool) {
	name = r.name(name)
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
	t, err := r.f.Tensor(r.name(name))
	return err == nil && t.DType == safetensors.I8
}

// small tells whether the matrices of the layers are stored as int8.
func (r *reader) small() bool { return r.isInt8(layerName(0) + queryName + weightSuffix) }

// weights are the matrices of one product, one below the other, each of rows × cols. smooth names what belongs to the
// product.
func (r *reader) weights(smooth string, rows, cols int, names ...string) *weights {
	w := &weights{rows: rows * len(names), cols: cols}
	small := r.isInt8(names[0])
	for _, name := range names {
		if r.isInt8(name) != small {
			r.failf(name, "is not of the type of %q", names[0])
		}
		if !small {
			w.full = append(w.full, r.floats(name, rows, cols)...)
			continue
		}
		if t, ok := r.tensor(name, rows, cols); ok {
			w.small = append(w.small, int8s(t.Data)...)
		}
		w.scale = append(w.scale, r.floats(name+scaleSuffix, rows)...)
	}
	if small && r.f.Has(r.name(smooth+smoothSuffix)) {
		w.smooth = r.floats(smooth+smoothSuffix, cols)
	}
	return w
}

// int8s is the same memory as numbers with a sign.
func int8s(b []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}

// words is the table of word vectors, one row for each of the tokenizer's ids at least.
func (r *reader) words(name string, cols, atLeast int) table {
	t, err := r.f.Tensor(r.name(name))
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
		return table{cols: cols, small: int8s(t.Data), scale: r.floats(name+scaleSuffix, rows)}
	}
	return table{cols: cols, full: r.floats(name, rows, cols)}
}

func (r *reader) norm(name string, s *shape) norm {
	return norm{gain: r.floats(name+".weight", s.Hidden), shift: r.floats(name+".bias", s.Hidden), eps: float32(s.Eps)}
}

// newReader reads tensors of a model. Those of a model that was saved with a head have a prefix.
func newReader(m *model) *reader {
	r := &reader{f: m.tensors, path: m.path}
	r.chooseNames(m.Arch)
	return r
}

const wordVectors = "embeddings.word_embeddings.weight"

// newEncoder packs a model's weights.
func newEncoder(m *model, cfg Config) (*Encoder, error) {
	kernels, err := cfg.kernels()
	if err != nil {
		return nil, err
	}
	e := &Encoder{shape: m.shape, tok: m.tok, kernels: kernels, act: activations[m.Act], workers: cfg.Workers, precision: cfg.Precision, windows: cfg.Windows}
	if cfg.MaxTokens > 0 {
		if cfg.MaxTokens > m.Positions {
			return nil, &stage.ConfigError{Field: "bert.Config.MaxTokens", Value: cfg.MaxTokens, Want: fmt.Sprintf("at most the model's %d positions", m.Positions)}
		}
		e.shape.MaxTokens = cfg.MaxTokens
	}
	if e.model, err = m.sum(); err != nil {
		return nil, err
	}
	if e.prompt, err = m.Choose("bert.Config", cfg.Prompt, cfg.PromptName); err != nil {
		return nil, err
	}
	r := newReader(m)
	if e.precision == "" {
		e.precision = FP32
		if r.small() {
			e.precision = Int8
		}
	}
	e.words = r.words(wordVectors, m.Hidden, m.tok.Size())
	e.positions = r.floats("embeddings.position_embeddings.weight", m.Offset+m.Positions, m.Hidden)
	types := make([]float32, m.Hidden)
	if m.Types > 0 {
		types = r.floats("embeddings.token_type_embeddings.weight", m.Types, m.Hidden)
	}
	e.norm = r.norm("embeddings.LayerNorm", &m.shape)
	if m.Arch == mpnet {
		e.relative = newRelative(r.floats(relativeBias, relativeBuckets, m.Heads), &m.shape)
	}
	if r.err != nil {
		return nil, r.err
	}
	for i := range e.positions { // every token of a single text is of type 0
		e.positions[i] += types[i%m.Hidden]
	}
	seen := make([]calibration, m.Layers)
	if e.precision == Int8 && !r.small() {
		if seen, err = calibrate(m, cfg.Kernels); err != nil {
			return nil, err
		}
	}
	for i, c := range seen {
		w := r.layer(i, &m.shape)
		if r.err != nil {
			return nil, r.err
		}
		e.layers = append(e.layers, w.pack(kernels, e.precision, c))
	}
	return e, nil
}

// The names of a layer's products in transformers.
const (
	queryName = "attention.self.query"
	keyName   = "attention.self.key"
	valueName = "attention.self.value"
	mixedName = "attention.output.dense"
	upName    = "intermediate.dense"
	downName  = "output.dense"

	attentionName = "attention.self" // of queries, keys and values together
	weightSuffix  = ".weight"
	biasSuffix    = ".bias"
)

func layerName(i int) string { return fmt.Sprintf("encoder.layer.%d.", i) }

// layerWeights are the weights of a layer before they are packed.
type layerWeights struct {
	qkv, out, up, down                 *weights
	qkvBias, outBias, upBias, downBias []float32
	norm1, norm2                       norm
}

// layer reads the weights of layer i.
func (r *reader) layer(i int, s *shape) *layerWeights {
	h, p := s.Hidden, layerName(i)
	return &layerWeights{
		// Queries, keys and values are one product.
		qkv:      r.weights(p+attentionName, h, h, p+queryName+weightSuffix, p+keyName+weightSuffix, p+valueName+weightSuffix),
		qkvBias:  slices.Concat(r.floats(p+queryName+biasSuffix, h), r.floats(p+keyName+biasSuffix, h), r.floats(p+valueName+biasSuffix, h)),
		out:      r.weights(p+mixedName, h, h, p+mixedName+weightSuffix),
		outBias:  r.floats(p+mixedName+biasSuffix, h),
		norm1:    r.norm(p+"attention.output.LayerNorm", s),
		up:       r.weights(p+upName, s.Inner, h, p+upName+weightSuffix),
		upBias:   r.floats(p+upName+biasSuffix, s.Inner),
		down:     r.weights(p+downName, h, s.Inner, p+downName+weightSuffix),
		downBias: r.floats(p+downName+biasSuffix, h),
		norm2:    r.norm(p+"output.LayerNorm", s),
	}
}

// pack packs the weights for the kernels.
func (w *layerWeights) pack(k *simd.Kernels, p Precision, c calibration) layer {
	return layer{
		qkv: newLinear(k, w.qkv, w.qkvBias, p, c.qkv), out: newLinear(k, w.out, w.outBias, p, nil),
		up: newLinear(k, w.up, w.upBias, p, c.up), down: newLinear(k, w.down, w.downBias, p, nil),
		norm1: w.norm1, norm2: w.norm2,
	}
}
