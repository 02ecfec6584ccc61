package main

import "math"

func neonElements(n *neon) {
	n.adds()
	n.scales()
	n.addInt8()
	n.greatest()
	n.exponentials("expNEON", false)
	n.exponentials("weightsNEON", true)
	n.gate()
	n.sums()
	n.squares()
	n.norm()
	n.roundHalf()
}

// sixteen is the number of values in a group of four vectors, as the order of a sum over a row has them.
const sixteen = 16

// loop writes body once for each group of a row; register 0 holds the number of groups.
func (n *neon) loop(name string, body func()) {
	n.label(name)
	body()
	n.op("SUBS", "$1", "R0")
	n.op("BNE", name)
}

func bits(x float64) uint32 { return math.Float32bits(float32(x)) }

// nearestBits is the bits of 1.5·2²³.
var nearestBits = bits(0x1.8p23)

// put4 writes four vectors and moves the register on.
func (n *neon) put4(d, base int) {
	for i := range 4 {
		n.store(d+i, base, 16*i)
	}
	n.op("ADD", imm(4*sixteen), r(base))
}

// load4 reads four vectors.
func (n *neon) load4(d, base, offset int) {
	for i := range 4 {
		n.load(d+i, base, offset+16*i)
	}
}

func (n *neon) adds() {
	n.function("addNEON", []string{"addNEON adds groups of 4 values of src to dst."}, "groups int, dst *float32, src *float32", "")
	n.take("groups", 0)
	n.take("dst", 1)
	n.take("src", 2)
	n.loop("loop", func() {
		n.next(1, 2)
		n.load(0, 1, 0)
		n.do(fadd, 0, 0, 1)
		n.put(0, 1)
	})
	n.ret()

	n.function("addBothNEON", []string{"addBothNEON adds groups of 4 sums of y and bias to x."}, "groups int, x *float32, y *float32, bias *float32", "")
	n.take("groups", 0)
	n.take("x", 1)
	n.take("y", 2)
	n.take("bias", 3)
	n.loop("loop", func() {
		n.next(1, 2)
		n.next(2, 3)
		n.load(0, 1, 0)
		n.do(fadd, 1, 1, 2)
		n.do(fadd, 0, 0, 1)
		n.put(0, 1)
	})
	n.ret()
}

func (n *neon) scales() {
	n.function("scaleNEON", []string{"scaleNEON multiplies groups of 4 values."}, "groups int, x *float32, by float32", "")
	n.take("groups", 0)
	n.take("x", 1)
	n.takeFloat("by", 1)
	n.loop("loop", func() {
		n.load(0, 1, 0)
		n.lanes(fmulLane, 0, 0, 1, 0)
		n.put(0, 1)
	})
	n.ret()
}

func (n *neon) addInt8() {
	n.function("addInt8NEON", []string{"addInt8NEON adds groups of 16 values of q times scale to dst."}, "groups int, dst *float32, q *int8, scale float32", "")
	n.take("groups", 0)
	n.take("dst", 1)
	n.take("q", 2)
	n.takeFloat("scale", 16)
	n.loop("loop", func() {
		n.next(0, 2)
		n.turn(sxtl, 1, 0)
		n.turn(sxtl2, 2, 0)
		n.turn(sxtlW, 4, 1)
		n.turn(sxtl2W, 5, 1)
		n.turn(sxtlW, 6, 2)
		n.turn(sxtl2W, 7, 2)
		n.load4(8, 1, 0)
		for i := range 4 {
			n.turn(scvtf, 4+i, 4+i)
			n.lanes(fmulLane, 4+i, 4+i, 16, 0)
			n.do(fadd, 8+i, 8+i, 4+i)
		}
		n.put4(8, 1)
	})
	n.ret()
}

func (n *neon) greatest() {
	n.function("greatestNEON", []string{"greatestNEON finds the greatest of groups of 16 values, or −Inf; NaN is left out."}, "groups int, x *float32", "top float32")
	n.take("groups", 0)
	n.take("x", 1)
	n.op("MOVD", "$0xff800000", "R2")
	for i := range 4 {
		n.general(4+i, 2)
	}
	greater := func(to, x, mask int) {
		n.do(fcmgt, mask, x, to)
		n.do(bit, to, x, mask)
	}
	n.loop("loop", func() {
		n.next4(0, 1)
		for i := range 4 {
			greater(4+i, i, 8+i)
		}
	})
	greater(4, 6, 8)
	greater(5, 7, 9)
	greater(4, 5, 8)
	n.reduce(fmaxv, 4, 4)
	n.op("FMOVS", "F4", n.arg("top"))
	n.ret()
}

