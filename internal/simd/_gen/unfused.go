package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func unfused(c *build.Context) {
	// AVX-512 has masks for nothing, so one function does for tiles of any width. With AVX2 a mask takes a register and a
	// load of its own, so narrow tiles have a function for themselves.
	for _, t := range []tileUnfused{
		{vec: &vec{Context: c}, name: "mulUnfusedAVX2", rows: 6, vectors: 2},
		{vec: &vec{Context: c}, name: "mulUnfusedNarrowAVX2", rows: 6, vectors: 2, narrow: true},
		{vec: &vec{Context: c, wide: true}, name: "mulUnfusedAVX512", rows: 12, vectors: 2, narrow: true},
		{vec: &vec{Context: c, wide: true}, name: "mulUnfusedSlimAVX512", rows: 12, vectors: 1, narrow: true},
	} {
		t.function()
	}
	transposeAVX2(&vec{Context: c})
	transposeAVX512(&vec{Context: c, wide: true})
}

type tileUnfused struct {
	*vec
	name    string
	rows    int
	vectors int  // in a row of the tile
	narrow  bool // cols may be less than a tile has
}

func (t tileUnfused) function() {
	t.Function(t.name)
	t.Attributes(attr.NOSPLIT)
	width := t.vectors * t.halfBytes() / 4
	what := fmt.Sprintf("%d columns", width)
	if t.narrow {
		what = fmt.Sprintf("up to %d columns", width)
	}
	t.Doc(
		fmt.Sprintf("%s makes one tile of products (%s, up to %d rows), each product and", t.name, what, t.rows),
		"each sum rounded: rows rows of c, ldc values apart, from as many rows of a, lda values apart, and steps rows of b, ldb",
		"values apart.",
	)
	t.Pragma("noescape")
	t.SignatureExpr("func(rows, cols int, c *float32, ldc int, a *float32, lda int, b *float32, ldb, steps int)")
	rows := t.arg("rows")
	for r := t.rows; r > 1; r-- {
		t.CMPQ(rows, operand.Imm(uint64(r)))
		t.JE(operand.LabelRef(fmt.Sprintf("rows%d", r)))
	}
	for r := 1; r <= t.rows; r++ {
		t.Label(fmt.Sprintf("rows%d", r))
		t.body(r)
	}
}

