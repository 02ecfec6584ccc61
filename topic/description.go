package topic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// description is the fourth part of a model: what sets the topics apart. It is immutable.
type description struct {
	words    Words
	embedder stage.Embedder // for words that are weighed or compared later; nil: none
	topics   []described
	counts   ctfidf.Counts
	weights  ctfidf.Weights
	warnings []error
	unread   *stored // counts and weights
}

// described is the description of a topic. The order is that of the topics of the grouping.
type described struct {
	name           string
	terms          []ctfidf.Term
	aspects        map[string][]ctfidf.Term
	representative []int     // documents, the most typical first
	embedding      []float32 // mean of the embeddings of its documents
}

// candidateTerms is the least number of terms per topic that representers choose from; BERTopic's 30.
const candidateTerms = 30

// describe counts and weighs the words of the topics, and finds their names and typical documents.
func describe(ctx context.Context, d *documents, p *pipeline, g *grouping, words Words, e stage.Embedder) (*description, error) {
	if len(words.missing) > 0 {
		return nil, fmt.Errorf("words: %w: %s", ErrUnsaved, strings.Join(words.missing, ", "))
	}
	w := &description{words: words, embedder: e, topics: make([]described, len(g.topics))}
	means := meanEmbeddings(d, p, g)
	for i := range w.topics {
		w.topics[i].embedding = dense.Row(means, i)
	}
	err := w.weigh(ctx, d, p, g)
	if err == nil {
		err = w.represent(ctx, d, p, g, means)
	}
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return w, nil
}

// weigh counts the words of the topics and weighs them.
func (w *description) weigh(ctx context.Context, d *documents, p *pipeline, g *grouping) error {
	cfg := w.vocabulary(p)
	cfg.Progress = p.cfg.run("words").Progress
	counts, err := w.count(ctx, d, p, g, cfg)
	if errors.Is(err, ctfidf.ErrEmptyVocabulary) {
		w.warn("%w; the topics have no terms", ctfidf.ErrEmptyVocabulary)
		return nil
	}
	if err != nil {
		return err
	}
	w.counts = counts
	w.weights, err = w.weighCounts(ctx, p, counts)
	return err
}

func (w *description) warn(format string, args ...any) {
	w.warnings = append(w.warnings, fmt.Errorf("words: "+format, args...))
}

// vocabulary returns the settings for counting within the model.
func (w *description) vocabulary(p *pipeline) ctfidf.Config {
	cfg := w.words.Vocabulary
	cfg.Workers, cfg.Progress = p.cfg.Workers, nil
	return cfg
}

// softTopics is the greatest number of topics that a document counts in if it is counted by its
// memberships.
const softTopics = 10

// count counts the terms of the topics: by memberships if the weigher needs them and the clusterer
// has them, otherwise documents whole. By memberships each document counts in its nearest topics as
// strongly as it belongs there, and among the outliers as strongly as it belongs nowhere; n-grams
// then lie within one document, as if ctfidf.Config.Join were not set.
func (w *description) count(ctx context.Context, d *documents, p *pipeline, g *grouping, cfg ctfidf.Config) (ctfidf.Counts, error) {
	// N-grams of joined documents reach from one document into the next: which do is decided by the order
	// in which the documents were given, as in BERTopic.
	texts, classes := d.texts, g.classes()
	if cfg.Join && cfg.NGramMax > 1 {
		texts, classes = restore(texts, d.order), restore(classes, d.order)
	}
	if !ctfidf.NeedsOf(w.words.weigher()).Memberships {
		return d.batches.Count(ctx, texts, classes, cfg)
	}
	m := assemble(d, p, g, w)
	if !m.chain().Soft() {
		w.warn("the clusterer has no memberships; documents are counted whole")
		return d.batches.Count(ctx, texts, classes, cfg)
	}
	memberships, err := m.topicMemberships(ctx)
	if err != nil {
		return ctfidf.Counts{}, err
	}
	cfg.Join = false
	counts, err := ctfidf.CountSoft(ctx, d.texts, memberships, cfg)
	if err != nil {
		return ctfidf.Counts{}, err
	}
	for i := range counts.Classes {
		counts.Classes[i] = g.topics[i].id
	}
	return counts, nil
}

// meanEmbeddings returns the mean embedding of each topic's documents, summed in the order of the
// documents.
func meanEmbeddings(d *documents, p *pipeline, g *grouping) blas32.General {
	means := dense.New(len(g.topics), d.embeddings.Cols)
	members := g.members()
	// Nothing cancels the loop: it cannot fail.
	_ = parallel.Loop{Workers: p.cfg.Workers, Block: 1}.Run(context.Background(), len(members), func(_, t, _ int) error {
		dense.SetMean(dense.Row(means, t), dense.Sum(d.embeddings, members[t]), g.topics[t].size)
		return nil
	})
	return means
}