// exponentials writes the kernel of a softmax, see the plain Go twin for the steps.
func (n *neon) exponentials(name string, half bool) {
	what := "adds these to 16 sums."
	if half {
		what = "rounds these to bfloat16 and adds them to 16 sums."
	}
	n.function(name, []string{
		name + " replaces groups of 16 values by exp((x − top)·scale), or 0 where the exponent is at most least, and",
		what,
	}, "groups int, x *float32, top float32, scale float32, least float32, sums *float32", "")
	const (
		high = 0.693359375
		x    = 0
		mask = 4
		t    = 8
		p    = 12
		tmp  = 16
		sums = 20

		near, one, least, top, packed, scale = 24, 29, 30, 31, 18, 19
	)
	n.take("groups", 0)
	n.take("x", 1)
	n.take("sums", 2)
	n.spread("top", top)
	n.spread("scale", scale)
	n.spread("least", least)
	n.constants(3, nearestBits, bits(0x1.120b62p-7), bits(0x1.55551ap-5), bits(0x1.5554dep-3), bits(0.5), bits(1),
		1, 0x7fff, bits(1/math.Ln2), bits(high), bits(math.Ln2-high), bits(0x1.6d10fcp-10))
	for i := range 6 {
		n.load(near+i, 3, 16*i)
	}
	// 1/ln 2, the two parts of ln 2 and the first coefficient are lanes of one register.
	for i := range 4 {
		n.load(i, 3, 16*(8+i))
	}
	n.do(zip1, 0, 0, 2)
	n.do(zip1, 1, 1, 3)
	n.do(zip1, packed, 0, 1)
	n.load4(sums, 2, 0)
	n.loop("loop", func() {
		n.load4(x, 1, 0)
		each := func(do func(i int)) {
			for i := range 4 {
				do(i)
			}
		}
		each(func(i int) { n.do(fsub, x+i, x+i, top) })
		each(func(i int) { n.do(fmul, x+i, x+i, scale) })
		each(func(i int) { n.do(fcmge, mask+i, least, x+i) })
		each(func(i int) { n.lanes(fmulLane, t+i, x+i, packed, 0) })
		each(func(i int) { n.do(fadd, t+i, t+i, near) })
		each(func(i int) { n.do(fsub, p+i, t+i, near) })
		for part := range 2 {
			each(func(i int) {
				n.lanes(fmulLane, tmp+i%2, p+i, packed, 1+part)
				n.do(fsub, x+i, x+i, tmp+i%2)
			})
		}
		each(func(i int) { n.lanes(fmulLane, p+i, x+i, packed, 3) })
		for c := 1; c <= 4; c++ {
			if c > 1 {
				each(func(i int) { n.do(fmul, p+i, p+i, x+i) })
			}
			each(func(i int) { n.do(fadd, p+i, p+i, near+c) })
		}
		each(func(i int) {
			n.do(fmul, tmp+i%2, x+i, x+i)
			n.do(fmul, p+i, tmp+i%2, p+i)
		})
		each(func(i int) { n.do(fadd, p+i, x+i, p+i) })
		each(func(i int) { n.do(fadd, p+i, one, p+i) })
		each(func(i int) { n.shl(t+i, t+i, 23) })
		each(func(i int) { n.do(iadd, t+i, t+i, one) }) // the bits of 1
		each(func(i int) { n.do(fmul, p+i, p+i, t+i) })
		each(func(i int) { n.do(bic, p+i, p+i, mask+i) })
		if half {
			n.load(x, 3, 16*6)
			n.load(x+1, 3, 16*7)
			each(func(i int) { n.nearestHalf(p+i, t+i, x, x+1) })
			each(func(i int) { n.do(fcmeq, mask+i, p+i, p+i) })
			each(func(i int) { n.do(bit, p+i, t+i, mask+i) }) // a NaN stays as it is
		}
		each(func(i int) { n.do(fadd, sums+i, sums+i, p+i) })
		n.put4(p, 1)
	})
	for i := range 4 {
		n.store(sums+i, 2, 16*i)
	}
	n.ret()
}

// nearestHalf makes to the nearest value of bfloat16, halves to even, of a finite one.
func (n *neon) nearestHalf(x, to, one, most int) {
	n.ushr(to, x, 16)
	n.do(and, to, to, one)
	n.do(iadd, to, to, most)
	n.do(iadd, to, to, x)
	n.ushr(to, to, 16)
	n.shl(to, to, 16)
}

