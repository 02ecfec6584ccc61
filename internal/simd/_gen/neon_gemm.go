package main

import "fmt"

// narrowRows is the number of rows in a tile of the kernels that need registers for more than sums.
const narrowRows = 3

func neonGemm(n *neon) {
	n.mulNEON()
	n.narrow("squareNEON", "squared distances", "Each difference is rounded, and its square is added in one step.", neonSquare{})
	n.narrow("mulUnfusedNEON", "products", "Each product and each sum is rounded.", neonUnfused{})
	n.narrow("pairsNEON", "products of values of bfloat16",
		"Even and odd products of 32 k are added up apart; in the end a row is multiplied with a value of by, byStep bytes apart.", &neonPairs{})
	n.transpose()
}

// operands reads what all products have: registers 0 and 1 get c and the bytes between its rows, 2
// the first row of a, 11 the bytes between these, 8 b, 9 the steps and 10 the number of rows.
func (n *neon) operands(b string) {
	n.take("rows", 10)
	n.take("c", 0)
	n.take("ldc", 1)
	n.op("LSL", "$2", "R1")
	n.take("a", 2)
	n.take("lda", 11)
	n.op("LSL", "$2", "R11")
	n.take(b, 8)
	n.take("steps", 9)
}

// eachHeight writes body for every number of rows up to the greatest.
func (n *neon) eachHeight(most int, body func(rows int)) {
	for rows := most; rows >= 1; rows-- {
		if rows > 1 {
			n.op("CMP", imm(rows), r(10))
			n.op("BLT", fmt.Sprint("fewer", rows))
		}
		for i := 1; i < rows; i++ {
			n.op("ADD", r(11), r(1+i), r(2+i))
		}
		body(rows)
		n.ret()
		if rows > 1 {
			n.label(fmt.Sprint("fewer", rows))
		}
	}
}

// repeatRows fills registers with one value of each row of a.
func (n *neon) repeatRows(rows int) {
	for row := range rows {
		n.repeat(row, 2+row)
	}
}

func (n *neon) mulNEON() {
	n.function("mulNEON", []string{
		"mulNEON makes one tile of products (16 columns, up to 6 rows): rows rows of c, ldc values apart, from as many rows",
		"of a, lda values apart, and one panel of steps·16 values. Product and sum are rounded together.",
	}, "rows int, c *float32, ldc int, a *float32, lda int, panel *float32, steps int", "")
	n.operands("panel")
	acc := func(row, part int) int { return 8 + 4*row + part }
	n.eachHeight(neonRows, func(rows int) {
		n.clearSums(rows)
		loop, tail, one, done := fmt.Sprint("mul", rows), fmt.Sprint("mulTail", rows), fmt.Sprint("mulOne", rows), fmt.Sprint("mulDone", rows)
		n.op("SUBS", "$4", "R9")
		n.op("BLT", tail)
		n.label(loop)
		n.loadRows(rows)
		for i := range 4 {
			for part := range 4 {
				b := 6 + part%2
				n.next(b, 8)
				for row := range rows {
					n.lanes(fmlaLane, acc(row, part), b, row, i)
				}
			}
		}
		n.op("SUBS", "$4", "R9")
		n.op("BGE", loop)
		n.label(tail)
		n.op("ADDS", "$4", "R9")
		n.op("BEQ", done)
		n.label(one)
		n.repeatRows(rows)
		for part := range 4 {
			b := 6 + part%2
			n.next(b, 8)
			for row := range rows {
				n.do(fmla, acc(row, part), b, row)
			}
		}
		n.op("SUBS", "$1", "R9")
		n.op("BNE", one)
		n.label(done)
		for row := range rows {
			for part := range 4 {
				n.store(acc(row, part), 0, 16*part)
			}
			n.op("ADD", "R1", "R0")
		}
	})
}

// neonNarrow is a step of a kernel of up to three rows, whose lane i of each row is in the lower
// registers: it works on the four vectors of b in the registers from 4 on.
type neonNarrow interface {
	step(n *neon, rows, i int, odd bool)
}

func (n *neon) narrow(name, what, how string, kind neonNarrow) {
	pairs, isPairs := kind.(*neonPairs)
	args := "rows int, c *float32, ldc int, a *float32, lda int, b *float32, ldb int, steps int"
	if isPairs {
		args += ", by *float32, byStep int"
	}
	n.function(name, []string{
		name + " makes one tile of " + what + " (16 columns, up to 3 rows): rows rows of c, ldc values apart, from as",
		"many rows of a, lda values apart, and steps rows of 16 values of b, ldb values apart.",
		how,
	}, args, "")
	n.operands("b")
	n.take("ldb", 12)
	n.op("LSL", "$2", "R12")
	n.eachHeight(narrowRows, func(rows int) {
		if isPairs {
			pairs.sums(n, rows)
			return
		}
		for i := range 4 * rows {
			n.clear(20 + i)
		}
		n.narrowSteps(kind, rows, 9)
		for row := range rows {
			for part := range 4 {
				n.store(20+4*row+part, 0, 16*part)
			}
			n.op("ADD", "R1", "R0")
		}
	})
}

