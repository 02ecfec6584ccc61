package topic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
)

// ErrNotOnline is returned by ResumeOnline for a model that no Online made, or that was changed since.
var ErrNotOnline = errors.New("the model does not come straight from topic.Online")

// Online learns topics from documents that come in batches: BERTopic's partial_fit. A batch costs what its documents cost,
// however many came before. All documents are remembered, where BERTopic has the topics of the last batch alone, each in the
// topic that it was given when its batch came. Topics keep their numbers: a cluster gets the next one when its first document
// comes. Model has a complete model of all documents so far at any time.
//
// The same batches give the same bits for any number of workers. An Online may be used from several goroutines; batches
// are taken one after the other. A call that fails leaves it as it was.
type Online struct {
	cfg Config

	mu          sync.Mutex
	docs        []string
	embeddings  blas32.General
	active      []int          // the documents with text
	points      blas32.General // theirs, unless the embeddings are the points
	labels      []int          // theirs
	assignments []Assignment   // of all documents
	topics      map[int]int    // the topic of each label that has come
	batches     batches
	warnings    []error
	reduction   PartialReduction // nil: the embeddings are the points
	clustering  PartialClustering
}

// NewOnline begins with no documents. Config.Clusterer must be a PartialClusterer (MiniBatchKMeans, DBStream), Config.Reducer
// nil or a PartialReducer (PCA); neither seeds nor zero-shot labels, nor a policy for outliers or a number of topics, nor
// bounds of the vocabulary that a batch cannot answer (MinDF, MaxDF, MaxFeatures), nor a weigher that needs memberships are
// possible. counting says what is forgotten of the words: BERTopic's OnlineCountVectorizer. It fails with *stage.ConfigError for
// each bad field.
func NewOnline(cfg Config, counting ctfidf.Online) (*Online, error) {
	var f check.Fields
	reducer, reduces := cfg.Reducer.(PartialReducer)
	f.Want(cfg.Reducer == nil || reduces, "topic.Config.Reducer", fmt.Sprintf("%T", cfg.Reducer), "one that learns batch by batch, as topic.PCA does, or nil")
	clusterer, clusters := cfg.Clusterer.(PartialClusterer)
	f.Want(cfg.Clusterer == nil || clusters, "topic.Config.Clusterer", fmt.Sprintf("%T", cfg.Clusterer), "one that learns batch by batch, as topic.MiniBatchKMeans and topic.DBStream do")
	f.Want(len(cfg.Seeds) == 0, "topic.Config.Seeds", cfg.Seeds, "none when learning in batches")
	f.Want(len(cfg.ZeroShot.Labels) == 0, "topic.Config.ZeroShot.Labels", cfg.ZeroShot.Labels, "none when learning in batches")
	f.Want(!cfg.Outliers.places(), "topic.Config.Outliers", cfg.Outliers, "keep when learning in batches: ReduceOutliers works on the model")
	f.Want(cfg.Topics == 0, "topic.Config.Topics", cfg.Topics, "0 when learning in batches: ReduceTopics works on the model")
	_, soft := cfg.Weigher.(ctfidf.Soft)
	f.Want(!soft, "topic.Config.Weigher", fmt.Sprintf("%T", cfg.Weigher), "one that needs no memberships when learning in batches")
	errs := []error{f.Err(), cfg.Validate()}
	if cfg.Vocabulary.Validate() == nil { // what else keeps batches from being counted
		_, err := counting.Update(context.Background(), ctfidf.Counts{}, nil, nil, cfg.Vocabulary)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	o := &Online{cfg: cfg, topics: map[int]int{}, batches: batches{Counting: counting}}
	var err error
	if reduces {
		if o.reduction, err = reducer.BeginReducing(cfg.Run); err != nil {
			return nil, fmt.Errorf("%s: %w", StageReduce, err)
		}
	}
	if o.clustering, err = clusterer.BeginClustering(cfg.Run); err != nil {
		return nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	return o, nil
}

// ResumeOnline goes on where the Online was that made m, also after Save and Load, to the same bits; labels given to topics
// are left behind. It fails with ErrNotOnline, and as NewOnline does where the words were updated in another way since.
func ResumeOnline(m *Model) (*Online, error) {
	c, ok := m.clustering.(partialClustering)
	if m.batches == nil || len(m.history) != 1 || !ok {
		return nil, ErrNotOnline
	}
	o, err := NewOnline(m.cfg, m.batches.Counting)
	if err != nil {
		return nil, err
	}
	o.docs, o.embeddings, o.active = slices.Clip(m.docs), dense.Clip(m.embeddings), m.PointDocuments()
	o.assignments, o.labels, o.clustering = slices.Clip(m.assignments), slices.Clip(c.labels), c.part
	o.batches.Ends, o.warnings = slices.Clip(m.batches.Ends), slices.Clip(m.fitWarnings)
	for label, to := range m.routes {
		o.topics[label] = to[0]
	}
	if r, ok := m.reduction.(partialReduction); ok {
		o.reduction, o.points = r.part, dense.Clip(r.points)
	}
	return o, nil
}

// PartialFit learns a batch of documents and gives their assignments. A document that is blank is remembered as an outlier
// and takes no part in anything else. It fails as Fit does, but for ErrNoDocuments: a batch may be empty.
func (o *Online) PartialFit(ctx context.Context, docs []string) ([]Assignment, error) {
	if o.cfg.Embedder == nil {
		return nil, ErrNoEmbedder
	}
	if len(docs) == 0 {
		return nil, context.Cause(ctx)
	}
	x, warnings, err := embedTexts(ctx, o.cfg.Embedder, docs, o.cfg.Run)
	if err != nil {
		return nil, err
	}
	return o.learn(ctx, docs, x, warnings)
}

// PartialFitEmbedded is PartialFit for documents whose embeddings are already there: row i of x belongs to docs[i]. x is
// copied.
func (o *Online) PartialFitEmbedded(ctx context.Context, docs []string, x blas32.General) ([]Assignment, error) {
	if len(docs) == 0 {
		return nil, context.Cause(ctx)
	}
	if err := checkRows(x, len(docs)); err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	return o.learn(ctx, docs, x, nil)
}

func (o *Online) learn(ctx context.Context, docs []string, x blas32.General, warnings []error) ([]Assignment, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.embeddings.Cols > 0 && x.Cols != o.embeddings.Cols {
		return nil, fmt.Errorf("embeddings: %d dimensions, want %d as in the batches before", x.Cols, o.embeddings.Cols)
	}
	at := make([]int, 0, len(docs)) // those with text
	for i, d := range docs {
		if strings.TrimSpace(d) != "" {
			at = append(at, i)
		}
	}
	reduction, clustering, topics := o.reduction, o.clustering, maps.Clone(o.topics)
	var points blas32.General
	var labels []int
	assignments := allOutside(len(docs))
	if len(at) > 0 {
		var err error
		if points = dense.Pick(x, at); reduction != nil {
			if reduction, err = reduction.Update(ctx, points); err != nil {
				return nil, fmt.Errorf("%s: %w", StageReduce, err)
			}
			if points, err = reducePart(ctx, reduction, points); err != nil {
				return nil, err
			}
		}
		if clustering, err = clustering.Update(ctx, points); err != nil {
			return nil, fmt.Errorf("%s: %w", StageCluster, err)
		}
		var strength []float64
		if labels, strength, err = predictPart(ctx, clustering, points); err != nil {
			return nil, err
		}
		for i, l := range labels {
			if l == Outlier {
				continue
			}
			if _, ok := topics[l]; !ok {
				topics[l] = len(topics)
			}
			assignments[at[i]] = Assignment{topics[l], strength[i]}
		}
	}

	for _, i := range at {
		o.active = append(o.active, len(o.docs)+i)
	}
	o.docs, o.assignments, o.labels = append(o.docs, docs...), append(o.assignments, assignments...), append(o.labels, labels...)
	o.embeddings = dense.Append(o.embeddings, x)
	if reduction != nil {
		o.points = dense.Append(o.points, points)
	}
	o.batches.Ends = append(o.batches.Ends, len(o.docs))
	o.reduction, o.clustering, o.topics = reduction, clustering, topics
	for _, w := range warnings {
		o.warnings = append(o.warnings, fmt.Errorf("batch %d: %w", len(o.batches.Ends), w))
	}
	return assignments, nil
}

// reducePart is the points of x, checked.
func reducePart(ctx context.Context, r PartialReduction, x blas32.General) (blas32.General, error) {
	points, err := r.Transform(ctx, x)
	if err == nil {
		err = checkRows(points, x.Rows)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", StageReduce, err)
	}
	return points, err
}

// predictPart is the labels and the strengths of points, checked.
func predictPart(ctx context.Context, c PartialClustering, points blas32.General) ([]int, []float64, error) {
	labels, strength, err := c.Predict(ctx, points)
	if err == nil {
		err = checkLabels(partialClustering{c, labels}, points.Rows)
	}
	if err == nil && strength != nil && len(strength) != points.Rows {
		err = fmt.Errorf("%d strengths for %d points, want one each", len(strength), points.Rows)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	return labels, certain(labels, strength), nil
}

// Refresh gives all documents the topics in which they would be now, by all that was learned: stages move while they learn,
// the more the fewer batches they have seen, and the documents of early batches stay where they were put. Topics that are left
// without documents vanish, and the numbers of those behind them fall.
func (o *Online) Refresh(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.active) == 0 {
		return context.Cause(ctx)
	}
	points := dense.Pick(o.embeddings, o.active)
	if o.reduction != nil {
		var err error
		if points, err = reducePart(ctx, o.reduction, points); err != nil {
			return err
		}
	}
	labels, strength, err := predictPart(ctx, o.clustering, points)
	if err != nil {
		return err
	}
	// The topics there were in their order, then the labels that no document had before.
	there := map[int]bool{}
	for _, l := range labels {
		there[l] = l != Outlier
	}
	order := slices.SortedFunc(maps.Keys(o.topics), func(a, b int) int { return o.topics[a] - o.topics[b] })
	topics := map[int]int{}
	for _, l := range append(order, slices.Sorted(maps.Keys(there))...) {
		if _, ok := topics[l]; !ok && there[l] {
			topics[l] = len(topics)
		}
	}
	assignments := allOutside(len(o.docs))
	for i, l := range labels {
		if l != Outlier {
			assignments[o.active[i]] = Assignment{topics[l], strength[i]}
		}
	}
	if o.reduction != nil {
		o.points = points
	}
	o.labels, o.assignments, o.topics = labels, assignments, topics
	return nil
}

// Model is the model of all documents so far; what comes later does not change it. Transform places new documents by all that
// was learned, and finds a document again as it was assigned; of documents that are equal but came in several batches, and
// may be in several topics if there was no Refresh, as the first. Operations count words as NewOnline was told. It fails with
// ErrNoDocuments before the first document with text, and with what the weigher or a representer returns.
func (o *Online) Model(ctx context.Context) (*Model, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.active) == 0 {
		return nil, fmt.Errorf("%w: %d documents so far, all of them blank", ErrNoDocuments, len(o.docs))
	}
	m := &Model{
		cfg: o.cfg, docs: slices.Clip(o.docs), embeddings: dense.Clip(o.embeddings), assignments: slices.Clip(o.assignments), unordered: true,
		routes: map[int][]int{}, known: &known{}, fitWarnings: slices.Clip(o.warnings), history: []Step{{Operation: "online"}},
		batches: &batches{o.batches.Counting, slices.Clip(o.batches.Ends)}, clustering: partialClustering{o.clustering, slices.Clip(o.labels)},
	}
	if blank := len(o.docs) - len(o.active); blank > 0 {
		m.active = slices.Clip(o.active)
		m.warnings = append(m.warnings, fmt.Errorf("%d of %d documents have no text; they are outliers", blank, len(o.docs)))
	}
	for label, t := range o.topics {
		m.routes[label] = []int{t}
	}
	if o.reduction == nil {
		m.reduction = identity{dense.Pick(m.embeddings, m.active)}
	} else {
		m.reduction = partialReduction{o.reduction, dense.Clip(o.points)}
	}
	m.listTopics()
	return m, m.describe(ctx)
}
