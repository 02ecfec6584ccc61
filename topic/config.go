package topic

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
)

// Config says which stages make a model and how. The zero value finds communities of given embeddings;
// DefaultConfig adds the encoder.
type Config struct {
	// Embedder turns documents into vectors. nil: the documents come with embeddings, and the model
	// cannot embed new ones. BERTopic's embedding_model.
	Embedder stage.Embedder
	// Reducer maps the embeddings to points of few dimensions. nil: the embeddings are clustered.
	// BERTopic's umap_model.
	Reducer stage.Reducer
	// Clusterer groups the points. nil means community.Config{}. BERTopic's hdbscan_model.
	Clusterer stage.Clusterer
	// Granularity says how many topics there are to be. The zero value leaves that to the clusterer.
	Granularity Granularity
	// Outliers says what becomes of documents that the clusterer leaves outside. Default KeepOutliers:
	// communities leave out only documents without neighbors, and BERTopicConfig is to do what BERTopic
	// does, which leaves a third outside; SoftOutliers serves there.
	Outliers OutlierPolicy
	// Seeds guide the fit: each is the words of a topic that is looked for. An embedding that is more
	// similar to the text of a seed than to the mean of the documents is moved a quarter of the way to it,
	// and the reducer is given the seed as its class, so that such documents come to lie together; the
	// weight of the seeds' words is raised (see ctfidf.Weighting.GuidedWords). Known classes do not reach
	// the reducer then. Default none. BERTopic's seed_topic_list.
	Seeds [][]string
	// ZeroShot names topics beforehand.
	ZeroShot ZeroShot
	// Words says how the topics are described.
	Words
	// Notes holds texts of the caller's that Save keeps, by name. ReadNotes reads them before a model is
	// loaded. Default none.
	Notes map[string]string

	// Seed selects the random numbers: the same seed gives the same bits. 0, the default, means 42. A
	// seed of a stage's own wins. BERTopic's random_state of UMAP.
	Seed uint64
	// Workers is the number of goroutines. 0, the default, means GOMAXPROCS. It never changes a result.
	Workers int
	// Progress, if not nil, is called from one goroutine as the steps advance.
	Progress func(Progress)
}

// Words says how the topics of a model are described.
type Words struct {
	// Vocabulary says what a word is and which words count. Its Workers and Progress are not used. With
	// Join and n-grams of several words, the words alone depend on the order of the documents, since such
	// n-grams reach from one document into the next.
	// BERTopic's vectorizer_model.
	Vocabulary ctfidf.Config
	// Weigher weighs the words of the topics. nil means ctfidf.Weighting{}. BERTopic's ctfidf_model.
	Weigher ctfidf.Weigher
	// Representers rewrite the terms of the topics, one after the other; package represent has some.
	// BERTopic's representation_model, a list or its "Main".
	Representers []Representer
	// Aspects holds further descriptions of the topics, each made from the same candidates. Names must
	// differ. BERTopic's other entries of a representation_model that is a dict.
	Aspects []Aspect
	// TopWords is the number of terms per topic, up to 10,000. Default 10; BERTopic's top_n_words.
	// Representers are given the best 30 or TopWords terms, whichever is more.
	TopWords int
	// RepresentativeDocs is the number of typical documents kept per topic, up to 10,000. Default 3;
	// stage.None keeps none.
	RepresentativeDocs int
	// RepresentativeDiversity, in [0, 1], is the weight of the differences between the typical documents
	// of a topic; see View.Typical. Default 0: they are those that are most similar to the topic.
	RepresentativeDiversity float64

	missing []string // what a loaded model was described with and neither the file nor LoadOptions had
}

// Progress says how far a step of the pipeline is.
type Progress struct {
	// Step is "embed", "reduce", "cluster" or "words". "represent" is a part of "words" that is there if
	// there are representers; its unit is a topic given to a representer.
	Step string
	// Done and Total count units of work. Total is 0 if it is not known.
	Done, Total int
}

// OutlierPolicy says what becomes of documents that the clusterer leaves outside, those of the fit
// and new ones alike. Documents without text are always outliers. Under SoftOutliers and AllOutliers,
// texts that differ only in case, punctuation and white space share a topic: the one that the
// clusterer put most of them in.
type OutlierPolicy string

const (
	// KeepOutliers keeps them as outliers, as BERTopic does. The empty policy means the same.
	KeepOutliers OutlierPolicy = "keep"
	// SoftOutliers assigns outliers that are similar enough to a topic: a document goes to the cluster
	// whose mean embedding has the highest cosine with its own, if that cosine is as high as those of
	// nine in ten of the documents in clusters, each with the mean of the others in its own. On labeled
	// corpora of 2,500 to 20,000 documents, 3 to 8 % were outliers afterwards, and 70 to 90 % of the
	// documents assigned were of the topic's class (benchmarks/results/2026-11-25-outliers.md).
	SoftOutliers OutlierPolicy = "soft"
	// AllOutliers assigns every outlier: it is SoftOutliers without a least cosine.
	AllOutliers OutlierPolicy = "all"
)

// assigns reports whether the policy gives topics to outliers.
func (p OutlierPolicy) assigns() bool { return p == SoftOutliers || p == AllOutliers }

