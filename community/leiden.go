package community

import (
	"context"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
)

// network is a weighted graph whose vertices may stand for several of another.
type network struct {
	start []int
	to    []int32
	w     []float64
	vol   []float64 // the weights of a vertex's edges, those to itself twice
	total float64   // the sum of vol
}

func (g *network) n() int { return len(g.vol) }

// newNetwork takes over a symmetric graph.
func newNetwork(g sparse.CSR[float32]) *network {
	n := g.Rows()
	out := &network{start: make([]int, n+1), vol: make([]float64, n)}
	for v := range n {
		for e := g.RowPtr[v]; e < g.RowPtr[v+1]; e++ {
			w := float64(g.Value[e])
			out.vol[v] += w
			if u := g.Col[e]; int(u) != v {
				out.to, out.w = append(out.to, u), append(out.w, w)
			}
		}
		out.start[v+1] = len(out.to)
		out.total += out.vol[v]
	}
	return out
}

// aggregate makes a vertex of each group, numbered 0 to k−1.
func (g *network) aggregate(group []int32, k int) *network {
	out := &network{start: make([]int, k+1), vol: make([]float64, k), total: g.total}
	members := make([]int32, g.n())
	at := make([]int, k+1)
	for _, c := range group {
		at[c+1]++
	}
	for c := range k {
		at[c+1] += at[c]
	}
	first := append([]int(nil), at...)
	for v, c := range group {
		members[at[c]] = int32(v)
		at[c]++
	}
	sum := make([]float64, k)
	met := make([]int32, k+1)
	out.to, out.w = make([]int32, 0, len(g.to)), make([]float64, 0, len(g.to))
	for c := range k {
		n := 0
		for _, v := range members[first[c]:first[c+1]] {
			out.vol[c] += g.vol[v]
			to := g.to[g.start[v]:g.start[v+1]]
			w := g.w[g.start[v]:][:len(to)]
			for e, u := range to {
				d := group[u]
				if int(d) == c {
					continue
				}
				was := sum[d]
				met[n] = d
				if was == 0 {
					n++
				}
				sum[d] = was + w[e]
			}
		}
		for _, d := range met[:n] {
			out.to, out.w = append(out.to, d), append(out.w, sum[d])
			sum[d] = 0
		}
		out.start[c+1] = len(out.to)
	}
	return out
}

// search looks for the communities of a network that have the highest modularity at one resolution, by the Leiden algorithm
// (Traag, Waltman and van Eck, "From Louvain to Leiden", 2019, doi:10.1038/s41598-019-41695-z). Where the original draws at
// random, the order of the vertices and the merges of its refinement, an order that the number of vertices decides and the
// best merge stand here: the result is the same every time.
type search struct {
	resolution float64
	volume     []float64 // by community
	weight     []float64 // by community: of a vertex's edges into it
	met        []int32   // the groups with a weight; one more than there are vertices fits in
	queue      []int32
	queued     []bool
	ticks      int
}

// run improves the partition, which it overwrites, until a round changes nothing or rounds are over. Groups are numbered from
// 0 without gaps.
func (s *search) run(ctx context.Context, g *network, part []int32, rounds int) error {
	s.prepare(g.n())
	for range rounds {
		changed, err := s.round(ctx, g, part)
		if err != nil || !changed {
			return err
		}
	}
	return nil
}

// prepare makes room for n vertices.
func (s *search) prepare(n int) {
	s.volume, s.weight, s.met = make([]float64, n), make([]float64, n), make([]int32, 0, n+1)
	s.queue, s.queued = make([]int32, 0, n), make([]bool, n)
}

func (s *search) round(ctx context.Context, g *network, part []int32) (changed bool, err error) {
	level, at := g, append([]int32(nil), part...) // the vertices of level, and the group of each
	var of []int32                                // per vertex of g: its vertex in level
	for {
		moved, err := s.move(ctx, level, at)
		if err != nil {
			return changed, err
		}
		changed = changed || moved
		renumber(at)
		for v := range part {
			if of == nil {
				part[v] = at[v]
			} else {
				part[v] = at[of[v]]
			}
		}
		fine := s.refine(level, at)
		k := renumber(fine)
		if k == level.n() {
			return changed, nil
		}
		next := make([]int32, k)
		for v, f := range fine {
			next[f] = at[v]
		}
		if of == nil {
			of = append([]int32(nil), fine...)
		} else {
			for v := range of {
				of[v] = fine[of[v]]
			}
		}
		level, at = level.aggregate(fine, k), next
	}
}

// renumber gives groups the numbers 0, 1, … in the order in which they first appear and returns how many there are.
func renumber(group []int32) int {
	most := int32(-1)
	for _, c := range group {
		most = max(most, c)
	}
	number := make([]int32, most+1)
	k := int32(0)
	for i, c := range group {
		if number[c] == 0 {
			k++
			number[c] = k
		}
		group[i] = number[c] - 1
	}
	return int(k)
}

