package topic

import (
	"context"
	"slices"
	"sync"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/topic/internal/sparserow"
)

// typicalSample is the number of documents per topic that typical ones are chosen from; BERTopic's nr_samples.
const typicalSample = 500

// Typical chooses documents that stand for their topics: per entry of v.IDs the positions of at most n documents, those
// whose c-TF-IDF has the highest cosine with the topic's first, as BERTopic's documentation describes
// _extract_representative_docs. They are chosen among 500 documents spread evenly over the topic's, where the original
// draws 500 at random, some more than once. A text stands once, however often it occurs; ties go by position.
//
// With a diversity above 0, which must not be more than 1, they are chosen by maximal marginal relevance instead: each
// next document is the one with the highest (1−diversity)·s − diversity·o, where s is its cosine with the topic and o the
// highest of its cosines with the documents chosen before. The order of the result is by s all the same.
//
// The lists are empty where v.Weights has no rows. It fails with the context's cause alone.
func (v View) Typical(ctx context.Context, n int, diversity float64) ([][]int, error) {
	out := make([][]int, len(v.IDs))
	if n <= 0 || v.Weights.Rows.Rows() == 0 {
		return out, nil
	}
	r := v.ranked
	if r == nil {
		r = &ranked{}
	}
	if err := r.rank(ctx, v); err != nil {
		return nil, err
	}
	err := parallel.Loop{Workers: v.Run.Workers, Block: 1}.Run(ctx, len(out), func(_, t, _ int) error {
		out[t] = r.choose(t, n, diversity)
		return context.Cause(ctx)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ranked is the sample of documents of each topic, by falling similarity with it.
type ranked struct {
	mu     sync.Mutex
	docs   sparse.CSR[float64] // the weights of the sampled documents
	topics [][]sampled         // nil until they are known
}

type sampled struct {
	doc        int
	row        int // in docs
	similarity float64
}

// rank draws and ranks the samples, the first time it is called.
func (r *ranked) rank(ctx context.Context, v View) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.topics != nil {
		return nil
	}
	members := make([][]int, len(v.IDs))
	place := make(map[int]int, len(v.IDs))
	for i, id := range v.IDs {
		place[id] = i
	}
	for doc, id := range v.Topics {
		if i, ok := place[id]; ok {
			members[i] = append(members[i], doc)
		}
	}
	topics := make([][]sampled, len(members))
	var texts []string
	for t, docs := range members {
		n := len(docs)
		take := min(n, typicalSample)
		seen := make(map[string]bool, take)
		for i := range take {
			doc := docs[i*n/take]
			if text := v.Docs[doc]; !seen[text] {
				seen[text] = true
				topics[t] = append(topics[t], sampled{doc: doc, row: len(texts)})
				texts = append(texts, text)
			}
		}
	}
	counts, err := ctfidf.Counts{Vocabulary: v.Weights.Vocabulary}.Documents(ctx, texts, v.Vocabulary)
	if err != nil {
		return err
	}
	if r.docs, err = v.Weights.Transform(counts); err != nil {
		return err
	}
	workers := make([]sparserow.Compared, parallel.Workers(v.Run.Workers))
	err = parallel.Loop{Workers: v.Run.Workers, Block: 1}.Run(ctx, len(topics), func(worker, t, _ int) error {
		topic := &workers[worker]
		topic.Set(v.Weights.Rows, t)
		for i := range topics[t] {
			s := &topics[t][i]
			s.similarity = topic.Cosine(r.docs, s.row)
		}
		slices.SortStableFunc(topics[t], func(a, b sampled) int {
			switch {
			case a.similarity > b.similarity:
				return -1
			case a.similarity < b.similarity:
				return 1
			}
			return a.doc - b.doc
		})
		return nil
	})
	if err == nil {
		r.topics = topics
	}
	return err
}

// choose is the positions of n documents of topic t.
func (r *ranked) choose(t, n int, diversity float64) []int {
	sample := r.topics[t]
	n = min(n, len(sample))
	chosen := make([]int, 0, n) // places in sample
	if diversity <= 0 {
		for i := range n {
			chosen = append(chosen, i)
		}
	} else {
		closest := make([]float64, len(sample)) // to what is chosen
		taken := make([]bool, len(sample))
		for len(chosen) < n {
			best, score := -1, 0.0
			for i, s := range sample {
				if taken[i] {
					continue
				}
				if len(chosen) > 0 {
					c := r.docs.Cosine(s.row, r.docs, sample[chosen[len(chosen)-1]].row)
					if len(chosen) == 1 || c > closest[i] {
						closest[i] = c
					}
				}
				mmr := s.similarity
				if len(chosen) > 0 {
					mmr = float64((1-diversity)*s.similarity) - float64(diversity*closest[i])
				}
				if best < 0 || mmr > score {
					best, score = i, mmr
				}
			}
			taken[best] = true
			chosen = append(chosen, best)
		}
		slices.Sort(chosen)
	}
	docs := make([]int, n)
	for i, at := range chosen {
		docs[i] = sample[at].doc
	}
	return docs
}
