package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// avo writes amd64 only, and the Go assembler knows few of the vector instructions of arm64. So the
// kernels for NEON are written by neon, which prints instructions on general registers as they are
// and vector instructions as words, with their text in the notation of the Arm manual beside them
// (Arm Architecture Reference Manual for A-profile architecture, chapter C7).

// neon writes one file of kernels.
type neon struct {
	code, stubs strings.Builder
	data        strings.Builder
	offsets     map[string]int    // of the parameters of the current function
	name        string            // of the current function
	known       map[string]uint32 // every instruction that was written as a word, by its text
}

// neonWritten is the vector instructions of all files.
var neonWritten = map[string]uint32{}

// param is a parameter or a result of a kernel.
type param struct{ name, typ string }

func params(list string) []param {
	var ps []param
	for _, p := range strings.Split(list, ", ") {
		name, typ, _ := strings.Cut(p, " ")
		ps = append(ps, param{name, typ})
	}
	return ps
}

func (p param) size() int {
	switch p.typ {
	case "float32", "int32", "uint32":
		return 4
	}
	return 8
}

// function begins a kernel. doc is what the comment of its declaration says, line by line; args and
// results are written as in Go, each with its type.
func (n *neon) function(name string, doc []string, args, results string) {
	n.name, n.offsets = name, map[string]int{}
	at := 0
	place := func(list string) {
		if list == "" {
			return
		}
		for _, p := range params(list) {
			size := p.size()
			at = (at + size - 1) / size * size
			n.offsets[p.name] = at
			at += size
		}
	}
	place(args)
	signature := "(" + args + ")"
	if results != "" {
		at = (at + 7) &^ 7
		place(results)
		signature += " (" + results + ")"
	}
	fmt.Fprintf(&n.stubs, "\n")
	for _, line := range doc {
		fmt.Fprintf(&n.stubs, "// %s\n", line)
	}
	fmt.Fprintf(&n.stubs, "//\n//go:noescape\nfunc %s%s\n", name, signature)
	fmt.Fprintf(&n.code, "\n// func %s%s\n// Requires: NEON\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", name, signature, name, at)
}

// op writes an instruction of the Go assembler.
func (n *neon) op(name string, operands ...string) {
	if len(operands) == 0 {
		fmt.Fprintf(&n.code, "\t%s\n", name)
		return
	}
	fmt.Fprintf(&n.code, "\t%-5s %s\n", name, strings.Join(operands, ", "))
}

func (n *neon) label(name string) { fmt.Fprintf(&n.code, "\n%s:\n", name) }

func (n *neon) comment(text string) { fmt.Fprintf(&n.code, "\t// %s\n", text) }

// r names a general register; 18 and those from 27 on belong to the system and to Go.
func r(i int) string {
	if i == 18 || i > 26 {
		panic(fmt.Sprint("register R", i, " is not free"))
	}
	return fmt.Sprint("R", i)
}

func imm(v int) string { return fmt.Sprint("$", v) }

// arg is a parameter in memory.
func (n *neon) arg(name string) string {
	at, ok := n.offsets[name]
	if !ok {
		panic(n.name + " has no parameter " + name)
	}
	return fmt.Sprintf("%s+%d(FP)", name, at)
}

// take reads a parameter of 8 bytes.
func (n *neon) take(name string, to int) { n.op("MOVD", n.arg(name), r(to)) }

// takeFloat reads a float32 into the lowest lane of a vector.
func (n *neon) takeFloat(name string, to int) { n.op("FMOVS", n.arg(name), fmt.Sprint("F", to)) }

// spread reads a float32 into all lanes of a vector.
func (n *neon) spread(name string, to int) {
	n.takeFloat(name, to)
	n.lane(to, to, 0)
}

func (n *neon) word(code uint32, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if was, ok := n.known[text]; ok && was != code {
		panic(text + " has two encodings")
	}
	n.known[text] = code
	fmt.Fprintf(&n.code, "\tWORD  $0x%08x // %s\n", code, text)
}

// v checks the number of a vector register.
func v(i int) uint32 {
	if i < 0 || i > 31 {
		panic(fmt.Sprint("no vector register ", i))
	}
	return uint32(i)
}

// three is an instruction with a result and two operands in whole vectors.
type three struct {
	name, shape string
	code        uint32
}

