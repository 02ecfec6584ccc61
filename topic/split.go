package topic

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/linkage"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
)

// SplitOptions says how a topic is split.
type SplitOptions struct {
	// Parts is the number of parts, at least 2. 0, the default, leaves it to the clusterer.
	Parts int
	// MinSize is the least number of documents of a part, at least 2. 0, the default, means a twentieth of
	// the topic's documents, at least 5. It must not be set beside Parts or Clusterer.
	MinSize int
	// Clusterer finds the parts. nil, the default, means HDBSCAN with MinSize and otherwise the settings of
	// the model's clusterer, if that is HDBSCAN. It must not be set beside Parts.
	Clusterer stage.Clusterer
	// Outliers makes outliers of the documents that the clusterer finds in no part. Default false: they go
	// to the nearest. It must not be set beside Parts, of which every document gets one.
	Outliers bool
}

// validate reports every field outside its range.
func (o SplitOptions) validate() error {
	var f check.Fields
	f.Want(o.Parts == 0 || o.Parts >= 2 && o.Parts <= wardSample, "topic.SplitOptions.Parts", o.Parts, "0 (as the clusterer finds them), or 2 to 3,000")
	f.Want(o.MinSize == 0 || o.MinSize >= 2, "topic.SplitOptions.MinSize", o.MinSize, "0 (a twentieth of the topic), or 2 or more")
	f.Want(o.Parts == 0 || o.Clusterer == nil, "topic.SplitOptions.Clusterer", o.Clusterer, "none if Parts is set")
	f.Want(o.Parts == 0 || !o.Outliers, "topic.SplitOptions.Outliers", o.Outliers, "false if Parts is set")
	f.Want(o.MinSize == 0 || o.Parts == 0 && o.Clusterer == nil, "topic.SplitOptions.MinSize", o.MinSize, "0 if Parts or Clusterer is set")
	var err error
	if v, ok := o.Clusterer.(stage.Validator); ok {
		err = v.Validate()
	}
	return errors.Join(f.Err(), err)
}

// wardSample is the greatest number of documents of a topic that are agglomerated.
const wardSample = 3000

// SplitTopic makes several topics of one. Its documents' points, those of Model.Points, are clustered
// again: by HDBSCAN, or, for a given number of parts, by Ward's method, on 3,000 documents spread
// evenly over the topic's if there are more. What is in no part goes to the part with the nearest mean
// embedding, and so do new documents that would have been in the topic. Topics are numbered by size
// again; a document keeps its probability.
//
// It fails with ErrNoSplit if the clusterer finds fewer than two parts, and with ErrNoEmbeddings for a
// model of words alone. Time grows as that of the clusterer; with Parts it is bounded.
func (m *Model) SplitTopic(ctx context.Context, id int, opt SplitOptions) (*Model, error) {
	const operation = "split"
	if err := opt.validate(); err != nil {
		return nil, err
	}
	if err := m.whole(operation); err != nil {
		return nil, err
	}
	d, g := m.documents, m.grouping
	if err := g.want(id); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	if !d.hasEmbeddings() {
		return nil, fmt.Errorf("%s: %w", operation, ErrNoEmbeddings)
	}
	var docs, rows []int
	for i := range d.rows() {
		if doc := d.doc(i); g.assignments[doc].Topic == id {
			docs, rows = append(docs, doc), append(rows, i)
		}
	}
	points := dense.Pick(m.pipeline.rows.points, rows)
	var parts []int
	var n int
	var err error
	if opt.Parts > 0 {
		parts, n, err = agglomerate(ctx, points, opt.Parts)
	} else {
		parts, n, err = m.findParts(ctx, points, opt)
	}
	if err == nil && !opt.Outliers {
		err = m.toNearest(ctx, docs, parts, n)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: topic %d: %w", operation, id, err)
	}
	last := g.last() // the first part keeps the ID, the others get those after the last
	assignments := slices.Clone(g.assignments)
	for i, doc := range docs {
		switch p := parts[i]; {
		case p == Outlier:
			assignments[doc].Topic = Outlier
		case p > 0:
			assignments[doc].Topic = last + p
		}
	}
	return m.regroup(ctx, regrouping{operation: operation, assignments: assignments})
}

// findParts returns the parts that the clusterer finds among points, −1 for those in none, and the
// number of parts.
func (m *Model) findParts(ctx context.Context, points blas32.General, opt SplitOptions) (parts []int, n int, err error) {
	c := opt.Clusterer
	if c == nil {
		size := opt.MinSize
		if size == 0 {
			size = max(5, points.Rows/20)
		}
		own, ok := m.pipeline.cfg.clusterer().(stage.Resizer)
		if !ok {
			own = hdbscan.Config{}
		}
		c = own.Resized(size)
	}
	cfg := m.pipeline.cfg
	cfg.Progress = nil
	fitted, err := c.Cluster(ctx, cfg.run(""), stage.Data{X: points})
	if err != nil {
		return nil, 0, err
	}
	parts, n = consecutive(fitted.Labels())
	if n < 2 {
		return nil, 0, ErrNoSplit
	}
	return parts, n, nil
}

// consecutive returns labels with numbers from 0 without gaps, in their order, and their number.
func consecutive(labels []int) ([]int, int) {
	there := slices.Clone(labels)
	slices.Sort(there)
	there = slices.DeleteFunc(slices.Compact(there), func(l int) bool { return l == Outlier })
	out := make([]int, len(labels))
	for i, l := range labels {
		if out[i] = Outlier; l != Outlier {
			out[i], _ = slices.BinarySearch(there, l)
		}
	}
	return out, len(there)
}

// agglomerate returns parts of points by Ward's method, −1 for points that are not in the sample.
func agglomerate(ctx context.Context, points blas32.General, count int) (parts []int, n int, err error) {
	take := min(points.Rows, wardSample)
	if count > take {
		return nil, 0, fmt.Errorf("%d parts of %d documents, want at most %d", count, points.Rows, take)
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
	labels, err := tree.Cut(count)
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
	return parts, count, nil
}

// toNearest gives the documents without one of n parts the part whose mean embedding has the highest
// cosine with theirs, the first of equals.
func (m *Model) toNearest(ctx context.Context, docs, parts []int, n int) error {
	x := m.documents.embeddings
	sums := make([][]float64, n)
	for p := range sums {
		sums[p] = make([]float64, x.Cols)
	}
	for i, doc := range docs {
		if p := parts[i]; p != Outlier {
			dense.AddTo(sums[p], dense.Row(x, doc))
		}
	}
	// The length of a sum does not matter to a cosine, but float32 has to hold it.
	means := dense.New(n, x.Cols)
	for p, sum := range sums {
		dense.SetMean(dense.Row(means, p), sum, len(docs))
	}
	all := dense.NewCentroids(means, nil)
	return parallel.Loop{Workers: m.pipeline.cfg.Workers}.Run(ctx, len(docs), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			if parts[i] == Outlier {
				parts[i], _ = all.Nearest(dense.Row(x, docs[i]))
			}
		}
		return nil
	})
}
