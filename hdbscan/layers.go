package hdbscan

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
)

// LayerOptions says which layers to take. The zero value has the defaults of fast_hdbscan.PLSCAN, whose names are in
// brackets.
type LayerOptions struct {
	// MinClusterSize is the smallest minimum cluster size that is looked at, that of the finest layer. At least 2; 0, the
	// default, stands for the model's MinSamples, or 2 where that is less. [base_min_cluster_size]
	MinClusterSize int `json:"base_min_cluster_size"`

	// Clusters, when it is above 0, takes for the finest layer the minimum cluster size that gives as many clusters as that,
	// or as near to it as can be, in place of MinClusterSize. Default 0. [base_n_clusters]
	Clusters int `json:"base_n_clusters"`

	// MaxLayers is the largest number of layers, from 1 to 10,000; 0, the default, means 10. [max_layers]
	MaxLayers int `json:"max_layers"`

	// MaxSimilarity is the largest share of clusters that two layers may have in common, of those that either has, from 0
	// to 1; 0, the default, means 0.2, stage.None none. The finest layer is not compared. [layer_similarity_threshold]
	MaxSimilarity float64 `json:"layer_similarity_threshold"`

	// OriginalPersistence weighs by the formula of fast_hdbscan 0.3.4, Σ(death − birth·exp(−1/exp(−d))), where d is the
	// distance at which a cluster parts from its sibling in units of the mean core distance above the least one. Default
	// false: Σ(death − birth).
	OriginalPersistence bool `json:"original_persistence"`
}

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (c LayerOptions) Validate() error {
	var f check.Fields
	f.Want(c.MinClusterSize == 0 || c.MinClusterSize >= 2 && c.MinClusterSize <= maxRows, "hdbscan.LayerOptions.MinClusterSize", c.MinClusterSize,
		fmt.Sprintf("from 2 to %d, or 0 for the model's MinSamples", maxRows))
	f.Want(c.Clusters >= 0 && c.Clusters <= maxRows, "hdbscan.LayerOptions.Clusters", c.Clusters, fmt.Sprintf("from 0 to %d", maxRows))
	f.Want(c.MaxLayers >= 0 && c.MaxLayers <= 10_000, "hdbscan.LayerOptions.MaxLayers", c.MaxLayers, "from 1 to 10,000, or 0 for 10")
	f.Want(c.MaxSimilarity <= 1, "hdbscan.LayerOptions.MaxSimilarity", c.MaxSimilarity, "from 0 to 1, 0 meaning 0.2 and a negative number 0")
	return f.Err()
}

// Layer is the clustering by the leaves of the condensed tree at one minimum cluster size: a Model on the spanning tree of
// the one that it was taken from, with labels, probabilities and predictions of its own.
type Layer struct {
	*Model
	// Size is the minimum cluster size: the clusters of the layer are the leaves of the condensed tree for clusters that
	// are larger than Size; in the finest layer, those of at least Size.
	Size float64
	// LayerPersistence is Σ(death − birth) over the layer's clusters, in rows (or their weight): how far the minimum cluster
	// size may be moved before they merge or fall apart. (Persistence is that of each cluster, in λ.)
	LayerPersistence float64
}

// Trace is how the total persistence of the leaf clusters depends on the minimum cluster size, at the sizes at which some
// of them are born: those of Clusters[i] clusters at Size[i] add up to Persistence[i].
type Trace struct {
	Size        []float64
	Persistence []float64
	Clusters    []int
}

// Layers finds the granularities at which the data has stable clusters, with no parameter but MinSamples: PLSCAN
// (persistent leaves spatial clustering; Bot, McInnes and Aerts, "Persistent Multiscale Density-based Clustering", 2025,
// arXiv:2512.16558). As the minimum cluster size grows, a leaf cluster is born when the clusters within it have become too
// small and dies when it, or its sibling, has; the sizes at which the clusters together live longest, the peaks of the
// trace, are the layers. The most persistent come first into the result, those too similar to one that is in it stay
// out. The finest layer is always taken.
//
// Layers come finest first: by falling number of clusters. Classes do not matter here. Each layer takes O(n).
func (m *Model) Layers(ctx context.Context, cfg LayerOptions) ([]Layer, Trace, error) {
	layers, trace, err := m.layers(ctx, cfg)
	if err != nil {
		return nil, Trace{}, fmt.Errorf("hdbscan: %w", err)
	}
	return layers, trace, nil
}

