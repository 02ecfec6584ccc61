package topic

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/topic/internal/batch"
)

// documents is the first part of a model: what it was made of. It is immutable.
//
// A document with text is a row. Rows are in the order of the documents.
type documents struct {
	texts      []string
	embeddings blas32.General // one row per document; no columns in a model of words alone
	active     []int          // the document of each row; nil if all documents have text
	classes    []int          // the known class of each row; nil if none is known
	batches    *batch.Counts  // how the documents came; nil: all at once
	index      *docIndex
}

// newDocuments returns documents with the embeddings x, which it keeps. active is what withText
// returned of the texts. classes has one entry per document, or is nil.
func newDocuments(texts []string, active []int, x blas32.General, classes []int) *documents {
	return &documents{texts: texts, embeddings: x, active: active, classes: pickInts(classes, active), index: &docIndex{}}
}

// extend returns the documents with further ones behind them, of unknown class.
func (d *documents) extend(texts []string, x blas32.General) (*documents, error) {
	all := slices.Concat(d.texts, texts)
	embeddings := blas32.General{Rows: len(all)}
	if d.hasEmbeddings() {
		embeddings = dense.Stack(d.embeddings, x)
	}
	active, err := withText(all)
	if err != nil {
		return nil, err
	}
	out := newDocuments(all, active, embeddings, nil)
	if d.classes != nil {
		out.classes = slices.Concat(d.classes, slices.Repeat([]int{Outlier}, out.rows()-d.rows()))
	}
	out.batches = d.batches.Extend(len(all))
	return out, nil
}

// hasEmbeddings reports whether the documents have embeddings: a model of words alone has none.
func (d *documents) hasEmbeddings() bool { return d.embeddings.Cols > 0 }

// rows returns the number of documents with text.
func (d *documents) rows() int {
	if d.active == nil {
		return len(d.texts)
	}
	return len(d.active)
}

// doc returns the position of the document of a row.
func (d *documents) doc(row int) int {
	if d.active == nil {
		return row
	}
	return d.active[row]
}

// row returns the row of a document with text.
func (d *documents) row(doc int) int {
	if d.active == nil {
		return doc
	}
	at, _ := slices.BinarySearch(d.active, doc)
	return at
}

// docs returns the documents of rows.
func (d *documents) docs(rows []int) []int {
	if d.active == nil {
		return rows
	}
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = d.active[r]
	}
	return out
}

// x returns the embeddings of all rows.
func (d *documents) x() blas32.General { return dense.Pick(d.embeddings, d.active) }

// embedding returns that of a document.
func (d *documents) embedding(doc int) []float32 { return dense.Row(d.embeddings, doc) }

// rowTexts returns the texts of all rows.
func (d *documents) rowTexts() []string {
	if d.active == nil {
		return d.texts
	}
	out := make([]string, len(d.active))
	for i, doc := range d.active {
		out[i] = d.texts[doc]
	}
	return out
}

// sameDimensions reports rows that cannot be compared with the embeddings.
func (d *documents) sameDimensions(x blas32.General) error {
	if x.Rows > 0 && x.Cols != d.embeddings.Cols {
		return fmt.Errorf("embeddings: %d dimensions, want %d as in the fit", x.Cols, d.embeddings.Cols)
	}
	return nil
}

func (d *documents) check() error {
	if d.embeddings.Rows != len(d.texts) {
		return fmt.Errorf("%d embeddings for %d documents", d.embeddings.Rows, len(d.texts))
	}
	for i, doc := range d.active {
		if doc < 0 || doc >= len(d.texts) || i > 0 && doc <= d.active[i-1] {
			return fmt.Errorf("row %d is document %d, want rising positions below %d", i, doc, len(d.texts))
		}
	}
	if d.classes != nil && len(d.classes) != d.rows() {
		return fmt.Errorf("%d classes for %d documents with text", len(d.classes), d.rows())
	}
	return d.batches.Check(len(d.texts))
}

// withText lists the documents that are not blank; nil if that is all of them.
func withText(docs []string) ([]int, error) {
	index := make([]int, 0, len(docs))
	for i, d := range docs {
		if strings.TrimSpace(d) != "" {
			index = append(index, i)
		}
	}
	switch len(index) {
	case 0:
		return nil, fmt.Errorf("%w: %d documents, %d of them blank", ErrNoDocuments, len(docs), len(docs))
	case len(docs):
		return nil, nil
	}
	return index, nil
}

// pickInts returns the given entries of x; x itself if index is nil, nil if x is.
func pickInts(x, index []int) []int {
	if x == nil || index == nil {
		return x
	}
	out := make([]int, len(index))
	for to, from := range index {
		out[to] = x[from]
	}
	return out
}

// docIndex finds documents again, so that a document of the fit gets its assignment again whatever
// operations came between. It is built when it is first asked, and shared by all models with the
// same documents.
type docIndex struct {
	onceRows sync.Once
	rows     map[uint64][]int32 // a hash of an embedding → the documents that have it

	onceWords sync.Once
	words     map[uint64][]int32 // a hash of the words of a text → the first documents that have them
}

// find returns the position of a document with the embedding x: one with the same text if there is
// one, the first otherwise; −1 if x is new. In a model without embeddings it is the first document
// with the text.
func (d *documents) find(text string, x []float32) int {
	k := d.index
	k.onceRows.Do(func() {
		k.rows = make(map[uint64][]int32, d.rows())
		for i := range d.rows() {
			doc := d.doc(i)
			h := hashRow(d.embedding(doc), d.texts[doc])
			k.rows[h] = append(k.rows[h], int32(doc))
		}
	})
	first := -1
	for _, doc := range k.rows[hashRow(x, text)] {
		if !equalRows(d.embedding(int(doc)), x) {
			continue
		}
		if d.texts[doc] == text {
			return int(doc)
		}
		if first < 0 && len(x) > 0 {
			first = int(doc)
		}
	}
	return first
}

// sameTextCosine is the least cosine of the embeddings of texts that are taken for the same because
// they have the same words. Where embeddings are of something other than the texts, such as images
// with the same caption, words alone say little.
const sameTextCosine = 0.8

// findWords returns the position of the first document with the words of text, if its embedding is
// close to x, and −1 otherwise. Words are runs of letters, digits and marks, in lower case.
func (d *documents) findWords(text string, x []float32) int {
	k := d.index
	k.onceWords.Do(func() {
		k.words = make(map[uint64][]int32, d.rows())
		for i := range d.rows() {
			doc := d.doc(i)
			if w := wordsOf(d.texts[doc]); w != "" && d.withWords(w) < 0 {
				h := hashRow(nil, w)
				k.words[h] = append(k.words[h], int32(doc))
			}
		}
	})
	doc := d.withWords(wordsOf(text))
	if doc >= 0 && dense.Cosine(d.embedding(doc), x) < sameTextCosine {
		return -1
	}
	return doc
}

func (d *documents) withWords(words string) int {
	for _, doc := range d.index.words[hashRow(nil, words)] {
		if wordsOf(d.texts[doc]) == words {
			return int(doc)
		}
	}
	return -1
}

func wordsOf(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}

// hashRow returns a hash of an embedding, or of the text where there is no embedding.
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
