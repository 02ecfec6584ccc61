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
	// Rows holds the counts, classes × terms, whole numbers. Entries that are 0 are not stored.
	Rows Matrix
}

// Count counts the terms of docs, where classes[i] is the class of docs[i]. The rows are the classes that occur. It
// fails with *[ConfigError]s, with an error that wraps [ErrEmptyVocabulary], or with the context's error.
func Count(ctx context.Context, docs []string, classes []int, cfg Config) (Counts, error) {
	if len(docs) != len(classes) {
		return Counts{}, fmt.Errorf("ctfidf: %d documents and %d classes, want one class for each document", len(docs), len(classes))
	}
	return count(ctx, func(yield func(int, string) bool) {
		for i, d := range docs {
			if !yield(classes[i], d) {
				return
			}
		}
	}, len(docs), cfg)
}

// CountSeq is Count over a sequence of pairs of a class and a document. It holds only a few documents at a time: memory
// grows with the terms and the classes. The sequence is read by the goroutine that called.
func CountSeq(ctx context.Context, docs iter.Seq2[int, string], cfg Config) (Counts, error) {
	return count(ctx, docs, 0, cfg)
}

func count(ctx context.Context, docs iter.Seq2[int, string], total int, cfg Config) (Counts, error) {
	if err := cfg.Validate(); err != nil {
		return Counts{}, err
	}
	workers := parallel.Workers(cfg.Workers)
	if cfg.Join {
		workers = 1
	}
	f := feeder{ctx: ctx, cfg: cfg, total: total, slots: make(map[int]int32)}
	if cfg.Vocabulary != nil {
		f.given = termsOf(cfg.Vocabulary)
	}
	var (
		counters []*counter
		err      error
	)
	if workers == 1 {
		c := newCounter(ctx, cfg, f.given)
		counters = []*counter{c}
		err = f.feed(docs, c.countBatch)
	} else {
		counters, err = f.feedWorkers(docs, workers)
	}
	if err != nil {
		return Counts{}, err
	}
	if cfg.Join {
		if err := counters[0].countEmpty(); err != nil {
			return Counts{}, err
		}
	}
	return collect(counters, f.classes, cfg)
}

// A batch is some documents that one worker counts. slot numbers the classes in the order of their first document.
type batch struct {
	slot []int32
	text []string
	size int
}

const (
	batchBytes = 1 << 16
	batchDocs  = 256
)

// feeder cuts the sequence of documents into batches.
type feeder struct {
	ctx     context.Context
	cfg     Config
	total   int
	given   *terms // the vocabulary, when it is given
	slots   map[int]int32
	classes []int // the class of each slot
}

// feed gives each batch to f.
func (f *feeder) feed(docs iter.Seq2[int, string], give func(batch) error) error {
	if err := context.Cause(f.ctx); err != nil {
		return err
	}
	var (
		b    batch
		done int
	)
	flush := func() error {
		if len(b.text) == 0 {
			return nil
		}
		if err := context.Cause(f.ctx); err != nil {
			return err
		}
		if err := give(b); err != nil {
			return err
		}
		done += len(b.text)
		b = batch{}
		if f.cfg.Progress != nil {
			f.cfg.Progress(done, f.total)
		}
		return nil
	}
	for class, text := range docs {
		slot, ok := f.slots[class]
		if !ok {
			slot = int32(len(f.classes))
			f.slots[class] = slot
			f.classes = append(f.classes, class)
		}
		b.slot = append(b.slot, slot)
		b.text = append(b.text, text)
		b.size += len(text)
		if b.size >= batchBytes || len(b.text) >= batchDocs {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// feedWorkers counts on several goroutines. Which worker counts which batch does not matter: counts are whole numbers,
// and their sums do not depend on the order.
func (f *feeder) feedWorkers(docs iter.Seq2[int, string], workers int) ([]*counter, error) {
	var (
		wg       sync.WaitGroup
		batches  = make(chan batch, workers)
		counters = make([]*counter, workers)
		errs     = make([]error, workers)
	)
	for w := range workers {
		counters[w] = newCounter(f.ctx, f.cfg, f.given)
		wg.Go(func() {
			for b := range batches {
				if errs[w] == nil {
					errs[w] = counters[w].countBatch(b)
				}
			}
		})
	}
	// The channel is closed also when the caller's sequence panics, so that no goroutine is left behind.
	err := func() error {
		defer wg.Wait()
		defer close(batches)
		return f.feed(docs, func(b batch) error {
			batches <- b
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

// counter counts the terms of documents, for one goroutine.
type counter struct {
	ctx    context.Context
	tokens *tokeniser
	window window
	slot   int32 // the class of the document that is being read
	since  int   // tokens since the context was last looked at

	count func(term []byte) // what is done with each term
	terms *terms
	fixed bool // the vocabulary is given: no term is added, and all counters share it
	cells cells

	join    bool
	windows []window // with join, the open window of each class
	docs    []int    // with join, the number of documents of each class
	empty   []bool   // with join, whether the last document of each class was empty
}

func newCounter(ctx context.Context, cfg Config, given *terms) *counter {
	c := &counter{
		ctx:    ctx,
		tokens: newTokeniser(cfg),
		window: window{min: cfg.NGramMin, max: cfg.NGramMax},
		terms:  given,
		fixed:  given != nil,
		join:   cfg.Join,
	}
	if !c.fixed {
		c.terms = newTerms()
	}
	c.count = c.add
	return c
}

func (c *counter) countBatch(b batch) error {
	for i, text := range b.text {
		if err := c.countDocument(b.slot[i], text); err != nil {
			return err
		}
	}
	return nil
}

func (c *counter) countDocument(slot int32, text string) error {
	c.slot = slot
	if !c.join {
		c.window.reset()
		return c.tokens.each(text, func(token []byte) error { return c.push(&c.window, token) })
	}
	for int(slot) >= len(c.windows) {
		c.windows = append(c.windows, window{min: c.window.min, max: c.window.max})
		c.docs = append(c.docs, 0)
		c.empty = append(c.empty, false)
	}
	c.docs[slot]++
	c.empty[slot] = c.tokens.isEmpty(text)
	w := &c.windows[slot]
	err := c.tokens.each(text, func(token []byte) error { return c.push(w, token) })
	w.trim()
	return err
}

// countEmpty counts "emptydoc" for each class whose joined text is empty: one document without a character. (Two such
// documents are joined by a space, and a space is not empty.)
func (c *counter) countEmpty() error {
	for slot := range c.windows {
		if c.docs[slot] == 1 && c.empty[slot] {
			c.slot = int32(slot)
			w := &c.windows[slot]
			if err := c.tokens.each("emptydoc", func(token []byte) error { return c.push(w, token) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// push is given every token; that the context is looked at here keeps a very long document from holding it up.
func (c *counter) push(w *window, token []byte) error {
	if c.since++; c.since >= 1<<14 {
		c.since = 0
		if err := context.Cause(c.ctx); err != nil {
			return err
		}
	}
	w.push(token, c.count)
	return nil
}

func (c *counter) add(term []byte) {
	if !c.fixed {
		c.cells.add(c.slot, c.terms.add(term))
	} else if id := c.terms.find(term); id >= 0 {
		c.cells.add(c.slot, id)
	}
}
