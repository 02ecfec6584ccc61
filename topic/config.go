package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
	"github.com/gobertopic/gobertopic/internal/check"
)

// Config says which stages make a model and how.
type Config struct {
	// Embedder turns documents into vectors. nil: the documents come with embeddings (FitEmbedded), and the model cannot
	// embed new ones (TransformEmbedded still works). BERTopic's embedding_model.
	Embedder Embedder
	// Reducer maps the embeddings to points of few dimensions. nil: the embeddings themselves are clustered. BERTopic's
	// umap_model.
	Reducer Reducer
	// Clusterer groups the points. Required. BERTopic's hdbscan_model.
	Clusterer Clusterer
	// Outliers is what becomes of documents that the clusterer leaves outside. Default KeepOutliers: the communities of
	// DefaultConfig leave out only what has no neighbours, topic.Given what the caller said is outside, and BERTopicConfig is to
	// do as BERTopic does, which leaves a third outside; SoftOutliers serves there.
	Outliers OutlierPolicy
	// Topics is the number of topics, the outliers not counted, that a fit is to end with: those that the clusterer found are
	// merged as by ReduceTopics until there are so many, or as by ReduceTopicsAuto with AutoTopics. Where Communities is to choose
	// its layer itself, it takes the one with the fewest communities that are enough. Default 0: as many as are found, which is
	// also what there is when fewer are found than are wanted; Warnings says so. BERTopic's nr_topics, which counts the outliers.
	Topics int
	// Vocabulary says what a word is and which words count. Its Workers and Progress are set from Run. BERTopic's
	// vectorizer_model.
	Vocabulary ctfidf.Config
	// Weigher weighs the words of the topics. Required. BERTopic's ctfidf_model.
	Weigher Weigher
	// Representers rewrite the terms of the topics, one after the other; package represent has some. BERTopic's
	// representation_model, a list or its "Main".
	Representers []Representer
	// Aspects are further descriptions of the topics beside their terms, each made from the same candidates. Names must
	// differ. BERTopic's other entries of a representation_model that is a dict.
	Aspects []Aspect
	// TopWords is the number of terms per topic, at least 1. Default 10; BERTopic's top_n_words. Representers are given
	// the best 30 or TopWords terms, whichever is more.
	TopWords int
	// RepresentativeDocs is the number of typical documents kept per topic, 0 or more. Default 3.
	RepresentativeDocs int
	// RepresentativeDiversity, in [0, 1], is how much weight it has that the typical documents of a topic differ from each
	// other; see View.Typical. Default 0: they are those closest to the topic.
	RepresentativeDiversity float64

	// Seeds guide the fit: each is the words of a topic that is looked for. The embedding of a document that is closer to
	// the text of a seed than to the mean of the documents is drawn a quarter of the way to it and the reducer is told of
	// the seed as its class, so that such documents come to lie together; the weight of the seeds' words is raised (see
	// ctfidf.Weighting.GuidedWords). Data.Classes are not used then. Default none. BERTopic's seed_topic_list.
	Seeds [][]string
	// ZeroShot names topics beforehand.
	ZeroShot ZeroShot

	// Notes are texts that Save keeps for the caller, by name; ReadNotes has them before a model is loaded, so that what a
	// file cannot hold can be made again and given to Load. Default none.
	Notes map[string]string

	Run

	unsaved []string // what a loaded model was fitted with and a file could not hold
}

// Validate reports every field outside its range at once, and what the stages' own Validate methods say.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.Clusterer != nil, "topic.Config.Clusterer", nil, "a clusterer; topic.DefaultConfig has one")
	f.Want(c.Weigher != nil, "topic.Config.Weigher", nil, "a weigher; topic.DefaultConfig has one")
	f.Want(c.Outliers == "" || c.Outliers == KeepOutliers || c.Outliers.places(), "topic.Config.Outliers", c.Outliers, "keep, soft or all")
	f.Want(c.Topics >= AutoTopics, "topic.Config.Topics", c.Topics, "a number of topics, 0 for as many as are found, or AutoTopics")
	f.Want(c.TopWords >= 1, "topic.Config.TopWords", c.TopWords, "1 or more")
	f.Want(c.RepresentativeDocs >= 0, "topic.Config.RepresentativeDocs", c.RepresentativeDocs, "0 or more")
	f.Want(c.Workers >= 0, "topic.Config.Workers", c.Workers, "0 (GOMAXPROCS) or more")
	f.Want(c.RepresentativeDiversity >= 0 && c.RepresentativeDiversity <= 1, "topic.Config.RepresentativeDiversity", c.RepresentativeDiversity, "a number in [0, 1]")
	for i, words := range c.Seeds {
		f.Want(len(words) > 0 && !slices.Contains(words, ""), fmt.Sprintf("topic.Config.Seeds[%d]", i), words, "one word or more, none of them empty")
	}
	f.Want(len(c.Seeds)+len(c.ZeroShot.Labels) == 0 || c.Embedder != nil, "topic.Config.Embedder", nil, "an embedder: seeds and zero-shot labels are embedded")
	for i, l := range c.ZeroShot.Labels {
		f.Want(l != "" && slices.Index(c.ZeroShot.Labels, l) == i, fmt.Sprintf("topic.Config.ZeroShot.Labels[%d]", i), l, "a label that is not empty and stands once")
	}
	f.Want(c.ZeroShot.MinSimilarity >= -1 && c.ZeroShot.MinSimilarity <= 1, "topic.Config.ZeroShot.MinSimilarity", c.ZeroShot.MinSimilarity, "a number in [−1, 1]")
	errs := []error{f.Err(), c.Vocabulary.Validate(), c.validateChains()}
	for _, stage := range []any{c.Embedder, c.Reducer, c.Clusterer, c.Weigher} {
		if v, ok := stage.(Validator); ok {
			errs = append(errs, v.Validate())
		}
	}
	return errors.Join(errs...)
}

// miniLM is the default embedder. It loads the weights when it is first used, so that making a Config costs nothing.
type miniLM struct {
	once sync.Once
	enc  *bert.Encoder
	err  error
}

func (m *miniLM) load() (*bert.Encoder, error) {
	m.once.Do(func() { m.enc, m.err = minilm.New(bert.DefaultConfig()) })
	return m.enc, m.err
}

// Embed embeds texts with as many workers as there are processors.
func (m *miniLM) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return m.EmbedWith(ctx, texts, embed.Options{})
}

// EmbedWith embeds texts.
func (m *miniLM) EmbedWith(ctx context.Context, texts []string, opt embed.Options) (blas32.General, error) {
	enc, err := m.load()
	if err != nil {
		return blas32.General{}, err
	}
	return enc.EmbedWith(ctx, texts, opt)
}

// Tokens is that of the encoder: word pieces are a measure for representers that cut documents. None when the weights do
// not load.
func (m *miniLM) Tokens(text string) (ids []int32, cut bool) {
	enc, err := m.load()
	if err != nil {
		return nil, false
	}
	return enc.Tokens(text)
}
