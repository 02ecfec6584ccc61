package represent

import (
	"context"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// KeyBERT chooses the words whose embeddings are closest to the topic's most typical documents, as BERTopic's
// KeyBERTInspired does: a topic's vector is the mean embedding of its typical documents (topic.View.Typical), and its
// words are sorted by their cosine with it, which becomes their weight. Ties go by the order of the candidates.
//
// The documents' embeddings are those of the fit, found by the documents' positions, also when they came from outside.
// (BERTopic 0.17.4 takes the embeddings of the first documents of the corpus instead when the model stands alone.)
type KeyBERT struct {
	// Candidates is the number of words chosen from, from 1 to 1,000,000: the topic's best by weight if the
	// representer is the first of its chain. After another one they are all that it returned. More cost
	// an embedding each. Default 100; nr_candidate_words.
	Candidates int `json:"candidates,omitempty"`
	// Docs is the number of typical documents, from 1 to 10,000. Default 5; nr_repr_docs.
	Docs int `json:"docs,omitempty"`
	// TopTerms is the number of words kept, 0 or more; 0, the default, means 30 or as many as the model keeps, whichever is
	// more, so that another representer has something to choose from. The original keeps its top_n_words, 10.
	TopTerms int `json:"top_terms,omitempty"`
	// Embedder embeds the words and the typical documents. nil, the default: the model's embedder embeds the words, and the
	// documents have the embeddings of the fit.
	Embedder stage.Embedder `json:"-"`
}

func (k KeyBERT) candidates() int { return stage.Setting(k.Candidates, 100) }
func (k KeyBERT) docs() int       { return stage.Setting(k.Docs, 5) }

// Validate reports every field outside its range at once.
func (k KeyBERT) Validate() error {
	var f check.Fields
	f.Want(k.Candidates >= 0 && k.Candidates <= 1_000_000, "represent.KeyBERT.Candidates", k.Candidates, "1 to 1,000,000, or 0 for 100")
	f.Want(k.Docs >= 0 && k.Docs <= 10_000, "represent.KeyBERT.Docs", k.Docs, "1 to 10,000, or 0 for 5")
	f.Want(k.TopTerms >= 0, "represent.KeyBERT.TopTerms", k.TopTerms, "0 (30, or as many as the model keeps) or more")
	return f.Err()
}

// NeedsEmbedder is true without an Embedder of its own.
func (k KeyBERT) NeedsEmbedder() bool { return k.Embedder == nil }

// Represent gives each topic its words by falling cosine. It fails with topic.ErrNoEmbedder, with what the embedder
// returned, where the embedder and the documents' embeddings have different dimensions, or with the context's cause. A
// topic without typical documents keeps its terms.
func (k KeyBERT) Represent(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	if err := k.Validate(); err != nil {
		return nil, err
	}
	typical, err := v.Typical(ctx, k.docs(), 0)
	if err != nil {
		return nil, err
	}
	words := make([][]string, len(topics))
	for t, terms := range topics {
		words[t] = names(terms)
		if isFirst(v, t, terms) {
			words[t] = names(v.Weights.TopTerms(t, k.candidates()))
		}
	}
	lists := words
	if k.Embedder != nil {
		for _, docs := range typical {
			lists = append(slices.Clip(lists), texts(v, docs))
		}
	}
	x, err := embed(ctx, v, k.Embedder, lists...)
	if err != nil {
		return nil, err
	}
	if k.Embedder == nil {
		if err := x.fits(v.Embeddings.Cols); err != nil {
			return nil, err
		}
	}

	keep := k.TopTerms
	if keep == 0 {
		keep = given(v)
	}
	out := make([][]ctfidf.Term, len(topics))
	err = parallel.Loop{Workers: v.Run.Workers, Block: 1}.Run(ctx, len(topics), func(_, t, _ int) error {
		if len(typical[t]) == 0 || len(words[t]) == 0 {
			out[t] = topics[t]
			return nil
		}
		mean := make([]float64, x.x.Cols)
		for _, d := range typical[t] {
			row := dense.Row(v.Embeddings, d)
			if k.Embedder != nil {
				row = x.row(x.at[v.Docs[d]])
			}
			dense.AddTo(mean, row)
		}
		n := dense.NormInOrder(mean) // the cosine is that of the sum too
		for _, w := range words[t] {
			out[t] = append(out[t], ctfidf.Term{Term: w, Weight: x.to(x.at[w], mean, n)})
		}
		byWeight(out[t])
		out[t] = out[t][:min(len(out[t]), keep)]
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// given is the number of terms that the first of a chain is given, where a topic has that many.
func given(v topic.View) int { return max(30, v.TopWords) }

// isFirst tells whether terms are those that the first of a chain is given.
func isFirst(v topic.View, t int, terms []ctfidf.Term) bool {
	return v.Weights.Rows.Rows() > t && slices.Equal(terms, v.Weights.TopTerms(t, given(v)))
}

func texts(v topic.View, docs []int) []string {
	out := make([]string, len(docs))
	for i, d := range docs {
		out[i] = v.Docs[d]
	}
	return out
}

// byWeight sorts terms by falling weight; equal ones stay in their order.
func byWeight(terms []ctfidf.Term) {
	slices.SortStableFunc(terms, func(a, b ctfidf.Term) int {
		switch {
		case a.Weight > b.Weight:
			return -1
		case a.Weight < b.Weight:
			return 1
		}
		return 0
	})
}
