package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Mean is the arithmetic mean of x, as numpy's mean; NaN of none.
func Mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// Quantile is the value below which the share p in [0, 1] of x lies, with straight lines between the order statistics: numpy's
// quantile with its default method, type 7 of Hyndman and Fan (doi:10.1080/00031305.1996.10473566). x must be sorted; NaN of
// none.
func Quantile(p float64, x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	at := p * float64(len(x)-1)
	lo := min(max(int(at), 0), len(x)-1)
	hi := min(lo+1, len(x)-1)
	return between(x[lo], x[hi], at-float64(lo))
}

// between is the value at the share f of the way from a to b, as numpy rounds it.
func between(a, b, f float64) float64 {
	if f >= 0.5 {
		return b - float64((b-a)*(1-f))
	}
	return a + float64((b-a)*f)
}

// Median is the middle of x, as numpy's median; x need not be sorted. NaN of none.
func Median(x []float64) float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	return Quantile(0.5, sorted)
}

// critical is how many standard deviations the interval of a normal distribution with the level reaches to each side.
func critical(level float64) float64 {
	return distuv.UnitNormal.Quantile(0.5 + level/2)
}

// twoSided is the chance of a standard normal value at least as far from 0 as z.
func twoSided(z float64) float64 {
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}

// Holm corrects the p-values of a family of tests by Holm's step-down method (Scandinavian Journal of Statistics 6, 1979):
// the chance of any false rejection stays below the level at which the corrected values are read. NaN, a test that was not
// made, is no part of the family and stays NaN. It is multipletests of statsmodels with method="holm".
func Holm(p []float64) []float64 {
	order := make([]int, 0, len(p))
	out := slices.Repeat([]float64{math.NaN()}, len(p))
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	highest := 0.0
	for rank, i := range order {
		highest = max(highest, min(1, p[i]*float64(len(order)-rank)))
		out[i] = highest
	}
	return out
}
