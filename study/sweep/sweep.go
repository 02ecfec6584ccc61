// Package sweep helps to choose how many topics a study has: it fits the same embeddings with many settings and several
// seeds and sets beside each other how coherent, how diverse, how complete and how stable the topics are. What fits have in
// common is computed once: the neighbors of the embeddings, the points of a number of neighbors and a seed, and the fit
// whose topics are merged to several numbers.
package sweep

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// Config says which settings are tried.
type Config struct {
	// Base is the configuration whose clusterer and reducer are varied. Its Clusterer must be a
	// hdbscan.Config with a umap.Config as the Reducer, or a community.Config (nil means that too) with
	// such a Reducer or none. Its Embedder, Seed, Workers and Progress, and the Seed of the reducer, are
	// not used.
	Base topic.Config
	// MinClusterSizes are the least sizes of a topic to try, each 2 or more. Default 10, 20, 50, 100.
	MinClusterSizes []int
	// Neighbors are the numbers of UMAP's neighbors to try, or without a reducer of those of
	// community.Config, each 2 or more. Default 15, 30.
	Neighbors []int
	// Topics are the numbers of topics to which the topics of each fit are merged, the most alike first, as
	// topic.Model.ReduceTopics does; 0 keeps them as they were found, as does a number that is not below theirs. Outliers are
	// not counted. Default 0 alone. (nr_topics, which counts the outliers)
	Topics []int
	// Seeds are those of the fits of each setting; 0 means 42, as everywhere. Figures are means over them, and stability is how much they agree, so
	// that it needs two. Default 1, 2, 3.
	Seeds []uint64
	// Workers is the number of goroutines; 0, the default, means GOMAXPROCS. It never changes a result. As many fits as that
	// run at a time, and each takes memory of its own.
	Workers int
	// Progress, when it is not nil, is told how many of the reductions of the embeddings are done, each with all its fits.
	Progress func(done, total int)
}

// DefaultConfig varies topic.BERTopicConfig, with the vocabulary of topic.DefaultConfig.
func DefaultConfig() Config {
	base := topic.BERTopicConfig()
	base.Vocabulary = topic.DefaultConfig().Vocabulary
	return Config{Base: base, MinClusterSizes: []int{10, 20, 50, 100}, Neighbors: []int{15, 30}, Topics: []int{0}, Seeds: []uint64{1, 2, 3}}
}

