package eval

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/metric"
)

// DBCVResult is the density-based clustering validation index of a labeling.
type DBCVResult struct {
	// Index is from −1 to 1, the larger the denser the clusters are within and the sparser the space between them: the
	// sum of the clusters' indices, each weighed by its share of all rows, so that noise counts against it.
	Index float64
	// Clusters has the index of each label from 0 to the largest, from −1 to 1; a label of one row or of none has 0.
	Clusters []float64
}

// DBCV is the density-based clustering validation index (Moulavi, Jaskowiak, Campello, Zimek and Sander, SDM 2014,
// doi:10.1137/1.9781611973440.96) of a labeling of the rows of x, −1 standing for noise, with distances by m.
//
// It is validity_index of hdbscan 0.8.44 with the same rule for ties, by which the lowest row within a tolerance of
// 1e-8 + 1e-5·w is the one that an edge of weight w leads to. Time is O(n²) distances, memory O(n).
//
// Errors: labels of another number than rows, or below −1; fewer than two labels with at least two rows; *stage.ValueError for
// NaN and Inf; an unknown metric; the context's cause.
func DBCV(ctx context.Context, x blas32.General, labels []int, m Metric) (DBCVResult, error) {
	fail := func(err error) (DBCVResult, error) { return DBCVResult{}, fmt.Errorf("eval: DBCV: %w", err) }
	if err := check.Matrix(x); err != nil {
		return fail(err)
	}
	if len(labels) != x.Rows {
		return fail(fmt.Errorf("%d labels for %d rows, want one each", len(labels), x.Rows))
	}
	kinds := map[Metric]metric.Kind{Euclidean: metric.Euclidean, Cosine: metric.Cosine}
	kind, ok := kinds[m]
	if !ok {
		return fail(fmt.Errorf("unknown metric %v, want Euclidean or Cosine", m))
	}
	most := -1
	for i, l := range labels {
		if l < -1 {
			return fail(fmt.Errorf("row %d has label %d, want −1 or more", i, l))
		}
		most = max(most, l)
	}
	if most >= x.Rows {
		return fail(fmt.Errorf("the largest label is %d for %d rows, want labels from 0 on", most, x.Rows))
	}
	clusters := make([]densityCluster, most+1)
	for i, l := range labels {
		if l >= 0 {
			clusters[l].rows = append(clusters[l].rows, dense.Row(x, i))
		}
	}
	sound := 0
	for _, c := range clusters {
		if len(c.rows) > 1 {
			sound++
		}
	}
	if sound < 2 {
		return fail(fmt.Errorf("%d labels with at least two rows, want at least two of them", sound))
	}
	distance := metric.Metric{Kind: kind}.Function()
	loop := parallel.Loop{Block: 1}
	err := loop.Run(ctx, len(clusters), func(_, lo, _ int) error {
		if len(clusters[lo].rows) < 2 {
			return nil
		}
		if err := clusters[lo].measure(ctx, distance, float64(x.Cols)); err != nil {
			return err
		}
		return clusters[lo].span(ctx, distance)
	})
	if err != nil {
		return fail(err)
	}
	apart := make([]float64, len(clusters))
	err = loop.Run(ctx, len(clusters), func(_, i, _ int) error {
		apart[i] = math.Inf(1)
		for j := range clusters {
			if i == j || len(clusters[i].rows) < 2 || len(clusters[j].rows) < 2 {
				continue
			}
			d, err := clusters[min(i, j)].separation(ctx, &clusters[max(i, j)], distance)
			if err != nil {
				return err
			}
			apart[i] = min(apart[i], d)
		}
		return nil
	})
	if err != nil {
		return fail(err)
	}
	r := DBCVResult{Clusters: make([]float64, len(clusters))}
	for i, c := range clusters {
		if len(c.rows) < 2 {
			continue
		}
		if most := max(apart[i], c.sparseness); most > 0 {
			r.Clusters[i] = (apart[i] - c.sparseness) / most
		}
		r.Index += float64(float64(len(c.rows)) / float64(x.Rows) * r.Clusters[i])
	}
	return r, nil
}

// densityCluster is one cluster.
type densityCluster struct {
	rows       [][]float32
	core       []float64 // all-points core distances
	inner      []int     // rows with more than one edge of the spanning tree
	sparseness float64   // longest edge between such rows
}

// measure finds the all-points core distances: (Σ d⁻ᵏ/(n−1))^(−1/k) over the distances d ≠ 0 to the other rows in k
// dimensions, with powers relative to the smallest d, so that they stay within range.
func (c *densityCluster) measure(ctx context.Context, distance func(a, b []float32) float64, dims float64) error {
	n := len(c.rows)
	c.core = make([]float64, n)
	d := make([]float64, n)
	for i, row := range c.rows {
		if i&15 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		least := math.Inf(1)
		for j, other := range c.rows {
			if d[j] = distance(row, other); d[j] > 0 {
				least = min(least, d[j])
			}
		}
		if math.IsInf(least, 1) {
			continue
		}
		var sum float64
		for _, v := range d {
			if v > 0 {
				sum += metric.Power(least/v, dims)
			}
		}
		c.core[i] = least / metric.Power(sum/float64(n-1), 1/dims)
	}
	return nil
}

// span finds the spanning tree of mutual reachability by Prim's algorithm from the first row, and its inner rows.
func (c *densityCluster) span(ctx context.Context, distance func(a, b []float32) float64) error {
	n := len(c.rows)
	best, all := make([]float64, n), make([]float64, n)
	inside := make([]bool, n)
	degree := make([]int, n)
	type edge struct {
		a, b int
		w    float64
	}
	edges := make([]edge, 0, n-1)
	for i := range best {
		best[i] = math.Inf(1)
	}
	cur := 0
	for step := range n {
		if step&15 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		to := 0 // where the edge to cur comes from
		for j := range all {
			all[j] = max(distance(c.rows[cur], c.rows[j]), c.core[cur], c.core[j])
		}
		if step > 0 {
			w := best[cur]
			for j, v := range all {
				if inside[j] && math.Abs(v-w) <= 1e-8+float64(1e-5*math.Abs(w)) {
					to = j
					break
				}
			}
			edges = append(edges, edge{to, cur, w})
			degree[to]++
			degree[cur]++
		}
		inside[cur] = true
		next := -1
		for j, v := range all {
			if inside[j] {
				continue
			}
			best[j] = min(best[j], v)
			if next < 0 || best[j] < best[next] {
				next = j
			}
		}
		cur = next
	}
	for i, d := range degree {
		if d > 1 {
			c.inner = append(c.inner, i)
		}
	}
	found := false
	for _, e := range edges {
		if degree[e.a] > 1 && degree[e.b] > 1 {
			c.sparseness, found = max(c.sparseness, e.w), true
		}
	}
	if !found {
		for _, e := range edges {
			c.sparseness = max(c.sparseness, e.w)
		}
	}
	if len(c.inner) == 0 {
		c.inner = []int{0}
	}
	return nil
}

// separation is the smallest mutual reachability of inner rows of two clusters.
func (c *densityCluster) separation(ctx context.Context, o *densityCluster, distance func(a, b []float32) float64) (float64, error) {
	least := math.Inf(1)
	for n, i := range c.inner {
		if n&15 == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		for _, j := range o.inner {
			if core := max(c.core[i], o.core[j]); core < least {
				least = min(least, max(core, distance(c.rows[i], o.rows[j])))
			}
		}
	}
	return least, nil
}
