package topic

import (
	"context"
	"fmt"
)

// DeleteTopics makes outliers of the documents of the given topics. The others are numbered by size again and keep their
// documents, their embeddings and their probabilities; weights are computed anew, since the outliers count as a class.
// New documents that would have been in a deleted topic are outliers too. BERTopic's delete_topics.
func (m *Model) DeleteTopics(ctx context.Context, ids ...int) (*Model, error) {
	into := map[int]int{}
	for _, t := range ids {
		if err := m.hasTopic(t); err != nil {
			return nil, fmt.Errorf("delete: %w", err)
		}
		into[t] = Outlier
	}
	return m.regroup(ctx, regrouping{operation: "delete", assignments: m.moved(into)})
}