var (
	fadd  = three{"fadd", "4s", 0x4e20d400}
	fsub  = three{"fsub", "4s", 0x4ea0d400}
	fmul  = three{"fmul", "4s", 0x6e20dc00}
	fdiv  = three{"fdiv", "4s", 0x6e20fc00}
	fmla  = three{"fmla", "4s", 0x4e20cc00}
	fmax  = three{"fmax", "4s", 0x4e20f400}
	fmin  = three{"fmin", "4s", 0x4ea0f400}
	fcmgt = three{"fcmgt", "4s", 0x6ea0e400}
	fcmge = three{"fcmge", "4s", 0x6e20e400}
	fcmeq = three{"fcmeq", "4s", 0x4e20e400}

	faddD  = three{"fadd", "2d", 0x4e60d400}
	fsubD  = three{"fsub", "2d", 0x4ee0d400}
	fmulD  = three{"fmul", "2d", 0x6e60dc00}
	fmlaD  = three{"fmla", "2d", 0x4e60cc00}
	fcmgeD = three{"fcmge", "2d", 0x6e60e400}

	iadd = three{"add", "4s", 0x4ea08400}
	isub = three{"sub", "4s", 0x6ea08400}
	imul = three{"mul", "4s", 0x4ea09c00}
	smax = three{"smax", "4s", 0x4ea06400}
	smin = three{"smin", "4s", 0x4ea06c00}
	umax = three{"umax", "4s", 0x6ea06400}
	cmhs = three{"cmhs", "4s", 0x6ea03c00}
	cmeq = three{"cmeq", "4s", 0x6ea08c00}

	and = three{"and", "16b", 0x4e201c00}
	bic = three{"bic", "16b", 0x4e601c00}
	orr = three{"orr", "16b", 0x4ea01c00}
	eor = three{"eor", "16b", 0x6e201c00}
	bsl = three{"bsl", "16b", 0x6e601c00} // result bits: 1 takes the first operand, 0 the second
	bit = three{"bit", "16b", 0x6ea01c00} // takes the first operand where the second is 1

	zip1  = three{"zip1", "4s", 0x4e803800}
	zip2  = three{"zip2", "4s", 0x4e807800}
	uzp1  = three{"uzp1", "4s", 0x4e801800}
	zip1D = three{"zip1", "2d", 0x4ec03800}
	zip2D = three{"zip2", "2d", 0x4ec07800}
)

// do writes an instruction of the form d = a ∘ b.
func (n *neon) do(op three, d, a, b int) {
	n.word(op.code|v(b)<<16|v(a)<<5|v(d), "%s v%d.%s, v%d.%s, v%d.%s", op.name, d, op.shape, a, op.shape, b, op.shape)
}

// two is an instruction with one operand.
type two struct {
	name, to, from string
	code           uint32
}

var (
	fabs   = two{"fabs", "4s", "4s", 0x4ea0f800}
	fabsD  = two{"fabs", "2d", "2d", 0x4ee0f800}
	scvtf  = two{"scvtf", "4s", "4s", 0x4e21d800}
	fcvtl  = two{"fcvtl", "2d", "2s", 0x0e617800}
	fcvtl2 = two{"fcvtl2", "2d", "4s", 0x4e617800}
	sadalp = two{"sadalp", "4s", "8h", 0x4e606800}

	sqxtun  = two{"sqxtun", "4h", "4s", 0x2e612800}
	sqxtun2 = two{"sqxtun2", "8h", "4s", 0x6e612800}
	uqxtn   = two{"uqxtn", "8b", "8h", 0x2e214800}
	uqxtn2  = two{"uqxtn2", "16b", "8h", 0x6e214800}
	uxtl    = two{"uxtl", "8h", "8b", 0x2f08a400}
	uxtl2   = two{"uxtl2", "8h", "16b", 0x6f08a400}
	sxtl    = two{"sxtl", "8h", "8b", 0x0f08a400}
	sxtl2   = two{"sxtl2", "8h", "16b", 0x4f08a400}
	sxtlW   = two{"sxtl", "4s", "4h", 0x0f10a400}
	sxtl2W  = two{"sxtl2", "4s", "8h", 0x4f10a400}
)

func (n *neon) turn(op two, d, a int) {
	n.word(op.code|v(a)<<5|v(d), "%s v%d.%s, v%d.%s", op.name, d, op.to, a, op.from)
}

// across reduces the lanes of a vector to one.
type across struct {
	name string
	code uint32
}

var (
	fminv = across{"fminv", 0x6eb0f800}
	fmaxv = across{"fmaxv", 0x6e30f800}
	umaxv = across{"umaxv", 0x6eb0a800}
	addv  = across{"addv", 0x4eb1b800}
)

func (n *neon) reduce(op across, d, a int) {
	n.word(op.code|v(a)<<5|v(d), "%s s%d, v%d.4s", op.name, d, a)
}

