package topic

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/topic/internal/place"
	"github.com/gobertopic/gobertopic/topic/internal/store"
)

// MergeModels makes one model of the documents of several, fitted with the same embedder and the same
// vocabulary. The topics of the first keep their IDs. Model by model, a topic whose embedding has a
// cosine of at least minSimilarity, in [−1, 1], with that of an earlier topic joins the one that it is
// most similar to; the others are added with the next IDs. 0.7 is a good value with all-MiniLM-L6-v2,
// and BERTopic's. Outliers stay outliers, documents keep their probabilities. A document that several
// models have gets, in all of them, the topic of the first model that gave it one. The embedding of a
// topic is the mean of all its documents, and words are counted over all. The last step of History
// says what each topic was made of.
//
// Transform asks every model for the topic of a new document; of those in whose region it lies, as for
// Grow, the most similar one takes it. The settings of the first model hold for the words, the outlier
// policy and growth; the rules of ReduceOutliers of all models hold, but those by probabilities only if
// every model has memberships. The models become part of the new one.
//
// BERTopic's merge_models compares the outliers of a model as if they were a topic, keeps the
// embeddings of the first model for joined topics, and has neither weights of words nor typical
// documents nor probabilities afterwards.
func MergeModels(ctx context.Context, models []*Model, minSimilarity float64) (*Model, error) {
	const operation = "merge models"
	fail := func(err error) (*Model, error) { return nil, fmt.Errorf("%s: %w", operation, err) }
	if err := mergeable(models, minSimilarity); err != nil {
		return fail(err)
	}
	first := models[0]
	d, err := mergedDocuments(models)
	if err != nil {
		return fail(err)
	}
	p, err := mergedPipeline(ctx, d, models)
	if err != nil {
		return fail(err)
	}
	sources := joinTopics(models, minSimilarity)
	g := &grouping{keepIDs: true, rules: mergedRules(models), assignments: joinedAssignments(models, sources)}
	shareTwins(d, g.assignments, models)
	sources = dropEmpty(g.assignments, sources)
	g.topics = listTopics(g.assignments)
	g.routes = mergedRoutes(d, p, g, sources)
	labelMerged(g, sources, models)
	moves, shares := first.grouping.moves(g)
	g.history = append(slices.Clone(first.grouping.history), Step{Operation: operation, Moves: moves, Sources: sources, Born: newTopics(g, shares)})
	words := first.description.words
	words.Weigher = guidedWeigher(words, first.pipeline.cfg.Seeds)
	w, err := describe(ctx, d, p, g, words, first.description.embedder)
	if err != nil {
		return fail(err)
	}
	return assemble(d, p, g, w), nil
}

// mergeable reports models that cannot be merged.
func mergeable(models []*Model, minSimilarity float64) error {
	var f check.Fields
	f.Want(minSimilarity >= -1 && minSimilarity <= 1, "topic.MergeModels minSimilarity", minSimilarity, "a number in [−1, 1]")
	if err := f.Err(); err != nil {
		return err
	}
	if len(models) < 2 {
		return fmt.Errorf("%d models, want two or more", len(models))
	}
	for k, m := range models {
		if m == nil {
			return fmt.Errorf("model %d is nil", k)
		}
		if err := m.whole("merge models"); err != nil {
			return fmt.Errorf("model %d: %w", k, err)
		}
		if err := mergedEmbedder(models[:k]).wants(m.pipeline.embedder); err != nil {
			return fmt.Errorf("model %d: %w", k, err)
		}
		switch dim, want := m.documents.embeddings.Cols, models[0].documents.embeddings.Cols; {
		case dim == 0:
			return fmt.Errorf("model %d: %w", k, ErrNoEmbeddings)
		case dim != want:
			return fmt.Errorf("model %d has embeddings of %d dimensions, model 0 of %d; all must have the same embedder", k, dim, want)
		}
		if name := otherVocabulary(models[0].description.words.Vocabulary, m.description.words.Vocabulary); name != "" {
			return fmt.Errorf("model %d has another Config.Vocabulary.%s than model 0; make them the same with UpdateTopics first", k, name)
		}
	}
	return nil
}

// otherVocabulary returns the name of a field in which two vocabularies differ, "" if there is none.
// Of functions it can only tell whether they are set.
func otherVocabulary(a, b ctfidf.Config) string {
	a.Workers, a.Progress, b.Workers, b.Progress = 0, nil, 0, nil
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		same := false
		switch p, q := x.Field(i), y.Field(i); p.Kind() {
		case reflect.Func, reflect.Interface:
			same = p.IsNil() == q.IsNil()
		case reflect.Slice, reflect.Map:
			same = p.Len() == 0 && q.Len() == 0 || reflect.DeepEqual(p.Interface(), q.Interface())
		default:
			same = reflect.DeepEqual(p.Interface(), q.Interface())
		}
		if !same {
			return x.Type().Field(i).Name
		}
	}
	return ""
}

