package hdbscan

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/metric"
)

// norm is what is summed over the coordinates of two points.
type norm uint8

const (
	noNorm    norm = iota // there are no coordinates, or they do not add up
	squares               // Σ(a−b)²
	absolutes             // Σ|a−b|
	largest               // max|a−b|
)

// space is how distances are measured. Where it can, it works with a measure of distance that is cheaper than the distance
// and rises with it: the square of it, or of the chord where the distance is an angle or goes with one. The code calls
// that a squared distance, which it is under the default metric.
type space struct {
	metric metric.Metric
	norm   norm
	dims   int     // coordinates of a point
	cols   int     // values of a row
	scale  float64 // the measure of a distance divided by Alpha is the measure times this

	// prepare makes a point's coordinates of a row; nil: they are the row's values.
	prepare func(dst []float64, row []float32)
	// nowhere says of a new row that it has no place among the points and is equally far from all; nil: there is none such.
	nowhere func(row []float32) bool
	// between is the distance of two rows where there is no norm.
	between func(a, b []float32) float64
	// given is the distance of two rows by their numbers, where it is given.
	given func(i, j int) float64
	// chord is how many distances the square of a chord makes; 0: the measure is that of the norm.
	chord float64
	angle bool // the distance is the angle of the chord
	root  bool // the distance is the root of the measure
}

// newSpace is the space for the rows of x under the metric of a valid configuration. The rows are checked.
func newSpace(x blas32.General, cfg settings) (*space, error) {
	m := cfg.metric()
	if x.Rows > 0 && x.Cols == 0 {
		return nil, errors.New("the matrix has rows but no columns")
	}
	if err := m.Check(x); err != nil {
		return nil, err
	}
	s := &space{metric: m, dims: x.Cols, cols: x.Cols, scale: 1 / cfg.Alpha}
	p := m.P
	if m.Kind == metric.Minkowski && p == 0 {
		p = 2
	}
	switch {
	case m.Kind == metric.Euclidean, m.Kind == metric.Minkowski && p == 2 && m.Weights == nil:
		s.norm, s.root, s.scale = squares, true, 1/float64(cfg.Alpha*cfg.Alpha)
	case m.Kind == metric.Manhattan, m.Kind == metric.Minkowski && p == 1 && m.Weights == nil:
		s.norm = absolutes
	case m.Kind == metric.Chebyshev, m.Kind == metric.Minkowski && math.IsInf(p, 1) && m.Weights == nil:
		s.norm = largest
	case m.Kind == metric.Cosine, m.Kind == metric.Correlation:
		s.norm, s.chord = squares, 0.5
		s.onSphere(x, m.Kind == metric.Correlation)
	case m.Kind == metric.Haversine && cfg.Alpha == 1:
		s.norm, s.chord, s.angle, s.dims = squares, 1, true, 3
		s.prepare = onGlobe
	default:
		s.between = m.Function()
	}
	return s, nil
}

// boxed says that bounding boxes are worth their while.
func (s *space) boxed() bool { return s.norm != noNorm && s.dims <= maxTreeDims }

// distance is the distance that a measure stands for.
func (s *space) distance(measure float64) float64 {
	switch {
	case s.root:
		return math.Sqrt(measure)
	case s.angle:
		return 2 * metric.Arcsine(min(math.Sqrt(measure)/2, 1))
	case s.chord != 0:
		return measure * s.chord
	}
	return measure
}

// onSphere puts rows, less their means for the correlation, on the unit sphere, where half of a squared chord is a cosine
// distance. Rows of length 0 are at distance 1 from all others: they have a dimension of their own.
func (s *space) onSphere(x blas32.General, centre bool) {
	cols := x.Cols
	null := func(row []float32) bool {
		var all float32
		if centre {
			all = row[0]
		}
		for _, v := range row {
			if v != all {
				return false
			}
		}
		return true
	}
	extra := 0
	for i := range x.Rows {
		if null(x.Data[i*x.Stride : i*x.Stride+cols]) {
			extra = 1
			break
		}
	}
	s.dims = cols + extra
	if extra == 0 {
		s.nowhere = null
	}
	s.prepare = func(dst []float64, row []float32) {
		clear(dst)
		if null(row) {
			if extra == 1 {
				dst[cols] = 1
			}
			return
		}
		var mean float64
		if centre {
			for _, v := range row {
				mean += float64(v)
			}
			mean /= float64(cols)
		}
		var sum float64
		for j, v := range row {
			dst[j] = float64(v) - mean
			sum += float64(dst[j] * dst[j])
		}
		length := math.Sqrt(sum)
		for j := range row {
			dst[j] /= length
		}
	}
}

// onGlobe makes a point in three dimensions of a latitude and a longitude in radians.
func onGlobe(dst []float64, row []float32) {
	sinLat, cosLat := metric.Sincos(float64(row[0]))
	sinLong, cosLong := metric.Sincos(float64(row[1]))
	dst[0], dst[1], dst[2] = cosLat*cosLong, cosLat*sinLong, sinLat
}

// metric is the metric that a configuration names.
func (c settings) metric() metric.Metric {
	return metric.Metric{Kind: c.Metric, P: c.MetricP, Weights: c.MetricWeights, Func: c.Distance}
}

// checkPoints reports new points that do not fit the rows of the data.
func (s *space) checkPoints(x blas32.General) error {
	if err := check.Matrix(x); err != nil {
		return err
	}
	if x.Rows > 0 && x.Cols != s.cols {
		return fmt.Errorf("the points have %d columns, the model has %d", x.Cols, s.cols)
	}
	return s.metric.Check(x)
}
