package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func rows(c *build.Context) { both(c, addRows64) }

// atLeast is the predicate of a comparison: not less, false for a NaN.
const atLeast = 13

func addRows64(v *vec) {
	v.begin("addRows64", "func(groups int, mask *uint32, sum, rows *float64, terms *int, count int, least float64)",
		"adds multiples of rows, count values of Row64 at terms, to groups of 32 values of sum, and writes one bit for each of these, the first in the",
		"lowest: whether it is at least least.")
	groups, mask, sum, rows, terms, count := v.arg("groups"), v.arg("mask"), v.arg("sum"), v.arg("rows"), v.arg("terms"), v.arg("count")
	least := v.register()
	v.VBROADCASTSD(v.addr("least"), least)
	step := v.halfBytes()
	acc := make([]reg.VecVirtual, 256/step)
	for i := range acc {
		acc[i] = v.register()
	}
	v.Label("walk")
	for i, x := range acc {
		v.VMOVUPD(operand.Mem{Base: sum, Disp: step * i}, x)
	}
	term, left, row, by := v.GP64(), v.GP64(), v.GP64(), v.register()
	v.MOVQ(terms, term)
	v.MOVQ(count, left)
	v.Label("row")
	v.MOVQ(operand.Mem{Base: term}, row)
	v.LEAQ(operand.Mem{Base: rows, Index: row, Scale: 8}, row)
	v.VBROADCASTSD(operand.Mem{Base: term, Disp: 8}, by)
	for i, x := range acc {
		y := v.register()
		v.VMULPD(operand.Mem{Base: row, Disp: step * i}, by, y)
		v.VADDPD(y, x, x)
	}
	v.ADDQ(operand.Imm(16), term)
	v.DECQ(left)
	v.JNZ(operand.LabelRef("row"))
	bits := v.GP64()
	for i, x := range acc {
		v.VMOVUPD(x, operand.Mem{Base: sum, Disp: step * i})
		if v.wide {
			k := v.K()
			v.VCMPPD(operand.Imm(atLeast), least, x, k)
			v.KMOVB(k, operand.Mem{Base: mask, Disp: i})
			continue
		}
		v.VCMPPD(operand.Imm(atLeast), least, x, x)
		if i == 0 {
			v.VMOVMSKPD(x, bits.As32())
			continue
		}
		more := v.GP64()
		v.VMOVMSKPD(x, more.As32())
		v.SHLQ(operand.Imm(uint64(4*i)), more)
		v.ORQ(more, bits)
	}
	if !v.wide {
		v.MOVL(bits.As32(), operand.Mem{Base: mask})
	}
	v.ADDQ(operand.Imm(4), mask)
	v.ADDQ(operand.U32(256), sum)
	v.ADDQ(operand.U32(256), rows)
	v.DECQ(groups)
	v.JNZ(operand.LabelRef("walk"))
	v.end()
}
