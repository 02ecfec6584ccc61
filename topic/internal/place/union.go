package place

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Union places documents by models that were merged: every model is asked, and of the topics whose
// region a document lies in, the one that it is most similar to takes it. The label of a topic is
// its ID in its model with the offset of the model added.
type Union struct {
	Sources []Source
	Accept  Regions
}

// Source is one of the models of a Union.
type Source struct {
	Chain  *Chain
	Offset int // what is added to the model's topics to make labels of them
	Topics int // the number of labels of the model
	// Probabilities returns how strongly rows belong to the topics of the model; nil if its clusterer
	// has no memberships.
	Probabilities func(ctx context.Context, x blas32.General, top int) (sparse.CSR[float64], error)
	// Fitted is Probabilities of the rows of the model with text.
	Fitted func(ctx context.Context, top int) (sparse.CSR[float64], error)
}

// Soft reports whether all models have memberships.
func (u *Union) Soft() bool {
	for _, s := range u.Sources {
		if s.Probabilities == nil {
			return false
		}
	}
	return true
}

// Place asks every model by PlaceByClusters, which needs no texts.
func (u *Union) Place(ctx context.Context, q *Query) error {
	open := q.Open()
	if len(open) == 0 {
		return nil
	}
	x := q.rows(open)
	labels, strengths, best := make([]int, len(open)), make([]float64, len(open)), make([]float64, len(open))
	for k := range labels {
		labels[k] = stage.Outlier
	}
	for m, s := range u.Sources {
		sub := NewQuery(x, nil)
		if err := s.Chain.PlaceByClusters(ctx, sub); err != nil {
			return fmt.Errorf("model %d: %w", m, err)
		}
		for k := range open {
			topic, strength := sub.Result(k)
			if topic == stage.Outlier {
				continue
			}
			label := s.Offset + topic
			region, ok := u.Accept[label]
			if !ok {
				continue
			}
			if c := dense.Cosine(dense.Row(x, k), region.Center); c >= region.Floor && (labels[k] == stage.Outlier || c > best[k]) {
				labels[k], strengths[k], best[k] = label, strength, c
			}
		}
	}
	for k, i := range open {
		q.Label(u, i, labels[k], strengths[k])
	}
	return nil
}

// Memberships returns, for the documents at, the probabilities of the model that took each.
func (u *Union) Memberships(ctx context.Context, q *Query, at []int, top int) (sparse.CSR[float64], error) {
	from := make([]memberRow, len(at))
	for m, s := range u.Sources {
		var mine []int // positions in at
		var rows []int
		for k, i := range at {
			if l := q.label[i]; l >= s.Offset && l < s.Offset+s.Topics {
				mine, rows = append(mine, k), append(rows, i)
			}
		}
		if len(mine) == 0 {
			continue
		}
		if s.Probabilities == nil {
			return sparse.CSR[float64]{}, ErrNoMemberships
		}
		p, err := s.Probabilities(ctx, q.rows(rows), top)
		if err != nil {
			return p, fmt.Errorf("model %d: %w", m, err)
		}
		for row, k := range mine {
			from[k] = memberRow{of: p, row: row, offset: s.Offset}
		}
	}
	return joinRows(from), nil
}

// FittedMemberships returns the memberships of the rows of all models, one model after the other.
func (u *Union) FittedMemberships(ctx context.Context, top int) (sparse.CSR[float64], error) {
	var from []memberRow
	for m, s := range u.Sources {
		if s.Fitted == nil {
			return sparse.CSR[float64]{}, ErrNoMemberships
		}
		p, err := s.Fitted(ctx, top)
		if err != nil {
			return p, fmt.Errorf("model %d: %w", m, err)
		}
		for i := range p.Rows() {
			from = append(from, memberRow{of: p, row: i, offset: s.Offset})
		}
	}
	return joinRows(from), nil
}
