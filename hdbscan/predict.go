package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Prediction is where a new point belongs.
type Prediction struct {
	Label    int     // the cluster, or −1 for an outlier
	Strength float64 // how strongly it belongs there, in [0, 1]
	// OutlierScore is the point's score by the definition of Model.OutlierScores. [approximate_predict_scores]
	OutlierScore float64
	// Neighbor is the row of the data that decided: the nearest by mutual reachability, or a row equal to the point. −1
	// where the model has no rows. [return_connecting_points]
	Neighbor int
}

// Predict gives new points the label and the strength, in [0, 1], that the fitted clusters have for them; the clusters do
// not change. Each point's result depends on that point alone. A point with the coordinates of a row of the data gets
// that row's label and probability.
//
// It is approximate_predict of hdbscan 0.8.44: of the 2·MinSamples nearest rows, the one nearest by mutual reachability
// decides; the point joins the cluster that this row leaves, or the ancestor that exists at the point's own λ. What differs:
//
//   - The original measures the core distances of the data with one neighbor fewer than its fit does, and those of new
//     points with one more. Here both are the fit's: the distance to the MinSamples-th row that is not the point.
//   - Alpha divides distances as in the fit; the original leaves it out.
//   - Where the root is the selected cluster, a point that leaves it early is an outlier, as in the fit.
//   - Every selected cluster can be predicted, under its own label. Where there is a cluster that no row leaves directly,
//     the original misses a part of it and may give clusters the numbers of others; where the tree has no split it
//     predicts no cluster at all.
//   - MinSamples is the clamped one, where the original fails for want of rows.
//
// With Config.OriginalPrediction all but the last are as in the original, and rows of the data are treated like any
// other point. A wrong number of columns is an error, a value that is not finite a *stage.ValueError, and so is a model of
// given distances, which has no place for new points.
func (m *Model) Predict(ctx context.Context, points blas32.General) (labels []int, strength []float64, err error) {
	all, err := m.Locate(ctx, points)
	if err != nil {
		return nil, nil, err
	}
	labels, strength = make([]int, len(all)), make([]float64, len(all))
	for i, p := range all {
		labels[i], strength[i] = p.Label, p.Strength
	}
	return labels, strength, nil
}

// Locate is Predict with all that is found out about each point.
func (m *Model) Locate(ctx context.Context, points blas32.General) ([]Prediction, error) {
	out := make([]Prediction, points.Rows)
	p := newPredictor(m)
	err := m.eachPoint(ctx, points, p, func(_, i int, f found) {
		out[i] = f.Prediction
	})
	if err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	return out, nil
}

