package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func elements(c *build.Context) { both(c, add, scale, addInt8, gate, softmax, addNorm) }

func add(v *vec) {
	v.begin("add", "func(n int, dst, src *float32)", "adds n values of src to dst.")
	dst, src := v.arg("dst"), v.arg("src")
	v.sweep("walk", v.addr("n"), []reg.Register{dst, src}, func() {
		g := v.load(dst)
		v.add(v.load(src), g, g)
		v.store(g, dst)
	})
	v.end()
}

func scale(v *vec) {
	v.begin("scale", "func(n int, x *float32, by float32)", "multiplies n values of x.")
	x, by := v.arg("x"), v.spread(v.addr("by"))
	v.sweep("walk", v.addr("n"), []reg.Register{x}, func() {
		g := v.load(x)
		v.mul(by, g, g)
		v.store(g, x)
	})
	v.end()
}

// addInt8 leaves the last n modulo 16 values alone on AVX2, which has no masks for bytes.
func addInt8(v *vec) {
	doc := []string{"adds n values of q times by to dst."}
	if !v.wide {
		doc = append(doc, "It leaves out the last n modulo 16 of them.")
	}
	v.begin("addInt8", "func(n int, dst *float32, q *int8, by float32)", doc...)
	dst, q, by := v.arg("dst"), v.arg("q"), v.spread(v.addr("by"))
	v.sweep("walk", v.addr("n"), []reg.Register{dst, q}, func() {
		g, m := v.group(), operand.Mem{Base: q}
		switch {
		case v.wide && v.masked:
			v.VPMOVSXBD_Z(m, v.k, g[0])
		case v.wide:
			v.VPMOVSXBD(m, g[0])
		case v.masked:
			return
		default:
			v.VPMOVSXBD(m, g[0])
			v.VPMOVSXBD(m.Offset(8), g[1])
		}
		v.each(v.VCVTDQ2PS, g, g)
		v.mul(by, g, g)
		d := v.load(dst)
		v.add(g, d, d)
		v.store(d, dst)
	}, groupBytes, 16)
	v.end()
}

// gate is max(x, 0) − u·p(u), with u = min(15, |x|·gateScale) and p the polynomial of the integer next to u.
func gate(v *vec) {
	v.begin("gate", "func(n int, x, bias, table *float32)",
		"replaces n values by max(x, 0) − u·p(u), u the size of x in steps of the table. bias is added to x before,",
		"unless it is nil. The table holds 6 coefficients, the highest last, of 16 polynomials each.")
	x, bias, table := v.arg("x"), v.arg("bias"), v.arg("table")
	zero, end := v.register(), v.spread(v.float("GateEnd", gateEnd))
	v.VXORPS(zero, zero, zero)
	rows := make([]reg.VecVirtual, gateTerms)
	if v.wide {
		for i := range rows {
			rows[i] = v.register()
			v.VMOVUPS(operand.Mem{Base: table, Disp: 64 * i}, rows[i])
		}
	}
	coefficient := func(i int, index, high, dst group) {
		if v.wide {
			v.each(v.VPERMPS, rows[i], index, dst)
			return
		}
		upper, m := v.like(dst), operand.Mem{Base: table, Disp: 64 * i}
		v.VPERMPS(m, index[0], dst[0])
		v.VPERMPS(m.Offset(32), index[0], upper[0])
		v.VBLENDVPS(high[0], upper[0], dst[0], dst[0])
	}
	value := func(x group) {
		u, t, w, p, c := v.like(x), v.like(x), v.like(x), v.like(x), v.like(x)
		v.each(v.VANDPS, v.same("Abs", 0x7fffffff), x, u)
		v.mul(v.float("GateScale", gateScale), u, u)
		v.each(v.VMINPS, u, end, u)
		v.add(v.float("Nearest", nearest), u, t)
		v.sub(v.float("Nearest", nearest), t, w)
		v.sub(w, u, w)
		var high group
		if !v.wide {
			high = v.like(x)
			v.VPSLLD(operand.Imm(28), t[0], high[0])
		}
		coefficient(gateTerms-1, t, high, p)
		for i := gateTerms - 2; i >= 0; i-- {
			coefficient(i, t, high, c)
			v.mul(w, p, p)
			v.add(c, p, p)
		}
		v.mul(u, p, p)
		v.each(v.VMAXPS, zero, x, x)
		v.sub(p, x, x)
	}
	body := func(biased bool) func() {
		return func() {
			g := v.load(x)
			if biased {
				v.add(v.load(bias), g, g)
			}
			for _, p := range v.pieces(g) {
				value(p)
			}
			v.store(g, x)
		}
	}
	v.TESTQ(bias, bias)
	v.JZ(operand.LabelRef("bare"))
	many := 0
	if v.wide {
		many = 3
	}
	v.sweepMany("walk", v.addr("n"), []reg.Register{x, bias}, many, body(true))
	v.end()
	v.Label("bare")
	v.sweepMany("bareWalk", v.addr("n"), []reg.Register{x}, many, body(false))
	v.end()
}

