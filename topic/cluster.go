package topic

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/dense"
	csr "github.com/gobertopic/gobertopic/sparse"
)

// Outlier is the topic of documents that belong to no topic.
const Outlier = -1

// HDBSCAN is the Clusterer of package hdbscan. Workers and Progress of the embedded Config are set from the Run.
type HDBSCAN struct {
	hdbscan.Config
}

// Cluster fits hdbscan on x.
func (h HDBSCAN) Cluster(ctx context.Context, run Run, x blas32.General) (Clustering, error) {
	m, err := h.fit(ctx, run, x)
	if err != nil {
		return nil, err
	}
	return hdbscanClustering{m}, nil
}

func (h HDBSCAN) fit(ctx context.Context, run Run, x blas32.General) (*hdbscan.Model, error) {
	cfg := h.Config
	cfg.Workers, cfg.Progress = run.Workers, run.report(StageCluster)
	return hdbscan.Fit(ctx, x, cfg)
}

type hdbscanClustering struct {
	*hdbscan.Model
}

func (c hdbscanClustering) Memberships(ctx context.Context, top int) (*hdbscan.Memberships, error) {
	return oldMemberships(c.Model.Memberships(ctx, top))
}

func (c hdbscanClustering) PredictMemberships(ctx context.Context, points blas32.General, top int) (*hdbscan.Memberships, error) {
	return oldMemberships(c.Model.PredictMemberships(ctx, points, top))
}

func oldMemberships(m csr.CSR[float64], err error) (*hdbscan.Memberships, error) {
	if err != nil {
		return nil, err
	}
	return &hdbscan.Memberships{Rows: m.Rows(), Clusters: m.Cols, Start: m.RowPtr, Label: m.Col, Value: m.Value}, nil
}

// ClassClusterer is met by a Clusterer that is told what is known of the points: y has a class for each, −1 where it is not
// known, and is nil when nothing is known.
type ClassClusterer interface {
	ClusterClasses(ctx context.Context, run Run, x blas32.General, y []int) (Clustering, error)
}

// cluster is the third arrow: points to one label each. Documents that a zero-shot label took are left out and get its
// number; the labels of the clusters follow.
func (m *Model) cluster(ctx context.Context) error {
	if err := m.clusterFitted(ctx); err != nil {
		return err
	}
	return m.afterClusters(ctx)
}

// afterClusters adds to the clustering what the policy for outliers and growth made of it.
func (m *Model) afterClusters(ctx context.Context) error {
	if err := m.calibrate(ctx); err != nil {
		return err
	}
	return m.replay(ctx)
}

// clusterFitted clusters the points that there were before the model was grown.
func (m *Model) clusterFitted(ctx context.Context) error {
	if m.sources != nil {
		m.unite()
		return nil
	}
	n := m.firstPoints()
	points, y := dense.Slice(m.reduction.Points(), 0, n), m.given
	if y != nil {
		y = y[:n]
	}
	var matched []match
	if m.zero != nil {
		matched = m.zero.match(dense.Slice(dense.Pick(m.embeddings, m.active), 0, n))
	}
	rest := unmatched(matched)
	if rest != nil {
		points, y = dense.Pick(points, rest), pickInts(y, rest)
	}
	if rest == nil || len(rest) > 0 {
		var err error
		if m.clustering, err = m.clusterPoints(ctx, m.cfg.Clusterer, points, y); err != nil {
			return err
		}
	}
	if m.zero != nil {
		m.clustering = behindLabels(m.clustering, m.zero, matched, rest)
	}
	return m.aim()
}

// clusterPoints asks a clusterer.
func (m *Model) clusterPoints(ctx context.Context, c Clusterer, points blas32.General, y []int) (fitted Clustering, err error) {
	if told, ok := c.(ClassClusterer); ok {
		fitted, err = told.ClusterClasses(ctx, m.cfg.Run, points, y)
	} else {
		fitted, err = c.Cluster(ctx, m.cfg.Run, points)
	}
	if err == nil {
		err = checkLabels(fitted, points.Rows)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	return fitted, nil
}

// strengthsOf is how strongly each fitted point belongs to its cluster; see certain.
func strengthsOf(c Clustering) []float64 {
	var strength []float64
	if s, ok := c.(Strengths); ok {
		strength = s.Strengths()
	}
	return certain(c.Labels(), strength)
}

// certain is a copy of strengths, 1 for all where the clusterer has none (nil), with 0 for outliers.
func certain(labels []int, strength []float64) []float64 {
	out := make([]float64, len(labels))
	for i, l := range labels {
		if l == Outlier {
			continue
		}
		if out[i] = 1; strength != nil {
			out[i] = strength[i]
		}
	}
	return out
}

func checkLabels(c Clustering, n int) error {
	labels := c.Labels()
	if len(labels) != n {
		return fmt.Errorf("%d labels for %d points, want one each", len(labels), n)
	}
	for i, l := range labels {
		if l < Outlier {
			return fmt.Errorf("point %d has label %d, want −1 or more", i, l)
		}
	}
	if s, ok := c.(Strengths); ok && len(s.Strengths()) != n {
		return fmt.Errorf("%d strengths for %d points, want one each", len(s.Strengths()), n)
	}
	return nil
}

// allOutside is the assignments of n documents that are in no topic.
func allOutside(n int) []Assignment {
	out := make([]Assignment, n)
	for i := range out {
		out[i].Topic = Outlier
	}
	return out
}

// numberLabels numbers the clusters as topics: the first z labels, those of zero-shot topics, in their order, then the others
// by falling size, equal ones in the order of their labels. The result maps a label to its topic; labels that no point has,
// and −1, are missing from it.
func numberLabels(labels []int, z int) map[int][]int {
	sizes := map[int]int{}
	for _, l := range labels {
		if l != Outlier {
			sizes[l]++
		}
	}
	routes := make(map[int][]int, len(sizes))
	for l := range z {
		if sizes[l] > 0 {
			routes[l] = []int{len(routes)}
			delete(sizes, l)
		}
	}
	for _, l := range largestFirst(sizes) {
		routes[l] = []int{len(routes)}
	}
	return routes
}

// largestFirst lists the keys of sizes by falling size, equal ones ascending.
func largestFirst(sizes map[int]int) []int {
	return slices.SortedFunc(maps.Keys(sizes), func(a, b int) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b))
	})
}
