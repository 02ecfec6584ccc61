package bert

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// twin is the encoder as the equations have it, in float64, token by token, for one text at a time.
type twin struct {
	shape
	t map[string][]float64
}

func newTwin(tb testing.TB, m *tiny, s shape) *twin {
	tb.Helper()
	f, err := safetensors.Parse(m.safetensors(tb))
	require.NoError(tb, err)
	w := &twin{shape: s, t: map[string][]float64{}}
	for _, name := range f.Names() {
		v, _, err := f.Float32(name)
		require.NoError(tb, err)
		for _, x := range v {
			w.t[name] = append(w.t[name], float64(x))
		}
	}
	return w
}

func (w *twin) linear(name string, x []float64) []float64 {
	m, bias := w.t[name+".weight"], w.t[name+".bias"]
	out := make([]float64, len(bias))
	for i := range out {
		out[i] = bias[i]
		for j, v := range x {
			out[i] += m[i*len(x)+j] * v
		}
	}
	return out
}

func (w *twin) norm(name string, x ...[]float64) []float64 {
	gain, shift := w.t[name+".LayerNorm.weight"], w.t[name+".LayerNorm.bias"]
	out := make([]float64, len(gain))
	var mean, variance float64
	for i := range out {
		for _, v := range x {
			out[i] += v[i]
		}
		mean += out[i] / float64(len(out))
	}
	for _, v := range out {
		variance += (v - mean) * (v - mean) / float64(len(out))
	}
	for i, v := range out {
		out[i] = (v-mean)/math.Sqrt(variance+w.Eps)*gain[i] + shift[i]
	}
	return out
}

func (w *twin) act(x float64) float64 {
	switch w.Act {
	case "gelu":
		return x * 0.5 * (1 + math.Erf(x/math.Sqrt2))
	case "gelu_new":
		return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	case "relu":
		return math.Max(x, 0)
	}
	panic(w.Act)
}

func (w *twin) encode(ids []int32) []float64 {
	h := w.Hidden
	x := make([][]float64, len(ids))
	for i, id := range ids {
		x[i] = w.norm("embeddings", w.t["embeddings.word_embeddings.weight"][int(id)*h:][:h],
			w.t["embeddings.position_embeddings.weight"][i*h:][:h], w.t["embeddings.token_type_embeddings.weight"][:h])
	}
	for l := range w.Layers {
		p := fmt.Sprintf("encoder.layer.%d.", l)
		var q, k, v [][]float64
		for _, row := range x {
			q = append(q, w.linear(p+"attention.self.query", row))
			k = append(k, w.linear(p+"attention.self.key", row))
			v = append(v, w.linear(p+"attention.self.value", row))
		}
		size := h / w.Heads
		next := make([][]float64, len(x))
		for i := range x {
			mixed := make([]float64, h)
			for lo := 0; lo < h; lo += size {
				weight, sum := make([]float64, len(x)), 0.0
				for j := range x {
					for c := lo; c < lo+size; c++ {
						weight[j] += q[i][c] * k[j][c] / math.Sqrt(float64(size))
					}
					weight[j] = math.Exp(weight[j])
					sum += weight[j]
				}
				for j := range x {
					for c := lo; c < lo+size; c++ {
						mixed[c] += weight[j] / sum * v[j][c]
					}
				}
			}
			y := w.norm(p+"attention.output", x[i], w.linear(p+"attention.output.dense", mixed))
			inner := w.linear(p+"intermediate.dense", y)
			for j := range inner {
				inner[j] = w.act(inner[j])
			}
			next[i] = w.norm(p+"output", y, w.linear(p+"output.dense", inner))
		}
		x = next
	}
	out := append([]float64(nil), x[0]...)
	for _, row := range x[1:] {
		for j, v := range row {
			switch w.Pooling {
			case poolMean:
				out[j] += v
			case poolMax:
				out[j] = max(out[j], v)
			}
		}
	}
	var square float64
	for j := range out {
		if w.Pooling == poolMean {
			out[j] /= float64(len(x))
		}
		square += out[j] * out[j]
	}
	for j := range out {
		if w.Normalize {
			out[j] /= math.Sqrt(square)
		}
	}
	return out
}

