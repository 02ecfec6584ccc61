package analysis

import (
	"math/big"
	"slices"
	"time"
)

// Period is a period of the calendar, in UTC.
type Period string

// The periods. A week begins on Monday.
const (
	Day     Period = "day"
	Week    Period = "week"
	Month   Period = "month"
	Quarter Period = "quarter"
	Year    Period = "year"
)

// start returns the beginning of the period that contains t.
func (p Period) start(t time.Time) time.Time {
	t = t.UTC()
	y, m, d := t.Date()
	switch p {
	case Week:
		d -= (int(t.Weekday()) + 6) % 7
	case Month:
		d = 1
	case Quarter:
		m, d = (m-1)/3*3+1, 1
	case Year:
		m, d = 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// binTimes returns the number of the bin of each time, −1 for a zero time, and the rising starts of
// the bins.
func binTimes(times []time.Time, opt OverTimeOptions) (bin []int, starts []time.Time) {
	bin = make([]int, len(times))
	var known []time.Time
	for i, t := range times {
		bin[i] = -1
		if !t.IsZero() {
			known = append(known, t.UTC())
		}
	}
	if len(known) == 0 {
		return bin, nil
	}
	if opt.Bins > 0 {
		first, last := slices.MinFunc(known, time.Time.Compare), slices.MaxFunc(known, time.Time.Compare)
		edges := equalEdges(first, last, opt.Bins)
		for i, t := range times {
			if !t.IsZero() {
				// The first edge that is not before t is the right edge of its bin.
				right, _ := slices.BinarySearchFunc(edges, t, time.Time.Compare)
				bin[i] = min(max(right-1, 0), opt.Bins-1)
			}
		}
		return bin, edges[:opt.Bins]
	}
	start := time.Time.UTC
	if opt.Every != "" {
		start = opt.Every.start
	}
	for _, t := range known {
		starts = append(starts, start(t))
	}
	slices.SortFunc(starts, time.Time.Compare)
	starts = slices.CompactFunc(starts, time.Time.Equal)
	for i, t := range times {
		if !t.IsZero() {
			bin[i], _ = slices.BinarySearchFunc(starts, start(t), time.Time.Compare)
		}
	}
	return bin, starts
}

// equalEdges returns n+1 equidistant times from first to last, as pandas.cut does: the first edge is
// moved back by a thousandth of the range. If first and last are equal, each is moved by a second.
func equalEdges(first, last time.Time, n int) []time.Time {
	if first.Equal(last) {
		first, last = first.Add(-time.Second), last.Add(time.Second)
	}
	nanoseconds := func(t time.Time) *big.Int {
		x := big.NewInt(t.Unix())
		return x.Add(x.Mul(x, big.NewInt(1e9)), big.NewInt(int64(t.Nanosecond())))
	}
	from := nanoseconds(first)
	whole := new(big.Int).Sub(nanoseconds(last), from)
	edge := func(part, of int64, sign int64) time.Time {
		x := new(big.Int).Mul(whole, big.NewInt(part))
		x.Add(x.Div(x, big.NewInt(of)).Mul(x, big.NewInt(sign)), from)
		s, ns := new(big.Int).DivMod(x, big.NewInt(1e9), new(big.Int))
		return time.Unix(s.Int64(), ns.Int64()).UTC()
	}
	edges := make([]time.Time, n+1)
	for i := range edges {
		edges[i] = edge(int64(i), int64(n), 1)
	}
	edges[0] = edge(1, 1000, -1)
	return edges
}
