package main

import "fmt"

// neonRows and neonCols are the size of a tile: 24 vectors of sums, 6 of a and 2 of b.
const (
	neonRows = 6
	neonCols = 16
)

func neonInt8(n *neon) {
	n.mulInt8("mulInt8NEON", "int16", "two bytes each, any k; steps is the number of k, a multiple of 4", neonWords{})
	n.mulInt8("mulInt8Dot", "int8", "four k a step; bytes of a and the numbers of zero are less 128", neonDot{})
	n.mulInt8("mulInt8MM", "int8", "eight k a step", neonMM{})
	n.extent()
	n.quantise(false)
	n.quantise(true)
	n.dotInt8(false)
	n.dotInt8(true)
}

// neonProduct is the part of an int8 kernel that differs from one instruction set to another.
// Registers 2 to 7 point to rows of a, 8 to the panel, 9 is the number of steps left.
type neonProduct interface {
	element() string // type of a
	size() int       // bytes of a value of a
	sums(n *neon, rows int)
	// row moves the four sums of a row and of four columns to one register, and returns it.
	row(n *neon, row, part int) int
	begin() int // what is taken from a zero point
}

func (n *neon) mulInt8(name, panel, note string, p neonProduct) {
	n.function(name, []string{
		name + " makes one tile of int8 products (16 columns, up to 6 rows): rows rows of c, ldc values apart, from as",
		"many rows of a, lda values apart, and one panel: " + note + ".",
		"It ends as sum·(scaleA[row]·scaleB[column]) + bias[column], where sum includes zero[row]·minus[column].",
	}, "rows int, c *float32, ldc int, a *"+p.element()+", lda int, panel *"+panel+
		", steps int, zero *int32, scaleA *float32, minus *int32, scaleB *float32, bias *float32", "")
	n.take("rows", 10)
	n.take("a", 2)
	n.take("lda", 11)
	if p.size() == 2 {
		n.op("LSL", "$1", "R11")
	}
	n.take("panel", 8)
	n.take("steps", 9)
	n.take("c", 0)
	n.take("ldc", 1)
	n.op("LSL", "$2", "R1")
	n.take("zero", 12)
	n.take("scaleA", 13)
	n.take("minus", 14)
	n.take("scaleB", 15)
	n.take("bias", 16)
	n.eachHeight(neonRows, func(rows int) {
		p.sums(n, rows)
		n.finishInt8(p, rows)
	})
}

// finishInt8 makes float32 of the sums and writes them.
func (n *neon) finishInt8(p neonProduct, rows int) {
	const minus, scale, bias, zero, one, factor, less = 0, 1, 2, 3, 4, 5, 6
	if p.begin() != 0 {
		n.op("MOVD", imm(p.begin()), r(17))
		n.general(less, 17)
	}
	for i := 1; i < rows; i++ { // rows of c, where those of a were
		from := 0
		if i > 1 {
			from = 1 + i
		}
		n.op("ADD", r(1), r(from), r(2+i))
	}
	for part := range neonCols / 4 {
		n.load(minus, 14, 16*part)
		n.load(scale, 15, 16*part)
		n.load(bias, 16, 16*part)
		for i := range rows {
			sum := p.row(n, i, part)
			n.loadOne(zero, 12, 4*i)
			if p.begin() != 0 {
				n.do(isub, zero, zero, less)
			}
			n.loadOne(one, 13, 4*i)
			n.lanes(mlaLane, sum, minus, zero, 0)
			n.lanes(fmulLane, factor, scale, one, 0)
			n.turn(scvtf, sum, sum)
			n.do(fmul, sum, sum, factor)
			n.do(fadd, sum, sum, bias)
			to := 0
			if i > 0 {
				to = 2 + i
			}
			n.store(sum, to, 16*part)
		}
	}
}

// neonWords multiplies words, for processors without products of bytes.
type neonWords struct{}

func (neonWords) element() string                { return "int16" }
func (neonWords) size() int                      { return 2 }
func (neonWords) begin() int                     { return 0 }
func (neonWords) acc(row, part int) int          { return 8 + 4*row + part }
func (p neonWords) row(_ *neon, i, part int) int { return p.acc(i, part) }