// ZeroShot names topics beforehand. A document whose embedding has a cosine of at least MinSimilarity
// with that of a label belongs to the label that it is most similar to; the others are clustered. The
// topics of labels that have a document come first, in the order of the labels, and those of the
// clusters follow by size. New documents are treated in the same way.
//
// BERTopic 0.17.4 places new documents of such a model in another way, by the nearest mean, and
// clusters other points than it fitted; here the clustered points are those of the fit.
type ZeroShot struct {
	// Labels holds the names, which must differ. Default none. [zeroshot_topic_list]
	Labels []string `json:"labels,omitempty"`
	// MinSimilarity is the least cosine with a label, up to 1. Default 0.7; with a negative number every
	// document belongs to a label. [zeroshot_min_similarity]
	MinSimilarity float64 `json:"min_similarity,omitempty"`
}

const maxZeroShot = 100_000 // labels

// floor returns the least cosine.
func (z ZeroShot) floor() float64 {
	switch {
	case z.MinSimilarity == 0:
		return 0.7
	case z.MinSimilarity < 0:
		return -1
	}
	return z.MinSimilarity
}

// clusterer returns the clusterer that is used.
func (c Config) clusterer() stage.Clusterer {
	if c.Clusterer == nil {
		return community.Config{}
	}
	return c.Clusterer
}

// run returns what the stage of a step is given.
func (c Config) run(step string) stage.Run {
	r := stage.Run{Seed: c.Seed, Workers: c.Workers}
	if c.Progress != nil {
		r.Progress = func(done, total int) { c.Progress(Progress{step, done, total}) }
	}
	return r
}

func (w Words) topWords() int           { return stage.Setting(w.TopWords, 10) }
func (w Words) representativeDocs() int { return stage.Setting(w.RepresentativeDocs, 3) }

// Validate reports every setting outside its range, those of the stages included.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(len(c.Seeds)+len(c.ZeroShot.Labels) == 0 || c.Embedder != nil, "topic.Config.Embedder", nil, "an embedder: seeds and zero-shot labels are embedded")
	return errors.Join(f.Err(), validatePart("topic.Config.Embedder", c.Embedder, "an embedder"), c.Words.validate(c.Embedder), c.validateSaved())
}

// validateSaved reports settings outside their range, of those that a saved model has.
func (c Config) validateSaved() error {
	var f check.Fields
	f.Want(c.Outliers == "" || c.Outliers == KeepOutliers || c.Outliers.assigns(), "topic.Config.Outliers", c.Outliers, "keep, soft or all")
	f.Want(c.Granularity.valid(), "topic.Config.Granularity", c.Granularity, granularities)
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "topic.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	for i, words := range c.Seeds {
		blank := slices.ContainsFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" })
		f.Want(len(words) > 0 && !blank, fmt.Sprintf("topic.Config.Seeds[%d]", i), fmt.Sprintf("%q", words), "one word or more, none of them blank")
	}
	f.Want(len(c.ZeroShot.Labels) <= maxZeroShot, "topic.Config.ZeroShot.Labels", len(c.ZeroShot.Labels), "up to 100,000 labels")
	for i, l := range c.ZeroShot.Labels {
		f.Want(strings.TrimSpace(l) != "" && slices.Index(c.ZeroShot.Labels, l) == i, fmt.Sprintf("topic.Config.ZeroShot.Labels[%d]", i), fmt.Sprintf("%q", l), "a label that is not blank and occurs once")
	}
	f.Want(c.ZeroShot.MinSimilarity <= 1, "topic.Config.ZeroShot.MinSimilarity", c.ZeroShot.MinSimilarity, "a number up to 1")
	return errors.Join(f.Err(), validatePart("topic.Config.Reducer", c.Reducer, "a reducer"), validatePart("topic.Config.Clusterer", c.Clusterer, "a clusterer"))
}

// validatePart reports a part of a configuration that is a nil pointer in an interface, and what its
// own Validate method reports. what names the part in words.
func validatePart(field string, part any, what string) error {
	if nilPointer(part) {
		return &stage.ConfigError{Field: field, Value: part, Want: what + "; this is a nil pointer in an interface"}
	}
	if v, ok := part.(stage.Validator); ok {
		return v.Validate()
	}
	return nil
}

// nilPointer reports whether v is an interface that holds a nil pointer or function.
func nilPointer(v any) bool {
	x := reflect.ValueOf(v)
	return (x.Kind() == reflect.Pointer || x.Kind() == reflect.Func) && x.IsNil()
}

// validate reports every setting outside its range, for use with an embedder, which may be nil.
func (w Words) validate(e stage.Embedder) error {
	const most = 10_000
	var f check.Fields
	f.Want(w.TopWords >= 0 && w.TopWords <= most, "topic.Config.TopWords", w.TopWords, "1 to 10,000, or 0 for 10")
	f.Want(w.RepresentativeDocs <= most, "topic.Config.RepresentativeDocs", w.RepresentativeDocs, "up to 10,000, or 0 for 3")
	f.Want(w.RepresentativeDiversity >= 0 && w.RepresentativeDiversity <= 1, "topic.Config.RepresentativeDiversity", w.RepresentativeDiversity, "a number in [0, 1]")
	return errors.Join(f.Err(), w.Vocabulary.Validate(), w.validateChains(e), validatePart("topic.Config.Weigher", w.Weigher, "a weigher"))
}
