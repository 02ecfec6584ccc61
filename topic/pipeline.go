package topic

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// pipeline is the second part of a model: the stages, and what they became when they were fitted. It
// is immutable.
type pipeline struct {
	cfg      Config            // of the fit; the description has the Words that count
	embedder embedderIdentity  // of Config.Embedder
	names    *place.Nearest    // the zero-shot labels; nil: none
	seeds    place.Blend       // of a guided model
	fits     []*place.Clusters // the fit's, then one for each growth that found clusters
	union    *place.Union      // of a model that MergeModels made; then fits has growths alone
	merged   int               // number of models that were merged
	sources  []*Model          // the models that were merged
	policy   *place.Nearest    // where outliers go; nil: nowhere
	accept   place.Regions     // which documents the labels take; nil until the model is grown
	rows     rowResults
	warnings []error // of the stages
	timings  Timings
	unread   *stored // what the stages became, and the rows
}

// Timings holds the wall time of each step of the fit. A step that did not run has 0.
type Timings struct {
	Embed, Reduce, Cluster, Words time.Duration
}

// rowResults is what the stages say of each row.
type rowResults struct {
	points    blas32.General // what the clusterer saw
	labels    []int          // of zero-shot labels and clusterers, before the outlier policy
	strengths []float64
}

// fitResult is where the rows of a fit belong.
type fitResult struct {
	labels    []int // with those that the outlier policy gives
	strengths []float64
	adopted   int // number of rows that the policy gave a label
}

// fitPipeline fits the stages.
func fitPipeline(ctx context.Context, d *documents, cfg Config) (*pipeline, fitResult, error) {
	p := &pipeline{cfg: cfg, embedder: identity(cfg.Embedder)}
	var err error
	if p.names, err = embedZeroShot(ctx, d, cfg); err != nil {
		return nil, fitResult{}, err
	}
	if p.seeds, err = embedSeeds(ctx, d, cfg); err != nil {
		return nil, fitResult{}, err
	}
	q := place.NewQuery(d.x(), d.rowTexts())
	began := time.Now()
	if p.names != nil {
		if err := p.names.Place(ctx, q); err != nil {
			return nil, fitResult{}, err
		}
	}
	l := p.learner(d.classes)
	l.Offset, l.Choose = len(p.zeroShotLabels()), cfg.Granularity.choose
	f, err := l.Learn(ctx, q)
	if err != nil {
		return nil, fitResult{}, err
	}
	p.fits, p.warnings = []*place.Clusters{f.Clusters}, f.Warnings
	p.rows.points = f.Points
	p.rows.labels, p.rows.strengths = q.Labels()
	result, err := p.place(ctx, d)
	if err != nil {
		return nil, fitResult{}, err
	}
	p.timings.Reduce, p.timings.Cluster = f.Reduce, time.Since(began)-f.Reduce
	return p, result, nil
}

// learner returns what fits the stages to the documents of a query.
func (p *pipeline) learner(classes []int) place.Learner {
	return place.Learner{
		Reducer: p.cfg.Reducer, Clusterer: p.cfg.clusterer(), ReduceRun: p.cfg.run("reduce"), ClusterRun: p.cfg.run("cluster"),
		Classes: classes, Blend: p.seeds,
	}
}

// place calibrates the outlier policy by the labels of the rows, and returns what it makes of them.
func (p *pipeline) place(ctx context.Context, d *documents) (fitResult, error) {
	var err error
	if p.policy, err = calibratePolicy(ctx, d, p.cfg, p.rows.labels); err != nil {
		return fitResult{}, err
	}
	return assignOutliers(ctx, d, p)
}

// discovers reports whether growth may find new topics: not if the topics are known classes.
func (p *pipeline) discovers(d *documents) bool {
	use, ok := p.cfg.clusterer().(stage.ClassUser)
	return d.hasEmbeddings() && !(ok && use.ClassUse() == stage.ClassesOnly)
}

// zeroShotLabels returns the labels of the fit, of which the first labels of rows are the numbers.
func (p *pipeline) zeroShotLabels() []string {
	if p.names == nil {
		return nil
	}
	return p.cfg.ZeroShot.Labels
}

// embedZeroShot embeds the zero-shot labels.
func embedZeroShot(ctx context.Context, d *documents, cfg Config) (*place.Nearest, error) {
	if len(cfg.ZeroShot.Labels) == 0 {
		return nil, nil
	}
	x, err := embedComparable(ctx, cfg, cfg.ZeroShot.Labels, d)
	if err != nil {
		return nil, fmt.Errorf("zero-shot labels: %w", err)
	}
	return &place.Nearest{Centroids: dense.NewCentroids(x, nil), Floor: cfg.ZeroShot.floor(), Workers: cfg.Workers}, nil
}

