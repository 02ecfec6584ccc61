package eval

import (
	"context"
	"fmt"
	"math"
)

// Agreement is how much two labellings of the same items agree, by all the indices that papers report. But for Purity,
// InversePurity, Homogeneity and Completeness they stay the same when the labellings change places; those change places
// with each other.
type Agreement struct {
	Items    int // that were compared
	Classes  int // groups of the first labeling, the truth where there is one
	Clusters int // groups of the second labeling

	// ARI is the adjusted Rand index (Hubert and Arabie 1985, doi:10.1007/BF01908075): 1 when both cut the items into the
	// same groups, 0 on average for labels at random, and below 0 for less agreement than that.
	ARI float64
	// NMI is the mutual information divided by the mean of the entropies, from 0 to 1. It rewards many small groups.
	NMI float64
	// AMI is the mutual information adjusted for chance (Vinh, Epps and Bailey 2010, JMLR 11:2837): 1 for the same
	// groups, 0 on average for labels at random, whatever their number.
	AMI float64
	// Homogeneity is 1 when each cluster has items of one class only, Completeness when all items of a class are in one
	// cluster, both from 0; VMeasure is their harmonic mean (Rosenberg and Hirschberg 2007, aclanthology.org/D07-1043).
	Homogeneity, Completeness, VMeasure float64
	// FowlkesMallows is the geometric mean of precision and recall over pairs of items
	// (doi:10.1080/01621459.1983.10478008), from 0 to 1. It is 0 when no two items are together in both, also when the
	// labellings are the same.
	FowlkesMallows float64
	// Purity is the share of items of the most frequent class of their cluster, InversePurity that of the most frequent
	// cluster of their class; more than 0, up to 1. Purity is 1 when each item is a cluster of its own.
	Purity, InversePurity float64
}

// Compare is how much the labeling found agrees with truth. A label is only a name; what −1 is, o says. Two labellings
// of one group, or of no items, agree: every index is 1, but for FowlkesMallows without a pair of items. The values are
// those of scikit-learn 1.9 to rounding.
//
// Errors: labellings of different lengths; an unknown o; the context's cause.
func Compare(ctx context.Context, truth, found []int, o Outliers) (Agreement, error) {
	if !o.valid() {
		return Agreement{}, fmt.Errorf("eval: outliers are %q, want %q, %q or %q", string(o), OutliersGroup, OutliersLeftOut, OutliersApart)
	}
	if ctx.Err() != nil {
		return Agreement{}, fmt.Errorf("eval: %w", context.Cause(ctx))
	}
	t, err := newContingency(truth, found, o)
	if err != nil {
		return Agreement{}, fmt.Errorf("eval: %w", err)
	}
	r := Agreement{Items: t.n, Classes: len(t.a), Clusters: len(t.b), ARI: t.ari(), NMI: t.nmi(), FowlkesMallows: t.fowlkesMallows()}
	if r.AMI, err = t.ami(ctx); err != nil {
		return Agreement{}, fmt.Errorf("eval: %w", err)
	}
	r.Homogeneity, r.Completeness = t.homogeneity()
	if both := r.Homogeneity + r.Completeness; both > 0 {
		r.VMeasure = 2 * r.Homogeneity * r.Completeness / both
	}
	r.InversePurity, r.Purity = t.purity()
	return r, nil
}

// ARI is the adjusted Rand index of two labellings of the same items, as Compare has it with −1 as a group like any
// other. It is adjusted_rand_score of scikit-learn.
//
// The error is for labellings of different lengths.
func ARI(a, b []int) (float64, error) {
	t, err := newContingency(a, b, OutliersGroup)
	if err != nil {
		return 0, fmt.Errorf("eval: %w", err)
	}
	return t.ari(), nil
}

// NMI is the mutual information of two labellings of the same items, divided by the mean of their entropies, as Compare
// has it with −1 as a group like any other. It is normalized_mutual_info_score of scikit-learn with its default, the
// arithmetic mean.
//
// The error is for labellings of different lengths.
func NMI(a, b []int) (float64, error) {
	t, err := newContingency(a, b, OutliersGroup)
	if err != nil {
		return 0, fmt.Errorf("eval: %w", err)
	}
	return t.nmi(), nil
}

// Coverage is the share of items that are not outliers (−1), from 0 to 1; 1 when there are no items.
func Coverage(labels []int) float64 {
	if len(labels) == 0 {
		return 1
	}
	n := 0
	for _, l := range labels {
		if l != -1 {
			n++
		}
	}
	return float64(n) / float64(len(labels))
}

func (t *contingency) ari() float64 {
	n := float64(t.n)
	both, inA, inB := t.pairs()
	onlyA, onlyB := inA-both, inB-both
	if onlyA == 0 && onlyB == 0 {
		return 1
	}
	neither := float64(n*(n-1)) - both - onlyA - onlyB
	less := float64(onlyA * onlyB)
	return 2 * (float64(both*neither) - less) / (float64((both+onlyA)*(onlyA+neither)) + float64((both+onlyB)*(onlyB+neither)))
}

func (t *contingency) nmi() float64 {
	if len(t.a) <= 1 && len(t.b) <= 1 {
		return 1
	}
	information := t.information()
	if information == 0 {
		return 0
	}
	return information / ((entropy(t.a, t.n) + entropy(t.b, t.n)) / 2)
}

func (t *contingency) ami(ctx context.Context) (float64, error) {
	if t.same() {
		return 1, nil
	}
	if len(t.a) == 1 || len(t.b) == 1 {
		return 0, nil
	}
	expected, err := t.expectedInformation(ctx)
	if err != nil {
		return 0, err
	}
	most := (entropy(t.a, t.n) + entropy(t.b, t.n)) / 2
	return (t.information() - expected) / max(most-expected, 0x1p-52), nil
}

func (t *contingency) homogeneity() (homogeneity, completeness float64) {
	homogeneity, completeness = 1, 1
	information := t.information()
	if h := entropy(t.a, t.n); h > 0 {
		homogeneity = min(information/h, 1)
	}
	if h := entropy(t.b, t.n); h > 0 {
		completeness = min(information/h, 1)
	}
	return homogeneity, completeness
}

func (t *contingency) fowlkesMallows() float64 {
	both, inA, inB := t.pairs()
	if both == 0 {
		return 0
	}
	return math.Sqrt(both/inA) * math.Sqrt(both/inB)
}

// purity is the share of items in the largest cell of their group, by the groups of a and of b.
func (t *contingency) purity() (byA, byB float64) {
	if t.n == 0 {
		return 1, 1
	}
	a, b := make([]int, len(t.a)), make([]int, len(t.b))
	for _, c := range t.both {
		a[c.a], b[c.b] = max(a[c.a], c.count), max(b[c.b], c.count)
	}
	sumA, sumB := 0, 0
	for _, n := range a {
		sumA += n
	}
	for _, n := range b {
		sumB += n
	}
	return float64(sumA) / float64(t.n), float64(sumB) / float64(t.n)
}
