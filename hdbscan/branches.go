package hdbscan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/check"
)

// BranchOptions says how clusters are searched for branches. The names in brackets are those of hdbscan.BranchDetector.
type BranchOptions struct {
	// MinBranchSize is the smallest number of rows that makes a branch. At least 2; 0, the default, stands for the model's
	// MinClusterSize. [min_cluster_size]
	MinBranchSize int
	// Method, AllowSingle, MaxBranchSize, Epsilon and Persistence select branches as the fields of Config that are named
	// alike select clusters, λ being 1/centrality. The zero values are the defaults. [cluster_selection_method,
	// allow_single_cluster, max_cluster_size, cluster_selection_epsilon, cluster_selection_persistence]
	Method        Method
	AllowSingle   bool
	MaxBranchSize int
	Epsilon       float64
	Persistence   float64
	// CoreGraph connects only rows within each other's core distance, besides the edges of the spanning tree, which is
	// quicker and more sensitive. Default false: all rows of a cluster that are no further apart than the longest edge
	// of the spanning tree in it. [branch_detection_method="core"]
	CoreGraph bool
	// Sides gives two branches labels of their own too: they are the two ends of a long cluster. Default false: at least
	// three. [label_sides_as_branches]
	Sides bool
}

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (c BranchOptions) Validate() error {
	var f check.Fields
	f.Want(c.MinBranchSize == 0 || c.MinBranchSize >= 2 && c.MinBranchSize <= maxRows, "hdbscan.BranchOptions.MinBranchSize", c.MinBranchSize,
		fmt.Sprintf("from 2 to %d, or 0 for MinClusterSize", maxRows))
	f.Want(c.Method == EOM || c.Method == Leaf, "hdbscan.BranchOptions.Method", c.Method, "EOM or Leaf")
	f.Want(c.MaxBranchSize >= 0 && c.MaxBranchSize <= maxRows, "hdbscan.BranchOptions.MaxBranchSize", c.MaxBranchSize,
		fmt.Sprintf("from 0 to %d", maxRows))
	f.Want(c.Epsilon >= 0 && !math.IsInf(c.Epsilon, 1), "hdbscan.BranchOptions.Epsilon", c.Epsilon, "a finite number, at least 0")
	f.Want(c.Persistence >= 0 && !math.IsInf(c.Persistence, 1), "hdbscan.BranchOptions.Persistence", c.Persistence,
		"a finite number, at least 0")
	return f.Err()
}

// Branches are the clusters of a model, those that have branches parted into them.
type Branches struct {
	// Labels tells apart all clusters and branches, from 0; the rows between the branches of a cluster have a label too,
	// before those of its branches. −1 for an outlier.
	Labels []int
	// Probabilities are those of the clusters, in clusters with branches the mean of that and the branch's.
	Probabilities []float64
	// Branch has for each row the number of its branch in its cluster, −1 between branches; 0 in a cluster without
	// branches and for an outlier.
	Branch []int
	// BranchProbabilities has for each row how strongly it belongs to its branch; 1 where there are no branches.
	BranchProbabilities []float64
	// Centrality has for each row 1/distance to the centroid of its cluster; 0 for an outlier. [centralities_]
	Centrality []float64
	// Persistence has for each cluster those of its branches, also where these are too few to count.
	Persistence [][]float64
}

