package hdbscan

import "math"

// hierarchy is the condensed tree seen by clusters and by rows. Clusters are numbered from 0, the root, so that a
// parent's number is below its children's.
type hierarchy struct {
	n      int // rows of data; cluster c of the hierarchy is n+c in the condensed tree
	parent []int32
	birth  []float64 // λ at which a cluster leaves its parent; 0 for the root
	death  []float64 // largest λ at which anything leaves the cluster
	size   []int32   // rows of a cluster at its birth
	split  []int32   // the first of a cluster's two children, which are numbered in succession; 0: a leaf

	stability []float64 // Σ (λ − birth)·size over what leaves a cluster

	rowCluster []int32   // the cluster that a row leaves
	rowLambda  []float64 // and its λ
}

// newHierarchy reads a condensed tree over n rows, n ≥ 1.
func newHierarchy(n int, rows []CondensedEdge) *hierarchy {
	clusters := 1
	for _, e := range rows {
		if e.Child >= n {
			clusters++
		}
	}
	h := &hierarchy{
		n: n, parent: make([]int32, clusters), birth: make([]float64, clusters), death: make([]float64, clusters),
		size: make([]int32, clusters), split: make([]int32, clusters), stability: make([]float64, clusters),
		rowCluster: make([]int32, n), rowLambda: make([]float64, n),
	}
	h.parent[0], h.size[0] = -1, int32(n)
	for _, e := range rows {
		p := e.Parent - n
		h.death[p] = max(h.death[p], e.Lambda)
		if c := e.Child - n; c >= 0 {
			h.parent[c], h.birth[c], h.size[c] = int32(p), e.Lambda, int32(e.Size)
			if h.split[p] == 0 {
				h.split[p] = int32(c)
			}
		} else {
			h.rowCluster[e.Child], h.rowLambda[e.Child] = int32(p), e.Lambda
		}
	}
	// A birth is always finite: what has distance 0 is never split.
	for _, e := range rows {
		p := e.Parent - n
		h.stability[p] += float64((e.Lambda - h.birth[p]) * float64(e.Size))
	}
	return h
}

// selection is a flat clustering: a set of clusters of a hierarchy none of which holds another.
type selection struct {
	clusters  []int32   // selected, rising: the cluster of each label
	stability []float64 // of each label's cluster, as the selection left it
	label     []int     // by cluster of the hierarchy: the label of the selected cluster that it is or lies in, or −1
	rootFrom  float64   // where the root is selected, the λ from which on rows that leave it are in the cluster
}

// choose selects clusters (get_clusters of hdbscan 0.8.44).
func (h *hierarchy) choose(cfg Config) *selection {
	k := len(h.parent)
	chosen := make([]bool, k)
	if h.n < 2 { // one row is no cluster
		return &selection{label: []int{-1}}
	}
	stability := append([]float64(nil), h.stability...)
	switch cfg.ClusterSelectionMethod {
	case Leaf:
		// The root alone is no leaf cluster, whatever AllowSingleCluster says.
		for c := 1; c < k; c++ {
			chosen[c] = h.split[c] == 0
		}
	default:
		h.excessOfMass(cfg, chosen, stability)
	}
	if cfg.ClusterSelectionEpsilon != 0 && !chosen[0] {
		h.atLeastEpsilon(cfg, chosen)
	}

	s := &selection{label: make([]int, k)}
	for c := range k {
		s.label[c] = -1
		if c > 0 {
			s.label[c] = s.label[h.parent[c]]
		}
		if chosen[c] && s.label[c] < 0 {
			s.label[c] = len(s.clusters)
			s.clusters = append(s.clusters, int32(c))
			s.stability = append(s.stability, stability[c])
		}
	}
	s.rootFrom = h.death[0]
	if cfg.ClusterSelectionEpsilon != 0 {
		s.rootFrom = 1 / cfg.ClusterSelectionEpsilon
	}
	return s
}

