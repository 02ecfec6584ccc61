package cybertron

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/nlpodyssey/cybertron/pkg/models/bert"
	"github.com/nlpodyssey/spago/mat"
	"github.com/nlpodyssey/spago/nn"
	"github.com/nlpodyssey/spago/nn/activation"
	"github.com/nlpodyssey/spago/nn/attention/selfattention"
	"github.com/nlpodyssey/spago/nn/embedding"
	"github.com/nlpodyssey/spago/nn/linear"
	"github.com/nlpodyssey/spago/nn/normalization/layernorm"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/sentencedir"
)

// activations are the values of hidden_act in config.json that are known, and the library's names for them. The library's
// gelu is the one with tanh, so "gelu" itself needs another when the model runs.
var activations = map[string]struct {
	library string
	erf     bool
}{
	"gelu":              {"gelu", true},
	"gelu_python":       {"gelu", true},
	"gelu_new":          {"gelu", false},
	"gelu_pytorch_tanh": {"gelu", false},
	"relu":              {"relu", false},
}

// gelu is x·Φ(x), Φ the normal distribution function, as a part of one of the library's models.
type gelu struct{ nn.Module }

func (gelu) Forward(xs ...mat.Tensor) []mat.Tensor {
	ys := make([]mat.Tensor, len(xs))
	for i, x := range xs {
		y := slices.Clone(x.Value().Data().F32())
		for j, v := range y {
			y[j] = float32(0.5 * float64(v) * math.Erfc(-float64(v)/math.Sqrt2))
		}
		ys[i] = mat.NewDense[float32](mat.WithBacking(y))
	}
	return ys
}

// slot is one parameter of the library's model: rows × cols values, the first of them value number at of a tensor.
type slot struct {
	param      *nn.Param
	rows, cols int
	tensor     string // its name in transformers
	full       []int  // its shape
	at         int
}

// slotList lists the parameters of a model. err is the first part of the model that is not as it should be.
type slotList struct {
	slots []slot
	err   error
}

// part is false, and err is set, when a part of the model is wrong.
func (l *slotList) part(ok bool, format string, args ...any) bool {
	if !ok && l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
	return l.err == nil
}

// table adds a table of vectors.
func (l *slotList) table(name, tensor string, e *embedding.Model, rows, cols int) {
	if !l.part(e != nil && e.Size == rows && len(e.Weights) == rows, "%s is not a table of %d rows", name, rows) {
		return
	}
	for i, p := range e.Weights {
		l.slots = append(l.slots, slot{param: p, rows: cols, cols: 1, tensor: tensor, full: []int{rows, cols}, at: i * cols})
	}
}

func (l *slotList) vector(tensor string, p *nn.Param, n int) {
	l.slots = append(l.slots, slot{param: p, rows: n, cols: 1, tensor: tensor, full: []int{n}})
}

func (l *slotList) norm(name, tensor string, n *layernorm.Model, size int) {
	if l.part(n != nil, "%s is missing", name) {
		l.vector(tensor+".weight", n.W, size)
		l.vector(tensor+".bias", n.B, size)
	}
}

func (l *slotList) linear(name, tensor string, model nn.Model, out, in int) {
	if m, ok := model.(*linear.Model); l.part(ok && m != nil, "%s is a %T, want a *linear.Model", name, model) {
		l.slots = append(l.slots, slot{param: m.W, rows: out, cols: in, tensor: tensor + ".weight", full: []int{out, in}})
		l.vector(tensor+".bias", m.B, out)
	}
}

// heads adds the queries, keys and values, which the library keeps head by head.
func (l *slotList) heads(name, tensor string, heads []*selfattention.Model, hidden int) {
	for i, h := range heads {
		ok := h != nil && h.Query != nil && h.Key != nil && h.Value != nil && !h.UseCausalMask && !h.IsCrossAttention
		if !l.part(ok, "%s.Heads[%d] is not a head with which every token attends to every other", name, i) {
			return
		}
	}
	size := hidden / len(heads)
	for _, part := range []struct {
		name string
		of   func(*selfattention.Model) *linear.Model
	}{
		{"query", func(h *selfattention.Model) *linear.Model { return h.Query }},
		{"key", func(h *selfattention.Model) *linear.Model { return h.Key }},
		{"value", func(h *selfattention.Model) *linear.Model { return h.Value }},
	} {
		for i, h := range heads {
			l.slots = append(l.slots, slot{
				param: part.of(h).W, rows: size, cols: hidden, tensor: tensor + part.name + ".weight", full: []int{hidden, hidden}, at: i * size * hidden,
			})
		}
		for i, h := range heads {
			l.slots = append(l.slots, slot{
				param: part.of(h).B, rows: size, cols: 1, tensor: tensor + part.name + ".bias", full: []int{hidden}, at: i * size,
			})
		}
	}
}

