package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func search(c *build.Context) {
	both(c, below, func(v *vec) { sums(v, "dot64", "of products") }, func(v *vec) { sums(v, "squares64", "of squared differences") })
}

// less is the predicate of a comparison: not greater, false for a NaN.
const less = 2

func below(v *vec) {
	v.begin("below", "func(groups int, mask *uint16, c *float32, cols *float32, add, row float32)",
		"writes one bit for each of the values of groups of 16, the first in the lowest: whether it is, with add added to it, at",
		"most row or at most the value of cols in the same place.")
	groups, mask, c, cols := v.arg("groups"), v.arg("mask"), v.arg("c"), v.arg("cols")
	add, row := v.spread(v.addr("add")), v.spread(v.addr("row"))
	v.Label("walk")
	if v.wide {
		x := v.ZMM()
		v.VADDPS(operand.Mem{Base: c}, add, x)
		k, l, bits := v.K(), v.K(), v.GP32()
		v.VCMPPS(operand.Imm(less), row, x, k)
		v.VCMPPS(operand.Imm(less), operand.Mem{Base: cols}, x, l)
		v.KORW(k, l, k)
		v.KMOVW(k, bits)
		v.MOVW(bits.As16(), operand.Mem{Base: mask})
	} else {
		var bits [2]reg.GPVirtual
		for h := range bits {
			x, y := v.YMM(), v.YMM()
			v.VADDPS(operand.Mem{Base: c, Disp: 32 * h}, add, x)
			v.VCMPPS(operand.Imm(less), row, x, y)
			v.VCMPPS(operand.Imm(less), operand.Mem{Base: cols, Disp: 32 * h}, x, x)
			v.VORPS(x, y, y)
			bits[h] = v.GP32()
			v.VMOVMSKPS(y, bits[h])
		}
		v.SHLL(operand.Imm(8), bits[1])
		v.ORL(bits[1], bits[0])
		v.MOVW(bits[0].As16(), operand.Mem{Base: mask})
	}
	v.ADDQ(operand.Imm(2), mask)
	v.ADDQ(operand.Imm(64), c)
	v.ADDQ(operand.Imm(64), cols)
	v.DECQ(groups)
	v.JNZ(operand.LabelRef("walk"))
	v.end()
}

// sums writes a reduction in float64 over groups of eight values.
func sums(v *vec, name, what string) {
	v.begin(name, "func(groups int, a, b *float32, s *float64)",
		"makes eight sums "+what+" in float64: value k of groups of eight goes to sum k mod 8.")
	groups, a, b, s := v.arg("groups"), v.arg("a"), v.arg("b"), v.arg("s")
	n := 1
	if !v.wide {
		n = 2
	}
	acc := make([]reg.VecVirtual, n)
	for i := range acc {
		acc[i] = v.register()
		v.VXORPD(acc[i], acc[i], acc[i])
	}
	v.Label("walk")
	for i := range acc {
		x, y := v.register(), v.register()
		v.VCVTPS2PD(operand.Mem{Base: a, Disp: 16 * i}, x)
		v.VCVTPS2PD(operand.Mem{Base: b, Disp: 16 * i}, y)
		if name == "dot64" {
			v.VFMADD231PD(x, y, acc[i]) // the product is exact
			continue
		}
		v.VSUBPD(y, x, x)
		v.VMULPD(x, x, x)
		v.VADDPD(x, acc[i], acc[i])
	}
	v.ADDQ(operand.Imm(32), a)
	v.ADDQ(operand.Imm(32), b)
	v.DECQ(groups)
	v.JNZ(operand.LabelRef("walk"))
	for i := range acc {
		v.VMOVUPD(acc[i], operand.Mem{Base: s, Disp: 32 * i})
	}
	v.end()
}
