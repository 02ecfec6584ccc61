package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func attention(c *build.Context) {
	for _, t := range []tilePairs{
		{vec: &vec{Context: c}, name: "pairsAVX2", rows: 2, vectors: 2},
		{vec: &vec{Context: c, wide: true}, name: "pairsAVX512", rows: 4, vectors: 2},
		{vec: &vec{Context: c, wide: true}, name: "pairsSlimAVX512", rows: 4, vectors: 1},
	} {
		t.function()
	}
	both(c, roundHalf, func(v *vec) { weights(v, false) })
	wide := &vec{Context: c, wide: true}
	halves(wide)
	halfPairs(wide)
	scaleTo(wide)
	weights(wide, true)
}

// tilePairs is the product of values of bfloat16 that are stored as float32. Of each 32 k the even
// and the odd products are added up apart, by fused multiply-adds, which round as separate ones do
// since the products are exact.
type tilePairs struct {
	*vec
	name    string
	rows    int
	vectors int // in a row of the tile
}

func (t tilePairs) function() {
	t.Function(t.name)
	t.Attributes(attr.NOSPLIT)
	t.Doc(
		fmt.Sprintf("%s makes %d columns of products of values of bfloat16: rows rows of c, ldc", t.name, t.vectors*t.halfBytes()/4),
		"values apart, from as many rows of a, lda values apart, and steps rows of b, ldb values apart. Each row of c is",
		"multiplied with a value of by in the end; these are byStep bytes apart.",
	)
	t.Pragma("noescape")
	t.SignatureExpr("func(rows int, c *float32, ldc int, a *float32, lda int, b *float32, ldb, steps int, by *float32, byStep int)")
	rows, c, ldc, a, lda := t.arg("rows"), t.arg("c"), t.arg("ldc"), t.arg("a"), t.arg("lda")
	ldb, by := t.arg("ldb"), t.arg("by")
	for _, r := range []reg.GPVirtual{ldc, lda, ldb} {
		t.SHLQ(operand.Imm(2), r)
	}
	t.SUBQ(operand.Imm(uint64(t.rows)), rows)
	t.JL(operand.LabelRef("rest"))
	t.Label("whole")
	block := func(n int) {
		t.block(n, c, ldc, a, lda, ldb, by)
	}
	block(t.rows)
	t.SUBQ(operand.Imm(uint64(t.rows)), rows)
	t.JGE(operand.LabelRef("whole"))
	t.Label("rest")
	t.ADDQ(operand.Imm(uint64(t.rows)), rows)
	t.JZ(operand.LabelRef("done"))
	for n := t.rows - 1; n > 0; n-- {
		t.Label(fmt.Sprintf("rows%d", n))
		if n > 1 {
			t.CMPQ(rows, operand.Imm(uint64(n)))
			t.JL(operand.LabelRef(fmt.Sprintf("rows%d", n-1)))
		}
		block(n)
		if n > 1 {
			t.JMP(operand.LabelRef("done"))
		}
	}
	t.Label("done")
	t.end()
}

