package topic

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// softQuantile is the part of the documents in clusters that are less similar to their cluster than
// an outlier must be under SoftOutliers.
const softQuantile = 0.1

// anyCosine is a least cosine that every embedding has.
const anyCosine = -2

// calibratePolicy returns the placer of cfg.Outliers for the labels of the rows; nil if outliers stay
// outliers.
func calibratePolicy(ctx context.Context, d *documents, cfg Config, labels []int) (*place.Nearest, error) {
	if !cfg.Outliers.assigns() || !d.hasEmbeddings() {
		return nil, nil
	}
	members := labelMembers(d, labels, 0)
	ids := slices.Sorted(maps.Keys(members))
	means, sums := dense.New(len(ids), d.embeddings.Cols), map[int][]float64{}
	for k, l := range ids {
		sums[l] = dense.Sum(d.embeddings, members[l])
		dense.SetMean(dense.Row(means, k), sums[l], len(members[l]))
	}
	policy := &place.Nearest{Centroids: dense.NewCentroids(means, ids), Floor: anyCosine, Workers: cfg.Workers}
	if cfg.Outliers == AllOutliers {
		return policy, nil
	}
	cosines := make([]float64, len(labels))
	err := parallel.Loop{Workers: cfg.Workers}.Run(ctx, len(labels), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			cosines[i] = math.NaN()
			if l := labels[i]; l != Outlier && len(members[l]) > 1 {
				cosines[i] = cosineWithRest(d.embedding(d.doc(i)), sums[l])
			}
		}
		return nil
	})
	cosines = slices.DeleteFunc(cosines, math.IsNaN)
	slices.Sort(cosines)
	if len(cosines) > 0 {
		policy.Floor = cosines[int(softQuantile*float64(len(cosines)))]
	}
	return policy, err
}

// labelMembers lists the documents of each label that is at least from, ascending.
func labelMembers(d *documents, labels []int, from int) map[int][]int {
	out := map[int][]int{}
	for i, l := range labels {
		if l >= from {
			out[l] = append(out[l], d.doc(i))
		}
	}
	return out
}

// cosineWithRest returns the cosine of x with sum − x, 0 if one of them has no length.
func cosineWithRest(x []float32, sum []float64) float64 {
	var xx, yy, xy float64
	for j, v := range x {
		a := float64(v)
		b := sum[j] - a
		xx += float64(a * a)
		yy += float64(b * b)
		xy += float64(a * b)
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / (math.Sqrt(xx) * math.Sqrt(yy))
}

// assignOutliers returns the labels of the rows with those that the policy gives.
func assignOutliers(ctx context.Context, d *documents, p *pipeline) (fitResult, error) {
	found := p.rows.labels
	out := fitResult{labels: slices.Clone(found), strengths: slices.Clone(p.rows.strengths)}
	if p.policy == nil {
		return out, nil
	}
	var outside []int // rows
	for i, l := range found {
		if l == Outlier {
			outside = append(outside, i)
		}
	}
	labels, strengths, err := p.policy.Match(ctx, d.embeddings, d.docs(outside))
	if err != nil {
		return out, err
	}
	for k, i := range outside {
		out.labels[i], out.strengths[i] = labels[k], strengths[k]
	}
	for _, rows := range sameWords(d) { // disjoint: their order does not matter
		chosen, strength := chooseLabel(rows, found, out)
		for _, i := range rows {
			out.labels[i], out.strengths[i] = chosen, strength
		}
	}
	for _, i := range outside {
		if out.labels[i] != Outlier {
			out.adopted++
		}
	}
	return out, nil
}

// sameWords lists the rows of texts with the same words, where there is more than one.
func sameWords(d *documents) [][]int {
	groups := map[int][]int{} // by the document of the first of them
	for i := range d.rows() {
		text, x := d.texts[d.doc(i)], d.embedding(d.doc(i))
		first := d.findWords(text, x)
		if first < 0 {
			first = d.find(text, x)
		}
		groups[first] = append(groups[first], i)
	}
	var out [][]int
	for _, rows := range groups {
		if len(rows) > 1 {
			out = append(out, rows)
		}
	}
	return out
}

// chooseLabel returns the label that rows of the same words share, and its strength: the one that the
// clusterer gave most of them, or, if it gave none, the strongest of those that the policy gave.
func chooseLabel(rows, found []int, assigned fitResult) (label int, strength float64) {
	labels := make([]int, len(rows))
	for k, i := range rows {
		labels[k] = found[i]
	}
	most := place.MostFrequent(labels)
	if most != Outlier {
		return most, assigned.strengths[rows[slices.Index(labels, most)]]
	}
	best := rows[0]
	for _, i := range rows {
		if assigned.strengths[i] > assigned.strengths[best] {
			best = i
		}
	}
	return assigned.labels[best], assigned.strengths[best]
}

// outlierWarnings says what the policy did in the fit.
func (m *Model) outlierWarnings() []error {
	n, p := m.grouping.history[0].Adopted, m.pipeline
	switch {
	case n == 0 || p.policy == nil || p.merged > 0: // merged models have the warnings of their fits
		return nil
	case p.cfg.Outliers == AllOutliers:
		return []error{fmt.Errorf("cluster: %d outliers were assigned to the most similar topic", n)}
	}
	return []error{fmt.Errorf("cluster: %d outliers were assigned to the most similar topic, each with a cosine of at least %.3f", n, p.policy.Floor)}
}
