package analysis

import (
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/topic"
)

// topicsOf returns the topics of m without the outliers, so that topics[t] has ID t.
func topicsOf(m *topic.Model) []topic.Topic {
	topics := m.Topics()
	if topics[0].ID == topic.Outlier {
		topics = topics[1:]
	}
	return topics
}

// embeddingsOf returns the embeddings of the topics of m without the outliers, so that row t is that of
// topic t, and the number of rows, 0 or 1, that the outliers take before them in Counts and Weights.
func embeddingsOf(m *topic.Model) (rows [][]float32, outliers int) {
	ids, rows := m.TopicEmbeddings()
	if ids[0] == topic.Outlier {
		outliers = 1
	}
	return rows[outliers:], outliers
}

// centroidsOf returns rows with their numbers and lengths.
func centroidsOf(rows [][]float32) dense.Centroids {
	var c dense.Centroids
	for i, x := range rows {
		c.Add(i, x)
	}
	return c
}

// vocabularyOf returns the configuration for counting further texts with the model's terms.
func vocabularyOf(m *topic.Model) ctfidf.Config {
	cfg := m.Config()
	vocabulary := cfg.Vocabulary
	vocabulary.Workers, vocabulary.Progress = cfg.Workers, nil
	return vocabulary
}
