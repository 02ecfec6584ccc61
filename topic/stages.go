package topic

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
)

// Stage names a step of the pipeline, in progress reports, errors and timings.
type Stage string

// The stages, in the order in which the data passes them.
const (
	StageEmbed   Stage = "embed"
	StageReduce  Stage = "reduce"
	StageCluster Stage = "cluster"
	StageWords   Stage = "words"
	// StageRepresent is in progress reports alone: a part of StageWords that is there when there are representers. Its
	// unit is a topic given to a representer.
	StageRepresent Stage = "represent"
)

// Progress says how far a stage is. Total is 0 when it is not known.
type Progress struct {
	Stage       Stage
	Done, Total int
}

// Run is what every stage is told.
type Run struct {
	// Seed decides every random choice. The same seed gives the same bits. Default 42; umap.UMAP's random_state.
	Seed uint64
	// Workers is the number of goroutines a stage may keep busy; 0, the default, means GOMAXPROCS. It never changes a
	// result.
	Workers int
	// Progress, when it is not nil, is called from one goroutine as the stages advance.
	Progress func(Progress)
}

// report gives a stage package the plain callback that it takes, or nil when nobody listens.
func (r Run) report(stage Stage) func(done, total int) {
	if r.Progress == nil {
		return nil
	}
	return func(done, total int) { r.Progress(Progress{Stage: stage, Done: done, Total: total}) }
}

// Embedder turns texts into vectors: row i of the result, a matrix of len(texts) rows, belongs to texts[i]. An Embedder
// that also has the method EmbedWith of package embed is told the workers and reports its progress; others are called
// with a thousand texts at a time.
type Embedder interface {
	Embed(ctx context.Context, texts []string) (blas32.General, error)
}

// Reducer maps rows of x to points of fewer dimensions. y, when it is not nil, has a known class per row, −1 where
// unknown, for reducers that can be supervised.
type Reducer interface {
	Reduce(ctx context.Context, run Run, x blas32.General, y []int) (Reduction, error)
}

// Reduction is a fitted reducer.
type Reduction interface {
	// Points has one row per row that was fitted.
	Points() blas32.General
	// Transform places new rows among the fitted points; a row's place does not depend on the other rows of x.
	Transform(ctx context.Context, x blas32.General) (blas32.General, error)
}

// Clusterer groups points.
type Clusterer interface {
	Cluster(ctx context.Context, run Run, x blas32.General) (Clustering, error)
}

// Clustering is a fitted clusterer. Labels are 0, 1, …, and −1 for an outlier.
type Clustering interface {
	// Labels has one label per point that was fitted.
	Labels() []int
	// Predict gives each new point the label of a fitted cluster, or −1, and how strongly it belongs there, in [0, 1].
	Predict(ctx context.Context, points blas32.General) (labels []int, strength []float64, err error)
}

// Strengths is met by a Clustering that knows how strongly each fitted point belongs to its cluster, in [0, 1]. Without
// it a document has probability 1 in its topic and 0 as an outlier.
type Strengths interface {
	Strengths() []float64
}

// Memberships is met by a Clustering that knows how strongly each fitted point belongs to the top clusters nearest to it,
// by label; the rest to 1 is how strongly it is an outlier. Soft class-based weights ask for it.
type Memberships interface {
	Memberships(ctx context.Context, top int) (*hdbscan.Memberships, error)
}

// Warner is met by a fitted stage with something to say that is not a failure; Model.Warnings has it with the stage's
// name.
type Warner interface {
	Warnings() []error
}

// Validator is met by a stage whose settings can be checked before anything is computed.
type Validator interface {
	Validate() error
}

// Weigher turns word counts per topic into weights. ctfidf.Weighting is the default.
type Weigher interface {
	Weigh(counts ctfidf.Counts) (ctfidf.Weights, error)
}

// Term is a word, or an n-gram, and its weight in a topic.
type Term = ctfidf.Term
