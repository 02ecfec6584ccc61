package hdbscan

import "math"

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
	split   []int32   // the first of a cluster's two children, which are numbered in succession; 0: a leaf
	least   float64   // smallest λ of all

	stability []float64 // Σ (λ − birth)·weight over what leaves a cluster

	rowCluster []int32   // the cluster that a row leaves
	rowLambda  []float64 // and its λ
}

// newHierarchy reads a condensed tree over at least one row.
func newHierarchy(t *condensed) *hierarchy {
	n, clusters := t.n, len(t.size)
	h := &hierarchy{
		n: n, parent: make([]int32, clusters), birth: make([]float64, clusters), death: make([]float64, clusters),
		size: t.size, weight: t.weight, split: make([]int32, clusters), stability: make([]float64, clusters),
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
		} else {
			h.rowCluster[e.child], h.rowLambda[e.child] = int32(p), e.lambda
		}
	}
	// A birth is always finite: what has distance 0 is never split.
	for _, e := range t.falls {
		p, weight := int(e.parent)-n, 1.0
		if c := int(e.child) - n; c >= 0 {
			weight = t.weight[c]
		} else if t.rows != nil {
			weight = t.rows[e.child]
		}
		h.stability[p] += float64((e.lambda - h.birth[p]) * weight)
	}
	h.deepest = append([]float64(nil), h.death...)
	for c := clusters - 1; c > 0; c-- {
		p := h.parent[c]
		h.deepest[p] = max(h.deepest[p], h.deepest[c])
	}
	return h
}

// parted says that a cluster is made of parts at an infinite distance from each other, each large enough for a cluster:
// it is no cluster itself.
func (h *hierarchy) parted(c int32) bool {
	l := h.split[c]
	return l != 0 && h.birth[l] == 0
}

// simplify removes the leaves of a condensed tree that live for less than threshold in λ, from the bottom up: the sibling
// becomes the parent, which then parts as the sibling does, or not at all. Rows of a leaf that is removed beside a sibling
// that parts again leave the parent where the leaf did (simplify_hierarchy of hdbscan 0.8.44).
func (t *condensed) simplify(threshold float64) *condensed {
	h := newHierarchy(t)
	clusters := len(h.parent)
	into := make([]int32, clusters) // what a cluster becomes part of: itself, or its parent
	at := make([]float64, clusters) // the λ by which rows of a cluster have left what it becomes part of
	deep := append([]float64(nil), h.death...)
	leaf := make([]bool, clusters)
	for c := clusters - 1; c >= 0; c-- {
		into[c], at[c] = int32(c), math.Inf(1)
		l := h.split[c]
		if l == 0 {
			leaf[c] = true
			continue
		}
		weak, strong := l, l+1
		if deep[l] > deep[l+1] {
			weak, strong = strong, weak
		}
		deep[c] = max(deep[c], deep[strong])
		if deep[weak]-h.birth[l] >= threshold {
			continue
		}
		if leaf[strong] {
			leaf[c] = true
		} else {
			at[weak] = h.birth[l]
		}
		into[l], into[l+1] = int32(c), int32(c)
	}
	out := &condensed{n: t.n, rows: t.rows, falls: make([]fall, 0, len(t.falls))}
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
