package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vec writes code that works on groups of 16 float32 values: one vector of AVX-512 or two of AVX2. A function written
// with it comes out for both, step by step the same, which is what makes the results of both the same.
type vec struct {
	*build.Context
	wide   bool
	masked bool // inside the last, partial group
	many   int  // groups that are worked on in lockstep, or 0 for one
	k      reg.OpmaskVirtual
	masks  []reg.VecVirtual
}

// group is 16 values.
type group []reg.VecVirtual

const groupBytes = 64

func (v *vec) suffix() string {
	if v.wide {
		return "AVX512"
	}
	return "AVX2"
}

func (v *vec) begin(name, signature string, doc ...string) {
	v.Function(name + v.suffix())
	v.Attributes(attr.NOSPLIT)
	doc[0] = name + v.suffix() + " " + doc[0]
	v.Doc(doc...)
	v.Pragma("noescape")
	v.SignatureExpr(signature)
}

func (v *vec) end() {
	v.VZEROUPPER()
	v.RET()
}

func (v *vec) arg(name string) reg.GPVirtual {
	r := v.GP64()
	v.Load(v.Param(name), r)
	return r
}

func (v *vec) addr(name string) operand.Mem {
	p, err := v.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

func (v *vec) result(i int) operand.Mem {
	p, err := v.ReturnIndex(i).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

func (v *vec) register() reg.VecVirtual {
	if v.wide {
		return v.ZMM()
	}
	return v.YMM()
}

func (v *vec) group() (g group) {
	for range max(1, v.many) * v.groupVectors() {
		g = append(g, v.register())
	}
	return g
}

func (v *vec) groupVectors() int { return groupBytes / v.halfBytes() }

func (v *vec) halfBytes() int {
	if v.wide {
		return 64
	}
	return 32
}

// each writes an instruction for every vector of a group. An operand may be a group, whose vectors it takes in turn, a
// place in memory that holds a group, or anything else, which is the same for all.
func (v *vec) each(f func(...operand.Op), ops ...any) {
	n := 1
	for _, o := range ops {
		if g, ok := o.(group); ok {
			n = len(g)
		}
	}
	for h := range n {
		var list []operand.Op
		for _, o := range ops {
			switch o := o.(type) {
			case group:
				list = append(list, o[h])
			case at:
				m := operand.Mem(o)
				m.Disp += h * v.halfBytes()
				list = append(list, m)
			case operand.Op:
				list = append(list, o)
			default:
				panic(fmt.Sprintf("%T", o))
			}
		}
		f(list...)
	}
}

// at is a place in memory that holds a group.
type at operand.Mem

func (v *vec) add(x, y any, dst group) { v.each(v.VADDPS, x, y, dst) }
func (v *vec) mul(x, y any, dst group) { v.each(v.VMULPS, x, y, dst) }

// sub is dst = y − x, in the order of the assembler.
func (v *vec) sub(x, y any, dst group) { v.each(v.VSUBPS, x, y, dst) }

func (v *vec) zero() group {
	g := v.group()
	v.each(v.VXORPS, g, g, g)
	return g
}

// spread fills a group with one value: the lowest of x, or one in memory.
func (v *vec) spread(x operand.Op) reg.VecVirtual {
	r := v.register()
	v.VBROADCASTSS(x, r)
	return r
}

func (v *vec) load(p reg.Register) group {
	g, m := v.group(), operand.Mem{Base: p}
	switch {
	case !v.masked:
		v.each(v.VMOVUPS, at(m), g)
	case v.wide:
		v.VMOVUPS_Z(m, v.k, g[0])
	default:
		for h, r := range g {
			v.VMASKMOVPS(m.Offset(32*h), v.masks[h], r)
		}
	}
	return g
}

func (v *vec) store(g group, p reg.Register) {
	m := operand.Mem{Base: p}
	switch {
	case !v.masked:
		v.each(v.VMOVUPS, g, at(m))
	case v.wide:
		v.VMOVUPS(g[0], v.k, m)
	default:
		for h, r := range g {
			v.VMASKMOVPS(r, v.masks[h], m.Offset(32*h))
		}
	}
}

// keep clears what lies beyond the end.
func (v *vec) keep(g group) {
	switch {
	case !v.masked:
	case v.wide:
		v.VMOVAPS_Z(g[0], v.k, g[0])
	default:
		for h, r := range g {
			v.VANDPS(v.masks[h], r, r)
		}
	}
}

// parts are the vectors of a group one by one, for code that needs more registers than two vectors at a time leave.
func (g group) parts() (p []group) {
	for i := range g {
		p = append(p, g[i:i+1])
	}
	return p
}

// pieces are what code takes at a time that needs more registers than two vectors at a time leave:
// the vectors one by one, or all in lockstep where the registers are enough. A vector's
// instructions wait for each other, and the processor does not look far enough ahead to fill the
// gaps with those of the next one.
func (v *vec) pieces(g group) []group {
	if v.wide {
		return []group{g}
	}
	return g.parts()
}

// like is as many new vectors as a group has.
func (v *vec) like(g group) (n group) {
	for range g {
		n = append(n, v.register())
	}
	return n
}

// sweep walks over n values: body is written for whole groups and once more for the rest, where load and store leave out
// what lies beyond the end. The pointers move on by a group, or by as much as steps says.
func (v *vec) sweep(label string, count operand.Op, ptrs []reg.Register, body func(), steps ...int) {
	v.sweepMany(label, count, ptrs, 0, body, steps...)
}

// sweepMany is a sweep that works on many groups at a time as long as there are as many.
func (v *vec) sweepMany(label string, count operand.Op, ptrs []reg.Register, many int, body func(), steps ...int) {
	n := v.GP64()
	v.MOVQ(count, n)
	if many > 0 {
		v.many = many
		v.SUBQ(operand.U32(uint32(16*many)), n)
		v.JL(operand.LabelRef(label + "Few"))
		v.Label(label + "Many")
		body()
		for _, p := range ptrs {
			v.ADDQ(operand.U32(uint32(groupBytes*many)), p)
		}
		v.SUBQ(operand.U32(uint32(16*many)), n)
		v.JGE(operand.LabelRef(label + "Many"))
		v.Label(label + "Few")
		v.ADDQ(operand.U32(uint32(16*many)), n)
		v.many = 0
	}
	v.SUBQ(operand.Imm(16), n)
	v.JL(operand.LabelRef(label + "Rest"))
	v.Label(label)
	body()
	for i, p := range ptrs {
		step := groupBytes
		if i < len(steps) {
			step = steps[i]
		}
		v.ADDQ(operand.Imm(uint64(step)), p)
	}
	v.SUBQ(operand.Imm(16), n)
	v.JGE(operand.LabelRef(label))
	v.Label(label + "Rest")
	v.ADDQ(operand.Imm(16), n)
	v.JZ(operand.LabelRef(label + "Done"))
	if v.wide {
		v.k = v.K()
		bit := v.GP64()
		v.MOVQ(n, reg.RCX)
		v.MOVQ(operand.U32(1), bit)
		v.SHLQ(reg.CL, bit)
		v.DECQ(bit)
		v.KMOVW(bit.As32(), v.k)
	} else {
		p := v.GP64()
		v.LEAQ(v.constant("first", words(firstMask[:])), p)
		v.SHLQ(operand.Imm(2), n)
		v.SUBQ(n, p)
		v.masks = []reg.VecVirtual{v.YMM(), v.YMM()}
		v.VMOVUPS(operand.Mem{Base: p, Disp: 64}, v.masks[0])
		v.VMOVUPS(operand.Mem{Base: p, Disp: 96}, v.masks[1])
	}
	v.masked = true
	body()
	v.masked = false
	v.Label(label + "Done")
}

// firstMask holds 16 words of ones and 16 of zeros: from 16−n on it selects the first n of a group.
var firstMask = func() (m [32]uint32) {
	for i := range 16 {
		m[i] = math.MaxUint32
	}
	return m
}()

type words []uint32

// placed remembers which constants a file has.
var placed = map[*build.Context]map[string]operand.Mem{}

// constant is a place in read-only memory that holds the words.
func (v *vec) constant(name string, w words) operand.Mem {
	if placed[v.Context] == nil {
		placed[v.Context] = map[string]operand.Mem{}
	}
	m, ok := placed[v.Context][name]
	if !ok {
		m = v.StaticGlobal(name)
		v.DataAttributes(attr.RODATA | attr.NOPTR)
		for _, x := range w {
			v.AppendDatum(operand.U32(x))
		}
		placed[v.Context][name] = m
	}
	return m
}

// same is a place that holds 16 times the same word.
func (v *vec) same(name string, word uint32) operand.Mem {
	w := make(words, 16)
	for i := range w {
		w[i] = word
	}
	return v.constant(name, w)
}

func (v *vec) float(name string, x float32) operand.Mem { return v.same(name, math.Float32bits(x)) }

// fold combines the 16 lanes in the fixed order (i, i+8), (i, i+4), (i, i+2), (0, 1).
func (v *vec) fold(f func(...operand.Op), g group) reg.VecVirtual {
	half := v.YMM()
	low := v.XMM()
	if v.wide {
		v.VEXTRACTF64X4(operand.Imm(1), g[0], half)
		y := v.YMM()
		v.VEXTRACTF64X4(operand.Imm(0), g[0], y)
		f(half, y, half)
	} else {
		f(g[1], g[0], half)
	}
	v.VEXTRACTF128(operand.Imm(1), half, low)
	first := v.XMM()
	v.VEXTRACTF128(operand.Imm(0), half, first)
	f(low, first, first)
	next := v.XMM()
	v.VPSHUFD(operand.Imm(0x0e), first, next)
	f(next, first, first)
	last := v.XMM()
	v.VPSHUFD(operand.Imm(0x01), first, last)
	f(last, first, first)
	return first
}

// both writes a file's functions for AVX2 and for AVX-512.
func both(c *build.Context, functions ...func(*vec)) {
	for _, wide := range []bool{false, true} {
		for _, f := range functions {
			f(&vec{Context: c, wide: wide})
		}
	}
}
