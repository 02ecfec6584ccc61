package topic

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// known finds the fitted documents by their embeddings, so that a document which was fitted gets its assignment again,
// whatever operations came between. It is shared by all models that are made of one fit.
type known struct {
	once sync.Once
	at   map[uint64][]int32 // a hash of an embedding → the documents that have it

	onceWords sync.Once
	words     map[uint64][]int32 // a hash of the words of a text → the first documents that have them
}

// find is the position of a fitted document with the embedding x, one with the same text if there is one, the first
// otherwise; −1 when x is new. In a model without embeddings it is the first document with the text.
func (k *known) find(m *Model, text string, x []float32) int {
	k.once.Do(func() {
		k.at = make(map[uint64][]int32, m.fitted())
		for i := range m.fitted() {
			doc := m.document(i)
			h := hashRow(dense.Row(m.embeddings, doc), m.docs[doc])
			k.at[h] = append(k.at[h], int32(doc))
		}
	})
	first := -1
	for _, doc := range k.at[hashRow(x, text)] {
		if !equalRows(dense.Row(m.embeddings, int(doc)), x) {
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
	return dense.Pick(x, at), at
}
