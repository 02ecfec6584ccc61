package umap

import "math"

// forces are the factors by which the difference between two positions is multiplied to get the gradient of the cross
// entropy, as functions of the squared distance x:
//
//	attraction  −2ab·x^(b−1) / (1 + a·x^b)
//	repulsion   2γb / ((0.001 + x)·(1 + a·x^b))
//
// Both are 0 at x = 0.
type forces struct {
	attraction, repulsion table
}

func newForces(a, b, gamma float64) *forces {
	return &forces{
		attraction: newTable(func(x float64) float64 {
			p := float64(a * pow(x, b))
			if math.IsInf(p, 1) {
				return -2 * b / x
			}
			return -2 * b * p / (x * (1 + p))
		}),
		repulsion: newTable(func(x float64) float64 {
			return 2 * gamma * b / ((0.001 + x) * (1 + float64(a*pow(x, b))))
		}),
	}
}

// table is a smooth function of a positive number as straight lines over 256 equal pieces of every octave. That costs a
// small part of a power and is within 2e-5 of it, relative to the function. Outside the table the function is computed.
type table struct {
	f    func(float64) float64
	line []line
}

// line is constant + slope·x on one piece.
type line struct{ constant, slope float32 }

const (
	tableLow   = -18 // the table reaches from 2^tableLow
	tableHigh  = 13  // to 2^tableHigh
	tableBits  = 8   // log₂ of the pieces per octave
	tableShift = 23 - tableBits
	tableFirst = (127 + tableLow) << tableBits
	tableSize  = (tableHigh - tableLow) << tableBits
)

// newTable draws a line through both ends of every piece and shifts it by half of what the function is away from it in
// the middle.
func newTable(f func(float64) float64) table {
	t := table{f: f, line: make([]line, tableSize)}
	for i := range t.line {
		lo := float64(math.Float32frombits(uint32(i+tableFirst) << tableShift))
		hi := float64(math.Float32frombits(uint32(i+1+tableFirst) << tableShift))
		at := f(lo)
		slope := (f(hi) - at) / (hi - lo)
		constant := at - float64(slope*lo)
		mid := (lo + hi) / 2
		constant += (f(mid) - (constant + float64(slope*mid))) / 2
		t.line[i] = line{float32(constant), float32(slope)}
	}
	return t
}

func (t *table) at(x float32) float32 {
	// The leading bits of x number the piece.
	k := int(math.Float32bits(x)>>tableShift) - tableFirst
	if uint(k) < uint(len(t.line)) {
		p := t.line[k]
		return p.constant + float32(p.slope*x)
	}
	return t.outside(x)
}

func (t *table) outside(x float32) float32 {
	if !(x > 0) {
		return 0
	}
	return float32(t.f(float64(x)))
}