// Branches finds branches within the clusters: FLASC (Bot, Peeters, Liesenborgs and Aerts, PeerJ Computer Science 11, 2025,
// doi:10.7717/peerj-cs.2792). Rows of a cluster that are near each other are connected, and this graph is clustered from
// the outside in, the centrality of a row taking the place of distance. It takes time in proportion to the number of
// connections, at most the square of a cluster's size. A model whose rows have no coordinates gives an error.
func (m *Model) Branches(ctx context.Context, cfg BranchOptions) (*Branches, error) {
	b, err := m.branches(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	return b, nil
}

func (m *Model) branches(ctx context.Context, cfg BranchOptions) (*Branches, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if m.tree != nil && m.tree.norm == noNorm {
		return nil, errors.New("branches need coordinates, which the model's distances do not give")
	}
	n := m.rows
	out := &Branches{
		Labels: make([]int, n), Probabilities: slices.Clone(m.probabilities), Branch: make([]int, n),
		BranchProbabilities: make([]float64, n), Centrality: make([]float64, n),
	}
	for i := range n {
		out.Labels[i], out.BranchProbabilities[i] = -1, 1
	}
	if n == 0 {
		return out, nil
	}
	clusters := make([][]int32, len(m.persistence))
	for i, l := range m.labels {
		if l >= 0 {
			clusters[l] = append(clusters[l], int32(i))
		}
	}
	inner := make([][]link, len(clusters)) // edges of the spanning tree
	for _, e := range m.links {
		if l := m.labels[e.a]; l >= 0 && l == m.labels[e.b] {
			inner[l] = append(inner[l], e)
		}
	}
	local := make([]int32, n)
	next := 0
	for l, rows := range clusters {
		if len(rows) == 0 { // the whole data set is the cluster, and ClusterSelectionEpsilon left no row in it
			out.Persistence = append(out.Persistence, nil)
			next++
			continue
		}
		for i, r := range rows {
			local[r] = int32(i)
		}
		c := &flare{m: m, rows: rows, local: local, label: l, inner: inner[l]}
		labels, strength, persistence, err := c.branches(ctx, cfg)
		if err != nil {
			return nil, err
		}
		out.Persistence = append(out.Persistence, persistence)
		least := 2
		if cfg.Sides {
			least = 1
		}
		between := 0
		if slices.Contains(labels, -1) {
			between = 1
		}
		for i, r := range rows {
			out.Centrality[r] = c.centrality[i]
			if out.Labels[r] = next; len(persistence) > least {
				out.Labels[r] = next + between + labels[i]
				out.Branch[r], out.BranchProbabilities[r] = labels[i], strength[i]
				out.Probabilities[r] = (out.Probabilities[r] + strength[i]) / 2
			}
		}
		if next++; len(persistence) > least {
			next += len(persistence) + between - 1
		}
	}
	return out, nil
}

// flare is one cluster that is searched for branches.
type flare struct {
	m          *Model
	rows       []int32
	local      []int32 // place in rows by row
	label      int
	inner      []link
	centrality []float64
}

func (c *flare) branches(ctx context.Context, cfg BranchOptions) (labels []int, strength, persistence []float64, err error) {
	c.centralities()
	near, err := c.connections(ctx, cfg.CoreGraph)
	if err != nil {
		return nil, nil, nil, err
	}
	links, err := c.outsideIn(ctx, near)
	if err != nil {
		return nil, nil, nil, err
	}
	l, err := singleLinkage(ctx, len(c.rows), links, nil, func(w float64) float64 { return w })
	if err != nil {
		return nil, nil, nil, err
	}
	l.binary = c.m.linkage.binary
	size := cfg.MinBranchSize
	if size == 0 {
		size = c.m.cfg.MinClusterSize
	}
	tree, err := condense(ctx, l, float64(size))
	if err != nil {
		return nil, nil, nil, err
	}
	if cfg.Persistence > 0 {
		tree = tree.simplify(cfg.Persistence)
	}
	h := newHierarchy(tree)
	s := h.choose(settings{
		ClusterSelectionMethod: cfg.Method, AllowSingleCluster: cfg.AllowSingle, MaxClusterSize: cfg.MaxBranchSize,
		ClusterSelectionEpsilon: cfg.Epsilon,
	}, nil)
	labels, strength, persistence = h.assign(s, nil)
	if cfg.AllowSingle && len(persistence) == 1 { // the whole cluster is the branch
		for i := range labels {
			labels[i], strength[i] = 0, 1
			if cfg.Epsilon > 0 && h.rowLambda[i] < 1/cfg.Epsilon {
				labels[i], strength[i] = -1, 0
			}
		}
	}
	return labels, strength, persistence, nil
}

// centralities are 1/distance to the mean of the rows, weighted by their probabilities; at the mean itself, twice the
// largest other one.
func (c *flare) centralities() {
	t := c.m.tree
	mean := make([]float64, t.dims)
	var sum float64
	for _, r := range c.rows {
		w := c.m.strength(int(r))
		sum += w
		for j, v := range t.point(t.pos[r]) {
			mean[j] += float64(w * v)
		}
	}
	for j := range mean {
		mean[j] /= sum
	}
	c.centrality = make([]float64, len(c.rows))
	var most float64
	for i, r := range c.rows {
		var d [1]float64
		t.dists(d[:], place{at: mean}, t.pos[r])
		if c.centrality[i] = 1 / t.distance(d[0]); !math.IsInf(c.centrality[i], 1) {
			most = max(most, c.centrality[i])
		}
	}
	for i, v := range c.centrality {
		if math.IsInf(v, 1) {
			c.centrality[i] = 2 * max(most, 0.5)
		}
	}
}

// connections lists for each row of the cluster those that it is connected with.
func (c *flare) connections(ctx context.Context, core bool) ([][]neighbour, error) {
	m, t := c.m, c.m.tree
	near := make([][]neighbour, len(c.rows))
	var reach float64
	for _, e := range c.inner {
		reach = max(reach, e.w2)
	}
	at := make([]int32, len(c.rows))
	for i, r := range c.rows {
		at[i] = t.pos[r]
	}
	part, err := t.part(ctx, at, m.cfg.Workers)
	if err != nil {
		return nil, err
	}
	if core {
		for _, e := range c.inner {
			a, b := c.local[e.a], c.local[e.b]
			near[a], near[b] = append(near[a], neighbour{e.d2, b}), append(near[b], neighbour{e.d2, a})
		}
	}
	var stack []int32
	var buf [leafChunk]float64
	for i := range c.rows {
		if i&63 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		from := part.place(part.pos[i])
		if core {
			reach = m.cores.sq[at[i]]
		}
		stack = append(stack[:0], 0)
		for len(stack) > 0 {
			node := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if part.boxDist(from.at, node) > reach {
				continue
			}
			if !part.isLeaf(node) {
				stack = append(stack, 2*node+1, 2*node+2)
				continue
			}
			for lo, end := part.start[node], part.end[node]; lo < end; lo += leafChunk {
				dists := buf[:min(leafChunk, end-lo)]
				part.dists(dists, from, lo)
				for k, d2 := range dists {
					j := part.row[lo+int32(k)]
					if d2 > reach || int(j) == i {
						continue
					}
					if core { // the connection counts from both sides
						near[j] = append(near[j], neighbour{d2, int32(i)})
						near[i] = append(near[i], neighbour{d2, j})
					} else if before(c.centrality, j, int32(i)) {
						near[i] = append(near[i], neighbour{d2, j})
					}
				}
			}
		}
	}
	return near, nil
}

// before is the order of rows from the outside in.
func before(centrality []float64, i, j int32) bool {
	return centrality[i] < centrality[j] || centrality[i] == centrality[j] && i < j
}

// outsideIn takes the rows in order of centrality and joins each with those before it that it is connected with: the
// spanning tree of the graph whose edges weigh what the more central of their rows does.
func (c *flare) outsideIn(ctx context.Context, near [][]neighbour) ([]link, error) {
	order := make([]int32, len(c.rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(c.centrality[i], c.centrality[j]), int(i-j))
	})
	sets := newConflicts(Data{}, len(c.rows))
	links := make([]link, 0, len(c.rows)-1)
	for step, i := range order {
		if step&63 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		slices.SortFunc(near[i], neighbour.compare)
		for _, v := range near[i] {
			if !before(c.centrality, v.row, i) {
				continue
			}
			if a, b := sets.find(i), sets.find(v.row); a != b {
				sets.join(a, b)
				links = append(links, newLink(c.centrality[i], 1, i, v.row))
			}
		}
	}
	return sets.bridge(links), nil
}
