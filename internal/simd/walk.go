package simd

import "fmt"

const (
	// WalkRow is the number of values from one row of positions to the next that Walk wants, and the most coordinates.
	WalkRow = 8
	// WalkLanes is the most walkers of a call.
	WalkLanes = 64
)

// Forces are what walkers feel. At the squared distance x, a pull moves a walker along its difference from a row by
// max(Pull·p/(x·(1+p)), PullMost) of it, and a push by Push/((0.001+x)·(1+p)), where p = a·x^B; each coordinate by at most 4; times
// PullStep or PushStep. Powers are within 10⁻⁵ of their value, relative to it, and kept between 2⁻⁶⁰ and 2⁶⁰; x is at
// least 2⁻⁶⁰ in them.
type Forces struct {
	B                  float32 // above 0
	Log2A              float32 // log₂ of a
	Pull, Push         float32 // below and above 0
	PullStep, PushStep float32
	PullMost           float32 // below 0
}

// Walkers are up to WalkLanes points that move at the same time, none of which sees another. Made by new, they lie in
// memory where the kernels are fastest.
type Walkers struct {
	Own  [WalkRow][WalkLanes]float32 // coordinates, those beyond the dimensions 0
	Key  [WalkLanes]uint32           // of the random numbers
	Self [WalkLanes]int32            // the row that a walker itself is, which does not push it, or −1
	Uses [WalkLanes]int32            // how often a walker is pulled; beyond the last walker 0
}

// Walk moves n walkers among the rows of positions, of WalkRow values each, those beyond the dim coordinates 0. In its
// step number s, which is below its uses, walker i is pulled by the row steps[s·WalkLanes+i] and then pushed away by
// samples rows drawn at random, one after the other. Draw number c of a walker, counted over all its steps, is a
// function of its key and c alone: the keys of two walkers should be far apart. steps has WalkLanes entries for each of as
// many steps as any walker has, all of them numbers of rows.
//
// The bits are the same at every level and do not depend on which walkers are in a call. A coordinate of −0 becomes 0.
func (k *Kernels) Walk(w *Walkers, n int, steps []int32, positions []float32, dim, samples int, f *Forces) {
	uses := int32(0)
	for _, u := range w.Uses[:n] {
		uses = max(uses, u)
	}
	if dim < 1 || dim > WalkRow || len(steps) < int(uses)*WalkLanes {
		panic(fmt.Sprintf("simd: walk in %d dimensions with %d steps of %d, want 1 to %d dimensions and steps of %d each", dim, len(steps), uses, WalkRow, WalkLanes))
	}
	if rows := len(positions) / WalkRow; rows < 1 || rows > 1<<26 {
		panic(fmt.Sprintf("simd: walk among %d rows, want 1 to 2²⁶", rows))
	}
	if n > 0 {
		k.walkers(w, n, steps, positions, dim, int(uses), samples, f)
	}
}