func (m *Model) layers(ctx context.Context, cfg LayerOptions) ([]Layer, Trace, error) {
	if err := cfg.Validate(); err != nil {
		return nil, Trace{}, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, Trace{}, err
	}
	size := cfg.MinClusterSize
	if size == 0 {
		size = max(2, int(math.Ceil(m.minSamples)))
	}
	base := m.derived()
	base.cfg.MinClusterSize = size
	if m.tree == nil {
		return []Layer{{base, float64(size), 0}}, Trace{}, nil
	}
	var err error
	if base.condensed, err = m.condenseLeaves(ctx, cfg, &size); err != nil {
		return nil, Trace{}, err
	}
	base.cfg.MinClusterSize = size
	h := newHierarchy(base.condensed)
	base.hierarchy = h
	bars := h.bars(float64(size))
	if cfg.OriginalPersistence {
		bars.weigh(m.originalUnits())
	}
	trace := bars.trace()
	take := func(at float64, persistence float64) Layer {
		chosen := make([]bool, len(h.parent))
		for c := 1; c < len(chosen); c++ {
			if chosen[c] = bars.alive(c, at); at == float64(size) {
				chosen[c] = h.split[c] == 0
			}
		}
		l := base.derived()
		l.choose(h.selected(chosen, h.stability))
		return Layer{l, at, persistence}
	}
	maxLayers, maxSimilarity := stage.Setting(cfg.MaxLayers, 10), stage.Setting(cfg.MaxSimilarity, 0.2)
	first := 0.0
	if len(trace.Persistence) > 0 && !cfg.OriginalPersistence {
		first = trace.Persistence[0]
	}
	layers := []Layer{take(float64(size), first)}
	peaks := trace.peaks()
	slices.SortStableFunc(peaks, func(a, b int) int { return cmp.Compare(trace.Persistence[b], trace.Persistence[a]) })
	var taken []float64
	for _, p := range peaks {
		if len(layers) == maxLayers {
			break
		}
		at := trace.Size[p]
		if slices.ContainsFunc(taken, func(other float64) bool { return bars.similarity(at, other) > maxSimilarity }) {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return nil, Trace{}, err
		}
		taken = append(taken, at)
		layers = append(layers, take(at, trace.Persistence[p]))
	}
	slices.SortStableFunc(layers, func(a, b Layer) int {
		return cmp.Or(cmp.Compare(len(b.persistence), len(a.persistence)), cmp.Compare(a.Size, b.Size))
	})
	return layers, trace, nil
}

// condenseLeaves condenses the tree for the finest layer, whose minimum cluster size it searches for where a number of
// clusters is wanted.
func (m *Model) condenseLeaves(ctx context.Context, cfg LayerOptions, size *int) (*condensed, error) {
	if cfg.Clusters == 0 {
		return condense(ctx, m.linkage, float64(*size))
	}
	leaves := func(size int) (int, *condensed, error) {
		t, err := condense(ctx, m.linkage, float64(size))
		if err != nil {
			return 0, nil, err
		}
		return t.leaves(), t, nil
	}
	// The number of leaves falls with the size.
	lo, hi := 2, max(2, int(m.linkage.weighs(int32(2*m.rows-2)))/2)
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		n, _, err := leaves(mid)
		if err != nil {
			return nil, err
		}
		if n >= cfg.Clusters {
			lo = mid
		} else {
			hi = mid
		}
	}
	a, fine, err := leaves(lo)
	if err != nil {
		return nil, err
	}
	b, coarse, err := leaves(hi)
	if err != nil {
		return nil, err
	}
	if cfg.Clusters-b < a-cfg.Clusters {
		*size = hi
		return coarse, nil
	}
	*size = lo
	return fine, nil
}

// leaves returns the number of clusters that do not part.
func (t *condensed) leaves() int {
	parts := make([]bool, len(t.size))
	n := len(t.size)
	for _, f := range t.falls {
		if p := int(f.parent) - t.n; int(f.child) >= t.n && !parts[p] {
			parts[p] = true
			n--
		}
	}
	return n
}

// bars are the lives of leaf clusters as the minimum cluster size grows: cluster c is a leaf for sizes in [birth, death).
type bars struct {
	birth, death []float64
	parting      []float64 // λ at which a cluster parts from its sibling
	weight       []float64 // in the original's formula; nil: death − birth
}

