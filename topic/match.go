package topic

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
)

// Matching says which topics of one model are which of another. Every topic of both, but for the outliers, is in Pairs or in
// exactly one of the other lists.
type Matching struct {
	// Pairs are the topics that go on, by rising topic of the first model.
	Pairs []Pair
	// Merged are topics of the first model without a partner that are alike to one of the second: they went into it. Split
	// are topics of the second that came out of one of the first. By rising From and To.
	Merged, Split []Pair
	// Died are the topics of the first model, Born those of the second, that are like none of the other.
	Died, Born []int
}

// Pair is a topic of one model, one of another, and the cosine of their embeddings.
type Pair struct {
	From, To   int
	Similarity float64
}

// Match finds the topics of from in to, a later fit of the same or of other documents, with the same embedder. Topics are
// paired so that the cosines of their mean embeddings, as far as they are above least, a number in [−1, 1], have the
// greatest sum (the Hungarian assignment). A topic that is left over belongs to the topic it is most alike, if that cosine
// is at least least; otherwise it was born or it died. 0.8 is a good least with all-MiniLM-L6-v2. BERTopic has nothing like
// it: two fits have numbers that say nothing about each other.
func Match(ctx context.Context, from, to *Model, least float64) (*Matching, error) {
	var f check.Fields
	f.Want(least >= -1 && least <= 1, "topic.Match least", least, "a number in [−1, 1]")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if from.embeddings.Cols == 0 || to.embeddings.Cols == 0 {
		return nil, fmt.Errorf("match: %w", ErrNoEmbeddings)
	}
	if from.embeddings.Cols != to.embeddings.Cols {
		return nil, fmt.Errorf("match: embeddings of %d and of %d dimensions; both models must have the same embedder", from.embeddings.Cols, to.embeddings.Cols)
	}
	a, b := from.topicIDs(), to.topicIDs()
	cosines := blas64.General{Rows: len(a), Cols: len(b), Stride: max(len(b), 1), Data: make([]float64, len(a)*len(b))}
	score := cosines
	score.Data = make([]float64, len(cosines.Data))
	for i, s := range a {
		for j, t := range b {
			c := dense.Cosine(from.topics[s+from.outliers()].Embedding, to.topics[t+to.outliers()].Embedding)
			cosines.Data[i*len(b)+j] = c
			score.Data[i*len(b)+j] = max(c-least, 0)
		}
	}
	out := &Matching{}
	partner := assignment.Matching{Col: make([]int, len(a)), Row: make([]int, len(b))}
	if len(a) > 0 && len(b) > 0 {
		var err error
		if partner, err = assignment.Max(ctx, score); err != nil {
			return nil, fmt.Errorf("match: %w", err)
		}
	}
	at := func(i, j int) float64 { return cosines.Data[i*len(b)+j] }
	paired := make([]bool, len(b))
	for i := range a {
		best := -1
		for j := range b {
			if best < 0 || at(i, j) > at(i, best) {
				best = j
			}
		}
		switch {
		case best >= 0 && partner.Col[i] >= 0 && at(i, partner.Col[i]) >= least:
			out.Pairs = append(out.Pairs, Pair{a[i], b[partner.Col[i]], at(i, partner.Col[i])})
			paired[partner.Col[i]] = true
		case best >= 0 && at(i, best) >= least:
			out.Merged = append(out.Merged, Pair{a[i], b[best], at(i, best)})
		default:
			out.Died = append(out.Died, a[i])
		}
	}
	for j := range b {
		if paired[j] {
			continue
		}
		best := -1
		for i := range a {
			if best < 0 || at(i, j) > at(best, j) {
				best = i
			}
		}
		if best >= 0 && at(best, j) >= least {
			out.Split = append(out.Split, Pair{a[best], b[j], at(best, j)})
		} else {
			out.Born = append(out.Born, b[j])
		}
	}
	slices.SortFunc(out.Split, func(p, q Pair) int { return cmp.Or(cmp.Compare(p.From, q.From), cmp.Compare(p.To, q.To)) })
	return out, nil
}

// String is a report of one line for each topic, in words.
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
