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
)

// Source says which topics of which models a topic was made of.
type Source struct {
	Topic int
	From  []ModelTopic // by model and topic
}

// ModelTopic is a topic of one of the models that were merged.
type ModelTopic struct {
	Model, Topic int // Model is the place among the models, from 0
	Size         int // documents it had there
	// Similarity is the cosine of its embedding with that of the topic it was joined to, as it was then; 1 for the topic that
	// others were joined to.
	Similarity float64
}

// MergeModels makes one model of the documents of several, fitted with the same embedder and the same vocabulary. The topics of
// the first keep their IDs. Model by model, a topic whose embedding has a cosine of at least least, in [−1, 1], with that of
// a topic that is there already joins the one it is most alike; the others are added with the next IDs. 0.7 is a
// good least with all-MiniLM-L6-v2, and BERTopic's. Outliers stay outside, documents keep their probabilities; a document that
// several models have goes, in all of them, where the first of the models that gave it a topic has it. Embeddings are the means
// of all documents of a topic, and words are counted over all. The last step of History says what each topic was made of.
//
// Transform asks every model for the topic of a new document, and of those where it is at home, as for Grow, the
// topic that it is most alike has it. The settings of the first model hold for the words, for Outliers and for Grow, and the
// rules of ReduceOutliers of all models; those by probabilities end where a model has none (ErrNoMemberships). The models must not be changed; they are part of the new one.
//
// BERTopic's merge_models compares the outliers of a model as if they were a topic, keeps the embeddings of the first model for
// joined topics, and has neither weights of words nor typical documents nor probabilities afterwards.
func MergeModels(ctx context.Context, models []*Model, least float64) (*Model, error) {
	const operation = "merge models"
	if err := mergeable(models, least); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	first := models[0]
	out := &Model{
		cfg: first.cfg, known: &known{}, unordered: true, sources: slices.Clone(models),
	}
	// What is special about the fit of a model is its own affair.
	out.cfg.Weigher = first.cfg.weigher()
	out.cfg.Seeds, out.cfg.ZeroShot.Labels, out.cfg.Topics = nil, nil, 0
	var embeddings []blas32.General
	members := allHaveMemberships(models)
	for k, m := range models {
		embeddings = append(embeddings, m.embeddings)
		out.docs = append(out.docs, m.docs...)
		for _, r := range m.rescues {
			if (members || r.Strategy != ByProbabilities) && !slices.Contains(out.rescues, r) {
				out.rescues = append(out.rescues, r)
			}
		}
		for _, w := range slices.Concat(m.fitWarnings, m.warnOfOutliers()) {
			if k > 0 {
				w = fmt.Errorf("model %d: %w", k, w)
			}
			out.fitWarnings = append(out.fitWarnings, w)
		}
	}
	out.embeddings = dense.Stack(embeddings...)
	var err error
	if out.active, err = withText(out.docs); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	out.reduction = identity{dense.Pick(out.embeddings, out.active)}
	if err := out.cluster(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}

	sources := joinTopics(models, least)
	into := map[int]int{} // labels → topics
	offsets := labelOffsets(models)
	for _, s := range sources {
		for _, f := range s.From {
			into[offsets[f.Model]+f.Topic] = s.Topic
		}
	}
	out.assignments = nil
	for k, m := range models {
		for _, a := range m.assignments {
			if a.Topic != Outlier {
				a.Topic = into[offsets[k]+a.Topic]
			}
			out.assignments = append(out.assignments, a)
		}
	}
	out.shareTwins()
	sources = out.dropEmpty(sources)
	out.listTopics()
	out.routes = out.routesOf(sources, offsets)
	out.label(sources)

	moves, shares := first.moves(out)
	step := Step{Operation: operation, Moves: moves, Sources: sources}
	for i, of := range shares {
		if len(of) == 0 {
			step.Born = append(step.Born, out.topics[i].ID)
		}
	}
	out.history = append(slices.Clone(first.history), step)
	if err := out.describe(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return out, nil
}

// mergeable reports models that cannot be merged.
func mergeable(models []*Model, least float64) error {
	var f check.Fields
	f.Want(least >= -1 && least <= 1, "topic.MergeModels least", least, "a number in [−1, 1]")
	if err := f.Err(); err != nil {
		return err
	}
	if len(models) < 2 {
		return fmt.Errorf("%d models, want two or more", len(models))
	}
	for k, m := range models {
		switch {
		case m == nil:
			return fmt.Errorf("model %d is nil", k)
		case m.embeddings.Cols == 0:
			return fmt.Errorf("model %d: %w", k, ErrNoEmbeddings)
		case m.embeddings.Cols != models[0].embeddings.Cols:
			return fmt.Errorf("model %d has embeddings of %d dimensions, model 0 of %d; all must have the same embedder", k, m.embeddings.Cols, models[0].embeddings.Cols)
		}
		if name := otherVocabulary(models[0].cfg.Vocabulary, m.cfg.Vocabulary); name != "" {
			return fmt.Errorf("model %d has another Config.Vocabulary.%s than model 0; make them the same with UpdateTopics first", k, name)
		}
	}
	return nil
}

// otherVocabulary is the name of a field in which two vocabularies differ, "" when there is none. Of functions it can only be
// told whether they are there.
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

// joinTopics says which topics of the models become one, in the order of the new topics.
func joinTopics(models []*Model, least float64) []Source {
	var out []Source
	var sums [][]float64 // of the embeddings of the documents
	for k, m := range models {
		there := len(out)
		means := dense.New(there, m.embeddings.Cols)
		for t, sum := range sums {
			dense.SetMean(dense.Row(means, t), sum, size(out[t]))
		}
		c := dense.NewCentroids(means, nil)
		for _, id := range m.topicIDs() {
			t := m.topics[id+m.outliers()]
			of := ModelTopic{Model: k, Topic: id, Size: t.Size, Similarity: 1}
			to, cosine := c.Nearest(t.Embedding)
			if to == Outlier || cosine < least {
				to = len(out)
				out, sums = append(out, Source{Topic: to}), append(sums, make([]float64, m.embeddings.Cols))
			} else {
				of.Similarity = min(cosine, 1)
			}
			out[to].From = append(out[to].From, of)
			for j, v := range t.Embedding {
				sums[to][j] += float64(float64(v) * float64(t.Size))
			}
		}
	}
	return out
}

func size(s Source) (n int) {
	for _, f := range s.From {
		n += f.Size
	}
	return n
}

// shareTwins gives a document that several models have the topic in the first of them that gives it one.
func (m *Model) shareTwins() {
	var model []int // of the documents
	for k, s := range m.sources {
		model = append(model, slices.Repeat([]int{k}, len(s.docs))...)
	}
	twin := make([]int, len(m.docs)) // the first document like it
	shared, topic := map[int]bool{}, map[int]Assignment{}
	for i := range m.fitted() {
		doc := m.document(i)
		f := m.known.find(m, m.docs[doc], dense.Row(m.embeddings, doc))
		twin[doc] = f
		if _, ok := topic[f]; !ok && m.assignments[doc].Topic != Outlier {
			topic[f] = m.assignments[doc]
		}
		shared[f] = shared[f] || model[f] != model[doc]
	}
	for i := range m.fitted() {
		doc := m.document(i)
		f := twin[doc]
		if a, ok := topic[f]; ok && shared[f] && (model[f] != model[doc] || m.assignments[doc].Topic == Outlier) {
			m.assignments[doc] = a
		}
	}
}

// dropEmpty numbers the topics again without those that lost all documents to topics of other models.
func (m *Model) dropEmpty(sources []Source) []Source {
	sizes := make([]int, len(sources))
	for _, a := range m.assignments {
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
	for i := range m.assignments {
		if a := &m.assignments[i]; a.Topic != Outlier {
			a.Topic = number[a.Topic]
		}
	}
	return out
}

// routesOf is where the labels of the models lead: to the topic they are a source of, otherwise to where their documents are.
func (m *Model) routesOf(sources []Source, offsets []int) map[int][]int {
	routes := map[int][]int{}
	for _, s := range sources {
		for _, f := range s.From {
			routes[offsets[f.Model]+f.Topic] = []int{s.Topic}
		}
	}
	lost := map[int][]int{}
	for i, l := range m.clustering.Labels() {
		if t := m.assignments[m.document(i)].Topic; l != Outlier && routes[l] == nil && t != Outlier {
			lost[l] = append(lost[l], t)
		}
	}
	for l, topics := range lost {
		slices.Sort(topics)
		routes[l] = slices.Compact(topics)
	}
	return routes
}

// label gives topics the label that more than half of their documents had.
func (m *Model) label(sources []Source) {
	for _, s := range sources {
		t := &m.topics[s.Topic+m.outliers()]
		sizes := map[string]int{}
		for _, f := range s.From {
			old := m.sources[f.Model]
			label := old.topics[f.Topic+old.outliers()].Label
			if sizes[label] += f.Size; 2*sizes[label] > size(s) {
				t.Label = label
				break
			}
		}
	}
	if m.topics[0].ID == Outlier && m.sources[0].topics[0].ID == Outlier {
		m.topics[0].Label = m.sources[0].topics[0].Label
	}
}
