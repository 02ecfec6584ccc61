package stats

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// Bootstrap says how intervals are made by drawing samples from a sample, with replacement (Efron 1979,
// doi:10.1214/aos/1176344552).
type Bootstrap struct {
	// Resamples is the number of samples drawn, 1 or more; 0 makes no intervals. Default 2000.
	Resamples int
	// Level is the share of intervals that hold the true value, in (0, 1). Default 0.95.
	Level float64
	// Percentile takes quantiles of the resamples as the bounds. Default false: the quantiles are corrected for bias and
	// skewness (BCa, Efron 1987, doi:10.1080/01621459.1987.10478410); where the correction is not determined, as when all
	// resamples lie on one side of the figure, they are not.
	Percentile bool
	// Seed decides the samples. Default 42.
	Seed uint64
	// Workers is the number of goroutines; 0, the default, means GOMAXPROCS. It never changes a result.
	Workers int
}

// DefaultBootstrap is 2000 resamples for BCa intervals at 95 %.
func DefaultBootstrap() Bootstrap { return Bootstrap{Resamples: 2000, Level: 0.95, Seed: 42} }

// Validate reports every field outside its range at once.
func (b Bootstrap) Validate() error {
	var f check.Fields
	f.Want(b.Resamples >= 0, "stats.Bootstrap.Resamples", b.Resamples, "0 or more")
	f.Want(b.Level > 0 && b.Level < 1, "stats.Bootstrap.Level", b.Level, "a number in (0, 1)")
	f.Want(b.Workers >= 0 && b.Workers <= parallel.MaxWorkers, "stats.Bootstrap.Workers", b.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}

// Intervals are those of the mean and of the median of x. None with fewer than two values, a single point when all are equal.
// For the same resamples they are those of scipy's bootstrap, with method="BCa" or "percentile"; the random numbers differ.
// The error is that of Validate or the cause of a canceled ctx.
func (b Bootstrap) Intervals(ctx context.Context, x []float64) (mean, median Interval, err error) {
	if err := b.Validate(); err != nil {
		return none(), none(), err
	}
	if len(x) < 2 || b.Resamples == 0 {
		return none(), none(), context.Cause(ctx)
	}
	s := sorted(x)
	if v := s[0]; v == s[len(s)-1] {
		return Interval{v, v}, Interval{v, v}, context.Cause(ctx)
	}
	means, medians := make([]float64, b.Resamples), make([]float64, b.Resamples)
	scratch := make([][]int32, parallel.Workers(b.Workers))
	block := max(1, 100_000/len(s)) // some tenths of a millisecond
	err = parallel.Loop{Workers: b.Workers, Block: block}.Run(ctx, b.Resamples, func(w, lo, hi int) error {
		if scratch[w] == nil {
			scratch[w] = make([]int32, len(s))
		}
		for r := lo; r < hi; r++ {
			means[r], medians[r] = resample(s, scratch[w], rng.New(b.Seed, uint64(r)))
		}
		return nil
	})
	if err != nil {
		return none(), none(), err
	}
	slices.Sort(means)
	slices.Sort(medians)
	mean = b.interval(Mean(s), means, func() float64 { return skewOfMean(s) })
	median = b.interval(Quantile(0.5, s), medians, func() float64 { return skewOfMedian(s) })
	return mean, median, nil
}

// resample draws as many of the sorted values as there are. times is scratch memory.
func resample(s []float64, times []int32, random rng.Stream) (mean, median float64) {
	clear(times)
	for range s {
		times[random.Intn(len(s))]++
	}
	sum, seen := 0.0, 0
	lower, upper := (len(s)-1)/2, len(s)/2 // ranks of the middle
	lo, hi := math.NaN(), math.NaN()
	for i, t := range times {
		if t == 0 {
			continue
		}
		sum += float64(float64(t) * s[i])
		if seen <= lower && lower < seen+int(t) {
			lo = s[i]
		}
		if seen <= upper && upper < seen+int(t) {
			hi = s[i]
		}
		seen += int(t)
	}
	return sum / float64(len(s)), between(lo, hi, float64(upper-lower)/2)
}

// interval is that of the figure whose resamples are given in order. skew is the acceleration of BCa.
func (b Bootstrap) interval(figure float64, resamples []float64, skew func() float64) Interval {
	low, high := (1-b.Level)/2, (1+b.Level)/2
	if !b.Percentile {
		below, _ := slices.BinarySearch(resamples, figure)
		upTo := below
		for upTo < len(resamples) && resamples[upTo] == figure {
			upTo++
		}
		bias := distuv.UnitNormal.Quantile(float64(below+upTo) / float64(2*len(resamples)))
		a, z := skew(), critical(b.Level)
		corrected := func(z float64) float64 {
			return distuv.UnitNormal.CDF(bias + (bias+z)/(1-float64(a*(bias+z))))
		}
		if l, h := corrected(-z), corrected(z); !math.IsNaN(l) && !math.IsNaN(h) && !math.IsInf(bias, 0) {
			low, high = l, h
		}
	}
	return Interval{Quantile(low, resamples), Quantile(high, resamples)}
}

// skewOfMean is the acceleration of the mean: a sixth of the skewness of its jackknife values.
func skewOfMean(s []float64) float64 {
	mean := Mean(s)
	two, three := 0.0, 0.0
	for _, v := range s {
		d := v - mean
		two += float64(d * d)
		three += float64(d * d * d)
	}
	return three / bitmath.Pow(two, 1.5) / 6
}

// skewOfMedian is the acceleration of the median of sorted values. Without one of them the median is one of three values:
// that without a lower one, that without the middle (of an odd number) and that without an upper one.
func skewOfMedian(s []float64) float64 {
	n := len(s)
	half := n / 2
	var values, times [3]float64
	if n%2 == 0 {
		values = [3]float64{s[half], 0, s[half-1]}
		times = [3]float64{float64(half), 0, float64(half)}
	} else {
		values = [3]float64{between(s[half], s[half+1], 0.5), between(s[half-1], s[half+1], 0.5), between(s[half-1], s[half], 0.5)}
		times = [3]float64{float64(half), 1, float64(half)}
	}
	mean := 0.0
	for i, v := range values {
		mean += float64(times[i] * v)
	}
	mean /= float64(n)
	two, three := 0.0, 0.0
	for i, v := range values {
		d := mean - v
		two += float64(times[i] * d * d)
		three += float64(times[i] * d * d * d)
	}
	return three / bitmath.Pow(two, 1.5) / 6
}