func (n *neon) gate() {
	n.function("gateNEON", []string{
		"gateNEON is Gelu or GeluTanh of groups of 16 values, by a table of polynomials. bias is nil or what is added before.",
	}, "groups int, x *float32, bias *float32, table *float32", "")
	const x, u, at, w, p, table, tmp = 0, 4, 8, 12, 16, 20, 24
	const scale, end, near, mask, four, ascending, zero = 25, 26, 27, 28, 29, 30, 31
	n.take("groups", 0)
	n.take("x", 1)
	n.take("bias", 2)
	n.take("table", 3)
	n.constants(4, bits(2.6), bits(15), nearestBits, 15, 0x04040404, 0x03020100)
	for i := range 6 {
		n.load(scale+i, 4, 16*i)
	}
	n.clear(zero)
	each := func(do func(i int)) {
		for i := range 4 {
			do(i)
		}
	}
	lookUp := func(d func(i int) int, row int, after func(i int)) {
		n.load4(table, 3, 64*row)
		each(func(i int) {
			n.lookUp(d(i), table, at+i)
			if after != nil {
				after(i)
			}
		})
	}
	body := func(name string, biased bool) {
		n.loop(name, func() {
			n.load4(x, 1, 0)
			if biased {
				n.next4(u, 2)
				each(func(i int) { n.do(fadd, x+i, x+i, u+i) })
			}
			each(func(i int) { n.turn(fabs, u+i, x+i) })
			each(func(i int) { n.do(fmul, u+i, u+i, scale) })
			each(func(i int) { n.do(fmin, u+i, u+i, end) }) // a NaN stays one
			each(func(i int) { n.do(fadd, at+i, u+i, near) })
			each(func(i int) { n.do(fsub, w+i, at+i, near) })
			each(func(i int) { n.do(fsub, w+i, u+i, w+i) })
			each(func(i int) { n.do(and, at+i, at+i, mask) })
			each(func(i int) { n.do(imul, at+i, at+i, four) })
			each(func(i int) { n.do(iadd, at+i, at+i, ascending) })
			lookUp(func(i int) int { return p + i }, 5, nil)
			for row := 4; row >= 0; row-- {
				lookUp(func(int) int { return tmp }, row, func(i int) {
					n.do(fmul, p+i, p+i, w+i)
					n.do(fadd, p+i, p+i, tmp)
				})
			}
			each(func(i int) { n.do(fmul, p+i, u+i, p+i) })
			each(func(i int) { n.do(fcmgt, w+i, x+i, zero) })
			each(func(i int) { n.do(and, x+i, x+i, w+i) })
			each(func(i int) { n.do(fsub, x+i, x+i, p+i) })
			n.put4(x, 1)
		})
		n.ret()
	}
	n.op("CBZ", "R2", "bare")
	body("biased", true)
	n.label("bare")
	body("plain", false)
}

func (n *neon) sums() {
	n.function("sumNEON", []string{"sumNEON adds groups of 16 values to 16 sums."}, "groups int, x *float32, sums *float32", "")
	n.take("groups", 0)
	n.take("x", 1)
	n.take("sums", 2)
	n.load4(4, 2, 0)
	n.loop("loop", func() {
		n.next4(0, 1)
		for i := range 4 {
			n.do(fadd, 4+i, 4+i, i)
		}
	})
	n.put4(4, 2)
	n.ret()
}

func (n *neon) squares() {
	n.function("squaresNEON", []string{"squaresNEON adds the squares of groups of 16 values less mean to 16 sums."}, "groups int, x *float32, mean float32, sums *float32", "")
	n.take("groups", 0)
	n.take("x", 1)
	n.spread("mean", 8)
	n.take("sums", 2)
	n.load4(4, 2, 0)
	n.loop("loop", func() {
		n.next4(0, 1)
		for i := range 4 {
			n.do(fsub, i, i, 8)
			n.do(fmul, i, i, i)
			n.do(fadd, 4+i, 4+i, i)
		}
	})
	n.put4(4, 2)
	n.ret()
}

func (n *neon) norm() {
	n.function("normNEON", []string{"normNEON makes groups of 4 values less mean, times inv, times gain, plus shift."},
		"groups int, x *float32, mean float32, inv float32, gain *float32, shift *float32", "")
	n.take("groups", 0)
	n.take("x", 1)
	n.spread("mean", 4)
	n.spread("inv", 5)
	n.take("gain", 2)
	n.take("shift", 3)
	n.loop("loop", func() {
		n.load(0, 1, 0)
		n.next(1, 2)
		n.next(2, 3)
		n.do(fsub, 0, 0, 4)
		n.do(fmul, 0, 0, 5)
		n.do(fmul, 0, 0, 1)
		n.do(fadd, 0, 0, 2)
		n.put(0, 1)
	})
	n.ret()
}

func (n *neon) roundHalf() {
	n.function("roundHalfNEON", []string{"roundHalfNEON rounds groups of 4 values to bfloat16, as Attend says."}, "groups int, x *float32", "")
	const x, size, half, big, mask = 0, 1, 2, 3, 4
	const one, most, least, huge, infinite, upper = 16, 17, 18, 19, 20, 21
	n.take("groups", 0)
	n.take("x", 1)
	n.constants(2, 1, 0x7fff, bits(0x1p-56), bits(0x1p63), 0x7f800000, 0xff800000)
	for i := range 6 {
		n.load(one+i, 2, 16*i)
	}
	n.loop("loop", func() {
		n.load(x, 1, 0)
		n.turn(fabs, size, x)
		n.nearestHalf(x, half, one, most)
		n.do(orr, big, x, infinite)
		n.do(and, big, big, upper)
		n.do(cmhs, mask, size, huge)
		n.do(bit, half, big, mask)
		n.do(cmhs, mask, size, least)
		n.do(and, half, half, mask)
		n.do(fcmeq, mask, x, x)
		n.do(bit, x, half, mask) // a NaN stays as it is
		n.put(x, 1)
	})
	n.ret()
}
