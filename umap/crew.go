package umap

import (
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// crew moves up to layoutChunk vertices through one epoch, none of which sees another's move. Each uses its edges one
// after the other, and is pushed away by samples vertices after each.
type crew struct {
	forces
	y       blas32.General // positions that the members see, padded
	samples int

	members []member
	used    []int32 // the edges that the members use, by their other ends
	order   []int32 // of the members, by falling number of uses
	count   []int32
	steps   []int32
	walkers *simd.Walkers
	push    []float32
	chunks  []int    // what the crew has moved in a turn
	touched float32  // of no meaning
	_       [64]byte // keeps crews apart in memory
}

type member struct {
	own  []float32 // its position, which moves
	self int32
	key  uint32
	from int32 // its first edge in used
	uses int32
}

// newCrew makes a crew for members of at most degree edges.
func newCrew(f forces, y blas32.General, samples, degree int) crew {
	return crew{
		forces: f, y: y, samples: samples,
		members: make([]member, 0, layoutChunk),
		used:    make([]int32, layoutChunk*degree),
		order:   make([]int32, layoutChunk),
		count:   make([]int32, degree+2),
		steps:   make([]int32, degree*simd.WalkLanes),
		walkers: new(simd.Walkers),
	}
}

// add takes on a member that stands at own and is the vertex self, or none of them where that is −1. Of its edges, to the
// vertices in index, those are used that are due in the epoch.
func (c *crew) add(own []float32, self int, key uint32, index []int32, due []uint32, epoch uint32) {
	m := member{own: own, self: int32(self), key: key}
	if n := len(c.members); n > 0 {
		m.from = c.members[n-1].from + c.members[n-1].uses
	}
	list := c.used[m.from:][:len(due)]
	index = index[:len(due)]
	for k, p := range due {
		list[m.uses] = index[k]
		phase := (epoch + 1) * p & (1<<phases - 1)
		m.uses += int32((phase - p) >> phases) // 1 when phase < p
	}
	c.members = append(c.members, m)
}

// walk moves the members.
func (c *crew) walk() {
	if c.y.Stride != simd.WalkRow {
		for i := range c.members {
			c.alone(&c.members[i])
		}
		return
	}
	// Members with as many uses walk side by side.
	clear(c.count)
	for _, m := range c.members {
		c.count[len(c.count)-1-int(m.uses)]++
	}
	at := int32(0)
	for k, n := range c.count {
		c.count[k] = at
		at += n
	}
	for i, m := range c.members {
		place := &c.count[len(c.count)-1-int(m.uses)]
		c.order[*place] = int32(i)
		*place++
	}
	dim := c.y.Cols
	for lo := 0; lo < len(c.members); lo += simd.WalkLanes {
		group := c.order[lo:min(lo+simd.WalkLanes, len(c.members))]
		w := c.walkers
		if c.members[group[0]].uses == 0 {
			break
		}
		for lane, i := range group {
			m := &c.members[i]
			w.Key[lane], w.Self[lane], w.Uses[lane] = m.key, m.self, m.uses
			for d, v := range m.own {
				w.Own[d][lane] = v
			}
			for s, j := range c.used[m.from:][:m.uses] {
				c.steps[s*simd.WalkLanes+lane] = j
			}
		}
		for lane := len(group); lane < simd.WalkLanes; lane++ {
			w.Uses[lane] = 0
		}
		c.kernels.Walk(w, len(group), c.steps, c.y.Data, dim, c.samples, &c.Forces)
		for lane, i := range group {
			for d := range c.members[i].own {
				c.members[i].own[d] = w.Own[d][lane]
			}
		}
	}
}

// alone moves one member without the kernels.
func (c *crew) alone(m *member) {
	state := m.key
	for _, j := range c.used[m.from:][:m.uses] {
		c.Pulled(m.own, c.y.Data[int(j)*c.y.Stride:])
		for range c.samples {
			if k := simd.Draw(state, c.y.Rows); k != int(m.self) {
				c.Pushed(m.own, c.y.Data[k*c.y.Stride:])
			}
			state = simd.NextDraw(state)
		}
	}
}
