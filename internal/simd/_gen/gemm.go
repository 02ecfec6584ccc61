package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile describes the kernel of one level: it keeps rows × 2 vectors of sums in registers over all steps. The tile is as
// tall as the registers allow, so that each vector of the panel is used by many rows and the loads (one broadcast a row,
// two vectors a step) stay fewer than the multiply-adds.
type tile struct {
	name   string
	what   string
	square bool // sums of squared differences in place of sums of products
	rows   int  // of a full tile; kernels for fewer rows are in the same function
	lanes  int  // float32 values in a vector
	unroll int  // steps in one turn of the main loop
	vector func(*build.Context) reg.VecVirtual
}

func gemm(c *build.Context) {
	for _, t := range []tile{
		{name: "AVX2", what: "16 columns, up to 6 rows", rows: 6, lanes: 8, unroll: 4, vector: (*build.Context).YMM},
		{name: "AVX512", what: "32 columns, up to 12 rows", rows: 12, lanes: 16, unroll: 4, vector: (*build.Context).ZMM},
	} {
		level := t.name
		t.name = "mul" + level
		t.function(c)
		t.name, t.square = "square"+level, true
		t.function(c)
	}
}

func (t tile) function(c *build.Context) {
	c.Function(t.name)
	c.Attributes(attr.NOSPLIT)
	c.Doc(
		t.name+" makes one tile of "+map[bool]string{false: "products", true: "squared distances"}[t.square]+" ("+t.what+"): rows rows of c, ldc values apart,",
		"from as many rows of a, lda values apart, and one panel of steps·columns values.",
	)
	c.Pragma("noescape")
	c.SignatureExpr("func(rows int, c *float32, ldc int, a *float32, lda int, panel *float32, steps int)")

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

// body is the kernel for a fixed number of rows.
func (t tile) body(c *build.Context, rows int) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
	dst := c.Load(c.Param("c"), c.GP64())
	ldc := c.Load(c.Param("ldc"), c.GP64())
	a := c.Load(c.Param("a"), c.GP64())
	lda := c.Load(c.Param("lda"), c.GP64())
	panel := c.Load(c.Param("panel"), c.GP64())
	steps := c.Load(c.Param("steps"), c.GP64())
	c.SHLQ(operand.Imm(2), lda)
	c.SHLQ(operand.Imm(2), ldc)

	// One pointer serves three rows: itself, and itself with lda once or twice.
	ptrs := []reg.Register{a}
	for r := 3; r < rows; r += 3 {
		p, last := c.GP64(), ptrs[len(ptrs)-1]
		c.LEAQ(operand.Mem{Base: last, Index: lda, Scale: 2}, p)
		c.ADDQ(lda, p)
		ptrs = append(ptrs, p)
	}
	at := func(row, step int) operand.Mem {
		m := operand.Mem{Base: ptrs[row/3], Disp: 4 * step}
		if s := row % 3; s > 0 {
			m.Index, m.Scale = lda, uint8(s)
		}
		return m
	}

	sums := make([][2]reg.VecVirtual, rows)
	for r := range sums {
		for j := range sums[r] {
			sums[r][j] = t.vector(c)
			if t.lanes == 16 {
				c.VPXORD(sums[r][j], sums[r][j], sums[r][j])
			} else {
				c.VXORPS(sums[r][j], sums[r][j], sums[r][j])
			}
		}
	}
	step := func(u int) {
		b0, b1 := t.vector(c), t.vector(c)
		c.VMOVUPS(operand.Mem{Base: panel, Disp: 8 * t.lanes * u}, b0)
		c.VMOVUPS(operand.Mem{Base: panel, Disp: 8*t.lanes*u + 4*t.lanes}, b1)
		for r := range rows {
			x := t.vector(c)
			c.VBROADCASTSS(at(r, u), x)
			if t.square {
				d := t.vector(c)
				c.VSUBPS(b0, x, d)
				c.VFMADD231PS(d, d, sums[r][0])
				c.VSUBPS(b1, x, x)
				c.VFMADD231PS(x, x, sums[r][1])
				continue
			}
			c.VFMADD231PS(x, b0, sums[r][0])
			c.VFMADD231PS(x, b1, sums[r][1])
		}
	}
	advance := func(n int) {
		for _, p := range ptrs {
			c.ADDQ(operand.Imm(uint64(4*n)), p)
		}
		c.ADDQ(operand.U32(uint32(8*t.lanes*n)), panel)
	}

	c.SUBQ(operand.Imm(uint64(t.unroll)), steps)
	c.JL(operand.LabelRef(label("rest")))
	c.Label(label("main"))
	for u := range t.unroll {
		step(u)
	}
	advance(t.unroll)
	c.SUBQ(operand.Imm(uint64(t.unroll)), steps)
	c.JGE(operand.LabelRef(label("main")))

	c.Label(label("rest"))
	c.ADDQ(operand.Imm(uint64(t.unroll)), steps)
	c.JZ(operand.LabelRef(label("store")))
	c.Label(label("single"))
	step(0)
	advance(1)
	c.DECQ(steps)
	c.JNZ(operand.LabelRef(label("single")))

	c.Label(label("store"))
	for r := range rows {
		if r > 0 {
			c.ADDQ(ldc, dst)
		}
		c.VMOVUPS(sums[r][0], operand.Mem{Base: dst})
		c.VMOVUPS(sums[r][1], operand.Mem{Base: dst, Disp: 4 * t.lanes})
	}
	c.VZEROUPPER()
	c.RET()
}
