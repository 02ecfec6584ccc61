package topic

import (
	"context"
	"fmt"
	"slices"
)

// MergeTopics makes one topic of the topics of each group. A group has at least two topics and no −1; a
// topic may be in one group only. The topics are numbered by size again. The embedding of a merged
// topic is the mean over its documents, and its words are counted anew; a document keeps its
// probability. BERTopic's merge_topics.
func (m *Model) MergeTopics(ctx context.Context, groups ...[]int) (*Model, error) {
	into := map[int]int{}
	for g, group := range groups {
		if len(group) < 2 {
			return nil, fmt.Errorf("merge: group %d is %v, want two topics or more", g, group)
		}
		first := slices.Min(group)
		for _, t := range group {
			if err := m.grouping.want(t); err != nil {
				return nil, fmt.Errorf("merge: group %d: %w", g, err)
			}
			if _, ok := into[t]; ok {
				return nil, fmt.Errorf("merge: topic %d occurs twice, want each topic in one group", t)
			}
			into[t] = first
		}
	}
	return m.regroup(ctx, regrouping{operation: "merge", assignments: m.grouping.moved(into)})
}

// DeleteTopics makes outliers of the documents of the given topics. The others are numbered by size
// again and keep their documents, their embeddings and their probabilities; weights are computed anew,
// since the outliers count as a class. New documents that would have been in a deleted topic are
// outliers too. BERTopic's delete_topics.
func (m *Model) DeleteTopics(ctx context.Context, ids ...int) (*Model, error) {
	into := map[int]int{}
	for _, t := range ids {
		if err := m.grouping.want(t); err != nil {
			return nil, fmt.Errorf("delete: %w", err)
		}
		into[t] = Outlier
	}
	return m.regroup(ctx, regrouping{operation: "delete", assignments: m.grouping.moved(into)})
}
