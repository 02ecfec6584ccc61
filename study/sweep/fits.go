package sweep

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// run is a sweep that is under way.
type run struct {
	cfg   Config
	docs  []string
	x     blas32.General
	texts *eval.Texts
}

// fit is what is kept of one fit.
type fit struct {
	labels               []int
	topics               int
	outliers             float64
	coherence, diversity float64
}

// all makes the fits of every setting, by setting and seed. Those of the first seed come first, because they find the
// neighbors for those of the others.
func (r *run) all(ctx context.Context) ([][]fit, error) {
	c := &r.cfg
	fits := make([][]fit, len(c.MinClusterSizes)*len(c.Neighbors)*len(c.Topics))
	for i := range fits {
		fits[i] = make([]fit, len(c.Seeds))
	}
	reducers := make([]shared, len(c.Neighbors)) // by neighbors, with those found by the fits of the first seed
	total, before := len(c.Neighbors)*len(c.Seeds), 0
	for _, seeds := range [][2]int{{0, 1}, {1, len(c.Seeds)}} {
		n := (seeds[1] - seeds[0]) * len(c.Neighbors)
		if n == 0 {
			continue
		}
		loop := parallel.Loop{Workers: c.Workers, Block: 1}
		if c.Progress != nil {
			loop.Progress = func(done, _ int) { c.Progress(before+done, total) }
		}
		workers := c.Workers
		if workers == 0 {
			workers = runtime.GOMAXPROCS(0)
		}
		workers = max(1, workers/n)
		err := loop.Run(ctx, n, func(_, at, _ int) error {
			k, seed := at%len(c.Neighbors), seeds[0]+at/len(c.Neighbors)
			reducer := reducers[k]
			if seed == 0 {
				reducer.Config, reducer.none = c.reducer()
				reducer.Neighbors = c.Neighbors[k]
			}
			if err := r.reduction(ctx, &reducer, k, seed, workers, fits); err != nil {
				return err
			}
			if seed == 0 {
				reducers[k] = reducer
				reducers[k].done = nil
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		before += n
	}
	return fits, nil
}

// reduction makes the fits that have a reduction of the embeddings in common.
func (r *run) reduction(ctx context.Context, reducer *shared, k, seed, workers int, fits [][]fit) error {
	c := &r.cfg
	base := c.Base
	base.Embedder = nil
	if !reducer.none {
		base.Reducer = reducer
	}
	base.Seed, base.Workers, base.Progress = c.Seeds[seed], workers, nil
	for i, size := range c.MinClusterSizes {
		base.Clusterer = c.clusterer(size, c.Neighbors[k])
		failed := func(wanted int, err error) error {
			s := Setting{MinClusterSize: size, Neighbors: c.Neighbors[k], Wanted: wanted}
			return fmt.Errorf("%v, seed %d: %w", s, c.Seeds[seed], err)
		}
		m, err := topic.FitEmbedded(ctx, r.docs, r.x, base)
		if err != nil {
			return failed(0, err)
		}
		for j, wanted := range c.Topics {
			of := m
			if wanted > 0 {
				if of, err = m.ReduceTopics(ctx, topic.NumTopics(wanted), topic.ReduceOptions{}); err != nil {
					return failed(wanted, err)
				}
			}
			at := (i*len(c.Neighbors)+k)*len(c.Topics) + j
			if fits[at][seed], err = r.measure(ctx, of, workers); err != nil {
				return failed(wanted, err)
			}
		}
	}
	return nil
}

// shared is a umap.Config that reduces once, with the neighbors of an earlier fit if it has them.
type shared struct {
	umap.Config
	none      bool // nothing is reduced: the embeddings are clustered
	neighbors umap.Neighbors
	done      stage.Reduction
}

// Reduce returns the reduction of the first call.
func (s *shared) Reduce(ctx context.Context, run stage.Run, d stage.Data) (stage.Reduction, error) {
	if s.done != nil {
		return s.done, nil
	}
	cfg := s.Config
	cfg.Seed, cfg.Workers = run.Seed, run.Workers
	m, err := umap.FitData(ctx, umap.Data{X: d.X, Borrow: true, Neighbors: s.neighbors}, cfg)
	if err != nil {
		return nil, err
	}
	if !cfg.Unique {
		s.neighbors = m.Neighbors()
	}
	s.done = m
	return s.done, nil
}

// measure is what is kept of a model.
func (r *run) measure(ctx context.Context, m *topic.Model, workers int) (fit, error) {
	f := fit{labels: make([]int, len(r.docs)), coherence: math.NaN(), diversity: math.NaN()}
	outside := 0
	for i, a := range m.Assignments() {
		f.labels[i] = max(a.Topic, topic.Outlier)
		if a.Topic < 0 {
			outside++
		}
	}
	f.outliers = float64(outside) / float64(len(r.docs))
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
	coherence := eval.DefaultCoherenceConfig()
	coherence.Workers = workers
	c, err := eval.Coherence(ctx, lists, r.texts, coherence)
	if err != nil {
		return f, err
	}
	diversity, err := eval.Diversity(ctx, lists, eval.DefaultDiversityConfig())
	f.coherence, f.diversity = c.Mean, diversity.Unique
	return f, err
}
