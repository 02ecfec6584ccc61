package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/online"
)

// savedOnline is what stages that learn batch by batch were told and have learned; in merged models, the reducer alone. The
// clusterer's is there for a model of an Online alone: that of a fit is the same bits when it is made again.
type savedOnline struct {
	Reducer  *PCA             `json:",omitempty"`
	PCA      *online.PCA      `json:",omitempty"`
	KMeans   *online.KMeans   `json:",omitempty"`
	DBStream *online.DBStream `json:",omitempty"`
	Labels   []int            `json:",omitempty"` // of the points that the clusterer has seen
	Batches  *batches         `json:",omitempty"`
}

// saveOnline is nil for a model without such stages.
func (m *Model) saveOnline() (*savedOnline, error) {
	s := savedOnline{Batches: m.batches}
	if p, ok := m.cfg.Reducer.(PCA); ok {
		p.Workers = 0
		s.Reducer = &p
	}
	reduction := m.reduction
	for {
		if e, ok := reduction.(extended); ok {
			reduction = e.Reduction
		} else if g, ok := reduction.(guided); ok {
			reduction = g.Reduction
		} else {
			break
		}
	}
	if r, ok := reduction.(partialReduction); ok {
		p, ok := r.part.(pcaPart)
		if !ok {
			return nil, fmt.Errorf("the reducer is a %T, want topic.PCA", m.cfg.Reducer)
		}
		s.PCA = p.PCA
	}
	if m.batches == nil {
		if s.Reducer == nil {
			return nil, nil
		}
		return &s, nil
	}
	c := m.base().(partialClustering)
	s.Labels = c.labels
	switch p := c.part.(type) {
	case kmeansPart:
		s.KMeans = p.KMeans
	case dbstreamPart:
		s.DBStream = p.DBStream
	default:
		return nil, fmt.Errorf("the clusterer is a %T, want one of this package's", m.cfg.Clusterer)
	}
	return &s, nil
}

// reduces says whether PCA made the points.
func (s *savedOnline) reduces() bool { return s != nil && s.PCA != nil }

// reduction is that of x, whose points are points.
func (s *savedOnline) reduction(ctx context.Context, x, points blas32.General, workers int) (Reduction, error) {
	r := partialReduction{pcaPart{s.PCA.With(workers)}, points}
	first, err := r.Transform(ctx, dense.Slice(x, 0, 1))
	if err == nil && first.Cols != points.Cols {
		err = fmt.Errorf("points of %d dimensions, want %d", points.Cols, first.Cols)
	}
	return r, err
}

// learned is the clustering of points; nil where it is to be made again.
func (s *savedOnline) learned(ctx context.Context, points blas32.General, workers int) (Clustering, error) {
	if s == nil {
		return nil, nil
	}
	var part PartialClustering
	switch {
	case s.KMeans != nil:
		part = kmeansPart{s.KMeans.With(workers)}
	case s.DBStream != nil:
		part = dbstreamPart{s.DBStream.With(workers)}
	default:
		return nil, nil
	}
	c := partialClustering{part, s.Labels}
	if err := checkLabels(c, points.Rows); err != nil {
		return nil, err
	}
	_, _, err := c.Predict(ctx, dense.Slice(points, 0, 1))
	return c, err
}