// embedSeeds embeds the seeds, each as one text of its words, and the mean of the documents.
func embedSeeds(ctx context.Context, d *documents, cfg Config) (place.Blend, error) {
	if len(cfg.Seeds) == 0 {
		return place.Blend{}, nil
	}
	texts := make([]string, len(cfg.Seeds))
	for i, words := range cfg.Seeds {
		texts[i] = strings.Join(words, " ")
	}
	x, err := embedComparable(ctx, cfg, texts, d)
	if err != nil {
		return place.Blend{}, fmt.Errorf("seeds: %w", err)
	}
	mean := dense.New(1, d.embeddings.Cols)
	sum := make([]float64, d.embeddings.Cols)
	for i := range d.rows() {
		dense.AddTo(sum, d.embedding(d.doc(i)))
	}
	dense.SetMean(mean.Data, sum, d.rows())
	return place.Blend{Seeds: dense.Stack(x, mean)}, nil
}

// newChain returns the placers of the model.
func (m *Model) newChain() *place.Chain {
	d, p, g := m.documents, m.pipeline, m.grouping
	c := &place.Chain{
		Known: &place.Known{
			Find: func(text string, x []float32) int { return p.find(d, text, x) },
			Assigned: func(doc int) (int, float64) {
				a := g.assignments[doc]
				return a.Topic, a.Probability
			},
		},
		Labels: p.names, Union: p.union, Clusters: p.fits, Outliers: p.policy,
		Route: &place.Route{To: g.routes, Nearest: m.nearest},
	}
	switch {
	case d.withoutRows: // so is what the stages became
		c.Known = nil
		c.Rules = append(c.Rules, &place.Rule{Match: m.matchEmbeddings(-1)})
	case !d.hasEmbeddings(): // words are all that can be compared
		c.Clusters = nil
		c.Rules = append(c.Rules, &place.Rule{Match: m.matchWords(0)})
	}
	for _, r := range g.rules {
		c.Rules = append(c.Rules, &place.Rule{Match: r.match(m)})
	}
	return c
}

// nearest returns the one of topics whose embedding has the highest cosine with x.
func (m *Model) nearest(x []float32, topics []int) int {
	id, _ := m.centroids(topics).Nearest(x)
	return id
}

// centroids returns the embeddings of topics.
func (m *Model) centroids(ids []int) dense.Centroids {
	return m.description.centroids(ids, m.grouping.at)
}

// find returns the position of a document that text shares its topic with, −1 if it is new. If there
// is an outlier policy, a document with the same words is enough.
func (p *pipeline) find(d *documents, text string, x []float32) int {
	doc := d.find(text, x)
	if doc < 0 && p.policy != nil {
		doc = d.findWords(text, x)
	}
	return doc
}

func (p *pipeline) check(d *documents) error {
	if d.withoutRows {
		return nil
	}
	n := d.rows()
	if p.rows.points.Rows != n || len(p.rows.labels) != n || len(p.rows.strengths) != n {
		return fmt.Errorf("%d points, %d labels and %d strengths for %d documents with text", p.rows.points.Rows, len(p.rows.labels), len(p.rows.strengths), n)
	}
	for i, l := range p.rows.labels {
		if s := p.rows.strengths[i]; l < Outlier || l > maxLabel(d) || !(s >= 0 && s <= 1) {
			return fmt.Errorf("row %d has the label %d with the strength %v", i, l, s)
		}
	}
	last := -1
	for i, c := range p.fits {
		if !slices.IsSorted(c.Rows) || len(c.Rows) > 0 && (c.Rows[0] < 0 || c.Rows[len(c.Rows)-1] >= n) {
			return fmt.Errorf("fit %d is of rows that there are not", i)
		}
		if c.Same != nil && len(c.Same) != len(c.Rows) {
			return fmt.Errorf("fit %d is of %d rows, %d of them known as equal", i, len(c.Rows), len(c.Same))
		}
		for k, same := range c.Same {
			if same < 0 || same >= len(c.Same) || c.Same[same] != same {
				return fmt.Errorf("row %d of fit %d cannot be equal to row %d", k, i, same)
			}
		}
		if c.Offset < 0 || c.Offset > maxLabel(d) {
			return fmt.Errorf("the labels of fit %d begin at %d, of %d documents", i, c.Offset, d.n)
		}
		if c.Offset < last {
			return fmt.Errorf("the labels of fit %d begin at %d, those of the one before at %d", i, c.Offset, last)
		}
		last = c.Offset
	}
	return nil
}
