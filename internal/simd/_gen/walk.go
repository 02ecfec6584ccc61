package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Constants of Walk. The plain Go twin has the same ones.
const (
	walkLanes  = 64         // walkers of a call
	walkGolden = 0x9e3779b9 // from one state of a walker's random numbers to the next
	walkMix1   = 0x21f0aaad // multipliers of the mixing function
	walkMix2   = 0x735a2d97
	walkHalf   = 0x3f3504f3 // √½
	walkTiny   = 0x1p-60    // squared distances from here down are as one
	walkNear   = 0.001      // keeps the repulsion finite
	walkMost   = 4          // of a coordinate of a step
	walkTop    = 60         // of the exponent of a power

	// Offsets in type Walkers.
	walkOwn  = 0
	walkKey  = 4 * 8 * walkLanes
	walkSelf = walkKey + 4*walkLanes
	walkUses = walkSelf + 4*walkLanes
)

// walkLog are the coefficients of log₂(1+f)/f between √½ and √2, walkExp those of 2^r between −½ and ½, interpolated in
// Chebyshev nodes.
var (
	walkLog = [7]float32{0x1.71548ep+00, -0x1.7156a0p-01, 0x1.ec2a0cp-02, -0x1.6ff99ep-02, 0x1.2eba94p-02, -0x1.13f974p-02, 0x1.608508p-03}
	walkExp = [5]float32{0x1.000002p+00, 0x1.62e0c2p-01, 0x1.ebf906p-03, 0x1.ca1d02p-05, 0x1.3d107cp-07}
)

func walks(c *build.Context) {
	for _, wide := range []bool{false, true} {
		for _, dim := range []int{2, 3, 5, 8} {
			walk(&walker{vec: &vec{Context: c, wide: wide}, dim: dim})
		}
	}
}

// walker writes the kernel for positions of up to dim coordinates.
type walker struct {
	*vec
	dim                          int
	w, positions, lane           reg.GPVirtual // lane is the offset of the lanes that are worked on
	b, log2a, pull, push         operand.Mem
	step, ctr, mask              operand.Mem
	pullStep, pushStep, vertices operand.Mem
	least                        operand.Mem
}

func walk(v *walker) {
	name := fmt.Sprintf("walk%d", v.dim)
	v.begin(name, "func(w *float32, steps *int32, positions *float32, vertices, uses, samples, lanes int, f *float32)",
		fmt.Sprintf("moves the Walkers at w, of up to %d coordinates. lanes is 4 times the number of walkers, rounded up to whole vectors;", v.dim),
		"uses the most that any of them has; f the seven numbers of Forces.")
	v.w, v.positions = v.arg("w"), v.arg("positions")
	steps, f := v.arg("steps"), v.arg("f")
	size := v.halfBytes()
	frame := v.AllocLocal(size * 11)
	t := v.register()
	for i, m := range []*operand.Mem{&v.b, &v.log2a, &v.pull, &v.push, &v.pullStep, &v.pushStep, &v.least} {
		*m = frame.Offset(size * i)
		v.VBROADCASTSS(operand.Mem{Base: f, Disp: 4 * i}, t)
		v.VMOVUPS(t, *m)
	}
	v.vertices, v.step, v.ctr, v.mask = frame.Offset(size*7), frame.Offset(size*8), frame.Offset(size*9), frame.Offset(size*10)
	v.VPBROADCASTD(v.addr("vertices"), t)
	v.VMOVUPS(t, v.vertices)
	v.clear(t)
	v.VMOVUPS(t, v.step)
	v.VMOVUPS(t, v.ctr)
	rest, q := v.GP64(), v.GP64()
	v.MOVQ(v.addr("uses"), rest)

	v.groups("begin", func(string) { // −0 becomes 0, as adding nothing would make it
		zero := v.register()
		v.clear(zero)
		for d := range v.dim {
			own := v.register()
			v.VMOVUPS(v.field(walkOwn+4*walkLanes*d), own)
			v.VADDPS(zero, own, own)
			v.VMOVUPS(own, v.field(walkOwn+4*walkLanes*d))
		}
	})

	v.Label("use")
	v.groups("pull", func(skip string) {
		active := v.active(skip)
		index := v.register()
		v.VMOVUPS(operand.Mem{Base: steps, Index: v.lane, Scale: 1}, index)
		v.keepActive(active, index)
		v.interact(index, active, true)
	})
	v.MOVQ(v.addr("samples"), q)
	v.SUBQ(operand.Imm(1), q)
	v.JL(operand.LabelRef("rest"))
	v.Label("sample")
	v.groups("push", func(skip string) {
		active := v.active(skip)
		index := v.draw()
		v.others(active, index)
		v.interact(index, active, false)
	})
	step := uint32(walkGolden)
	v.increase(v.ctr, v.same("WalkGolden", step))
	v.SUBQ(operand.Imm(1), q)
	v.JGE(operand.LabelRef("sample"))
	v.Label("rest")
	v.ADDQ(operand.U32(4*walkLanes), steps)
	v.increase(v.step, v.same("WalkOne", 1))
	v.SUBQ(operand.Imm(1), rest)
	v.JG(operand.LabelRef("use"))
	v.end()
}

