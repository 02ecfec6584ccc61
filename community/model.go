package community

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Model is a set of layers of communities, of which one is chosen. It is immutable and safe for concurrent use.
type Model struct {
	config Config   // as given
	cfg    settings // what it means
	x      blas32.General
	graph  sparse.CSR[float32]
	layers []*layer // coarsest first
	chosen int
	search *finder
	first  []int32 // the first row that is equal to each
	times  []int   // how many rows each row of x stands for; nil: 1 each
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

// newModel returns a model without layers.
func newModel(x blas32.General, g sparse.CSR[float32], cfg Config) *Model {
	return &Model{config: cfg, cfg: cfg.resolve(), x: x, graph: g, search: &finder{}, first: firstEqual(x)}
}

// Fit finds the communities of the rows of x that g ties together, at many resolutions, chooses the layer with the
// highest score, and nests the others around it. x is kept: it must not be changed later.
//
// Errors: a graph that does not fit x, a *stage.ValueError, *ConfigErrors, the context's cause.
func Fit(ctx context.Context, x blas32.General, g sparse.CSR[float32], cfg Config) (*Model, error) {
	m, err := fit(ctx, x, g, cfg)
	if err != nil {
		return nil, fmt.Errorf("community: %w", err)
	}
	return m, nil
}

func fit(ctx context.Context, x blas32.General, g sparse.CSR[float32], cfg Config) (*Model, error) {
	if err := errors.Join(cfg.Validate(), simd.Forced()); err != nil {
		return nil, err
	}
	if err := check.Matrix(x); err != nil {
		return nil, err
	}
	if err := checkGraph(g); err != nil {
		return nil, err
	}
	if x.Rows != g.Rows() || x.Rows == 0 {
		return nil, fmt.Errorf("%d rows and %d vertices, want the same number, at least 1", x.Rows, g.Rows())
	}
	return newModel(x, g, cfg).fit(ctx)
}

// fit finds the layers.
func (m *Model) fit(ctx context.Context) (*Model, error) {
	s := newScorer(m.x, m.graph, m.times, m.cfg.Sample)
	net := newNetwork(m.graph)
	scan, err := m.scan(ctx, s, net)
	if err != nil {
		return nil, err
	}
	best := 0
	for i, l := range scan {
		if want := m.cfg.Communities; want > 0 {
			if abs(l.count-want) < abs(scan[best].count-want) {
				best = i
			}
		} else if l.score.Value() > scan[best].score.Value() {
			best = i
		}
	}
	m.layers, m.chosen, err = m.nest(ctx, s, net, scan, best)
	return m, err
}

// stands returns how many rows a row of x stands for.
func (m *Model) stands(v int) int {
	if m.times == nil {
		return 1
	}
	return m.times[v]
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
func (c settings) resolution(i int) float64 {
	if c.Resolutions == 1 {
		return c.Coarsest
	}
	return c.Coarsest * bitmath.Pow(c.Finest/c.Coarsest, float64(i)/float64(c.Resolutions-1))
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
		for e := m.graph.RowPtr[v]; e < m.graph.RowPtr[v+1]; e++ {
			w := float64(m.graph.Value[e])
			all += w
			if part[m.graph.Col[e]] == c {
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
	for v, c := range part {
		size[c] += m.stands(v)
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
			for e := m.graph.RowPtr[v]; e < m.graph.RowPtr[v+1]; e++ {
				u := m.graph.Col[e]
				if c := part[u]; c >= 0 && (class == nil || class[u] == class[v]) {
					sum[c] += float64(m.graph.Value[e])
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

// Labels returns the number of each row's community, −1 for outliers, also of a model that was
// loaded. The caller must not change it.
func (m *Model) Labels() []int { return m.layers[m.chosen].labels }

// Strengths returns the share of the weight of each row's edges that leads into its own community, 0
// for outliers. The caller must not change it.
func (m *Model) Strengths() []float64 { return m.layers[m.chosen].strength }

// Layers lists the granularities, the coarsest first. Each community lies in one of the layer
// before. No two layers are equal, so that there may be fewer than Config.Resolutions. The score of
// a layer is Score.Value, its scale the resolution.
func (m *Model) Layers() []stage.Layer {
	out := make([]stage.Layer, len(m.layers))
	for i, l := range m.layers {
		outside := 0
		for _, c := range l.labels {
			if c < 0 {
				outside++
			}
		}
		out[i] = stage.Layer{Clusters: l.count, Outliers: float64(outside) / float64(len(l.labels)), Score: l.score.Value(), Scale: l.resolution}
	}
	return out
}

// Scores returns the score of each layer in detail, in the order of Layers.
func (m *Model) Scores() []Score {
	out := make([]Score, len(m.layers))
	for i, l := range m.layers {
		out[i] = l.score
	}
	return out
}

// Chosen returns the index in Layers of the layer that Labels and Predict are of.
func (m *Model) Chosen() int { return m.chosen }

// AtLayer returns the *Model of another layer, by its index in Layers. It computes nothing.
func (m *Model) AtLayer(layer int) (stage.Clustering, error) {
	if layer < 0 || layer >= len(m.layers) {
		return nil, fmt.Errorf("community: layer %d, want from 0 to %d", layer, len(m.layers)-1)
	}
	out := *m
	out.chosen = layer
	return &out, nil
}

func abs(i int) int { return max(i, -i) }

// firstEqual returns for each row the number of the first row that is equal to it.
func firstEqual(x blas32.General) []int32 {
	g := fuzzy.Distinct(x)
	for i, v := range g.Of {
		g.Of[i] = g.First[v]
	}
	return g.Of
}
