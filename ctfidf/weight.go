package ctfidf

import (
	"fmt"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/sparse"
)

// Weighting turns counts into weights. The zero value is plain c-TF-IDF. The names in brackets are those of BERTopic's
// ClassTfidfTransformer (0.17.4).
//
// With f(t) the count of term t in all classes and A the mean number of terms of a class, rounded down to a whole number
// as the original does, the weight of t in a class is the share of t among the terms of the class, times
//
//	ln(A/f(t) + 1)                       without BM25 (arXiv:2203.05794, section 3.3)
//	ln((A − f(t) + 0.5)/(f(t) + 0.5) + 1)  with BM25
type Weighting struct {
	// BM25 uses the second formula. It is negative for every term with f(t) > A + 0.5, as it is in the original; see
	// Clamp. [bm25_weighting]
	BM25 bool `json:"bm25_weighting"`
	// ReduceFrequentWords takes the square root of a term's share. [reduce_frequent_words]
	ReduceFrequentWords bool `json:"reduce_frequent_words"`
	// SeedWords are terms whose weight is multiplied by SeedMultiplier, a number above 0, default 2; 0 stands for the
	// default. [seed_words, seed_multiplier]
	SeedWords      []string `json:"seed_words"`
	SeedMultiplier float64  `json:"seed_multiplier"`
	// GuidedWords are the words of the topics that were asked for in guided modeling. Their weight is multiplied by
	// GuidedMultiplier, a number above 0, default 1.2; 0 stands for the default. A word that is in SeedWords too gets this
	// multiplier alone. [seed_topic_list]
	GuidedWords      []string `json:"guided_words"`
	GuidedMultiplier float64  `json:"guided_multiplier"`
	// Clamp makes a negative factor 0, so that cosines between rows lie in [0, 1]. The original has no such option.
	Clamp bool `json:"clamp"`
}

// The multipliers that 0 stands for.
const (
	seedMultiplier   = 2
	guidedMultiplier = 1.2
)

// Validate reports a field that is out of range as a *[stage.ConfigError].
func (w Weighting) Validate() error {
	var f check.Fields
	f.Want(w.SeedMultiplier >= 0 && !math.IsInf(w.SeedMultiplier, 0), "ctfidf.Weighting.SeedMultiplier", w.SeedMultiplier,
		"a finite number of at least 0, where 0 stands for 2")
	f.Want(w.GuidedMultiplier >= 0 && !math.IsInf(w.GuidedMultiplier, 0), "ctfidf.Weighting.GuidedMultiplier", w.GuidedMultiplier,
		"a finite number of at least 0, where 0 stands for 1.2")
	return f.Err()
}

// WithGuidedWords returns the weighting with further guided words.
func (w Weighting) WithGuidedWords(words []string) Weigher {
	w.GuidedWords = slices.Concat(w.GuidedWords, words)
	return w
}

// multipliers are those of the terms that have one.
func (w Weighting) multipliers() map[string]float64 {
	m := map[string]float64{}
	set := func(words []string, by, otherwise float64) {
		if by == 0 {
			by = otherwise
		}
		for _, s := range words {
			m[s] = by
		}
	}
	set(w.SeedWords, w.SeedMultiplier, seedMultiplier)
	set(w.GuidedWords, w.GuidedMultiplier, guidedMultiplier)
	return m
}

// Weights is the weight of each term in each class, and what it takes to weigh further counts alike.
type Weights struct {
	Classes    []int               // the class of each row, ascending
	Vocabulary []string            // the term of each column
	Rows       sparse.CSR[float64] // classes × terms
	// IDF is the factor of each column in Transform: that of the weights, or, where they are no products of a share and a
	// factor, that of plain c-TF-IDF. It is 0 for a term of a given vocabulary that no class has, where the original
	// has +Inf (and, with BM25, the factor of a count of 0).
	IDF []float64
	// ReduceFrequentWords is the field of the [Weighting], which Transform needs.
	ReduceFrequentWords bool
}

// Weigh weighs the counts. A class without terms gets a row of zeros. It fails with *[stage.ConfigError]s, and where the
// counts are not a matrix of non-negative finite numbers.
func (w Weighting) Weigh(c Counts) (Weights, error) {
	if err := w.Validate(); err != nil {
		return Weights{}, err
	}
	if err := c.check(); err != nil {
		return Weights{}, err
	}
	idf := c.idf(w.BM25)
	if w.Clamp {
		for j, x := range idf {
			idf[j] = max(x, 0)
		}
	}
	if by := w.multipliers(); len(by) > 0 {
		for j, t := range c.Vocabulary {
			if m, ok := by[t]; ok {
				idf[j] *= m
			}
		}
	}
	out := Weights{Classes: c.Classes, Vocabulary: c.Vocabulary, IDF: idf, ReduceFrequentWords: w.ReduceFrequentWords}
	out.Rows = out.transform(c.Rows)
	return out, nil
}

// idf is the factor of each term, 0 for a term that no class has.
func (c Counts) idf(bm25 bool) []float64 {
	f, total := c.totals(), 0.0
	for _, n := range c.Rows.Value {
		total += n
	}
	mean := math.Trunc(total / float64(max(len(c.Classes), 1)))
	for j, n := range f {
		switch {
		case n == 0:
		case bm25:
			f[j] = bitmath.Log(1 + (mean-n+0.5)/(n+0.5))
		default:
			f[j] = bitmath.Log(mean/n + 1)
		}
	}
	return f
}

// Transform weighs counts of other texts over the same vocabulary with the factors that were fitted to the classes, as
// from [Counts.Documents]. The rows are as many as those of counts; a row without counts stays without weights.
func (w Weights) Transform(counts sparse.CSR[float64]) (sparse.CSR[float64], error) {
	if err := checkCounts(counts); err != nil {
		return sparse.CSR[float64]{}, err
	}
	if counts.Cols != len(w.IDF) {
		return sparse.CSR[float64]{}, fmt.Errorf("ctfidf: counts of %d terms, want the %d terms that the weights were fitted to", counts.Cols, len(w.IDF))
	}
	return w.transform(counts), nil
}

func (w Weights) transform(counts sparse.CSR[float64]) sparse.CSR[float64] {
	m := sparse.CSR[float64]{Cols: counts.Cols, RowPtr: counts.RowPtr, Col: counts.Col, Value: make([]float64, len(counts.Value))}
	for i := range counts.Rows() {
		cols, values := counts.Row(i)
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		if sum == 0 {
			continue
		}
		out := m.Value[counts.RowPtr[i]:counts.RowPtr[i+1]]
		for k, v := range values {
			tf := v / sum
			if w.ReduceFrequentWords {
				tf = math.Sqrt(tf)
			}
			out[k] = tf * w.IDF[cols[k]]
		}
	}
	return m
}
