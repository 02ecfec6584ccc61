package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// OutlierStrategy says what makes an outlier like a topic.
type OutlierStrategy string

// The strategies of ReduceOutliers, after BERTopic's reduce_outliers.
const (
	// ByEmbeddings: the cosine of the document's embedding with the mean of the topic's. ["embeddings"]
	ByEmbeddings OutlierStrategy = "embeddings"
	// ByWords: the cosine of the document's weighed words with the topic's. ["c-tf-idf"]
	ByWords OutlierStrategy = "c-tf-idf"
	// ByDistributions: the share of the topic in the document, by windows of words that are at least Threshold similar to a
	// topic; see analysis.ApproximateDistribution. ["distributions"]
	ByDistributions OutlierStrategy = "distributions"
	// ByProbabilities: how strongly the clusterer says that the document belongs to the topic; see Probabilities. Not for
	// clusterers without memberships (ErrNoMemberships). ["probabilities"]
	ByProbabilities OutlierStrategy = "probabilities"
)

// Rescue is a rule by which outliers get topics: each goes to the topic that it is most alike by Strategy, unless that is less
// than Threshold, in [−1, 1]. The likeness, at least 0, becomes the document's probability.
type Rescue struct {
	Strategy  OutlierStrategy
	Threshold float64
}

// Validate reports a field that is out of range.
func (r Rescue) Validate() error {
	var f check.Fields
	all := []OutlierStrategy{ByEmbeddings, ByWords, ByDistributions, ByProbabilities}
	f.Want(slices.Contains(all, r.Strategy), "topic.Rescue.Strategy", r.Strategy, "embeddings, c-tf-idf, distributions or probabilities")
	f.Want(r.Threshold >= -1 && r.Threshold <= 1, "topic.Rescue.Threshold", r.Threshold, "a number in [−1, 1]")
	return f.Err()
}

// ReduceOutliers gives topics to outliers by rule. Documents without text stay outside. Words, means and sizes follow, and
// Transform treats a new document alike that the clusterer finds to be an outlier. BERTopic 0.17.4 returns a list of topics
// alone, and update_topics with it leaves embeddings and probabilities as they were.
func (m *Model) ReduceOutliers(ctx context.Context, rule Rescue) (*Model, error) {
	const operation = "reduce outliers"
	if err := rule.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	if (rule.Strategy == ByEmbeddings || rule.Strategy == ByProbabilities) && m.embeddings.Cols == 0 {
		return nil, fmt.Errorf("%s: %w", operation, ErrNoEmbeddings)
	}
	if err := m.hasMemberships(); err != nil && rule.Strategy == ByProbabilities {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var outside []int
	for i := range m.fitted() {
		if doc := m.document(i); m.assignments[doc].Topic == Outlier {
			outside = append(outside, doc)
		}
	}
	out := slices.Clone(m.assignments)
	if _, err := m.rescue(ctx, rule, m.embeddings, m.docs, outside, out); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	next, err := m.regroup(ctx, regrouping{operation: operation, assignments: out})
	if err != nil {
		return nil, err
	}
	next.rescues = append(slices.Clone(m.rescues), rule)
	return next, nil
}

// ErrNoEmbeddings is returned by what needs embeddings, of a model that was made of words alone.
var ErrNoEmbeddings = errors.New("the model has no embeddings: it was made of words alone")

// rescue writes to out where the documents at the positions outside belong by rule, and gives those that belong nowhere. Row
// i of x belongs to docs[i].
func (m *Model) rescue(ctx context.Context, rule Rescue, x blas32.General, docs []string, outside []int, out []Assignment) ([]int, error) {
	if len(outside) == 0 {
		return nil, nil
	}
	texts := make([]string, len(outside))
	for k, i := range outside {
		texts[k] = docs[i]
	}
	var found []Assignment
	var err error
	switch rule.Strategy {
	case ByEmbeddings:
		found, err = m.placeByEmbeddings(ctx, dense.Pick(x, outside), rule.Threshold)
	case ByWords:
		found, err = m.placeByWords(ctx, texts, rule.Threshold)
	case ByDistributions:
		found, err = m.placeByDistributions(ctx, texts, rule.Threshold)
	case ByProbabilities:
		var p sparse.CSR[float64]
		if p, err = m.TransformProbabilitiesEmbedded(ctx, texts, dense.Pick(x, outside), 0); err == nil {
			found = greatest(p, rule.Threshold)
		}
	}
	if err != nil {
		return nil, err
	}
	var left []int
	for k, i := range outside {
		if out[i] = found[k]; found[k].Topic == Outlier {
			left = append(left, i)
		}
	}
	return left, nil
}

// greatest gives each row the column of its greatest value, the first of equals, unless that is below least.
func greatest(rows sparse.CSR[float64], least float64) []Assignment {
	out := allOutside(rows.Rows())
	for i := range out {
		topics, values := rows.Row(i)
		for k, v := range values {
			if v >= least && v > out[i].Probability {
				out[i] = Assignment{int(topics[k]), min(v, 1)}
			}
		}
	}
	return out
}
