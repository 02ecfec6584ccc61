package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// ARI is the adjusted Rand index of two labellings of the same items (Hubert and Arabie 1985, doi:10.1007/BF01908075): 1 when
// they cut the items into the same groups, 0 on average for labels at random, and below 0 for less agreement than that. A
// label is only a name; −1, the outliers of a clustering, is a group like any other. Two labellings that are both one
// group, or both single items, agree (1), as do two empty ones. It is adjusted_rand_score of scikit-learn.
//
// The error is for labellings of different lengths.
func ARI(a, b []int) (float64, error) {
	t, err := newContingency(a, b)
	if err != nil {
		return 0, err
	}
	n := float64(t.n)
	both, inA, inB := 0.0, 0.0, 0.0 // ordered pairs of different items in the same group
	for _, c := range t.both {
		both += float64(c.count) * float64(c.count-1)
	}
	for _, c := range t.a {
		inA += float64(c) * float64(c-1)
	}
	for _, c := range t.b {
		inB += float64(c) * float64(c-1)
	}
	onlyA, onlyB := inA-both, inB-both
	if onlyA == 0 && onlyB == 0 {
		return 1, nil
	}
	neither := n*(n-1) - both - onlyA - onlyB
	return 2 * (both*neither - onlyA*onlyB) / ((both+onlyA)*(onlyA+neither) + (both+onlyB)*(onlyB+neither)), nil
}

// NMI is the mutual information of two labellings of the same items, divided by the mean of their entropies: from 0, when
// one says nothing of the other, to 1, when they cut the items into the same groups. −1 is a group like any other. Two
// labellings without information (one group, or no items) agree (1). It is normalized_mutual_info_score of
// scikit-learn with its default, the arithmetic mean.
//
// The error is for labellings of different lengths.
func NMI(a, b []int) (float64, error) {
	t, err := newContingency(a, b)
	if err != nil {
		return 0, err
	}
	if len(t.a) <= 1 && len(t.b) <= 1 {
		return 1, nil
	}
	n := float64(t.n)
	information := 0.0
	for _, c := range t.both {
		p := float64(c.count) / n
		information += p * (math.Log(float64(c.count)*n) - math.Log(float64(t.a[c.a])*float64(t.b[c.b])))
	}
	if information <= 0x1p-52 { // nothing but rounding
		return 0, nil
	}
	return information / ((entropy(t.a, n) + entropy(t.b, n)) / 2), nil
}

func entropy(sizes []int, n float64) float64 {
	h := 0.0
	for _, c := range sizes {
		p := float64(c) / n
		h -= p * math.Log(p)
	}
	return h
}

// contingency counts how the groups of two labellings overlap. Groups are numbered from 0 in the order of their labels.
type contingency struct {
	n    int
	a, b []int  // sizes of the groups
	both []cell // groups that share items, in order
}

type cell struct{ a, b, count int }

func newContingency(a, b []int) (*contingency, error) {
	if len(a) != len(b) {
		return nil, fmt.Errorf("eval: %d labels and %d labels, want the same items in both", len(a), len(b))
	}
	t := &contingency{n: len(a)}
	ga, gb := groups(a), groups(b)
	t.a, t.b = make([]int, ga.count), make([]int, gb.count)
	pairs := make([]cell, len(a))
	for i := range a {
		pairs[i] = cell{a: ga.of[i], b: gb.of[i]}
		t.a[ga.of[i]]++
		t.b[gb.of[i]]++
	}
	slices.SortFunc(pairs, func(p, q cell) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
	for _, p := range pairs {
		if last := len(t.both) - 1; last >= 0 && t.both[last].a == p.a && t.both[last].b == p.b {
			t.both[last].count++
			continue
		}
		p.count = 1
		t.both = append(t.both, p)
	}
	return t, nil
}

type grouping struct {
	of    []int // per item
	count int
}

func groups(labels []int) grouping {
	distinct := slices.Clone(labels)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	g := grouping{of: make([]int, len(labels)), count: len(distinct)}
	for i, l := range labels {
		g.of[i], _ = slices.BinarySearch(distinct, l)
	}
	return g
}
