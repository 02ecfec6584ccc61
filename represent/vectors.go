package represent

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/topic"
)

// vectors are embeddings of texts, each text once.
type vectors struct {
	x    blas32.General
	norm []float64
	at   map[string]int
}

// embed embeds the texts of all lists with e, or with the model's own embedder when e is nil.
func embed(ctx context.Context, v topic.View, e topic.Embedder, lists ...[]string) (*vectors, error) {
	if e != nil {
		v.Embedder = e
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
	if out.x, err = v.Embed(ctx, texts); err != nil {
		return nil, err
	}
	out.norm = make([]float64, len(texts))
	for i := range out.norm {
		out.norm[i] = norm(out.row(i))
	}
	return out, nil
}

func (s *vectors) row(i int) []float32 { return s.x.Data[i*s.x.Stride:][:s.x.Cols] }

// similarity is the cosine between the texts at i and j, 0 where one of them is a zero vector.
func (s *vectors) similarity(i, j int) float64 {
	return quotient(dot(s.row(i), s.row(j)), s.norm[i]*s.norm[j])
}

// to is the cosine between the text at i and x, whose norm is n.
func (s *vectors) to(i int, x []float64, n float64) float64 {
	sum := 0.0
	for j, v := range s.row(i) {
		sum += float64(float64(v) * x[j])
	}
	return quotient(sum, s.norm[i]*n)
}

// fits reports documents that lie in another space than the texts.
func (s *vectors) fits(dim int) error {
	if len(s.norm) > 0 && s.x.Cols != dim {
		return fmt.Errorf("the embedder gives %d dimensions and the documents' embeddings have %d: give the representer the Embedder that both are to come from", s.x.Cols, dim)
	}
	return nil
}

// dot sums the products, which are exact in float64, in their order.
func dot(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(float64(v) * float64(b[i]))
	}
	return sum
}

func norm(a []float32) float64 { return math.Sqrt(dot(a, a)) }

func norm64(a []float64) float64 {
	sum := 0.0
	for _, v := range a {
		sum += float64(v * v)
	}
	return math.Sqrt(sum)
}

func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// names are the terms without their weights.
func names(terms []topic.Term) []string {
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
