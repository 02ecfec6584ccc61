package online

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// Model returns the model of all documents so far; later batches do not change it. Transform places
// new documents by all that was learned, and finds a document again as it was assigned. Documents
// that are equal but came in several batches may be in several topics until Refresh; Transform then
// returns that of the first. Operations count words as New was told.
//
// It fails with topic.ErrNoDocuments before the first document with text, and with the error of the
// weigher or of a representer.
func (l *Learner) Model(ctx context.Context) (*topic.Model, error) {
	l.mu.Lock()
	parts := clip(l.parts)
	l.mu.Unlock()
	return topic.New(ctx, parts)
}

// clip returns parts whose slices have no room behind them, so that whoever appends to them copies
// them.
func clip(p topic.Parts) topic.Parts {
	p.Docs, p.Assignments, p.Labels, p.Strengths = slices.Clip(p.Docs), slices.Clip(p.Assignments), slices.Clip(p.Labels), slices.Clip(p.Strengths)
	p.Embeddings, p.Points = dense.Clip(p.Embeddings), dense.Clip(p.Points)
	p.Ends, p.Warnings = slices.Clip(p.Ends), slices.Clip(p.Warnings)
	return p
}

// Refresh gives every document the topic in which it would be by all that was learned so far. The
// stages move as they learn, most in the first batches, and documents stay in the topics that their
// batch was given. Topics that are left without documents are removed, and the numbers behind them
// move up.
func (l *Learner) Refresh(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.parts
	if len(l.rows) == 0 {
		return context.Cause(ctx)
	}
	b, err := l.placeAll(ctx)
	if err != nil {
		return err
	}
	// Topics keep their order. Those of labels that no document had before follow.
	old := slices.SortedFunc(maps.Keys(p.Topics), func(a, b int) int { return cmp.Compare(p.Topics[a], p.Topics[b]) })
	used := make(map[int]bool)
	for _, label := range b.labels {
		used[label] = label != stage.Outlier
	}
	b.topics = map[int]int{}
	for _, label := range append(old, slices.Sorted(maps.Keys(used))...) {
		if used[label] {
			b.number([]int{label})
		}
	}
	if l.reducer != nil {
		p.Points = dense.Clip(b.points)
	}
	p.Labels, p.Strengths, p.Topics, p.Assignments = b.labels, b.strengths, b.topics, assign(len(p.Docs), l.rows, b)
	return nil
}

// placeAll returns what the stages say now of all rows.
func (l *Learner) placeAll(ctx context.Context) (batch, error) {
	p := &l.parts
	points, err := (&place.Clusters{Reduction: p.Reduction}).Transform(ctx, dense.Pick(p.Embeddings, l.rows))
	if err != nil {
		return batch{}, err
	}
	if err := checkRows(points, len(l.rows)); err != nil {
		return batch{}, fmt.Errorf("reduce: %w", err)
	}
	if points.Stride != points.Cols {
		points = dense.Compact(points)
	}
	q := place.NewQuery(points, nil)
	if err := (&place.Clusters{Clustering: p.Clustering}).Place(ctx, q); err != nil {
		return batch{}, err
	}
	b := batch{points: points}
	b.labels, b.strengths = q.Labels()
	return b, checkStrengths(b.strengths)
}