// order is a permutation of n vertices, always the same.
func order(n int) []int32 {
	out := make([]int32, n)
	r := rng.New(uint64(n))
	for i := range out {
		j := r.Intn(i + 1)
		out[i], out[j] = out[j], int32(i)
	}
	return out
}

// around adds up the weights of the edges of v by group.
func (s *search) around(g *network, v int32, group []int32) {
	weight, met := s.weight, s.met
	for _, c := range met {
		weight[c] = 0
	}
	lo, hi := g.start[v], g.start[v+1]
	to := g.to[lo:hi]
	w := g.w[lo:hi][:len(to)]
	met = met[:cap(met)]
	k := 0
	for i, u := range to {
		c := group[u]
		sum := weight[c]
		met[k] = c
		if sum == 0 {
			k++
		}
		weight[c] = sum + w[i]
	}
	s.met = met[:k]
}

func (s *search) forget() {
	for _, c := range s.met {
		s.weight[c] = 0
	}
	s.met = s.met[:0]
}

// move moves single vertices to better groups until none wants to.
func (s *search) move(ctx context.Context, g *network, group []int32) (moved bool, err error) {
	n := g.n()
	clear(s.volume[:n])
	size := make([]int32, n)
	for v, c := range group {
		s.volume[c] += g.vol[v]
		size[c]++
	}
	var free []int32 // groups without vertices
	for c := n - 1; c >= 0; c-- {
		if size[c] == 0 {
			free = append(free, int32(c))
		}
	}
	queue := append(s.queue[:0], order(n)...)
	for i := range n {
		s.queued[i] = true
	}
	scale := s.resolution / g.total
	for head := 0; head < len(queue); head++ {
		if s.ticks++; s.ticks&0xfff == 0 && ctx.Err() != nil {
			return moved, context.Cause(ctx)
		}
		v := queue[head]
		s.queued[v] = false
		own := group[v]
		s.around(g, v, group)
		s.volume[own] -= g.vol[v]
		price := float64(scale * g.vol[v])
		best, gain := own, s.weight[own]-float64(price*s.volume[own])
		for _, c := range s.met {
			if x := s.weight[c] - float64(price*s.volume[c]); x > gain || x == gain && best != own && c < best {
				best, gain = c, x
			}
		}
		if gain < 0 && size[own] > 1 {
			best = free[len(free)-1]
			free = free[:len(free)-1]
		}
		s.volume[best] += g.vol[v]
		if best == own {
			continue
		}
		moved = true
		group[v] = best
		size[best]++
		if size[own]--; size[own] == 0 {
			free = append(free, own)
		}
		for e := g.start[v]; e < g.start[v+1]; e++ {
			if u := g.to[e]; group[u] != best && !s.queued[u] {
				s.queued[u] = true
				queue = append(queue, u)
			}
		}
		if head > 1<<16 && head > len(queue)/2 {
			queue = append(queue[:0], queue[head+1:]...)
			head = -1
		}
	}
	s.queue = queue
	s.forget()
	return moved, nil
}

// refine splits the groups into parts that hang together: from single vertices, each vertex that is tied well to its group
// and still alone joins the part of the group that it gains most by.
func (s *search) refine(g *network, group []int32) []int32 {
	n := g.n()
	part := make([]int32, n)
	volume := make([]float64, n) // of parts
	cut := make([]float64, n)    // of parts: weight of the edges to the rest of their groups
	alone := make([]bool, n)
	whole := make([]float64, n) // of groups
	for v := range n {
		part[v], volume[v], alone[v] = int32(v), g.vol[v], true
		whole[group[v]] += g.vol[v]
		own, inside := group[v], 0.0
		to := g.to[g.start[v]:g.start[v+1]]
		w := g.w[g.start[v]:][:len(to)]
		for e, u := range to {
			if group[u] == own {
				inside += w[e]
			}
		}
		cut[v] = inside
	}
	scale := s.resolution / g.total
	tied := func(p int32, c int32) bool {
		return cut[p] >= float64(float64(scale*volume[p])*(whole[c]-volume[p]))
	}
	for _, v := range order(n) {
		c := group[v]
		if !alone[v] || part[v] != v || !tied(v, c) {
			continue
		}
		s.forget()
		to := g.to[g.start[v]:g.start[v+1]]
		w := g.w[g.start[v]:][:len(to)]
		for e, u := range to {
			if group[u] != c {
				continue
			}
			p := part[u]
			sum := s.weight[p]
			if sum == 0 {
				s.met = append(s.met, p)
			}
			s.weight[p] = sum + w[e]
		}
		price := float64(scale * g.vol[v])
		best, gain := v, 0.0
		for _, p := range s.met {
			if x := s.weight[p] - float64(price*volume[p]); x > gain && tied(p, c) {
				best, gain = p, x
			}
		}
		if best == v {
			continue
		}
		inner := s.weight[best]
		part[v], alone[best] = best, false
		cut[best] += cut[v] - 2*inner
		volume[best] += g.vol[v]
		volume[v], cut[v] = 0, 0
	}
	s.forget()
	return part
}