// Validate reports every field outside its range at once.
func (c Config) Validate() error {
	var f check.Fields
	_, isHDBSCAN := c.Base.Clusterer.(hdbscan.Config)
	_, isCommunity := c.Base.Clusterer.(community.Config)
	isCommunity = isCommunity || c.Base.Clusterer == nil
	_, isUMAP := c.Base.Reducer.(umap.Config)
	f.Want(isHDBSCAN || isCommunity, "sweep.Config.Base.Clusterer", fmt.Sprintf("%T", c.Base.Clusterer), "a hdbscan.Config or a community.Config")
	f.Want(isUMAP || isCommunity && c.Base.Reducer == nil, "sweep.Config.Base.Reducer", fmt.Sprintf("%T", c.Base.Reducer), "a umap.Config, or none with a community.Config")
	f.Want(len(c.MinClusterSizes) > 0, "sweep.Config.MinClusterSizes", "empty", "at least one size")
	f.Want(len(c.Neighbors) > 0, "sweep.Config.Neighbors", "empty", "at least one number")
	f.Want(len(c.Topics) > 0, "sweep.Config.Topics", "empty", "at least one number, 0 for as many as are found")
	f.Want(len(c.Seeds) > 0, "sweep.Config.Seeds", "empty", "at least one seed")
	for i, v := range c.MinClusterSizes {
		f.Want(v >= 2, fmt.Sprintf("sweep.Config.MinClusterSizes[%d]", i), v, "2 or more")
	}
	for i, v := range c.Neighbors {
		f.Want(v >= 2, fmt.Sprintf("sweep.Config.Neighbors[%d]", i), v, "2 or more")
	}
	for i, v := range c.Topics {
		f.Want(v >= 0, fmt.Sprintf("sweep.Config.Topics[%d]", i), v, "1 or more, or 0 for as many as are found")
	}
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "sweep.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}

// reducer returns the reducer that is varied, or true if there is none.
func (c Config) reducer() (cfg umap.Config, none bool) {
	cfg, ok := c.Base.Reducer.(umap.Config)
	return cfg, !ok
}

// clusterer returns the clusterer of a setting.
func (c Config) clusterer(minSize, neighbors int) stage.Clusterer {
	if h, ok := c.Base.Clusterer.(hdbscan.Config); ok {
		h.MinClusterSize = minSize
		return h
	}
	k, _ := c.Base.Clusterer.(community.Config)
	k.MinSize = minSize
	if _, none := c.reducer(); none {
		k.Neighbors = neighbors
	}
	return k
}

// Setting is one combination and its figures, means over the seeds. NaN is a figure that there is not: of coherence and
// diversity when no fit has two topics, of stability with one seed or without any topic.
type Setting struct {
	MinClusterSize, Neighbors int
	Wanted                    int     // topics that the topics found were merged to; 0 for as they were found
	Topics                    float64 // topics that there are
	Outliers                  float64 // share of the documents in no topic
	Coherence                 float64 // c_npmi of the topics' words in the documents themselves, in [−1, 1]
	Diversity                 float64 // share of the topics' words that are different ones
	Stability                 float64 // mean adjusted Rand index of two seeds, outliers as a class of their own
	// Score is the mean of coherence, diversity, stability and the share that is in topics, each scaled to [0, 1] over the
	// settings of the sweep; a figure that there is not counts 0.
	Score float64
}

// String names the setting.
func (s Setting) String() string {
	text := fmt.Sprintf("min_cluster_size %d, %d neighbors", s.MinClusterSize, s.Neighbors)
	if s.Wanted > 0 {
		text += fmt.Sprintf(", merged to %d topics", s.Wanted)
	}
	return text
}

// Result is a sweep, in the order of the sizes, for each of the neighbors, and for each of those of the numbers of topics.
type Result struct {
	Settings []Setting
	Best     int // position of the setting with the highest score, the first of equals
}

// Run fits the documents, whose embeddings are the rows of x, with every setting and every seed. The errors are those of
// topic.FitEmbedded and topic.Model.ReduceTopics, with the setting's name, of Validate, and the cause of a canceled ctx.
func Run(ctx context.Context, docs []string, x blas32.General, cfg Config) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	words, err := cfg.Base.Vocabulary.Terms()
	if err != nil {
		return nil, err
	}
	texts, err := eval.NewTextsOf(ctx, docs, words)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	for _, size := range cfg.MinClusterSizes {
		for _, neighbors := range cfg.Neighbors {
			for _, wanted := range cfg.Topics {
				r.Settings = append(r.Settings, Setting{MinClusterSize: size, Neighbors: neighbors, Wanted: wanted})
			}
		}
	}
	fits, err := (&run{cfg: cfg, docs: docs, x: x, texts: texts}).all(ctx)
	if err != nil {
		return nil, err
	}
	for i := range r.Settings {
		if err := r.Settings[i].summarise(fits[i]); err != nil {
			return nil, err
		}
	}
	r.score()
	return r, nil
}

func (s *Setting) summarise(fits []fit) error {
	var topics, outliers, coherence, diversity, stability mean
	for i, f := range fits {
		topics.add(float64(f.topics))
		outliers.add(f.outliers)
		coherence.add(f.coherence)
		diversity.add(f.diversity)
		for _, g := range fits[:i] {
			if f.topics == 0 && g.topics == 0 { // which agree, on nothing
				continue
			}
			agreement, err := eval.ARI(f.labels, g.labels)
			if err != nil {
				return err
			}
			stability.add(agreement)
		}
	}
	s.Topics, s.Outliers = topics.of(), outliers.of()
	s.Coherence, s.Diversity, s.Stability = coherence.of(), diversity.of(), stability.of()
	return nil
}

// mean is over the values that are not NaN.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float64) {
	if !math.IsNaN(v) {
		m.sum += v
		m.n++
	}
}

func (m *mean) of() float64 { return m.sum / float64(m.n) }
