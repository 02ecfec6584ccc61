package analysis

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/topic"
)

// SimilarityMatrix returns the cosines, in [−1, 1], of the embeddings of every two topics: row and
// column t are topic t, and the outliers have none. The matrix is symmetric. Its diagonal is 1, or 0
// for a topic whose embedding has length 0; such a topic has cosine 0 with all others. The memory is 8
// bytes for each pair. It is what BERTopic's visualize_heatmap draws.
//
// It fails with topic.ErrNoEmbeddings for a model of words alone.
func SimilarityMatrix(m *topic.Model) ([][]float64, error) {
	if m.Dims() == 0 {
		return nil, fmt.Errorf("similarity matrix: %w", topic.ErrNoEmbeddings)
	}
	topics, _ := embeddingsOf(m)
	c, n := centroidsOf(topics), len(topics)
	out, all := make([][]float64, n), make([]float64, n*n)
	for i := range out {
		out[i] = all[i*n:][:n:n]
	}
	for i := range n {
		if c.Norms[i] == 0 {
			continue
		}
		out[i][i] = 1
		for j := i + 1; j < n; j++ {
			if c.Norms[j] > 0 {
				out[i][j] = min(max(dense.Dot(c.Rows[i], c.Rows[j])/(c.Norms[i]*c.Norms[j]), -1), 1)
				out[j][i] = out[i][j]
			}
		}
	}
	return out, nil
}

// Similar is a topic and its similarity to a text or to another topic.
type Similar struct {
	Topic      int
	Similarity float64 // a cosine, in [−1, 1]
}

// SimilarTopics returns the n topics most similar to topic id by their embeddings, best first and
// equal ones by ID, without the topic itself and the outliers. n = 0 means all.
//
// It fails with topic.ErrNoEmbeddings for a model of words alone, for a topic that the model does not
// have and for a negative n.
func SimilarTopics(m *topic.Model, id, n int) ([]Similar, error) {
	if m.Dims() == 0 {
		return nil, fmt.Errorf("similar topics: %w", topic.ErrNoEmbeddings)
	}
	topics, _ := embeddingsOf(m)
	switch {
	case len(topics) == 0:
		return nil, fmt.Errorf("similar topics: there is no topic %d: the model has no topics", id)
	case id < 0 || id >= len(topics):
		return nil, fmt.Errorf("similar topics: there is no topic %d, want 0 to %d", id, len(topics)-1)
	}
	out := make([]Similar, 0, len(topics))
	for t := range topics {
		if t != id {
			out = append(out, Similar{t, dense.Cosine(topics[id], topics[t])})
		}
	}
	return firstSimilar(out, n)
}

// FindTopics returns the n topics most similar to text, best first and equal ones by ID, without the
// outliers. n = 0 means all. The similarity is the cosine of the embeddings of the text and the topic,
// or, for a model without an embedder or without embeddings, that of the weights of the words of the
// text and of the topic. BERTopic's find_topics, which includes the outliers.
//
// It fails for a negative n, and with what m.Embed or m.Weights returns.
func FindTopics(ctx context.Context, m *topic.Model, text string, n int) ([]Similar, error) {
	find := findByWords
	if m.Config().Embedder != nil && m.Dims() > 0 {
		find = findByEmbeddings
	}
	all, err := find(ctx, m, text)
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	return firstSimilar(all, n)
}

// findByEmbeddings returns all topics, by ID, with the cosines of their embeddings and that of text.
func findByEmbeddings(ctx context.Context, m *topic.Model, text string) ([]Similar, error) {
	x, err := m.Embed(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	topics, _ := embeddingsOf(m)
	out := make([]Similar, len(topics))
	for t, embedding := range topics {
		out[t] = Similar{t, dense.Cosine(dense.Row(x, 0), embedding)}
	}
	return out, nil
}

// findByWords returns all topics, by ID, with the cosines of their weights and those of text.
func findByWords(ctx context.Context, m *topic.Model, text string) ([]Similar, error) {
	topics, outliers := embeddingsOf(m)
	out := make([]Similar, len(topics))
	for t := range out {
		out[t].Topic = t
	}
	weights, err := m.Weights()
	if err != nil {
		return nil, err
	}
	if weights.Rows.Rows() == 0 {
		return out, context.Cause(ctx)
	}
	counts, err := m.Counts()
	if err != nil {
		return nil, err
	}
	words, err := counts.Documents(ctx, []string{text}, vocabularyOf(m))
	if err != nil {
		return nil, err
	}
	if words, err = weights.Transform(words); err != nil {
		return nil, err
	}
	for t := range out {
		out[t].Similarity = words.Cosine(0, weights.Rows, t+outliers)
	}
	return out, nil
}

// firstSimilar returns the n most similar of topics, which stand by ID; all if n is 0.
func firstSimilar(topics []Similar, n int) ([]Similar, error) {
	if n < 0 {
		return nil, fmt.Errorf("%d topics are wanted, want 1 or more, or 0 for all", n)
	}
	slices.SortStableFunc(topics, func(a, b Similar) int { return cmp.Compare(b.Similarity, a.Similarity) })
	if n > 0 && n < len(topics) {
		topics = topics[:n]
	}
	return topics, nil
}