// exp replaces x ≤ 0 by its exponential, from least downwards by 0.
func (v *vec) exp(x group, least operand.Mem) {
	t, k, r, p := v.like(x), v.like(x), v.like(x), v.like(x)
	v.mul(v.float("PerLn2", expPerLn2), x, t)
	v.add(v.float("Nearest", nearest), t, t)
	v.sub(v.float("Nearest", nearest), t, k)
	v.mul(v.float("Ln2High", expLn2High), k, r)
	v.sub(r, x, r)
	v.mul(v.float("Ln2Low", expLn2Low), k, k)
	v.sub(k, r, r) // what is left of x
	names := []string{"Exp2", "Exp3", "Exp4", "Exp5", "Exp6"}
	v.mul(v.float(names[4], expTerms[4]), r, p)
	v.add(v.float(names[3], expTerms[3]), p, p)
	for i := 2; i >= 0; i-- {
		v.mul(r, p, p)
		v.add(v.float(names[i], expTerms[i]), p, p)
	}
	v.mul(r, r, k)
	v.mul(k, p, p)
	v.add(r, p, p)
	v.add(v.float("One", 1), p, p)
	v.each(v.VPSLLD, operand.Imm(23), t, t)
	v.each(v.VPADDD, v.float("One", 1), t, t)
	if v.wide { // zero unless x > least or x is no number
		for i := range x {
			above := v.K()
			v.VCMPPS(operand.Imm(0x16), least, x[i], above)
			v.VMULPS_Z(t[i], p[i], above, x[i])
		}
		return
	}
	v.VCMPPS(operand.Imm(0x16), least, x[0], k[0])
	v.mul(t, p, p)
	v.each(v.VANDPS, k, p, x)
}

func softmax(v *vec) {
	v.begin("softmax", "func(n int, x *float32, by float32)", "replaces n values by exp((x − greatest)·by) over their sum.")
	x := v.arg("x")
	most := v.group()
	v.each(v.VBROADCASTSS, v.float("MinusInf", minusInf), most)
	v.sweep("most", v.addr("n"), []reg.Register{x}, func() {
		g := v.load(x)
		switch {
		case v.masked && v.wide:
			v.VMAXPS(most[0], g[0], v.k, most[0])
			return
		case v.masked:
			for h := range g {
				v.VBLENDVPS(v.masks[h], g[h], most[h], g[h])
			}
		}
		v.each(v.VMAXPS, most, g, most)
	})
	top := v.spread(v.fold(v.VMAXPS, most))
	by := v.spread(v.addr("by"))
	sum := v.zero()
	var rest group // stays in registers: a load would have to wait for a masked store
	x = v.arg("x")
	many := 0
	if v.wide {
		many = 4
	}
	v.sweepMany("exp", v.addr("n"), []reg.Register{x}, many, func() {
		g := v.load(x)
		for _, p := range v.pieces(g) {
			v.sub(top, p, p)
			v.mul(by, p, p)
			v.exp(p, v.float("ExpLeast", expLeast))
		}
		v.keep(g)
		if v.masked {
			rest = g
		} else {
			v.store(g, x)
		}
		size := v.groupVectors()
		for i := 0; i < len(g); i += size {
			v.add(g[i:i+size], sum, sum)
		}
	})
	total, one := v.fold(v.VADDPS, sum), v.XMM()
	v.VMOVSS(v.float("One", 1), one)
	v.VDIVSS(total, one, one)
	inv := v.spread(one)
	x = v.arg("x")
	v.sweep("divide", v.addr("n"), []reg.Register{x}, func() {
		g := rest
		if !v.masked {
			g = v.load(x)
		}
		v.mul(inv, g, g)
		v.store(g, x)
	})
	v.end()
}

func addNorm(v *vec) {
	v.begin("addNorm", "func(n int, x, y, bias, gain, shift *float32, size, eps float32)",
		"makes x the layer norm of x + (y + bias). bias may be nil, and y if bias is.")
	x, y, bias := v.arg("x"), v.arg("y"), v.arg("bias")
	sum := v.zero()
	gather := func(ptrs ...reg.Register) func() {
		return func() {
			g := v.load(ptrs[0])
			if len(ptrs) > 1 {
				t := v.load(ptrs[1])
				if len(ptrs) > 2 {
					v.add(v.load(ptrs[2]), t, t)
				}
				v.add(t, g, g)
				v.store(g, ptrs[0])
			}
			v.add(g, sum, sum)
		}
	}
	v.TESTQ(y, y)
	v.JZ(operand.LabelRef("alone"))
	v.TESTQ(bias, bias)
	v.JZ(operand.LabelRef("two"))
	for i, ptrs := range [][]reg.Register{{x, y, bias}, {x, y}, {x}} {
		name := []string{"three", "two", "alone"}[i]
		v.Label(name)
		v.sweep(name+"Walk", v.addr("n"), ptrs, gather(ptrs...))
		if i < 2 {
			v.JMP(operand.LabelRef("mean"))
		}
	}
	v.Label("mean")
	m := v.fold(v.VADDPS, sum)
	v.VDIVSS(v.addr("size"), m, m)
	mean := v.spread(m)

	squares := v.zero()
	x = v.arg("x")
	v.sweep("squares", v.addr("n"), []reg.Register{x}, func() {
		g := v.load(x)
		v.sub(mean, g, g)
		v.keep(g)
		v.mul(g, g, g)
		v.add(g, squares, squares)
	})
	std, one := v.fold(v.VADDPS, squares), v.XMM()
	v.VDIVSS(v.addr("size"), std, std)
	v.VADDSS(v.addr("eps"), std, std)
	v.VSQRTSS(std, std, std)
	v.VMOVSS(v.float("One", 1), one)
	v.VDIVSS(std, one, one)
	inv := v.spread(one)
	x = v.arg("x")
	gain, shift := v.arg("gain"), v.arg("shift")
	v.sweep("apply", v.addr("n"), []reg.Register{x, gain, shift}, func() {
		g := v.load(x)
		v.sub(mean, g, g)
		v.mul(inv, g, g)
		v.mul(v.load(gain), g, g)
		v.add(v.load(shift), g, g)
		v.store(g, x)
	})
	v.end()
}
