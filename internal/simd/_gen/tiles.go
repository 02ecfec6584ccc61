package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Neither avo nor the Go assembler knows AMX, so its instructions are written as bytes. All have a
// VEX prefix of three bytes, opcode map 0F 38 and length 0 (Intel 64 and IA-32 Architectures
// Software Developer's Manual, volume 2).

// tileCode is the writer of AMX instructions. It remembers them, so that a test can compare them
// with a list.
type tileCode struct {
	*build.Context
	known map[string]string // what was written, by the instruction in the order of Intel's manual
}

// Values of the field pp of a VEX prefix.
const (
	ppNone = iota
	pp66
	ppF3
	ppF2
)

// vex returns the prefix and the opcode; r, x and b are the high bits of the numbers in modrm and
// SIB, vvvv the number of a further register.
func vex(x, b bool, vvvv, pp, opcode byte) []byte {
	p1 := byte(0xe2)
	if x {
		p1 &^= 0x40
	}
	if b {
		p1 &^= 0x20
	}
	return []byte{0xc4, p1, ^vvvv&15<<3 | pp, opcode}
}

// number is the hardware number of a general register.
func number(r reg.Physical) byte { return byte(r.PhysicalIndex()) }

// emit writes bytes. used are the registers that the instruction reads.
func (t tileCode) emit(text string, code []byte, used ...operand.Op) {
	hex := strings.ToUpper(fmt.Sprintf("% x", code))
	if was, ok := t.known[text]; ok && was != hex {
		panic(text + " has two encodings")
	}
	t.known[text] = hex
	t.Comment(text)
	for i, b := range code {
		n := &ir.Instruction{Opcode: "BYTE", Operands: []operand.Op{operand.U8(b)}}
		if i == 0 {
			n.Inputs = used
		}
		t.Instruction(n)
	}
}

// memory encodes [base + index + disp] with scale 1 for a tile, as modrm, SIB and displacement.
func memory(tile int, base, index reg.Physical, disp int) []byte {
	modrm, sib := byte(tile<<3|4), number(index)&7<<3|number(base)&7
	if number(index) == 4 || number(base)&7 == 5 && disp == 0 {
		panic("not to be encoded this way: " + base.Asm() + ", " + index.Asm())
	}
	switch {
	case disp == 0:
		return []byte{modrm, sib}
	case disp >= -128 && disp < 128:
		return []byte{modrm | 0x40, sib, byte(disp)}
	}
	return []byte{modrm | 0x80, sib, byte(disp), byte(disp >> 8), byte(disp >> 16), byte(disp >> 24)}
}

func (t tileCode) access(name string, pp byte, tile int, base, index reg.Physical, disp int) {
	place := fmt.Sprintf("[%s+%s+%d]", base.Asm(), index.Asm(), disp)
	text := fmt.Sprintf("%s T%d, %s", name, tile, place)
	if name == "TILESTORED" {
		text = fmt.Sprintf("%s %s, T%d", name, place, tile)
	}
	code := append(vex(number(index) > 7, number(base) > 7, 0, pp, 0x4b), memory(tile, base, index, disp)...)
	t.emit(text, code, base, index)
}

// load reads the rows of a tile, which lie index bytes apart.
func (t tileCode) load(tile int, base, index reg.Physical, disp int) {
	t.access("TILELOADD", ppF2, tile, base, index, disp)
}

// store writes the rows of a tile, index bytes apart.
func (t tileCode) store(tile int, base, index reg.Physical, disp int) {
	t.access("TILESTORED", ppF3, tile, base, index, disp)
}

// clear fills a tile with zeros.
func (t tileCode) clear(tile int) {
	t.emit(fmt.Sprintf("TILEZERO T%d", tile), append(vex(false, false, 0, ppF2, 0x49), byte(0xc0|tile<<3)))
}

// configure reads the shapes of the tiles from memory.
func (t tileCode) configure(at reg.Physical) {
	if number(at) > 3 {
		panic("not to be encoded this way: " + at.Asm())
	}
	t.emit(fmt.Sprintf("LDTILECFG [%s]", at.Asm()), append(vex(false, false, 0, ppNone, 0x49), number(at)), at)
}

// release gives the tiles back.
func (t tileCode) release() {
	t.emit("TILERELEASE", append(vex(false, false, 0, ppNone, 0x49), 0xc0))
}

// mulBytes adds to c the products of unsigned bytes in a and signed bytes in b, four in a lane.
func (t tileCode) mulBytes(c, a, b int) { t.mul("TDPBUSD", pp66, 0x5e, c, a, b) }

// mulBF16 adds to c the products of bfloat16 in a and b, two in a lane.
func (t tileCode) mulBF16(c, a, b int) { t.mul("TDPBF16PS", ppF3, 0x5c, c, a, b) }

func (t tileCode) mul(name string, pp, opcode byte, c, a, b int) {
	code := append(vex(false, false, byte(b), pp, opcode), byte(0xc0|c<<3|a))
	t.emit(fmt.Sprintf("%s T%d, T%d, T%d", name, c, a, b), code)
}

// list is the instructions that were written, one a line.
func (t tileCode) list() string {
	var lines []string
	for text, hex := range t.known {
		lines = append(lines, fmt.Sprintf("%-36s %s\n", text, hex))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