// increase adds to whole numbers in memory.
func (v *walker) increase(m, by operand.Mem) {
	t := v.register()
	v.VMOVUPS(m, t)
	v.VPADDD(by, t, t)
	v.VMOVUPS(t, m)
}

// groups runs body for every vector of walkers. body may jump to the label that it is given to leave one out.
func (v *walker) groups(name string, body func(skip string)) {
	v.lane = v.GP64()
	v.XORQ(v.lane, v.lane)
	v.Label(name + "Group")
	body(name + "Skip")
	v.Label(name + "Skip")
	v.ADDQ(operand.Imm(uint64(v.halfBytes())), v.lane)
	v.CMPQ(v.lane, v.addr("lanes"))
	v.JL(operand.LabelRef(name + "Group"))
}

func (v *walker) field(offset int) operand.Mem {
	return operand.Mem{Base: v.w, Index: v.lane, Scale: 1, Disp: offset}
}

// ones is a mask of lanes: an opmask or a vector of ones and zeros.
type ones struct {
	k reg.OpmaskVirtual
	v reg.VecVirtual
}

func (v *walker) clear(r reg.VecVirtual) {
	if v.wide {
		v.VPXORD(r, r, r)
	} else {
		v.VPXOR(r, r, r)
	}
}

func (v *walker) xor(a, b, dst reg.VecVirtual) {
	if v.wide {
		v.VPXORD(a, b, dst)
	} else {
		v.VPXOR(a, b, dst)
	}
}

// active is the lanes that have a use left.
func (v *walker) active(skip string) ones {
	if v.wide {
		o := ones{k: v.K()}
		uses := v.register()
		v.VMOVUPS(v.field(walkUses), uses)
		v.VPCMPGTD(v.step, uses, o.k)
		v.KORTESTW(o.k, o.k)
		v.JZ(operand.LabelRef(skip))
		return o
	}
	o, any := ones{v: v.register()}, v.GP32()
	v.VMOVUPS(v.field(walkUses), o.v)
	v.VPCMPGTD(v.step, o.v, o.v)
	v.VMOVMSKPS(o.v, any)
	v.TESTL(any, any)
	v.JZ(operand.LabelRef(skip))
	return o
}

// others takes out the lanes whose index is that of the walker itself.
func (v *walker) others(o ones, index reg.VecVirtual) {
	if v.wide {
		v.VPCMPD(operand.Imm(4), v.field(walkSelf), index, o.k, o.k) // not equal
		return
	}
	self := v.register()
	v.VPCMPEQD(v.field(walkSelf), index, self)
	v.VPANDN(o.v, self, o.v)
}

