package hdbscan

import (
	"cmp"
	"math"
	"slices"
)

// TreePlot is a condensed tree laid out for drawing, the root at λ 0 and the leaves side by side. Everything has numbers
// that a plotting library takes as they are; what is at an infinite λ is drawn at twice the largest finite one.
type TreePlot struct {
	Clusters []PlotCluster
}

// PlotCluster is one cluster of a TreePlot: a bar from Birth to Death that becomes thinner as rows leave it.
type PlotCluster struct {
	Cluster  int // its number in the condensed tree
	Parent   int // of the cluster that it parts from, −1 for the root
	Label    int // of the selected cluster that it is, or −1
	X        float64
	Birth    float64 // λ
	Death    float64
	Steps    []PlotStep // Lambda rises; the first is at Birth
	Children []int      // places in TreePlot.Clusters of what it parts into, two or more; nil for a leaf
}

// PlotStep says that from Lambda on a cluster has Size rows.
type PlotStep struct {
	Lambda float64
	Size   int
}

// TreePlot lays out the condensed tree: leaves are at X 0, 1, … from left to right and every other cluster in the middle
// of its first and its last child. [condensed_tree_.plot, get_plot_data].
func (m *Model) TreePlot() TreePlot {
	h := m.hierarchy
	if h == nil || len(m.condensed.falls) == 0 {
		return TreePlot{}
	}
	var most float64
	for _, e := range m.condensed.falls {
		if !math.IsInf(e.lambda, 1) {
			most = max(most, e.lambda)
		}
	}
	finite := func(lambda float64) float64 {
		if math.IsInf(lambda, 1) {
			return 2 * max(most, 0.5)
		}
		return lambda
	}
	out := make([]PlotCluster, len(h.parent))
	for c := range out {
		out[c] = PlotCluster{
			Cluster: h.n + c, Parent: -1, Label: -1, Birth: h.birth[c], Death: finite(h.death[c]),
			Steps: []PlotStep{{h.birth[c], int(h.size[c])}},
		}
		if p := h.parent[c]; p >= 0 {
			out[c].Parent = h.n + int(p)
		}
		for l, hi := h.children(c); l < hi; l++ {
			out[c].Children = append(out[c].Children, l)
		}
	}
	for l, c := range m.selection.clusters {
		out[c].Label = l
	}
	leaving := make([][]PlotStep, len(out))
	for _, e := range m.condensed.falls {
		p, size := int(e.parent)-h.n, 1
		if c := int(e.child) - h.n; c >= 0 {
			size = int(h.size[c])
		}
		leaving[p] = append(leaving[p], PlotStep{finite(e.lambda), size})
	}
	for c, steps := range leaving {
		slices.SortFunc(steps, func(a, b PlotStep) int { return cmp.Compare(a.Lambda, b.Lambda) })
		for _, s := range steps {
			last := &out[c].Steps[len(out[c].Steps)-1]
			if s.Lambda > last.Lambda {
				out[c].Steps = append(out[c].Steps, PlotStep{s.Lambda, last.Size - s.Size})
			} else {
				last.Size -= s.Size
			}
		}
	}
	// Leaves from left to right, without recursion.
	next := 0.0
	stack := []int32{0}
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if lo, hi := h.children(int(c)); lo != 0 {
			for l := hi - 1; l >= lo; l-- {
				stack = append(stack, int32(l))
			}
			continue
		}
		out[c].X = next
		next++
	}
	for c := len(out) - 1; c >= 0; c-- {
		if lo, hi := h.children(c); lo != 0 {
			out[c].X = (out[lo].X + out[hi-1].X) / 2
		}
	}
	return TreePlot{out}
}
