package knn

import (
	"math"

	"github.com/gobertopic/gobertopic/metric"
)

// inner says that the distance falls as an inner product of images of the rows rises, or is their Euclidean distance, so
// that the kernels for products find candidates.
func inner(m Metric) bool {
	switch m.Kind {
	case metric.Euclidean, metric.Cosine, metric.Correlation, metric.Hellinger:
		return true
	}
	return false
}

// image is the row on the unit sphere whose products decide, or for Euclidean the row less shift, which may be nil. A row
// without a direction becomes zeros.
func image(dst []float64, m Metric, a []float32, s metric.Stats, shift []float32) {
	dst = dst[:len(a)]
	switch m.Kind {
	case metric.Cosine:
		f := inverse(s.Norm)
		for i, v := range a {
			dst[i] = float64(v) * f
		}
	case metric.Correlation:
		f := inverse(s.Norm)
		for i, v := range a {
			dst[i] = (float64(v) - s.Mean) * f
		}
	case metric.Hellinger:
		f := inverse(s.Norm)
		for i, v := range a {
			dst[i] = math.Sqrt(float64(v)) * f
		}
	default:
		for i, v := range a {
			dst[i] = float64(v)
		}
		for i, v := range shift {
			dst[i] -= float64(v)
		}
	}
}

func inverse(square float64) float64 {
	if square == 0 {
		return 0
	}
	return 1 / math.Sqrt(square)
}

// score is what the first pass estimates, of two rows at a distance: the squared distance, or less the product of the
// images.
func score(m Metric, distance float64) float64 {
	switch m.Kind {
	case metric.Euclidean:
		return distance * distance
	case metric.Hellinger:
		return distance*distance - 1
	}
	return distance - 1
}
