package stats

import (
	"fmt"
	"math"
)

// Correlation is what Kendall finds.
type Correlation struct {
	Tau float64 // τ-b in [−1, 1]; NaN when one of the two sides has a single value
	P   float64 // two-sided
	// Exact says that P was counted from all orders: there are no ties and at most 33 pairs, or at most one pair is out of
	// order. Otherwise it is that of the normal approximation with the correction for ties.
	Exact bool
}

// exactPairs is the number of pairs up to which Kendall counts p-values.
const exactPairs = 33

// Kendall is the rank correlation τ-b of pairs of values, x[i] with y[i] (Kendall 1945, doi:10.1093/biomet/33.3.239):
// kendalltau of scipy. It takes time that grows with the square of the number of pairs. The error is for slices of different
// lengths.
func Kendall(x, y []float64) (Correlation, error) {
	if len(x) != len(y) {
		return Correlation{}, fmt.Errorf("stats: %d values and %d values, want pairs", len(x), len(y))
	}
	concordant, discordant, onlyX, onlyY, both := 0, 0, 0, 0, 0
	for i := range x {
		for j := range i {
			switch sameX, sameY := x[i] == x[j], y[i] == y[j]; {
			case sameX && sameY:
				both++
			case sameX:
				onlyX++
			case sameY:
				onlyY++
			case (x[i] < x[j]) == (y[i] < y[j]):
				concordant++
			default:
				discordant++
			}
		}
	}
	n := len(x)
	pairs := n * (n - 1) / 2
	tiesX, tiesY := onlyX+both, onlyY+both
	if tiesX == pairs || tiesY == pairs {
		return Correlation{Tau: math.NaN(), P: math.NaN()}, nil
	}
	score := float64(concordant - discordant)
	c := Correlation{Tau: score / math.Sqrt(float64(pairs-tiesX)) / math.Sqrt(float64(pairs-tiesY))}
	c.Tau = min(1, max(-1, c.Tau))
	if tiesX == 0 && tiesY == 0 && (n <= exactPairs || min(concordant, discordant) <= 1) {
		c.P, c.Exact = countInversions(n, min(concordant, discordant)), true
		return c, nil
	}
	x3, x5 := tieSums(x)
	y3, y5 := tieSums(y)
	size := float64(n)
	m := size * (size - 1)
	variance := (m*(2*size+5)-x5-y5)/18 + float64(2*float64(tiesX)*float64(tiesY))/m
	if n > 2 {
		variance += float64(x3*y3) / float64(9*m*(size-2))
	}
	c.P = twoSided(score / math.Sqrt(variance))
	return c, nil
}

// tieSums are the sums of t(t−1)(t−2) and of t(t−1)(2t+5) over the groups of t equal values.
func tieSums(x []float64) (three, five float64) {
	s := sorted(x)
	for lo := 0; lo < len(s); {
		hi := lo
		for hi < len(s) && s[hi] == s[lo] {
			hi++
		}
		t := float64(hi - lo)
		three += t * (t - 1) * (t - 2)
		five += t * (t - 1) * (2*t + 5)
		lo = hi
	}
	return three, five
}

// countInversions is the share of the orders of n values with at most c inversions or at most c non-inversions.
func countInversions(n, c int) float64 {
	if 4*c >= n*(n-1) { // every order
		return 1
	}
	// share[k] is that of the orders of j values with k inversions: the last value has 0 to j−1 before it that are larger.
	share := make([]float64, c+1)
	share[0] = 1
	for j := 2; j <= n; j++ {
		sum := 0.0
		next := make([]float64, c+1)
		for k := range next {
			sum = 0
			for i := max(0, k-j+1); i <= k; i++ {
				sum += share[i]
			}
			next[k] = sum / float64(j)
		}
		share = next
	}
	all := 0.0
	for _, s := range share {
		all += s
	}
	return min(1, 2*all)
}
