package findings

import (
	"fmt"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/topic"
)

// Settings is the topic model of the examples: the stages of BERTopic, as in the study, with the least number of threads in a
// topic, English stop words left out, and beside the words of class-based TF-IDF those that KeyBERT would choose and the nearest of the
// given labels. The second result says so in words.
func Settings(minTopicSize int, seed uint64, labels []string) (topic.Config, []string) {
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = topic.DefaultConfig().Vocabulary
	cfg.Seed = seed
	clusterer := cfg.Clusterer.(topic.HDBSCAN)
	clusterer.MinClusterSize = minTopicSize
	clusterer.MinSamples = min(minTopicSize, 10)
	cfg.Clusterer = clusterer
	label := represent.DefaultZeroShot(labels...)
	label.MinScore = 0
	cfg.Aspects = []topic.Aspect{
		{Name: "keybert", Representers: []topic.Representer{represent.DefaultKeyBERT()}},
		{Name: "nearest label", Representers: []topic.Representer{label}},
	}
	reducer := cfg.Reducer.(topic.UMAP)
	return cfg, []string{
		"text of a thread: its title, and its body without markup and blocks of code where the source has one",
		"embeddings: all-MiniLM-L6-v2 in int8",
		fmt.Sprintf("UMAP: %d neighbours, %d dimensions, min_dist %g, %s", reducer.NNeighbors, reducer.NComponents, reducer.MinDist, reducer.Metric),
		fmt.Sprintf("HDBSCAN: min_cluster_size %d, min_samples %d", clusterer.MinClusterSize, clusterer.MinSamples),
		"words: class-based TF-IDF without English stop words; names are the topic's number and its first four words",
		fmt.Sprintf("nearest label: the nearest to a topic by the embeddings, however far, of the names that the abstract of arXiv 2411.10873 states: %q. It is a hint for reading, not a claim that the topic is the paper's", labels),
	}
}
