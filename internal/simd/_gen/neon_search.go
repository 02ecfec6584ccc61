package main

import "fmt"

func neonSearch(n *neon) {
	n.below()
	n.sums64("dot64NEON", "products", func(to, a, b int) { n.do(fmlaD, to, a, b) })
	n.sums64("squares64NEON", "squared differences", func(to, a, b int) {
		n.do(fsubD, a, a, b)
		n.do(fmulD, a, a, a)
		n.do(faddD, to, to, a)
	})
	n.sums64("absolute64NEON", "absolute differences", func(to, a, b int) {
		n.do(fsubD, a, a, b)
		n.turn(fabsD, a, a)
		n.do(faddD, to, to, a)
	})
}

func neonRows64(n *neon) {
	n.function("addRows64NEON", []string{
		"addRows64NEON adds multiples of rows, count values of Row64 at terms, to groups of 32 values of sum, and writes one bit",
		"for each of these, the first in the lowest: whether it is at least least.",
	}, "groups int, mask *uint32, sum *float64, rows *float64, terms *int, count int, least float64", "")
	const sums, row, by, least, places = 0, 16, 20, 21, 22
	n.take("groups", 0)
	n.take("mask", 1)
	n.take("sum", 2)
	n.take("rows", 3)
	n.take("terms", 4)
	n.take("count", 5)
	n.op("FMOVD", n.arg("least"), "F21")
	n.lane64(least, least)
	n.places(9, places)
	n.loop("group", func() {
		for i := range 4 {
			n.load4(sums+4*i, 2, 64*i)
		}
		n.op("MOVD", "R4", "R6")
		n.op("MOVD", "R5", "R7")
		n.label("term")
		n.op("MOVD", "(R6)", "R8")
		n.op("ADD", "R8<<3", "R3", "R8")
		n.op("FMOVD", "8(R6)", "F20")
		n.lane64(by, by)
		n.op("ADD", "$16", "R6")
		for i := range 4 {
			n.next4(row, 8)
			for j := range 4 {
				n.do(fmulD, row+j, row+j, by)
				n.do(faddD, sums+4*i+j, sums+4*i+j, row+j)
			}
		}
		n.op("SUBS", "$1", "R7")
		n.op("BNE", "term")
		for i := range 4 {
			n.put4(sums+4*i, 2)
		}
		// Masks of 64 bits become 32, four vectors in order, then one bit each.
		for half := range 2 {
			for i := range 4 {
				a, b := 8*half+2*i, 8*half+2*i+1
				n.do(fcmgeD, a, a, least)
				n.do(fcmgeD, b, b, least)
				n.do(uzp1, a, a, b)
				n.do(and, a, a, places+i)
			}
			n.do(orr, 8*half, 8*half, 8*half+2)
			n.do(orr, 8*half+4, 8*half+4, 8*half+6)
			n.do(orr, 8*half, 8*half, 8*half+4)
			n.reduce(addv, 8*half, 8*half)
			n.op("FMOVS", fmt.Sprint("F", 8*half), "R8")
			n.op("MOVH", "R8", "(R1)")
			n.op("ADD", "$2", "R1")
		}
		n.op("ADD", "$256", "R3")
	})
	n.ret()
}

func (n *neon) below() {
	n.function("belowNEON", []string{
		"belowNEON writes one bit for each of the values of groups of 16, the first in the lowest: whether it is, with add",
		"added to it, at most row or at most the value of cols in the same place.",
	}, "groups int, mask *uint16, c *float32, cols *float32, add float32, row float32", "")
	n.take("groups", 0)
	n.take("mask", 1)
	n.take("c", 2)
	n.take("cols", 3)
	n.spread("add", 16)
	n.spread("row", 17)
	n.places(4, 20)
	n.loop("loop", func() {
		n.next4(0, 2)
		n.next4(4, 3)
		for i := range 4 {
			n.do(fadd, i, i, 16)
			n.do(fcmge, 4+i, 4+i, i)
			n.do(fcmge, i, 17, i)
			n.do(orr, i, i, 4+i)
			n.do(and, i, i, 20+i)
		}
		n.do(orr, 0, 0, 1)
		n.do(orr, 2, 2, 3)
		n.do(orr, 0, 0, 2)
		n.reduce(addv, 0, 0)
		n.op("FMOVS", "F0", "R5")
		n.op("MOVH", "R5", "(R1)")
		n.op("ADD", "$2", "R1")
	})
	n.ret()
}

// places fills four registers with the bits of 16 places, by way of a general register.
func (n *neon) places(general, to int) {
	name := n.name + "Places"
	for i := range 16 {
		n.number(name, 4*i, 1<<i)
	}
	n.global(name, 64)
	n.op("MOVD", "$"+name+"<>(SB)", r(general))
	n.load4(to, general, 0)
}

// sums64 makes eight sums in float64, in four registers.
func (n *neon) sums64(name, what string, step func(to, a, b int)) {
	n.function(name, []string{
		name + " makes eight sums of " + what + " in float64: value k of groups of eight goes to sum k mod 8.",
	}, "groups int, a *float32, b *float32, s *float64", "")
	n.take("groups", 0)
	n.take("a", 1)
	n.take("b", 2)
	n.take("s", 3)
	for i := range 4 {
		n.clear(16 + i)
	}
	n.loop("loop", func() {
		for i := range 2 {
			n.next(i, 1)
			n.next(2+i, 2)
		}
		for i := range 2 {
			for j, x := range []int{i, 2 + i} {
				n.turn(fcvtl, 4+4*j+2*i, x)
				n.turn(fcvtl2, 5+4*j+2*i, x)
			}
		}
		for i := range 4 {
			step(16+i, 4+i, 8+i)
		}
	})
	n.put4(16, 3)
	n.ret()
}
