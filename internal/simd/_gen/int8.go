package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileInt8 is the int8 kernel of one level. With dot a step takes four k in bytes by VPDPBUSD; without, two k in words
// by VPMADDWD, which cannot overflow on a byte times a byte.
type tileInt8 struct {
	name string
	what string
	rows int
	wide bool
	dot  bool
}

func int8s(c *build.Context) {
	for _, t := range []tileInt8{
		{name: "mulInt8AVX2", what: "16 columns, up to 6 rows, two k a step", rows: 6},
		{name: "mulInt8AVX512", what: "32 columns, up to 12 rows, two k a step", rows: 12, wide: true},
		{name: "mulInt8VNNI", what: "32 columns, up to 12 rows, four k a step", rows: 12, wide: true, dot: true},
	} {
		t.function(c)
	}
	both(c, extent, quantise)
}

func (t tileInt8) function(c *build.Context) {
	c.Function(t.name)
	c.Attributes(attr.NOSPLIT)
	c.Doc(
		t.name+" makes one tile of int8 products ("+t.what+"): rows rows of c, ldc values",
		"apart, from as many rows of a, lda values apart, and one panel of steps·columns groups of k. The sums begin with",
		"zero[row]·minus[column] and end as sum·(scaleA[row]·scaleB[column]) + bias[column].",
	)
	c.Pragma("noescape")
	in, panel := "int16", "int16"
	if t.dot {
		in, panel = "uint8", "int8"
	}
	c.SignatureExpr(fmt.Sprintf("func(rows int, c *float32, ldc int, a *%s, lda int, panel *%s, steps int, "+
		"zero *int32, scaleA *float32, minus *int32, scaleB *float32, bias *float32)", in, panel))
	rows := c.Load(c.Param("rows"), c.GP64())
	for r := t.rows; r > 1; r-- {
		c.CMPQ(rows, operand.Imm(uint64(r)))
		c.JE(operand.LabelRef(fmt.Sprintf("rows%d", r)))
	}
	for r := 1; r <= t.rows; r++ {
		c.Label(fmt.Sprintf("rows%d", r))
		t.body(c, r)
	}
}

// rowsAt gives the places of row r, off bytes from where the pointers stand: one pointer serves three rows.
func rowsAt(c *build.Context, a, lda reg.Register, rows int) (ptrs []reg.Register, place func(r, off int) operand.Mem) {
	ptrs = []reg.Register{a}
	for r := 3; r < rows; r += 3 {
		p, last := c.GP64(), ptrs[len(ptrs)-1]
		c.LEAQ(operand.Mem{Base: last, Index: lda, Scale: 2}, p)
		c.ADDQ(lda, p)
		ptrs = append(ptrs, p)
	}
	return ptrs, func(r, off int) operand.Mem {
		m := operand.Mem{Base: ptrs[r/3], Disp: off}
		if s := r % 3; s > 0 {
			m.Index, m.Scale = lda, uint8(s)
		}
		return m
	}
}

func (t tileInt8) body(c *build.Context, rows int) {
	const unroll = 4
	label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
	vector, bytes := func() reg.VecVirtual { return c.YMM() }, 32
	if t.wide {
		vector, bytes = func() reg.VecVirtual { return c.ZMM() }, 64
	}
	a := c.Load(c.Param("a"), c.GP64())
	lda := c.Load(c.Param("lda"), c.GP64())
	panel := c.Load(c.Param("panel"), c.GP64())
	steps := c.Load(c.Param("steps"), c.GP64())
	if !t.dot {
		c.SHLQ(operand.Imm(1), lda)
	}
	ptrs, place := rowsAt(c, a, lda, rows)

	zero := c.Load(c.Param("zero"), c.GP64())
	minus := c.Load(c.Param("minus"), c.GP64())
	m0, m1 := vector(), vector()
	c.VMOVUPS(operand.Mem{Base: minus}, m0)
	c.VMOVUPS(operand.Mem{Base: minus, Disp: bytes}, m1)
	sums := make([][2]reg.VecVirtual, rows)
	for r := range sums {
		sums[r] = [2]reg.VecVirtual{vector(), vector()}
		c.VPBROADCASTD(operand.Mem{Base: zero, Disp: 4 * r}, sums[r][0])
		c.VPMULLD(m1, sums[r][0], sums[r][1])
		c.VPMULLD(m0, sums[r][0], sums[r][0])
	}
	step := func(u int) {
		b0, b1 := vector(), vector()
		c.VMOVUPS(operand.Mem{Base: panel, Disp: 2 * bytes * u}, b0)
		c.VMOVUPS(operand.Mem{Base: panel, Disp: 2*bytes*u + bytes}, b1)
		for r := range rows {
			x := vector()
			c.VPBROADCASTD(place(r, 4*u), x)
			if t.dot {
				c.VPDPBUSD(b0, x, sums[r][0])
				c.VPDPBUSD(b1, x, sums[r][1])
				continue
			}
			y := vector()
			c.VPMADDWD(b0, x, y)
			c.VPADDD(y, sums[r][0], sums[r][0])
			c.VPMADDWD(b1, x, x)
			c.VPADDD(x, sums[r][1], sums[r][1])
		}
	}
	advance := func(n int) {
		for _, p := range ptrs {
			c.ADDQ(operand.Imm(uint64(4*n)), p)
		}
		c.ADDQ(operand.U32(uint32(2*bytes*n)), panel)
	}
	c.SUBQ(operand.Imm(unroll), steps)
	c.JL(operand.LabelRef(label("rest")))
	c.Label(label("main"))
	for u := range unroll {
		step(u)
	}
	advance(unroll)
	c.SUBQ(operand.Imm(unroll), steps)
	c.JGE(operand.LabelRef(label("main")))
	c.Label(label("rest"))
	c.ADDQ(operand.Imm(unroll), steps)
	c.JZ(operand.LabelRef(label("store")))
	c.Label(label("single"))
	step(0)
	advance(1)
	c.DECQ(steps)
	c.JNZ(operand.LabelRef(label("single")))

	c.Label(label("store"))
	dst := c.Load(c.Param("c"), c.GP64())
	ldc := c.Load(c.Param("ldc"), c.GP64())
	c.SHLQ(operand.Imm(2), ldc)
	scaleA := c.Load(c.Param("scaleA"), c.GP64())
	scaleB := c.Load(c.Param("scaleB"), c.GP64())
	bias := c.Load(c.Param("bias"), c.GP64())
	for r := range rows {
		if r > 0 {
			c.ADDQ(ldc, dst)
		}
		s := vector()
		c.VBROADCASTSS(operand.Mem{Base: scaleA, Disp: 4 * r}, s)
		for h, sum := range sums[r] {
			f := vector()
			c.VMULPS(operand.Mem{Base: scaleB, Disp: bytes * h}, s, f)
			c.VCVTDQ2PS(sum, sum)
			c.VMULPS(f, sum, sum)
			c.VADDPS(operand.Mem{Base: bias, Disp: bytes * h}, sum, sum)
			c.VMOVUPS(sum, operand.Mem{Base: dst, Disp: bytes * h})
		}
	}
	c.VZEROUPPER()
	c.RET()
}

