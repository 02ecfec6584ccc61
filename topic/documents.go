package topic

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/topic/internal/batch"
	"github.com/gobertopic/gobertopic/topic/internal/store"
)

// documents is the first part of a model: what it was made of. It is immutable.
//
// Documents are kept in canonical order; within this package their numbers are positions in it, and only
// what callers give and get is in the order in which they were given. A document with text and an
// embedding that is not zero is a row. Rows are in the order of the documents.
type documents struct {
	n          int            // number of documents
	order      []int32        // where the caller gave each document; nil: in the same place
	texts      []string       // nil as long as they are unread, and without texts
	embeddings blas32.General // one row per document; no columns in a model of words alone
	active     []int          // the document of each row; nil if all documents have text
	classes    []int          // the known class of each row; nil if none is known
	batches    *batch.Counts  // how the documents came; nil: all at once
	index      *docIndex
	storage
}

// storage says how documents were saved.
type storage struct {
	precision    store.Precision // of the embeddings
	withoutTexts bool            // they were left out, but for typical
	withoutRows  bool            // the embeddings and the fitted stages were left out
	typical      map[int]string  // by document
	unreadTexts  *stored
	unread       *stored // the embeddings
}

// newDocuments returns documents with the embeddings x, which it keeps. active is what withText
// returned of the texts. classes has one entry per document, or is nil.
func newDocuments(texts []string, active []int, x blas32.General, classes []int) *documents {
	return &documents{n: len(texts), texts: texts, embeddings: x, active: active, classes: pickInts(classes, active), index: &docIndex{}}
}

// extend returns the documents with further ones behind them, of unknown class, and the order in which
// these are kept.
func (d *documents) extend(texts []string, x blas32.General, workers int) (out *documents, order []int32, err error) {
	order = canonicalOrder(texts, func(doc int) bool { return hasContent(texts[doc], x, doc) }, x, nil, workers)
	if order != nil && x.Cols > 0 {
		x = dense.Pick(x, order)
	}
	all := slices.Concat(d.texts, reorder(texts, order))
	embeddings := blas32.General{Rows: len(all)}
	if d.hasEmbeddings() {
		embeddings = dense.Stack(d.embeddings, d.precision.Round(x))
	}
	active, err := contentRows(all, embeddings)
	if err != nil {
		return nil, nil, err
	}
	out = newDocuments(all, active, embeddings, nil)
	out.precision = d.precision
	if d.order != nil || order != nil {
		for i := range d.n {
			out.order = append(out.order, int32(d.given(i)))
		}
		for i := range texts {
			at := i
			if order != nil {
				at = int(order[i])
			}
			out.order = append(out.order, int32(d.n+at))
		}
	}
	if d.classes != nil {
		out.classes = slices.Concat(d.classes, slices.Repeat([]int{Outlier}, out.rows()-d.rows()))
	}
	out.batches = d.batches.Extend(len(all))
	return out, order, nil
}

// hasEmbeddings reports whether the documents have embeddings: a model of words alone has none.
func (d *documents) hasEmbeddings() bool { return d.embeddings.Cols > 0 }

