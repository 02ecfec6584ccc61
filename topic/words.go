package topic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// candidateTerms is the number of terms per topic that representers choose from, at the least; BERTopic's 30.
const candidateTerms = 30

// terms is what the documents of the topics say: how often each term stands in each topic, and its weight there.
type terms struct {
	mu      sync.Mutex // for models that were loaded: they count when they are first asked
	counted bool
	counts  ctfidf.Counts
	weights ctfidf.Weights
	whole   bool // documents were counted whole, though the weigher is a soft one
}

// Counts is how often each term stands in each topic: a row per topic, in the order of Topics. It has no rows when no
// document has a word. A model that was loaded counts its documents when it is first asked.
func (m *Model) Counts(ctx context.Context) (ctfidf.Counts, error) {
	err := m.countTerms(ctx)
	return m.terms.counts, err
}

// Weights is the weight of each term in each topic, the matrix that BERTopic calls c_tf_idf_: a row per topic, in the order
// of Topics. It has no rows when no document has a word.
func (m *Model) Weights(ctx context.Context) (ctfidf.Weights, error) {
	err := m.countTerms(ctx)
	return m.terms.weights, err
}

// countTerms fills m.terms, unless that was done before.
func (m *Model) countTerms(ctx context.Context) error {
	m.terms.mu.Lock()
	defer m.terms.mu.Unlock()
	if m.terms.counted {
		return nil
	}
	if len(m.cfg.unsaved) > 0 {
		return fmt.Errorf("%s: %w: %s", StageWords, ErrUnsaved, strings.Join(m.cfg.unsaved, ", "))
	}
	counts, err := m.count(ctx, m.vocabulary())
	if errors.Is(err, ctfidf.ErrEmptyVocabulary) {
		m.terms.counted = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", StageWords, err)
	}
	weights, err := m.weigh(ctx, counts)
	if err != nil {
		return fmt.Errorf("%s: %w", StageWords, err)
	}
	m.terms.counts, m.terms.weights, m.terms.counted = counts, weights, true
	return nil
}

// vocabulary is the configuration for counting within the model.
func (m *Model) vocabulary() ctfidf.Config {
	cfg := m.cfg.Vocabulary
	cfg.Workers, cfg.Progress = m.cfg.Workers, m.cfg.report(StageWords)
	return cfg
}

// classes is the topic of each document.
func (m *Model) classes() []int {
	out := make([]int, len(m.assignments))
	for i, a := range m.assignments {
		out[i] = a.Topic
	}
	return out
}

// describe is the last arrow: topics to words, representative documents, mean embeddings and names. It starts from the
// assignments and the list of topics.
func (m *Model) describe(ctx context.Context) error {
	means := m.embedTopics()
	m.terms = &terms{}
	if err := m.countTerms(ctx); err != nil {
		return err
	}
	if m.terms.whole {
		m.warnings = append(m.warnings, fmt.Errorf("%s: the clusterer has no memberships; ctfidf.Soft weighs whole documents", StageWords))
	}
	v := m.view()
	v.Means = means
	candidates := make([][]Term, len(m.topics))
	if v.Weights = m.terms.weights; v.Weights.Rows.Rows() == 0 {
		m.warnings = append(m.warnings, fmt.Errorf("%s: %w; the topics have no terms", StageWords, ctfidf.ErrEmptyVocabulary))
	} else {
		for i := range m.topics {
			candidates[i] = v.Weights.TopTerms(i, max(candidateTerms, m.cfg.TopWords))
		}
		var err error
		if v.Representative, err = v.Typical(ctx, m.cfg.RepresentativeDocs, m.cfg.RepresentativeDiversity); err != nil {
			return fmt.Errorf("%s: %w", StageWords, err)
		}
	}

	for i := range m.topics {
		m.topics[i].Representative = v.Representative[i]
	}
	if err := m.represent(ctx, v, candidates); err != nil {
		return fmt.Errorf("%s: %w", StageWords, err)
	}
	return nil
}

// embedTopics gives the topics their embeddings, which are also the rows of the result.
func (m *Model) embedTopics() blas32.General {
	means := m.meanEmbeddings()
	for i := range m.topics {
		m.topics[i].Embedding = dense.Row(means, i)
	}
	return means
}

// meanEmbeddings is the mean embedding of each topic's documents, summed in float64 in the order of the documents.
func (m *Model) meanEmbeddings() blas32.General {
	dim, first := m.embeddings.Cols, m.topics[0].ID
	means := dense.New(len(m.topics), dim)
	docs := make([][]int, len(m.topics))
	for doc, a := range m.assignments {
		docs[a.Topic-first] = append(docs[a.Topic-first], doc)
	}
	// Nothing is cancelled here: the loop cannot fail.
	_ = parallel.Loop{Workers: m.cfg.Workers, Block: 1}.Run(context.Background(), len(docs), func(_, t, _ int) error {
		dense.SetMean(dense.Row(means, t), dense.Sum(m.embeddings, docs[t]), m.topics[t].Size)
		return nil
	})
	return means
}

// members lists the documents of each label that is at least from, ascending.
func (m *Model) members(labels []int, from int) map[int][]int {
	out := map[int][]int{}
	for i, l := range labels {
		if l >= from {
			out[l] = append(out[l], m.document(i))
		}
	}
	return out
}
