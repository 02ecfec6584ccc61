package eval

import (
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
)

// Outliers says what the label −1, an outlier of a clustering, is when labellings are compared.
type Outliers string

const (
	// OutliersGroup takes −1 for a group like any other: what scikit-learn does, and what most papers report.
	OutliersGroup Outliers = ""
	// OutliersLeftOut leaves out the items that are −1 in either labeling. A clustering that dares to place only the items
	// it is sure of looks good by this, so report Coverage with it.
	OutliersLeftOut Outliers = "left out"
	// OutliersApart makes each −1 a group of its own: nothing holds outliers together.
	OutliersApart Outliers = "apart"
)

func (o Outliers) valid() bool {
	return o == OutliersGroup || o == OutliersLeftOut || o == OutliersApart
}

// contingency counts how the groups of two labellings overlap. Groups are numbered from 0 in the order of their labels,
// outliers that are groups of their own last.
type contingency struct {
	n    int
	a, b []int  // sizes of the groups
	both []cell // groups that share items, in order
}

type cell struct{ a, b, count int }

func newContingency(a, b []int, o Outliers) (*contingency, error) {
	if len(a) != len(b) {
		return nil, fmt.Errorf("%d labels and %d labels, want the same items in both", len(a), len(b))
	}
	if o == OutliersLeftOut {
		var keptA, keptB []int
		for i := range a {
			if a[i] != -1 && b[i] != -1 {
				keptA, keptB = append(keptA, a[i]), append(keptB, b[i])
			}
		}
		a, b = keptA, keptB
	}
	ga, gb := groups(a, o == OutliersApart), groups(b, o == OutliersApart)
	t := &contingency{n: len(a), a: ga.sizes, b: gb.sizes}
	// Items by their groups in b, then by those in a.
	for _, i := range ga.sorted(gb.sorted(nil)) {
		p, q := ga.of[i], gb.of[i]
		if last := len(t.both) - 1; last >= 0 && t.both[last].a == p && t.both[last].b == q {
			t.both[last].count++
			continue
		}
		t.both = append(t.both, cell{a: p, b: q, count: 1})
	}
	return t, nil
}

type grouping struct {
	of    []int // the group of each item
	sizes []int
}

func groups(labels []int, apart bool) grouping {
	number, n := numbers(labels, apart)
	g := grouping{of: make([]int, len(labels)), sizes: make([]int, n)}
	for i, l := range labels {
		if l == -1 && apart {
			g.of[i] = len(g.sizes)
			g.sizes = append(g.sizes, 1)
			continue
		}
		g.of[i] = number(l)
		g.sizes[g.of[i]]++
	}
	return g
}

// numbers numbers the different labels, rising, without −1 when outliers are apart; there are n.
func numbers(labels []int, apart bool) (number func(label int) int, n int) {
	if len(labels) == 0 {
		return nil, 0
	}
	least, most := slices.Min(labels), slices.Max(labels)
	if width := most - least; width >= 0 && width <= 4*len(labels)+1024 { // it is negative where it overflows
		place := make([]int, width+1)
		for _, l := range labels {
			if l != -1 || !apart {
				place[l-least] = 1
			}
		}
		for i, there := range place {
			place[i] = n
			n += there
		}
		return func(label int) int { return place[label-least] }, n
	}
	distinct := slices.Clone(labels)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	if i, ok := slices.BinarySearch(distinct, -1); ok && apart {
		distinct = slices.Delete(distinct, i, i+1)
	}
	return func(label int) int {
		i, _ := slices.BinarySearch(distinct, label)
		return i
	}, len(distinct)
}

// sorted is the items by their groups, those of one group in the order of items, or as they are where items is nil.
func (g grouping) sorted(items []int) []int {
	next := make([]int, len(g.sizes))
	for i := 1; i < len(next); i++ {
		next[i] = next[i-1] + g.sizes[i-1]
	}
	out := make([]int, len(g.of))
	for k := range g.of {
		i := k
		if items != nil {
			i = items[k]
		}
		out[next[g.of[i]]] = i
		next[g.of[i]]++
	}
	return out
}

// same is whether both labellings cut the items into the same groups.
func (t *contingency) same() bool { return len(t.both) == len(t.a) && len(t.both) == len(t.b) }

// pairs counts the ordered pairs of different items that are in the same group: of both labellings, of a, of b.
func (t *contingency) pairs() (both, inA, inB float64) {
	for _, c := range t.both {
		both += float64(float64(c.count) * float64(c.count-1))
	}
	for _, c := range t.a {
		inA += float64(float64(c) * float64(c-1))
	}
	for _, c := range t.b {
		inB += float64(float64(c) * float64(c-1))
	}
	return both, inA, inB
}

// information is the mutual information in nats.
func (t *contingency) information() float64 {
	if len(t.a) <= 1 || len(t.b) <= 1 {
		return 0
	}
	n, sum := float64(t.n), 0.0
	for _, c := range t.both {
		sum += float64(float64(c.count) / n * (bitmath.Log(float64(c.count)*n) - bitmath.Log(float64(t.a[c.a])*float64(t.b[c.b]))))
	}
	if sum <= 0x1p-52 { // nothing but rounding
		return 0
	}
	return sum
}

func entropy(sizes []int, n int) float64 {
	h := 0.0
	for _, c := range sizes {
		p := float64(c) / float64(n)
		h -= float64(p * bitmath.Log(p))
	}
	return max(h, 0)
}
