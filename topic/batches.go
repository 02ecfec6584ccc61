package topic

import (
	"context"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// batches says how the words of documents that came in batches are counted: the batches are gone through as they came, each
// with the topics that its documents are in now.
type batches struct {
	Counting ctfidf.Online
	Ends     []int // the number of documents after each batch
}

// with is the batches with one more, which ends at document n.
func (b *batches) with(n int) *batches {
	if b == nil || len(b.Ends) > 0 && b.Ends[len(b.Ends)-1] == n {
		return b
	}
	return &batches{b.Counting, append(slices.Clip(b.Ends), n)}
}

func (b *batches) count(ctx context.Context, docs []string, classes []int, cfg ctfidf.Config) (ctfidf.Counts, error) {
	if b == nil || b.Counting == (ctfidf.Online{}) && !cfg.Join {
		return ctfidf.Count(ctx, docs, classes, cfg) // the same, as nothing is forgotten
	}
	var counts ctfidf.Counts
	lo := 0
	for _, hi := range b.Ends {
		var err error
		if counts, err = b.Counting.Update(ctx, counts, docs[lo:hi], classes[lo:hi], cfg); err != nil {
			return counts, err
		}
		lo = hi
	}
	if len(counts.Vocabulary) == 0 {
		return counts, ctfidf.ErrEmptyVocabulary
	}
	return counts, nil
}

// check reports batches that are not of n documents.
func (b *batches) check(n int) error {
	if b == nil {
		return nil
	}
	last := 0
	for i, end := range b.Ends {
		if end <= last {
			return fmt.Errorf("batch %d ends at document %d, the one before it at %d", i, end, last)
		}
		last = end
	}
	if last != n {
		return fmt.Errorf("the batches have %d documents, the model has %d", last, n)
	}
	return b.Counting.Validate()
}
