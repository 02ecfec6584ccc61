package hdbscan

import "slices"

// level is what one node of the single-linkage tree parts into when all edges of its weight are removed at once, as
// Campello et al. (2013, section 3.1) ask for in case of ties. Which of those edges the spanning tree has, and the order
// in which they were merged, depends on the order of the rows; the parts do not.
//
// A part is large if it weighs at least minSize and holds together at a smaller distance: what is made by edges of this
// weight alone lives at no distance. A small part leaves with the large part that edges of this weight tie it to first,
// by the distance of their rows, or with none if there are several such parts.
type level struct {
	l       *linkage
	minSize float64
	parts   []part
	large   int     // number of large parts
	merges  []int32 // between the parts
	set     []int32 // union-find over the parts
	owned   []int32 // by set: its owner
	first   []int32 // by set of nobody: its first part
	next    []int32 // by part: the next one of the same set
	joined  []int32
	found   map[int32]int32 // by set: the owner of what it is joined from
	at      map[int32]int32 // by node: a part of its set
}

// part is a node below a level.
type part struct {
	node  int32
	large bool
	owner int32 // number of the large part that a small one leaves with, counted among the large ones; noOwner, nobody
}

const (
	nobody  = -1 // a set of small parts, tied to no large one yet
	several = -2 // a set that holds several large parts
)

// open sets the parts of a node that is a merge, from left to right.
func (v *level) open(node int32) {
	n := int32(v.l.n)
	v.parts, v.merges, v.large = v.parts[:0], v.merges[:0], 0
	top := v.l.merges[node-n]
	todo := append(v.set[:0], top.right, top.left)
	v.merges = append(v.merges, node-n)
	for len(todo) > 0 {
		u := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		together := true // at a smaller distance
		if u >= n {
			m := v.l.merges[u-n]
			tied := m.dist == top.dist && !v.l.binary
			if tied && !m.whole && !top.whole {
				v.merges = append(v.merges, u-n)
				todo = append(todo, m.right, m.left)
				continue
			}
			together = !tied
		} else if v.l.core != nil && !v.l.binary {
			together = v.l.core[u] < top.dist
		}
		p := part{node: u, large: together && !top.whole && v.l.weighs(u) >= v.minSize, owner: nobody}
		if p.large {
			p.owner = int32(v.large)
			v.large++
		}
		v.parts = append(v.parts, p)
	}
	v.set = todo
}

// share finds the owners of the small parts.
func (v *level) share() {
	if len(v.parts) == v.large {
		return
	}
	if v.at == nil {
		v.at, v.found = map[int32]int32{}, map[int32]int32{}
	}
	clear(v.at)
	v.set, v.owned, v.first, v.next = v.set[:0], v.owned[:0], v.first[:0], v.next[:0]
	for i, p := range v.parts {
		v.at[p.node] = int32(i)
		v.set = append(v.set, int32(i))
		v.owned = append(v.owned, p.owner)
		v.first, v.next = append(v.first, int32(i)), append(v.next, -1)
	}
	slices.Sort(v.merges)
	for lo := 0; lo < len(v.merges); {
		hi := lo + 1
		step := v.l.merges[v.merges[lo]].step
		for hi < len(v.merges) && v.l.merges[v.merges[hi]].step == step {
			hi++
		}
		v.join(v.merges[lo:hi])
		lo = hi
	}
}

// join joins the sets that the merges of one step tie together.
func (v *level) join(merges []int32) {
	n := int32(v.l.n)
	v.joined = v.joined[:0]
	for _, m := range merges {
		e := v.l.merges[m]
		a, b := v.find(v.at[e.left]), v.find(v.at[e.right])
		v.joined = append(v.joined, a, b)
		v.set[b] = a
		v.at[n+m] = a
	}
	// The sets were roots when they were listed, and what they own has not changed since.
	slices.Sort(v.joined)
	v.joined = slices.Compact(v.joined)
	clear(v.found)
	for _, s := range v.joined {
		own := v.owned[s]
		if own == nobody {
			continue
		}
		to := v.find(s)
		if o, ok := v.found[to]; ok && o != own {
			own = several
		}
		v.found[to] = own
	}
	for _, s := range v.joined {
		to := v.find(s)
		own, ok := v.found[to]
		if v.owned[s] == nobody && ok {
			for i := v.first[s]; i >= 0; i = v.next[i] {
				v.parts[i].owner = own
			}
			v.first[s] = -1
		}
		if !ok && s != to { // small parts only: one list of them
			last := v.first[s]
			for v.next[last] >= 0 {
				last = v.next[last]
			}
			v.next[last], v.first[to] = v.first[to], v.first[s]
		}
	}
	for to, own := range v.found {
		v.owned[to] = own
	}
}

func (v *level) find(i int32) int32 {
	for v.set[i] != i {
		v.set[i] = v.set[v.set[i]]
		i = v.set[i]
	}
	return i
}
