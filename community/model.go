package community

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Model is a set of layers of communities, of which one is chosen. It is immutable and safe for concurrent use.
type Model struct {
	cfg    Config
	x      blas32.General
	graph  Graph
	layers []*layer // coarsest first
	chosen int
	search *finder
	first  []int32 // the first row that is equal to each
}

// layer is a partition: numbers from 0 in the order of their first rows, −1 for outliers.
type layer struct {
	resolution float64
	labels     []int
	strength   []float64
	count      int
	whole      []int32 // the partition before outliers were taken out of it, which is what nests; −1 for rows that no edges tie
	groups     int     // of whole
	score      Score
}

// Layer describes one granularity of a model.
type Layer struct {
	Communities int     // how many there are
	Resolution  float64 // that they were found at
	Outliers    float64 // the share of rows that belong to none
	Score       Score
}

// Fit finds the communities of the rows of x that g ties together, at many resolutions, chooses the layer with the
// highest score, and nests the others around it. x is kept: it must not be changed later.
//
// Errors: a graph that does not fit x, a *stage.ValueError, *ConfigErrors, the context's cause.
func Fit(ctx context.Context, x blas32.General, g Graph, cfg Config) (*Model, error) {
	m, err := fit(ctx, x, g, cfg)
	if err != nil {
		return nil, fmt.Errorf("community: %w", err)
	}
	return m, nil
}

