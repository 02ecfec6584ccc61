package eval

import (
	"context"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

// expectedInformation is the mutual information of two labellings with the sizes a and b, on average over all ways to
// deal the items out, in nats: the sum over all pairs of groups of the mean of m/n·ln(n·m/(aᵢ·bⱼ)), where the number m of
// common items is hypergeometric.
//
// The probabilities come from the ratio of neighbors, outwards from the most probable m until they are less than
// rounding, divided by their sum: no factorials, and few terms. Groups of the same size are counted once.
func (t *contingency) expectedInformation(ctx context.Context) (float64, error) {
	if len(t.a) <= 1 || len(t.b) <= 1 {
		return 0, nil
	}
	sizesA, sizesB := multiplicities(t.a), multiplicities(t.b)
	most := min(sizesA[len(sizesA)-1].size, sizesB[len(sizesB)-1].size)
	logs := make([]float64, most+1)
	for m := 1; m <= most; m++ {
		logs[m] = bitmath.Log(float64(m))
	}
	n, logN, sum := float64(t.n), bitmath.Log(float64(t.n)), 0.0
	for _, a := range sizesA {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		logA := bitmath.Log(float64(a.size))
		row := 0.0
		for _, b := range sizesB {
			base := logN - logA - bitmath.Log(float64(b.size))
			row += float64(float64(b.times) * expectedTerm(t.n, a.size, b.size, base, logs))
		}
		sum += float64(float64(a.times) * row)
	}
	return sum / n, nil
}

// expectedTerm is the mean of m·(base + ln m) over the number m of common items of groups of a and b of n items.
func expectedTerm(n, a, b int, base float64, logs []float64) float64 {
	const negligible = 1e-20
	fn, fa, fb := float64(n), float64(a), float64(b)
	least, most := max(0, a+b-n), min(a, b)
	mode := int((fa + 1) * (fb + 1) / (fn + 2))
	mode = min(max(mode, least), most)
	weight, mean := 0.0, 0.0
	p := 1.0
	for m := mode; ; m++ { // upwards, with the mode
		fm := float64(m)
		weight += p
		if m > 0 {
			mean += float64(p * fm * (base + logs[m]))
		}
		p *= (fa - fm) * (fb - fm) / ((fm + 1) * (fn - fa - fb + fm + 1))
		if m == most || p < negligible {
			break
		}
	}
	p = 1.0
	for m := mode; m > least; { // downwards
		fm := float64(m)
		p *= fm * (fn - fa - fb + fm) / ((fa - fm + 1) * (fb - fm + 1))
		m--
		if p < negligible {
			break
		}
		weight += p
		if m > 0 {
			mean += float64(p * float64(m) * (base + logs[m]))
		}
	}
	return mean / weight
}

type multiplicity struct{ size, times int }

// multiplicities is the different sizes, rising, and how often each of them comes.
func multiplicities(sizes []int) []multiplicity {
	sorted := slices.Clone(sizes)
	slices.Sort(sorted)
	var out []multiplicity
	for _, s := range sorted {
		if last := len(out) - 1; last >= 0 && out[last].size == s {
			out[last].times++
		} else {
			out = append(out, multiplicity{s, 1})
		}
	}
	return out
}
