// Package sweep helps to choose how many topics a study has: it fits the same embeddings with many settings and several
// seeds and sets beside each other how coherent, how diverse, how complete and how stable the topics are.
package sweep

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/topic"
)

// ConfigError is one field of a configuration with a value outside its range.
type ConfigError = check.ConfigError

// Config says which settings are tried.
type Config struct {
	// Base is the configuration whose clusterer and reducer are varied. Its Clusterer must be a topic.HDBSCAN, its Reducer a
	// topic.UMAP. Its Embedder, Seed, Workers and Progress are not used.
	Base topic.Config
	// MinClusterSizes are the least sizes of a topic to try, each 2 or more. Default 10, 20, 50, 100.
	MinClusterSizes []int
	// Neighbors are the numbers of UMAP's neighbours to try, each 2 or more. Default 15, 30.
	Neighbors []int
	// Seeds are those of the fits of each setting. Figures are means over them, and stability is how much they agree, so
	// that it needs two. Default 1, 2, 3.
	Seeds []uint64
	// Workers is the number of fits at a time, each on one processor; 0, the default, means GOMAXPROCS. It never changes a
	// result. Each fit takes memory of its own.
	Workers int
	// Progress, when it is not nil, is told how many of the fits are done.
	Progress func(done, total int)
}

// DefaultConfig varies topic.DefaultConfig.
func DefaultConfig() Config {
	base := topic.BERTopicConfig()
	base.Vocabulary = topic.DefaultConfig().Vocabulary
	return Config{Base: base, MinClusterSizes: []int{10, 20, 50, 100}, Neighbors: []int{15, 30}, Seeds: []uint64{1, 2, 3}}
}

// Validate reports every field outside its range at once.
func (c Config) Validate() error {
	var f check.Fields
	_, isHDBSCAN := c.Base.Clusterer.(topic.HDBSCAN)
	_, isUMAP := c.Base.Reducer.(topic.UMAP)
	f.Want(isHDBSCAN, "sweep.Config.Base.Clusterer", fmt.Sprintf("%T", c.Base.Clusterer), "a topic.HDBSCAN")
	f.Want(isUMAP, "sweep.Config.Base.Reducer", fmt.Sprintf("%T", c.Base.Reducer), "a topic.UMAP")
	f.Want(len(c.MinClusterSizes) > 0, "sweep.Config.MinClusterSizes", "empty", "at least one size")
	f.Want(len(c.Neighbors) > 0, "sweep.Config.Neighbors", "empty", "at least one number")
	f.Want(len(c.Seeds) > 0, "sweep.Config.Seeds", "empty", "at least one seed")
	for i, v := range c.MinClusterSizes {
		f.Want(v >= 2, fmt.Sprintf("sweep.Config.MinClusterSizes[%d]", i), v, "2 or more")
	}
	for i, v := range c.Neighbors {
		f.Want(v >= 2, fmt.Sprintf("sweep.Config.Neighbors[%d]", i), v, "2 or more")
	}
	f.Want(c.Workers >= 0, "sweep.Config.Workers", c.Workers, "0 (GOMAXPROCS) or more")
	return f.Err()
}

// Setting is one combination and its figures, means over the seeds. NaN is a figure that there is not: of coherence and
// diversity when no fit has two topics, of stability with one seed or without any topic.
type Setting struct {
	MinClusterSize, Neighbors int
	Topics                    float64
	Outliers                  float64 // share of the documents in no topic
	Coherence                 float64 // c_npmi of the topics' words in the documents themselves, in [−1, 1]
	Diversity                 float64 // share of the topics' words that are different ones
	Stability                 float64 // mean adjusted Rand index of two seeds, outliers as a class of their own
	// Score is the mean of coherence, diversity, stability and the share that is in topics, each scaled to [0, 1] over the
	// settings of the sweep; a figure that there is not counts 0.
	Score float64
}

// Result is a sweep, in the order of the sizes and, for each, of the neighbours.
type Result struct {
	Settings []Setting
	Best     int // position of the setting with the highest score, the first of equals
}

// fit is what is kept of one fit.
type fit struct {
	labels               []int
	topics               int
	outliers             float64
	coherence, diversity float64
}

