package knn

import (
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/metric"
)

// bound is what is known of the error of a float32 score s, for which smaller is nearer: the exact score lies in
// [s − e, s + e] with e = rel·|s| + abs. rel and abs also cover the rounding of the distances in float64 that the final
// order goes by. One case lies outside: two zero rows under Cosine, whose distance is a matter of definition. All scores
// of a zero row are 0 then, so that no point is dropped.
//
// Squared distances beyond the range of float32 are infinite or lost in abs; both only keep more points.
type bound struct{ rel, abs float64 }

const u32 = 1.0 / (1 << 24) // half a unit in the last place of float32

// newBound is the bound of scores that the kernels make in float32, over d columns. They stay within γ(d+3) of the exact
// sum (package simd), the rounding of the rows that are compared adds 2u, and 1 % with a few u more is far above what
// float64 loses. The last term of abs is above all that can be lost to underflow.
func newBound(m Metric, d int) bound {
	e := float64(d+12) * u32
	if e > 0.2 {
		return bound{abs: math.Inf(1)} // more columns than float32 sums can bear: every point is a candidate
	}
	e *= 1.01 / (1 - e)
	tiny := float64(d+12) * 0x1p-140
	if m.Kind == metric.Euclidean {
		return bound{rel: e, abs: tiny} // of a sum of squares
	}
	return bound{abs: e + tiny} // of the cosine of unit vectors
}

// cut is the largest score that a point among the k nearest can have when the k-th smallest score is s.
func (b bound) cut(s float32) float32 {
	v := float64(s)
	c := (v + b.rel*math.Abs(v) + 2*b.abs) / (1 - b.rel)
	return float32(c + u32*2*math.Abs(c))
}

// least is the smallest that the exact score can be.
func (b bound) least(s float32) float64 {
	v := float64(s)
	return v - b.rel*math.Abs(v) - b.abs
}

type candidate struct {
	score float32
	group int32
}

func (a candidate) compare(b candidate) int {
	switch {
	case a.score < b.score:
		return -1
	case a.score > b.score:
		return 1
	}
	return int(a.group) - int(b.group)
}

func sortCandidates(list []candidate) { slices.SortFunc(list, candidate.compare) }

// candidates collects, for one row, every point whose score is at most the cut for the k-th smallest score so far.
type candidates struct {
	list []candidate
	full int32 // the length at which the list is shrunk
	wide bool  // given up: more candidates than are kept
}

// selection says how candidates are kept.
type selection struct {
	k    int
	most int // candidates of a row
}

// least is the length of a list below which it is not worth while to shrink it.
func (s selection) least() int { return min(4*s.k+32, s.most) }

// add takes a point whose score is at most the cut, and gives the new cut. scratch is memory to work in.
func (c *candidates) add(v candidate, cut float32, s selection, b bound, scratch *[]float32) float32 {
	if len(c.list) >= int(c.full) {
		cut = c.shrink(cut, s.k, b, scratch)
		n := len(c.list)
		if n > s.most*3/4 {
			*c = candidates{wide: true}
			return float32(math.Inf(-1))
		}
		c.full = int32(min(max(n+n/2, s.least()), s.most))
		if v.score > cut {
			return cut
		}
	}
	c.list = append(c.list, v)
	return cut
}

// shrink lowers the cut and drops what lies above it.
func (c *candidates) shrink(cut float32, k int, b bound, scratch *[]float32) float32 {
	if len(c.list) < k {
		return cut
	}
	s := (*scratch)[:0]
	for _, v := range c.list {
		s = append(s, v.score)
	}
	cut = min(cut, b.cut(kth(s, k)))
	kept := c.list[:0]
	for _, v := range c.list {
		if v.score <= cut {
			kept = append(kept, v)
		}
	}
	c.list, *scratch = kept, s
	return cut
}

// kth is the k-th smallest value of v, counted from 1; it reorders v.
func kth(v []float32, k int) float32 {
	lo, hi, at := 0, len(v)-1, k-1
	for hi-lo > 16 {
		a, b, c := v[lo], v[(lo+hi)/2], v[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case at <= j:
			hi = j
		case at >= i:
			lo = i
		default:
			return v[at]
		}
	}
	slices.Sort(v[lo : hi+1])
	return v[at]
}
