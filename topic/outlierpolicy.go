package topic

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// OutlierPolicy says what becomes of documents that the clusterer leaves outside, those of the fit and new ones alike.
// Documents without text stay outside whatever it is. Under SoftOutliers and AllOutliers, texts that differ only in case,
// punctuation and white space share a topic too: the one that the clusterer put most of them in.
type OutlierPolicy string

const (
	// KeepOutliers leaves them outside, as BERTopic does; so does "".
	KeepOutliers OutlierPolicy = "keep"
	// SoftOutliers gives a document the cluster whose mean embedding has the highest cosine with its own, if that cosine is as
	// high as those of nine in ten of the documents in clusters, each with the mean of the others in its own. On labelled
	// corpora of 2,500 to 20,000 documents 3 to 8 in a hundred were still outside then, and 7 to 9 in ten of those given a topic
	// were of its class; see benchmarks/results/2026-11-25-outliers.md for that and for other rules.
	SoftOutliers OutlierPolicy = "soft"
	// AllOutliers is SoftOutliers without a least cosine.
	AllOutliers OutlierPolicy = "all"
)

// sameTextCosine is the least cosine of the embeddings of texts that are taken for the same because they have the same words: where
// embeddings are of something else than the texts, such as images with the same caption, words alone say little.
const sameTextCosine = 0.8

// softQuantile is how many of the documents in clusters are less alike to their cluster than a document must be under
// SoftOutliers.
const softQuantile = 0.1

// places says whether the policy gives topics to outliers.
func (p OutlierPolicy) places() bool { return p == SoftOutliers || p == AllOutliers }

// adoption is where the rows go that the clusterer leaves outside.
type adoption struct {
	means dense.Centroids // of the labels of the fit
	floor float64         // the least cosine
}

// calibrate makes the adoption of the policy from the labels of the fit.
func (m *Model) calibrate(ctx context.Context) error {
	m.adoption = nil
	if !m.cfg.Outliers.places() || m.embeddings.Cols == 0 {
		return nil
	}
	labels := m.clustering.Labels()
	members := m.members(labels, 0)
	ids := slices.Sorted(maps.Keys(members))
	means, sums := dense.New(len(ids), m.embeddings.Cols), map[int][]float64{}
	for k, l := range ids {
		sums[l] = dense.Sum(m.embeddings, members[l])
		dense.SetMean(dense.Row(means, k), sums[l], len(members[l]))
	}
	m.adoption = &adoption{means: dense.NewCentroids(means, ids), floor: -2}
	if m.cfg.Outliers == AllOutliers {
		return nil
	}
	cosines := make([]float64, len(labels))
	err := parallel.Loop{Workers: m.cfg.Workers}.Run(ctx, len(labels), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			cosines[i] = math.NaN()
			if l := labels[i]; l != Outlier && len(members[l]) > 1 {
				cosines[i] = cosineWithRest(dense.Row(m.embeddings, m.document(i)), sums[l])
			}
		}
		return nil
	})
	cosines = slices.DeleteFunc(cosines, math.IsNaN)
	slices.Sort(cosines)
	if len(cosines) > 0 {
		m.adoption.floor = cosines[int(softQuantile*float64(len(cosines)))]
	}
	return err
}

// cosineWithRest is the cosine of x with the sum without x, 0 where one has no length.
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

// label is where the row x goes, and how alike it is to those there; −1 and 0 when it is not alike enough.
func (a *adoption) label(x []float32) (label int, strength float64) {
	label, cosine := a.means.Nearest(x)
	if label == Outlier || cosine < a.floor {
		return Outlier, 0
	}
	return label, min(max(cosine, 0), 1)
}

// adopt writes to out where the rows of x at the positions outside belong by the policy, and gives those that belong nowhere.
func (m *Model) adopt(ctx context.Context, x blas32.General, outside []int, out []Assignment) (left []int, err error) {
	if m.adoption == nil {
		return outside, nil
	}
	err = parallel.Loop{Workers: m.cfg.Workers}.Run(ctx, len(outside), func(_, lo, hi int) error {
		for _, i := range outside[lo:hi] {
			label, strength := m.adoption.label(dense.Row(x, i))
			out[i] = m.assign(label, strength, dense.Row(x, i))
		}
		return nil
	})
	for _, i := range outside {
		if out[i].Topic == Outlier {
			left = append(left, i)
		}
	}
	return left, err
}