// rows returns the number of documents with text.
func (d *documents) rows() int {
	if d.active == nil {
		return d.n
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
func (d *documents) x() blas32.General {
	if n := len(d.active); d.active != nil && d.active[n-1] == n-1 { // the first n
		return dense.Slice(d.embeddings, 0, n)
	}
	return dense.Pick(d.embeddings, d.active)
}

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
	if d.embeddings.Rows != d.n || d.texts != nil && len(d.texts) != d.n {
		return fmt.Errorf("%d texts and %d embeddings for %d documents", len(d.texts), d.embeddings.Rows, d.n)
	}
	if d.order != nil {
		seen := make([]bool, d.n)
		for i, doc := range d.order {
			if len(d.order) != d.n || doc < 0 || int(doc) >= d.n || seen[doc] {
				return fmt.Errorf("document %d of %d was given as document %d, or twice", i, d.n, doc)
			}
			seen[doc] = true
		}
	}
	for i, doc := range d.active {
		if doc < 0 || doc >= d.n || i > 0 && doc <= d.active[i-1] {
			return fmt.Errorf("row %d is document %d, want rising positions below %d", i, doc, d.n)
		}
	}
	if d.classes != nil && len(d.classes) != d.rows() {
		return fmt.Errorf("%d classes for %d documents with text", len(d.classes), d.rows())
	}
	return d.batches.Check(d.n)
}

// hasContent reports whether a document is a row: whether it has text, and an embedding that is not
// zero if x has columns.
func hasContent(text string, x blas32.General, doc int) bool {
	return strings.TrimSpace(text) != "" && (x.Cols == 0 || !dense.IsZero(dense.Row(x, doc)))
}

// contentRows lists the documents that are rows; nil if that is all of them.
func contentRows(docs []string, x blas32.General) ([]int, error) {
	index := make([]int, 0, len(docs))
	blank := 0
	for i, d := range docs {
		if hasContent(d, x, i) {
			index = append(index, i)
		} else if strings.TrimSpace(d) == "" {
			blank++
		}
	}
	switch len(index) {
	case 0:
		if blank < len(docs) {
			return nil, fmt.Errorf("%w: %d documents, %d of them blank, %d with an embedding of zeros: did the embedder fail?", ErrNoDocuments, len(docs), blank, len(docs)-blank)
		}
		return nil, fmt.Errorf("%w: %d documents, %d of them blank", ErrNoDocuments, len(docs), blank)
	case len(docs):
		return nil, nil
	}
	return index, nil
}

// contentWarnings reports the documents that are no rows.
func (d *documents) contentWarnings() (warnings []error) {
	blank := 0
	for _, text := range d.texts {
		if strings.TrimSpace(text) == "" {
			blank++
		}
	}
	if blank > 0 {
		warnings = append(warnings, fmt.Errorf("%d of %d documents have no text; they are outliers", blank, d.n))
	}
	if zero := d.n - d.rows() - blank; zero > 0 {
		warnings = append(warnings, fmt.Errorf("%d of %d documents have an embedding of zeros, as an embedder gives that failed; they are outliers", zero, d.n))
	}
	return warnings
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
	rows     docTable // by embedding

	onceWords sync.Once
	words     docTable // by the words of the text

	onceOrder sync.Once
	inverse   []int32 // of documents.order
}

// docTable is a hash table of documents with chains in the order of the documents.
type docTable struct {
	heads []int32 // the first document of each chain, −1 for none; a power of two
	next  []int32 // the document after each in its chain, or −1
}

// newDocTable returns a table of those of n documents that hash returns true for.
func newDocTable(n, workers int, hash func(doc int) (uint64, bool)) docTable {
	t := docTable{heads: make([]int32, 1<<bits.Len(uint(n))), next: make([]int32, n)}
	for i := range t.heads {
		t.heads[i] = none
	}
	chains := make([]int32, n)
	// Nothing cancels the loop: it cannot fail.
	_ = parallel.Loop{Workers: workers}.Run(context.Background(), n, func(_, lo, hi int) error {
		for doc := lo; doc < hi; doc++ {
			chains[doc] = none
			if h, ok := hash(doc); ok {
				chains[doc] = int32(t.chain(h))
			}
		}
		return nil
	})
	for doc := n - 1; doc >= 0; doc-- {
		if c := chains[doc]; c != none {
			t.next[doc], t.heads[c] = t.heads[c], int32(doc)
		}
	}
	return t
}

const none = -1

func (t docTable) chain(hash uint64) int { return int(hash & uint64(len(t.heads)-1)) }

// of yields the documents whose hashes may be that one, ascending.
func (t docTable) of(hash uint64) iter.Seq[int] { return t.in(t.chain(hash)) }

// in yields the documents of a chain, ascending.
func (t docTable) in(chain int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for doc := t.heads[chain]; doc != none && yield(int(doc)); doc = t.next[doc] {
		}
	}
}

