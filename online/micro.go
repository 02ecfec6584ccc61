package online

import (
	"cmp"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

// micro is a micro-cluster.
type micro struct {
	Born    int // the row that founded it, counted from 0: no other has the same
	Centre  []float64
	Weight  float64 // when row Last came
	Last    int
	Cluster int
	Shared  []shared `json:",omitempty"` // with those born later, in the order of birth
}

// shared is the weight of the rows that two micro-clusters have in common.
type shared struct {
	With   int // Born of the other
	Weight float64
	Last   int
}

// faded is what is left, when row now comes, of a weight when row last came.
func (s *DBStream) faded(weight float64, last, now int) float64 {
	if s.cfg.Fading == 0 || last == now {
		return weight
	}
	return float64(weight * bitmath.Exp(-math.Ln2*s.cfg.Fading*float64(now-last)))
}

// take adds one row: algorithm 1 of the paper.
func (s *DBStream) take(x []float32) {
	now := s.Seen
	s.Seen++
	square := s.Radius * s.Radius
	var in []int
	for i, m := range s.Micro {
		if d := apart(x, m.Centre); d < square || d == 0 {
			in = append(in, i)
		}
	}
	if len(in) == 0 {
		s.Micro = append(s.Micro, micro{Born: now, Centre: wide(x), Weight: 1, Last: now, Cluster: Outlier})
		return
	}
	before := make([][]float64, len(in))
	for a, i := range in {
		m := &s.Micro[i]
		m.Weight, m.Last = s.faded(m.Weight, m.Last, now)+1, now
		for _, j := range in[a+1:] {
			m.share(s, s.Micro[j].Born, now)
		}
		before[a] = m.Centre
		m.Centre = drawn(m.Centre, x, square)
	}
	for a, i := range in { // those that come too near to each other stay where they were
		for b := a + 1; b < len(in); b++ {
			if j := in[b]; between(s.Micro[i].Centre, s.Micro[j].Centre) < square {
				s.Micro[i].Centre, s.Micro[j].Centre = before[a], before[b]
			}
		}
	}
}

// drawn is a centre that a row has drawn to itself, by a Gaussian neighbourhood with σ = radius / 3.
func drawn(centre []float64, x []float32, square float64) []float64 {
	pull := 1.0
	if d := apart(x, centre); d > 0 {
		pull = bitmath.Exp(-4.5 * d / square)
	}
	out := slices.Clone(centre)
	for j, v := range x {
		out[j] += float64(pull * (float64(v) - out[j]))
	}
	return out
}

// share counts a row more that m has in common with a micro-cluster born later.
func (m *micro) share(s *DBStream, with, now int) {
	i, ok := slices.BinarySearchFunc(m.Shared, with, func(e shared, with int) int { return cmp.Compare(e.With, with) })
	if !ok {
		m.Shared = slices.Insert(m.Shared, i, shared{With: with, Last: now})
	}
	e := &m.Shared[i]
	e.Weight, e.Last = s.faded(e.Weight, e.Last, now)+1, now
}

// between is the squared distance of two points.
func between(a, b []float64) float64 {
	sum := 0.0
	for j, v := range a {
		sum += float64((v - b[j]) * (v - b[j]))
	}
	return sum
}

// clean leaves out what has faded: algorithm 2 of the paper.
func (s *DBStream) clean() {
	weak := s.faded(1, 0, s.cfg.Gap)
	alive := map[int]bool{}
	kept := s.Micro[:0]
	for _, m := range s.Micro {
		if s.faded(m.Weight, m.Last, s.Seen) >= weak {
			kept = append(kept, m)
			alive[m.Born] = true
		}
	}
	s.Micro = kept
	for i := range s.Micro {
		m := &s.Micro[i]
		m.Shared = slices.DeleteFunc(m.Shared, func(e shared) bool {
			return !alive[e.With] || s.faded(e.Weight, e.Last, s.Seen) < weak*s.cfg.Intersection
		})
	}
}

// regroup makes clusters of the micro-clusters that are heavy enough, by the rows that they share (algorithm 3 of the
// paper), and gives them their numbers.
func (s *DBStream) regroup() {
	now := s.Seen - 1
	weight := make([]float64, len(s.Micro))
	at := make(map[int]int, len(s.Micro)) // Born → position
	group := make([]int, len(s.Micro))    // a member of the same group, before it or itself
	for i, m := range s.Micro {
		weight[i], at[m.Born], group[i] = s.faded(m.Weight, m.Last, now), i, i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	heavy := func(i int) bool { return weight[i] >= s.cfg.MinWeight }
	for i, m := range s.Micro {
		for _, e := range m.Shared {
			j := at[e.With]
			if heavy(i) && heavy(j) && s.faded(e.Weight, e.Last, now) > s.cfg.Intersection*(weight[i]+weight[j])/2 {
				a, b := root(i), root(j)
				group[max(a, b)] = min(a, b)
			}
		}
	}

	// Each group claims the numbers that its members had; the heaviest claim to a number wins, of equal ones the oldest.
	type claim struct {
		group, number int
		weight        float64
	}
	var claims []claim
	place := map[[2]int]int{}
	for i, m := range s.Micro {
		if !heavy(i) || m.Cluster == Outlier {
			continue
		}
		key := [2]int{root(i), m.Cluster}
		if _, ok := place[key]; !ok {
			place[key] = len(claims)
			claims = append(claims, claim{group: key[0], number: key[1]})
		}
		claims[place[key]].weight += weight[i]
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(b.weight, a.weight) })
	number, taken := map[int]int{}, map[int]bool{}
	for _, c := range claims {
		if _, has := number[c.group]; !has && !taken[c.number] {
			number[c.group], taken[c.number] = c.number, true
		}
	}
	for i := range s.Micro {
		if !heavy(i) {
			s.Micro[i].Cluster = Outlier
			continue
		}
		g := root(i)
		if _, has := number[g]; !has {
			number[g] = s.Next
			s.Next++
		}
		s.Micro[i].Cluster = number[g]
	}
}
