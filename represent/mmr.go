package represent

import (
	"context"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// MMR drops words that say the same as others, by maximal marginal relevance (doi:10.1145/290941.291025), as BERTopic's
// MaximalMarginalRelevance does. A topic's vector is the embedding of all its terms in one text. The first word chosen is
// the one closest to it; each next one has the highest (1−Diversity)·s − Diversity·o, where s is its cosine with the
// topic's vector and o the highest of its cosines with the words chosen before. Ties go by the order of the terms. The
// words that were chosen keep their order and their weights.
type MMR struct {
	// Diversity, up to 1, is how much it counts that words differ. Default 0.1; a negative number
	// (stage.None) means 0. diversity.
	Diversity float64 `json:"diversity,omitempty"`
	// TopTerms is the number of words kept, 0 or more; 0, the default, means as many as the model keeps. top_n_words.
	TopTerms int `json:"top_terms,omitempty"`
	// Embedder embeds the words; nil, the default, means the model's.
	Embedder stage.Embedder `json:"-"`
}

// Validate reports every field outside its range at once.
func (m MMR) Validate() error {
	var f check.Fields
	f.Want(m.Diversity <= 1, "represent.MMR.Diversity", m.Diversity, "a number up to 1")
	f.Want(m.TopTerms >= 0, "represent.MMR.TopTerms", m.TopTerms, "0 (as many as the model keeps) or more")
	return f.Err()
}

// NeedsEmbedder is true without an Embedder of its own.
func (m MMR) NeedsEmbedder() bool { return m.Embedder == nil }

// Represent keeps the words that were chosen. It fails with topic.ErrNoEmbedder, with what the embedder returned, or with
// the context's cause.
func (m MMR) Represent(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	diversity := stage.Setting(m.Diversity, 0.1)
	all := make([]string, len(topics))
	lists := [][]string{all}
	for t, terms := range topics {
		words := names(terms)
		all[t] = strings.Join(words, " ")
		lists = append(lists, words)
	}
	x, err := embed(ctx, v, m.Embedder, lists...)
	if err != nil {
		return nil, err
	}
	out := make([][]ctfidf.Term, len(topics))
	err = parallel.Loop{Workers: v.Run.Workers, Block: 1}.Run(ctx, len(topics), func(_, t, _ int) error {
		terms := topics[t]
		at := make([]int, len(terms))
		relevance := make([]float64, len(terms))
		for i, term := range terms {
			at[i] = x.at[term.Term]
			relevance[i] = x.similarity(at[i], x.at[all[t]])
		}
		chosen := make([]bool, len(terms))
		closest := make([]float64, len(terms)) // to a word that was chosen
		for picks := range min(kept(m.TopTerms, v), len(terms)) {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			best, score := -1, 0.0
			for i := range terms {
				if chosen[i] {
					continue
				}
				s := relevance[i]
				if picks > 0 {
					s = float64((1-diversity)*relevance[i]) - float64(diversity*closest[i])
				}
				if best < 0 || s > score {
					best, score = i, s
				}
			}
			chosen[best] = true
			for i := range terms {
				if c := x.similarity(at[i], at[best]); picks == 0 || c > closest[i] {
					closest[i] = c
				}
			}
		}
		for i, term := range terms {
			if chosen[i] {
				out[t] = append(out[t], term)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
