package analysis

import (
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/topic"
)

// topicsOf returns the topics of m without the outliers, so that topics[t] has ID t, and the number
// of rows, 0 or 1, that the outliers take before them in Counts and Weights.
func topicsOf(m *topic.Model) (topics []topic.Topic, outliers int) {
	all := m.Topics()
	if len(all) > 0 && all[0].ID == topic.Outlier {
		outliers = 1
	}
	return all[outliers:], outliers
}

// vocabularyOf returns the configuration for counting further texts with the model's terms.
func vocabularyOf(m *topic.Model) ctfidf.Config {
	cfg := m.Config()
	vocabulary := cfg.Vocabulary
	vocabulary.Workers, vocabulary.Progress = cfg.Workers, nil
	return vocabulary
}

// centroidsOf returns the embeddings of topics.
func centroidsOf(topics []topic.Topic) dense.Centroids {
	var c dense.Centroids
	for _, t := range topics {
		c.Add(t.ID, t.Embedding)
	}
	return c
}
