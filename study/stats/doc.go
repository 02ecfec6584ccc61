// Package stats has the statistics that studies of questions and answers use and that gonum's stat lacks: two-sample
// tests, effect sizes, the correction for many tests, censored times and bootstrap intervals. Package study applies them;
// they are here for figures of one's own.
//
//	MannWhitney, CliffsDelta   does one sample tend to be larger than another, and by how much?
//	Shares, Wilson             two shares beside each other; the interval of one
//	KaplanMeier, LogRank       times of which some have not ended yet
//	Kendall                    do two rankings agree?
//	Bootstrap                  intervals of a mean and of a median
//	Holm                       p-values of a family of tests
//
// Values are scipy 1.17's, statsmodels 0.15's and lifelines 0.30's where those have the same figure. NaN stands for a
// figure that the data do not determine; no function takes NaN or Inf as data. All tests are two-sided. Sums run in the
// order of the data, or of the sorted data where that order decides nothing.
package stats

import "math"

// Interval is a confidence interval; both bounds are NaN where there is none, and the upper one is +Inf where the data
// set no bound.
type Interval struct {
	Low, High float64
}

// none is the interval that the data do not determine.
func none() Interval { return Interval{math.NaN(), math.NaN()} }
