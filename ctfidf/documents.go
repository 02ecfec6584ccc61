package ctfidf

import (
	"context"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
)

// Documents counts the terms of c's vocabulary in each of docs: one row for each document, with c's columns. Texts
// become terms as cfg says, which should be the configuration that c was counted with; its MinDF, MaxDF, MaxFeatures,
// Vocabulary and Join have no effect here. Give the rows to [Weights.Transform] to compare them with classes.
//
// BERTopic 0.17.4 leaves out the cleaning of CleanASCII at this step; here a text becomes the same terms in both.
func (c Counts) Documents(ctx context.Context, docs []string, cfg Config) (sparse.CSR[float64], error) {
	cfg.Vocabulary = nil
	if err := cfg.Validate(); err != nil {
		return sparse.CSR[float64]{}, err
	}
	t := termsOf(c.Vocabulary)
	defer t.free()
	return t.documents(ctx, docs, cfg)
}

// documents is Counts.Documents for the terms of a vocabulary.
func (t *terms) documents(ctx context.Context, docs []string, cfg Config) (sparse.CSR[float64], error) {
	type scratch struct {
		*counter
		n       []int32 // the counts of one document
		touched []int32
	}
	const block = 64
	var (
		workers = make([]*scratch, parallel.Workers(cfg.Workers))
		parts   = make([]sparse.CSR[float64], (len(docs)+block-1)/block)
		loop    = parallel.Loop{Workers: cfg.Workers, Block: block, Progress: cfg.Progress}
	)
	err := loop.Run(ctx, len(docs), func(worker, lo, hi int) error {
		s := workers[worker]
		if s == nil {
			s = &scratch{counter: newCounter(ctx, cfg, t), n: make([]int32, t.len())}
			workers[worker] = s
		}
		add := func(term []byte) {
			if id := t.find(term); id >= 0 {
				if s.n[id] == 0 {
					s.touched = append(s.touched, id)
				}
				if s.n[id] == 0 || !cfg.Binary {
					s.n[id]++
				}
			}
		}
		part := &parts[lo/block]
		for _, text := range docs[lo:hi] {
			s.window.reset()
			err := s.tokens.each(text, func(token []byte) error {
				s.window.push(token, add)
				return s.breathe()
			})
			if err != nil {
				return err
			}
			sortFew(s.touched)
			for _, id := range s.touched {
				part.Col = append(part.Col, id)
				part.Value = append(part.Value, float64(s.n[id]))
				s.n[id] = 0
			}
			s.touched = s.touched[:0]
			part.RowPtr = append(part.RowPtr, len(part.Col))
		}
		return nil
	})
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	return concat(parts, t.len(), len(docs)), nil
}
