package stats

import (
	"math"
	"math/bits"
	"slices"
)

// RankTest is what MannWhitney finds.
type RankTest struct {
	// U is the number of pairs of a value of the first sample and one of the second in which the first is larger; pairs
	// of equal values count one half.
	U float64
	// P is the two-sided p-value, NaN when a sample is empty.
	P float64
	// Exact says that P was counted from all orders of the values. Otherwise it is that of the normal approximation, with
	// the corrections for ties and for continuity.
	Exact bool
	// Delta is Cliff's delta, the chance that a value of the first sample is larger than one of the second less the chance
	// that it is smaller, in [−1, 1]: 2U/(n₁n₂) − 1. The rank-biserial correlation of the two samples is the same number.
	Delta float64
}

// exactBelow is the size of the smaller sample up to which p-values are counted.
const exactBelow = 8

// MannWhitney tests whether values of x tend to be larger or smaller than those of y (Mann and Whitney 1947,
// doi:10.1214/aoms/1177730491). It is mannwhitneyu of scipy with its default, method="auto": the p-value is exact when one
// sample has at most 8 values and no two values are equal; beyond 2¹²⁸ orders it is approximated.
func MannWhitney(x, y []float64) RankTest {
	n1, n2 := float64(len(x)), float64(len(y))
	if len(x) == 0 || len(y) == 0 {
		return RankTest{U: math.NaN(), P: math.NaN(), Delta: math.NaN()}
	}
	xs, ys := sorted(x), sorted(y)
	twice, tied := 0, false // twice U
	for lo, hi, i := 0, 0, 0; i < len(xs); i++ {
		for lo < len(ys) && ys[lo] < xs[i] {
			lo++
		}
		for hi < len(ys) && ys[hi] <= xs[i] {
			hi++
		}
		twice += lo + hi
		tied = tied || lo < hi
	}
	t := RankTest{U: float64(twice) / 2, Delta: float64(float64(twice)-n1*n2) / (n1 * n2)}
	tied = tied || hasEqual(xs) || hasEqual(ys)
	if min(len(x), len(y)) <= exactBelow && !tied {
		u := twice / 2
		if p, ok := countRanks(len(x), len(y), min(u, len(x)*len(y)-u)); ok {
			t.P, t.Exact = min(1, 2*p), true
			return t
		}
	}
	n := n1 + n2
	ties := 0.0
	if tied {
		ties = tieCubes(xs, ys)
	}
	variance := n1 * n2 / 12 * float64(n+1-ties/(n*(n-1)))
	far := max(t.U, n1*n2-t.U)
	if variance <= 0 { // all values are equal, which says nothing against equal distributions
		t.P = 1
		return t
	}
	t.P = min(1, math.Erfc(float64(far-n1*n2/2-0.5)/math.Sqrt(variance)/math.Sqrt2))
	return t
}

func sorted(x []float64) []float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s
}

func hasEqual(sorted []float64) bool {
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return true
		}
	}
	return false
}

// tieCubes is the sum of t³ − t over the groups of t equal values in both sorted samples.
func tieCubes(x, y []float64) float64 {
	all := sorted(append(slices.Clone(x), y...))
	sum := 0.0
	for lo := 0; lo < len(all); {
		hi := lo + 1
		for hi < len(all) && all[hi] == all[lo] {
			hi++
		}
		t := float64(hi - lo)
		sum += float64(t*t*t) - t
		lo = hi
	}
	return sum
}

// countRanks is the share of the orders of m and n distinct values in which U is at most u. The number of orders for each
// u is a coefficient of the Gaussian binomial ∏ (1 − qⁿ⁺ⁱ)/(1 − qⁱ), i = 1…m; integers modulo 2¹²⁸ hold it exactly.
// False when there may be more orders than that.
func countRanks(m, n, u int) (float64, bool) {
	if m > n {
		m, n = n, m
	}
	orders := 1.0 // to within rounding, which decides nothing but where counting ends
	for i := 1; i <= m; i++ {
		orders *= float64(n+i) / float64(i)
	}
	if orders >= 0x1p127 {
		return 0, false
	}
	count := make([]uint128, u+1)
	count[0].lo = 1
	for i := 1; i <= m; i++ {
		for k := u; k >= n+i; k-- {
			count[k] = count[k].sub(count[k-n-i])
		}
		for k := i; k <= u; k++ {
			count[k] = count[k].add(count[k-i])
		}
	}
	var below uint128
	for _, c := range count {
		below = below.add(c)
	}
	total := uint128{lo: 1}
	for i := 1; i <= m; i++ { // each step divides without rest
		total = total.times(uint64(n + i)).over(uint64(i))
	}
	return below.float() / total.float(), true
}

