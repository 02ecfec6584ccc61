package umap

import (
	"errors"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/metric"
)

var errGrown = errors.New("values grew without bound: LearningRate or RepulsionStrength is too large")

// gradient sets g to the gradient of the distance from x to y by x and gives the distance.
type gradient func(g []float64, x, y []float32) float64

// gradientOf is the gradient of a metric. Where a distance has none, as between equal rows, it is 0.
func gradientOf(m metric.Metric) (gradient, error) {
	distance := m.Function()
	switch m.Kind {
	case metric.Euclidean:
		return func(g []float64, x, y []float32) float64 {
			d := distance(x, y)
			for k, v := range x {
				g[k] = (float64(v) - float64(y[k])) / (1e-6 + d)
			}
			return d
		}, nil
	case metric.Manhattan:
		return func(g []float64, x, y []float32) float64 {
			for k, v := range x {
				g[k] = sign(float64(v) - float64(y[k]))
			}
			return distance(x, y)
		}, nil
	case metric.Chebyshev:
		return func(g []float64, x, y []float32) float64 {
			clear(g)
			most, at := -1.0, 0
			for k, v := range x {
				if d := math.Abs(float64(v) - float64(y[k])); d > most {
					most, at = d, k
				}
			}
			if len(x) > 0 {
				g[at] = sign(float64(x[at]) - float64(y[at]))
			}
			return distance(x, y)
		}, nil
	case metric.Minkowski:
		p := m.P
		if p == 0 {
			p = 2
		}
		if math.IsInf(p, 1) {
			return nil, errors.New("the metric minkowski has no gradient for an infinite exponent; chebyshev has")
		}
		return func(g []float64, x, y []float32) float64 {
			d := distance(x, y)
			for k, v := range x {
				t := float64(v) - float64(y[k])
				g[k] = 0
				if d > 0 && t != 0 {
					g[k] = bitmath.Pow(math.Abs(t)/d, p-1) * sign(t)
					if m.Weights != nil {
						g[k] *= m.Weights[k]
					}
				}
			}
			return d
		}, nil
	case metric.Canberra:
		return func(g []float64, x, y []float32) float64 {
			for k, v := range x {
				a, b := float64(v), float64(y[k])
				sum := math.Abs(a) + math.Abs(b)
				g[k] = 0
				if sum > 0 {
					g[k] = sign(a-b)/sum - float64(math.Abs(a-b)*sign(a))/float64(sum*sum)
				}
			}
			return distance(x, y)
		}, nil
	case metric.BrayCurtis:
		return func(g []float64, x, y []float32) float64 {
			d := distance(x, y)
			below := 0.0
			for k, v := range x {
				below += math.Abs(float64(v) + float64(y[k]))
			}
			for k, v := range x {
				g[k] = 0
				if below > 0 {
					g[k] = (sign(float64(v)-float64(y[k])) - float64(d*sign(float64(v)+float64(y[k])))) / below
				}
			}
			return d
		}, nil
	case metric.Cosine, metric.Correlation:
		return func(g []float64, x, y []float32) float64 {
			mx, my := 0.0, 0.0
			if m.Kind == metric.Correlation {
				mx, my = mean(x), mean(y)
			}
			xx, yy, xy := 0.0, 0.0, 0.0
			for k, v := range x {
				a, b := float64(v)-mx, float64(y[k])-my
				xx += float64(a * a)
				yy += float64(b * b)
				xy += float64(a * b)
			}
			for k, v := range x {
				g[k] = 0
				if xx > 0 && yy > 0 {
					g[k] = (float64(xy*(float64(v)-mx))/xx - (float64(y[k]) - my)) / math.Sqrt(xx*yy)
				}
			}
			return m.Distance(x, y)
		}, nil
	case metric.Hellinger:
		return func(g []float64, x, y []float32) float64 {
			// A row on its way may leave the values that the metric is defined for; it is then as if it had stopped at 0.
			at := make([]float32, len(x))
			sx, sy, roots := 0.0, 0.0, 0.0
			for k, v := range x {
				at[k] = max(v, 0)
				sx += float64(at[k])
				sy += float64(y[k])
				roots += math.Sqrt(float64(at[k]) * float64(y[k]))
			}
			d := m.Distance(at, y)
			norm := math.Sqrt(sx * sy)
			for k, v := range at {
				g[k] = 0
				if d == 0 || norm == 0 {
					continue
				}
				term := 0.0
				if r := math.Sqrt(float64(v) * float64(y[k])); r > 0 {
					term = float64(y[k]) / float64(2*r*norm)
				}
				g[k] = (float64(sy*roots)/float64(2*norm*norm*norm) - term) / (2 * d)
			}
			return d
		}, nil
	}
	return nil, fmt.Errorf("the metric %v has no gradient", m.Kind)
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func mean(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v)
	}
	return s / float64(max(len(x), 1))
}
