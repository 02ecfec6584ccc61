package place

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// ErrNoMemberships is returned where memberships are asked of a clusterer that has none.
var ErrNoMemberships = errors.New("the clusterer has no memberships")

// Clusters is a fitted reducer and clusterer: those of the fit, or of one growth.
type Clusters struct {
	Reduction  stage.Reduction // nil: the embeddings are the points
	Clustering stage.Clustering
	Offset     int // what is added to its labels
	// Accept says which documents a label takes. nil, until a model is grown: all.
	Accept Regions
	Blend  Blend // of a guided model
	// Rows holds the rows of the model that the clusterer was fitted on, ascending.
	Rows []int
	// Same holds, for each of Rows, the position there of the equal one whose label and memberships it
	// has. nil: each has its own.
	Same []int
}

// Place has the clusterer predict the open documents, and takes those with a label.
func (c *Clusters) Place(ctx context.Context, q *Query) error {
	open := q.Open()
	if len(open) == 0 {
		return nil
	}
	x := q.rows(open)
	points, err := c.transform(ctx, x)
	if err != nil {
		return err
	}
	labels, strengths, err := c.Clustering.Predict(ctx, points)
	if err == nil {
		err = checkLabels(labels, strengths, len(open))
	}
	if err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	for k, i := range open {
		if l := labels[k]; l != stage.Outlier && c.Accept.Has(c.Offset+l, dense.Row(x, k)) {
			q.Label(c, i, c.Offset+l, strengthOrOne(strengths, k))
		}
	}
	return nil
}

// Memberships returns how strongly the documents at belong to the clusters: a row each, a column per
// label.
func (c *Clusters) Memberships(ctx context.Context, q *Query, at []int, top int) (sparse.CSR[float64], error) {
	soft, ok := c.Clustering.(stage.Soft)
	if !ok {
		return sparse.CSR[float64]{}, ErrNoMemberships
	}
	points, err := c.transform(ctx, q.rows(at))
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	of, err := soft.PredictMemberships(ctx, points, top)
	return checkMemberships(of, len(at), err)
}

// FittedMemberships returns the memberships of Rows, a column per label of the clustering.
func (c *Clusters) FittedMemberships(ctx context.Context, top int) (sparse.CSR[float64], error) {
	soft, ok := c.Clustering.(stage.Soft)
	if !ok {
		return sparse.CSR[float64]{}, ErrNoMemberships
	}
	of, err := soft.Memberships(ctx, top)
	return checkMemberships(of, len(c.Rows), err)
}

// Transform returns the points of rows of embeddings.
func (c *Clusters) Transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	return c.transform(ctx, x)
}

func (c *Clusters) transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	if x, _ = c.Blend.Rows(x); c.Reduction == nil {
		return x, nil
	}
	points, err := c.Reduction.Transform(ctx, x)
	if err == nil {
		err = checkPoints(points, x.Rows)
	}
	if err != nil {
		return points, fmt.Errorf("reduce: %w", err)
	}
	return points, nil
}

// Learner fits a reducer and a clusterer to the documents of a query.
type Learner struct {
	Reducer   stage.Reducer // nil: the embeddings are the points
	Clusterer stage.Clusterer
	// ReduceRun and ClusterRun are for the two stages.
	ReduceRun, ClusterRun stage.Run
	Classes               []int // known classes of all documents, or nil
	Blend                 Blend
	Offset                int
	// Choose, if not nil, chooses the layer of a clustering that has layers.
	Choose func(stage.Layered) (layer int, err error)
	// Rows holds the rows of the model that the documents of the query are; nil: their own numbers.
	Rows []int
	// Same is as in Clusters, for the documents of the query, which are all open then.
	Same []int
}

// Fitted is what Learner learned.
type Fitted struct {
	Clusters *Clusters
	Points   blas32.General // of all documents of the query
	Warnings []error
	// Reduce and Cluster are the times that the stages took.
	Reduce, Cluster time.Duration
}

