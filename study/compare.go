package study

import (
	"context"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/study/stats"
)

// Comparison is what Compare and Contrast find.
type Comparison struct {
	Corpus string
	Level  float64 // of all intervals
	Tests  []Test  // measure by measure, baseline by baseline, the whole corpus before its topics
}

// Test compares a group with a baseline in one measure.
type Test struct {
	Measure  Quantity
	Topic    int // Overall for a whole corpus
	Name     string
	Baseline string
	Method   Method

	N, BaselineN         int     // threads that have the measure
	Value, BaselineValue float64 // medians, or shares
	// P is the two-sided p-value; Holm is P corrected for the family of all tests of this comparison with the same measure
	// and method.
	P, Holm float64
	// Effect is Cliff's delta, which is the rank-biserial correlation (Mann–Whitney), or the difference of the shares (two
	// proportions, Fisher), positive where the group has more than the baseline; NaN for the log-rank test.
	Effect         float64
	EffectInterval stats.Interval
	// OddsRatio is that of the shares; NaN for other measures.
	OddsRatio         float64
	OddsRatioInterval stats.Interval
}

// Method names a statistical test.
type Method string

// The tests of a Comparison; see package stats.
const (
	MannWhitneyExact Method = "Mann-Whitney, exact"
	MannWhitney      Method = "Mann-Whitney"
	TwoProportions   Method = "two proportions"
	Fisher           Method = "Fisher"
	LogRank          Method = "log-rank" // hours, with the open threads
)

// Quantity names what is measured.
type Quantity string

// What Measure measures, in the words of the tables.
const (
	Views           Quantity = "views"
	Score           Quantity = "score"
	Favorites       Quantity = "favorites"
	Likes           Quantity = "likes"
	Replies         Quantity = "replies"
	NoAccepted      Quantity = "without accepted answer"
	NoAnswer        Quantity = "without answer"
	HoursToAccepted Quantity = "hours to accepted answer"
	HoursToAnswer   Quantity = "hours to first reply"
)

// Compare tests the whole of r and each of its topics against the whole of each baseline, in every measure that both
// have. The error is the cause of a canceled ctx.
func Compare(ctx context.Context, r *Result, baselines ...*Result) (*Comparison, error) {
	var pairs []pair
	for _, b := range baselines {
		for _, g := range append([]Group{r.Overall}, r.Topics...) {
			pairs = append(pairs, pair{&g, b.Corpus, b.Overall.raw})
		}
	}
	return compare(ctx, r, pairs)
}

// Contrast tests each topic of r, the outliers left out, against all other threads of r. The error is the cause of a
// canceled ctx.
func Contrast(ctx context.Context, r *Result) (*Comparison, error) {
	var pairs []pair
	for i := range r.Topics {
		if r.Topics[i].Topic == Outlier {
			continue
		}
		rest := samples{}
		for j := range r.Topics {
			if j != i {
				rest.add(r.Topics[j].raw)
			}
		}
		pairs = append(pairs, pair{&r.Topics[i], "all other threads", rest})
	}
	return compare(ctx, r, pairs)
}

type pair struct {
	group    *Group
	name     string
	baseline samples
}

func (s *samples) add(o samples) {
	for k := range s.numbers {
		s.numbers[k] = append(s.numbers[k], o.numbers[k]...)
	}
	for k := range s.hours {
		s.hours[k] = append(s.hours[k], o.hours[k]...)
	}
	s.acceptance += o.acceptance
	s.answers += o.answers
	s.noAccepted += o.noAccepted
	s.noAnswer += o.noAnswer
}