// bars finds the lives of the clusters of a tree condensed for a minimum cluster size.
func (h *hierarchy) bars(size float64) *bars {
	k := len(h.parent)
	b := &bars{birth: make([]float64, k), death: make([]float64, k), parting: h.birth}
	for c := range b.birth {
		b.birth[c] = size
	}
	b.death[0] = h.weight[0]
	weight := h.together()
	for c := k - 1; c >= 0; c-- {
		lo, hi := h.children(c)
		if lo == 0 {
			continue
		}
		// With fewer than two children that are large enough there is no split: the largest lives as long as the next.
		sizes := slices.Clone(weight[lo:hi])
		slices.Sort(sizes)
		next := sizes[len(sizes)-2]
		b.birth[c] = next
		for l := lo; l < hi; l++ {
			b.death[l] = min(weight[l], next)
			b.birth[c] = max(b.birth[c], b.birth[l])
		}
	}
	return b
}

// together returns what the rows of each cluster weigh without those that leave it at the distance at which it is born.
// These leave with it because it is the nearest, and do not make it larger.
func (h *hierarchy) together() []float64 {
	out := slices.Clone(h.weight)
	if h.binary {
		return out
	}
	for i, c := range h.rowCluster {
		if c == 0 || h.rowLambda[i] != h.birth[c] {
			continue
		}
		if h.rows == nil {
			out[c]--
		} else {
			out[c] -= h.rows[i]
		}
	}
	return out
}

func (b *bars) alive(c int, at float64) bool { return b.birth[c] <= at && b.death[c] > at }

// trace adds up the lives. The root, which is no cluster, does not count.
func (b *bars) trace() Trace {
	t := Trace{Size: slices.Clone(b.birth)}
	slices.Sort(t.Size)
	t.Size = slices.Compact(t.Size)
	t.Persistence, t.Clusters = make([]float64, len(t.Size)), make([]int, len(t.Size))
	for c := 1; c < len(b.birth); c++ {
		if b.death[c] <= b.birth[c] {
			continue
		}
		lives := b.death[c] - b.birth[c]
		if b.weight != nil {
			lives = b.death[c] - float64(b.birth[c]*b.weight[c])
		}
		i, _ := slices.BinarySearch(t.Size, b.birth[c])
		for ; i < len(t.Size) && t.Size[i] < b.death[c]; i++ {
			t.Persistence[i] += lives
			t.Clusters[i]++
		}
	}
	return t
}

// peaks are the places of a trace that are higher than what is before and after them, the middle of equals; its ends are
// none.
func (t Trace) peaks() []int {
	var peaks []int
	v := t.Persistence
	for i := 1; i < len(v)-1; i++ {
		if v[i] <= v[i-1] {
			continue
		}
		j := i + 1
		for j < len(v)-1 && v[j] == v[i] {
			j++
		}
		if v[j] < v[i] {
			peaks = append(peaks, (i+j-1)/2)
			i = j - 1
		}
	}
	return peaks
}

// similarity is the share of clusters that live at both of two sizes, of those that live at either. The root counts.
func (b *bars) similarity(x, y float64) float64 {
	both, either := 0, 0
	for c := range b.birth {
		p, q := b.alive(c, x), b.alive(c, y)
		if p && q {
			both++
		}
		if p || q {
			either++
		}
	}
	if either == 0 {
		return 0
	}
	return float64(both) / float64(either)
}

// originalUnits are the least core distance and what the mean is above it, in which fast_hdbscan measures distances.
func (m *Model) originalUnits() (least, unit float64) {
	least = math.Inf(1)
	var sum float64
	finite := 0
	for _, c := range m.CoreDistances() {
		if !math.IsInf(c, 1) {
			least = min(least, c)
			sum += c
			finite++
		}
	}
	if finite == 0 {
		return 0, 1
	}
	if unit = sum/float64(finite) - least; !(unit > 0) {
		return 0, 1
	}
	return least, unit
}

func (b *bars) weigh(least, unit float64) {
	b.weight = make([]float64, len(b.birth))
	for c := range b.weight {
		if b.parting[c] > 0 {
			b.weight[c] = bitmath.Exp(-1 / bitmath.Exp(-(1/b.parting[c]-least)/unit))
		}
	}
}