// block makes n rows and moves a, c and by on to the next ones.
func (t tilePairs) block(n int, c, ldc, a, lda, ldb, by reg.GPVirtual) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, n) }
	bytes := t.halfBytes()
	sums := func() [][]reg.VecVirtual {
		s := make([][]reg.VecVirtual, n)
		for r := range s {
			for range t.vectors {
				s[r] = append(s[r], t.register())
			}
		}
		return s
	}
	zero := func(s [][]reg.VecVirtual) {
		for r := range s {
			for _, x := range s[r] {
				t.VXORPS(x, x, x)
			}
		}
	}
	total, even, odd := sums(), sums(), sums()
	zero(total)
	b, left, pairs := t.arg("b"), t.arg("steps"), t.GP64()
	ptr := t.GP64()
	t.MOVQ(a, ptr)
	ptrs, place := rowsAt(t.Context, ptr, lda, n)
	step := func(s [][]reg.VecVirtual, k int) {
		var x []reg.VecVirtual
		for h := range t.vectors {
			x = append(x, t.register())
			m := operand.Mem{Base: b, Disp: bytes * h}
			if k > 0 {
				m.Index, m.Scale = ldb, 1
			}
			t.VMOVUPS(m, x[h])
		}
		for r := range n {
			y := t.register()
			t.VBROADCASTSS(place(r, 4*k), y)
			for h := range x {
				t.VFMADD231PS(y, x[h], s[r][h])
			}
		}
	}
	t.Label(label("chunk"))
	zero(even)
	zero(odd)
	t.MOVQ(operand.U32(32), pairs)
	t.CMPQ(left, pairs)
	t.CMOVQLT(left, pairs)
	t.SUBQ(pairs, left)
	t.SUBQ(operand.Imm(2), pairs)
	t.JL(operand.LabelRef(label("single")))
	t.Label(label("pair"))
	step(even, 0)
	step(odd, 1)
	for _, p := range ptrs {
		t.ADDQ(operand.Imm(8), p)
	}
	t.LEAQ(operand.Mem{Base: b, Index: ldb, Scale: 2}, b)
	t.SUBQ(operand.Imm(2), pairs)
	t.JGE(operand.LabelRef(label("pair")))
	t.Label(label("single"))
	t.ADDQ(operand.Imm(2), pairs)
	t.JZ(operand.LabelRef(label("sum")))
	step(even, 0)
	t.Label(label("sum"))
	for r := range n {
		for h := range t.vectors {
			t.VADDPS(odd[r][h], even[r][h], even[r][h])
			t.VADDPS(even[r][h], total[r][h], total[r][h])
		}
	}
	t.TESTQ(left, left)
	t.JNZ(operand.LabelRef(label("chunk")))
	for r := range n {
		f := t.register()
		t.VBROADCASTSS(operand.Mem{Base: by}, f)
		for h, x := range total[r] {
			t.VMULPS(f, x, x)
			t.VMOVUPS(x, operand.Mem{Base: c, Disp: bytes * h})
		}
		t.ADDQ(ldc, c)
		t.ADDQ(lda, a)
		t.ADDQ(t.addr("byStep"), by)
	}
}

// half rounds values that are no NaN, or one whose lower half is zero, to bfloat16, halves to even:
// the upper halves of the words; the lower are cleared.
func (v *vec) half(x group) {
	odd := v.like(x)
	v.each(v.VPSRLD, operand.Imm(16), x, odd)
	v.each(v.logic("VPAND"), v.same("One32", 1), odd, odd)
	v.each(v.VPADDD, v.same("Below", 0x7fff), x, x)
	v.each(v.VPADDD, odd, x, x)
	v.each(v.logic("VPAND"), v.same("Upper", 0xffff0000), x, x)
}

// logic is a bitwise instruction, which has two names.
func (v *vec) logic(name string) func(...operand.Op) {
	return func(o ...operand.Op) {
		switch {
		case name == "VPAND" && v.wide:
			v.VPANDD(o[0], o[1], o[2])
		case name == "VPAND":
			v.VPAND(o[0], o[1], o[2])
		case v.wide:
			v.VPORD(o[0], o[1], o[2])
		default:
			v.VPOR(o[0], o[1], o[2])
		}
	}
}

// anyHalf rounds any values to bfloat16: what is less than halfLeast is zero, from halfMost on
// infinite, and a NaN one without a lower half.
func (v *vec) anyHalf(x group) {
	and, or := v.logic("VPAND"), v.logic("VPOR")
	size, quiet, endless := v.like(x), v.like(x), v.like(x)
	v.each(and, v.same("Abs", 0x7fffffff), x, size)
	v.each(or, v.same("Quiet", 0x00400000), x, quiet)
	v.each(and, v.same("Upper", 0xffff0000), quiet, quiet)
	inf := math.Float32bits(float32(math.Inf(1)))
	v.each(or, v.same("Inf", inf), x, endless)
	v.each(and, v.same("SignExponent", 0xff800000), endless, endless)
	// Sizes are ordered like their bits.
	least, most, infinite := v.float("HalfLeast", halfLeast), v.same("BelowHalfMost", math.Float32bits(halfMost)-1), v.same("Inf", inf)
	if v.wide {
		for i := range x {
			small, big, bad := v.K(), v.K(), v.K()
			v.VPCMPD(operand.Imm(5), least, size[i], small) // not less
			v.VPCMPD(operand.Imm(6), most, size[i], big)    // greater
			v.VPCMPD(operand.Imm(6), infinite, size[i], bad)
			v.half(x[i : i+1])
			v.VMOVDQU32(endless[i], big, x[i])
			v.VMOVDQU32(quiet[i], bad, x[i])
			v.VMOVDQU32_Z(x[i], small, x[i])
		}
		return
	}
	small, big, bad := v.like(x), v.like(x), v.like(x)
	v.each(v.VMOVUPS, least, small)
	v.each(v.VPCMPGTD, size, small, small)
	v.each(v.VPCMPGTD, most, size, big)
	v.each(v.VPCMPGTD, infinite, size, bad)
	v.half(x)
	for i := range x {
		v.VBLENDVPS(big[i], endless[i], x[i], x[i])
		v.VBLENDVPS(bad[i], quiet[i], x[i], x[i])
		v.VPANDN(x[i], small[i], x[i])
	}
}