func (p neonWords) sums(n *neon, rows int) {
	n.clearSums(rows)
	step := func(i int) {
		for half := range 2 {
			b := 6 + half
			n.next(b, 8)
			for row := range rows {
				n.smlal(false, p.acc(row, 2*half), b, row, i)
				n.smlal(true, p.acc(row, 2*half+1), b, row, i)
			}
		}
	}
	loop, tail, done := fmt.Sprint("words", rows), fmt.Sprint("wordsTail", rows), fmt.Sprint("wordsDone", rows)
	n.op("SUBS", "$8", "R9")
	n.op("BLT", tail)
	n.label(loop)
	n.loadRows(rows)
	for i := range 8 {
		step(i)
	}
	n.op("SUBS", "$8", "R9")
	n.op("BGE", loop)
	n.label(tail)
	n.op("ADDS", "$8", "R9")
	n.op("BEQ", done)
	n.loadRows(rows)
	for i := range 4 {
		step(i)
	}
	n.label(done)
}

func (n *neon) clearSums(rows int) {
	for i := range 4 * rows {
		n.clear(8 + i)
	}
}

// loadRows reads 16 bytes of each row of a.
func (n *neon) loadRows(rows int) {
	for row := range rows {
		n.next(row, 2+row)
	}
}

// neonDot multiplies four pairs of bytes in a lane.
type neonDot struct{}

func (neonDot) element() string                { return "uint8" }
func (neonDot) size() int                      { return 1 }
func (neonDot) begin() int                     { return 128 }
func (neonDot) acc(row, part int) int          { return 8 + 4*row + part }
func (p neonDot) row(_ *neon, i, part int) int { return p.acc(i, part) }

func (p neonDot) sums(n *neon, rows int) {
	n.clearSums(rows)
	step := func(i int) {
		for part := range 4 {
			b := 6 + part%2
			n.next(b, 8)
			for row := range rows {
				n.sdotLane(p.acc(row, part), b, row, i)
			}
		}
	}
	loop, tail, done := fmt.Sprint("bytes", rows), fmt.Sprint("bytesTail", rows), fmt.Sprint("bytesDone", rows)
	n.op("SUBS", "$4", "R9")
	n.op("BLT", tail)
	n.label(loop)
	n.loadRows(rows)
	for i := range 4 {
		step(i)
	}
	n.op("SUBS", "$4", "R9")
	n.op("BGE", loop)
	n.label(tail)
	n.op("ADDS", "$4", "R9")
	n.op("BEQ", done)
	n.loadRows(rows)
	for i := range 3 {
		step(i)
		if i < 2 {
			n.op("SUBS", "$1", "R9")
			n.op("BEQ", done)
		}
	}
	n.label(done)
}

// neonMM multiplies two rows and two columns of eight bytes at once. A row that is not there is the
// one before it again.
type neonMM struct{}

func (neonMM) element() string { return "uint8" }
func (neonMM) size() int       { return 1 }
func (neonMM) begin() int      { return 0 }

// acc is the register of two rows and two columns.
func (neonMM) acc(pair, cols int) int { return 8 + 8*pair + cols }

func (p neonMM) row(n *neon, i, part int) int {
	const to = 7
	op := zip1D
	if i%2 == 1 {
		op = zip2D
	}
	n.do(op, to, p.acc(i/2, 2*part), p.acc(i/2, 2*part+1))
	return to
}

func (p neonMM) sums(n *neon, rows int) {
	pairs := (rows + 1) / 2
	if rows%2 == 1 {
		n.op("MOVD", r(1+rows), r(2+rows))
	}
	n.clearSums(2 * pairs)
	loadPairs := func() {
		n.loadRows(2 * pairs)
		for i := range pairs {
			a, b := 2*i, 2*i+1
			n.do(zip1D, 6, a, b)
			n.do(zip2D, b, a, b)
			n.copy(a, 6)
		}
	}
	step := func(half int) {
		for cols := range neonCols / 2 {
			b := 6 + cols%2
			n.next(b, 8)
			for i := range pairs {
				n.usmmla(p.acc(i, cols), 2*i+half, b)
			}
		}
	}
	loop, tail, done := fmt.Sprint("matrices", rows), fmt.Sprint("matricesTail", rows), fmt.Sprint("matricesDone", rows)
	n.op("SUBS", "$2", "R9")
	n.op("BLT", tail)
	n.label(loop)
	loadPairs()
	step(0)
	step(1)
	n.op("SUBS", "$2", "R9")
	n.op("BGE", loop)
	n.label(tail)
	n.op("ADDS", "$2", "R9")
	n.op("BEQ", done)
	loadPairs()
	step(0)
	n.label(done)
}

// orTimes writes body twice: with the values of a second row in register by, or without.
func (n *neon) orTimes(by int, body func(times bool)) {
	n.op("CBZ", r(by), "bare")
	body(true)
	n.ret()
	n.label("bare")
	body(false)
	n.ret()
}