// mergedDocuments returns the documents of all models, one model after the other.
func mergedDocuments(models []*Model) (*documents, error) {
	var texts []string
	var embeddings []blas32.General
	var precision store.Precision // the least exact of all
	for _, m := range models {
		texts, embeddings = append(texts, m.documents.texts...), append(embeddings, m.documents.embeddings)
		if p := m.documents.precision; !p.Exact() && precision != store.Int8 {
			precision = p
		}
	}
	x := precision.Round(dense.Stack(embeddings...))
	active, err := contentRows(texts, x)
	if err != nil {
		return nil, err
	}
	d := newDocuments(texts, active, x, nil)
	d.precision = precision
	if slices.ContainsFunc(models, func(m *Model) bool { return m.documents.order != nil }) {
		d.order = make([]int32, 0, d.n)
		for _, m := range models {
			before := len(d.order)
			for i := range m.documents.n {
				d.order = append(d.order, int32(before+m.documents.given(i)))
			}
		}
	}
	return d, nil
}

// mergedEmbedder returns the identity of the embedder of the first model that knows it.
func mergedEmbedder(models []*Model) embedderIdentity {
	for _, m := range models {
		if id := m.pipeline.embedder; id != "" {
			return id
		}
	}
	return ""
}

// mergedPipeline returns the pipeline whose clusterer is the models.
func mergedPipeline(ctx context.Context, d *documents, models []*Model) (*pipeline, error) {
	p := &pipeline{
		cfg: models[0].pipeline.cfg, embedder: mergedEmbedder(models), merged: len(models), sources: slices.Clone(models), union: &place.Union{},
	}
	p.cfg.Seeds, p.cfg.ZeroShot.Labels, p.cfg.Granularity = nil, nil, Granularity{}
	p.rows.points = d.x()
	offset := 0
	for k, m := range models {
		p.union.Sources = append(p.union.Sources, m.source(offset))
		for i := range m.documents.rows() {
			a := m.grouping.assignments[m.documents.doc(i)]
			if a.Topic != Outlier {
				a.Topic += offset
			}
			p.rows.labels, p.rows.strengths = append(p.rows.labels, a.Topic), append(p.rows.strengths, a.Probability)
		}
		offset += len(m.grouping.topics)
		for _, w := range slices.Concat(m.pipeline.warnings, m.outlierWarnings()) {
			if k > 0 {
				w = fmt.Errorf("model %d: %w", k, w)
			}
			p.warnings = append(p.warnings, w)
		}
	}
	p.accept = fitRegions(d, p.rows.labels, 0)
	p.union.Accept = p.accept
	var err error
	p.policy, err = calibratePolicy(ctx, d, p.cfg, p.rows.labels)
	return p, err
}

// source returns the model as a part of a union.
func (m *Model) source(offset int) place.Source {
	s := place.Source{Chain: m.chain(), Offset: offset, Topics: len(m.grouping.topics)}
	if !s.Chain.Soft() {
		return s
	}
	s.Probabilities = func(ctx context.Context, x blas32.General, top int) (sparse.CSR[float64], error) {
		return m.probabilities(ctx, x, nil, top)
	}
	s.Fitted = func(ctx context.Context, top int) (sparse.CSR[float64], error) {
		all, err := m.Probabilities(ctx, top)
		return pickRows(all, m.documents.givenByRow()), err
	}
	return s
}

