package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// Model is a fitted clustering. It does not change and may be used by several goroutines at once. What its methods
// return is the caller's to keep.
type Model struct {
	cfg        settings
	minSamples float64 // after clamping
	rows       int
	classes    []int

	tree      *kdTree // nil where there are no rows
	cores     *cores
	links     []link
	linkage   *linkage
	condensed *condensed
	hierarchy *hierarchy // nil where there are no rows
	selection *selection

	labels        []int
	probabilities []float64
	persistence   []float64
	warnings      []error
}

// Fit clusters the rows of x. x is not kept and not changed.
//
// A value that is not finite is a *stage.ValueError (the Python package drops such rows), a bad configuration an error that
// joins a *stage.ConfigError for each field. Too few rows are not an error: no rows, one row or fewer rows than MinClusterSize
// give outliers and a warning. In a data set without a split everything is an outlier unless AllowSingleCluster is set;
// that holds for rows that are all equal too. Once ctx is canceled Fit returns its cause.
//
// Time is about O(n log n) for up to 30 columns with few true dimensions, O(n²) for more; memory is O(n).
func Fit(ctx context.Context, x blas32.General, cfg Config) (*Model, error) {
	return FitData(ctx, Data{Points: x}, cfg)
}

// FitData is Fit for distances that are given, and for data of which more is known than coordinates.
func FitData(ctx context.Context, d Data, cfg Config) (*Model, error) {
	m, err := fit(ctx, d, cfg)
	if err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	return m, nil
}

func fit(ctx context.Context, d Data, c Config) (*Model, error) {
	if err := errors.Join(c.Validate(), simd.Forced()); err != nil {
		return nil, err
	}
	cfg := c.resolve()
	n, err := d.rows()
	if err != nil {
		return nil, err
	}
	var broken atomic.Pointer[error]
	sp, err := d.space(ctx, cfg, &broken)
	if err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, rows: n, minSamples: float64(cfg.MinSamples)}
	if d.Classes != nil && slices.Max(append(slices.Clone(d.Classes), -1)) >= 0 {
		m.classes = slices.Clone(d.Classes)
	}
	m.warnFew(d.Weights)
	if n == 0 {
		return m, nil
	}

	if m.tree, err = newKDTree(ctx, sp, d.Points, n, d.Weights, d.constrained(), cfg.Workers); err != nil {
		return nil, err
	}
	if m.countsOnce(d.Weights, d.constrained()) {
		m.tree.countOnce(cfg.MinClusterSize)
	}
	if m.tree.len() == 1 && n > 1 {
		m.warn("all %d rows are equal", n)
	}
	if d.Graph != nil {
		if err := m.fitGraph(ctx, d); err != nil {
			return nil, err
		}
	} else {
		if m.cores, m.links, err = span(ctx, m.tree, m.minSamples, cfg.OriginalPrediction, cfg.Workers, cfg.Progress); err != nil {
			return nil, err
		}
		if d.constrained() {
			if m.links, err = keepApart(ctx, m.tree, m.cores, m.links, newConflicts(d, n)); err != nil {
				return nil, err
			}
		}
	}
	if err := broken.Load(); err != nil {
		return nil, *err
	}
	if m.linkage, err = singleLinkage(ctx, n, m.links, slices.Clone(d.Weights), m.tree.distance); err != nil {
		return nil, err
	}
	if d.Weights != nil {
		m.linkage.core = m.CoreDistances()
	}
	if err := m.cluster(ctx); err != nil {
		return nil, err
	}
	return m, context.Cause(ctx)
}

// countsOnce reports whether equal rows count once in core distances.
func (m *Model) countsOnce(weights []float64, constrained bool) bool {
	return !m.cfg.CountCopies && weights == nil && !constrained && m.tree.given == nil
}

// warnFew warns of too few rows, and clamps minSamples to the other rows.
func (m *Model) warnFew(weights []float64) {
	total := float64(m.rows)
	what := "rows"
	if weights != nil {
		total, what = 0, "weighted rows"
		for _, w := range weights {
			total += w
		}
	}
	if total < float64(m.cfg.MinClusterSize) {
		m.warn("%v %s are fewer than MinClusterSize, %d: there are no clusters to find", total, what, m.cfg.MinClusterSize)
	}
	if most := max(total-1, 1); m.minSamples > most {
		m.warn("MinSamples is %v, more than the other %s: %v is used", m.minSamples, what, most)
		m.minSamples = most
	}
}

// cluster goes from the single-linkage tree to labels.
func (m *Model) cluster(ctx context.Context) (err error) {
	if m.condensed, err = condense(ctx, m.linkage, float64(m.cfg.MinClusterSize)); err != nil {
		return err
	}
	if m.cfg.ClusterSelectionPersistence > 0 {
		m.condensed = m.condensed.simplify(m.cfg.ClusterSelectionPersistence)
	}
	m.finish()
	return nil
}

