package ctfidf

import (
	"context"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
)

// Distribution is how much documents have of each class.
type Distribution struct {
	// Rows is documents × classes: shares that add up to 1, or no entries for a document in which no window is similar to
	// a class.
	Rows sparse.CSR[float64]
	// Tokens has one entry for each document; nil unless Windows.Tokens asks for it.
	Tokens []TokenDistribution
}

// TokenDistribution is how much the tokens of a document have of each class.
type TokenDistribution struct {
	// Tokens are those that the text was cut into, stop words among them and no token stemmed.
	Tokens []string
	// Rows is tokens × classes: the sum of the similarities of the windows that a token is in.
	Rows sparse.CSR[float64]
}

// Distribute finds out how much each of docs has of each class, the rows of w: BERTopic's approximate_distribution. A window
// of some tokens runs over the document, the cosine of its weights with each class is taken where it is not too small, and
// their sums over all windows are made shares. Texts become terms as cfg says, which should be the configuration that w was
// counted with (see [Counts.Documents]); stop words take up room in a window, and n-grams lie within one.
//
// Memory is that of the result. The tokens are cut from the text as it is counted, cleaned and lowered, where BERTopic
// cuts them from the text as it is.
//
// It fails with *[stage.ConfigError]s, with what Similarity returns, or with the context's error.
func (w Weights) Distribute(ctx context.Context, docs []string, cfg Config, opt Windows) (Distribution, error) {
	cfg.Vocabulary = nil
	if err := cfg.Validate(); err != nil {
		return Distribution{}, err
	}
	if err := opt.Validate(); err != nil {
		return Distribution{}, err
	}
	const block = 64
	d := newDistributor(w, cfg, opt)
	defer d.terms.free()
	if opt.Similarity != nil {
		cfg.Workers = 1
	}
	var (
		workers = make([]*distributing, parallel.Workers(cfg.Workers))
		parts   = make([]sparse.CSR[float64], (len(docs)+block-1)/block)
		loop    = parallel.Loop{Workers: cfg.Workers, Block: block, Progress: cfg.Progress}
		out     Distribution
	)
	if opt.Tokens {
		out.Tokens = make([]TokenDistribution, len(docs))
	}
	err := loop.Run(ctx, len(docs), func(worker, lo, hi int) error {
		s := workers[worker]
		if s == nil {
			s = d.worker(ctx)
			workers[worker] = s
		}
		part := &parts[lo/block]
		for i, text := range docs[lo:hi] {
			if err := s.read(text); err != nil {
				return err
			}
			if err := s.slide(); err != nil {
				return err
			}
			if opt.Tokens {
				out.Tokens[lo+i] = s.tokenRows()
			}
			s.finish(part)
		}
		return nil
	})
	if err != nil {
		return Distribution{}, err
	}
	out.Rows = concat(parts, d.classes, len(docs))
	return out, nil
}

// concat makes one matrix of the rows of several, whose RowPtr has the ends of their rows, and lets go of them.
func concat(parts []sparse.CSR[float64], cols, rows int) sparse.CSR[float64] {
	n := 0
	for _, p := range parts {
		n += len(p.Col)
	}
	m := sparse.CSR[float64]{Cols: cols, RowPtr: make([]int, 1, rows+1), Col: make([]int32, 0, n), Value: make([]float64, 0, n)}
	for i, p := range parts {
		base := len(m.Col)
		m.Col = append(m.Col, p.Col...)
		m.Value = append(m.Value, p.Value...)
		for _, end := range p.RowPtr {
			m.RowPtr = append(m.RowPtr, base+end)
		}
		parts[i] = sparse.CSR[float64]{}
	}
	return m
}

// distributor is what all workers need.
type distributor struct {
	cfg     Config
	opt     Windows
	terms   *terms
	parts   *termParts
	root    bool // counts are put under a root
	classes int
}

func newDistributor(w Weights, cfg Config, opt Windows) *distributor {
	return &distributor{cfg: cfg, opt: opt, terms: termsOf(w.Vocabulary), parts: newTermParts(w, vectors()), root: w.ReduceFrequentWords, classes: len(w.Classes)}
}