func extent(v *vec) {
	v.begin("extent", "func(n int, x, by *float32) (lo, hi float32, top uint32)",
		"finds the least and the greatest of n values and zero, and the greatest bits of a value without its sign. by is nil",
		"or what the values are multiplied with before.")
	x, by := v.arg("x"), v.arg("by")
	lo, hi, top := v.zero(), v.zero(), v.zero()
	v.weighted(x, by, func(g group) {
		v.each(v.VMINPS, lo, g, lo)
		v.each(v.VMAXPS, hi, g, hi)
		v.each(v.VANDPS, v.same("Abs", 0x7fffffff), g, g)
		v.each(v.VPMAXSD, g, top, top)
	})
	v.VMOVSS(v.fold(v.VMINPS, lo), v.result(0))
	v.VMOVSS(v.fold(v.VMAXPS, hi), v.result(1))
	v.VMOVSS(v.fold(v.VPMAXSD, top), v.result(2))
	v.end()
}

// quantise writes bytes for VPDPBUSD and words for VPMADDWD.
func quantise(v *vec) {
	kind := "int16"
	if v.wide {
		kind = "uint8"
	}
	v.begin("quantise", "func(n int, q *"+kind+", x, by *float32, inv float32, zero int32)",
		"rounds n values times inv, adds zero and limits the result to a byte. by is nil or what the values are multiplied",
		"with before. It writes whole groups of 16.")
	x, by, q := v.arg("x"), v.arg("by"), v.arg("q")
	inv := v.spread(v.addr("inv"))
	zero := v.spread(v.addr("zero"))
	step := 32
	if v.wide {
		step = 16
	}
	v.weighted(x, by, func(g group) {
		v.each(v.VMULPS, inv, g, g)
		v.each(v.VCVTPS2DQ, g, g)
		v.each(v.VPADDD, zero, g, g)
		if v.wide {
			v.VPMOVUSDB(g[0], operand.Mem{Base: q})
		} else {
			y := v.YMM()
			v.VPACKSSDW(g[1], g[0], y)
			v.VPERMQ(operand.Imm(0xd8), y, y)
			v.VPMINSW(v.same("Byte", 0x00ff00ff), y, y)
			v.VMOVDQU(y, operand.Mem{Base: q})
		}
		if !v.masked {
			v.ADDQ(operand.Imm(uint64(step)), q)
		}
	})
	v.end()
}

// weighted walks over x, multiplied with by unless that is nil.
func (v *vec) weighted(x, by reg.Register, body func(g group)) {
	v.TESTQ(by, by)
	v.JZ(operand.LabelRef("bare"))
	v.sweep("walk", v.addr("n"), []reg.Register{x, by}, func() {
		g := v.load(x)
		v.mul(v.load(by), g, g)
		body(g)
	})
	v.JMP(operand.LabelRef("done"))
	v.Label("bare")
	v.sweep("bareWalk", v.addr("n"), []reg.Register{x}, func() { body(v.load(x)) })
	v.Label("done")
}
