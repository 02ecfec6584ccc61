package ctfidf

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
)

// Counts is how often each term stands in each class.
type Counts struct {
	// Classes is the class of each row, ascending: −1, the outliers of a clustering, comes first where there is one.
	Classes []int
	// Vocabulary is the term of each column: sorted by code point, or as Config.Vocabulary has it.
	Vocabulary []string
	// Rows holds the counts, classes × terms: whole numbers, unless memberships or a decay made shares of them. Entries
	// that are 0 are not stored.
	Rows sparse.CSR[float64]
	// Sizes is the number of documents of each class, or the sum of their memberships. Only some weighings need it.
	Sizes []float64
	// Docs is the number of documents that were counted, less what a decay took from it. Only some weighings need it.
	Docs float64
}

// Count counts the terms of docs, where classes[i] is the class of docs[i]. The rows are the classes that occur. It
// fails with *[stage.ConfigError]s, with an error that wraps [ErrEmptyVocabulary], or with the context's error.
func Count(ctx context.Context, docs []string, classes []int, cfg Config) (Counts, error) {
	if err := sameLength(docs, classes); err != nil {
		return Counts{}, err
	}
	return count(cfg, func() ([]*counter, error) { return countDocs(ctx, docs, classes, cfg) })
}

// CountSeq is Count over a sequence of pairs of a class and a document. It holds only a few documents at a time: memory
// grows with the terms and the classes. The sequence is read by the goroutine that called.
func CountSeq(ctx context.Context, docs iter.Seq2[int, string], cfg Config) (Counts, error) {
	return count(cfg, func() ([]*counter, error) { return countSeq(ctx, docs, 0, cfg) })
}

func sameLength(docs []string, classes []int) error {
	if len(docs) != len(classes) {
		return fmt.Errorf("ctfidf: %d documents and %d classes, want one class for each document", len(docs), len(classes))
	}
	return nil
}

func count(cfg Config, run func() ([]*counter, error)) (Counts, error) {
	if err := cfg.Validate(); err != nil {
		return Counts{}, err
	}
	counters, err := run()
	if err != nil {
		return Counts{}, err
	}
	if cfg.Join {
		if err := countEmpty(counters); err != nil {
			return Counts{}, err
		}
	}
	c := collect(counters, cfg)
	if len(c.Vocabulary) == 0 {
		return Counts{}, fmt.Errorf("%w: none of the documents has a term; they are empty or hold only stop words and single characters",
			ErrEmptyVocabulary)
	}
	if cfg.Vocabulary != nil {
		return c, nil
	}
	return c.prune(cfg)
}

// newCounters is a counter for each worker.
func newCounters(ctx context.Context, cfg Config) []*counter {
	var given *terms
	if cfg.Vocabulary != nil {
		given = termsOf(cfg.Vocabulary)
	}
	counters := make([]*counter, parallel.Workers(cfg.Workers))
	for w := range counters {
		counters[w] = newCounter(ctx, cfg, given)
	}
	return counters
}

// countDocs counts documents that are all there. Which worker counts which document does not matter: counts are whole
// numbers, and their sums do not depend on the order.
func countDocs(ctx context.Context, docs []string, classes []int, cfg Config) ([]*counter, error) {
	if cfg.Join && cfg.NGramMax > 1 {
		return countSeq(ctx, func(yield func(int, string) bool) {
			for i, d := range docs {
				if !yield(classes[i], d) {
					return
				}
			}
		}, len(docs), cfg)
	}
	counters := newCounters(ctx, cfg)
	loop := parallel.Loop{Workers: len(counters), Progress: cfg.Progress}
	return counters, loop.Run(ctx, len(docs), func(worker, lo, hi int) error {
		return counters[worker].countBatch(batch{class: classes[lo:hi], text: docs[lo:hi]})
	})
}

// A batch is some documents that one worker counts.
type batch struct {
	class []int
	text  []string
	size  int // of the texts in bytes
}

const (
	batchBytes = 1 << 16
	batchDocs  = 1 << 10
)

// feeder cuts a sequence of documents into batches.
type feeder struct {
	ctx   context.Context
	cfg   Config
	total int
	done  int
	owner map[int]int // with n-grams of joined documents, the worker of each class
	load  []int       // with them, the number of documents that each worker has had
	mu    sync.Mutex
	used  []batch // batches that were counted, for their memory
}

// worker is the queue for a document of a class: the only one, or that of the class. A class whose n-grams run
// from one document to the next belongs to one worker, that which has had the least to do.
func (f *feeder) worker(class int) int {
	if len(f.load) < 2 {
		return 0
	}
	w, ok := f.owner[class]
	if !ok {
		for i, n := range f.load {
			if n < f.load[w] {
				w = i
			}
		}
		f.owner[class] = w
	}
	f.load[w]++
	return w
}

func (f *feeder) fresh() batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.used); n > 0 {
		b := f.used[n-1]
		f.used = f.used[:n-1]
		return b
	}
	return batch{}
}

func (f *feeder) recycle(b batch) {
	clear(b.text) // lets go of the documents
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used = append(f.used, batch{class: b.class[:0], text: b.text[:0]})
}

// feed gives the batches of each queue to give.
func (f *feeder) feed(docs iter.Seq2[int, string], queues int, give func(queue int, b batch) error) error {
	if err := context.Cause(f.ctx); err != nil {
		return err
	}
	open := make([]batch, queues)
	flush := func(q int) error {
		b := open[q]
		if len(b.text) == 0 {
			return nil
		}
		if err := context.Cause(f.ctx); err != nil {
			return err
		}
		open[q] = f.fresh()
		n := len(b.text)
		if err := give(q, b); err != nil {
			return err
		}
		f.done += n
		if f.cfg.Progress != nil {
			f.cfg.Progress(f.done, f.total)
		}
		return nil
	}
	for class, text := range docs {
		q := f.worker(class)
		b := &open[q]
		b.class = append(b.class, class)
		b.text = append(b.text, text)
		b.size += len(text)
		if b.size >= batchBytes || len(b.text) >= batchDocs {
			if err := flush(q); err != nil {
				return err
			}
		}
	}
	for q := range open {
		if err := flush(q); err != nil {
			return err
		}
	}
	return nil
}

// countSeq counts the documents of a sequence, whose number is total or not known.
func countSeq(ctx context.Context, docs iter.Seq2[int, string], total int, cfg Config) ([]*counter, error) {
	f := feeder{ctx: ctx, cfg: cfg, total: total, owner: map[int]int{}}
	counters := newCounters(ctx, cfg)
	workers := len(counters)
	if workers == 1 {
		return counters, f.feed(docs, 1, func(_ int, b batch) error {
			defer f.recycle(b)
			return counters[0].countBatch(b)
		})
	}

	queues := make([]chan batch, 1) // one for all, or one for each worker
	if cfg.Join && cfg.NGramMax > 1 {
		queues = make([]chan batch, workers)
		f.load = make([]int, workers)
	}
	for i := range queues {
		queues[i] = make(chan batch, 2*workers)
	}
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for w := range workers {
		wg.Go(func() {
			for b := range queues[w%len(queues)] {
				if errs[w] == nil {
					errs[w] = counters[w].countBatch(b)
				}
				f.recycle(b)
			}
		})
	}
	// The channels are closed also when the caller's sequence panics, so that no goroutine is left behind.
	err := func() error {
		defer wg.Wait()
		defer func() {
			for _, q := range queues {
				close(q)
			}
		}()
		return f.feed(docs, len(queues), func(q int, b batch) error {
			queues[q] <- b
			return nil
		})
	}()
	if err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return counters, nil
}
