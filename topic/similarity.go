package topic

import (
	"fmt"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// SimilarityMatrix is how similar the topics are to each other: the cosines of their embeddings, float64 in [−1, 1], where row
// and column t are topic t. The outliers are left out. It is symmetric; the diagonal is 1, or 0 for a topic whose embedding has
// no direction, which has 0 with all others too. Memory is 8 bytes for each pair; SimilarTopics has a row of it in order. It
// is what BERTopic's visualize_heatmap draws.
//
// It fails with ErrNoEmbeddings for a model of words alone.
func (m *Model) SimilarityMatrix() ([][]float64, error) {
	if m.embeddings.Cols == 0 {
		return nil, fmt.Errorf("similarity matrix: %w", ErrNoEmbeddings)
	}
	c := m.centroids(m.topicIDs())
	n := len(c.Rows)
	out, all := make([][]float64, n), make([]float64, n*n)
	for i := range out {
		out[i] = all[i*n:][:n:n]
	}
	for i, x := range c.Rows {
		if c.Norms[i] == 0 {
			continue
		}
		out[i][i] = 1
		for j := i + 1; j < n; j++ {
			if c.Norms[j] > 0 {
				out[i][j] = min(max(dense.Dot(x, c.Rows[j])/(c.Norms[i]*c.Norms[j]), -1), 1)
				out[j][i] = out[i][j]
			}
		}
	}
	return out, nil
}