func fit(ctx context.Context, x blas32.General, g Graph, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := check.Matrix(x); err != nil {
		return nil, err
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	if x.Rows != g.Vertices() || x.Rows == 0 {
		return nil, fmt.Errorf("%d rows and %d vertices, want the same number, at least 1", x.Rows, g.Vertices())
	}
	m := &Model{cfg: cfg, x: x, graph: g, search: &finder{}}
	m.first = firstEqual(x)
	s := newScorer(x, g, cfg.Sample)
	net := newNetwork(m.graph)
	scan, err := m.scan(ctx, s, net)
	if err != nil {
		return nil, err
	}
	best := 0
	for i, l := range scan {
		if cfg.Communities > 0 {
			if abs(l.count-cfg.Communities) < abs(scan[best].count-cfg.Communities) {
				best = i
			}
		} else if l.score.Value() > scan[best].score.Value() {
			best = i
		}
	}
	m.layers, m.chosen, err = m.nest(ctx, s, net, scan, best)
	return m, err
}

// scan finds a partition for each resolution.
func (m *Model) scan(ctx context.Context, s *scorer, net *network) ([]*layer, error) {
	out := make([]*layer, m.cfg.Resolutions)
	// The finest take longest: they come first.
	err := parallel.Loop{Workers: m.cfg.Workers, Block: 1, Progress: m.cfg.Progress}.Run(ctx, len(out), func(_, lo, hi int) error {
		for b := lo; b < hi; b++ {
			i := len(out) - 1 - b
			part := alone(net.n())
			r := m.cfg.resolution(i)
			if err := (&search{resolution: r}).run(ctx, net, part, m.cfg.Rounds); err != nil {
				return err
			}
			out[i] = m.layer(part, nil, nil, r)
			out[i].score = s.score(part, out[i].count)
		}
		return nil
	})
	return out, err
}

// resolution is the i-th.
func (c Config) resolution(i int) float64 {
	if c.Resolutions == 1 {
		return c.Coarsest
	}
	return c.Coarsest * math.Pow(c.Finest/c.Coarsest, float64(i)/float64(c.Resolutions-1))
}

// layer makes a layer of a partition, which it overwrites, without its score. With classes, each row's part lies in its class,
// and where that is −1 the row stays outside. With kept, a part that has rows whose kept is not −1 is large enough.
func (m *Model) layer(part, class, kept []int32, resolution float64) *layer {
	m.dissolve(part, class, kept)
	for v, first := range m.first {
		part[v] = part[first]
	}
	whole, groups := consecutive(part)
	l := &layer{resolution: resolution, whole: whole, groups: groups, labels: make([]int, len(part)), strength: make([]float64, len(part))}
	for v, c := range part {
		var own, all float64
		for e := m.graph.Start[v]; e < m.graph.Start[v+1]; e++ {
			w := float64(m.graph.Weight[e])
			all += w
			if part[m.graph.Index[e]] == c {
				own += w
			}
		}
		if c >= 0 && all > 0 {
			l.strength[v] = own / all
		}
	}
	for v, first := range m.first {
		if l.strength[v] = l.strength[first]; l.strength[v] < m.cfg.MinStrength || l.strength[v] == 0 {
			part[v], l.strength[v] = -1, 0
		}
	}
	numbered, count := consecutive(part)
	copy(part, numbered)
	for v, c := range part {
		l.labels[v] = int(c)
	}
	l.count = count
	return l
}

// consecutive numbers the groups from 0 in the order of their first rows and counts them; −1 stays.
func consecutive(part []int32) (out []int32, count int) {
	out = make([]int32, len(part))
	number := map[int32]int32{}
	for v, c := range part {
		if out[v] = -1; c < 0 {
			continue
		}
		n, ok := number[c]
		if !ok {
			n = int32(len(number))
			number[c] = n
		}
		out[v] = n
	}
	return out, len(number)
}

// dissolve gives the rows of communities that are too small to those that they are tied to most, −1 where there is none. With
// classes, only to those in the own class, and a class without a community that is large enough becomes one.
func (m *Model) dissolve(part, class, kept []int32) {
	size := map[int32]int{}
	for _, c := range part {
		size[c]++
	}
	for v, k := range kept {
		if k >= 0 {
			size[part[v]] = max(size[part[v]], m.cfg.MinSize)
		}
	}
	if class != nil {
		large, whole := map[int32]bool{}, map[int32]int32{}
		for v, c := range part {
			large[class[v]] = large[class[v]] || size[c] >= m.cfg.MinSize
		}
		for v, k := range class {
			if k < 0 {
				part[v] = -1
				continue
			}
			if large[k] {
				continue
			}
			if _, ok := whole[k]; !ok {
				whole[k] = part[v]
				size[part[v]] = m.cfg.MinSize
			}
			part[v] = whole[k]
		}
	}
	var lost []int32
	for v, c := range part {
		if c >= 0 && size[c] < m.cfg.MinSize {
			lost = append(lost, int32(v))
			part[v] = -1
		}
	}
	for len(lost) > 0 {
		to := make([]int32, len(lost))
		for i, v := range lost {
			sum := map[int32]float64{}
			best := int32(-1)
			for e := m.graph.Start[v]; e < m.graph.Start[v+1]; e++ {
				u := m.graph.Index[e]
				if c := part[u]; c >= 0 && (class == nil || class[u] == class[v]) {
					sum[c] += float64(m.graph.Weight[e])
					if best < 0 || sum[c] > sum[best] || sum[c] == sum[best] && c < best {
						best = c
					}
				}
			}
			to[i] = best
		}
		var left []int32
		for i, v := range lost {
			if part[v] = to[i]; to[i] < 0 {
				left = append(left, v)
			}
		}
		if len(left) == len(lost) {
			return
		}
		lost = left
	}
}

// Labels has the number of each row's community, −1 for outliers.
func (m *Model) Labels() []int { return slices.Clone(m.layers[m.chosen].labels) }

// Strengths is the share of the weight of each row's edges that leads into its own community, 0 for outliers.
func (m *Model) Strengths() []float64 { return slices.Clone(m.layers[m.chosen].strength) }

// Layers lists the granularities, coarsest first. Each community lies in one of the layer before. No two layers are equal, so
// that there may be fewer than Config.Resolutions.
func (m *Model) Layers() []Layer {
	out := make([]Layer, len(m.layers))
	for i, l := range m.layers {
		outside := 0
		for _, c := range l.labels {
			if c < 0 {
				outside++
			}
		}
		out[i] = Layer{l.count, l.resolution, float64(outside) / float64(len(l.labels)), l.score}
	}
	return out
}

// Chosen is the place in Layers of the layer that Labels and Predict are of.
func (m *Model) Chosen() int { return m.chosen }

// At is the model of another layer, by its place in Layers.
func (m *Model) At(layer int) (*Model, error) {
	if layer < 0 || layer >= len(m.layers) {
		return nil, fmt.Errorf("community: layer %d, want from 0 to %d", layer, len(m.layers)-1)
	}
	out := *m
	out.chosen = layer
	return &out, nil
}

func abs(i int) int { return max(i, -i) }

// firstEqual is the number of the first row that is equal to each.
func firstEqual(x blas32.General) []int32 {
	out := make([]int32, x.Rows)
	seen := make(map[uint64][]int32, x.Rows)
rows:
	for i := range out {
		h := uint64(0)
		for _, v := range dense.Row(x, i) {
			h = (h ^ uint64(math.Float32bits(v))) * 0x9e3779b97f4a7c15
			h ^= h >> 29
		}
		for _, j := range seen[h] {
			if slices.Equal(dense.Row(x, i), dense.Row(x, int(j))) {
				out[i] = j
				continue rows
			}
		}
		out[i] = int32(i)
		seen[h] = append(seen[h], int32(i))
	}
	return out
}
