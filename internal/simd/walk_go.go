package simd

import "math"

// The plain Go twin of Walk; see the generator for its constants.

// golden is between two states of a walker's random numbers.
const golden = 0x9e3779b9

func walkGo(w *Walkers, n int, steps []int32, positions []float32, dim, samples int, f *Forces) {
	rows := len(positions) / WalkRow
	for i := range n {
		var own [WalkRow]float32
		for d := range dim {
			own[d] = w.Own[d][i] + 0 // −0 becomes 0
		}
		state := w.Key[i]
		for s := range w.Uses[i] {
			other := positions[int(steps[int(s)*WalkLanes+i])*WalkRow:][:dim]
			f.Pulled(own[:dim], other)
			for range samples {
				if j := Draw(state, rows); j != int(w.Self[i]) {
					f.Pushed(own[:dim], positions[j*WalkRow:][:dim])
				}
				state += golden
			}
		}
		for d := range dim {
			w.Own[d][i] = own[d]
		}
	}
}

// Draw is the number that draw c of a walker with the given key gives, from 0 to rows − 1, with state = key + c·golden,
// the golden ratio's fraction in 32 bits. See NextDraw.
func Draw(state uint32, rows int) int { return int(uint64(mix(state)) * uint64(rows) >> 32) }

// NextDraw is the state of the draw after that of state.
func NextDraw(state uint32) uint32 { return state + golden }

// mix spreads a counter over all 32 bits.
func mix(u uint32) uint32 {
	u ^= u >> 16
	u *= 0x21f0aaad
	u ^= u >> 15
	u *= 0x735a2d97
	return u ^ u>>15
}

// Pulled moves own as a pull by the row other does.
func (f *Forces) Pulled(own, other []float32) {
	x := squared(own, other)
	p := f.power(x)
	w := float32(f.Pull*p) / float32(atLeastTiny(x)*(1+p))
	if !(w > f.PullMost) {
		w = f.PullMost
	}
	stride(own, other, w, f.PullStep)
}

// Pushed moves own as a push by the row other does.
func (f *Forces) Pushed(own, other []float32) {
	x := squared(own, other)
	stride(own, other, f.Push/float32((x+0.001)*(1+f.power(x))), f.PushStep)
}

func squared(own, other []float32) float32 {
	other = other[:len(own)]
	var x float32
	for d, v := range own {
		t := v - other[d]
		x += float32(t * t)
	}
	return x
}

func stride(own, other []float32, factor, step float32) {
	other = other[:len(own)]
	for d, v := range own {
		g := float32(factor * (v - other[d]))
		if !(g < 4) { // as MINPS has it: a NaN becomes the constant
			g = 4
		}
		if !(g > -4) {
			g = -4
		}
		own[d] = v + float32(g*step)
	}
}

func atLeastTiny(x float32) float32 {
	if !(x > 0x1p-60) {
		return 0x1p-60
	}
	return x
}

// power is a·x^B: 2^(B·log₂x + log₂a).
func (f *Forces) power(x float32) float32 {
	x = atLeastTiny(x)
	e := int32(math.Float32bits(x)-0x3f3504f3) >> 23 // x = 2^e·(1+r)
	r := math.Float32frombits(math.Float32bits(x)-uint32(e)<<23) - 1
	var y float32 = 0x1.608508p-03
	y = float32(y*r) + -0x1.13f974p-02
	y = float32(y*r) + 0x1.2eba94p-02
	y = float32(y*r) + -0x1.6ff99ep-02
	y = float32(y*r) + 0x1.ec2a0cp-02
	y = float32(y*r) + -0x1.7156a0p-01
	y = float32(y*r) + 0x1.71548ep+00
	l := float32(r*y) + float32(e)
	l = float32(l*f.B) + f.Log2A
	if !(l < 60) {
		l = 60
	}
	if !(l > -60) {
		l = -60
	}
	t := l + nearest
	l -= t - nearest
	y = 0x1.3d107cp-07
	y = float32(y*l) + 0x1.ca1d02p-05
	y = float32(y*l) + 0x1.ebf906p-03
	y = float32(y*l) + 0x1.62e0c2p-01
	y = float32(y*l) + 0x1.000002p+00
	return math.Float32frombits(math.Float32bits(y) + math.Float32bits(t)<<23)
}