// keepActive clears the other lanes.
func (v *walker) keepActive(o ones, r reg.VecVirtual) {
	if v.wide {
		v.VMOVAPS_Z(r, o.k, r)
	} else {
		v.VANDPS(o.v, r, r)
	}
}

// draw gives a random row for each lane.
func (v *walker) draw() reg.VecVirtual {
	u, t, odd := v.register(), v.register(), v.register()
	v.VMOVUPS(v.ctr, u)
	v.VPADDD(v.field(walkKey), u, u)
	v.VPSRLD(operand.Imm(16), u, t)
	v.xor(t, u, u)
	v.VPMULLD(v.same("WalkMix1", walkMix1), u, u)
	v.VPSRLD(operand.Imm(15), u, t)
	v.xor(t, u, u)
	v.VPMULLD(v.same("WalkMix2", walkMix2), u, u)
	v.VPSRLD(operand.Imm(15), u, t)
	v.xor(t, u, u)
	v.VPMULUDQ(v.vertices, u, t)
	v.VPSRLQ(operand.Imm(32), u, odd)
	v.VPMULUDQ(v.vertices, odd, odd)
	v.VPSRLQ(operand.Imm(32), t, t)
	if v.wide {
		k, bits := v.K(), v.GP32()
		v.MOVL(operand.U32(0xaaaa), bits)
		v.KMOVW(bits, k)
		v.VPBLENDMD(odd, t, k, u)
	} else {
		v.VPBLENDD(operand.Imm(0xaa), odd, t, u)
	}
	return u
}

// interact moves the walkers of the lanes that count along their differences from the rows of positions with the given
// indices.
func (v *walker) interact(index reg.VecVirtual, o ones, pull bool) {
	if !v.wide {
		v.VMOVUPS(o.v, v.mask)
	}
	v.VPSLLD(operand.Imm(5), index, index)
	diff := v.differences(index)
	s := v.register()
	v.VMULPS(diff[0], diff[0], s)
	for _, g := range diff[1:] {
		q := v.register()
		v.VMULPS(g, g, q)
		v.VADDPS(q, s, s)
	}
	x := v.register() // x = max(s, tiny) = 2^e·(1+f)
	e, f, y := v.register(), v.register(), v.register()
	v.VMOVUPS(v.float("WalkTiny", walkTiny), e)
	v.VMAXPS(e, s, x)
	v.VPSUBD(v.same("WalkHalf", walkHalf), x, e)
	v.VPSRAD(operand.Imm(23), e, e)
	v.VPSLLD(operand.Imm(23), e, y)
	v.VPSUBD(y, x, f)
	v.VSUBPS(v.float("One", 1), f, f)
	v.VCVTDQ2PS(e, e)
	v.VMOVUPS(v.float("WalkLog6", walkLog[6]), y)
	for i := 5; i >= 0; i-- {
		v.VMULPS(f, y, y)
		v.VADDPS(v.float(fmt.Sprintf("WalkLog%d", i), walkLog[i]), y, y)
	}
	v.VMULPS(y, f, f)
	v.VADDPS(e, f, f) // log₂x
	v.VMULPS(v.b, f, f)
	v.VADDPS(v.log2a, f, f)
	v.VMINPS(v.float("WalkTop", walkTop), f, f)
	v.VMAXPS(v.float("WalkBottom", -walkTop), f, f)
	v.VADDPS(v.float("Nearest", nearest), f, e)
	v.VSUBPS(v.float("Nearest", nearest), e, y)
	v.VSUBPS(y, f, f)
	v.VMOVUPS(v.float("WalkExp4", walkExp[4]), y)
	for i := 3; i >= 0; i-- {
		v.VMULPS(f, y, y)
		v.VADDPS(v.float(fmt.Sprintf("WalkExp%d", i), walkExp[i]), y, y)
	}
	v.VPSLLD(operand.Imm(23), e, e)
	v.VPADDD(e, y, y) // a·x^b
	step := v.pushStep
	if pull {
		step = v.pullStep
		v.VMULPS(v.pull, y, e)
		v.VADDPS(v.float("One", 1), y, y)
		v.VMULPS(y, x, x)
		v.VDIVPS(x, e, y)
		v.VMAXPS(v.least, y, y)
	} else {
		v.VADDPS(v.float("One", 1), y, y)
		v.VADDPS(v.float("WalkNear", walkNear), s, s)
		v.VMULPS(y, s, s)
		v.VMOVUPS(v.push, y)
		v.VDIVPS(s, y, y)
	}
	if v.wide {
		v.keepActive(o, y)
	} else {
		v.VANDPS(v.mask, y, y)
	}
	for d, g := range diff {
		v.VMULPS(y, g, g)
		v.VMINPS(v.float("WalkMost", walkMost), g, g)
		v.VMAXPS(v.float("WalkLeast", -walkMost), g, g)
		v.VMULPS(step, g, g)
		own := v.field(walkOwn + 4*walkLanes*d)
		v.VADDPS(own, g, g)
		v.VMOVUPS(g, own)
	}
}

