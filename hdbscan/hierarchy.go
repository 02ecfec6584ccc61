package hdbscan

import (
	"cmp"
	"math"
	"slices"
)

// hierarchy is the condensed tree seen by clusters and by rows. Clusters are numbered from 0, the root, so that a
// parent's number is below its children's.
type hierarchy struct {
	n       int // rows of data; cluster c of the hierarchy is n+c in the condensed tree
	parent  []int32
	birth   []float64 // λ at which a cluster leaves its parent; 0 for the root
	death   []float64 // largest λ at which anything leaves the cluster
	deepest []float64 // largest λ at which anything leaves the cluster or one below it
	size    []int32   // rows of a cluster at its birth
	weight  []float64 // and what they weigh
	rows    []float64 // weights of the rows; nil: 1 each
	binary  bool      // see linkage
	split   []int32   // the first of a cluster's children, which are numbered in succession; 0: a leaf
	parts   []int32   // the number of a cluster's children
	least   float64   // smallest λ of all

	stability []float64 // Σ (λ − birth)·weight over what leaves a cluster

	rowCluster []int32   // the cluster that a row leaves
	rowLambda  []float64 // and its λ
}

// newHierarchy reads a condensed tree over at least one row.
func newHierarchy(t *condensed) *hierarchy {
	n, clusters := t.n, len(t.size)
	h := &hierarchy{
		n: n, rows: t.rows, binary: t.binary, parent: make([]int32, clusters), birth: make([]float64, clusters), death: make([]float64, clusters),
		size: t.size, weight: t.weight, split: make([]int32, clusters), parts: make([]int32, clusters), stability: make([]float64, clusters),
		rowCluster: make([]int32, n), rowLambda: make([]float64, n), least: math.Inf(1),
	}
	h.parent[0] = -1
	for _, e := range t.falls {
		p := int(e.parent) - n
		h.death[p] = max(h.death[p], e.lambda)
		h.least = min(h.least, e.lambda)
		if c := int(e.child) - n; c >= 0 {
			h.parent[c], h.birth[c] = int32(p), e.lambda
			if h.split[p] == 0 {
				h.split[p] = int32(c)
			}
			h.parts[p]++
		} else {
			h.rowCluster[e.child], h.rowLambda[e.child] = int32(p), e.lambda
		}
	}
	h.addStability(t)
	h.deepest = append([]float64(nil), h.death...)
	for c := clusters - 1; c > 0; c-- {
		p := h.parent[c]
		h.deepest[p] = max(h.deepest[p], h.deepest[c])
	}
	return h
}

// addStability sums up the stabilities. The order of the terms of a cluster does not depend on the order of the rows: by λ,
// rows before clusters, by weight. A birth is always finite: what has distance 0 is never split.
func (h *hierarchy) addStability(t *condensed) {
	n := t.n
	weight := func(f fall) float64 {
		switch c := int(f.child) - n; {
		case c >= 0:
			return t.weight[c]
		case t.rows != nil:
			return t.rows[f.child]
		}
		return 1
	}
	falls := t.falls
	last := make([]float64, len(h.parent)) // λ of the rows that have left a cluster so far
	rising := t.rows == nil
	for _, f := range falls {
		if p := int(f.parent) - n; int(f.child) < n {
			rising = rising && f.lambda >= last[p]
			last[p] = f.lambda
		}
	}
	if !rising {
		falls = slices.Clone(falls)
		slices.SortFunc(falls, func(a, b fall) int {
			return cmp.Or(cmp.Compare(a.lambda, b.lambda), cmp.Compare(weight(a), weight(b)))
		})
	}
	for _, f := range falls {
		if p := int(f.parent) - n; int(f.child) < n {
			h.stability[p] += float64((f.lambda - h.birth[p]) * weight(f))
		}
	}
	var sizes []float64
	for p, l := range h.split {
		if l == 0 {
			continue
		}
		sizes = append(sizes[:0], t.weight[l:l+h.parts[p]]...)
		slices.Sort(sizes)
		for _, size := range sizes {
			h.stability[p] += float64((h.birth[l] - h.birth[p]) * size)
		}
	}
}

// children returns the numbers of a cluster's children: from lo to hi − 1.
func (h *hierarchy) children(c int) (lo, hi int) {
	lo = int(h.split[c])
	return lo, lo + int(h.parts[c])
}

// below returns the sum of a value over the children of a cluster, the smallest first, so that the sum does not depend on
// how they are numbered.
func (h *hierarchy) below(c int, value []float64) float64 {
	lo, hi := h.children(c)
	switch hi - lo {
	case 0:
		return 0
	case 2:
		return value[lo] + value[lo+1]
	}
	sorted := slices.Clone(value[lo:hi])
	slices.Sort(sorted)
	var sum float64
	for _, v := range sorted {
		sum += v
	}
	return sum
}

// parted says that a cluster is made of parts at an infinite distance from each other, each large enough for a cluster:
// it is no cluster itself.
func (h *hierarchy) parted(c int32) bool {
	l := h.split[c]
	return l != 0 && h.birth[l] == 0
}

// simplify removes the leaves of a condensed tree that live for less than threshold in λ, from the bottom up. Where one
// sibling is left it becomes the parent, which then parts as the sibling does, or not at all. Rows of a leaf that is
// removed beside siblings that remain, or that part again, leave the parent where the leaf did (simplify_hierarchy of
// hdbscan 0.8.44). Of siblings that all live for less, the deepest is taken for the one that is left.
func (t *condensed) simplify(threshold float64) *condensed {
	h := newHierarchy(t)
	clusters := len(h.parent)
	into := make([]int32, clusters) // what a cluster becomes part of: itself, or its parent
	at := make([]float64, clusters) // the λ by which rows of a cluster have left what it becomes part of
	deep := append([]float64(nil), h.death...)
	leaf := make([]bool, clusters)
	for c := clusters - 1; c >= 0; c-- {
		into[c], at[c] = int32(c), math.Inf(1)
		lo, hi := h.children(c)
		if lo == 0 {
			leaf[c] = true
			continue
		}
		strong, left := lo, 0
		for s := lo; s < hi; s++ {
			if deep[s] > deep[strong] {
				strong = s
			}
		}
		for s := lo; s < hi; s++ {
			if s == strong || deep[s]-h.birth[lo] >= threshold {
				left++
			}
		}
		deep[c] = max(deep[c], deep[strong])
		if left == hi-lo {
			continue
		}
		for s := lo; s < hi; s++ {
			switch {
			case s != strong && deep[s]-h.birth[lo] < threshold:
				into[s] = int32(c)
				if left > 1 || !leaf[strong] {
					at[s] = h.birth[lo]
				}
			case left == 1: // the strong one
				into[s] = int32(c)
			}
		}
		leaf[c] = left == 1 && leaf[strong]
	}
	out := &condensed{n: t.n, rows: t.rows, binary: t.binary, falls: make([]fall, 0, len(t.falls))}
	number := make([]int32, clusters)
	for c, p := range into {
		if int(p) != c {
			into[c] = into[p]
			at[c] = min(at[c], at[p])
			continue
		}
		number[c] = int32(t.n + len(out.size))
		out.size, out.weight = append(out.size, t.size[c]), append(out.weight, t.weight[c])
	}
	for _, f := range t.falls {
		p := int(f.parent) - t.n
		if c := int(f.child) - t.n; c >= 0 {
			if int(into[c]) != c {
				continue
			}
			f.child = number[c]
		} else {
			f.lambda = min(f.lambda, at[p])
		}
		f.parent = number[into[p]]
		out.falls = append(out.falls, f)
	}
	return out
}
