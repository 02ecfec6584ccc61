package hdbscan

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Cut gives the clusters that there are at one distance: rows joined by edges of the spanning tree shorter than distance,
// where there are at least minSize of them (by weight, if rows have weights); others are outliers, −1. Clusters are
// numbered by their first rows. It is DBSCAN without border points, eps being distance [dbscan_clustering], and, with
// Config.Alpha √2 and MinSamples k, robust single linkage (Chaudhuri and Dasgupta, "Rates of convergence for the cluster
// tree", NIPS 2010). [RobustSingleLinkage: cut, gamma, k, alpha] The error says that distance is NaN or minSize below 1.
func (m *Model) Cut(distance float64, minSize int) ([]int, error) {
	if math.IsNaN(distance) || minSize < 1 {
		return nil, fmt.Errorf("hdbscan: cut at %v with clusters of at least %d, want a number and at least 1", distance, minSize)
	}
	labels := make([]int, m.rows)
	if m.linkage == nil {
		return labels, nil
	}
	merges, n := m.linkage.merges, m.rows
	// Merges rise by distance: those that are made come first.
	made, _ := slices.BinarySearchFunc(merges, distance, func(e merge, d float64) int {
		if e.dist < d {
			return -1
		}
		return 1
	})
	top := make([]int32, n+made) // the last merge above a node
	for v := n + made - 1; v >= 0; v-- {
		if top[v] == 0 {
			top[v] = int32(v)
		}
		if v >= n {
			top[merges[v-n].left], top[merges[v-n].right] = top[v], top[v]
		}
	}
	number := make([]int, n+made)
	next := 1
	for i := range labels {
		c := top[i]
		labels[i] = -1
		if m.linkage.weighs(c) < float64(minSize) {
			continue
		}
		if number[c] == 0 {
			number[c] = next
			next++
		}
		labels[i] = number[c] - 1
	}
	return labels, nil
}

// Flat selects exactly n clusters: the deepest splits above the selected clusters are undone until n are left; where
// fewer are selected it starts from the leaves of the condensed tree. [HDBSCAN_flat, which searches for an epsilon that
// does this and may not find one]
//
// The error says how many clusters there can be.
func (m *Model) Flat(ctx context.Context, n int) (*Model, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	if m.hierarchy == nil || m.rows < 2 {
		return nil, fmt.Errorf("hdbscan: %d clusters of %d rows are not possible", n, m.rows)
	}
	h := m.hierarchy
	k := len(h.parent)
	chosen := make([]bool, k)
	for _, c := range m.selection.clusters {
		chosen[c] = true
	}
	count := len(m.selection.clusters)
	if count < n {
		count = 0
		for c := range k {
			if chosen[c] = h.split[c] == 0; chosen[c] {
				count++
			}
		}
	}
	parted := 0 // clusters lost if all splits that cannot be undone were undone
	for c := range k {
		if h.parted(int32(c)) {
			parted += int(h.parts[c]) - 1
		}
	}
	if n < 1+parted || n > count {
		return nil, fmt.Errorf("hdbscan: %d clusters are not possible, want from %d to %d", n, 1+parted, count)
	}
	// The splits above chosen clusters, the deepest last.
	var splits []int32
	above := make([]bool, k)
	for c := k - 1; c > 0; c-- {
		if p := h.parent[c]; (chosen[c] || above[c]) && !above[p] {
			above[p] = true
			splits = append(splits, p)
		}
	}
	slices.SortFunc(splits, func(a, b int32) int {
		switch x, y := h.birth[h.split[a]], h.birth[h.split[b]]; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return int(a - b)
	})
	under := make([]int, k) // chosen clusters in a cluster
	for c := k - 1; c >= 0; c-- {
		if chosen[c] {
			under[c] = 1
		}
		if c > 0 {
			under[h.parent[c]] += under[c]
		}
	}
	for i := len(splits) - 1; count > n && i >= 0; i-- {
		p := splits[i]
		if under[p] < 2 {
			continue // all but one of its sides have nothing selected
		}
		if count-under[p]+1 < n {
			continue // too many clusters would become one
		}
		chosen[p] = true
		gone := under[p] - 1
		count -= gone
		for c := p; c >= 0; c = h.parent[c] {
			under[c] -= gone
		}
	}
	if count > n {
		return nil, fmt.Errorf("hdbscan: %d clusters are not possible: splits at one distance part more than two", n)
	}
	out := m.derived()
	out.choose(h.selected(chosen, h.stability))
	return out, nil
}
