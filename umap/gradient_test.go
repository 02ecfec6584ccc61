package umap

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/metric"
)

func TestGradientsWithinToleranceOfDifferences(t *testing.T) {
	s := rng.New(41)
	for _, m := range []metric.Metric{
		{},
		{Kind: metric.Cosine},
		{Kind: metric.Correlation},
		{Kind: metric.Manhattan},
		{Kind: metric.Chebyshev},
		{Kind: metric.Minkowski, P: 3},
		{Kind: metric.Minkowski, P: 1.5, Weights: []float64{1, 2, 0, 1, 3}},
		{Kind: metric.Canberra},
		{Kind: metric.BrayCurtis},
		{Kind: metric.Hellinger},
	} {
		slope, err := gradientOf(m)
		require.NoError(t, err)
		for range 50 {
			x, y := make([]float32, 5), make([]float32, 5)
			for k := range x {
				x[k], y[k] = float32(0.2+s.Float64()), float32(0.2+s.Float64())
			}
			g := make([]float64, 5)
			require.InDelta(t, m.Distance(x, y), slope(g, x, y), 1e-12, "%v", m.Kind)
			for k := range x {
				const h = 1.0 / 4096
				was := x[k]
				x[k] = was + h
				up := m.Distance(x, y)
				x[k] = was - h
				down := m.Distance(x, y)
				x[k] = was
				difference := (up - down) / (2 * h)
				if m.Kind == metric.Chebyshev && difference != math.Trunc(difference) {
					continue // two columns are the largest
				}
				if math.Abs(float64(was-y[k])) > 2*h {
					require.InDelta(t, difference, g[k], 2e-2, "%v, column %d of %v and %v", m.Kind, k, x, y)
				}
			}
		}
	}
	_, err := gradientOf(metric.Metric{Kind: metric.Jaccard})
	require.ErrorContains(t, err, "jaccard has no gradient")
}