// TestTwinWithinTolerance holds the encoder to the plain float64 one, for each pooling, activation and instruction set,
// with and without normalising, at lengths from 2 tokens to all positions.
func TestTwinWithinTolerance(t *testing.T) {
	texts := tinyTexts(14)
	if testing.Short() {
		texts = texts[5:8]
	}
	for _, pool := range []pooling{poolMean, poolCLS, poolMax} {
		for _, act := range []string{"gelu", "gelu_new", "relu"} {
			for _, normal := range []bool{true, false} {
				if testing.Short() && normal != (act == "gelu") {
					continue
				}
				m := newTiny(t).set(t, "config.json", "hidden_act", act)
				m.files["1_Pooling/config.json"] = fmt.Sprintf(`{"pooling_mode": %q}`, pool)
				if !normal {
					m.files["modules.json"] = `[{"path": "", "type": "sentence_transformers.models.Transformer"},
						{"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]`
				}
				s := m.shape
				s.Pooling, s.Act, s.Normalize = pool, act, normal
				w := newTwin(t, m, s)
				dir := m.save(t)
				for _, level := range levels() {
					e := load(t, dir, Config{Kernels: level})
					require.Equal(t, s, e.shape)
					for i, row := range embedAll(t, e, texts) {
						ids, _ := e.Tokens(texts[i])
						want := w.encode(ids)
						for j, v := range row {
							if !(math.Abs(want[j]-float64(v)) <= 4e-6) {
								t.Fatalf("%s %s normalize=%t %s, text %d of %d tokens, column %d is %v, want %v", pool, act, normal, level, i, len(ids), j, v, want[j])
							}
						}
					}
				}
			}
		}
	}
}

// TestFloatTypesExact: a model whose weights every type of float can hold gives the same bits from each.
func TestFloatTypesExact(t *testing.T) {
	texts := tinyTexts(40)
	want := bitsOf(embedAll(t, load(t, newTiny(t).save(t), Config{}), texts))
	for _, dtype := range []string{safetensors.F16, safetensors.BF16} {
		e := load(t, newTiny(t).as(t, dtype).save(t), Config{})
		require.Equal(t, want, bitsOf(embedAll(t, e, texts)), dtype)
	}
}

// TestOldTensorNamesExact: the names of BertForMaskedLM and of files from TensorFlow stand for the same tensors.
func TestOldTensorNamesExact(t *testing.T) {
	texts := tinyTexts(10)
	want := bitsOf(embedAll(t, load(t, newTiny(t).save(t), Config{}), texts))
	m := newTiny(t)
	for i := range m.tensors {
		m.tensors[i].Name = "bert." + m.tensors[i].Name
	}
	require.Equal(t, want, bitsOf(embedAll(t, load(t, m.save(t), Config{}), texts)))
	for i := range m.tensors {
		m.tensors[i].Name = gammaBeta.Replace(m.tensors[i].Name)
	}
	require.Equal(t, want, bitsOf(embedAll(t, load(t, m.save(t), Config{}), texts)))
}

var gammaBeta = strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta")

// TestActivationWithinTolerance holds every known activation to its definition in float64 on a fine grid, with the bias
// apart, and beyond its table.
func TestActivationWithinTolerance(t *testing.T) {
	tanh := func(x float64) float64 {
		return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}
	erf := func(x float64) float64 { return 0.5 * x * math.Erfc(-x/math.Sqrt2) }
	want := map[string]func(float64) float64{
		"gelu": erf, "gelu_python": erf, "gelu_new": tanh, "gelu_pytorch_tanh": tanh,
		"relu": func(x float64) float64 { return math.Max(x, 0) },
	}
	require.Len(t, activations, len(want))
	kernels, err := simd.For(simd.Default())
	require.NoError(t, err)
	for name, apply := range activations {
		act := func(x, bias []float32) { apply(kernels, x, bias) }
		for k := -200000; k <= 200000; k++ {
			x := []float32{float32(k) * 1e-4, -5.5, 3e38}
			act(x, []float32{0.25, -0.5, 0})
			at := float64(float32(k)*1e-4 + 0.25)
			if w := want[name](at); !(math.Abs(w-float64(x[0])) <= 1e-7+3e-7*math.Abs(w)) {
				t.Fatalf("%s(%v) is %v, want %v", name, at, x[0], w)
			}
			if !(math.Abs(want[name](-6)-float64(x[1])) <= 1e-8) || x[2] != 3e38 {
				t.Fatalf("%s(-6) is %v, %s(3e38) is %v", name, x[1], name, x[2])
			}
		}
		x := []float32{-3e38, float32(math.Inf(-1)), float32(math.Inf(1)), float32(math.NaN())}
		act(x, []float32{0, 0, 0, 0})
		require.Equal(t, []float32{0, 0, float32(math.Inf(1))}, x[:3], name)
		require.True(t, x[3] != x[3], "%s(NaN) is %v", name, x[3])
	}
}

// TestNormalizeZero: a vector of zeros stays one, as in torch.
func TestNormalizeZero(t *testing.T) {
	x := make([]float32, 7)
	normalize(x)
	require.Equal(t, make([]float32, 7), x)
}