// Learn fits the reducer to all documents of q, whoever took them, fits the clusterer to the open
// ones, and labels these.
func (l Learner) Learn(ctx context.Context, q *Query) (Fitted, error) {
	out := &Clusters{Offset: l.Offset, Blend: l.Blend, Same: l.Same}
	f := Fitted{Points: q.X}
	began := time.Now()
	classes := l.Classes
	if x, seeds := l.Blend.Rows(q.X); seeds != nil {
		f.Points, classes = x, seeds
	}
	if l.Reducer != nil {
		r, err := l.Reducer.Reduce(ctx, l.ReduceRun, stage.Data{X: f.Points, Classes: classes})
		if err == nil && r == nil {
			err = fmt.Errorf("%T returned neither a reduction nor an error", l.Reducer)
		}
		if err == nil {
			f.Points = r.Points()
			err = checkPoints(f.Points, q.X.Rows)
		}
		if err != nil {
			return f, fmt.Errorf("reduce: %w", err)
		}
		out.Reduction = r
		f.warn("reduce", r)
	}
	f.Reduce = time.Since(began)

	open := q.Open()
	if l.nothingLeft(q, open) {
		out.Clustering, f.Clusters = NoClusters{}, out
		return f, nil
	}
	began = time.Now()
	d := stage.Data{X: f.Points, Classes: l.Classes}
	if len(open) < q.X.Rows {
		d.X = dense.Pick(f.Points, open)
		d.Classes = pick(l.Classes, open)
	}
	c, err := l.Clusterer.Cluster(ctx, l.ClusterRun, d)
	if err == nil && c == nil {
		err = fmt.Errorf("%T returned neither a clustering nor an error", l.Clusterer)
	}
	if err == nil {
		c, err = l.atLayer(c)
	}
	var strengths []float64
	if err == nil {
		if s, ok := c.(stage.Strengths); ok {
			strengths = s.Strengths()
		}
		err = checkLabels(c.Labels(), strengths, len(open))
	}
	if err != nil {
		return f, fmt.Errorf("cluster: %w", err)
	}
	f.Cluster = time.Since(began)
	f.warn("cluster", c)
	out.Clustering, f.Clusters = c, out
	if out.Same == nil && l.Classes == nil {
		out.Same = together(q, open, c.Labels())
	}
	out.Rows = open
	if l.Rows != nil {
		out.Rows = pick(l.Rows, open)
	}
	out.LabelFitted(q)
	return f, nil
}

// together returns, for each of the open documents, which of them its label and strength are taken from,
// so that documents of equal texts and equal embeddings, which lie side by side, cannot be told apart
// whatever the clusterer says: the first with the label that most of them have. It returns nil if there
// are none.
func together(q *Query, open, labels []int) []int {
	if q.Texts == nil {
		return nil
	}
	var same []int
	for lo := 0; lo < len(open); {
		hi := lo + 1
		for hi < len(open) && q.Texts[open[hi]] == q.Texts[open[lo]] && slices.Equal(dense.Row(q.X, open[hi]), dense.Row(q.X, open[lo])) {
			hi++
		}
		if hi > lo+1 {
			if same == nil {
				same = make([]int, len(open))
				for k := range same {
					same[k] = k
				}
			}
			from := lo + slices.Index(labels[lo:hi], MostFrequent(labels[lo:hi]))
			for k := lo; k < hi; k++ {
				same[k] = from
			}
		}
		lo = hi
	}
	return same
}

// MostFrequent returns the label that most rows have, the smallest of equally frequent ones;
// stage.Outlier only if no row has a label.
func MostFrequent(labels []int) int {
	votes := map[int]int{}
	for _, l := range labels {
		if l != stage.Outlier {
			votes[l]++
		}
	}
	best := stage.Outlier
	for _, l := range slices.Sorted(maps.Keys(votes)) {
		if best == stage.Outlier || votes[l] > votes[best] {
			best = l
		}
	}
	return best
}

// LabelFitted has c take those of the open documents of q, on which it was fitted, that it labels.
func (c *Clusters) LabelFitted(q *Query) {
	labels := c.Clustering.Labels()
	var strengths []float64
	if s, ok := c.Clustering.(stage.Strengths); ok {
		strengths = s.Strengths()
	}
	for k, i := range q.Open() {
		if c.Same != nil {
			k = c.Same[k]
		}
		if labels[k] != stage.Outlier {
			q.Label(c, i, c.Offset+labels[k], strengthOrOne(strengths, k))
		}
	}
}