// narrowSteps writes as many steps as a register says.
func (n *neon) narrowSteps(kind neonNarrow, rows, count int) {
	name := func(s string) string { return fmt.Sprint(s, rows) }
	n.op("SUBS", "$4", r(count))
	n.op("BLT", name("tail"))
	n.label(name("four"))
	n.loadRows(rows)
	for i := range 4 {
		n.nextRow(4, 8, 12)
		kind.step(n, rows, i, i%2 == 1)
	}
	n.op("SUBS", "$4", r(count))
	n.op("BGE", name("four"))
	n.label(name("tail"))
	n.op("ADDS", "$4", r(count))
	n.op("BEQ", name("done"))
	for i := range 3 {
		for row := range rows {
			n.loadOne(row, 2+row, 0)
			n.op("ADD", "$4", r(2+row))
		}
		n.nextRow(4, 8, 12)
		kind.step(n, rows, 0, i == 1)
		if i < 2 {
			n.op("SUBS", "$1", r(count))
			n.op("BEQ", name("done"))
		}
	}
	n.label(name("done"))
}

type neonSquare struct{}

func (neonSquare) step(n *neon, rows, i int, _ bool) {
	for row := range rows {
		n.lane(3, row, i)
		for part := range 4 {
			t := 8 + 4*row + part
			n.do(fsub, t, 3, 4+part)
			n.do(fmla, 20+4*row+part, t, t)
		}
	}
}

type neonUnfused struct{}

func (neonUnfused) step(n *neon, rows, i int, _ bool) {
	for row := range rows {
		for part := range 4 {
			t := 8 + 4*row + part
			n.lanes(fmulLane, t, 4+part, row, i)
			n.do(fadd, 20+4*row+part, 20+4*row+part, t)
		}
	}
}

// neonPairs adds products to 12 even and 12 odd sums. They are exact, so that nothing is lost by
// adding them in the same step.
type neonPairs struct{}

func (neonPairs) step(n *neon, rows, i int, odd bool) {
	from := 8
	if odd {
		from = 20
	}
	for row := range rows {
		for part := range 4 {
			n.lanes(fmlaLane, from+4*row+part, 4+part, row, i)
		}
	}
}

func (p *neonPairs) sums(n *neon, rows int) {
	const steps, total, left, at = 9, 0, 13, 14
	name := func(s string) string { return fmt.Sprint(s, rows) }
	eachTotal := func(do func(row, part int), after func()) {
		n.op("MOVD", "R0", r(at))
		for row := range rows {
			for part := range 4 {
				do(row, part)
			}
			if after != nil {
				after()
			}
			n.op("ADD", "R1", r(at))
		}
	}
	n.clear(total)
	eachTotal(func(_, part int) { n.store(total, at, 16*part) }, nil)
	n.label(name("sum"))
	for i := range 4 * rows {
		n.clear(8 + i)
		n.clear(20 + i)
	}
	n.op("MOVD", "$32", r(left))
	n.op("CMP", r(left), r(steps))
	n.op("CSEL", "LT", r(steps), r(left), r(left))
	n.op("SUB", r(left), r(steps))
	n.narrowSteps(p, rows, left)
	eachTotal(func(row, part int) {
		n.load(part, at, 16*part)
		n.do(fadd, 8+4*row+part, 8+4*row+part, 20+4*row+part)
		n.do(fadd, part, part, 8+4*row+part)
		n.store(part, at, 16*part)
	}, nil)
	n.op("CBNZ", r(steps), name("sum"))
	n.take("by", 15)
	n.take("byStep", 16)
	n.op("MOVD", "R0", r(at))
	for range rows {
		n.loadOne(4, 15, 0)
		n.op("ADD", "R16", "R15")
		for part := range 4 {
			n.load(part, at, 16*part)
			n.lanes(fmulLane, part, part, 4, 0)
			n.store(part, at, 16*part)
		}
		n.op("ADD", "R1", r(at))
	}
}

func (n *neon) transpose() {
	n.function("transposeNEON", []string{
		"transposeNEON writes four rows of x, ldx values apart, side by side: groups of four values of each, to rows of dst",
		"that are 16 values apart.",
	}, "groups int, x *float32, ldx int, dst *float32", "")
	n.take("groups", 0)
	n.take("x", 1)
	n.take("ldx", 5)
	n.take("dst", 6)
	n.op("LSL", "$2", "R5")
	for i := range 3 {
		n.op("ADD", "R5", r(1+i), r(2+i))
	}
	n.label("loop")
	for i := range 4 {
		n.next(i, 1+i)
	}
	n.do(zip1, 4, 0, 2)
	n.do(zip2, 5, 0, 2)
	n.do(zip1, 6, 1, 3)
	n.do(zip2, 7, 1, 3)
	n.do(zip1, 0, 4, 6)
	n.do(zip2, 1, 4, 6)
	n.do(zip1, 2, 5, 7)
	n.do(zip2, 3, 5, 7)
	for i := range 4 {
		n.store(i, 6, 4*neonCols*i)
	}
	n.op("ADD", imm(16*neonCols), "R6")
	n.op("SUBS", "$1", "R0")
	n.op("BNE", "loop")
	n.ret()
}
