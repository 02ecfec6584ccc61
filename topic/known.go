package topic

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"
)

// known finds the fitted documents by their embeddings, so that a document which was fitted gets its assignment again,
// whatever operations came between. It is shared by all models that are made of one fit.
type known struct {
	once sync.Once
	at   map[uint64][]int32 // a hash of an embedding → the documents that have it
}

// find is the position of a fitted document with the embedding x, one with the same text if there is one, the first
// otherwise; −1 when x is new. In a model without embeddings it is the first document with the text.
func (k *known) find(m *Model, text string, x []float32) int {
	k.once.Do(func() {
		k.at = make(map[uint64][]int32, m.fitted())
		for i := range m.fitted() {
			doc := m.document(i)
			h := hashRow(row(m.embeddings, doc), m.docs[doc])
			k.at[h] = append(k.at[h], int32(doc))
		}
	})
	first := -1
	for _, doc := range k.at[hashRow(x, text)] {
		if !equalRows(row(m.embeddings, int(doc)), x) {
			continue
		}
		if m.docs[doc] == text {
			return int(doc)
		}
		if first < 0 && len(x) > 0 {
			first = int(doc)
		}
	}
	return first
}

// hashRow is a hash of an embedding, of the text where there are no embeddings.
func hashRow(x []float32, text string) uint64 {
	h := uint64(len(x))
	if len(x) == 0 {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 0x100000001b3
		}
		return h
	}
	for _, v := range x {
		h = (h ^ uint64(math.Float32bits(v))) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

func equalRows(a, b []float32) bool {
	for i, v := range a {
		if math.Float32bits(v) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}

// nearest is the one of topics whose embedding has the highest cosine with x, and that cosine; the first of equals. It is
// −1 and 0 when there are none to choose from. The embedding of a topic or a document without direction has cosine 0 with
// everything.
func (m *Model) nearest(x []float32, topics []int) (topic int, cosine float64) {
	if len(topics) == 0 {
		return Outlier, 0
	}
	best := -1
	for i, t := range topics {
		c := cosineOf(x, m.topics[t+m.outliers()].Embedding)
		if best < 0 || c > cosine {
			best, cosine = i, c
		}
	}
	return topics[best], cosine
}

// cosineOf is the cosine of two rows, 0 where one has no length.
func cosineOf(a, b []float32) float64 {
	var ab, aa, bb float64
	for i, v := range a {
		ab += float64(float64(v) * float64(b[i]))
		aa += float64(float64(v) * float64(v))
		bb += float64(float64(b[i]) * float64(b[i]))
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / (math.Sqrt(aa) * math.Sqrt(bb))
}

// topicIDs lists the topics but the outliers.
func (m *Model) topicIDs() []int {
	out := make([]int, 0, len(m.topics))
	for _, t := range m.topics {
		if t.ID != Outlier {
			out = append(out, t.ID)
		}
	}
	return out
}

// without is the rows of x at the given positions and the positions themselves, with those left out that skip says.
func without(x blas32.General, skip []bool) (blas32.General, []int) {
	var at []int
	for i, s := range skip {
		if !s {
			at = append(at, i)
		}
	}
	if len(at) == len(skip) {
		return x, at
	}
	return pick(x, at), at
}
