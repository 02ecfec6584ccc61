package topic

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
)

// canonicalOrder returns the order in which a model keeps documents, so that its results do not depend
// on the order in which they were given: the positions of the documents, those that are not rows last.
// Documents of equal embeddings lie side by side; such groups are in the order of the smallest text of
// each, and of the texts within. Embeddings themselves order only what has equal texts, since noise in
// their last digit must not change the order of all documents. classes has one entry per document, or
// is nil. It returns nil if the documents are in that order already.
func canonicalOrder(texts []string, isRow func(doc int) bool, x blas32.General, classes []int, workers int) []int32 {
	byText := sortByText(texts, isRow, x, classes)
	if x.Cols > 0 {
		byText = groupEqual(byText, x, workers)
	}
	for i, doc := range byText {
		if int(doc) != i {
			return byText
		}
	}
	return nil
}

// textKey is a document with the beginning of its text, which decides most comparisons.
type textKey struct {
	notRow bool
	prefix uint64
	doc    int32
}

// sortByText returns the positions of documents: rows first, by text, equal texts by embedding and by
// class.
func sortByText(texts []string, isRow func(doc int) bool, x blas32.General, classes []int) []int32 {
	keys := make([]textKey, len(texts))
	for i, text := range texts {
		var first [8]byte
		copy(first[:], text)
		keys[i] = textKey{!isRow(i), binary.BigEndian.Uint64(first[:]), int32(i)}
	}
	slices.SortFunc(keys, func(a, b textKey) int {
		if a.notRow != b.notRow {
			if a.notRow {
				return 1
			}
			return -1
		}
		if c := cmp.Compare(a.prefix, b.prefix); c != 0 {
			return c
		}
		if c := strings.Compare(texts[a.doc], texts[b.doc]); c != 0 {
			return c
		}
		if x.Cols > 0 {
			if c := slices.Compare(dense.Row(x, int(a.doc)), dense.Row(x, int(b.doc))); c != 0 {
				return c
			}
		}
		if classes != nil && classes[a.doc] != classes[b.doc] {
			return cmp.Compare(classes[a.doc], classes[b.doc])
		}
		return cmp.Compare(a.doc, b.doc)
	})
	order := make([]int32, len(keys))
	for i, k := range keys {
		order[i] = k.doc
	}
	return order
}

// groupEqual returns order with the documents of equal embeddings moved behind the first of them.
func groupEqual(order []int32, x blas32.General, workers int) []int32 {
	n := len(order)
	row := func(i int) []float32 { return dense.Row(x, int(order[i])) }
	table := newDocTable(n, workers, func(i int) (uint64, bool) { return hashRow(row(i)), true })
	leader := make([]int32, n) // the first position of an equal row
	for i := range leader {
		leader[i] = int32(i)
	}
	for chain := range table.heads {
		for i := range table.in(chain) {
			for j := range table.in(chain) {
				if j == i {
					break
				}
				if leader[j] == int32(j) && equalRows(row(j), row(i)) {
					leader[i] = int32(j)
					break
				}
			}
		}
	}
	positions := make([]int32, n)
	for i := range positions {
		positions[i] = int32(i)
	}
	slices.SortStableFunc(positions, func(a, b int32) int { return cmp.Compare(leader[a], leader[b]) })
	return reorder(order, positions)
}

// reorder returns documents in the given order, nil meaning their own.
func reorder[T any](x []T, order []int32) []T {
	if order == nil || x == nil {
		return x
	}
	out := make([]T, len(x))
	for i, doc := range order {
		out[i] = x[doc]
	}
	return out
}

// restore is the inverse of reorder.
func restore[T any](x []T, order []int32) []T {
	if order == nil || x == nil {
		return x
	}
	out := make([]T, len(x))
	for i, doc := range order {
		out[doc] = x[i]
	}
	return out
}

// reorderRows puts the rows of x in the given order, in place.
func reorderRows(x blas32.General, order []int32) {
	if order == nil || x.Cols == 0 {
		return
	}
	done, first := make([]bool, len(order)), make([]float32, x.Cols)
	for i := range order {
		if done[i] || int(order[i]) == i {
			continue
		}
		copy(first, dense.Row(x, i))
		to := i
		for from := int(order[to]); from != i; from = int(order[to]) {
			copy(dense.Row(x, to), dense.Row(x, from))
			done[to], to = true, from
		}
		copy(dense.Row(x, to), first)
		done[to] = true
	}
}

// given returns the position at which the caller gave a document.
func (d *documents) given(doc int) int {
	if d.order == nil {
		return doc
	}
	return int(d.order[doc])
}

// at returns the number of the document that the caller gave at a position.
func (d *documents) at(given int) int {
	if d.order == nil {
		return given
	}
	return int(d.inverse()[given])
}

// inverse returns the number of the document that the caller gave at each position; nil if that is the
// position.
func (d *documents) inverse() []int32 {
	d.index.onceOrder.Do(func() {
		if d.order != nil {
			d.index.inverse = make([]int32, d.n)
		}
		for i, given := range d.order {
			d.index.inverse[given] = int32(i)
		}
	})
	return d.index.inverse
}

// givenByRow returns the position at which the caller gave the document of each row.
func (d *documents) givenByRow() []int {
	out := make([]int, d.rows())
	for i := range out {
		out[i] = d.given(d.doc(i))
	}
	return out
}

// givenRows returns err with the row of a *stage.ValueError replaced by the position at which the caller
// gave its document.
func (d *documents) givenRows(err error) error {
	var bad *stage.ValueError
	if errors.As(err, &bad) && bad.Row >= 0 && bad.Row < d.rows() {
		bad.Row = d.given(d.doc(bad.Row))
	}
	return err
}
