package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// encodings is the AMX instructions of all files.
var encodings = map[string]string{}

func amx(c *build.Context) {
	t := tileCode{Context: c, known: encodings}
	t.int8()
	t.half()
}

// int8 is the int8 kernel on tiles. A block is 32 × 32 sums, in four tiles T0 … T3 of 16 × 16; a
// step takes 64 k: two tiles of a, T4 and T5, of 16 rows each, and two of the panel, T6 and T7, of
// 16 columns each. A panel of the VNNI kernel is both: its rows have 32 columns of 4 bytes. The
// sums go to a buffer, and while the tiles work on the next block, the vectors make float32 of
// them.
func (t tileCode) int8() {
	t.Function("mulInt8AMX")
	t.Attributes(attr.NOSPLIT)
	t.Doc(
		"mulInt8AMX makes int8 products: rows rows of c, ldc values apart, and panels panels of 32 columns, from as many rows",
		"of a, lda values apart, and panels of steps·64 groups of k. It reads up to a multiple of 16 rows of a. scratch is",
		"2,048 values. pair is 128·zero and zero of a row in 16 bits each, split is minus/128 rounded down and the rest, so",
		"that one VPDPWSSD gives zero·minus. Of each 32 rows, per are finished in a step of the next block: per·steps is at",
		"least 32. biasMask is −1, or 0 for a bias of 32 values that all panels share.",
	)
	t.Pragma("noescape")
	t.SignatureExpr("func(rows int, c *float32, ldc int, a *uint8, lda int, panel *int8, panels, steps, per int, " +
		"pair *int32, scaleA *float32, split *int32, scaleB, bias *float32, biasMask int, scratch *int32, config *byte)")
	param := func(name string) operand.Mem {
		p, err := t.Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return p.Addr
	}
	local := func() operand.Mem { return t.AllocLocal(8) }
	move := func(from operand.Op, to operand.Op) { t.MOVQ(from, to) }
	const (
		panelStep  = 2048 // bytes of 16 rows of a panel
		bufferSize = 4096
	)
	// The tile instructions fix these registers, the others are those that are left.
	var (
		panel, a0, a1 = reg.RSI, reg.RDI, reg.R9
		lda, row      = reg.R8, reg.RDX // bytes between rows of a, and of a panel and of the buffer
		k             = reg.RCX
		// of the block that is finished beside the tiles
		sums, dst, pairs, scales = reg.R10, reg.R11, reg.R12, reg.R13
		left, some               = reg.RBX, reg.RAX
		ldc                      = reg.R15
		tmp                      = reg.R14
	)
	rowsLeft, aBlock, dstBlock, pairBlock, scaleBlock := local(), local(), local(), local(), local()
	column, doneColumn, buffer := local(), local(), local()

	split, scaleB, bias := [2]reg.VecVirtual{t.ZMM(), t.ZMM()}, [2]reg.VecVirtual{t.ZMM(), t.ZMM()}, [2]reg.VecVirtual{t.ZMM(), t.ZMM()}
	// columns reads what belongs to the columns of the block that is being finished.
	columns := func() {
		move(doneColumn, tmp)
		for _, x := range []struct {
			name string
			to   [2]reg.VecVirtual
		}{{"split", split}, {"scaleB", scaleB}} {
			move(param(x.name), some)
			for h := range 2 {
				t.VMOVUPS(operand.Mem{Base: some, Index: tmp, Scale: 1, Disp: 64 * h}, x.to[h])
			}
		}
		move(param("bias"), some)
		t.ANDQ(param("biasMask"), tmp)
		for h := range 2 {
			t.VMOVUPS(operand.Mem{Base: some, Index: tmp, Scale: 1, Disp: 64 * h}, bias[h])
		}
	}
	finishRow := func() {
		p, s := t.ZMM(), t.ZMM()
		t.VPBROADCASTD(operand.Mem{Base: pairs}, p)
		t.VBROADCASTSS(operand.Mem{Base: scales}, s)
		for h := range 2 {
			x, f := t.ZMM(), t.ZMM()
			t.VMOVUPS(operand.Mem{Base: sums, Disp: 64 * h}, x)
			t.VMULPS(scaleB[h], s, f)
			t.VPDPWSSD(split[h], p, x)
			t.VCVTDQ2PS(x, x)
			t.VMULPS(f, x, x)
			t.VADDPS(bias[h], x, x)
			t.VMOVUPS(x, operand.Mem{Base: dst, Disp: 64 * h})
		}
		t.ADDQ(operand.U32(128), sums)
		t.ADDQ(ldc, dst)
		t.ADDQ(operand.Imm(4), pairs)
		t.ADDQ(operand.Imm(4), scales)
	}

	move(param("config"), reg.RAX)
	t.configure(reg.RAX)
	move(param("lda"), lda)
	move(operand.U32(128), row)
	move(param("ldc"), ldc)
	t.SHLQ(operand.Imm(2), ldc)
	move(param("panel"), panel)
	t.XORQ(left, left)
	for _, m := range []operand.Mem{column, doneColumn, buffer} {
		t.MOVQ(operand.U32(0), m)
	}

	t.Label("panels")
	for _, x := range []struct {
		name string
		to   operand.Mem
	}{{"rows", rowsLeft}, {"a", aBlock}, {"pair", pairBlock}, {"scaleA", scaleBlock}} {
		move(param(x.name), tmp)
		move(tmp, x.to)
	}
	move(param("c"), tmp)
	t.ADDQ(column, tmp)
	move(tmp, dstBlock)
	move(panel, param("panel"))

	t.Label("blocks")
	columns()
	move(param("panel"), panel)
	move(aBlock, a0)
	move(lda, a1)
	t.SHLQ(operand.Imm(4), a1)
	t.ADDQ(a0, a1)
	move(param("steps"), k)
	for i := range 4 {
		t.clear(i)
	}
	t.CMPQ(rowsLeft, operand.Imm(16))
	t.JLE(operand.LabelRef("short"))
	for _, tall := range []bool{true, false} {
		name := map[bool]string{true: "tall", false: "short"}[tall]
		t.Label(name)
		t.load(6, panel, row, 0)
		t.load(4, a0, lda, 0)
		t.load(7, panel, row, 64)
		t.mulBytes(0, 4, 6)
		if tall {
			t.load(5, a1, lda, 0)
		}
		t.mulBytes(1, 4, 7)
		if tall {
			t.mulBytes(2, 5, 6)
			t.mulBytes(3, 5, 7)
			t.ADDQ(operand.Imm(64), a1)
		}
		t.ADDQ(operand.Imm(64), a0)
		t.ADDQ(operand.U32(panelStep), panel)
		move(param("per"), some)
		t.CMPQ(some, left)
		t.CMOVQGT(left, some)
		t.SUBQ(some, left)
		t.TESTQ(some, some)
		t.JZ(operand.LabelRef(name + "Next"))
		t.Label(name + "Row")
		finishRow()
		t.DECQ(some)
		t.JNZ(operand.LabelRef(name + "Row"))
		t.Label(name + "Next")
		t.DECQ(k)
		t.JNZ(operand.LabelRef(name))
		if tall {
			t.JMP(operand.LabelRef("store"))
		}
	}
	t.Label("store")
	move(param("scratch"), sums)
	t.ADDQ(buffer, sums)
	t.XORQ(operand.U32(bufferSize), buffer)
	t.store(0, sums, row, 0)
	t.store(1, sums, row, 64)
	t.store(2, sums, row, bufferSize/2)
	t.store(3, sums, row, bufferSize/2+64)
	move(dstBlock, dst)
	move(pairBlock, pairs)
	move(scaleBlock, scales)
	move(column, tmp)
	move(tmp, doneColumn)
	move(rowsLeft, left)
	t.SUBQ(operand.Imm(32), rowsLeft)
	t.JLE(operand.LabelRef("panelDone"))
	move(operand.U32(32), left)
	move(lda, tmp)
	t.SHLQ(operand.Imm(5), tmp)
	t.ADDQ(tmp, aBlock)
	move(ldc, tmp)
	t.SHLQ(operand.Imm(5), tmp)
	t.ADDQ(tmp, dstBlock)
	t.ADDQ(operand.U32(128), pairBlock)
	t.ADDQ(operand.U32(128), scaleBlock)
	t.JMP(operand.LabelRef("blocks"))
	t.Label("panelDone")
	t.ADDQ(operand.U32(128), column)
	t.DECQ(param("panels"))
	t.JNZ(operand.LabelRef("panels"))

	t.release()
	columns()
	t.Label("last")
	finishRow()
	t.DECQ(left)
	t.JNZ(operand.LabelRef("last"))
	t.VZEROUPPER()
	t.RET()
}

