package online

import (
	"cmp"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/stage"
)

// micro is a micro-cluster.
type micro struct {
	Born    int       `json:"born"` // the row that founded it, counted from 0: no other has the same
	Center  []float64 `json:"center"`
	Weight  float64   `json:"weight"` // when row Last came
	Last    int       `json:"last"`
	Cluster int       `json:"cluster"`
	Shared  []shared  `json:"shared,omitempty"` // with those born later, in the order of birth
}

// shared is the weight of the rows that two micro-clusters have in common.
type shared struct {
	With   int     `json:"with"` // Born of the other
	Weight float64 `json:"weight"`
	Last   int     `json:"last"`
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
	now := s.state.Seen
	s.state.Seen++
	square := s.state.Radius * s.state.Radius
	var in []int
	for i, m := range s.state.Micro {
		if d := apart(x, m.Center); d < square || d == 0 {
			in = append(in, i)
		}
	}
	if len(in) == 0 {
		s.state.Micro = append(s.state.Micro, micro{Born: now, Center: wide(x), Weight: 1, Last: now, Cluster: stage.Outlier})
		return
	}
	before := make([][]float64, len(in))
	for a, i := range in {
		m := &s.state.Micro[i]
		m.Weight, m.Last = s.faded(m.Weight, m.Last, now)+1, now
		for _, j := range in[a+1:] {
			m.share(s, s.state.Micro[j].Born, now)
		}
		before[a] = m.Center
		m.Center = drawn(m.Center, x, square)
	}
	for a, i := range in { // those that come too near to each other stay where they were
		for b := a + 1; b < len(in); b++ {
			if j := in[b]; between(s.state.Micro[i].Center, s.state.Micro[j].Center) < square {
				s.state.Micro[i].Center, s.state.Micro[j].Center = before[a], before[b]
			}
		}
	}
}

// drawn is a center that a row has drawn to itself, by a Gaussian neighborhood with σ = radius / 3.
func drawn(center []float64, x []float32, square float64) []float64 {
	pull := 1.0
	if d := apart(x, center); d > 0 {
		pull = bitmath.Exp(-4.5 * d / square)
	}
	out := slices.Clone(center)
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
	kept := s.state.Micro[:0]
	for _, m := range s.state.Micro {
		if s.faded(m.Weight, m.Last, s.state.Seen) >= weak {
			kept = append(kept, m)
			alive[m.Born] = true
		}
	}
	s.state.Micro = kept
	for i := range s.state.Micro {
		m := &s.state.Micro[i]
		m.Shared = slices.DeleteFunc(m.Shared, func(e shared) bool {
			return !alive[e.With] || s.faded(e.Weight, e.Last, s.state.Seen) < weak*s.cfg.Intersection
		})
	}
}

// regroup makes clusters of the micro-clusters that are heavy enough, by the rows that they share (algorithm 3 of the
// paper), and gives them their numbers.
func (s *DBStream) regroup() {
	now := s.state.Seen - 1
	weight := make([]float64, len(s.state.Micro))
	at := make(map[int]int, len(s.state.Micro)) // Born → position
	group := make([]int, len(s.state.Micro))    // a member of the same group, before it or itself
	for i, m := range s.state.Micro {
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
	for i, m := range s.state.Micro {
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
	for i, m := range s.state.Micro {
		if !heavy(i) || m.Cluster == stage.Outlier {
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
	for i := range s.state.Micro {
		if !heavy(i) {
			s.state.Micro[i].Cluster = stage.Outlier
			continue
		}
		g := root(i)
		if _, has := number[g]; !has {
			number[g] = s.state.Next
			s.state.Next++
		}
		s.state.Micro[i].Cluster = number[g]
	}
}
