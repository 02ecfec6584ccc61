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
	positional
}

// norm is a layer norm. One without gain changes nothing.
type norm struct {
	name        string
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

// What a converted model has beside its matrices of type I8: scaleSuffix names the tensor with one
// float32 per row of a matrix, smoothSuffix the one with one float32 per input of a product, which
// is 1 where it is missing. Where columns are rounded apart, sideColumnsSuffix names their numbers,
// as float32, and sideSuffix the matrix of their weights.
const (
	scaleSuffix       = ".scale"
	smoothSuffix      = ".smooth"
	sideSuffix        = ".side"
	sideColumnsSuffix = ".side.columns"
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
func (r *reader) small(s *shape) bool {
	if s.Arch == modernBERT {
		return r.isInt8("layers.0." + modernQKV + weightSuffix)
	}
	return r.isInt8(layerName(0) + queryName + weightSuffix)
}

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
			full := r.floats(name, rows, cols)
			if len(names) > 1 {
				full = append(slices.Grow(w.full, w.rows*cols-len(w.full)), full...)
			}
			w.full = full
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
	if w.smooth != nil && r.f.Has(r.name(smooth+sideSuffix)) {
		w.side = r.side(smooth, w.rows, cols)
	}
	return w
}

// side reads the columns of a product that are rounded apart.
func (r *reader) side(name string, rows, cols int) (s side) {
	t, err := r.f.Tensor(r.name(name + sideSuffix))
	if err != nil || t.DType != safetensors.I8 || len(t.Shape) != 2 || t.Shape[0] != rows || t.Shape[1] < 1 || t.Shape[1] > cols {
		r.failf(t.Name, "is %s of shape %v, want I8 of shape [%d 1 to %d]", t.DType, t.Shape, rows, cols)
		return s
	}
	s.small, s.scale = int8s(t.Data), r.floats(name+sideSuffix+scaleSuffix, rows)
	last := -1
	for _, v := range r.floats(name+sideColumnsSuffix, t.Shape[1]) {
		at := int(v)
		if !(v > float32(last) && v < float32(cols)) || float32(at) != v {
			r.failf(name+sideColumnsSuffix, "has the value %v after %d, want a greater number below %d", v, last, cols)
			return side{}
		}
		s.columns, last = append(s.columns, int32(at)), at
	}
	return s
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

// norm reads a layer norm. The shift is zero where the model has none.
func (r *reader) norm(name string, s *shape) norm {
	n := norm{name: name, gain: r.floats(name+weightSuffix, s.Hidden), eps: float32(s.Eps)}
	if s.Modern != nil && !s.Modern.NormBias {
		n.shift = make([]float32, s.Hidden)
	} else {
		n.shift = r.floats(name+biasSuffix, s.Hidden)
	}
	return n
}

// newReader reads tensors of a model. Those of a model that was saved with a head have a prefix.
func newReader(m *model) *reader {
	r := &reader{f: m.tensors, path: m.path}
	r.chooseNames(m.Arch)
	return r
}

// The names of what makes the first rows of tokens.
const (
	wordVectors     = "embeddings.word_embeddings.weight"
	positionVectors = "embeddings.position_embeddings.weight"
	typeVectors     = "embeddings.token_type_embeddings.weight"
	embeddingNorm   = "embeddings.LayerNorm"
)

// newEncoder packs a model's weights. kept, which may be nil, is called with those of each layer as
// they were packed.
func newEncoder(m *model, cfg Config, kept func(*layerWeights)) (*Encoder, error) {
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
		if r.small(&m.shape) {
			e.precision = Int8
		}
	}
	e.readEmbeddings(r, m)
	if r.err != nil {
		return nil, r.err
	}
	if err := e.readDense(m); err != nil {
		return nil, err
	}
	if e.cols = m.Out(); cfg.TruncateDim > e.cols {
		return nil, &stage.ConfigError{Field: "bert.Config.TruncateDim", Value: cfg.TruncateDim, Want: fmt.Sprintf("at most the model's %d dimensions", e.cols)}
	}
	if cfg.TruncateDim > 0 {
		e.cols = cfg.TruncateDim
	}
	places := make([]positional, m.Layers)
	if m.Arch == modernBERT {
		places = newPositional(&m.shape)
	}
	var c *calibration
	if e.precision == Int8 && !r.small(&m.shape) {
		c = newCalibration(e)
		e.rounded = true
	}
	for i := range m.Layers {
		w := r.layer(i, &m.shape)
		if r.err != nil {
			return nil, r.err
		}
		e.layers = append(e.layers, layer{norm1: w.norm1, norm2: w.norm2, positional: places[i]})
		l := &e.layers[i]
		if c != nil {
			c.pack(l, w)
		} else {
			l.pack(kernels, w, e.precision)
		}
		if kept != nil {
			kept(w)
		}
	}
	return e, nil
}

// readEmbeddings reads what makes the first rows of tokens.
func (e *Encoder) readEmbeddings(r *reader, m *model) {
	if m.Arch == modernBERT {
		e.words = r.words(modernWords, m.Hidden, m.tok.Size())
		e.norm = r.norm(modernNorm, &m.shape)
		e.final = r.norm(modernFinalNorm, &m.shape)
		return
	}
	e.words = r.words(wordVectors, m.Hidden, m.tok.Size())
	e.positions = r.floats(positionVectors, m.Offset+m.Positions, m.Hidden)
	types := make([]float32, m.Hidden)
	if m.Types > 0 {
		types = r.floats(typeVectors, m.Types, m.Hidden)
	}
	e.norm = r.norm(embeddingNorm, &m.shape)
	if m.Arch == mpnet {
		e.relative = newRelative(r.floats(relativeBias, relativeBuckets, m.Heads), &m.shape)
	}
	if r.err != nil {
		return
	}
	for i := range e.positions { // every token of a single text is of type 0
		e.positions[i] += types[i%m.Hidden]
	}
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

// product is a matrix product of a layer with its weights before they are packed.
type product struct {
	*weights
	name   string   // of the product as a whole
	names  []string // of its matrices, which lie one below the other
	biases []float32
}

// product reads the weights of a product, of matrices of rows × cols.
func (r *reader) product(name string, rows, cols int, biased bool, names ...string) product {
	p := product{name: name, names: names}
	files := make([]string, len(names))
	for i, n := range names {
		files[i] = n + weightSuffix
	}
	p.weights = r.weights(name, rows, cols, files...)
	if biased {
		for _, n := range names {
			p.biases = append(p.biases, r.floats(n+biasSuffix, rows)...)
		}
	}
	return p
}

// layerWeights are the weights of a layer before they are packed.
type layerWeights struct {
	qkv, out, up, down product
	norm1, norm2       norm
}

// layer reads the weights of layer i.
func (r *reader) layer(i int, s *shape) *layerWeights {
	if s.Arch == modernBERT {
		return r.modernLayer(i, s)
	}
	h, p := s.Hidden, layerName(i)
	return &layerWeights{
		// Queries, keys and values are one product.
		qkv:   r.product(p+attentionName, h, h, true, p+queryName, p+keyName, p+valueName),
		out:   r.product(p+mixedName, h, h, true, p+mixedName),
		norm1: r.norm(p+"attention.output.LayerNorm", s),
		up:    r.product(p+upName, s.Inner, h, true, p+upName),
		down:  r.product(p+downName, h, s.Inner, true, p+downName),
		norm2: r.norm(p+"output.LayerNorm", s),
	}
}

// pack packs the weights for the kernels.
func (l *layer) pack(k *simd.Kernels, w *layerWeights, p Precision) {
	l.qkv, l.out = newLinear(k, &w.qkv, p), newLinear(k, &w.out, p)
	l.up, l.down = newLinear(k, &w.up, p), newLinear(k, &w.down, p)
}
