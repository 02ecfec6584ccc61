package bert

import (
	"math"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// activation adds a bias, which may be nil, to x and applies the activation function, element by element.
type activation func(k *simd.Kernels, x, bias []float32)

// activations are the values of hidden_act in config.json that are known.
var activations = map[string]activation{
	"gelu":              (*simd.Kernels).Gelu,
	"gelu_python":       (*simd.Kernels).Gelu,
	"gelu_new":          (*simd.Kernels).GeluTanh,
	"gelu_pytorch_tanh": (*simd.Kernels).GeluTanh,
	"relu":              relu,
}

func relu(k *simd.Kernels, x, bias []float32) {
	if bias != nil {
		k.Add(x, bias)
	}
	for i, v := range x {
		x[i] = max(v, 0)
	}
}

// apply makes x the layer norm of x + (y + bias), where bias may be nil, and y too if bias is.
func (n *norm) apply(k *simd.Kernels, x, y, bias []float32) {
	k.AddNorm(x, y, bias, n.gain, n.shift, n.eps)
}

// pool makes one row of the rows of a text.
func pool(k *simd.Kernels, dst, rows []float32, mode pooling) {
	h := len(dst)
	count := len(rows) / h
	switch mode {
	case poolCLS:
		copy(dst, rows)
		return
	case poolLast:
		copy(dst, rows[(count-1)*h:])
		return
	case poolRise:
		poolRising(dst, rows)
		return
	}
	copy(dst, rows)
	for rows = rows[h:]; len(rows) > 0; rows = rows[h:] {
		if mode != poolMax {
			k.Add(dst, rows[:h])
			continue
		}
		for i, v := range rows[:h] {
			dst[i] = max(dst[i], v)
		}
	}
	switch mode {
	case poolMean:
		divide(dst, float32(count))
	case poolSqrt:
		divide(dst, float32(math.Sqrt(float64(count))))
	}
}

// poolRising makes the mean in which row i, from 1 on, counts i times.
func poolRising(dst, rows []float32) {
	clear(dst)
	total := float32(0)
	for i := 0; len(rows) > 0; i++ {
		by := float32(i + 1)
		for j, v := range rows[:len(dst)] {
			dst[j] += float32(v * by)
		}
		total += by
		rows = rows[len(dst):]
	}
	divide(dst, total)
}

// normalize makes x one long, as torch's normalize does: a zero vector stays.
func normalize(x []float32) {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v) // exact in float64, so nothing is lost when it is fused
	}
	divide(x, max(float32(math.Sqrt(sum)), 1e-12))
}

func divide(x []float32, by float32) {
	for i := range x {
		x[i] /= by
	}
}
