package topic

import (
	"context"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

// DefaultConfig returns the settings for English texts: all-MiniLM-L6-v2 from the binary, the
// communities of the embeddings, at the granularity that the data chooses, and plain c-TF-IDF without
// English stop words. A program that never calls it does not carry the encoder's weights.
//
// It differs from BERTopic's stages because those, with their own settings, find hundreds of fragments
// and leave a third of the documents outside (docs/adr/0001-communities.md has the measurements). Every
// document with text that has neighbors gets a topic, and the result does not depend on the seed.
//
// Without a list of stop words, four in ten of the words of the topics of 20,000 titles are in several
// topics ("in", "to", "how"), with it one in eight, and the words fit together better (c_npmi .069
// instead of .053; BERTopic's −.069).
func DefaultConfig() Config {
	cfg := Config{Embedder: &miniLM{}}
	cfg.Vocabulary.StopWords, _ = ctfidf.StopWords("english") // the list exists
	return cfg
}

// BERTopicConfig returns the stages and the settings of BERTopic 0.17.4: UMAP to 5 dimensions (15
// neighbors, cosine, min_dist 0) and HDBSCAN with at least 10 documents per topic in place of
// communities, and the words counted as BERTopic counts them when it is given no embedding model: the
// documents of a topic are joined before they are split into n-grams, and every character but A–Z, a–z,
// 0–9 and the space is dropped first, so that "don't" is the word "dont" and text in other scripts
// vanishes.
func BERTopicConfig() Config {
	cfg := DefaultConfig()
	cfg.Reducer = umap.Config{NComponents: 5, MinDist: stage.None, Metric: metric.Cosine}
	cfg.Clusterer = hdbscan.Config{MinClusterSize: 10}
	cfg.Vocabulary = ctfidf.Config{Join: true, CleanASCII: true, PythonWords: true}
	return cfg
}

// miniLM is the default embedder. It loads the weights when it is first used, so that making a Config
// costs nothing.
type miniLM struct {
	once sync.Once
	enc  *bert.Encoder
	err  error
}

func (m *miniLM) load() (*bert.Encoder, error) {
	m.once.Do(func() { m.enc, m.err = minilm.New(bert.DefaultConfig()) })
	return m.enc, m.err
}

// Identity is that of the encoder.
func (m *miniLM) Identity() string { return minilm.Identity }

// Embed embeds texts with as many workers as there are processors.
func (m *miniLM) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	x, _, err := m.EmbedRun(ctx, stage.Run{}, texts)
	return x, err
}

// EmbedRun embeds texts.
func (m *miniLM) EmbedRun(ctx context.Context, run stage.Run, texts []string) (x blas32.General, truncated int, err error) {
	enc, err := m.load()
	if err != nil {
		return x, 0, err
	}
	return enc.EmbedRun(ctx, run, texts)
}

// Tokens is that of the encoder: word pieces are a measure for representers that cut documents. It
// returns none if the weights do not load.
func (m *miniLM) Tokens(text string) (ids []int32, cut bool) {
	enc, err := m.load()
	if err != nil {
		return nil, false
	}
	return enc.Tokens(text)
}