// mostlyHalf is anyHalf, and faster where no value needs more than to be rounded. label must be new
// in the function.
func (v *vec) mostlyHalf(label string, x group) {
	size := v.like(x)
	v.each(v.VANDPS, v.same("Abs", 0x7fffffff), x, size)
	least, most := math.Float32bits(halfLeast), math.Float32bits(halfMost)-1
	if v.wide {
		v.each(v.VPSUBD, v.same("HalfLeast", least), size, size)
		odd := v.K()
		for i := range x {
			k := v.K()
			v.VPCMPUD(operand.Imm(6), v.same("HalfRange", most-least), size[i], k)
			if i == 0 {
				odd = k
				continue
			}
			next := v.K()
			v.KORW(odd, k, next)
			odd = next
		}
		v.KORTESTW(odd, odd)
	} else {
		odd, bits := v.like(x), v.GP32()
		v.each(v.VMOVUPS, v.same("HalfLeast", least), odd)
		v.each(v.VPCMPGTD, size, odd, odd)
		v.each(v.VPCMPGTD, v.same("BelowHalfMost", most), size, size)
		for i := range x {
			v.VPOR(size[i], odd[i], odd[i])
			if i > 0 {
				v.VPOR(odd[i], odd[0], odd[0])
			}
		}
		v.VMOVMSKPS(odd[0], bits)
		v.TESTL(bits, bits)
	}
	v.JNZ(operand.LabelRef(label + "Odd"))
	v.half(x)
	v.JMP(operand.LabelRef(label + "Rounded"))
	v.Label(label + "Odd")
	for _, p := range x.parts() {
		v.anyHalf(p)
	}
	v.Label(label + "Rounded")
}

func roundHalf(v *vec) {
	v.begin("roundHalf", "func(rows, n int, x *float32, ldx int)",
		"rounds rows of n values, ldx apart, to bfloat16, in place: the lower halves become zero.")
	x, ldx := v.arg("x"), v.arg("ldx")
	v.SHLQ(operand.Imm(2), ldx)
	many, count := 0, 0
	if v.wide {
		many = 4
	}
	v.rowLoop(func() {
		p := v.GP64()
		v.MOVQ(x, p)
		v.sweepMany("walk", v.addr("n"), []reg.Register{p}, many, func() {
			count++
			g := v.load(p)
			v.mostlyHalf(fmt.Sprint("walk", count), g)
			v.store(g, p)
		})
		v.ADDQ(ldx, x)
	})
	v.end()
}

// rowLoop writes code for each of rows rows.
func (v *vec) rowLoop(body func()) {
	rows := v.arg("rows")
	v.Label("rows")
	body()
	v.DECQ(rows)
	v.JNZ(operand.LabelRef("rows"))
}

// halves is for tiles, so for AVX-512 alone, and so are those that follow.
func halves(v *vec) {
	v.begin("halves", "func(rows, n int, x *float32, ldx int, dst *uint16, ldd int)",
		"rounds the values of rows, n of them in a row, a multiple of 16, to bfloat16. Rows are ldx and ldd values apart.")
	x, ldx, dst, ldd := v.arg("x"), v.arg("ldx"), v.arg("dst"), v.arg("ldd")
	v.SHLQ(operand.Imm(2), ldx)
	v.SHLQ(operand.Imm(1), ldd)
	count := 0
	v.rowLoop(func() {
		from, to := v.GP64(), v.GP64()
		v.MOVQ(x, from)
		v.MOVQ(dst, to)
		v.sweep("walk", v.addr("n"), []reg.Register{from, to}, func() {
			g := v.load(from)
			count++
			v.mostlyHalf(fmt.Sprint("walk", count), g)
			v.VPSRLD(operand.Imm(16), g[0], g[0])
			v.VPMOVDW(g[0], operand.Mem{Base: to})
		}, groupBytes, 32)
		v.ADDQ(ldx, x)
		v.ADDQ(ldd, dst)
	})
	v.end()
}