// nothingLeft reports whether zero-shot labels took all that the clusterer could make clusters of.
func (l Learner) nothingLeft(q *Query, open []int) bool {
	if len(open) == q.X.Rows {
		return false
	}
	use, ok := l.Clusterer.(stage.ClassUser)
	if len(open) == 0 || !ok || use.ClassUse() != stage.ClassesOnly || l.Classes == nil {
		return len(open) == 0
	}
	return !slices.ContainsFunc(open, func(i int) bool { return l.Classes[i] != stage.Outlier })
}

func (l Learner) atLayer(c stage.Clustering) (stage.Clustering, error) {
	layered, ok := c.(stage.Layered)
	if !ok || l.Choose == nil {
		return c, nil
	}
	layer, err := l.Choose(layered)
	if err != nil || layer == layered.Chosen() {
		return c, err
	}
	return layered.AtLayer(layer)
}

func (f *Fitted) warn(step string, fitted any) {
	if w, ok := fitted.(stage.Warner); ok {
		for _, err := range w.Warnings() {
			f.Warnings = append(f.Warnings, fmt.Errorf("%s: %w", step, err))
		}
	}
}

func pick(x, index []int) []int {
	if x == nil {
		return nil
	}
	out := make([]int, len(index))
	for to, from := range index {
		out[to] = x[from]
	}
	return out
}

func checkPoints(x blas32.General, n int) error {
	if x.Rows != n {
		return fmt.Errorf("%d points for %d rows, want one each", x.Rows, n)
	}
	if n > 0 && x.Cols == 0 {
		return errors.New("points without columns, want at least one dimension")
	}
	return check.Matrix(x)
}

func checkLabels(labels []int, strengths []float64, n int) error {
	if len(labels) != n || strengths != nil && len(strengths) != n {
		if strengths == nil {
			return fmt.Errorf("%d labels for %d points, want one each", len(labels), n)
		}
		return fmt.Errorf("%d labels and %d strengths for %d points, want one each", len(labels), len(strengths), n)
	}
	for i, l := range labels {
		if l < stage.Outlier {
			return fmt.Errorf("point %d has label %d, want −1 or more", i, l)
		}
	}
	for i, s := range strengths {
		if !(s >= 0 && s <= 1) {
			return fmt.Errorf("point %d has the strength %v, want a number in [0, 1]", i, s)
		}
	}
	return nil
}

// checkMemberships passes on err, or reports memberships that are not those of n points.
func checkMemberships(of sparse.CSR[float64], n int, err error) (sparse.CSR[float64], error) {
	if err == nil && of.Rows() != n {
		err = fmt.Errorf("memberships of %d points, want %d", of.Rows(), n)
	}
	if err == nil {
		err = of.Check()
	}
	for i := 0; i < n && err == nil; i++ {
		const above = 1 + 1e-9 // sums are rounded
		_, values := of.Row(i)
		sum := 0.0
		for _, v := range values {
			if sum += v; !(v >= 0 && sum <= above) {
				err = fmt.Errorf("the memberships of point %d are %v, want numbers of at least 0 that add up to at most 1", i, values)
				break
			}
		}
	}
	if err != nil {
		return of, fmt.Errorf("cluster: %w", err)
	}
	return of, nil
}

// strengthOrOne returns strengths[i], or 1 where the clusterer has no strengths.
func strengthOrOne(strengths []float64, i int) float64 {
	if strengths == nil {
		return 1
	}
	return strengths[i]
}

// NoClusters is the clustering of no rows: it labels nothing.
type NoClusters struct{}

// Labels returns no labels.
func (NoClusters) Labels() []int { return nil }

// Predict returns outliers.
func (NoClusters) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	return slices.Repeat([]int{stage.Outlier}, x.Rows), nil, nil
}

// Memberships returns no rows.
func (NoClusters) Memberships(context.Context, int) (sparse.CSR[float64], error) {
	return sparse.CSR[float64]{}, nil
}

// PredictMemberships returns empty rows.
func (NoClusters) PredictMemberships(_ context.Context, x blas32.General, _ int) (sparse.CSR[float64], error) {
	return sparse.CSR[float64]{RowPtr: make([]int, x.Rows+1)}, nil
}