func (t tileUnfused) body(rows int) {
	const unroll = 2
	label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
	bytes := t.halfBytes()

	var masks [2]reg.OpmaskVirtual
	var first reg.GPVirtual // where in memory the masks are
	if t.narrow && t.wide {
		n, m := t.GP64(), t.GP64()
		t.Load(t.Param("cols"), n)
		t.MOVQ(n, reg.RCX)
		t.MOVQ(operand.U32(1), m)
		t.SHLQ(reg.CL, m)
		t.DECQ(m)
		masks = [2]reg.OpmaskVirtual{t.K(), t.K()}
		t.KMOVW(m.As32(), masks[0])
		if t.vectors > 1 {
			t.SHRQ(operand.Imm(16), m)
			t.KMOVW(m.As32(), masks[1])
		}
	} else if t.narrow {
		first = t.GP64()
		n := t.arg("cols")
		t.LEAQ(t.constant("first", words(firstMask[:])).Offset(64), first)
		t.SHLQ(operand.Imm(2), n)
		t.SUBQ(n, first)
	}
	a, lda, b, ldb, steps := t.arg("a"), t.arg("lda"), t.arg("b"), t.arg("ldb"), t.arg("steps")
	t.SHLQ(operand.Imm(2), lda)
	t.SHLQ(operand.Imm(2), ldb)
	ptrs, place := rowsAt(t.Context, a, lda, rows)

	load := func(m operand.Mem, h int) reg.VecVirtual {
		x := t.register()
		m.Disp += bytes * h
		switch {
		case !t.narrow:
			t.VMOVUPS(m, x)
		case t.wide:
			t.VMOVUPS_Z(m, masks[h], x)
		default:
			t.VMOVUPS(operand.Mem{Base: first, Disp: bytes * h}, x)
			t.VMASKMOVPS(m, x, x)
		}
		return x
	}
	sums := make([][]reg.VecVirtual, rows)
	for r := range sums {
		sums[r] = make([]reg.VecVirtual, t.vectors)
		for h := range sums[r] {
			sums[r][h] = t.register()
			if t.wide {
				t.VPXORD(sums[r][h], sums[r][h], sums[r][h])
			} else {
				t.VXORPS(sums[r][h], sums[r][h], sums[r][h])
			}
		}
	}
	step := func(u int) {
		m := operand.Mem{Base: b}
		if u > 0 {
			m.Index, m.Scale = ldb, uint8(u)
		}
		var b []reg.VecVirtual
		for h := range t.vectors {
			b = append(b, load(m, h))
		}
		for r := range rows {
			if t.wide { // on Zen 4 this is a third faster than a broadcast of its own
				for h, sum := range sums[r] {
					y := t.register()
					t.VMULPS_BCST(place(r, 4*u), b[h], y)
					t.VADDPS(y, sum, sum)
				}
				continue
			}
			x, y := t.register(), t.register()
			t.VBROADCASTSS(place(r, 4*u), x)
			t.VMULPS(b[0], x, y)
			t.VADDPS(y, sums[r][0], sums[r][0])
			t.VMULPS(b[1], x, x)
			t.VADDPS(x, sums[r][1], sums[r][1])
		}
	}
	advance := func(n int) {
		for _, p := range ptrs {
			t.ADDQ(operand.Imm(uint64(4*n)), p)
		}
		t.LEAQ(operand.Mem{Base: b, Index: ldb, Scale: uint8(n)}, b)
	}
	t.SUBQ(operand.Imm(unroll), steps)
	t.JL(operand.LabelRef(label("rest")))
	t.Label(label("main"))
	for u := range unroll {
		step(u)
	}
	advance(unroll)
	t.SUBQ(operand.Imm(unroll), steps)
	t.JGE(operand.LabelRef(label("main")))
	t.Label(label("rest"))
	t.ADDQ(operand.Imm(unroll), steps)
	t.JZ(operand.LabelRef(label("store")))
	step(0)

	t.Label(label("store"))
	dst, ldc := t.arg("c"), t.arg("ldc")
	t.SHLQ(operand.Imm(2), ldc)
	var m [2]reg.VecVirtual
	if t.narrow && !t.wide {
		m = [2]reg.VecVirtual{t.register(), t.register()}
		for h := range m {
			t.VMOVUPS(operand.Mem{Base: first, Disp: bytes * h}, m[h])
		}
	}
	for r := range rows {
		if r > 0 {
			t.ADDQ(ldc, dst)
		}
		for h, sum := range sums[r] {
			to := operand.Mem{Base: dst, Disp: bytes * h}
			switch {
			case !t.narrow:
				t.VMOVUPS(sum, to)
			case t.wide:
				t.VMOVUPS(sum, masks[h], to)
			default:
				t.VMASKMOVPS(sum, m[h], to)
			}
		}
	}
	t.end()
}

// transposeAVX512 turns blocks of 16 × 16 in registers.
func transposeAVX512(v *vec) {
	transpose(v, 16, func(r []reg.VecVirtual) []reg.VecVirtual {
		var u []reg.VecVirtual // u[4g+j]: in lane l the column 4l+j of the rows 4g … 4g+3
		for g := 0; g < 16; g += 4 {
			u = append(u, v.turn4(r[g:g+4])...)
		}
		out := make([]reg.VecVirtual, 16)
		shuffle := func(imm uint64, x, y reg.VecVirtual) reg.VecVirtual {
			z := v.ZMM()
			v.VSHUFF32X4(operand.Imm(imm), y, x, z)
			return z
		}
		const even, odd = 0x88, 0xdd
		for j := range 4 {
			e0, o0 := shuffle(even, u[j], u[4+j]), shuffle(odd, u[j], u[4+j])
			e1, o1 := shuffle(even, u[8+j], u[12+j]), shuffle(odd, u[8+j], u[12+j])
			out[j], out[8+j] = shuffle(even, e0, e1), shuffle(odd, e0, e1)
			out[4+j], out[12+j] = shuffle(even, o0, o1), shuffle(odd, o0, o1)
		}
		return out
	})
}

// transposeAVX2 turns blocks of 8 × 8.
func transposeAVX2(v *vec) {
	transpose(v, 8, func(r []reg.VecVirtual) []reg.VecVirtual {
		x, y := v.turn4(r[:4]), v.turn4(r[4:])
		out := make([]reg.VecVirtual, 8)
		for j := range 4 {
			out[j], out[4+j] = v.YMM(), v.YMM()
			v.VPERM2F128(operand.Imm(0x20), y[j], x[j], out[j])
			v.VPERM2F128(operand.Imm(0x31), y[j], x[j], out[4+j])
		}
		return out
	})
}

