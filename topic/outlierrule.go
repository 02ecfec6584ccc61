package topic

import (
	"slices"

	"github.com/gobertopic/gobertopic/internal/check"
)

// OutlierStrategy says how the similarity of an outlier and a topic is measured.
type OutlierStrategy string

// The strategies of ReduceOutliers, after BERTopic's reduce_outliers.
const (
	// ByEmbeddings: the cosine of the document's embedding with the mean of the topic's. ["embeddings"].
	ByEmbeddings OutlierStrategy = "embeddings"
	// ByWords: the cosine of the weights of the document's words with the topic's. ["c-tf-idf"].
	ByWords OutlierStrategy = "c-tf-idf"
	// ByDistributions: the share of the topic in the document, by windows of words that are at least
	// Threshold similar to a topic; see analysis.ApproximateDistribution. ["distributions"].
	ByDistributions OutlierStrategy = "distributions"
	// ByProbabilities: how strongly the clusterer says that the document belongs to the topic; see
	// Probabilities. Clusterers without memberships fail with ErrNoMemberships. ["probabilities"].
	ByProbabilities OutlierStrategy = "probabilities"
)

// OutlierRule gives topics to outliers: each goes to the topic that it is most similar to by Strategy,
// unless the similarity is less than Threshold, in [−1, 1]. The similarity, at least 0, becomes the
// document's probability.
type OutlierRule struct {
	Strategy  OutlierStrategy `json:"strategy"`
	Threshold float64         `json:"threshold"`
}

// validate reports every field outside its range.
func (r OutlierRule) validate() error {
	var f check.Fields
	all := []OutlierStrategy{ByEmbeddings, ByWords, ByDistributions, ByProbabilities}
	f.Want(slices.Contains(all, r.Strategy), "topic.OutlierRule.Strategy", r.Strategy, "embeddings, c-tf-idf, distributions or probabilities")
	f.Want(r.Threshold >= -1 && r.Threshold <= 1, "topic.OutlierRule.Threshold", r.Threshold, "a number in [−1, 1]")
	return f.Err()
}