// Run fits the documents, whose embeddings are the rows of x, with every setting and every seed. The errors are those of
// topic.FitEmbedded, with the setting's name, of Validate, and the cause of a cancelled ctx.
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
			r.Settings = append(r.Settings, Setting{MinClusterSize: size, Neighbors: neighbors})
		}
	}
	seeds := len(cfg.Seeds)
	fits := make([]fit, len(r.Settings)*seeds)
	loop := parallel.Loop{Workers: cfg.Workers, Block: 1, Progress: cfg.Progress}
	err = loop.Run(ctx, len(fits), func(_, at, _ int) error {
		s := r.Settings[at/seeds]
		var err error
		if fits[at], err = one(ctx, docs, x, cfg.Base, s, cfg.Seeds[at%seeds], texts); err != nil {
			return fmt.Errorf("min_cluster_size %d, %d neighbours, seed %d: %w", s.MinClusterSize, s.Neighbors, cfg.Seeds[at%seeds], err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range r.Settings {
		if err := r.Settings[i].summarise(fits[i*seeds : (i+1)*seeds]); err != nil {
			return nil, err
		}
	}
	r.score()
	return r, nil
}

func one(ctx context.Context, docs []string, x blas32.General, base topic.Config, s Setting, seed uint64, texts *eval.Texts) (fit, error) {
	reducer, clusterer := base.Reducer.(topic.UMAP), base.Clusterer.(topic.HDBSCAN)
	reducer.NNeighbors, clusterer.MinClusterSize = s.Neighbors, s.MinClusterSize
	base.Embedder, base.Reducer, base.Clusterer = nil, reducer, clusterer
	base.Seed, base.Workers, base.Progress = seed, 1, nil
	m, err := topic.FitEmbedded(ctx, docs, x, base)
	if err != nil {
		return fit{}, err
	}
	f := fit{labels: make([]int, len(docs)), coherence: math.NaN(), diversity: math.NaN()}
	outside := 0
	for i, a := range m.Assignments() {
		f.labels[i] = max(a.Topic, topic.Outlier)
		if a.Topic < 0 {
			outside++
		}
	}
	f.outliers = float64(outside) / float64(len(docs))
	var lists [][]string
	for _, t := range m.Topics() {
		if t.ID < 0 {
			continue
		}
		f.topics++
		var list []string
		for _, term := range t.Terms {
			list = append(list, term.Term)
		}
		lists = append(lists, list)
	}
	if f.topics < 2 {
		return f, nil
	}
	coherence, err := eval.Coherence(ctx, lists, texts, eval.DefaultCoherenceConfig())
	if err != nil {
		return f, err
	}
	diversity, err := eval.Diversity(ctx, lists, eval.DefaultDiversityConfig())
	f.coherence, f.diversity = coherence.Mean, diversity.Unique
	return f, err
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

// score scales the figures over the settings and takes their mean.
func (r *Result) score() {
	for _, of := range []func(s *Setting) float64{
		func(s *Setting) float64 { return s.Coherence },
		func(s *Setting) float64 { return s.Diversity },
		func(s *Setting) float64 { return s.Stability },
		func(s *Setting) float64 { return 1 - s.Outliers },
	} {
		low, high := math.Inf(1), math.Inf(-1)
		for i := range r.Settings {
			if v := of(&r.Settings[i]); !math.IsNaN(v) {
				low, high = min(low, v), max(high, v)
			}
		}
		for i := range r.Settings {
			switch v := of(&r.Settings[i]); {
			case math.IsNaN(v):
			case high == low:
				r.Settings[i].Score += 0.25
			default:
				r.Settings[i].Score += 0.25 * (v - low) / (high - low)
			}
		}
	}
	for i, s := range r.Settings {
		if s.Score > r.Settings[r.Best].Score {
			r.Best = i
		}
	}
}

// Why says in a few sentences which setting is recommended and what speaks for and against it.
func (r *Result) Why() string {
	s := r.Settings[r.Best]
	text := fmt.Sprintf("Recommended: min_cluster_size %d with %d neighbours, about %.0f topics. Its score of %.2f, the mean of coherence, diversity, stability "+
		"and the share of documents in topics, each scaled from the worst setting (0) to the best (1), is the highest of %d settings.",
		s.MinClusterSize, s.Neighbors, s.Topics, s.Score, len(r.Settings))
	for _, f := range []struct {
		name string
		of   func(s *Setting) float64
	}{
		{"coherence", func(s *Setting) float64 { return s.Coherence }},
		{"diversity", func(s *Setting) float64 { return s.Diversity }},
		{"stability", func(s *Setting) float64 { return s.Stability }},
		{"share in topics", func(s *Setting) float64 { return 1 - s.Outliers }},
	} {
		v, better := f.of(&s), 0
		if math.IsNaN(v) {
			continue
		}
		for i := range r.Settings {
			if f.of(&r.Settings[i]) > v {
				better++
			}
		}
		text += fmt.Sprintf(" Its %s is %.3f, which %d others exceed.", f.name, v, better)
	}
	return text
}

// Table has a row per setting.
func (r *Result) Table() study.Table {
	t := study.Table{Title: "Settings", Columns: []study.Column{
		{Name: "min_cluster_size", Format: study.Decimal},
		{Name: "neighbors", Format: study.Decimal},
		{Name: "topics", Format: study.Decimal},
		{Name: "outliers, %", Format: study.Percent},
		{Name: "coherence (c_npmi)", Format: study.Ratio},
		{Name: "diversity", Format: study.Ratio},
		{Name: "stability (ARI)", Format: study.Ratio},
		{Name: "score", Format: study.Ratio},
	}, Notes: []string{r.Why()}}
	for _, s := range r.Settings {
		t.Rows = append(t.Rows, []any{s.MinClusterSize, s.Neighbors, s.Topics, s.Outliers, s.Coherence, s.Diversity, s.Stability, s.Score})
	}
	return t
}
