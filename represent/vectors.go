package represent

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	embedding "github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// vectors are embeddings of texts, each text once.
type vectors struct {
	x    blas32.General
	norm []float64
	at   map[string]int
}

// embed embeds the texts of all lists with e, or with the model's own embedder when e is nil.
func embed(ctx context.Context, v topic.View, e stage.Embedder, lists ...[]string) (*vectors, error) {
	if e == nil {
		e = v.Embedder
	}
	if e == nil {
		return nil, topic.ErrNoEmbedder
	}
	out := &vectors{at: map[string]int{}}
	var texts []string
	for _, list := range lists {
		for _, text := range list {
			if _, ok := out.at[text]; !ok {
				out.at[text] = len(texts)
				texts = append(texts, text)
			}
		}
	}
	if len(texts) == 0 {
		return out, nil
	}
	var err error
	if out.x, _, err = embedding.Texts(ctx, v.Run, e, texts); err != nil {
		return nil, fmt.Errorf("embed: %w", err)
	}
	out.norm = make([]float64, len(texts))
	for i := range out.norm {
		out.norm[i] = dense.NormInOrder(out.row(i))
	}
	return out, nil
}

func (s *vectors) row(i int) []float32 { return dense.Row(s.x, i) }

// similarity is the cosine between the texts at i and j, 0 where one of them is a zero vector.
func (s *vectors) similarity(i, j int) float64 {
	return quotient(dense.DotInOrder(s.row(i), s.row(j)), s.norm[i]*s.norm[j])
}

// to is the cosine between the text at i and x, whose norm is n.
func (s *vectors) to(i int, x []float64, n float64) float64 {
	return quotient(dense.DotInOrder(s.row(i), x), s.norm[i]*n)
}

// fits reports documents that lie in another space than the texts.
func (s *vectors) fits(dim int) error {
	if len(s.norm) > 0 && s.x.Cols != dim {
		return fmt.Errorf("the embedder gives %d dimensions and the documents' embeddings have %d: give the representer the Embedder that both are to come from", s.x.Cols, dim)
	}
	return nil
}

func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// names are the terms without their weights.
func names(terms []ctfidf.Term) []string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = t.Term
	}
	return out
}

// kept is how many terms a representer keeps: n, or as many as the model when n is 0, which are 10 where it does not say.
func kept(n int, v topic.View) int {
	switch {
	case n > 0:
		return n
	case v.TopWords > 0:
		return v.TopWords
	}
	return 10
}
