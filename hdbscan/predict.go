package hdbscan

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Predict gives new points the label and the strength, in [0, 1], that the fitted clusters have for them; the clusters do
// not change. Each point's result depends on that point alone. A point with the coordinates of a row of the data gets
// that row's label and probability.
//
// It is approximate_predict of hdbscan 0.8.44: of the 2·MinSamples nearest rows, the one nearest by mutual reachability
// decides; the point joins the cluster that this row leaves, or the ancestor that exists at the point's own λ. What differs:
//
//   - The original measures the core distances of the data with one neighbour fewer than its fit does, and those of new
//     points with one more. Here both are the fit's: the distance to the MinSamples-th row that is not the point.
//   - Alpha divides distances as in the fit; the original leaves it out.
//   - Where the root is the selected cluster, a point that leaves it early is an outlier, as in the fit.
//   - Every selected cluster can be predicted, under its own label. Where there is a cluster that no row leaves directly,
//     the original misses a part of it and may give clusters the numbers of others; where the tree has no split it
//     predicts no cluster at all.
//   - MinSamples is the clamped one, where the original fails for want of rows.
//
// With Config.OriginalPrediction all but the last are as in the original, and rows of the data are treated like any
// other point. A wrong number of columns is an error, a value that is not finite a *ValueError.
func (m *Model) Predict(ctx context.Context, points blas32.General) (labels []int, strength []float64, err error) {
	if err := check.Matrix(points); err != nil {
		return nil, nil, fmt.Errorf("hdbscan: %w", err)
	}
	if points.Rows > 0 && m.rows > 0 && points.Cols != m.dims {
		return nil, nil, fmt.Errorf("hdbscan: the points have %d columns, the model has %d", points.Cols, m.dims)
	}
	if err := context.Cause(ctx); err != nil {
		return nil, nil, fmt.Errorf("hdbscan: %w", err)
	}
	labels, strength = make([]int, points.Rows), make([]float64, points.Rows)
	p := newPredictor(m)
	if p == nil {
		for i := range labels {
			labels[i] = -1
		}
		return labels, strength, nil
	}
	search := make([]query, parallel.Workers(m.cfg.Workers))
	loop := parallel.Loop{Workers: m.cfg.Workers, Block: 128}
	err = loop.Run(ctx, points.Rows, func(w, lo, hi int) error {
		q := &search[w]
		if q.at == nil {
			q.at, q.near.t = make([]float64, m.dims), m.tree
		}
		for i := lo; i < hi; i++ {
			for j, v := range points.Data[i*points.Stride : i*points.Stride+m.dims] {
				q.at[j] = float64(v)
			}
			labels[i], strength[i] = p.predict(q)
			if err := q.near.look(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("hdbscan: %w", err)
	}
	return labels, strength, nil
}

// query is one goroutine's memory: the point and what is near to it.
type query struct {
	at   []float64
	near neighbours
}

// predictor is what the two ways of prediction differ in.
type predictor struct {
	m        *Model
	original bool
	core     []float64 // squared core distances of the data, by position
	nth      int       // the neighbour that makes a new point's core distance
	scale    float64   // 1/Alpha²
	label    []int     // by cluster of the hierarchy
	deepest  []float64 // largest λ of a label's cluster
}

// newPredictor is nil where everything is an outlier.
func newPredictor(m *Model) *predictor {
	if m.tree == nil || len(m.selection.clusters) == 0 {
		return nil
	}
	h := m.hierarchy
	p := &predictor{m: m, deepest: make([]float64, len(m.selection.clusters))}
	if !m.cfg.OriginalPrediction {
		p.core, p.nth, p.scale, p.label = m.cores.sq, m.minSamples, 1/float64(m.cfg.Alpha*m.cfg.Alpha), m.selection.label
		for l, c := range m.selection.clusters {
			p.deepest[l] = h.death[c]
		}
		return p
	}
	if len(h.parent) == 1 {
		return nil
	}
	p.original, p.core, p.nth, p.scale = true, m.cores.short, m.minSamples+1, 1
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

func (p *predictor) predict(q *query) (label int, strength float64) {
	m, h, s := p.m, p.m.hierarchy, &q.near
	s.find(q.at, -1, min(2*m.minSamples, m.rows))
	if s.d2[0] == 0 && !p.original {
		row := m.tree.row[s.pos[0]]
		return m.labels[row], m.probabilities[row]
	}
	core := s.kth(min(p.nth, m.rows))
	nearest, least := s.pos[0], math.Inf(1)
	for i, d2 := range s.d2 {
		if w := max(core, p.core[s.pos[i]], float64(d2*p.scale)); w < least {
			nearest, least = s.pos[i], w
		}
	}
	lambda := math.MaxFloat64
	if least > 0 {
		lambda = 1 / math.Sqrt(least)
	}
	// The point leaves with its neighbour, or before it from a cluster that exists at that λ.
	row := m.tree.row[nearest]
	cluster, leaves := h.rowCluster[row], h.rowLambda[row]
	if lambda < leaves {
		leaves = lambda
		for cluster > 0 && h.birth[cluster] >= lambda {
			cluster = h.parent[cluster]
		}
	}
	label = p.label[cluster]
	if !p.original && cluster == 0 && leaves < m.selection.rootFrom {
		label = -1
	}
	if label < 0 {
		return -1, 0
	}
	deepest := p.deepest[label]
	if deepest == 0 {
		return label, 1
	}
	return label, min(lambda, deepest) / deepest
}
