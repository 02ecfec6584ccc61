package online

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// PartialFit learns a batch of documents and returns their assignments. A document that is empty or
// white space alone is kept as an outlier and takes no part in anything else. It fails as topic.Fit
// does, but not with topic.ErrNoDocuments: a batch without documents changes nothing.
func (l *Learner) PartialFit(ctx context.Context, docs []string) ([]topic.Assignment, error) {
	if len(docs) == 0 {
		return nil, context.Cause(ctx)
	}
	x, warnings, err := l.parts.Config.Embed(ctx, docs) // Config does not change
	if err != nil {
		return nil, err
	}
	return l.learn(ctx, docs, x, warnings)
}

// PartialFitEmbedded is PartialFit for documents whose embeddings are known: row i of x belongs to
// docs[i]. Every value must be finite; otherwise a *stage.ValueError names the row and the column.
// x is copied.
func (l *Learner) PartialFitEmbedded(ctx context.Context, docs []string, x blas32.General) ([]topic.Assignment, error) {
	if len(docs) == 0 {
		return nil, context.Cause(ctx)
	}
	if err := checkRows(x, len(docs)); err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	return l.learn(ctx, docs, x, nil)
}

// learn learns documents with their embeddings.
func (l *Learner) learn(ctx context.Context, docs []string, x blas32.General, warnings []error) ([]topic.Assignment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.parts
	if p.Embeddings.Cols > 0 && x.Cols != p.Embeddings.Cols {
		return nil, fmt.Errorf("embeddings: %d dimensions, want %d as in the batches before", x.Cols, p.Embeddings.Cols)
	}
	rows := make([]int, 0, len(docs))
	for i, d := range docs {
		if strings.TrimSpace(d) != "" {
			rows = append(rows, i)
		}
	}
	b := batch{fit: place.Clusters{Reduction: p.Reduction, Clustering: p.Clustering}, topics: p.Topics}
	if len(rows) > 0 {
		var err error
		if b, err = l.learnRows(ctx, docs, rows, dense.Pick(x, rows)); err != nil {
			return nil, err
		}
	}
	assignments := assign(len(docs), rows, b)

	for _, i := range rows {
		l.rows = append(l.rows, len(p.Docs)+i)
	}
	p.Docs, p.Assignments = append(p.Docs, docs...), append(p.Assignments, assignments...)
	p.Labels, p.Strengths = append(p.Labels, b.labels...), append(p.Strengths, b.strengths...)
	p.Embeddings = dense.Append(p.Embeddings, x)
	if l.reducer != nil && len(rows) > 0 {
		p.Points = dense.Append(p.Points, b.points)
	}
	p.Ends = append(p.Ends, len(p.Docs))
	p.Reduction, p.Clustering, p.Topics = b.fit.Reduction, b.fit.Clustering, b.topics
	for _, w := range append(warnings, b.warnings...) {
		p.Warnings = append(p.Warnings, fmt.Errorf("batch %d: %w", len(p.Ends), w))
	}
	return assignments, nil
}

// batch is what the stages are after a batch, and what they say of its rows.
type batch struct {
	fit       place.Clusters
	points    blas32.General
	labels    []int
	strengths []float64
	topics    map[int]int // the topic of each label that there was so far
	warnings  []error
}

// learnRows has the stages learn x, the embeddings of the documents at rows.
func (l *Learner) learnRows(ctx context.Context, docs []string, rows []int, x blas32.General) (batch, error) {
	learner := place.Learner{
		Clusterer: nextClusterer{l.clusterer, l.parts.Clustering}, ReduceRun: l.run("reduce"), ClusterRun: l.run("cluster"),
		Same: firstEqual(docs, rows, x),
	}
	if l.reducer != nil {
		learner.Reducer = nextReducer{l.reducer, l.parts.Reduction}
	}
	q := place.NewQuery(x, nil)
	f, err := learner.Learn(ctx, q)
	if err != nil {
		return batch{}, err
	}
	if was := l.parts.Points; was.Cols > 0 && f.Points.Cols != was.Cols {
		return batch{}, fmt.Errorf("reduce: points of %d dimensions, want %d as in the batches before", f.Points.Cols, was.Cols)
	}
	b := batch{fit: *f.Clusters, points: f.Points, topics: maps.Clone(l.parts.Topics), warnings: f.Warnings}
	b.labels, b.strengths = q.Labels()
	b.number(b.labels)
	return b, checkStrengths(b.strengths)
}

// number gives labels that have no topic yet the next ones, in their order.
func (b *batch) number(labels []int) {
	for _, label := range labels {
		if _, ok := b.topics[label]; !ok && label != stage.Outlier {
			b.topics[label] = len(b.topics)
		}
	}
}

// assign returns the assignments of n documents: those at rows belong to the topics of their
// labels, the others to none.
func assign(n int, rows []int, b batch) []topic.Assignment {
	out := slices.Repeat([]topic.Assignment{{Topic: topic.Outlier}}, n)
	for k, i := range rows {
		if label := b.labels[k]; label != stage.Outlier {
			out[i] = topic.Assignment{Topic: b.topics[label], Probability: b.strengths[k]}
		}
	}
	return out
}

// firstEqual returns, for each of the documents at rows, the position in rows of the first one with
// the same text and the same embedding, whose topic it shares.
func firstEqual(docs []string, rows []int, x blas32.General) []int {
	same := make([]int, len(rows))
	different := make(map[string][]int, len(rows)) // text → those with different embeddings
	for k, i := range rows {
		same[k] = k
		seen := different[docs[i]]
		if at := slices.IndexFunc(seen, func(other int) bool { return equalBits(dense.Row(x, other), dense.Row(x, k)) }); at >= 0 {
			same[k] = seen[at]
		} else {
			different[docs[i]] = append(seen, k)
		}
	}
	return same
}

func equalBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(v, w float32) bool { return math.Float32bits(v) == math.Float32bits(w) })
}

// run returns what the stage of a step is given.
func (l *Learner) run(step string) stage.Run {
	cfg := l.parts.Config
	r := stage.Run{Seed: cfg.Seed, Workers: cfg.Workers}
	if cfg.Progress != nil {
		r.Progress = func(done, total int) { cfg.Progress(topic.Progress{Step: step, Done: done, Total: total}) }
	}
	return r
}

// nextReducer is a reducer whose fit goes on from past.
type nextReducer struct {
	stage.BatchReducer
	past stage.Reduction
}

func (r nextReducer) Reduce(ctx context.Context, run stage.Run, d stage.Data) (stage.Reduction, error) {
	return r.ReduceBatch(ctx, run, r.past, d)
}

// nextClusterer is a clusterer whose fit goes on from past.
type nextClusterer struct {
	stage.BatchClusterer
	past stage.Clustering
}

func (c nextClusterer) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	return c.ClusterBatch(ctx, run, c.past, d)
}

// checkRows reports a matrix that does not have n finite rows, for n of at least 1.
func checkRows(x blas32.General, n int) error {
	if x.Rows != n || x.Cols == 0 {
		return fmt.Errorf("%d rows of %d values for %d documents, want one row of at least one value each", x.Rows, x.Cols, n)
	}
	return check.Matrix(x)
}

// checkStrengths reports what topic.New would not take as a probability.
func checkStrengths(strengths []float64) error {
	for i, s := range strengths {
		if !(s >= 0 && s <= 1) {
			return fmt.Errorf("cluster: point %d has the strength %v, want a number in [0, 1]", i, s)
		}
	}
	return nil
}
