package hdbscan

import (
	"math"
	"slices"
)

// OutlierScores has for each row its GLOSH score, from 0 to 1: how much later than the row the last one leaves the row's
// cluster or a cluster below it, (λmax − λ)/λmax (Campello, Moulavi, Zimek and Sander, "Hierarchical Density Estimates for
// Data Clustering, Visualization, and Outlier Detection", TKDD 10, 2015, doi:10.1145/2733381). [outlier_scores_].
func (m *Model) OutlierScores() []float64 {
	out := make([]float64, m.rows)
	if h := m.hierarchy; h != nil {
		for i, c := range h.rowCluster {
			out[i] = h.outlying(c, h.rowLambda[i])
		}
	}
	return out
}

// outlying is the outlier score of what leaves a cluster at lambda.
func (h *hierarchy) outlying(cluster int32, lambda float64) float64 {
	most := h.deepest[cluster]
	switch {
	case most == 0 || math.IsInf(lambda, 1):
		return 0
	case math.IsInf(most, 1):
		return 1
	}
	return (most - min(lambda, most)) / most
}

// Exemplars has for each cluster the rows at its cores, rising: those that leave last each of the leaves of the condensed
// tree that the cluster is or holds. [exemplars_, as rows].
func (m *Model) Exemplars() [][]int {
	if m.hierarchy == nil {
		return [][]int{}
	}
	h, s := m.hierarchy, m.selection
	out := make([][]int, len(s.clusters))
	for i, c := range h.rowCluster {
		if l := s.label[c]; l >= 0 && h.split[c] == 0 && h.rowLambda[i] == h.death[c] {
			out[l] = append(out[l], i)
		}
	}
	for l := range out {
		out[l] = slices.Clip(out[l])
	}
	return out
}