// find returns the position of a document with the embedding x, rounded as those of the model: one
// with the same text if there is one, the first otherwise; −1 if x is new. Without texts it is the
// first with the embedding, in a model of words alone the first with the text.
func (d *documents) find(text string, x []float32) int {
	if d.withoutRows || d.withoutTexts && len(x) == 0 {
		return -1
	}
	if !d.precision.Exact() {
		x = slices.Clone(x)
		d.precision.RoundRow(x)
	}
	k := d.index
	k.onceRows.Do(func() {
		k.rows = newDocTable(d.n, 0, func(doc int) (uint64, bool) {
			if !d.isRow(doc) {
				return 0, false
			}
			return hashDocument(d.embedding(doc), d.textOf(doc)), true
		})
	})
	first := -1
	for doc := range k.rows.of(hashDocument(x, text)) {
		if !equalRows(d.embedding(doc), x) {
			continue
		}
		if d.withoutTexts || d.texts[doc] == text {
			return doc
		}
		if first < 0 && len(x) > 0 {
			first = doc
		}
	}
	return first
}

// isRow reports whether a document is a row.
func (d *documents) isRow(doc int) bool {
	if d.active == nil {
		return true
	}
	_, found := slices.BinarySearch(d.active, doc)
	return found
}

// textOf returns the text of a document, "" if the texts were left out.
func (d *documents) textOf(doc int) string {
	if d.texts == nil {
		return ""
	}
	return d.texts[doc]
}

// sameTextCosine is the least cosine of the embeddings of texts that are taken for the same because
// they have the same words. Where embeddings are of something other than the texts, such as images
// with the same caption, words alone say little.
const sameTextCosine = 0.8

// findWords returns the position of the first document with the words of text, if its embedding is
// close to x, and −1 otherwise. Words are runs of letters, digits and marks, in lower case. It finds
// nothing where texts or embeddings were left out.
func (d *documents) findWords(text string, x []float32) int {
	words := wordsOf(text)
	if words == "" || d.withoutTexts || d.withoutRows {
		return -1
	}
	k := d.index
	k.onceWords.Do(func() {
		k.words = newDocTable(d.n, 0, func(doc int) (uint64, bool) {
			w := wordsOf(d.texts[doc])
			return hashText(w), w != ""
		})
	})
	for doc := range k.words.of(hashText(words)) {
		if wordsOf(d.texts[doc]) == words {
			if dense.Cosine(d.embedding(doc), x) < sameTextCosine {
				return -1
			}
			return doc
		}
	}
	return -1
}

func wordsOf(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}

// hashDocument returns a hash of an embedding, or of the text where there is no embedding.
func hashDocument(x []float32, text string) uint64 {
	if len(x) == 0 {
		return hashText(text)
	}
	return hashRow(x)
}

func hashText(text string) uint64 {
	h := uint64(len(text))
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 0x100000001b3
	}
	return mix(h)
}

// hashRow returns a hash of the bits of a row. Four sums that do not wait for each other take a
// fourth of the time.
func hashRow(x []float32) uint64 {
	const factor = 0x9e3779b97f4a7c15
	var h [4]uint64
	for ; len(x) >= 4; x = x[4:] {
		for j := range h {
			h[j] = (h[j] ^ uint64(math.Float32bits(x[j]))) * factor
			h[j] ^= h[j] >> 29
		}
	}
	for j, v := range x {
		h[j] = (h[j] ^ uint64(math.Float32bits(v))) * factor
		h[j] ^= h[j] >> 29
	}
	return mix(h[0]*3 + h[1]*5 + h[2]*7 + h[3])
}

// mix spreads the bits of a hash, so that its low ones depend on all.
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	return h ^ h>>33
}

func equalRows(a, b []float32) bool {
	for i, v := range a {
		if math.Float32bits(v) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}