type uint128 struct{ hi, lo uint64 }

func (a uint128) add(b uint128) uint128 {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry)
	return uint128{hi, lo}
}

func (a uint128) sub(b uint128) uint128 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return uint128{hi, lo}
}

func (a uint128) times(v uint64) uint128 {
	hi, lo := bits.Mul64(a.lo, v)
	return uint128{hi + a.hi*v, lo}
}

func (a uint128) over(v uint64) uint128 {
	hi, rest := bits.Div64(0, a.hi, v)
	lo, _ := bits.Div64(rest, a.lo, v)
	return uint128{hi, lo}
}

func (a uint128) float() float64 { return float64(float64(a.hi)*0x1p64) + float64(a.lo) }

// CliffsDelta is the interval of Cliff's delta of two samples at the level in (0, 1), from the unbiased estimate of its
// variance (Cliff 1993, doi:10.1037/0033-2909.114.3.494) and asymmetric as Feng and Cliff propose
// (doi:10.22237/jmasm/1099267260); none when a sample has fewer than two values. The value itself is MannWhitney's.
func CliffsDelta(x, y []float64, level float64) (delta float64, interval Interval) {
	n, m := float64(len(x)), float64(len(y))
	if len(x) == 0 || len(y) == 0 {
		return math.NaN(), none()
	}
	xs, ys := sorted(x), sorted(y)
	rows, columns := dominance(xs, ys), dominance(ys, xs)
	sum, unequal := 0, 0
	for _, r := range rows {
		sum += r.more - r.less
		unequal += r.more + r.less
	}
	delta = float64(sum) / (n * m)
	if len(x) < 2 || len(y) < 2 {
		return delta, none()
	}
	z := critical(level)
	if math.Abs(delta) == 1 { // no overlap: what the sizes allow
		least := min(n, m)
		bound := float64(least-z*z) / float64(least+z*z)
		if delta > 0 {
			return delta, Interval{bound, 1}
		}
		return delta, Interval{-1, -bound}
	}
	// Σ(dᵢ.−d)², Σ(d.ⱼ−d)² and ΣΣ(dᵢⱼ−d)².
	inRows, inColumns := 0.0, 0.0
	for _, r := range rows {
		d := float64(r.more-r.less)/m - delta
		inRows += float64(d * d)
	}
	for _, c := range columns {
		d := float64(c.less-c.more)/n - delta
		inColumns += float64(d * d)
	}
	inAll := float64(unequal) - float64(n*m*delta*delta)
	variance := float64(float64(m*m*inRows)+float64(n*n*inColumns)-inAll) / (n * m * (n - 1) * (m - 1))
	outside := 1 - float64(delta*delta)
	variance = max(variance, outside/(n*m-1))
	spread := float64(z * math.Sqrt(variance) * math.Sqrt(float64(outside*outside)+float64(z*z*variance)))
	centre, scale := float64(delta*outside), outside+float64(z*z*variance)
	return delta, Interval{(centre - spread) / scale, (centre + spread) / scale}
}

// dominance counts for each value of x how many of y are smaller and how many are larger; both are sorted.
func dominance(x, y []float64) []struct{ more, less int } {
	out := make([]struct{ more, less int }, len(x))
	lo, hi := 0, 0
	for i, v := range x {
		for lo < len(y) && y[lo] < v {
			lo++
		}
		for hi < len(y) && y[hi] <= v {
			hi++
		}
		out[i].more, out[i].less = lo, len(y)-hi
	}
	return out
}