// copy copies a vector.
func (n *neon) copy(d, a int) {
	n.word(0x4ea01c00|v(a)<<16|v(a)<<5|v(d), "mov v%d.16b, v%d.16b", d, a)
}

// clear makes a vector zero.
func (n *neon) clear(d int) { n.word(0x4f000400|v(d), "movi v%d.4s, #0", d) }

// lane fills d with a lane of a.
func (n *neon) lane(d, a, i int) {
	n.word(0x4e000400|uint32(i<<3|4)<<16|v(a)<<5|v(d), "dup v%d.4s, v%d.s[%d]", d, a, i)
}

// lane64 fills d with the lower 64 bits of a.
func (n *neon) lane64(d, a int) {
	n.word(0x4e080400|v(a)<<5|v(d), "dup v%d.2d, v%d.d[0]", d, a)
}

// general fills d with a general register of 32 bits.
func (n *neon) general(d, from int) {
	n.word(0x4e040c00|uint32(from)<<5|v(d), "dup v%d.4s, w%d", d, from)
}

// byLane is an instruction whose second operand is one lane.
type byLane struct {
	name, shape, group string
	code               uint32
}

var (
	fmulLane = byLane{"fmul", "4s", "s", 0x4f809000}
	fmlaLane = byLane{"fmla", "4s", "s", 0x4f801000}
	mlaLane  = byLane{"mla", "4s", "s", 0x6f800000}
)

// lanes writes d ∘= a · b[i].
func (n *neon) lanes(op byLane, d, a, b, i int) {
	n.word(op.code|uint32(i&1)<<21|uint32(i>>1)<<11|v(b)<<16|v(a)<<5|v(d),
		"%s v%d.%s, v%d.%s, v%d.%s[%d]", op.name, d, op.shape, a, op.shape, b, op.group, i)
}

// sdotLane adds to each lane of d the four products of signed bytes in a and lane i of b.
func (n *neon) sdotLane(d, a, b, i int) {
	n.word(0x4f80e000|uint32(i&1)<<21|uint32(i>>1)<<11|v(b)<<16|v(a)<<5|v(d), "sdot v%d.4s, v%d.16b, v%d.4b[%d]", d, a, b, i)
}

// sdot is sdotLane with lanes of its own.
func (n *neon) sdot(d, a, b int) {
	n.word(0x4e809400|v(b)<<16|v(a)<<5|v(d), "sdot v%d.4s, v%d.16b, v%d.16b", d, a, b)
}

// usmmla adds to the 2×2 matrix d the product of two rows of eight unsigned bytes and of two
// columns of eight signed ones.
func (n *neon) usmmla(d, a, b int) {
	n.word(0x4e80ac00|v(b)<<16|v(a)<<5|v(d), "usmmla v%d.4s, v%d.16b, v%d.16b", d, a, b)
}

// smlal adds products of signed words, the lower or the upper four of a with lane i of b.
func (n *neon) smlal(upper bool, d, a, b, i int) {
	if b > 15 {
		panic("a lane of 16 bits is in one of the lower 16 registers")
	}
	code := 0x0f402000 | uint32(i&1)<<20 | uint32(i>>1&1)<<21 | uint32(i>>2)<<11 | v(b)<<16 | v(a)<<5 | v(d)
	if upper {
		n.word(code|1<<30, "smlal2 v%d.4s, v%d.8h, v%d.h[%d]", d, a, b, i)
		return
	}
	n.word(code, "smlal v%d.4s, v%d.4h, v%d.h[%d]", d, a, b, i)
}

// smull multiplies signed bytes, the lower or the upper eight.
func (n *neon) smull(upper bool, d, a, b int) {
	code := 0x0e20c000 | v(b)<<16 | v(a)<<5 | v(d)
	if upper {
		n.word(code|1<<30, "smull2 v%d.8h, v%d.16b, v%d.16b", d, a, b)
		return
	}
	n.word(code, "smull v%d.8h, v%d.8b, v%d.8b", d, a, b)
}

func (n *neon) shl(d, a, by int) {
	n.word(0x4f005400|uint32(32+by)<<16|v(a)<<5|v(d), "shl v%d.4s, v%d.4s, #%d", d, a, by)
}

func (n *neon) ushr(d, a, by int) {
	n.word(0x6f000400|uint32(64-by)<<16|v(a)<<5|v(d), "ushr v%d.4s, v%d.4s, #%d", d, a, by)
}

func (n *neon) sshr(d, a, by int) {
	n.word(0x4f000400|uint32(64-by)<<16|v(a)<<5|v(d), "sshr v%d.4s, v%d.4s, #%d", d, a, by)
}