// settled is the labels of the fit and their strengths with those that the policy gives, and the number of points that the
// clusterer had left outside.
func (m *Model) settled(ctx context.Context) (labels []int, strength []float64, adopted int, err error) {
	found := m.clustering.Labels()
	labels, strength = slices.Clone(found), strengthsOf(m.clustering)
	if m.adoption == nil {
		return labels, strength, 0, nil
	}
	err = parallel.Loop{Workers: m.cfg.Workers}.Run(ctx, len(labels), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			if found[i] == Outlier {
				labels[i], strength[i] = m.adoption.label(dense.Row(m.embeddings, m.document(i)))
			}
		}
		return nil
	})
	alike := map[int][]int{} // points with the same words, by the document of the first of them
	for i := range labels {
		text, x := m.docs[m.document(i)], dense.Row(m.embeddings, m.document(i))
		first := m.sameText(text, x)
		if first < 0 {
			first = m.known.find(m, text, x)
		}
		alike[first] = append(alike[first], i)
	}
	for _, points := range alike { // each has its own points: their order does not matter
		if len(points) == 1 {
			continue
		}
		best := points[0]
		votes := map[int]int{}
		for _, i := range points {
			if found[i] != Outlier {
				votes[found[i]]++
			}
		}
		of := found
		if len(votes) == 0 {
			of = labels
			for _, i := range points {
				if strength[i] > strength[best] {
					best = i
				}
			}
		} else {
			most := largestFirst(votes)[0]
			best = points[slices.IndexFunc(points, func(i int) bool { return found[i] == most })]
		}
		for _, i := range points {
			labels[i], strength[i] = of[best], strength[best]
		}
	}
	for i, l := range labels {
		if l != Outlier && found[i] == Outlier {
			adopted++
		}
	}
	return labels, strength, adopted, err
}

// sameWords is the position of the first fitted document with the words of text, −1 when there is none or text has no word.
// Words are runs of letters and digits, in lower case.
func (k *known) sameWords(m *Model, text string) int {
	k.onceWords.Do(func() {
		k.words = make(map[uint64][]int32, m.fitted())
		for i := range m.fitted() {
			doc := m.document(i)
			if w := wordsOf(m.docs[doc]); w != "" && k.withWords(m, w) < 0 {
				h := hashRow(nil, w)
				k.words[h] = append(k.words[h], int32(doc))
			}
		}
	})
	return k.withWords(m, wordsOf(text))
}

func (k *known) withWords(m *Model, words string) int {
	for _, doc := range k.words[hashRow(nil, words)] {
		if wordsOf(m.docs[doc]) == words {
			return int(doc)
		}
	}
	return -1
}

func wordsOf(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}

// like is the position of a fitted document that text is to share its topic with; −1 when it is new. Where the policy places
// documents, one with the same words is enough.
func (m *Model) like(text string, x []float32) int {
	doc := m.known.find(m, text, x)
	if doc < 0 && m.adoption != nil {
		doc = m.sameText(text, x)
	}
	return doc
}

// sameText is the position of the first fitted document with the words of text, if its embedding is close to x, −1 otherwise.
func (m *Model) sameText(text string, x []float32) int {
	doc := m.known.sameWords(m, text)
	if doc >= 0 && dense.Cosine(dense.Row(m.embeddings, doc), x) < sameTextCosine {
		return -1
	}
	return doc
}

// warnOfOutliers says what the policy did in the fit.
func (m *Model) warnOfOutliers() []error {
	n := m.history[0].Adopted
	switch {
	case n == 0 || m.adoption == nil || m.sources != nil: // those of merged models speak of their own fits
		return nil
	case m.cfg.Outliers == AllOutliers:
		return []error{fmt.Errorf("%s: %d documents that the clusterer left outside were given the topic they are most alike", StageCluster, n)}
	}
	return []error{fmt.Errorf("%s: %d documents that the clusterer left outside were given the topic they are most alike, each with a cosine of at least %.3f", StageCluster, n, m.adoption.floor)}
}
