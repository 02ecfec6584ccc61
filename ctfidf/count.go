package ctfidf

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Counts is how often each term stands in each class.
type Counts struct {
	// Classes is the class of each row, ascending: −1, the outliers of a clustering, comes first where there is one.
	Classes []int
	// Vocabulary is the term of each column: sorted by code point, or as Config.Vocabulary has it.
	Vocabulary []string
	// Rows holds the counts, classes × terms: whole numbers, unless memberships or a decay made shares of them. Entries
	// that are 0 are not stored.
	Rows Matrix
	// Sizes is the number of documents of each class, or the sum of their memberships. Only some weighings need it.
	Sizes []float64
	// Docs is the number of documents that were counted.
	Docs int
}

// Count counts the terms of docs, where classes[i] is the class of docs[i]. The rows are the classes that occur. It
// fails with *[ConfigError]s, with an error that wraps [ErrEmptyVocabulary], or with the context's error.
func Count(ctx context.Context, docs []string, classes []int, cfg Config) (Counts, error) {
	if err := sameLength(docs, classes); err != nil {
		return Counts{}, err
	}
	return count(ctx, paired(docs, classes), len(docs), cfg)
}

// CountSeq is Count over a sequence of pairs of a class and a document. It holds only a few documents at a time: memory
// grows with the terms and the classes. The sequence is read by the goroutine that called.
func CountSeq(ctx context.Context, docs iter.Seq2[int, string], cfg Config) (Counts, error) {
	return count(ctx, docs, 0, cfg)
}

func sameLength(docs []string, classes []int) error {
	if len(docs) != len(classes) {
		return fmt.Errorf("ctfidf: %d documents and %d classes, want one class for each document", len(docs), len(classes))
	}
	return nil
}

func paired(docs []string, classes []int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i, d := range docs {
			if !yield(classes[i], d) {
				return
			}
		}
	}
}

func count(ctx context.Context, docs iter.Seq2[int, string], total int, cfg Config) (Counts, error) {
	c, err := countAll(ctx, docs, total, cfg)
	if err != nil {
		return Counts{}, err
	}
	if len(c.Vocabulary) == 0 {
		return Counts{}, fmt.Errorf("%w: none of the documents has a term; they are empty or hold only stop words and single characters",
			ErrEmptyVocabulary)
	}
	if cfg.Vocabulary != nil {
		return c, nil
	}
	return c.prune(cfg)
}

// countAll counts every term, and takes no terms at all for no error.
func countAll(ctx context.Context, docs iter.Seq2[int, string], total int, cfg Config) (Counts, error) {
	if err := cfg.Validate(); err != nil {
		return Counts{}, err
	}
	f := feeder{ctx: ctx, cfg: cfg, total: total, slots: make(map[int]int32)}
	counters, err := f.run(docs, parallel.Workers(cfg.Workers))
	if err != nil {
		return Counts{}, err
	}
	if cfg.Join {
		if err := f.countEmpty(counters); err != nil {
			return Counts{}, err
		}
	}
	return collect(counters, f.classes, f.sizes, cfg), nil
}

// A batch is some documents that one worker counts. slot numbers the classes in the order of their first document.
type batch struct {
	slot []int32
	text []string
	size int
}

const (
	batchBytes = 1 << 16
	batchDocs  = 1 << 10
)

// feeder cuts the sequence of documents into batches.
type feeder struct {
	ctx     context.Context
	cfg     Config
	total   int
	done    int
	slots   map[int]int32
	classes []int   // the class of each slot
	sizes   []int   // the number of documents of each slot
	owner   []int   // with Config.Join, the worker of each slot
	load    []int   // with Config.Join, the number of documents that each worker has had
	used    []batch // batches that were counted, for their memory
	mu      sync.Mutex
}

// slot is the number of a class. A class whose n-grams run from one document to the next belongs to one worker, that
// which has had the least to do.
func (f *feeder) slot(class int) int32 {
	slot, ok := f.slots[class]
	if !ok {
		slot = int32(len(f.classes))
		f.slots[class] = slot
		f.classes = append(f.classes, class)
		f.sizes = append(f.sizes, 0)
		least := 0
		for w, n := range f.load {
			if n < f.load[least] {
				least = w
			}
		}
		f.owner = append(f.owner, least)
	}
	f.sizes[slot]++
	return slot
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
	b.slot, b.text, b.size = b.slot[:0], b.text[:0], 0
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used = append(f.used, b)
}

// feed gives each batch to one of the workers: any worker when there is one open batch for all, otherwise each class to
// its own.
func (f *feeder) feed(docs iter.Seq2[int, string], open []batch, give func(worker int, b batch) error) error {
	if err := context.Cause(f.ctx); err != nil {
		return err
	}
	flush := func(w int) error {
		b := open[w]
		if len(b.text) == 0 {
			return nil
		}
		if err := context.Cause(f.ctx); err != nil {
			return err
		}
		open[w] = f.fresh()
		n := len(b.text)
		if err := give(w, b); err != nil {
			return err
		}
		f.done += n
		if f.cfg.Progress != nil {
			f.cfg.Progress(f.done, f.total)
		}
		return nil
	}
	last, slot := 0, int32(-1)
	for class, text := range docs {
		if slot < 0 || class != last {
			last, slot = class, f.slot(class)
		} else {
			f.sizes[slot]++
		}
		w := 0
		if len(open) > 1 {
			w = f.owner[slot]
			f.load[w]++
		}
		b := &open[w]
		b.slot = append(b.slot, slot)
		b.text = append(b.text, text)
		b.size += len(text)
		if b.size >= batchBytes || len(b.text) >= batchDocs {
			if err := flush(w); err != nil {
				return err
			}
		}
	}
	for w := range open {
		if err := flush(w); err != nil {
			return err
		}
	}
	return nil
}

// run counts on several goroutines. Which worker counts which batch does not matter: counts are whole numbers, and their
// sums do not depend on the order.
func (f *feeder) run(docs iter.Seq2[int, string], workers int) ([]*counter, error) {
	var given *terms
	if f.cfg.Vocabulary != nil {
		given = termsOf(f.cfg.Vocabulary)
	}
	counters := make([]*counter, workers)
	for w := range counters {
		counters[w] = newCounter(f.ctx, f.cfg, given)
	}
	if workers == 1 {
		return counters, f.feed(docs, make([]batch, 1), func(_ int, b batch) error {
			defer f.recycle(b)
			return counters[0].countBatch(b)
		})
	}

	queues := make([]chan batch, 1) // one for all, or one for each worker
	if f.cfg.Join {
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
		return f.feed(docs, make([]batch, len(queues)), func(w int, b batch) error {
			queues[w] <- b
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

// countEmpty counts "emptydoc" for each class whose joined text is empty: one document without a character. (Two such
// documents are joined by a space, and a space is not empty.)
func (f *feeder) countEmpty(counters []*counter) error {
	for slot, n := range f.sizes {
		if n > 1 {
			continue
		}
		c := counters[0]
		if len(f.load) > 0 {
			c = counters[f.owner[slot]]
		}
		if !c.open(int32(slot)).empty {
			continue
		}
		if err := c.countDocument(int32(slot), "emptydoc"); err != nil {
			return err
		}
	}
	return nil
}