// pickRows returns the given rows of a matrix; the matrix itself if index is nil.
func pickRows(x sparse.CSR[float64], index []int) sparse.CSR[float64] {
	if index == nil || x.Rows() == 0 {
		return x
	}
	out := sparse.CSR[float64]{Cols: x.Cols, RowPtr: make([]int, 1, len(index)+1)}
	for _, i := range index {
		cols, values := x.Row(i)
		out.Col, out.Value = append(out.Col, cols...), append(out.Value, values...)
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out
}

// mergedRules returns the outlier rules of all models that the new one can follow.
func mergedRules(models []*Model) []OutlierRule {
	soft := !slices.ContainsFunc(models, func(m *Model) bool { return !m.chain().Soft() })
	var out []OutlierRule
	for _, m := range models {
		for _, r := range m.grouping.rules {
			if (soft || r.Strategy != ByProbabilities) && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// joinTopics returns which topics of the models become one, in the order of the new topics.
func joinTopics(models []*Model, minSimilarity float64) []Source {
	var out []Source
	var sums [][]float64 // of the embeddings of the documents
	for k, m := range models {
		means := dense.New(len(out), m.documents.embeddings.Cols)
		for t, sum := range sums {
			dense.SetMean(dense.Row(means, t), sum, out[t].size())
		}
		c := dense.NewCentroids(means, nil)
		for _, id := range m.grouping.ids() {
			embedding := m.embedding(id)
			of := ModelTopic{Model: k, Topic: id, Size: m.grouping.topics[m.grouping.at(id)].size, Similarity: 1}
			to, cosine := c.Nearest(embedding)
			if to == dense.None || cosine < minSimilarity {
				to = len(out)
				out, sums = append(out, Source{Topic: to}), append(sums, make([]float64, len(embedding)))
			} else {
				of.Similarity = min(cosine, 1)
			}
			out[to].From = append(out[to].From, of)
			for j, v := range embedding {
				sums[to][j] += float64(float64(v) * float64(of.Size))
			}
		}
	}
	return out
}

// joinedAssignments returns the assignments of all documents to the new topics.
func joinedAssignments(models []*Model, sources []Source) []Assignment {
	into := make([]map[int]int, len(models)) // old topics → new ones
	for k := range into {
		into[k] = map[int]int{Outlier: Outlier}
	}
	for _, s := range sources {
		for _, f := range s.From {
			into[f.Model][f.Topic] = s.Topic
		}
	}
	var out []Assignment
	for k, m := range models {
		for _, a := range m.grouping.assignments {
			out = append(out, Assignment{into[k][a.Topic], a.Probability})
		}
	}
	return out
}

// shareTwins gives a document that several models have the topic of the first of them that gives it
// one.
func shareTwins(d *documents, assignments []Assignment, models []*Model) {
	var model []int // of the documents
	for k, m := range models {
		model = append(model, slices.Repeat([]int{k}, m.documents.n)...)
	}
	twin := make([]int, d.n) // the first document that is equal
	shared, topic := map[int]bool{}, map[int]Assignment{}
	for i := range d.rows() {
		doc := d.doc(i)
		f := d.find(d.texts[doc], d.embedding(doc))
		twin[doc] = f
		if _, ok := topic[f]; !ok && assignments[doc].Topic != Outlier {
			topic[f] = assignments[doc]
		}
		shared[f] = shared[f] || model[f] != model[doc]
	}
	for i := range d.rows() {
		doc := d.doc(i)
		f := twin[doc]
		if a, ok := topic[f]; ok && shared[f] && (model[f] != model[doc] || assignments[doc].Topic == Outlier) {
			assignments[doc] = a
		}
	}
}

// dropEmpty numbers the topics again without those that lost all documents to topics of other models.
func dropEmpty(assignments []Assignment, sources []Source) []Source {
	sizes := make([]int, len(sources))
	for _, a := range assignments {
		if a.Topic != Outlier {
			sizes[a.Topic]++
		}
	}
	var out []Source
	number := make([]int, len(sources))
	for t, s := range sources {
		if sizes[t] > 0 {
			number[t], s.Topic = len(out), len(out)
			out = append(out, s)
		}
	}
	for i := range assignments {
		if a := &assignments[i]; a.Topic != Outlier {
			a.Topic = number[a.Topic]
		}
	}
	return out
}

// mergedRoutes returns where the labels of the models lead: to the topic that they are a source of,
// otherwise to where their documents are.
func mergedRoutes(d *documents, p *pipeline, g *grouping, sources []Source) map[int][]int {
	routes := map[int][]int{}
	for _, s := range sources {
		for _, f := range s.From {
			routes[p.union.Sources[f.Model].Offset+f.Topic] = []int{s.Topic}
		}
	}
	lost := map[int][]int{}
	for i, l := range p.rows.labels {
		if t := g.assignments[d.doc(i)].Topic; l != Outlier && routes[l] == nil && t != Outlier {
			lost[l] = append(lost[l], t)
		}
	}
	for l, topics := range lost {
		slices.Sort(topics)
		routes[l] = slices.Compact(topics)
	}
	return routes
}

// labelMerged gives topics the label that more than half of their documents had.
func labelMerged(g *grouping, sources []Source, models []*Model) {
	for _, s := range sources {
		sizes := map[string]int{}
		for _, f := range s.From {
			old := models[f.Model].grouping
			label := old.topics[old.at(f.Topic)].label
			if sizes[label] += f.Size; 2*sizes[label] > s.size() {
				g.topics[g.at(s.Topic)].label = label
				break
			}
		}
	}
	if old := models[0].grouping; g.has(Outlier) && old.has(Outlier) {
		g.topics[0].label = old.topics[0].label
	}
}
