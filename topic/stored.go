package topic

import (
	"fmt"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
)

// stored is a part of a loaded model that is read when it is first needed. nil has nothing to read.
type stored struct {
	once sync.Once
	read func() error
	err  error
}

// open reads the part, once. Later calls return the error of the first.
func (s *stored) open() error {
	if s == nil {
		return nil
	}
	s.once.Do(func() { s.err, s.read = s.read(), nil })
	return s.err
}

// open reads what Load left in the files.
func (m *Model) open() error {
	if err := m.openPlaces(); err != nil {
		return err
	}
	return m.description.unread.open()
}

// openPlaces reads what the chain of placers needs.
func (m *Model) openPlaces() error {
	err := m.documents.unread.open()
	if err == nil {
		err = m.documents.unreadTexts.open()
	}
	if err == nil {
		err = m.pipeline.unread.open()
	}
	if err == nil && (!m.documents.hasEmbeddings() || len(m.grouping.rules) > 0) { // words are compared
		err = m.description.unread.open()
	}
	return err
}

// whole reads what Load left in the files, and reports what SaveOptions left out of them. It is called
// by operations that need all parts of a model.
func (m *Model) whole(operation string) error {
	if m.documents.withoutTexts {
		return fmt.Errorf("%s: %w", operation, ErrNoTexts)
	}
	return m.rowsOnly(operation)
}

// rowsOnly is whole for operations that need no texts.
func (m *Model) rowsOnly(operation string) error {
	err := m.open()
	if err == nil && m.documents.withoutRows {
		err = errNoRows
	}
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

// errNoRows is ErrNoEmbeddings for a model that was saved without embeddings.
var errNoRows = fmt.Errorf("%w: it was saved without them (SaveOptions)", ErrNoEmbeddings)

// Len returns the number of documents.
func (m *Model) Len() int { return m.documents.n }

// Dims returns the number of dimensions of the embeddings, 0 in a model of words alone.
func (m *Model) Dims() int { return m.documents.embeddings.Cols }

// Documents returns the documents of the model, in the order in which they were given. The caller must
// not change them.
//
// It fails with ErrNoTexts if the model was saved without texts, and, in a loaded model, with the error
// of reading them, which is tried once.
func (m *Model) Documents() ([]string, error) {
	if err := m.documents.unreadTexts.open(); err != nil {
		return nil, err
	}
	if m.documents.withoutTexts {
		return nil, ErrNoTexts
	}
	return restore(m.documents.texts, m.documents.order), nil
}

// Document returns the text of a document. A model that was saved without texts has those of
// Topic.Representative. It fails as Documents does, and for a document that there is not.
func (m *Model) Document(doc int) (string, error) {
	d := m.documents
	if doc < 0 || doc >= d.n {
		return "", fmt.Errorf("there is no document %d, want one of 0 to %d", doc, d.n-1)
	}
	if text, ok := d.typical[d.at(doc)]; ok {
		return text, nil
	}
	if err := d.unreadTexts.open(); err != nil {
		return "", err
	}
	if d.withoutTexts {
		return "", ErrNoTexts
	}
	return d.texts[d.at(doc)], nil
}

// Embeddings returns one row per document, in the order in which they were given: a copy, unless that is
// the order in which the model keeps them. The caller must not change them.
//
// It fails with ErrNoEmbeddings for a model of words alone or one that was saved without embeddings,
// and, in a loaded model, with the error of reading them, which is tried once.
func (m *Model) Embeddings() (blas32.General, error) {
	d := m.documents
	switch err := d.unread.open(); {
	case err != nil:
		return blas32.General{}, err
	case d.withoutRows:
		return blas32.General{}, errNoRows
	case !d.hasEmbeddings():
		return blas32.General{}, ErrNoEmbeddings
	}
	return dense.Pick(d.embeddings, d.inverse()), nil // itself if it is in that order
}

// Points returns what the clusterer saw: one row per document with text, in an order that does not
// depend on that in which the documents were given, and the position of the document of each row. The
// caller must not change the points. It fails as Embeddings does, but for a model of words alone, whose
// points have no columns.
func (m *Model) Points() (points blas32.General, docs []int, err error) {
	if err := m.open(); err != nil {
		return points, nil, err
	}
	if m.documents.withoutRows {
		return points, nil, errNoRows
	}
	return m.pipeline.rows.points, m.documents.givenByRow(), nil
}

// Counts returns how often each term occurs in each topic: a row per topic, in the order of Topics. It
// has no rows if no document has a word. The caller must not change it. In a loaded model it fails with
// the error of reading the counts, which is tried once.
func (m *Model) Counts() (ctfidf.Counts, error) {
	if err := m.description.unread.open(); err != nil {
		return ctfidf.Counts{}, err
	}
	return m.description.counts, nil
}

// Weights returns the weight of each term in each topic, the matrix that BERTopic calls c_tf_idf_: a
// row per topic, in the order of Topics. It has no rows if no document has a word. The caller must not
// change it. It fails as Counts does.
func (m *Model) Weights() (ctfidf.Weights, error) {
	if err := m.description.unread.open(); err != nil {
		return ctfidf.Weights{}, err
	}
	return m.description.weights, nil
}
