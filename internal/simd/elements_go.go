package simd

import "math"

// The plain Go twins of the elementwise kernels. Every product that is added to something is converted explicitly, so
// that no compiler fuses the two.

func addGo(dst, src []float32) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] += v
	}
}

func addInt8Go(dst []float32, q []int8, scale float32) {
	q = q[:len(dst)]
	for i, v := range q {
		dst[i] += float32(float32(v) * scale)
	}
}

func scaleGo(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// gateTable holds polynomials of an activation; see the generator, which makes the tables.
type gateTable [6][16]float32

func gateGo(x, bias []float32, t *gateTable) {
	const (
		scale = 2.6
		end   = 15
	)
	for i, v := range x {
		if bias != nil {
			v += bias[i]
		}
		u := float32(math.Float32frombits(math.Float32bits(v)&^(1<<31)) * scale)
		if u > end {
			u = end
		}
		n := u + nearest
		at := math.Float32bits(n) % 16
		w := u - (n - nearest)
		p := t[5][at]
		p = float32(p*w) + t[4][at]
		p = float32(p*w) + t[3][at]
		p = float32(p*w) + t[2][at]
		p = float32(p*w) + t[1][at]
		p = float32(p*w) + t[0][at]
		if !(v > 0) {
			v = 0
		}
		x[i] = v - float32(u*p)
	}
}

// expGo is the exponential of x ≤ 0, down to where it is still a normal number.
func expGo(x float32) float32 { return expAbove(x, -87) }

// expAbove is the exponential of x ≤ 0, or 0 from least downwards: x = n·ln 2 + r, and exp(r) = 1 +
// (r + r²·p(r)), where |r| is at most ln 2/2.
func expAbove(x, least float32) float32 {
	const (
		high = 0.693359375
		low  = math.Ln2 - high
	)
	if x <= least {
		return 0
	}
	t := float32(x*(1/math.Ln2)) + nearest
	n := t - nearest
	r := (x - float32(n*high)) - float32(n*low)
	var p float32 = 0x1.6d10fcp-10
	p = float32(p*r) + 0x1.120b62p-7
	p = float32(p*r) + 0x1.55551ap-5
	p = float32(p*r) + 0x1.5554dep-3
	p = float32(p*r) + 0.5
	p = 1 + (r + float32(float32(r*r)*p))
	return float32(p * math.Float32frombits(math.Float32bits(t)<<23+0x3f800000))
}

func softmaxGo(row []float32, scale float32) {
	top := float32(math.Inf(-1))
	for _, v := range row {
		if v > top {
			top = v
		}
	}
	for i, v := range row {
		row[i] = expGo(float32((v - top) * scale))
	}
	inv := 1 / sum(row)
	for i := range row {
		row[i] *= inv
	}
}

func addNormGo(x, y, bias, gain, shift []float32, eps float32) {
	switch {
	case bias != nil:
		y, bias := y[:len(x)], bias[:len(x)]
		for i, v := range y {
			x[i] += v + bias[i]
		}
	case y != nil:
		addGo(x, y)
	}
	size := float32(len(x))
	mean := sum(x) / size
	std := float32(math.Sqrt(float64(squares(x, mean)/size + eps)))
	inv := 1 / std
	gain, shift = gain[:len(x)], shift[:len(x)]
	for i, v := range x {
		x[i] = float32(float32((v-mean)*inv)*gain[i]) + shift[i]
	}
}

func sum(x []float32) float32 {
	var s [lanes]float32
	for len(x) >= lanes {
		b := (*[lanes]float32)(x)
		for i, v := range b {
			s[i] += v
		}
		x = x[lanes:]
	}
	for i, v := range x {
		s[i] += v
	}
	return fold(&s)
}

// squares is the sum of the squares of x less mean.
func squares(x []float32, mean float32) float32 {
	var s [lanes]float32
	for len(x) >= lanes {
		b := (*[lanes]float32)(x)
		for i, v := range b {
			d := v - mean
			s[i] += float32(d * d)
		}
		x = x[lanes:]
	}
	for i, v := range x {
		d := v - mean
		s[i] += float32(d * d)
	}
	return fold(&s)
}

func fold(s *[lanes]float32) float32 {
	for w := lanes / 2; w > 0; w /= 2 {
		for i := range w {
			s[i] += s[i+w]
		}
	}
	return s[0]
}
