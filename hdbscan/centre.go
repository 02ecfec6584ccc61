package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Centroids has the mean of each cluster's rows, one row per cluster, weighted by their probabilities (and their weights).
// x is the matrix that was fitted. Means make sense under Euclidean. A cluster that no row is in has zeros.
// [weighted_cluster_centroid].
func (m *Model) Centroids(x blas32.General) (blas32.General, error) {
	if err := m.sameRows(x); err != nil {
		return blas32.General{}, err
	}
	clusters := len(m.persistence)
	out := blas32.General{Rows: clusters, Cols: x.Cols, Stride: max(x.Cols, 1), Data: make([]float32, clusters*x.Cols)}
	sum, weight := make([]float64, clusters*x.Cols), make([]float64, clusters)
	for i, l := range m.labels {
		if l < 0 {
			continue
		}
		w := m.strength(i)
		weight[l] += w
		to := sum[l*x.Cols : (l+1)*x.Cols]
		for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
			to[j] += float64(w * float64(v))
		}
	}
	for i, v := range sum {
		if w := weight[i/x.Cols]; w > 0 {
			out.Data[i] = float32(v / w)
		}
	}
	return out, nil
}

// strength is the probability of a row, times its weight.
func (m *Model) strength(i int) float64 {
	if m.linkage.rows != nil {
		return m.probabilities[i] * m.linkage.rows[i]
	}
	return m.probabilities[i]
}

func (m *Model) sameRows(x blas32.General) error {
	if x.Rows != m.rows || m.tree != nil && (m.tree.given != nil || x.Cols != m.tree.cols) {
		return fmt.Errorf("hdbscan: the matrix is %d×%d, want the one that was fitted, of %d rows", x.Rows, x.Cols, m.rows)
	}
	if m.tree != nil {
		if err := m.tree.checkPoints(x); err != nil {
			return fmt.Errorf("hdbscan: %w", err)
		}
	}
	return nil
}

// Medoids has for each cluster the row that is nearest to all of its rows: that with the smallest sum of distances to
// them, each weighted by the probability (and the weight) of the row that it goes to, the first of equals; −1 for a
// cluster that no row is in. It takes time in proportion to the square of a cluster's size. [weighted_cluster_medoid, as rows].
func (m *Model) Medoids(ctx context.Context) ([]int, error) {
	clusters := make([][]int32, len(m.persistence))
	for i, l := range m.labels {
		if l >= 0 {
			clusters[l] = append(clusters[l], int32(i))
		}
	}
	out := make([]int, len(clusters))
	for l, rows := range clusters {
		if out[l] = -1; len(rows) == 0 {
			continue
		}
		sums := make([]float64, len(rows))
		err := parallel.Loop{Workers: m.cfg.Workers, Block: 8}.Run(ctx, len(rows), func(_, lo, hi int) error {
			for i := lo; i < hi; i++ {
				from := m.tree.place(m.tree.pos[rows[i]])
				from.row = rows[i]
				var d [1]float64
				for j, r := range rows {
					if j&0xfff == 0 && ctx.Err() != nil {
						return context.Cause(ctx)
					}
					if p := m.tree.pos[r]; p != m.tree.pos[rows[i]] {
						m.tree.dists(d[:], from, p)
						sums[i] += float64(m.tree.distance(d[0]) * m.strength(int(r)))
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("hdbscan: %w", err)
		}
		best := 0
		for i, s := range sums {
			if s < sums[best] {
				best = i
			}
		}
		out[l] = int(rows[best])
	}
	return out, nil
}

// RelativeValidity is a fast stand-in for the density-based validity index (DBCV) by the edges of the spanning tree alone,
// from −1 to 1: the mean over clusters, weighted by the share of all rows that they have, of (separation − sparseness) /
// the larger of the two, where sparseness is the longest edge within a cluster and separation the shortest between it and
// another. A cluster without an edge to another counts as twice the longest edge of all away; the only cluster, as twice
// the shortest edge to an outlier. It compares clusterings of the same data. [relative_validity_]
//
// The error says that there is no cluster.
func (m *Model) RelativeValidity() (float64, error) {
	clusters := len(m.persistence)
	if clusters == 0 {
		return 0, errors.New("hdbscan: there is no cluster")
	}
	sparse, apart := make([]float64, clusters), make([]float64, clusters)
	for i := range apart {
		apart[i] = math.Inf(1)
	}
	var longest float64
	outlier := math.Inf(1)
	for _, e := range m.links {
		w := m.tree.distance(e.w2)
		longest = max(longest, w)
		switch a, b := m.labels[e.a], m.labels[e.b]; {
		case a < 0 && b < 0:
		case a < 0 || b < 0:
			outlier = min(outlier, w)
		case a == b:
			sparse[a] = max(sparse[a], w)
		default:
			apart[a], apart[b] = min(apart[a], w), min(apart[b], w)
		}
	}
	far := 2 * longest
	if clusters == 1 && !math.IsInf(outlier, 1) {
		far = 2 * outlier
	}
	size := make([]float64, clusters)
	for _, l := range m.labels {
		if l >= 0 {
			size[l]++
		}
	}
	var sum float64
	for l, d := range apart {
		if math.IsInf(d, 1) {
			d = far
		}
		if most := max(d, sparse[l]); most > 0 && !math.IsInf(most, 1) {
			sum += float64(size[l] * ((d - sparse[l]) / most))
		} else if math.IsInf(d, 1) && !math.IsInf(sparse[l], 1) {
			sum += size[l]
		}
	}
	return sum / float64(m.rows), nil
}
