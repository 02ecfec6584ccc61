package stats

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

// Wilson is the interval of a share of count in n at the level in (0, 1) (Wilson 1927, doi:10.1080/01621459.1927.10502953);
// none when n is 0. It is proportion_confint of statsmodels with method="wilson".
func Wilson(count, n int, level float64) Interval {
	if n == 0 {
		return none()
	}
	z, size := critical(level), float64(n)
	p := float64(count) / size
	scale := 1 + float64(z*z)/size
	centre := (p + float64(z*z)/(2*size)) / scale
	spread := z / scale * math.Sqrt(float64(p*(1-p))/size+float64(z*z)/float64(4*size*size))
	return Interval{max(0, centre-spread), min(1, centre+spread)}
}

// ShareTest is what Shares finds.
type ShareTest struct {
	// P is the two-sided p-value, NaN when a sample is empty.
	P float64
	// Exact says that P is that of Fisher's test, taken when fewer than 5 are expected somewhere in the table of the two
	// samples. Otherwise it is that of the z-test of two proportions with their common share.
	Exact bool
	// Difference is the first share less the second, the risk difference, in [−1, 1], with Newcombe's interval (method 10,
	// doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I).
	Difference         float64
	DifferenceInterval Interval
	// OddsRatio is the odds of the first over those of the second, with Woolf's interval. When one of the four counts is
	// 0, half a case is added to each (Haldane and Anscombe), so that there is a ratio.
	OddsRatio         float64
	OddsRatioInterval Interval
}

// Shares compares the share a of n with the share b of m; intervals have the level in (0, 1). P is that of statsmodels'
// proportions_ztest, or of scipy's fisher_exact; the interval of the difference is confint_proportions_2indep with
// method="newcomb", that of the odds ratio Table2x2's oddsratio_confint. The error is for counts outside [0, n] and [0, m].
func Shares(a, n, b, m int, level float64) (ShareTest, error) {
	if a < 0 || a > n || b < 0 || b > m {
		return ShareTest{}, fmt.Errorf("stats: shares of %d in %d and %d in %d, want counts from 0 to the whole", a, n, b, m)
	}
	nan := math.NaN()
	if n == 0 || m == 0 {
		return ShareTest{P: nan, Difference: nan, DifferenceInterval: none(), OddsRatio: nan, OddsRatioInterval: none()}, nil
	}
	p, q := float64(a)/float64(n), float64(b)/float64(m)
	t := ShareTest{Difference: p - q}
	in, out := Wilson(a, n, level), Wilson(b, m, level)
	t.DifferenceInterval = Interval{
		t.Difference - root(p-in.Low, out.High-q),
		t.Difference + root(in.High-p, q-out.Low),
	}
	t.OddsRatio, t.OddsRatioInterval = oddsRatio(a, n-a, b, m-b, level)

	least := min(a+b, n+m-a-b)
	if float64(least)*float64(min(n, m)) < 5*float64(n+m) {
		t.P, t.Exact = fisher(a, n, b, m), true
		return t, nil
	}
	common := float64(a+b) / float64(n+m)
	variance := float64(common*(1-common)) * (1/float64(n) + 1/float64(m))
	t.P = twoSided(t.Difference / math.Sqrt(variance))
	return t, nil
}

func oddsRatio(a, b, c, d int, level float64) (float64, Interval) {
	w, x, y, z := float64(a), float64(b), float64(c), float64(d)
	if a == 0 || b == 0 || c == 0 || d == 0 {
		w, x, y, z = w+0.5, x+0.5, y+0.5, z+0.5
	}
	ratio := float64(w*z) / float64(x*y)
	spread := critical(level) * math.Sqrt(1/w+1/x+1/y+1/z)
	return ratio, Interval{bitmath.Exp(bitmath.Log(ratio) - spread), bitmath.Exp(bitmath.Log(ratio) + spread)}
}

// fisher is the chance, given the margins, of a table that is at most as likely as the one with a of n and b of m.
func fisher(a, n, b, m int) float64 {
	k := a + b
	lo, hi := max(0, k-m), min(k, n)
	// Chances relative to that of the likeliest table, from which they fall to both sides.
	mode := min(max(int((float64(n)+1)*(float64(k)+1)/(float64(n+m)+2)), lo), hi)
	chance := make([]float64, hi-lo+1)
	chance[mode-lo] = 1
	for i := mode; i < hi; i++ {
		chance[i+1-lo] = chance[i-lo] * (float64(k-i) * float64(n-i)) / (float64(i+1) * float64(m-k+i+1))
	}
	for i := mode; i > lo; i-- {
		chance[i-1-lo] = chance[i-lo] * (float64(i) * float64(m-k+i)) / (float64(k-i+1) * float64(n-i+1))
	}
	const equal = 1 + 1e-11 // tables as likely as this one but for rounding
	limit := chance[a-lo] * equal
	all, unlikely := 0.0, 0.0
	for _, c := range chance {
		all += c
		if c <= limit {
			unlikely += c
		}
	}
	return min(1, unlikely/all)
}

// root returns √(a² + b²), in the same bits everywhere, which math.Hypot does not promise.
func root(a, b float64) float64 { return math.Sqrt(float64(a*a) + float64(b*b)) }
