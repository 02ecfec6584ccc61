package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Model is a fitted clustering. It does not change and may be used by several goroutines at once. What its methods
// return is the caller's to keep.
type Model struct {
	cfg        Config
	minSamples int // after clamping
	rows, dims int

	tree      *kdTree // nil where there are no rows
	cores     *cores
	links     []link
	merges    []merge
	condensed []CondensedEdge
	hierarchy *hierarchy // nil where there are no rows
	selection *selection

	labels        []int
	probabilities []float64
	persistence   []float64
	warnings      []error
}

// Fit clusters the rows of x by euclidean distance. x is not kept and not changed.
//
// A value that is not finite is a *ValueError (the Python package drops such rows), a bad configuration an error that
// joins a *ConfigError for each field. Too few rows are not an error: no rows, one row or fewer rows than MinClusterSize
// give outliers and a warning. In a data set without a split everything is an outlier unless AllowSingleCluster is set;
// that holds for rows that are all equal too. Once ctx is cancelled Fit returns its cause.
//
// Time is about O(n log n) for up to 30 columns with few true dimensions, O(n²) for more; memory is O(n).
func Fit(ctx context.Context, x blas32.General, cfg Config) (*Model, error) {
	m, err := fit(ctx, x, cfg)
	if err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	return m, nil
}

func fit(ctx context.Context, x blas32.General, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := check.Matrix(x); err != nil {
		return nil, err
	}
	if x.Rows > 0 && x.Cols == 0 {
		return nil, errors.New("the matrix has rows but no columns")
	}
	if x.Rows > math.MaxInt32/2 {
		return nil, fmt.Errorf("the matrix has %d rows, want at most %d", x.Rows, math.MaxInt32/2)
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, rows: x.Rows, dims: x.Cols, minSamples: cfg.minSamples()}
	if x.Rows < cfg.MinClusterSize {
		m.warn("%d rows are fewer than MinClusterSize, %d: there are no clusters to find", x.Rows, cfg.MinClusterSize)
	}
	if most := max(x.Rows-1, 1); m.minSamples > most {
		m.warn("MinSamples is %d, more than the other rows: %d is used", m.minSamples, most)
		m.minSamples = most
	}
	if x.Rows == 0 {
		return m, nil
	}

	var err error
	if m.tree, err = newKDTree(ctx, x, cfg.Workers); err != nil {
		return nil, err
	}
	if m.tree.len() == 1 && x.Rows > 1 {
		m.warn("all %d rows are equal", x.Rows)
	}
	part := func(from int) func(done, total int) {
		if cfg.Progress == nil {
			return nil
		}
		return func(done, _ int) { cfg.Progress(from+done, 2*m.tree.len()-1) }
	}
	loop := parallel.Loop{Workers: cfg.Workers, Progress: part(0)}
	if m.cores, err = coreDistances(ctx, m.tree, m.minSamples, cfg.OriginalPrediction, loop); err != nil {
		return nil, err
	}
	loop.Progress = part(m.tree.len())
	if m.links, err = spanningTree(ctx, m.tree, m.cores, 1/float64(cfg.Alpha*cfg.Alpha), loop); err != nil {
		return nil, err
	}
	if m.merges, err = singleLinkage(ctx, m.links); err != nil {
		return nil, err
	}
	if m.condensed, err = condense(ctx, m.merges, cfg.MinClusterSize); err != nil {
		return nil, err
	}
	m.finish()
	return m, context.Cause(ctx)
}

// finish goes from the condensed tree to labels.
func (m *Model) finish() {
	m.hierarchy = newHierarchy(m.rows, m.condensed)
	m.selection = m.hierarchy.choose(m.cfg)
	m.labels, m.probabilities, m.persistence = m.hierarchy.assign(m.selection)
}

func (m *Model) warn(format string, args ...any) {
	m.warnings = append(m.warnings, fmt.Errorf("hdbscan: "+format, args...))
}

// Labels has the cluster of each row, from 0, or −1 for an outlier. Clusters are numbered in the order of the condensed
// tree. [labels_]
func (m *Model) Labels() []int { return slices.Clone(m.labels) }

// Probabilities has for each row how strongly it belongs to its cluster: λ of the row over the largest λ of the cluster,
// in [0, 1], 0 for an outlier, 1 where λ is infinite. [probabilities_]
func (m *Model) Probabilities() []float64 { return slices.Clone(m.probabilities) }

// Persistence has for each cluster its stability over the largest stability possible for its size: 0 is a cluster that
// hardly exists, 1 one that exists at all scales. [cluster_persistence_]
func (m *Model) Persistence() []float64 { return slices.Clone(m.persistence) }

// CoreDistances has for each row the distance to its MinSamples-th nearest other row; 0 where there is but one row.
func (m *Model) CoreDistances() []float64 {
	core := make([]float64, m.rows)
	if m.tree != nil {
		for i, p := range m.tree.pos {
			core[i] = math.Sqrt(m.cores.sq[p])
		}
	}
	return core
}

// MinimumSpanningTree has the edges of the minimum spanning tree of mutual reachability, one fewer than there are rows,
// in the order in which they are merged: by weight, then by the distance of the rows, then by the rows.
// [minimum_spanning_tree_]
func (m *Model) MinimumSpanningTree() []Edge {
	edges := make([]Edge, len(m.links))
	for i, e := range m.links {
		edges[i] = Edge{int(e.a), int(e.b), math.Sqrt(e.w2)}
	}
	return edges
}

// SingleLinkageTree has the merges of the single-linkage tree, lowest first. [single_linkage_tree_]
func (m *Model) SingleLinkageTree() []Merge {
	merges := make([]Merge, len(m.merges))
	for i, e := range m.merges {
		merges[i] = Merge{int(e.left), int(e.right), e.dist, int(e.size)}
	}
	return merges
}

// CondensedTree has the rows of the condensed tree, a parent before its children. [condensed_tree_]
func (m *Model) CondensedTree() []CondensedEdge { return slices.Clone(m.condensed) }

// Warnings has what is worth knowing about the fit: parameters that were clamped, rows that are all equal.
func (m *Model) Warnings() []error { return slices.Clone(m.warnings) }