func halfPairs(v *vec) {
	v.begin("halfPairs", "func(rows, n int, x *float32, ldx int, dst *uint32, ldd int)",
		"rounds the values of pairs of rows, n in a row, a multiple of 16, to bfloat16, and writes a row of pairs for each: the",
		"value of the first row in the lower half. An odd last row is paired with zeros. Rows are ldx and ldd values apart.")
	x, ldx, dst, ldd, rows := v.arg("x"), v.arg("ldx"), v.arg("dst"), v.arg("ldd"), v.arg("rows")
	v.SHLQ(operand.Imm(2), ldx)
	v.SHLQ(operand.Imm(2), ldd)
	v.Label("rows")
	both, first, second, to := v.K(), v.GP64(), v.GP64(), v.GP64()
	v.MOVQ(rows, first)
	v.DECQ(first)
	v.NEGQ(first) // all ones below the sign unless this is the last row
	v.SARQ(operand.Imm(63), first)
	v.KMOVW(first.As32(), both)
	v.MOVQ(x, first)
	v.MOVQ(x, second)
	v.ADDQ(ldx, second)
	v.MOVQ(dst, to)
	count := 0
	v.sweep("walk", v.addr("n"), []reg.Register{first, second, to}, func() {
		g, h := v.load(first), v.group()
		v.VMOVUPS_Z(operand.Mem{Base: second}, both, h[0])
		count++
		both := append(append(group{}, g...), h...)
		v.mostlyHalf(fmt.Sprint("walk", count), both)
		v.VPSRLD(operand.Imm(16), g[0], g[0])
		v.VPORD(g[0], h[0], h[0])
		v.store(h, to)
	})
	v.ADDQ(ldd, dst)
	v.LEAQ(operand.Mem{Base: x, Index: ldx, Scale: 2}, x)
	v.SUBQ(operand.Imm(2), rows)
	v.JG(operand.LabelRef("rows"))
	v.end()
}

func scaleTo(v *vec) {
	v.begin("scaleTo", "func(rows, n int, dst *float32, ldd int, x *float32, ldx int, by *float32)",
		"writes rows of n values, a multiple of 16, each row multiplied with a value of by.")
	dst, ldd, x, ldx, by := v.arg("dst"), v.arg("ldd"), v.arg("x"), v.arg("ldx"), v.arg("by")
	v.SHLQ(operand.Imm(2), ldd)
	v.SHLQ(operand.Imm(2), ldx)
	v.rowLoop(func() {
		from, to := v.GP64(), v.GP64()
		v.MOVQ(x, from)
		v.MOVQ(dst, to)
		f := v.spread(operand.Mem{Base: by})
		v.sweep("walk", v.addr("n"), []reg.Register{from, to}, func() {
			g := v.load(from)
			v.mul(f, g, g)
			v.store(g, to)
		})
		v.ADDQ(ldx, x)
		v.ADDQ(ldd, dst)
		v.ADDQ(operand.Imm(4), by)
	})
	v.end()
}