// half is the product of matrices of bfloat16 on tiles.
func (t tileCode) half() {
	t.Function("mulHalfAMX")
	t.Attributes(attr.NOSPLIT)
	t.Doc(
		"mulHalfAMX makes products of bfloat16, blocks blocks of 32 columns, from rows rows of a, for each of heads heads:",
		"c is float32. steps is the number of 32 k each. All distances are in bytes: ldc and lda between rows; bRow between",
		"rows of b, which hold pairs of k, bCol between 16 columns of b, bStep between steps; cHead, aHead and bHead between",
		"heads. Whole tiles of 16 rows are read and written.",
	)
	t.Pragma("noescape")
	t.SignatureExpr("func(heads, rows, blocks, steps int, c *float32, ldc, cHead int, a *uint16, lda, aHead int, " +
		"b *uint32, bRow, bCol, bStep, bHead int, config *byte)")
	param := func(name string) operand.Mem {
		p, err := t.Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return p.Addr
	}
	local := func() operand.Mem { return t.AllocLocal(8) }
	move := func(from operand.Op, to operand.Op) { t.MOVQ(from, to) }
	var (
		a0, a1, lda   = reg.RDI, reg.R9, reg.R8
		b0, b1, bRow  = reg.RSI, reg.R10, reg.RDX
		c0, c1, ldc   = reg.R11, reg.R12, reg.R15
		k, bStep, tmp = reg.RCX, reg.RBX, reg.RAX
	)
	rowsLeft, blocksLeft, aRow, cRow, bBlock, cBlock := local(), local(), local(), local(), local(), local()
	move(param("config"), reg.RAX)
	t.configure(reg.RAX)
	move(param("lda"), lda)
	move(param("bRow"), bRow)
	move(param("ldc"), ldc)
	move(param("bStep"), bStep)
	t.Label("heads")
	for _, x := range []struct {
		name string
		to   operand.Mem
	}{{"rows", rowsLeft}, {"a", aRow}, {"c", cRow}} {
		move(param(x.name), tmp)
		move(tmp, x.to)
	}
	t.Label("rows")
	move(param("blocks"), tmp)
	move(tmp, blocksLeft)
	move(param("b"), tmp)
	move(tmp, bBlock)
	move(cRow, tmp)
	move(tmp, cBlock)
	t.Label("blocks")
	move(aRow, a0)
	move(lda, a1)
	t.SHLQ(operand.Imm(4), a1)
	t.ADDQ(a0, a1)
	move(bBlock, b0)
	move(b0, b1)
	t.ADDQ(param("bCol"), b1)
	move(cBlock, c0)
	move(ldc, c1)
	t.SHLQ(operand.Imm(4), c1)
	t.ADDQ(c0, c1)
	move(param("steps"), k)
	t.CMPQ(rowsLeft, operand.Imm(16))
	t.JLE(operand.LabelRef("short"))
	for _, tall := range []bool{true, false} {
		name := map[bool]string{true: "tall", false: "short"}[tall]
		if !tall {
			t.Label(name)
		}
		t.clear(0)
		t.clear(1)
		if tall {
			t.clear(2)
			t.clear(3)
		}
		t.Label(name + "Step")
		t.load(4, a0, lda, 0)
		t.load(6, b0, bRow, 0)
		t.load(7, b1, bRow, 0)
		t.mulBF16(0, 4, 6)
		t.mulBF16(1, 4, 7)
		if tall {
			t.load(5, a1, lda, 0)
			t.mulBF16(2, 5, 6)
			t.mulBF16(3, 5, 7)
			t.ADDQ(operand.Imm(64), a1)
		}
		t.ADDQ(operand.Imm(64), a0)
		t.ADDQ(bStep, b0)
		t.ADDQ(bStep, b1)
		t.DECQ(k)
		t.JNZ(operand.LabelRef(name + "Step"))
		t.store(0, c0, ldc, 0)
		t.store(1, c0, ldc, 64)
		if tall {
			t.store(2, c1, ldc, 0)
			t.store(3, c1, ldc, 64)
			t.JMP(operand.LabelRef("next"))
		}
	}
	t.Label("next")
	t.ADDQ(operand.U32(128), cBlock)
	move(param("bCol"), tmp)
	t.SHLQ(operand.Imm(1), tmp)
	t.ADDQ(tmp, bBlock)
	t.DECQ(blocksLeft)
	t.JNZ(operand.LabelRef("blocks"))
	move(lda, tmp)
	t.SHLQ(operand.Imm(5), tmp)
	t.ADDQ(tmp, aRow)
	move(ldc, tmp)
	t.SHLQ(operand.Imm(5), tmp)
	t.ADDQ(tmp, cRow)
	t.SUBQ(operand.Imm(32), rowsLeft)
	t.JG(operand.LabelRef("rows"))
	for _, x := range [][2]string{{"c", "cHead"}, {"a", "aHead"}, {"b", "bHead"}} {
		move(param(x[1]), tmp)
		t.ADDQ(tmp, param(x[0]))
	}
	t.DECQ(param("heads"))
	t.JNZ(operand.LabelRef("heads"))
	t.release()
	t.RET()
}
