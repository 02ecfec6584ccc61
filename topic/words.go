package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
)

const (
	// candidateTerms is the number of terms per topic that representers choose from, at the least; BERTopic's 30.
	candidateTerms = 30
	// representativeSample is the number of documents per topic that representative ones are chosen from; BERTopic's
	// nr_samples.
	representativeSample = 500
)

// describe is the last arrow: topics to words, representative documents, mean embeddings and names.
func (m *Model) describe(ctx context.Context) error {
	classes := make([]int, len(m.docs))
	for i, a := range m.assignments {
		classes[i] = a.Topic
	}
	cfg := m.cfg.Vocabulary
	cfg.Workers, cfg.Progress = m.cfg.Workers, m.cfg.report(StageWords)

	candidates := make([][]Term, len(m.topics))
	counts, err := ctfidf.Count(ctx, m.docs, classes, cfg)
	switch {
	case errors.Is(err, ctfidf.ErrEmptyVocabulary):
		m.warnings = append(m.warnings, fmt.Errorf("%s: %w; the topics have no terms", StageWords, err))
	case err != nil:
		return err
	default:
		weights, err := m.weigh(ctx, counts)
		if err != nil {
			return err
		}
		for i := range m.topics {
			candidates[i] = weights.TopTerms(i, max(candidateTerms, m.cfg.TopWords))
		}
		if err := m.chooseRepresentative(ctx, counts, weights, cfg); err != nil {
			return err
		}
	}

	means := m.meanEmbeddings()
	for i := range m.topics {
		m.topics[i].Embedding = row(means, i)
	}
	if candidates, err = m.represent(ctx, candidates, classes, means); err != nil {
		return err
	}
	for i := range m.topics {
		t := &m.topics[i]
		t.Terms = candidates[i][:min(len(candidates[i]), m.cfg.TopWords)]
		t.Name = name(t.ID, t.Terms)
	}
	return nil
}

// represent passes the candidate terms through the configured representers.
func (m *Model) represent(ctx context.Context, terms [][]Term, classes []int, means blas32.General) ([][]Term, error) {
	if len(m.cfg.Representers) == 0 {
		return terms, nil
	}
	v := View{Docs: m.docs, Topics: classes, Embeddings: m.embeddings, Means: means, Embedder: m.cfg.Embedder}
	for _, t := range m.topics {
		v.IDs = append(v.IDs, t.ID)
		v.Representative = append(v.Representative, t.Representative)
	}
	for i, r := range m.cfg.Representers {
		out, err := r.Represent(ctx, v, terms)
		if err == nil && len(out) != len(terms) {
			err = fmt.Errorf("terms for %d topics, want %d", len(out), len(terms))
		}
		if err != nil {
			return nil, fmt.Errorf("representer %d (%T): %w", i, r, err)
		}
		terms = out
	}
	return terms, nil
}

// chooseRepresentative finds the documents of each topic whose c-TF-IDF is closest to the topic's, as BERTopic's
// _extract_representative_docs does among a sample of 500; the sample here is evenly spread over the topic's documents
// and has each of them once. A text stands once however often it occurs.
func (m *Model) chooseRepresentative(ctx context.Context, counts ctfidf.Counts, weights ctfidf.Weights, cfg ctfidf.Config) error {
	if m.cfg.RepresentativeDocs == 0 {
		return nil
	}
	members := make([][]int, len(m.topics))
	first := m.topics[0].ID
	for doc, a := range m.assignments {
		members[a.Topic-first] = append(members[a.Topic-first], doc)
	}
	var sample []int
	for t, docs := range members {
		if n := len(docs); n > representativeSample {
			spread := make([]int, representativeSample)
			for i := range spread {
				spread[i] = docs[i*n/representativeSample]
			}
			members[t] = spread
		}
		sample = append(sample, members[t]...)
	}
	texts := make([]string, len(sample))
	for i, doc := range sample {
		texts[i] = m.docs[doc]
	}
	cfg.Progress = nil
	rows, err := counts.Documents(ctx, texts, cfg)
	if err != nil {
		return err
	}
	docWeights, err := weights.Transform(rows)
	if err != nil {
		return err
	}

	at := 0
	for t, docs := range members {
		type scored struct {
			doc        int
			similarity float64
		}
		ranked := make([]scored, len(docs))
		for i, doc := range docs {
			ranked[i] = scored{doc, docWeights.Cosine(at+i, weights.Rows, t)}
		}
		at += len(docs)
		slices.SortStableFunc(ranked, func(a, b scored) int {
			switch {
			case a.similarity > b.similarity:
				return -1
			case a.similarity < b.similarity:
				return 1
			}
			return a.doc - b.doc
		})
		seen := map[string]bool{}
		for _, r := range ranked {
			if len(m.topics[t].Representative) == m.cfg.RepresentativeDocs {
				break
			}
			if text := m.docs[r.doc]; !seen[text] {
				seen[text] = true
				m.topics[t].Representative = append(m.topics[t].Representative, r.doc)
			}
		}
	}
	return nil
}

// meanEmbeddings is the mean embedding of each topic's documents, summed in float64 in the order of the documents.
func (m *Model) meanEmbeddings() blas32.General {
	dim := m.embeddings.Cols
	sums := make([]float64, len(m.topics)*dim)
	first := m.topics[0].ID
	for doc, a := range m.assignments {
		sum := sums[(a.Topic-first)*dim:][:dim]
		for j, v := range row(m.embeddings, doc) {
			sum[j] += float64(v)
		}
	}
	means := blas32.General{Rows: len(m.topics), Cols: dim, Stride: dim, Data: make([]float32, len(sums))}
	for i, s := range sums {
		means.Data[i] = float32(s / float64(m.topics[i/dim].Size))
	}
	return means
}
