package umap

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// crewInput is a crew among rows positions and members with edges of their own.
func crewInput(rows, dim, members int, seed uint64) (crew, [][]float32) {
	s := rng.New(seed)
	y := newPadded(rows, dim)
	for i := range rows {
		for d := range dim {
			y.Data[i*y.Stride+d] = float32(10 * s.Float64())
		}
	}
	c := newCrew(newForces(1.9, 0.79, 1), y, 5, 20)
	c.scale(1.2, 0.6)
	var own [][]float32
	for range members {
		n := s.Intn(21)
		index, due := make([]int32, n), make([]uint32, n)
		for k := range n {
			index[k], due[k] = int32(s.Intn(rows)), share(s.Float64())
		}
		self := s.Intn(rows)
		position := append([]float32(nil), y.Data[self*y.Stride:][:dim]...)
		own = append(own, position)
		c.add(position, self, uint32(s.Uint64()), index, due, uint32(3+s.Intn(50)))
	}
	return c, own
}

// Side by side on the kernels the members of a crew go the ways that they go alone.
func TestCrewWalksAsAloneExact(t *testing.T) {
	for dim := 1; dim <= 9; dim++ {
		for _, members := range []int{1, 17, layoutChunk} {
			c, together := crewInput(300, dim, members, uint64(dim))
			d, alone := crewInput(300, dim, members, uint64(dim))
			c.walk()
			for i := range d.members {
				d.alone(&d.members[i])
			}
			require.Equal(t, alone, together, "%d dimensions, %d members", dim, members)
		}
	}
}

// An edge is used in proportion to its weight, evenly over the epochs.
func TestEdgesAreDueExact(t *testing.T) {
	c, _ := crewInput(10, 2, 1, 1)
	for _, part := range []float64{1, 0.5, 0.3, 0.011, 0.9} {
		uses, last := 0, 0
		const epochs = 1000
		for epoch := range epochs {
			c.members = c.members[:0]
			c.add(make([]float32, 2), -1, 0, []int32{1}, []uint32{share(part)}, uint32(epoch))
			if c.members[0].uses == 1 {
				require.LessOrEqual(t, float64(epoch+1-last), 1/part+1)
				uses, last = uses+1, epoch+1
			}
		}
		require.InDelta(t, part*epochs, uses, 1.01)
	}
}

func TestTeamKeepsStep(t *testing.T) {
	for _, workers := range []int{1, 2, 5, 40} {
		team := team{workers: workers}
		const parts = 200
		seen := make([][]int32, workers)
		count := make([]int32, workers*parts)
		team.run(func(w int) {
			for p := range parts {
				count[p*workers+w] = 1
				team.wait()
				total := int32(0)
				for v := range workers {
					total += count[p*workers+v]
				}
				seen[w] = append(seen[w], total)
			}
		})
		for _, v := range seen {
			require.Len(t, v, parts)
			for p, total := range v {
				require.EqualValues(t, workers, total, "part %d", p)
			}
		}
	}
}