// differences are those of the walkers from the rows that begin at the given bytes, a vector for each coordinate.
func (v *walker) differences(index reg.VecVirtual) []reg.VecVirtual {
	// Row i of every four is in rows[h][i%4], four coordinates from 4h on. The numbers go from vector to general registers
	// without passing through memory: a load of a part of what was just stored would wait for the store.
	halves := (v.dim + 3) / 4
	var rows [2][4]reg.VecVirtual
	for h := range halves {
		for i := range rows[h] {
			rows[h][i] = v.register()
		}
	}
	for k := range v.halfBytes() / 16 {
		part := index.AsX()
		if k > 0 {
			x := v.XMM()
			if v.wide {
				v.VEXTRACTI32X4(operand.Imm(uint64(k)), index, x)
			} else {
				v.VEXTRACTI128(operand.Imm(1), index, x)
			}
			part = x
		}
		for pair := range 2 {
			low, high := v.GP64(), v.GP64()
			if pair == 0 {
				v.VMOVQ(part, high)
			} else {
				v.VPEXTRQ(operand.Imm(1), part, high)
			}
			v.MOVL(high.As32(), low.As32())
			v.SHRQ(operand.Imm(32), high)
			for i, row := range []reg.GPVirtual{low, high} {
				for h := range halves {
					x, m := rows[h][2*pair+i], operand.Mem{Base: v.positions, Index: row, Scale: 1, Disp: 16 * h}
					switch {
					case k == 0 && v.wide: // a broadcast and no move, which would leave the rest of the register as it was
						v.VBROADCASTF32X4(m, x)
					case k == 0:
						v.VBROADCASTF128(m, x)
					case v.wide:
						v.VINSERTF32X4(operand.Imm(uint64(k)), m, x, x)
					default:
						v.VINSERTF128(operand.Imm(1), m, x, x)
					}
				}
			}
		}
	}
	var diff []reg.VecVirtual
	for h := range halves {
		a := rows[h]
		columns := min(4, v.dim-4*h)
		low0, low2 := v.register(), v.register()
		v.VUNPCKLPS(a[1], a[0], low0)
		v.VUNPCKLPS(a[3], a[2], low2)
		if columns > 2 {
			v.VUNPCKHPS(a[1], a[0], a[0])
			v.VUNPCKHPS(a[3], a[2], a[2])
		}
		for c := range columns {
			x, y := low0, low2
			if c > 1 {
				x, y = a[0], a[2]
			}
			g, own := v.register(), v.register()
			if c%2 == 0 {
				v.VUNPCKLPD(y, x, g)
			} else {
				v.VUNPCKHPD(y, x, g)
			}
			v.VMOVUPS(v.field(walkOwn+4*walkLanes*(4*h+c)), own)
			v.VSUBPS(g, own, g)
			diff = append(diff, g)
		}
	}
	return diff
}
