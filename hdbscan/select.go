package hdbscan

import "math"

// selection is a flat clustering: a set of clusters of a hierarchy none of which holds another.
type selection struct {
	clusters  []int32   // selected, rising: the cluster of each label
	stability []float64 // of each label's cluster, as the selection left it
	label     []int     // by cluster of the hierarchy: the label of the selected cluster that it is or lies in, or −1
	rootFrom  float64   // where the root is selected, the λ from which on rows are in the cluster; 0 where it is not
}

// choose selects clusters (get_clusters of hdbscan 0.8.44). classes is for SemiSupervised.
func (h *hierarchy) choose(cfg settings, classes []int) *selection {
	k := len(h.parent)
	chosen := make([]bool, k)
	if h.n < 2 { // one row is no cluster
		return &selection{label: []int{-1}}
	}
	stability := append([]float64(nil), h.stability...)
	switch {
	case cfg.ClusterSelectionMethod == Leaf:
		// The root alone is no leaf cluster, whatever AllowSingleCluster says.
		for c := 1; c < k; c++ {
			chosen[c] = h.split[c] == 0
		}
	case classes != nil:
		h.byClasses(cfg, classes, chosen)
	default:
		h.excessOfMass(cfg, chosen, stability)
	}
	if cfg.ClusterSelectionEpsilon != 0 && !chosen[0] {
		h.atLeastEpsilon(cfg, chosen)
	}
	s := h.selected(chosen, stability)
	if cfg.ClusterSelectionEpsilon != 0 && chosen[0] {
		s.rootFrom = 1 / cfg.ClusterSelectionEpsilon
	}
	return s
}

// selected is the selection of the chosen clusters; of those within each other the uppermost counts.
func (h *hierarchy) selected(chosen []bool, stability []float64) *selection {
	s := &selection{label: make([]int, len(chosen))}
	if chosen[0] {
		s.rootFrom = h.death[0]
	}
	for c := range chosen {
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
	return s
}

// excessOfMass marks, from the leaves up, every cluster that is at least as stable as the clusters below it together, not
// too large, and not born too far from its sibling. stability becomes that of the best choice in each subtree.
func (h *hierarchy) excessOfMass(cfg settings, chosen []bool, stability []float64) {
	last := 1
	if cfg.AllowSingleCluster {
		last = 0
	}
	for c := len(h.parent) - 1; c >= last; c-- {
		below := h.below(c, stability)
		size, least := h.weight[c], h.birth[c]
		if c == 0 {
			// The original counts the rows that reach the root's first split, none where there is no split.
			size, least = h.below(0, h.weight), h.least
		}
		if below > stability[c] || cfg.MaxClusterSize > 0 && size > float64(cfg.MaxClusterSize) ||
			cfg.ClusterSelectionEpsilonMax > 0 && 1/least > cfg.ClusterSelectionEpsilonMax || h.parted(int32(c)) {
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
func (h *hierarchy) atLeastEpsilon(cfg settings, chosen []bool) {
	up := make([]int32, len(chosen)) // what a cluster is replaced by
	to := make([]bool, len(chosen))
	for c := 1; c < len(chosen); c++ {
		switch p := h.parent[c]; {
		case h.parted(p):
			up[c] = int32(c)
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
	if lambda == 0 || lambda < s.rootFrom {
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
// stability that it has. weights, of the rows, may be nil.
func (h *hierarchy) assign(s *selection, weights []float64) (labels []int, probabilities, persistence []float64) {
	labels, probabilities = make([]int, h.n), make([]float64, h.n)
	weight := make([]float64, len(s.clusters))
	for i, c := range h.rowCluster {
		l := s.at(c, h.rowLambda[i])
		labels[i] = l
		probabilities[i] = h.strength(s, l, h.rowLambda[i])
		switch {
		case l < 0:
		case weights == nil:
			weight[l]++
		default:
			weight[l] += weights[i]
		}
	}
	deepest := h.deepest[0]
	persistence = make([]float64, len(s.clusters))
	for l := range persistence {
		persistence[l] = 1
		if !math.IsInf(deepest, 1) && deepest > 0 && weight[l] > 0 {
			persistence[l] = s.stability[l] / (weight[l] * deepest)
		}
	}
	return labels, probabilities, persistence
}
