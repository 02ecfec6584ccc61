package topic

import (
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

// DefaultConfig is all-MiniLM-L6-v2 from the binary, the communities of the embeddings, as many as the data speaks for, and
// plain c-TF-IDF. A program that never calls it does not carry the encoder's weights.
//
// It differs from BERTopic's stages because those, with their own settings, find hundreds of fragments and leave a third of
// the documents outside; docs/adr/0001-communities.md has what was measured. Every document with text that has neighbours gets
// a topic, and the seed plays no part.
//
// English stop words are left out, as the encoder is one for English: without a list, four in ten of the words of the topics
// of 20,000 titles stand in several topics ("in", "to", "how"), with it one in eight, and the words go together better
// (c_npmi .069 in place of .053; BERTopic's −.069).
func DefaultConfig() Config {
	vocabulary := ctfidf.Config{}
	vocabulary.StopWords, _ = ctfidf.StopWords("english") // a list that there is
	return Config{
		Embedder:           &miniLM{},
		Clusterer:          DefaultCommunities(),
		Outliers:           KeepOutliers,
		Vocabulary:         vocabulary,
		Weigher:            ctfidf.Weighting{},
		TopWords:           10,
		RepresentativeDocs: 3,
		ZeroShot:           ZeroShot{MinSimilarity: 0.7},
		Run:                Run{Seed: 42},
	}
}

// BERTopicConfig has the stages and the settings of BERTopic 0.17.4: UMAP to 5 dimensions (15 neighbours, cosine, min_dist 0)
// and HDBSCAN with at least 10 documents per topic in place of communities, and the words counted as BERTopic counts them when
// it is given no embedding model: the documents of a topic are joined before they are split into n-grams, and every character
// but A–Z, a–z, 0–9 and the space is dropped first, so that "don't" is the word "dont" and text in other scripts vanishes.
func BERTopicConfig() Config {
	cfg := DefaultConfig()
	reducer := umap.Config{Neighbors: 15, NComponents: 5, MinDist: stage.None, Spread: 1, Metric: metric.Cosine, NegativeSampleRate: 5}
	clusterer := hdbscan.Config{}
	clusterer.MinClusterSize = 10
	cfg.Reducer, cfg.Clusterer = UMAP{reducer}, HDBSCAN{clusterer}
	cfg.Vocabulary = ctfidf.Config{}
	cfg.Vocabulary.Join, cfg.Vocabulary.CleanASCII, cfg.Vocabulary.PythonWords = true, true, true
	return cfg
}
