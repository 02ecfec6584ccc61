package topic

import "github.com/gobertopic/gobertopic/internal/dense"

// centroids returns the embeddings of topics.
func (m *Model) centroids(topics []int) dense.Centroids {
	var c dense.Centroids
	for _, t := range topics {
		c.Add(t, m.topics[t+m.outliers()].Embedding)
	}
	return c
}

// nearest returns the topic of topics whose embedding has the highest cosine with x; −1 when there are none.
func (m *Model) nearest(x []float32, topics []int) int {
	t, _ := m.centroids(topics).Nearest(x)
	return t
}

// topicIDs lists the topics but the outliers.
func (m *Model) topicIDs() []int {
	out := make([]int, 0, len(m.topics))
	for _, t := range m.topics {
		if t.ID != Outlier {
			out = append(out, t.ID)
		}
	}
	return out
}
