package topic

import (
	"context"
	"fmt"
	"slices"
)

// MergeTopics makes one topic of the topics of each group, which has at least two and no −1; a topic may stand in one group
// only. The topics are numbered by size again. The embedding of a merged topic is the mean over its documents, and its
// words are counted anew; a document keeps its probability. BERTopic's merge_topics.
func (m *Model) MergeTopics(ctx context.Context, groups ...[]int) (*Model, error) {
	into := map[int]int{}
	for g, group := range groups {
		if len(group) < 2 {
			return nil, fmt.Errorf("merge: group %d is %v, want two topics or more", g, group)
		}
		first := slices.Min(group)
		for _, t := range group {
			if err := m.hasTopic(t); err != nil {
				return nil, fmt.Errorf("merge: group %d: %w", g, err)
			}
			if _, ok := into[t]; ok {
				return nil, fmt.Errorf("merge: topic %d stands twice, want each topic in one group", t)
			}
			into[t] = first
		}
	}
	return m.regroup(ctx, regrouping{operation: "merge", assignments: m.moved(into)})
}

// moved is the assignments with topics replaced as into says; those that are missing from it stay.
func (m *Model) moved(into map[int]int) []Assignment {
	out := slices.Clone(m.assignments)
	for i := range out {
		if t, ok := into[out[i].Topic]; ok {
			out[i].Topic = t
		}
	}
	return out
}

// hasTopic reports a topic that the model has not, or that is −1.
func (m *Model) hasTopic(id int) error {
	last := m.topics[len(m.topics)-1].ID
	switch {
	case last == Outlier:
		return fmt.Errorf("topic %d is not there: the model has no topics", id)
	case id < 0 || id > last:
		return fmt.Errorf("topic %d is not there, want one of 0 to %d", id, last)
	}
	return nil
}
