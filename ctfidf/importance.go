package ctfidf

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// NPMI weighs a term by the normalised pointwise mutual information of the term w and the class t,
//
//	log₂(p(w|t)/p(w)) / −log₂(p(w|t)·p(t))
//
// in (−1, 1): how much more often the term stands in the class than elsewhere. The probabilities are smoothed shares of
// the counts. It needs [Counts.Sizes]. Only the terms that a class has are weighed; with smoothing the others would get
// weights too. The source is turftopic 0.28.0 (feature_importance="npmi").
type NPMI struct {
	// Smoothing is added to every count of a term and of documents. A large value keeps rare words from naming a topic.
	// 0, the default, means 5; a negative number, such as stage.None, means 0. [smoothing]
	Smoothing float64 `json:"smoothing"`
	// Turftopic divides by −log₂(p(w|t)/p(t)), as turftopic 0.28.0 does where its documentation promises the formula
	// above: the weight of a term whose share of the class is more than the class's share of the documents changes its
	// sign. Default false.
	Turftopic bool `json:"turftopic"`
}

// Validate reports a field that is out of range as a *[stage.ConfigError].
func (n NPMI) Validate() error {
	var f check.Fields
	f.Want(n.Smoothing <= math.MaxFloat32 && !math.IsInf(n.Smoothing, 0), "ctfidf.NPMI.Smoothing", n.Smoothing, "a finite number, 0 for 5, negative for 0")
	return f.Err()
}

// Weigh weighs the counts. It fails with *[stage.ConfigError]s, without [Counts.Sizes], and where the counts are not a matrix of
// non-negative finite numbers.
func (n NPMI) Weigh(c Counts) (Weights, error) {
	if err := n.Validate(); err != nil {
		return Weights{}, err
	}
	if err := c.check(); err != nil {
		return Weights{}, err
	}
	smoothing := stage.Setting(n.Smoothing, 5)
	if len(c.Sizes) != len(c.Classes) {
		return Weights{}, fmt.Errorf("ctfidf: %d sizes for %d classes: NPMI needs Counts.Sizes, the number of documents of each class",
			len(c.Sizes), len(c.Classes))
	}
	docs := 0.0
	for _, s := range c.Sizes {
		docs += s
	}
	docs += float64(smoothing * float64(len(c.Classes)))
	f := c.totals()
	spread := float64(smoothing * float64(len(f)))
	total := sum(f) + spread
	return c.weigh(func(i int, cols []int32, values, out []float64) {
		row := sum(values) + spread
		class := bitmath.Log2((c.Sizes[i] + smoothing) / docs)
		if n.Turftopic {
			class = -class
		}
		for k, v := range values {
			given := bitmath.Log2((v + smoothing) / row)
			out[k] = finite((given - bitmath.Log2((f[cols[k]]+smoothing)/total)) / -(given + class))
		}
	}), nil
}

// FightingWords weighs a term by the z-score of its log odds in the class against all other classes, with a Dirichlet
// prior (Monroe, Colaresi and Quinn 2008, doi:10.1093/pan/mpn018, section 3.5.1): differences that a small class shows by
// chance stay near 0. Only the terms that a class has are weighed. The source is turftopic 0.28.0
// (feature_importance="fighting-words").
type FightingWords struct {
	// Prior is what each term is thought to have been counted before, above 0. 0, the default, means its count in all
	// classes. [prior, where 0 is "corpus"]
	Prior float64 `json:"prior"`
}

// Validate reports a field that is out of range as a *[stage.ConfigError].
func (w FightingWords) Validate() error {
	var f check.Fields
	f.Want(w.Prior >= 0 && !math.IsInf(w.Prior, 0), "ctfidf.FightingWords.Prior", w.Prior,
		"a finite number above 0, or 0 for the counts in all classes")
	return f.Err()
}

// Weigh weighs the counts. It fails with *[stage.ConfigError]s, and where the counts are not a matrix of non-negative finite
// numbers.
func (w FightingWords) Weigh(c Counts) (Weights, error) {
	if err := w.Validate(); err != nil {
		return Weights{}, err
	}
	if err := c.check(); err != nil {
		return Weights{}, err
	}
	f := c.totals()
	total := sum(f)
	priors := total
	if w.Prior > 0 {
		priors = float64(w.Prior * float64(len(f)))
	}
	odds := func(n, of float64) float64 { return bitmath.Log(n / (of - n)) }
	return c.weigh(func(_ int, cols []int32, values, out []float64) {
		row := sum(values)
		for k, v := range values {
			prior := w.Prior
			if prior == 0 {
				prior = f[cols[k]]
			}
			here, rest := v+prior, f[cols[k]]-v+prior
			delta := odds(here, row+priors) - odds(rest, total-row+priors)
			out[k] = finite(delta / math.Sqrt(1/here+1/rest))
		}
	}), nil
}

// Soft is c-TF-IDF for counts that are sums of memberships, from [CountSoft]: the share of the term in the class, times
// ln(D/f(t)), with f(t) the sum of the term's counts over the classes and D the number of documents. The factor is
// negative for a term that is counted more than once in each document on average. It needs [Counts.Docs]. The source is
// turftopic 0.28.0 (feature_importance="soft-c-tf-idf").
type Soft struct{}

// Needs says that the documents must be counted by their memberships.
func (Soft) Needs() Needs { return Needs{Memberships: true} }

// Weigh weighs the counts. It fails without [Counts.Docs], and where the counts are not a matrix of non-negative finite
// numbers.
func (Soft) Weigh(c Counts) (Weights, error) {
	if err := c.check(); err != nil {
		return Weights{}, err
	}
	if !(c.Docs > 0) {
		return Weights{}, fmt.Errorf("ctfidf: %v documents: Soft needs Counts.Docs, the number of documents that were counted", c.Docs)
	}
	idf := c.totals()
	for j, n := range idf {
		if n > 0 {
			idf[j] = bitmath.Log(c.Docs / (n + epsilon))
		}
	}
	w := c.weigh(func(_ int, cols []int32, values, out []float64) {
		row := sum(values) + epsilon
		for k, v := range values {
			out[k] = v / row * idf[cols[k]]
		}
	})
	w.IDF = idf
	return w, nil
}

const epsilon = 0x1p-52 // numpy.finfo(float).eps

// weigh makes weights of what row puts out for each row. Other texts are weighed by plain c-TF-IDF.
func (c Counts) weigh(row func(i int, cols []int32, values, out []float64)) Weights {
	w := Weights{Classes: c.Classes, Vocabulary: c.Vocabulary, IDF: c.idf(false)}
	w.Rows = sparse.CSR[float64]{Cols: c.Rows.Cols, RowPtr: c.Rows.RowPtr, Col: c.Rows.Col, Value: make([]float64, len(c.Rows.Value))}
	for i := range c.Rows.Rows() {
		cols, values := c.Rows.Row(i)
		row(i, cols, values, w.Rows.Value[c.Rows.RowPtr[i]:c.Rows.RowPtr[i+1]])
	}
	return w
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

// finite makes 0 of a weight that counts of nothing else left without a meaning.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}