// ext takes 16 bytes from byte i on of a with b behind it.
func (n *neon) ext(d, a, b, i int) {
	n.word(0x6e000000|v(b)<<16|uint32(i)<<11|v(a)<<5|v(d), "ext v%d.16b, v%d.16b, v%d.16b, #%d", d, a, b, i)
}

// lookUp takes bytes of the table in four registers from the given one on.
func (n *neon) lookUp(d, table, at int) {
	n.word(0x4e006000|v(at)<<16|v(table)<<5|v(d), "tbl v%d.16b, {v%d.16b-v%d.16b}, v%d.16b", d, table, table+3, at)
}

// load reads a vector from a general register plus an offset.
func (n *neon) load(d, base, offset int) { n.memory("ldr", "q", 0x3dc00000, 16, d, base, offset) }

// store writes one.
func (n *neon) store(d, base, offset int) { n.memory("str", "q", 0x3d800000, 16, d, base, offset) }

// loadOne reads a value of 32 bits into the lowest lane, the others become zero.
func (n *neon) loadOne(d, base, offset int) { n.memory("ldr", "s", 0xbd400000, 4, d, base, offset) }

func (n *neon) memory(name, size string, code uint32, bytes, d, base, offset int) {
	r(base)
	if offset < 0 || offset%bytes != 0 || offset/bytes > 4095 {
		panic(fmt.Sprint("offset ", offset))
	}
	n.word(code|uint32(offset/bytes)<<10|uint32(base)<<5|v(d), "%s %s%d, [x%d, #%d]", name, size, d, base, offset)
}

// next reads a vector and moves the register on.
func (n *neon) next(d, base int) {
	n.word(0x3cc00400|16<<12|uint32(base)<<5|v(d), "ldr q%d, [x%d], #16", d, base)
}

// put writes a vector and moves the register on.
func (n *neon) put(d, base int) {
	n.word(0x3c800400|16<<12|uint32(base)<<5|v(d), "str q%d, [x%d], #16", d, base)
}

// next4 reads four vectors and moves the register on.
func (n *neon) next4(d, base int) {
	n.word(0x4cdf2000|uint32(base)<<5|v(d), "ld1 {v%d.16b-v%d.16b}, [x%d], #64", d, d+3, base)
}

// nextRow reads four vectors and moves the register on by as much as another says.
func (n *neon) nextRow(d, base, step int) {
	n.word(0x4cc02000|uint32(step)<<16|uint32(base)<<5|v(d), "ld1 {v%d.16b-v%d.16b}, [x%d], x%d", d, d+3, base, step)
}

// repeat fills a vector with the float32 at a general register, which it moves on.
func (n *neon) repeat(d, base int) {
	n.word(0x4ddfc800|uint32(base)<<5|v(d), "ld1r {v%d.4s}, [x%d], #4", d, base)
}

// constants writes numbers of 32 bits, each four times, and reads the address into a register.
func (n *neon) constants(to int, values ...uint32) {
	name := n.name + "Constants"
	for i, c := range values {
		for j := range 4 {
			n.number(name, 16*i+4*j, c)
		}
	}
	n.global(name, 16*len(values))
	n.op("MOVD", fmt.Sprintf("$%s<>(SB)", name), r(to))
}

// number writes 32 bits of a table.
func (n *neon) number(table string, at int, value uint32) {
	fmt.Fprintf(&n.data, "DATA %s<>+%d(SB)/4, $0x%08x\n", table, at, value)
}

// global ends a table.
func (n *neon) global(table string, size int) {
	fmt.Fprintf(&n.data, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n\n", table, size)
}

func (n *neon) ret() { n.op("RET") }

const generated = "// Code generated by internal/simd/_gen. DO NOT EDIT.\n\n//go:build arm64 && !purego\n\n"

// writeNEON writes name_arm64.s and name_arm64.go.
func writeNEON(dir, name string, kernels func(*neon)) error {
	n := &neon{known: neonWritten}
	kernels(n)
	code := generated + "#include \"textflag.h\"\n\n" + n.data.String() + strings.TrimPrefix(n.code.String(), "\n")
	if err := os.WriteFile(filepath.Join(dir, name+"_arm64.s"), []byte(code), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+"_arm64.go"), []byte(generated+"package simd\n"+n.stubs.String()), 0o644)
}

// listNEON is the vector instructions that were written, one a line.
func listNEON() string {
	var lines []string
	for text, code := range neonWritten {
		lines = append(lines, fmt.Sprintf("%08x  %s\n", code, text))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