// finish goes from the condensed tree to labels.
func (m *Model) finish() {
	m.hierarchy = newHierarchy(m.condensed)
	m.choose(m.hierarchy.choose(m.cfg, m.classes))
}

// choose gives the rows the labels of a selection.
func (m *Model) choose(s *selection) {
	m.selection = s
	m.labels, m.probabilities, m.persistence = m.hierarchy.assign(s, m.linkage.rows)
}

// Reselect selects clusters anew, on the same spanning tree: of c count MinClusterSize, AllowSingleCluster,
// MaxClusterSize, NoClassOutliers, the fields that begin with ClusterSelection, and Workers. All others, MinSamples among
// them, are the model's. It takes a small part of the time of a fit.
func (m *Model) Reselect(ctx context.Context, c Config) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	cfg := c.resolve()
	out := m.derived()
	out.cfg.MinClusterSize = cfg.MinClusterSize
	out.cfg.AllowSingleCluster, out.cfg.MaxClusterSize = cfg.AllowSingleCluster, cfg.MaxClusterSize
	out.cfg.NoClassOutliers, out.cfg.Workers = cfg.NoClassOutliers, cfg.Workers
	out.cfg.ClusterSelectionMethod = cfg.ClusterSelectionMethod
	out.cfg.ClusterSelectionEpsilon, out.cfg.ClusterSelectionEpsilonMax = cfg.ClusterSelectionEpsilon, cfg.ClusterSelectionEpsilonMax
	out.cfg.ClusterSelectionPersistence = cfg.ClusterSelectionPersistence
	if m.tree == nil {
		return out, nil
	}
	if err := out.cluster(ctx); err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	return out, nil
}

// derived is a copy whose selection may be replaced.
func (m *Model) derived() *Model {
	out := *m
	out.warnings = slices.Clone(m.warnings)
	return &out
}

func (m *Model) warn(format string, args ...any) {
	m.warnings = append(m.warnings, fmt.Errorf("hdbscan: "+format, args...))
}

// Labels has the cluster of each row, from 0, or −1 for an outlier. Clusters are numbered in the order of the condensed
// tree. [labels_].
func (m *Model) Labels() []int { return slices.Clone(m.labels) }

// NumClusters returns the number of clusters.
func (m *Model) NumClusters() int { return len(m.persistence) }

// Strengths has for each row how strongly it belongs to its cluster: λ of the row over the largest λ of the cluster,
// in [0, 1], 0 for an outlier, 1 where λ is infinite. [probabilities_].
func (m *Model) Strengths() []float64 { return slices.Clone(m.probabilities) }

// Persistence has for each cluster its stability over the largest stability possible for its size: 0 is a cluster that
// hardly exists, 1 one that exists at all scales. [cluster_persistence_].
func (m *Model) Persistence() []float64 { return slices.Clone(m.persistence) }

// CoreDistances has for each row the distance to its MinSamples-th nearest other row, equal rows counted once unless
// Config.CountCopies is set; 0 where there is but one row.
func (m *Model) CoreDistances() []float64 {
	core := make([]float64, m.rows)
	if m.tree != nil {
		for i, p := range m.tree.pos {
			core[i] = m.tree.distance(m.cores.sq[p])
		}
	}
	return core
}

// MinimumSpanningTree has the edges of the minimum spanning tree of mutual reachability, one fewer than there are rows,
// in the order in which they are merged: by weight, then by the distance of the rows, then by the rows.
// [minimum_spanning_tree_].
func (m *Model) MinimumSpanningTree() []Edge {
	edges := make([]Edge, len(m.links))
	for i, e := range m.links {
		edges[i] = Edge{int(e.a), int(e.b), m.tree.distance(e.w2)}
	}
	return edges
}

// SingleLinkageTree has the merges of the single-linkage tree, lowest first. [single_linkage_tree_].
func (m *Model) SingleLinkageTree() []Merge {
	if m.linkage == nil {
		return []Merge{}
	}
	merges := make([]Merge, len(m.linkage.merges))
	for i, e := range m.linkage.merges {
		merges[i] = Merge{int(e.left), int(e.right), e.dist, int(e.size)}
	}
	return merges
}

// CondensedTree has the rows of the condensed tree, a parent before its children. [condensed_tree_].
func (m *Model) CondensedTree() []CondensedEdge {
	if m.condensed == nil {
		return []CondensedEdge{}
	}
	return m.condensed.edges()
}

// Warnings has what is worth knowing about the fit: parameters that were clamped, rows that are all equal.
func (m *Model) Warnings() []error { return slices.Clone(m.warnings) }
