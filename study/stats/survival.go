package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

// Duration is how long something took, or how long it has been going on without an end.
type Duration struct {
	Time  float64 // 0 or more
	Ended bool    // false: censored, it had not ended after Time
}

// Survival is a Kaplan–Meier curve: the chance that something is still going on after a time.
type Survival struct {
	steps     []step
	n, events int
	z         float64
}

type step struct{ time, survival, low, high float64 }

// KaplanMeier estimates the distribution of durations of which some have not ended (Kaplan and Meier 1958,
// doi:10.1080/01621459.1958.10501452). Its intervals have the level in (0, 1), with Greenwood's variance on the scale of
// log(−log S), as in R; they are pointwise. It is KaplanMeierFitter of lifelines. The error is for negative times and NaN.
func KaplanMeier(durations []Duration, level float64) (*Survival, error) {
	d, err := ordered(durations)
	if err != nil {
		return nil, err
	}
	s := &Survival{n: len(d), z: critical(level)}
	survival, greenwood := 1.0, 0.0
	for lo := 0; lo < len(d); {
		hi, ended := lo, 0
		for ; hi < len(d) && d[hi].Time == d[lo].Time; hi++ {
			if d[hi].Ended {
				ended++
			}
		}
		if ended > 0 {
			atRisk := float64(len(d) - lo)
			survival *= float64(len(d)-lo-ended) / atRisk
			greenwood += float64(ended) / (atRisk * float64(len(d)-lo-ended))
			s.events += ended
			low, high := s.bounds(survival, greenwood)
			s.steps = append(s.steps, step{d[lo].Time, survival, low, high})
		}
		lo = hi
	}
	return s, nil
}

// ordered checks and sorts durations by time.
func ordered(durations []Duration) ([]Duration, error) {
	for i, d := range durations {
		if !(d.Time >= 0) || math.IsInf(d.Time, 1) {
			return nil, fmt.Errorf("stats: duration %d is %v, want a finite time of 0 or more", i, d.Time)
		}
	}
	d := slices.Clone(durations)
	slices.SortStableFunc(d, func(a, b Duration) int { return cmp.Compare(a.Time, b.Time) })
	return d, nil
}

func (s *Survival) bounds(survival, greenwood float64) (low, high float64) {
	if survival == 0 {
		return 0, 0
	}
	v := bitmath.Log(survival)
	spread := s.z * math.Sqrt(greenwood) / v
	centre := bitmath.Log(-v)
	return bitmath.Exp(-bitmath.Exp(centre - spread)), bitmath.Exp(-bitmath.Exp(centre + spread))
}

// Events is the number of durations that ended.
func (s *Survival) Events() int { return s.events }

// Censored is the number of those that did not.
func (s *Survival) Censored() int { return s.n - s.events }

// At is the chance that something lasts longer than the time, and its interval.
func (s *Survival) At(time float64) (float64, Interval) {
	i, found := slices.BinarySearchFunc(s.steps, time, func(st step, t float64) int { return cmp.Compare(st.time, t) })
	if !found {
		i--
	}
	switch {
	case s.n == 0:
		return math.NaN(), none()
	case i < 0:
		return 1, Interval{1, 1}
	}
	return s.steps[i].survival, Interval{s.steps[i].low, s.steps[i].high}
}

// Quantile is the time by which the share p in (0, 1) has ended, the first at which at most 1 − p go on, and its interval
// (Brookmeyer and Crowley 1982, doi:10.2307/2530286): the times at which the bounds of the curve do so. +Inf is a time that
// the curve does not reach; NaN without durations. In lifelines it is qth_survival_time, of the curve and of its
// confidence_interval_.
func (s *Survival) Quantile(p float64) (float64, Interval) {
	if s.n == 0 {
		return math.NaN(), none()
	}
	const rounding = 1e-12 // a product of fractions that is 1 − p but for its last bits has reached it
	first := func(of func(step) float64) float64 {
		for _, st := range s.steps {
			if of(st) <= 1-p+rounding {
				return st.time
			}
		}
		return math.Inf(1)
	}
	return first(func(st step) float64 { return st.survival }), Interval{
		first(func(st step) float64 { return st.low }),
		first(func(st step) float64 { return st.high }),
	}
}

// LogRank is the two-sided p-value of the log-rank test that two samples of durations come from one distribution (Mantel
// 1966), with the hypergeometric variance; NaN when a sample is empty or nothing has ended. It is logrank_test of lifelines.
// The error is that of KaplanMeier.
func LogRank(x, y []Duration) (float64, error) {
	a, err := ordered(x)
	if err != nil {
		return 0, err
	}
	b, err := ordered(y)
	if err != nil {
		return 0, err
	}
	if len(a) == 0 || len(b) == 0 {
		return math.NaN(), nil
	}
	excess, variance := 0.0, 0.0
	for i, j := 0, 0; i < len(a) || j < len(b); {
		t := math.Inf(1)
		if i < len(a) {
			t = a[i].Time
		}
		if j < len(b) {
			t = min(t, b[j].Time)
		}
		inA, inB := float64(len(a)-i), float64(len(b)-j)
		endedA, endedB := 0.0, 0.0
		for ; i < len(a) && a[i].Time == t; i++ {
			if a[i].Ended {
				endedA++
			}
		}
		for ; j < len(b) && b[j].Time == t; j++ {
			if b[j].Ended {
				endedB++
			}
		}
		ended, all := endedA+endedB, inA+inB
		excess += endedA - float64(ended*inA)/all
		if all > 1 {
			variance += float64(ended*(inA/all)*(inB/all)) * (all - ended) / (all - 1)
		}
	}
	if variance == 0 {
		return math.NaN(), nil
	}
	return twoSided(excess / math.Sqrt(variance)), nil
}
