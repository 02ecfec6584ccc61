package community

import (
	"context"
	"slices"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// nest makes layers that lie in each other of a scan, whose best layer stays as it is. Coarser ones join its communities, each
// those of the next finer layer. Finer ones split them, each those of the next coarser layer, starting from where the scan's
// layer of the same resolution cuts them. Layers that come out equal are one. It is the partitions before outliers are taken out
// that nest; as a coarser community holds all edges of a finer one, an outlier of a layer is one in every finer layer too.
func (m *Model) nest(ctx context.Context, s *scorer, net *network, scan []*layer, best int) (layers []*layer, chosen int, err error) {
	out := slices.Clone(scan)
	for i := best - 1; i >= 0; i-- {
		if out[i], err = m.join(ctx, net, out[i+1], scan[i].resolution); err != nil {
			return nil, 0, err
		}
	}
	for i := best + 1; i < len(out); i++ {
		if out[i], err = m.split(ctx, net, out[i-1], scan[i]); err != nil {
			return nil, 0, err
		}
	}
	for i, l := range out {
		switch last := len(layers) - 1; {
		case last < 0 || !slices.Equal(layers[last].labels, l.labels):
			layers = append(layers, l)
		case i == best:
			layers[last] = l
		}
		if i == best {
			chosen = len(layers) - 1
		}
	}
	return layers, chosen, parallel.Loop{Workers: m.cfg.Workers, Block: 1}.Run(ctx, len(layers), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			if i != chosen {
				layers[i].score = s.score(numbers(layers[i].labels), layers[i].count)
			}
		}
		return nil
	})
}

// join is a layer whose communities are made of whole communities, and outliers, of a finer one.
func (m *Model) join(ctx context.Context, net *network, fine *layer, resolution float64) (*layer, error) {
	group := slices.Clone(fine.whole)
	k := int32(fine.groups)
	for v, c := range group {
		if c < 0 {
			group[v] = k
			k++
		}
	}
	part := alone(int(k))
	if err := (&search{resolution: resolution}).run(ctx, net.aggregate(group, int(k)), part, m.cfg.Rounds); err != nil {
		return nil, err
	}
	for v, c := range group {
		group[v] = part[c]
	}
	return m.layer(group, nil, fine.whole, resolution), nil
}

// split is a layer whose communities lie in those of a coarser one. The search starts from the parts in which the communities
// of found lie in the coarse ones.
func (m *Model) split(ctx context.Context, net *network, coarse, found *layer) (*layer, error) {
	class := coarse.whole
	members := make([][]int32, coarse.groups)
	at := make([]int32, len(class)) // the place of each row among its members
	for v, c := range class {
		if c >= 0 {
			at[v] = int32(len(members[c]))
			members[c] = append(members[c], int32(v))
		}
	}
	first := make([]int32, coarse.groups) // the number of a class's first part
	for c := 1; c < len(first); c++ {
		first[c] = first[c-1] + int32(len(members[c-1]))
	}
	part := make([]int32, len(class))
	err := parallel.Loop{Workers: m.cfg.Workers, Block: 1}.Run(ctx, len(members), func(_, lo, hi int) error {
		for c := lo; c < hi; c++ {
			within := meet(members[c], found.whole)
			if err := (&search{resolution: found.resolution}).run(ctx, net.within(members[c], at, class), within, m.cfg.Rounds); err != nil {
				return err
			}
			for i, v := range members[c] {
				part[v] = first[c] + within[i]
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m.layer(part, class, nil, found.resolution), nil
}

// within is the network of some vertices, which are all those of a class. Edges that lead out of it count in the volumes.
func (g *network) within(members, at, class []int32) *network {
	out := &network{start: make([]int, len(members)+1), vol: make([]float64, len(members)), total: g.total}
	for i, v := range members {
		out.vol[i] = g.vol[v]
		for e := g.start[v]; e < g.start[v+1]; e++ {
			if u := g.to[e]; class[u] == class[v] {
				out.to, out.w = append(out.to, at[u]), append(out.w, g.w[e])
			}
		}
		out.start[i+1] = len(out.to)
	}
	return out
}

// meet numbers members by their labels from 0, in the order in which these first appear; each −1 has a number of its own.
func meet(members, labels []int32) []int32 {
	out := make([]int32, len(members))
	number := map[int32]int32{}
	k := int32(0)
	for i, v := range members {
		n, ok := number[labels[v]]
		if !ok || labels[v] < 0 {
			n = k
			number[labels[v]] = n
			k++
		}
		out[i] = n
	}
	return out
}

// alone numbers each of n vertices by itself.
func alone(n int) []int32 {
	out := make([]int32, n)
	for v := range out {
		out[v] = int32(v)
	}
	return out
}

// numbers is labels as the searches take them.
func numbers(labels []int) []int32 {
	out := make([]int32, len(labels))
	for i, l := range labels {
		out[i] = int32(l)
	}
	return out
}