// represent finds the typical documents, the terms, the aspects and the names of the topics.
func (w *description) represent(ctx context.Context, d *documents, p *pipeline, g *grouping, means blas32.General) error {
	v := View{
		Docs: d.texts, Topics: g.classes(), Embeddings: d.embeddings, Means: means, Embedder: w.embedder,
		Weights: w.weights, Vocabulary: w.vocabulary(p), TopWords: w.words.topWords(), Run: p.cfg.run(""), ranked: &ranked{},
		IDs: g.all(), Representative: make([][]int, len(g.topics)),
	}
	v.Run.Progress = nil
	candidates := make([][]ctfidf.Term, len(g.topics))
	if w.weights.Rows.Rows() > 0 {
		for i := range candidates {
			candidates[i] = w.weights.TopTerms(i, max(candidateTerms, v.TopWords))
		}
		var err error
		if v.Representative, err = v.Typical(ctx, w.words.representativeDocs(), w.words.RepresentativeDiversity); err != nil {
			return err
		}
	}
	for i := range w.topics {
		w.topics[i].representative = v.Representative[i]
	}
	r := representing{w: w, view: v, candidates: candidates, progress: p.cfg.Progress}
	return r.run(ctx)
}

// name returns the ID of a topic with its first four terms.
func name(id int, terms []ctfidf.Term) string {
	parts := []string{strconv.Itoa(id)}
	for _, t := range terms[:min(4, len(terms))] {
		parts = append(parts, t.Term)
	}
	return strings.Join(parts, "_")
}

// centroids returns the embeddings of topics, whose places are given by at.
func (w *description) centroids(ids []int, at func(id int) int) dense.Centroids {
	var c dense.Centroids
	for _, id := range ids {
		c.Add(id, w.topics[at(id)].embedding)
	}
	return c
}

// weighTexts returns the weights of texts, a row each. It has no rows if the topics have no terms.
func (w *description) weighTexts(ctx context.Context, p *pipeline, texts []string) (sparse.CSR[float64], error) {
	if w.weights.Rows.Rows() == 0 {
		return sparse.CSR[float64]{}, nil
	}
	counts, err := w.counts.Documents(ctx, texts, w.vocabulary(p))
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	return w.weights.Transform(counts)
}

// check reports what does not go with the other parts.
func (w *description) check(d *documents, p *pipeline, g *grouping) error {
	if err := w.checkTopics(d, g); err != nil {
		return err
	}
	if err := w.checkMeans(d, p, g); err != nil {
		return err
	}
	if w.weights.Rows.Rows() == 0 || len(w.words.Representers) > 0 || len(w.words.missing) > 0 {
		return nil
	}
	for i, t := range w.topics {
		if want := w.weights.TopTerms(i, w.words.topWords()); !slices.Equal(want, t.terms) {
			return fmt.Errorf("topic %d has the terms %v, its weights say %v", g.topics[i].id, t.terms, want)
		}
	}
	return nil
}

// checkMeans reports topics whose embedding is not the mean of those of their documents: to the bit, or,
// where these were rounded or joined to rounded ones, about.
func (w *description) checkMeans(d *documents, p *pipeline, g *grouping) error {
	if d.withoutRows {
		return nil
	}
	means := meanEmbeddings(d, p, g)
	for i, t := range w.topics {
		mean := dense.Row(means, i)
		if !slices.Equal(mean, t.embedding) && (d.precision.Exact() || dense.Cosine(mean, t.embedding) < 0.999) {
			return fmt.Errorf("topic %d has an embedding that is not the mean of those of its documents", g.topics[i].id)
		}
	}
	return nil
}

// checkTopics reports descriptions that are not of the topics.
func (w *description) checkTopics(d *documents, g *grouping) error {
	if len(w.topics) != len(g.topics) {
		return fmt.Errorf("%d topics are described, there are %d", len(w.topics), len(g.topics))
	}
	aspects := slices.Sorted(maps.Keys(w.topics[0].aspects))
	for i, t := range w.topics {
		id := g.topics[i].id
		switch {
		case t.name != name(id, t.terms):
			return fmt.Errorf("topic %d has the name %q", id, t.name)
		case len(t.embedding) != d.embeddings.Cols:
			return fmt.Errorf("topic %d has an embedding of %d dimensions, not %d", id, len(t.embedding), d.embeddings.Cols)
		case !slices.Equal(slices.Sorted(maps.Keys(t.aspects)), aspects):
			return fmt.Errorf("topic %d has other aspects than topic %d", id, g.topics[0].id)
		}
		for _, doc := range t.representative {
			if doc < 0 || doc >= len(g.assignments) || g.assignments[doc].Topic != id {
				return fmt.Errorf("topic %d is represented by document %d, which is not its own", id, doc)
			}
		}
	}
	return w.checkClasses(g.all())
}

// checkClasses reports counts and weights that are not of the topics ids.
func (w *description) checkClasses(ids []int) error {
	if w.weights.Rows.Rows() > 0 && (!slices.Equal(w.counts.Classes, ids) || !slices.Equal(w.weights.Classes, ids)) {
		return fmt.Errorf("there are counts of the topics %v and weights of %v, the model has %v", w.counts.Classes, w.weights.Classes, ids)
	}
	return nil
}