func (n *neon) extent() {
	n.function("extentNEON", []string{
		"extentNEON finds the least and the greatest of groups of 4 values and zero, and the greatest bits of a value without",
		"its sign. by is nil or what the values are multiplied with before.",
	}, "groups int, x *float32, by *float32", "lo float32, hi float32, top uint32")
	const lo, hi, top, x, by, mask = 0, 1, 2, 3, 4, 5
	n.take("groups", 0)
	n.take("x", 1)
	n.take("by", 2)
	n.clear(lo)
	n.clear(hi)
	n.clear(top)
	n.orTimes(2, func(times bool) {
		loop := fmt.Sprint("extent", times)
		n.label(loop)
		n.next(x, 1)
		if times {
			n.next(by, 2)
			n.do(fmul, x, x, by)
		}
		n.turn(fabs, mask, x)
		n.do(fmin, lo, lo, x)
		n.do(fmax, hi, hi, x)
		n.do(umax, top, top, mask)
		n.op("SUBS", "$1", "R0")
		n.op("BNE", loop)
		n.reduce(fminv, lo, lo)
		n.reduce(fmaxv, hi, hi)
		n.reduce(umaxv, top, top)
		n.op("FMOVS", "F0", n.arg("lo"))
		n.op("FMOVS", "F1", n.arg("hi"))
		n.op("FMOVS", "F2", n.arg("top"))
	})
}

func (n *neon) quantise(bytes bool) {
	name, typ, note := "quantiseNEON", "int16", "words"
	if bytes {
		name, typ, note = "quantiseBytesNEON", "uint8", "bytes, whose bits are changed where those of flip are set"
	}
	args := "groups int, q *" + typ + ", x *float32, by *float32, inv float32, base int32"
	if bytes {
		args += ", flip uint32"
	}
	n.function(name, []string{
		name + " rounds groups of 16 values times inv, adds base, which is the zero point less the bits of 1.5·2²³, and",
		"limits the result to a byte. by is nil or what the values are multiplied with before. It writes " + note + ".",
	}, args, "")
	const x, by, inv, near, base, flip = 0, 4, 16, 17, 18, 19
	n.take("groups", 0)
	n.take("q", 1)
	n.take("x", 2)
	n.take("by", 3)
	n.spread("inv", inv)
	n.op("MOVW", n.arg("base"), "R4")
	n.general(base, 4)
	if bytes {
		n.op("MOVWU", n.arg("flip"), "R4")
		n.general(flip, 4)
	}
	n.op("MOVD", "$0x4b400000", "R4")
	n.general(near, 4)
	n.orTimes(3, func(times bool) {
		loop := fmt.Sprint("quantise", times)
		n.label(loop)
		n.next4(x, 2)
		if times {
			n.next4(by, 3)
			for i := range 4 {
				n.do(fmul, x+i, x+i, by+i)
			}
		}
		for i := range 4 {
			n.do(fmul, x+i, x+i, inv)
			n.do(fadd, x+i, x+i, near)
			n.do(iadd, x+i, x+i, base)
		}
		n.turn(sqxtun, x, x)
		n.turn(sqxtun2, x, x+1)
		n.turn(sqxtun, x+2, x+2)
		n.turn(sqxtun2, x+2, x+3)
		n.turn(uqxtn, x, x)
		n.turn(uqxtn2, x, x+2)
		if bytes {
			n.do(eor, x, x, flip)
			n.put(x, 1)
		} else {
			n.turn(uxtl, x+1, x)
			n.turn(uxtl2, x+2, x)
			n.put(x+1, 1)
			n.put(x+2, 1)
		}
		n.op("SUBS", "$1", "R0")
		n.op("BNE", loop)
	})
}

func (n *neon) dotInt8(dot bool) {
	name := "dotInt8NEON"
	if dot {
		name = "dotInt8Dot"
	}
	n.function(name, []string{name + " is the inner product of groups of 32 values."}, "groups int, a *int8, b *int8", "sum int32")
	n.take("groups", 0)
	n.take("a", 1)
	n.take("b", 2)
	n.clear(16)
	n.clear(17)
	n.label("loop")
	for i := range 2 {
		n.next(i, 1)
		n.next(2+i, 2)
	}
	for i := range 2 {
		if dot {
			n.sdot(16+i, i, 2+i)
			continue
		}
		n.smull(false, 4+2*i, i, 2+i)
		n.smull(true, 5+2*i, i, 2+i)
		n.turn(sadalp, 16, 4+2*i)
		n.turn(sadalp, 17, 5+2*i)
	}
	n.op("SUBS", "$1", "R0")
	n.op("BNE", "loop")
	n.do(iadd, 16, 16, 17)
	n.reduce(addv, 16, 16)
	n.op("FMOVS", "F16", n.arg("sum"))
	n.ret()
}
