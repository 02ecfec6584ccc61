package topic

import (
	"context"
	"fmt"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// weigher returns the weigher that is used.
func (w Words) weigher() ctfidf.Weigher {
	if w.Weigher == nil {
		return ctfidf.Weighting{}
	}
	return w.Weigher
}

// guidedWeigher returns the weigher of a guided model: one that can raise the weights of words raises
// those of the seeds.
func guidedWeigher(words Words, seeds [][]string) ctfidf.Weigher {
	w, ok := words.weigher().(ctfidf.Guided)
	if !ok || len(seeds) == 0 {
		return words.weigher()
	}
	var guided []string
	for _, seed := range seeds {
		for _, word := range seed {
			if !words.Vocabulary.KeepCase {
				word = strings.ToLower(word)
			}
			guided = append(guided, word)
		}
	}
	return w.WithGuidedWords(guided)
}

// weighCounts weighs the counts of the topics.
func (w *description) weighCounts(ctx context.Context, p *pipeline, counts ctfidf.Counts) (ctfidf.Weights, error) {
	weigher := guidedWeigher(w.words, p.cfg.Seeds)
	if ctfidf.NeedsOf(weigher).Embeddings {
		if w.embedder == nil {
			return ctfidf.Weights{}, fmt.Errorf("%T: %w", weigher, ErrNoEmbedder)
		}
		var err error
		if counts.TermEmbeddings, err = embedQuiet(ctx, w.embedder, counts.Vocabulary, p.cfg); err != nil {
			return ctfidf.Weights{}, fmt.Errorf("%T: %w", weigher, err)
		}
		var rows [][]float32
		for _, t := range w.topics {
			rows = append(rows, t.embedding)
		}
		counts.ClassEmbeddings = stackRows(rows)
	}
	return weigher.Weigh(counts)
}
