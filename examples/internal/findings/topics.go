package findings

import (
	"fmt"
	"strings"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// Settings is the topic model of the examples: the stages of BERTopic, as in the study, with the least number of threads in a
// topic, English stop words left out, and beside the words of class-based TF-IDF those that KeyBERT would choose and the nearest of the
// given labels. The second result says so in words.
func Settings(minTopicSize int, seed uint64, labels []string) (topic.Config, []string) {
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = topic.DefaultConfig().Vocabulary
	cfg.Seed = seed
	clusterer := cfg.Clusterer.(hdbscan.Config)
	clusterer.MinClusterSize = minTopicSize
	clusterer.MinSamples = min(minTopicSize, 10)
	cfg.Clusterer = clusterer
	reducer := cfg.Reducer.(umap.Config)
	reducer.Neighbors, reducer.Spread, reducer.NegativeSampleRate = 15, 1, 5 // the defaults, to be stated below
	cfg.Reducer, cfg.TopWords = reducer, 10
	keybert := represent.KeyBERT{Candidates: 100, Docs: 5}
	label := represent.ZeroShot{Labels: labels, MinScore: stage.None}
	cfg.Aspects = []topic.Aspect{
		{Name: "keybert", Representers: []topic.Representer{keybert}},
		{Name: "nearest label", Representers: []topic.Representer{label}},
	}
	epochs := "500 epochs for up to 10,000 threads, 200 for more"
	if reducer.NEpochs != 0 {
		epochs = fmt.Sprintf("%d epochs", reducer.NEpochs)
	}
	return cfg, []string{
		"text of a thread: its title, and its body without markup and blocks of code where the source has one; nothing else was removed, no near-duplicates and no language",
		"embeddings: all-MiniLM-L6-v2 in int8, which reads the first 256 tokens of a text",
		fmt.Sprintf("UMAP: n_neighbors %d, n_components %d, min_dist %g, spread %g, metric %s, negative_sample_rate %d, spectral start, %s",
			reducer.Neighbors, reducer.NComponents, max(reducer.MinDist, 0), reducer.Spread, reducer.Metric, reducer.NegativeSampleRate, epochs),
		fmt.Sprintf("HDBSCAN: min_cluster_size %d, min_samples %d, metric %v, excess of mass; outliers were not moved to topics, and topics were not merged",
			clusterer.MinClusterSize, clusterer.MinSamples, clusterer.Metric),
		fmt.Sprintf("words: the %d of the greatest class-based TF-IDF, of lower-cased words of two letters or more that are not among scikit-learn's English stop words; "+
			"names are the topic's number and its first four words", cfg.TopWords),
		fmt.Sprintf("keybert: of the %d words of the greatest class-based TF-IDF those nearest to the %d most typical threads, by the embeddings", keybert.Candidates, keybert.Docs),
		fmt.Sprintf("nearest label: the nearest to a topic by the embeddings, however far, of the %d names of topics that the abstract of arXiv 2411.10873 states: %s. "+
			"It is a hint for reading, not a claim that the topic is the paper's: that has more topics than the abstract names, and a topic that has none of these names gets one all the same",
			len(labels), strings.Join(labels, "; ")),
	}
}