// weights is a softmax that leaves out the division. On AVX-512 it takes four rows in lockstep.
func weights(v *vec, halves bool) {
	lock := 1
	if v.wide {
		lock = 4
	}
	what := []string{
		"replaces the n values of each row by exp((x − greatest)·by), rounded to bfloat16, and",
		"writes one over their sum to inv. Whole groups of 16 are written, with zeros at the end.",
	}
	name, signature := "weights", "func(rows, n int, x *float32, ldx int, by float32, inv *float32)"
	if halves {
		name, signature = "weightsHalf", "func(rows, n int, x *float32, ldx int, by float32, inv *float32, dst *uint16, ldd int)"
		what[0] = "writes exp((x − greatest)·by) for the n values of each row, rounded to bfloat16, and"
		what[1] = "writes one over their sum to inv. Zeros follow up to ldd, which is less than 32 from n."
	}
	if lock > 1 {
		what[1] += " Rows are done"
		what = append(what, fmt.Sprintf("up to a multiple of %d.", lock))
	}
	v.begin(name, signature, what...)
	// The arguments stay in memory, since the pointers take all registers.
	v.SHLQ(operand.Imm(2), v.addr("ldx"))
	if halves {
		v.SHLQ(operand.Imm(1), v.addr("ldd"))
	}
	by := v.spread(v.addr("by"))
	// rowsOf is a pointer for each row.
	rowsOf := func(first, step string) (ptrs []reg.Register) {
		for i := range lock {
			p := v.GP64()
			if i == 0 {
				v.MOVQ(v.addr(first), p)
			} else {
				v.MOVQ(ptrs[i-1], p)
				v.ADDQ(v.addr(step), p)
			}
			ptrs = append(ptrs, p)
		}
		return ptrs
	}
	v.Label("rows")
	most := make([]group, lock)
	for i := range most {
		most[i] = v.group()
		v.each(v.VBROADCASTSS, v.float("MinusInf", minusInf), most[i])
	}
	ptrs := rowsOf("x", "ldx")
	v.sweep("most", v.addr("n"), ptrs, func() {
		for i, p := range ptrs {
			g := v.load(p)
			switch {
			case v.masked && v.wide:
				v.VMAXPS(most[i][0], g[0], v.k, most[i][0])
				continue
			case v.masked:
				for h := range g {
					v.VBLENDVPS(v.masks[h], g[h], most[i][h], g[h])
				}
			}
			v.each(v.VMAXPS, most[i], g, most[i])
		}
	})
	top, sum := make([]reg.VecVirtual, lock), make([]group, lock)
	for i := range top {
		top[i] = v.spread(v.fold(v.VMAXPS, most[i]))
		sum[i] = v.zero()
	}
	ptrs = rowsOf("x", "ldx")
	if halves {
		ptrs = append(ptrs, rowsOf("dst", "ldd")...)
	}
	steps := make([]int, len(ptrs))
	for i := range steps {
		steps[i] = groupBytes
		if i >= lock {
			steps[i] = groupBytes / 2
		}
	}
	if halves { // the last 16 of a row may be beyond the last group
		none, n := v.zero(), v.arg("ldd")
		for _, p := range ptrs[lock:] {
			v.VMOVUPS(none[0].AsY(), operand.Mem{Base: p, Index: n, Scale: 1, Disp: -32})
		}
	}
	v.sweep("exp", v.addr("n"), ptrs, func() {
		var all group
		for i := range lock {
			g := v.load(ptrs[i])
			v.sub(top[i], g, g)
			all = append(all, g...)
		}
		v.mul(by, all, all)
		for _, p := range v.pieces(all) {
			v.exp(p, v.float("WeightsLeast", weightsLeast))
			v.half(p)
		}
		size := v.groupVectors()
		for i := range lock {
			g := all[i*size : (i+1)*size]
			v.keep(g)
			v.add(g, sum[i], sum[i])
			if halves {
				v.VPSRLD(operand.Imm(16), g[0], g[0])
				v.VPMOVDW(g[0], operand.Mem{Base: ptrs[lock+i]})
				continue
			}
			v.each(v.VMOVUPS, g, at(operand.Mem{Base: ptrs[i]}))
		}
	}, steps...)
	inv := v.arg("inv")
	for i := range lock {
		total, one := v.fold(v.VADDPS, sum[i]), v.XMM()
		v.VMOVSS(v.float("One", 1), one)
		v.VDIVSS(total, one, one)
		v.VMOVSS(one, operand.Mem{Base: inv, Disp: 4 * i})
	}
	v.ADDQ(operand.Imm(uint64(4*lock)), v.addr("inv"))
	next := func(first, step string) {
		n := v.arg(step)
		v.IMUL3Q(operand.Imm(uint64(lock)), n, n)
		v.ADDQ(n, v.addr(first))
	}
	next("x", "ldx")
	if halves {
		next("dst", "ldd")
	}
	v.SUBQ(operand.Imm(uint64(lock)), v.addr("rows"))
	v.JG(operand.LabelRef("rows"))
	v.end()
}