// excessOfMass marks, from the leaves up, every cluster that is at least as stable as the clusters below it together
// and not too large. stability becomes that of the best choice in each subtree.
func (h *hierarchy) excessOfMass(cfg Config, chosen []bool, stability []float64) {
	last := 1
	if cfg.AllowSingleCluster {
		last = 0
	}
	for c := len(h.parent) - 1; c >= last; c-- {
		var below float64
		if l := h.split[c]; l != 0 {
			below = stability[l] + stability[l+1]
		}
		size := int(h.size[c])
		if c == 0 {
			// The original counts the rows that reach the root's first split, none where there is no split.
			size = 0
			if l := h.split[0]; l != 0 {
				size = int(h.size[l] + h.size[l+1])
			}
		}
		if below > stability[c] || cfg.MaxClusterSize > 0 && size > cfg.MaxClusterSize {
			stability[c] = below
		} else {
			chosen[c] = true
		}
	}
	h.topmost(chosen)
}

// topmost unmarks every cluster that lies in a marked one.
func (h *hierarchy) topmost(chosen []bool) {
	inside := make([]bool, len(chosen))
	for c := 1; c < len(chosen); c++ {
		p := h.parent[c]
		inside[c] = inside[p] || chosen[p]
		chosen[c] = chosen[c] && !inside[c]
	}
}

// atLeastEpsilon replaces every chosen cluster that parts from its parent below cfg.ClusterSelectionEpsilon by its first
// ancestor that parts above it (Malzer and Baum, "A Hybrid Approach to Hierarchical Density-based Cluster Selection",
// doi:10.1109/MFI49285.2020.9235263). Where there is none, that is the root with AllowSingleCluster and otherwise the
// ancestor just below the root.
func (h *hierarchy) atLeastEpsilon(cfg Config, chosen []bool) {
	up := make([]int32, len(chosen)) // what a cluster is replaced by
	to := make([]bool, len(chosen))
	for c := 1; c < len(chosen); c++ {
		switch p := h.parent[c]; {
		case p == 0 && cfg.AllowSingleCluster:
			up[c] = 0
		case p == 0:
			up[c] = int32(c)
		case 1/h.birth[p] > cfg.ClusterSelectionEpsilon:
			up[c] = p
		default:
			up[c] = up[p]
		}
		if chosen[c] {
			if 1/h.birth[c] < cfg.ClusterSelectionEpsilon {
				to[up[c]] = true
			} else {
				to[c] = true
			}
		}
	}
	h.topmost(to)
	copy(chosen, to)
}

// at is the label of a row that leaves a cluster at lambda.
func (s *selection) at(cluster int32, lambda float64) int {
	if cluster == 0 && lambda < s.rootFrom {
		return -1
	}
	return s.label[cluster]
}

// strength is how deep in a label's cluster something is that leaves it at lambda, in [0, 1].
func (h *hierarchy) strength(s *selection, label int, lambda float64) float64 {
	if label < 0 {
		return 0
	}
	deepest := h.death[s.clusters[label]]
	if deepest == 0 || math.IsInf(lambda, 1) {
		return 1
	}
	return min(lambda, deepest) / deepest
}

// assign gives every row its label and probability, and every label its persistence: the share of the largest possible
// stability that it has.
func (h *hierarchy) assign(s *selection) (labels []int, probabilities, persistence []float64) {
	labels, probabilities = make([]int, h.n), make([]float64, h.n)
	count := make([]int, len(s.clusters))
	for i, c := range h.rowCluster {
		l := s.at(c, h.rowLambda[i])
		labels[i] = l
		probabilities[i] = h.strength(s, l, h.rowLambda[i])
		if l >= 0 {
			count[l]++
		}
	}
	var deepest float64
	for _, d := range h.death {
		deepest = max(deepest, d)
	}
	persistence = make([]float64, len(s.clusters))
	for l := range persistence {
		persistence[l] = 1
		if !math.IsInf(deepest, 1) && deepest > 0 && count[l] > 0 {
			persistence[l] = s.stability[l] / (float64(count[l]) * deepest)
		}
	}
	return labels, probabilities, persistence
}
