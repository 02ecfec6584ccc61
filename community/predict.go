package community

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/knn"
)

// finder searches the fitted rows. The index is made at the first search, once for all layers.
type finder struct {
	mu sync.Mutex
	ix knn.Searcher
}

func (f *finder) open(ctx context.Context, m *Model) (knn.Searcher, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ix == nil {
		ix, err := knn.Open(ctx, m.x, knn.Cosine, knn.Options{Workers: m.cfg.Workers})
		if err != nil {
			return nil, err
		}
		f.ix = ix
	}
	return f.ix, nil
}

// Predict returns for each new row the community that most of the Voters fitted rows nearest to it by
// cosine are in, each counting with 1 less its distance, and the share of that community among them,
// in (0, 1]; −1 and 0 where that share is below MinStrength or the neighbors are outliers. A row
// equal to fitted ones has the community and the strength of the first of these.
func (m *Model) Predict(ctx context.Context, points blas32.General) (labels []int, strength []float64, err error) {
	labels, strength, err = m.predict(ctx, points)
	if err != nil {
		return nil, nil, fmt.Errorf("community: %w", err)
	}
	return labels, strength, nil
}

func (m *Model) predict(ctx context.Context, points blas32.General) (labels []int, strength []float64, err error) {
	labels, strength = make([]int, points.Rows), make([]float64, points.Rows)
	nb, err := m.neighbors(ctx, points)
	if err != nil {
		return nil, nil, err
	}
	chosen := m.layers[m.chosen]
	votes := make([]float64, chosen.count)
	for i := range labels {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		index, distance := nb.Index[i*nb.K:][:nb.K], nb.Distance[i*nb.K:][:nb.K]
		if first := int(index[0]); slices.Equal(dense.Row(points, i), dense.Row(m.x, first)) {
			labels[i], strength[i] = chosen.labels[first], chosen.strength[first]
			continue
		}
		var all float64
		clear(votes)
		for k, j := range index {
			w := math.Max(1-float64(distance[k]), 0)
			all += w
			if c := chosen.labels[j]; c >= 0 {
				votes[c] += w
			}
		}
		labels[i] = -1
		for c, v := range votes {
			if v > 0 && v/all >= m.cfg.MinStrength && v/all > strength[i] {
				labels[i], strength[i] = c, v/all
			}
		}
	}
	return labels, strength, nil
}

// neighbors returns the fitted rows nearest to each of points.
func (m *Model) neighbors(ctx context.Context, points blas32.General) (knn.Neighbors, error) {
	if points.Rows == 0 {
		return knn.Neighbors{}, nil
	}
	if points.Cols != m.x.Cols {
		return knn.Neighbors{}, fmt.Errorf("rows of %d columns, want %d as fitted", points.Cols, m.x.Cols)
	}
	ix, err := m.search.open(ctx, m)
	if err != nil {
		return knn.Neighbors{}, err
	}
	return ix.Query(ctx, points, min(m.cfg.Voters, m.x.Rows))
}
