package report

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// Point is a place on the map.
type Point struct{ X, Y float64 }

// Finite reports whether p is a place at all: documents without text have NaN.
func (p Point) Finite() bool { return !math.IsNaN(p.X) && !math.IsNaN(p.Y) }

var nowhere = Point{math.NaN(), math.NaN()}

// layOut places the documents on a plane, those without text nowhere. sampled is the number of
// documents that the layout was fitted to.
func layOut(ctx context.Context, m *topic.Model, parts modelParts, opt Options) (points []Point, sampled int, err error) {
	points = make([]Point, m.Len())
	if opt.Positions.Rows > 0 {
		for i := range points {
			row := opt.Positions.Data[i*opt.Positions.Stride:]
			points[i] = Point{float64(row[0]), float64(row[1])}
		}
		return points, len(points), nil
	}
	for i := range points {
		points[i] = nowhere
	}
	_, rows, err := m.Points() // the documents with text
	if err != nil {
		return nil, 0, err
	}
	if len(rows) == 0 {
		return points, 0, nil
	}
	cfg := opt.Layout
	if cfg.MinDist == 0 {
		cfg.MinDist = 0.15
	}
	if cfg.Metric == metric.Euclidean {
		cfg.Metric = metric.Cosine
	}
	if cfg.Init == umap.Spectral && m.Dims() > 0 {
		cfg.Init = umap.PCA // the spectral start puts groups without edges to others far outside
	}
	cfg.NComponents = 2
	model := m.Config()
	if cfg.Seed == 0 {
		cfg.Seed = model.Seed
	}
	if cfg.Workers == 0 {
		cfg.Workers = model.Workers
	}
	sample, rest := split(parts.docs, rows, orDefault(opt.LayoutSample, defaultLayoutSample, len(rows)), cfg.Seed)
	first, others, err := positions(ctx, m, parts, sample, rest, cfg)
	if err != nil {
		return nil, 0, fmt.Errorf("report: layout: %w", err)
	}
	for k, i := range sample {
		points[i] = Point{float64(first.Data[k*first.Stride]), float64(first.Data[k*first.Stride+1])}
	}
	for k, i := range rest {
		points[i] = Point{float64(others.Data[k*others.Stride]), float64(others.Data[k*others.Stride+1])}
	}
	pullIn(points)
	return points, len(sample), nil
}

// pullIn moves points that lie far outside closer to the others: a distance r from the median beyond R,
// 1.25 times the distance within which nine in ten points lie, becomes R·(1 + ln(r/R)/4). Groups without
// edges to others repel them without limit, and their distances mean nothing, but would leave the others
// a small part of the map.
func pullIn(points []Point) {
	center := medians(points, make([]int, len(points)), 1)[0]
	var radii []float64
	for _, p := range points {
		if p.Finite() {
			radii = append(radii, radius(p, center))
		}
	}
	if len(radii) == 0 {
		return
	}
	slices.Sort(radii)
	limit := 1.25 * radii[(len(radii)-1)*9/10]
	for i, p := range points {
		if r := radius(p, center); p.Finite() && limit > 0 && r > limit {
			shrink := limit * (1 + bitmath.Log(r/limit)/4) / r
			points[i] = Point{center.X + float64(shrink*(p.X-center.X)), center.Y + float64(shrink*(p.Y-center.Y))}
		}
	}
}

func radius(p, center Point) float64 {
	dx, dy := p.X-center.X, p.Y-center.Y
	return math.Sqrt(float64(dx*dx) + float64(dy*dy))
}

// split chooses n of rows by the hash of their texts, so that the choice does not depend on their
// order, and returns the chosen and the others, both ascending.
func split(docs []string, rows []int, n int, seed uint64) (sample, rest []int) {
	if len(rows) <= n {
		return rows, nil
	}
	type ranked struct {
		key uint64
		doc int
	}
	order := make([]ranked, len(rows))
	for k, i := range rows {
		h := fnv.New64a()
		h.Write([]byte(docs[i]))
		s := rng.New(seed, h.Sum64())
		order[k] = ranked{s.Uint64(), i}
	}
	slices.SortFunc(order, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.doc, b.doc)) })
	for k, r := range order {
		if k < n {
			sample = append(sample, r.doc)
		} else {
			rest = append(rest, r.doc)
		}
	}
	slices.Sort(sample)
	slices.Sort(rest)
	return sample, rest
}

// positions lays out the documents of sample and places those of rest among them: by their embeddings,
// or by the weights of their words for a model of words alone.
func positions(ctx context.Context, m *topic.Model, parts modelParts, sample, rest []int, cfg umap.Config) (first, others blas32.General, err error) {
	x := parts.x
	if x.Cols > 0 {
		fit, err := umap.FitData(ctx, umap.Data{X: pick(x, sample), Borrow: true}, cfg)
		if err != nil || len(rest) == 0 {
			return pointsOf(fit, err)
		}
		others, err := fit.Transform(ctx, pick(x, rest))
		return fit.Points(), others, err
	}
	weights, err := documentWeights(ctx, m, parts)
	if err != nil {
		return first, others, err
	}
	fit, err := umap.FitData(ctx, umap.Data{Sparse: pickSparse(weights, sample)}, cfg)
	if err != nil || len(rest) == 0 {
		return pointsOf(fit, err)
	}
	others, err = fit.TransformSparse(ctx, pickSparse(weights, rest))
	return fit.Points(), others, err
}

func pointsOf(fit *umap.Model, err error) (first, others blas32.General, _ error) {
	if err != nil {
		return first, others, err
	}
	return fit.Points(), others, nil
}

func pick(x blas32.General, rows []int) blas32.General {
	if len(rows) == x.Rows {
		return x
	}
	out := dense.New(len(rows), x.Cols)
	for k, i := range rows {
		copy(out.Data[k*out.Stride:], x.Data[i*x.Stride:i*x.Stride+x.Cols])
	}
	return out
}

func pickSparse(x sparse.CSR[float32], rows []int) sparse.CSR[float32] {
	index := make([]int32, len(rows))
	for k, i := range rows {
		index[k] = int32(i)
	}
	return x.Pick(index)
}

// documentWeights returns the weights of the words of each document.
func documentWeights(ctx context.Context, m *topic.Model, parts modelParts) (sparse.CSR[float32], error) {
	var out sparse.CSR[float32]
	counts, err := parts.counts.Documents(ctx, parts.docs, m.Config().Vocabulary)
	if err != nil {
		return out, err
	}
	weights, err := parts.weights.Transform(counts)
	if err != nil {
		return out, err
	}
	out = sparse.CSR[float32]{Cols: weights.Cols, RowPtr: weights.RowPtr, Col: weights.Col, Value: make([]float32, len(weights.Value))}
	for i, v := range weights.Value {
		out.Value[i] = float32(v)
	}
	return out, nil
}
