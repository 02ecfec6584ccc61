package bert

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// dense is a module after pooling: a product in float32, whatever the precision of the layers is,
// and an activation. Its bits are the same with all kernels.
type dense struct {
	weights *simd.Panels
	bias    []float32 // nil for none
	act     string
}

// The names of a Dense module's tensors in its file.
const (
	denseWeight = "linear.weight"
	denseBias   = "linear.bias"
)

// denseName returns the name of a tensor of Dense module i in a converted model.
func denseName(i int, name string) string { return fmt.Sprintf("dense.%d.%s", i, name) }

// denseWeights is the weights of a Dense module as they are read.
type denseWeights struct{ weights, bias []float32 }

// denseModules reads the Dense modules: from files of their own, or from a converted model.
func (m *model) denseModules() (out []denseWeights, err error) {
	for i, d := range m.Dense {
		r, prefix := &reader{f: m.tensors, path: m.path}, denseName(i, "")
		if m.denseFiles != nil {
			r, prefix = &reader{f: m.denseFiles[i].tensors, path: m.denseFiles[i].path}, ""
		}
		w := denseWeights{weights: r.floats(prefix+denseWeight, d.Out, d.In)}
		if d.Bias {
			w.bias = r.floats(prefix+denseBias, d.Out)
		}
		if r.err != nil {
			return nil, r.err
		}
		out = append(out, w)
	}
	return out, nil
}

// readDense packs the Dense modules.
func (e *Encoder) readDense(m *model) error {
	modules, err := m.denseModules()
	if err != nil {
		return err
	}
	for i, w := range modules {
		d := m.Dense[i]
		packed := e.kernels.Pack(blas32.General{Rows: d.Out, Cols: d.In, Stride: d.In, Data: w.weights})
		e.dense = append(e.dense, dense{weights: packed, bias: w.bias, act: d.Act})
	}
	return nil
}

// apply returns what the module makes of x, in the memory of to.
func (l *dense) apply(k *simd.Kernels, x []float32, to *[]float32) []float32 {
	n := l.weights.N
	y := grow(to, n)
	k.MulNTUnfused(matrix(1, n, n, y), matrix(1, len(x), len(x), x), l.weights)
	if l.bias != nil {
		k.Add(y, l.bias)
	}
	switch l.act {
	case "ReLU":
		for i, v := range y {
			y[i] = max(v, 0)
		}
	case "Tanh":
		for i, v := range y {
			y[i] = float32(tanh(float64(v)))
		}
	}
	return y
}

// tanh is the hyperbolic tangent to within 10⁻¹⁵.
func tanh(x float64) float64 {
	return math.Copysign(1-2/(bitmath.Exp(2*math.Abs(x))+1), x)
}

// denseFile is the tensors of a Dense module of a directory.
type denseFile struct {
	path    string
	tensors *safetensors.File
}