func compare(ctx context.Context, r *Result, pairs []pair) (*Comparison, error) {
	c := &Comparison{Corpus: r.Corpus, Level: r.Level}
	family := func(test func(a, b *samples) (Test, error), measure Quantity) error {
		began := len(c.Tests)
		var p []float64
		for i := range pairs {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			t, err := test(&pairs[i].group.raw, &pairs[i].baseline)
			if err != nil {
				return err
			}
			if t.N == 0 || t.BaselineN == 0 {
				continue
			}
			t.Measure, t.Topic, t.Name, t.Baseline = measure, pairs[i].group.Topic, pairs[i].group.Name, pairs[i].name
			c.Tests, p = append(c.Tests, t), append(p, t.P)
		}
		for i, adjusted := range stats.Holm(p) {
			c.Tests[began+i].Holm = adjusted
		}
		return nil
	}
	numbersOf := func(k int) func(a, b *samples) (Test, error) {
		return func(a, b *samples) (Test, error) { return ranks(a.numbers[k], b.numbers[k], r.Level), nil }
	}
	for _, f := range []struct {
		measure Quantity
		test    func(a, b *samples) (Test, error)
	}{
		{Views, numbersOf(views)},
		{Score, numbersOf(score)},
		{Favorites, numbersOf(favorites)},
		{Likes, numbersOf(likes)},
		{NoAccepted, func(a, b *samples) (Test, error) {
			return shares(a.noAccepted, a.acceptance, b.noAccepted, b.acceptance, r.Level)
		}},
		{NoAnswer, func(a, b *samples) (Test, error) {
			return shares(a.noAnswer, a.answers, b.noAnswer, b.answers, r.Level)
		}},
		{Replies, numbersOf(replies)},
		{HoursToAccepted, func(a, b *samples) (Test, error) {
			return ranks(a.ended(toAccepted), b.ended(toAccepted), r.Level), nil
		}},
		{HoursToAccepted, func(a, b *samples) (Test, error) { return waits(a.hours[toAccepted], b.hours[toAccepted]) }},
		{HoursToAnswer, func(a, b *samples) (Test, error) { return ranks(a.ended(toAnswer), b.ended(toAnswer), r.Level), nil }},
		{HoursToAnswer, func(a, b *samples) (Test, error) { return waits(a.hours[toAnswer], b.hours[toAnswer]) }},
	} {
		if err := family(f.test, f.measure); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func undetermined() stats.Interval { return stats.Interval{Low: math.NaN(), High: math.NaN()} }

// ranks is a Mann–Whitney test.
func ranks(x, y []float64, level float64) Test {
	found := stats.MannWhitney(x, y)
	t := Test{Method: MannWhitney, N: len(x), BaselineN: len(y), Value: stats.Median(x), BaselineValue: stats.Median(y), P: found.P}
	if found.Exact {
		t.Method = MannWhitneyExact
	}
	t.Effect, t.EffectInterval = stats.CliffsDelta(x, y, level)
	t.OddsRatio, t.OddsRatioInterval = math.NaN(), undetermined()
	return t
}

// shares compares a of n with b of m.
func shares(a, n, b, m int, level float64) (Test, error) {
	found, err := stats.Shares(a, n, b, m, level)
	t := Test{
		Method: TwoProportions, N: n, BaselineN: m, Value: float64(a) / float64(n), BaselineValue: float64(b) / float64(m), P: found.P,
		Effect: found.Difference, EffectInterval: found.DifferenceInterval,
		OddsRatio: found.OddsRatio, OddsRatioInterval: found.OddsRatioInterval,
	}
	if found.Exact {
		t.Method = Fisher
	}
	return t, err
}

// waits is a log-rank test. A sample in which nothing has ended is no sample: its source has no times.
func waits(x, y []stats.Duration) (Test, error) {
	t := Test{Method: LogRank, Effect: math.NaN(), EffectInterval: undetermined(), OddsRatio: math.NaN(), OddsRatioInterval: undetermined()}
	ended := func(d stats.Duration) bool { return d.Ended }
	if !slices.ContainsFunc(x, ended) || !slices.ContainsFunc(y, ended) {
		return t, nil
	}
	t.N, t.BaselineN = len(x), len(y)
	var err error
	if t.P, err = stats.LogRank(x, y); err != nil {
		return t, err
	}
	for _, side := range []struct {
		d  []stats.Duration
		to *float64
	}{{x, &t.Value}, {y, &t.BaselineValue}} {
		curve, err := stats.KaplanMeier(side.d, 0.5) // the level is that of intervals, which are not read
		if err != nil {
			return t, err
		}
		*side.to, _ = curve.Quantile(0.5)
	}
	return t, nil
}
