package hdbscan

import (
	"context"
	"math"
	"slices"
)

// fitGraph finds core distances and the spanning tree of a graph. Core distances are those of the pairs that are stored: a
// row with too few of them is out of reach. Parts that are out of each other's reach are tied by edges of infinite length,
// each at its first row to the first row of all.
func (m *Model) fitGraph(ctx context.Context, d Data) error {
	n, t := m.rows, m.tree
	pairs, err := d.Graph.pairs()
	if err != nil {
		return err
	}
	near := make([][]neighbour, n)
	for _, e := range pairs {
		near[e.a] = append(near[e.a], neighbour{e.d2, e.b})
		near[e.b] = append(near[e.b], neighbour{e.d2, e.a})
	}
	m.cores = &cores{sq: make([]float64, n)}
	for i := range near {
		slices.SortFunc(near[i], neighbour.compare)
		others := m.minSamples - (t.weighs(int32(i)) - 1)
		for _, v := range near[i] {
			if others <= 0 {
				break
			}
			m.cores.sq[i] = v.distance
			others -= t.weighs(v.row)
		}
		if others > 0 {
			m.cores.sq[i] = math.Inf(1)
		}
	}
	if n == 1 {
		m.cores.sq[0] = 0
	}
	edges := pairs[:0]
	for _, e := range pairs {
		e.w2 = max(m.cores.sq[e.a], m.cores.sq[e.b], float64(e.d2*t.scale))
		if !math.IsInf(e.w2, 1) {
			edges = append(edges, e)
		}
	}
	if edges, err = sortLinks(ctx, edges, m.cfg.Workers); err != nil {
		return err
	}
	c := newConflicts(d, n)
	m.links = make([]link, 0, n-1)
	for _, e := range edges {
		if a, b := c.find(e.a), c.find(e.b); a != b && !c.between(a, b) {
			c.join(a, b)
			m.links = append(m.links, e)
		}
	}
	m.links = c.bridge(m.links)
	return nil
}

// neighbor is a row at a distance.
type neighbour struct {
	distance float64
	row      int32
}

func (a neighbour) compare(b neighbour) int {
	switch {
	case a.distance < b.distance:
		return -1
	case a.distance > b.distance:
		return 1
	}
	return int(a.row - b.row)
}
