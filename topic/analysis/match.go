package analysis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/gobertopic/gobertopic/internal/assignment"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/topic"
)

// Matching says which topics of one model are which of another. Each topic of both models, except the
// outliers, is in Pairs or in exactly one of the other lists.
type Matching struct {
	// Pairs are the topics that both models have, by rising topic of the first.
	Pairs []Pair
	// Merged are topics of the first model without a partner, each with the similar topic of the second
	// that it was merged into. Split are topics of the second model without a partner, each with the
	// similar topic of the first that it was split from. By rising From and To.
	Merged, Split []Pair
	// Died are the topics of the first model, and Born those of the second, that are similar to none of
	// the other.
	Died, Born []int
}

// Pair is a topic of the first model, a topic of the second, and the cosine of their embeddings.
type Pair struct {
	From, To   int
	Similarity float64
}

// Match finds the topics of from in to, a later fit of the same or of other documents with the same
// embedder. Topics are paired by the assignment for which the sum of the cosines of their embeddings,
// as far as they exceed minSimilarity, is greatest (the Hungarian algorithm). A topic without a partner
// belongs to the most similar topic of the other model if that cosine is at least minSimilarity, a
// number in [−1, 1]; otherwise it died or was born. A larger value leaves more topics without a
// partner; 0.8 suits all-MiniLM-L6-v2. BERTopic has no such function.
//
// It fails with *stage.ConfigError, with topic.ErrNoEmbeddings for a model of words alone, and for
// embeddings of different dimensions.
func Match(ctx context.Context, from, to *topic.Model, minSimilarity float64) (*Matching, error) {
	var f check.Fields
	f.Want(minSimilarity >= -1 && minSimilarity <= 1, "analysis.Match minSimilarity", minSimilarity, "a number in [−1, 1]")
	if err := f.Err(); err != nil {
		return nil, err
	}
	a, b := from.Dims(), to.Dims()
	if a == 0 || b == 0 {
		return nil, fmt.Errorf("match: %w", topic.ErrNoEmbeddings)
	}
	if a != b {
		return nil, fmt.Errorf("match: embeddings of %d and of %d dimensions; both models must have the same embedder", a, b)
	}
	c := cosinesBetween(from, to)
	partner := assignment.Matching{Col: make([]int, c.Rows), Row: make([]int, c.Cols)}
	if c.Rows > 0 && c.Cols > 0 {
		score := c
		score.Data = make([]float64, len(c.Data))
		for k, cosine := range c.Data {
			score.Data[k] = max(cosine-minSimilarity, 0)
		}
		var err error
		if partner, err = assignment.Max(ctx, score); err != nil {
			return nil, fmt.Errorf("match: %w", err)
		}
	}
	return matchingOf(c, partner.Col, minSimilarity), nil
}

// cosinesBetween returns the cosines of the embeddings of the topics of from, a row each, and those of
// to, a column each.
func cosinesBetween(from, to *topic.Model) blas64.General {
	a, _ := embeddingsOf(from)
	b, _ := embeddingsOf(to)
	c := blas64.General{Rows: len(a), Cols: len(b), Stride: max(len(b), 1), Data: make([]float64, len(a)*len(b))}
	for i, s := range a {
		for j, t := range b {
			c.Data[i*len(b)+j] = dense.Cosine(s, t)
		}
	}
	return c
}

// matchingOf sorts topics into the lists of a Matching. partner holds the column of each row of c.
func matchingOf(c blas64.General, partner []int, minSimilarity float64) *Matching {
	out := &Matching{}
	at := func(i, j int) float64 { return c.Data[i*c.Cols+j] }
	paired := make([]bool, c.Cols)
	for i := range c.Rows {
		best := argmax(c.Cols, func(j int) float64 { return at(i, j) })
		switch {
		case best >= 0 && partner[i] >= 0 && at(i, partner[i]) >= minSimilarity:
			out.Pairs = append(out.Pairs, Pair{i, partner[i], at(i, partner[i])})
			paired[partner[i]] = true
		case best >= 0 && at(i, best) >= minSimilarity:
			out.Merged = append(out.Merged, Pair{i, best, at(i, best)})
		default:
			out.Died = append(out.Died, i)
		}
	}
	for j := range c.Cols {
		if paired[j] {
			continue
		}
		best := argmax(c.Rows, func(i int) float64 { return at(i, j) })
		if best >= 0 && at(best, j) >= minSimilarity {
			out.Split = append(out.Split, Pair{best, j, at(best, j)})
		} else {
			out.Born = append(out.Born, j)
		}
	}
	slices.SortFunc(out.Split, func(p, q Pair) int {
		return cmp.Or(cmp.Compare(p.From, q.From), cmp.Compare(p.To, q.To))
	})
	return out
}

// argmax returns the first number below n with the greatest value, or −1 if n is 0.
func argmax(n int, value func(i int) float64) int {
	best := -1
	for i := range n {
		if best < 0 || value(i) > value(best) {
			best = i
		}
	}
	return best
}

// String returns a report with a line for each topic.
func (m *Matching) String() string {
	var b strings.Builder
	for _, p := range m.Pairs {
		fmt.Fprintf(&b, "%d is %d (%.3f)\n", p.From, p.To, p.Similarity)
	}
	for _, p := range m.Merged {
		fmt.Fprintf(&b, "%d went into %d (%.3f)\n", p.From, p.To, p.Similarity)
	}
	for _, p := range m.Split {
		fmt.Fprintf(&b, "%d came out of %d (%.3f)\n", p.To, p.From, p.Similarity)
	}
	for _, t := range m.Died {
		fmt.Fprintf(&b, "%d died\n", t)
	}
	for _, t := range m.Born {
		fmt.Fprintf(&b, "%d was born\n", t)
	}
	return b.String()
}
