// Package batch counts the words of documents that came in batches.
package batch

import (
	"context"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// Counts says how the words of documents that came in batches are counted: the batches are counted
// in the order in which they came, each with the topics that its documents are in now. A nil *Counts
// counts all documents at once.
type Counts struct {
	Counting ctfidf.Online
	Ends     []int // the number of documents after each batch
}

// Extend returns the batches with one more, which ends at document n.
func (c *Counts) Extend(n int) *Counts {
	if c == nil || len(c.Ends) > 0 && c.Ends[len(c.Ends)-1] == n {
		return c
	}
	return &Counts{c.Counting, append(slices.Clip(c.Ends), n)}
}

// Count counts the terms of each class. It fails with ctfidf.ErrEmptyVocabulary if there is none.
func (c *Counts) Count(ctx context.Context, docs []string, classes []int, cfg ctfidf.Config) (ctfidf.Counts, error) {
	if c == nil || c.Counting == (ctfidf.Online{}) && !cfg.Join {
		return ctfidf.Count(ctx, docs, classes, cfg) // the same, as nothing is forgotten
	}
	var counts ctfidf.Counts
	lo := 0
	for _, hi := range c.Ends {
		var err error
		if counts, err = c.Counting.Update(ctx, counts, docs[lo:hi], classes[lo:hi], cfg); err != nil {
			return counts, err
		}
		lo = hi
	}
	if len(counts.Vocabulary) == 0 {
		return counts, ctfidf.ErrEmptyVocabulary
	}
	return counts, nil
}

// Check reports batches that are not of n documents.
func (c *Counts) Check(n int) error {
	if c == nil {
		return nil
	}
	last := 0
	for i, end := range c.Ends {
		if end <= last {
			return fmt.Errorf("batch %d ends at document %d, the one before it at %d", i, end, last)
		}
		last = end
	}
	if last != n {
		return fmt.Errorf("the batches have %d documents, the model has %d", last, n)
	}
	return c.Counting.Validate()
}