// eachPoint calls f with the number of a worker and what is found for each point.
func (m *Model) eachPoint(ctx context.Context, points blas32.General, p *predictor, f func(worker, i int, found found)) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if m.tree != nil {
		if m.tree.given != nil {
			return errors.New("a model of given distances has no place for new points")
		}
		if err := m.tree.checkPoints(points); err != nil {
			return err
		}
	}
	search := make([]query, parallel.Workers(m.cfg.Workers))
	loop := parallel.Loop{Workers: m.cfg.Workers, Block: 128}
	if m.tree != nil && !m.tree.boxed() {
		loop.Block = 8
	}
	return loop.Run(ctx, points.Rows, func(w, lo, hi int) error {
		q := &search[w]
		for i := lo; i < hi; i++ {
			if m.tree == nil {
				f(w, i, found{Prediction: Prediction{Label: -1, Neighbor: -1}, row: -1})
				continue
			}
			row := points.Data[i*points.Stride : i*points.Stride+points.Cols]
			f(w, i, p.predict(q, row))
			if err := q.near.look(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// query is one goroutine's memory: the point and what is near to it.
type query struct {
	place
	near neighbours
}

// put makes the query one for a row.
func (q *query) put(t *kdTree, row []float32) {
	q.near.t = t
	switch {
	case t.norm == noNorm:
		q.raw = row
		return
	case q.at == nil:
		q.at = make([]float64, t.dims)
	}
	if t.prepare != nil {
		t.prepare(q.at, row)
		return
	}
	for j, v := range row {
		q.at[j] = float64(v)
	}
}

// found is what is found for a new point: besides the prediction, the cluster of the hierarchy that it leaves, and its λ.
type found struct {
	Prediction
	place
	cluster   int32
	lambda    float64
	row       int32 // a row at the same place, or −1
	nearest   int32 // the row that decides
	ownLambda float64
}

// predictor is what the two ways of prediction differ in.
type predictor struct {
	m        *Model
	original bool
	core     []float64 // squared core distances of the data, by position
	nth      float64   // the neighbor that makes a new point's core distance
	total    float64   // weight of all rows
	scale    float64   // of distances
	label    []int     // by cluster of the hierarchy; nil: everything is an outlier
	deepest  []float64 // largest λ of a label's cluster
}

func newPredictor(m *Model) *predictor {
	p := &predictor{m: m}
	if m.tree == nil {
		return p
	}
	h := m.hierarchy
	p.core, p.nth, p.scale = m.cores.sq, m.minSamples, m.tree.scale
	p.total = m.linkage.weighs(int32(2*m.rows - 2))
	if m.tree.once {
		p.total = float64(m.tree.len())
	}
	if m.cfg.OriginalPrediction {
		p.original, p.core, p.nth, p.scale = true, m.cores.short, m.minSamples+1, 1
	}
	if len(m.selection.clusters) == 0 || p.original && len(h.parent) == 1 {
		return p
	}
	p.deepest = make([]float64, len(m.selection.clusters))
	if !p.original {
		p.label = m.selection.label
		for l, c := range m.selection.clusters {
			p.deepest[l] = h.death[c]
		}
		return p
	}
	// The original takes for a label's cluster the lowest number of a cluster that rows of the label leave, which lies
	// below the selected one where no row leaves that directly. It then numbers the clusters that it took anew, in their
	// order, which may not be the order of the labels.
	top := make([]int32, len(p.deepest))
	for l := range top {
		top[l] = math.MaxInt32
	}
	for i, l := range m.labels {
		if l >= 0 {
			top[l] = min(top[l], h.rowCluster[i])
		}
	}
	slices.Sort(top)
	p.label = make([]int, len(h.parent))
	for c := range p.label {
		p.label[c] = -1
		if c > 0 {
			p.label[c] = p.label[h.parent[c]]
		}
		if l, ok := slices.BinarySearch(top, int32(c)); ok {
			p.label[c], p.deepest[l] = l, h.death[c]
		}
	}
	return p
}

// nearest is, of the points found, the one nearest by mutual reachability, the first of equals, and how near.
func (p *predictor) nearest(s *neighbours, core float64) (pos int32, least float64) {
	pos, least = s.pos[0], math.Inf(1)
	for i, d2 := range s.d2 {
		if w := max(core, p.core[s.pos[i]], float64(d2*p.scale)); w < least {
			pos, least = s.pos[i], w
		}
	}
	return pos, least
}

func (p *predictor) predict(q *query, values []float32) found {
	m, h, s := p.m, p.m.hierarchy, &q.near
	if m.tree.nowhere != nil && m.tree.nowhere(values) {
		return found{Prediction: Prediction{Label: -1, OutlierScore: 1, Neighbor: 0}, place: q.place, row: -1}
	}
	q.put(m.tree, values)
	// No row is nearer by mutual reachability than the core distance. Mostly one within it is just that near.
	s.find(q.place, -1, min(p.nth, p.total))
	out := found{place: q.place, row: -1}
	if s.d2[0] == 0 && !p.original {
		row := m.tree.row[s.pos[0]]
		out.row, out.nearest, out.cluster, out.lambda = row, row, h.rowCluster[row], h.rowLambda[row]
		out.Prediction = Prediction{m.labels[row], m.probabilities[row], h.outlying(out.cluster, out.lambda), int(row)}
		return out
	}
	core := s.kth(p.nth)
	nearest, least := p.nearest(s, core)
	if least > core {
		s.find(q.place, -1, min(2*m.minSamples, p.total))
		nearest, least = p.nearest(s, core)
	}
	lambda := math.MaxFloat64
	if least > 0 {
		lambda = 1 / m.tree.distance(least)
	}
	// The point leaves with its neighbor, or before it from a cluster that exists at that λ.
	row := m.tree.row[nearest]
	cluster, leaves := h.rowCluster[row], h.rowLambda[row]
	scored := cluster
	if lambda < leaves {
		leaves = lambda
		for cluster > 0 && h.birth[cluster] >= lambda {
			cluster = h.parent[cluster]
		}
	}
	out.cluster, out.lambda, out.nearest, out.ownLambda = cluster, leaves, row, lambda
	out.Label, out.Neighbor = -1, int(row)
	if p.original {
		if s.d2[0] == 0 {
			lambda = leaves
		}
		out.OutlierScore = h.outlying(scored, lambda)
		lambda = out.ownLambda
	} else {
		out.OutlierScore = h.outlying(cluster, leaves)
	}
	if p.label == nil {
		return out
	}
	label := p.label[cluster]
	if !p.original && (leaves == 0 || leaves < m.selection.rootFrom) {
		label = -1
	}
	if label < 0 {
		return out
	}
	out.Label, out.Strength = label, 1
	if deepest := p.deepest[label]; deepest != 0 {
		out.Strength = min(lambda, deepest) / deepest
	}
	return out
}