// slotsOf lists the parameters of a model of which words is the number of word vectors. The pooler is not among them.
func slotsOf(m *bert.Model, s *sentencedir.Dir, words int) ([]slot, error) {
	l := &slotList{}
	if !l.part(m != nil, "Bert is missing") || !l.part(m.Embeddings != nil, "Bert.Embeddings is missing") ||
		!l.part(m.Embeddings.Projector == nil, "Bert.Embeddings has a Projector, want none") ||
		!l.part(m.Encoder != nil && len(m.Encoder.Layers) == s.Layers, "Bert.Encoder has not num_hidden_layers %d", s.Layers) {
		return nil, l.err
	}
	l.table("Bert.Embeddings.Tokens", "embeddings.word_embeddings.weight", m.Embeddings.Tokens, words, s.Hidden)
	l.table("Bert.Embeddings.Positions", "embeddings.position_embeddings.weight", m.Embeddings.Positions, s.Positions, s.Hidden)
	l.table("Bert.Embeddings.TokenTypes", "embeddings.token_type_embeddings.weight", m.Embeddings.TokenTypes, s.Types, s.Hidden)
	l.norm("Bert.Embeddings.Norm", "embeddings.LayerNorm", m.Embeddings.Norm, s.Hidden)
	for i, layer := range m.Encoder.Layers {
		name, tensor := fmt.Sprintf("Bert.Encoder.Layers[%d]", i), fmt.Sprintf("encoder.layer.%d.", i)
		if !l.part(layer != nil && layer.SelfAttention != nil && layer.SelfAttention.Attention != nil && layer.FF != nil, "%s has a part missing", name) ||
			!l.part(len(layer.SelfAttention.Attention.Heads) == s.Heads, "%s.SelfAttention.Attention has not num_attention_heads %d", name, s.Heads) ||
			!l.part(len(layer.FF.MLP) == 3, "%s.FF.MLP has %d parts, want 3", name, len(layer.FF.MLP)) {
			return nil, l.err
		}
		a := layer.SelfAttention.Attention
		l.heads(name+".SelfAttention.Attention", tensor+"attention.self.", a.Heads, s.Hidden)
		l.linear(name+".SelfAttention.Attention.OutputMerge", tensor+"attention.output.dense", a.OutputMerge, s.Hidden, s.Hidden)
		l.norm(name+".SelfAttention.Norm", tensor+"attention.output.LayerNorm", layer.SelfAttention.Norm, s.Hidden)
		l.linear(name+".FF.MLP[0]", tensor+"intermediate.dense", layer.FF.MLP[0], s.Inner, s.Hidden)
		l.linear(name+".FF.MLP[2]", tensor+"output.dense", layer.FF.MLP[2], s.Hidden, s.Inner)
		l.norm(name+".FF.Norm", tensor+"output.LayerNorm", layer.FF.Norm, s.Hidden)
	}
	return l.slots, l.err
}

// fill gives the parameter its values, which are kept.
func (v *slot) fill(values []float32) {
	v.param.ReplaceValue(mat.NewDense[float32](mat.WithShape(v.rows, v.cols), mat.WithBacking(values)))
}

// settle checks values that come from the library's file, and moves them to memory of their own: the library leaves them
// in the decoder's buffer at any address, where its kernels for processors without AVX must not find them.
func (v *slot) settle() error {
	err := func() error {
		if v.param == nil || v.param.Matrix == nil {
			return errors.New("is missing")
		}
		d, ok := v.param.Matrix.(*mat.Dense[float32])
		if !ok || d == nil {
			return fmt.Errorf("is a %T, want one of float32", v.param.Matrix)
		}
		data := d.Data().F32()
		if !slices.Equal(d.Shape(), []int{v.rows, v.cols}) || len(data) != v.rows*v.cols {
			return fmt.Errorf("has shape %v and %d values, want %v", d.Shape(), len(data), []int{v.rows, v.cols})
		}
		v.fill(slices.Clone(data))
		return check.Matrix(blas32.General{Rows: 1, Cols: len(data), Stride: len(data), Data: data})
	}()
	if err != nil {
		return fmt.Errorf("parameter %q, from value %d: %w", v.tensor, v.at, err)
	}
	return nil
}

// setEps gives the layer norms the epsilon of config.json.
func setEps(m *bert.Model, s *sentencedir.Dir) {
	eps := nn.Buf(mat.Scalar(float32(s.Eps)))
	m.Embeddings.Norm.Eps = eps
	for _, l := range m.Encoder.Layers {
		l.SelfAttention.Norm.Eps, l.FF.Norm.Eps = eps, eps
	}
}

// prepare makes a model whose parameters are settled compute what config.json says: its epsilon, its activation, and
// scores over the root of the size of a head.
func prepare(m *bert.Model, s *sentencedir.Dir) {
	setEps(m, s)
	scale := nn.Buf(mat.Scalar(float32(1 / math.Sqrt(float64(s.Hidden/s.Heads)))))
	act := activations[s.Act]
	for _, l := range m.Encoder.Layers {
		for _, h := range l.SelfAttention.Attention.Heads {
			h.ScaleFactor = scale
		}
		if act.erf {
			l.FF.MLP[1] = gelu{}
		} else {
			l.FF.MLP[1] = activation.New(activation.MustParseActivation(act.library))
		}
	}
}