// turn4 transposes the 4 × 4 blocks in the 128-bit lanes of four vectors.
func (v *vec) turn4(r []reg.VecVirtual) []reg.VecVirtual {
	pair := func(f func(...operand.Op), x, y reg.VecVirtual) reg.VecVirtual {
		z := v.register()
		f(y, x, z)
		return z
	}
	l0, h0 := pair(v.VUNPCKLPS, r[0], r[1]), pair(v.VUNPCKHPS, r[0], r[1])
	l1, h1 := pair(v.VUNPCKLPS, r[2], r[3]), pair(v.VUNPCKHPS, r[2], r[3])
	return []reg.VecVirtual{
		pair(v.VUNPCKLPD, l0, l1), pair(v.VUNPCKHPD, l0, l1),
		pair(v.VUNPCKLPD, h0, h1), pair(v.VUNPCKHPD, h0, h1),
	}
}

func transpose(v *vec, size int, turn func([]reg.VecVirtual) []reg.VecVirtual) {
	v.begin("transpose", "func(rows int, b *float32, ldb int, panel *float32, ldp, steps int)",
		fmt.Sprintf("writes the transpose of up to %d rows of b, ldb values apart and steps values long, to", size),
		fmt.Sprintf("panel: steps rows of %d values, ldp values apart, with zeros in place of the rows that are not there.", size))
	rows, b, ldb, panel, ldp, steps := v.arg("rows"), v.arg("b"), v.arg("ldb"), v.arg("panel"), v.arg("ldp"), v.arg("steps")
	v.SHLQ(operand.Imm(2), ldb)
	v.SHLQ(operand.Imm(2), ldp)
	mask := func() { // for steps, which are fewer than size
		if v.wide {
			m := v.GP64()
			v.MOVQ(steps, reg.RCX)
			v.MOVQ(operand.U32(1), m)
			v.SHLQ(reg.CL, m)
			v.DECQ(m)
			v.k = v.K()
			v.KMOVW(m.As32(), v.k)
			return
		}
		p, n := v.GP64(), v.GP64()
		v.LEAQ(v.constant("first", words(firstMask[:])).Offset(64), p)
		v.MOVQ(steps, n)
		v.SHLQ(operand.Imm(2), n)
		v.SUBQ(n, p)
		v.masks = []reg.VecVirtual{v.YMM()}
		v.VMOVUPS(operand.Mem{Base: p}, v.masks[0])
	}
	block := func(name string, whole bool) {
		r := make([]reg.VecVirtual, size)
		for i := range r {
			r[i] = v.register()
			v.VXORPS(r[i], r[i], r[i])
		}
		p := v.GP64()
		v.MOVQ(b, p)
		v.TESTQ(rows, rows)
		v.JZ(operand.LabelRef(name + "Turn"))
		for i := range r {
			m := operand.Mem{Base: p}
			switch {
			case whole:
				v.VMOVUPS(m, r[i])
			case v.wide:
				v.VMOVUPS_Z(m, v.k, r[i])
			default:
				v.VMASKMOVPS(m, v.masks[0], r[i])
			}
			if i < size-1 {
				v.CMPQ(rows, operand.Imm(uint64(i+1)))
				v.JE(operand.LabelRef(name + "Turn"))
				v.ADDQ(ldb, p)
			}
		}
		v.Label(name + "Turn")
		for i, x := range turn(r) {
			v.VMOVUPS(x, operand.Mem{Base: panel})
			v.ADDQ(ldp, panel)
			if !whole && i < size-1 {
				v.CMPQ(steps, operand.Imm(uint64(i+1)))
				v.JE(operand.LabelRef("done"))
			}
		}
	}
	v.SUBQ(operand.Imm(uint64(size)), steps)
	v.JL(operand.LabelRef("rest"))
	v.Label("walk")
	block("walk", true)
	v.ADDQ(operand.Imm(uint64(4*size)), b)
	v.SUBQ(operand.Imm(uint64(size)), steps)
	v.JGE(operand.LabelRef("walk"))
	v.Label("rest")
	v.ADDQ(operand.Imm(uint64(size)), steps)
	v.JZ(operand.LabelRef("done"))
	mask()
	block("rest", false)
	v.Label("done")
	v.end()
}
