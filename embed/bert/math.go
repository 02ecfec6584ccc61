package bert

import "math"

// The elementwise parts of the encoder in float32. Each works on one row at a time in a fixed order, so that the values of
// a row do not depend on the rows beside it, and every product that is added to something is converted explicitly, so that
// no compiler fuses the two.

// expSteps is the number of table entries in an octave of exp.
const expSteps = 64

var exp2Table = func() (t [expSteps]uint32) {
	for i := range t {
		t[i] = math.Float32bits(float32(math.Exp2(float64(i) / expSteps)))
	}
	return t
}()

// softmax replaces the scores of one row by exp(scale·(s − max)) over their sum.
func softmax(s []float32, scale float32) {
	top := s[0]
	for _, v := range s[1:] {
		top = max(top, v)
	}
	// exp(x) = 2^(k/64)·exp(r) with k the nearest integer to 64·x/ln 2, so |r| ≤ ln 2/128 and three terms leave an error
	// of 3e-8. ln 2/64 is split in two so that k times its first part is exact.
	const (
		perStep = expSteps / math.Ln2
		high    = 0.0108306884765625 // 17 bits short of ln 2/64 at the end
		low     = math.Ln2/expSteps - high
		least   = -87 // exp is a normal number down to here; what is below counts as nothing in a sum that is at least 1
	)
	var sum float32
	for i, v := range s {
		x := float32(v-top) * scale
		if !(x > least) {
			if x == x {
				s[i] = 0
			} else {
				sum += x // a NaN must not vanish
			}
			continue
		}
		k := int32(float32(x*perStep) - 0.5) // x ≤ 0: rounds to nearest
		kf := float32(k)
		r := (x - float32(kf*high)) - float32(kf*low)
		p := 1 + float32(r*(1+float32(r*0.5)))
		e := p * math.Float32frombits(exp2Table[k&(expSteps-1)]+uint32(k>>6)<<23)
		s[i] = e
		sum += e
	}
	inv := 1 / sum
	for i := range s {
		s[i] *= inv
	}
}

// addNorm makes x the layer norm of x + y + bias: less the mean, over the standard deviation, times gain, plus shift. All
// have the same length.
func addNorm(x, y []float32, bias []float32, n *norm) {
	y, bias = y[:len(x)], bias[:len(x)]
	for i, v := range y {
		x[i] += v + bias[i]
	}
	n.apply(x)
}

// norm is a layer norm.
type norm struct {
	gain, shift []float32
	eps         float32
}

func (n *norm) apply(x []float32) {
	size := float32(len(x))
	mean := sum4(x) / size
	std := float32(math.Sqrt(float64(squares4(x, mean)/size + n.eps)))
	inv := 1 / std
	gain, shift := n.gain[:len(x)], n.shift[:len(x)]
	for i, v := range x {
		x[i] = float32(float32((v-mean)*inv)*gain[i]) + shift[i]
	}
}

// sum4 adds up x in four interleaved sums, which keeps the additions independent of each other and the error small.
func sum4(x []float32) float32 {
	var a, b, c, d float32
	for len(x) >= 4 {
		a += x[0]
		b += x[1]
		c += x[2]
		d += x[3]
		x = x[4:]
	}
	for _, v := range x {
		a += v
	}
	return (a + b) + (c + d)
}

// squares4 adds up the squares of x less mean in the same way.
func squares4(x []float32, mean float32) float32 {
	var a, b, c, d float32
	for len(x) >= 4 {
		p, q, r, s := x[0]-mean, x[1]-mean, x[2]-mean, x[3]-mean
		a += float32(p * p)
		b += float32(q * q)
		c += float32(r * r)
		d += float32(s * s)
		x = x[4:]
	}
	for _, v := range x {
		a += float32((v - mean) * (v - mean))
	}
	return (a + b) + (c + d)
}

// activation adds a bias to x and applies the activation function, element by element.
type activation func(x, bias []float32)

// gate is a function g from 0 at −∞ to 1 at +∞ for which x·g(x) is the activation, as cubics on intervals of 1/16 around
// the multiples of 1/16 in [−6, 6]. Beyond, g is 0 or 1 to the last digit of a float32 sum.
type gate [2*gateEnd + 1][4]float32

const (
	gateSteps = 16
	gateEnd   = 6 * gateSteps
)

// newGate interpolates g at four Chebyshev nodes of each interval. The fourth derivatives of the gates in use are below
// 1, which makes the error of a cubic less than 5e-9.
func newGate(g func(float64) float64) *gate {
	t := new(gate)
	var node [4]float64
	for i := range node {
		node[i] = 0.5 * math.Cos(math.Pi*(2*float64(i)+1)/8)
	}
	for k := range t {
		var c [4]float64 // Newton's divided differences, then expanded to powers
		for i, u := range node {
			c[i] = g((float64(k-gateEnd) + u) / gateSteps)
		}
		for j := 1; j < 4; j++ {
			for i := 3; i >= j; i-- {
				c[i] = (c[i] - c[i-1]) / (node[i] - node[i-j])
			}
		}
		var p [4]float64
		for i := 3; i >= 0; i-- { // p = p·(u − node[i]) + c[i]
			for j := 3; j > 0; j-- {
				p[j] = p[j-1] - p[j]*node[i]
			}
			p[0] = c[i] - p[0]*node[i]
		}
		for i, v := range p {
			t[k][i] = float32(v)
		}
	}
	return t
}

func (t *gate) apply(x, bias []float32) {
	bias = bias[:len(x)]
	for i, v := range x {
		v += bias[i]
		u := v * gateSteps
		k := int32(u + (gateEnd + 0.5)) // rounds to nearest inside the table
		if uint32(k) >= uint32(len(t)) || u < -gateEnd {
			if v < 0 {
				v = 0
			}
			x[i] = v
			continue
		}
		c := &t[k]
		r := u - float32(k-gateEnd) // exact
		x[i] = v * (c[0] + float32(r*(c[1]+float32(r*(c[2]+float32(r*c[3]))))))
	}
}

func relu(x, bias []float32) {
	bias = bias[:len(x)]
	for i, v := range x {
		x[i] = max(v+bias[i], 0)
	}
}

// activations are the values of hidden_act in config.json that are known.
var activations = map[string]func() activation{
	"gelu":              gelu,
	"gelu_python":       gelu,
	"gelu_new":          geluTanh,
	"gelu_pytorch_tanh": geluTanh,
	"relu":              func() activation { return relu },
}

// gelu is x·Φ(x), Φ the normal distribution function.
func gelu() activation {
	return newGate(func(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }).apply
}

// geluTanh is x·½(1 + tanh(√(2/π)(x + 0.044715x³))); ½(1 + tanh u) is 1/(1 + exp(−2u)).
func geluTanh() activation {
	return newGate(func(x float64) float64 {
		return 1 / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}).apply
}
