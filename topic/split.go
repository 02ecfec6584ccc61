package topic

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/linkage"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// ErrNoSplit is returned when a topic has no parts that HDBSCAN could tell apart.
var ErrNoSplit = errors.New("the topic has no parts; lower SplitConfig.MinSize, or set SplitConfig.Parts")

// SplitConfig says how a topic is split. The zero value is the default.
type SplitConfig struct {
	// Parts is the number of parts, at least 2; 0, the default, leaves it to HDBSCAN.
	Parts int
	// MinSize is the fewest documents that make a part for HDBSCAN, at least 2; 0, the default, stands for a twentieth of the
	// topic's documents, at least 5. It counts only where Parts is 0.
	MinSize int
	// Outliers makes outliers of the documents that HDBSCAN finds in no part. Default false: they go to the nearest.
	Outliers bool
}

// Validate reports every field outside its range.
func (c SplitConfig) Validate() error {
	var f check.Fields
	f.Want(c.Parts == 0 || c.Parts >= 2, "topic.SplitConfig.Parts", c.Parts, "0 (as HDBSCAN finds them), or 2 or more")
	f.Want(c.MinSize == 0 || c.MinSize >= 2, "topic.SplitConfig.MinSize", c.MinSize, "0 (a twentieth of the topic), or 2 or more")
	return f.Err()
}

// wardSample is the number of documents of a topic that are agglomerated at most.
const wardSample = 3000

// SplitTopic makes several topics of one. Its documents' points, those of Model.Points, are clustered again: by HDBSCAN with
// the settings of the model's clusterer (the defaults where that is of another kind) but for the sizes and limits, or, for a
// given number of parts, by Ward's method, of 3,000 documents spread evenly over the topic's when there are more. What is in
// no part goes to the part with the nearest mean embedding, and so do new documents that would have been in the topic.
// Topics are numbered by size again; a document keeps its probability.
//
// It fails with ErrNoSplit when HDBSCAN finds fewer than two parts, and with ErrNoEmbeddings for a model of words alone. Time grows as that of HDBSCAN; with Parts it is bounded.
func (m *Model) SplitTopic(ctx context.Context, id int, cfg SplitConfig) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := m.hasTopic(id); err != nil {
		return nil, fmt.Errorf("split: %w", err)
	}
	if m.embeddings.Cols == 0 {
		return nil, fmt.Errorf("split: %w", ErrNoEmbeddings)
	}
	var docs, rows []int
	for i := range m.fitted() {
		if doc := m.document(i); m.assignments[doc].Topic == id {
			docs, rows = append(docs, doc), append(rows, i)
		}
	}
	points := dense.Pick(m.reduction.Points(), rows)
	split := m.dense
	if cfg.Parts > 0 {
		split = agglomerate
	}
	parts, n, err := split(ctx, points, cfg)
	if err == nil && (cfg.Parts > 0 || !cfg.Outliers) {
		err = m.toNearest(ctx, docs, parts, n)
	}
	if err != nil {
		return nil, fmt.Errorf("split: topic %d: %w", id, err)
	}
	fresh := m.topics[len(m.topics)-1].ID // the first part keeps the number, the others get those after the last
	assignments := m.Assignments()
	for i, doc := range docs {
		switch p := parts[i]; {
		case p == Outlier:
			assignments[doc].Topic = Outlier
		case p > 0:
			assignments[doc].Topic = fresh + p
		}
	}
	return m.regroup(ctx, regrouping{operation: "split", assignments: assignments})
}

// dense is the parts that HDBSCAN finds among points, −1 for those in none, and their number.
func (m *Model) dense(ctx context.Context, points blas32.General, cfg SplitConfig) (parts []int, n int, err error) {
	c := hdbscan.DefaultConfig()
	if own, ok := m.cfg.Clusterer.(HDBSCAN); ok {
		c = own.Config
	}
	if c.MinSamples == 0 {
		c.MinSamples = c.MinClusterSize
	}
	c.MinClusterSize = cfg.MinSize
	if c.MinClusterSize == 0 {
		c.MinClusterSize = max(5, points.Rows/20)
	}
	c.MinSamples = min(c.MinSamples, c.MinClusterSize)
	c.ClusterSelectionEpsilon, c.ClusterSelectionEpsilonMax, c.ClusterSelectionPersistence = 0, 0, 0
	c.AllowSingleCluster, c.MaxClusterSize = false, 0
	c.Workers, c.Progress = m.cfg.Workers, nil
	fitted, err := hdbscan.Fit(ctx, points, c)
	if err != nil {
		return nil, 0, err
	}
	parts = fitted.Labels()
	for _, p := range parts {
		n = max(n, p+1)
	}
	if n < 2 {
		return nil, 0, ErrNoSplit
	}
	return parts, n, nil
}

// agglomerate is cfg.Parts parts of points by Ward's method, −1 for points that are not in the sample.
func agglomerate(ctx context.Context, points blas32.General, cfg SplitConfig) (parts []int, n int, err error) {
	take := min(points.Rows, wardSample)
	if cfg.Parts > take {
		return nil, 0, fmt.Errorf("%d parts of %d documents, want at most %d", cfg.Parts, points.Rows, take)
	}
	at := make([]int, take)
	for i := range at {
		at[i] = i * points.Rows / take
	}
	dist := make([]float64, 0, take*(take-1)/2)
	for i, a := range at {
		if err := context.Cause(ctx); err != nil {
			return nil, 0, err
		}
		for _, b := range at[i+1:] {
			sum := 0.0
			y := dense.Row(points, b)
			for j, v := range dense.Row(points, a) {
				d := float64(v) - float64(y[j])
				sum += float64(d * d)
			}
			dist = append(dist, math.Sqrt(sum))
		}
	}
	tree, err := linkage.Link(ctx, take, dist, linkage.Ward)
	if err != nil {
		return nil, 0, err
	}
	labels, err := tree.Cut(cfg.Parts)
	if err != nil {
		return nil, 0, err
	}
	parts = make([]int, points.Rows)
	for i := range parts {
		parts[i] = Outlier
	}
	for i, label := range labels {
		parts[at[i]] = label
	}
	return parts, cfg.Parts, nil
}

// toNearest gives the documents without one of n parts the part whose mean embedding has the highest cosine with theirs,
// the first of equals.
func (m *Model) toNearest(ctx context.Context, docs, parts []int, n int) error {
	dim := m.embeddings.Cols
	sums := make([]float64, n*dim)
	for i, doc := range docs {
		if p := parts[i]; p != Outlier {
			sum := sums[p*dim:][:dim]
			dense.AddTo(sum, dense.Row(m.embeddings, doc))
		}
	}
	// The length of a sum does not matter to a cosine, but float32 should hold it.
	means := dense.New(n, dim)
	for i, s := range sums {
		means.Data[i] = float32(s / float64(len(docs)))
	}
	all := dense.NewCentroids(means, nil)
	return parallel.Loop{Workers: m.cfg.Workers}.Run(ctx, len(docs), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			if parts[i] == Outlier {
				parts[i], _ = all.Nearest(dense.Row(m.embeddings, docs[i]))
			}
		}
		return nil
	})
}
