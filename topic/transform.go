package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// Transform finds the topics of docs among those of the model. The assignment of a document does not
// depend on the others in the call, and a document of the fit gets its assignment again. Blank
// documents are outliers. Outlier is a possible answer even if no document of the model is an outlier,
// so that Topics has no entry for it.
//
// It fails with ErrNoEmbedder for a model without an embedder, and with the error of a stage.
func (m *Model) Transform(ctx context.Context, docs []string) ([]Assignment, error) {
	x, err := m.embed(ctx, docs)
	if err != nil {
		return nil, err
	}
	return m.TransformEmbedded(ctx, docs, x)
}

// TransformEmbedded is Transform for documents whose embeddings are known: row i of x belongs to
// docs[i].
func (m *Model) TransformEmbedded(ctx context.Context, docs []string, x blas32.General) ([]Assignment, error) {
	if err := m.checkNew(docs, x); err != nil {
		return nil, err
	}
	if err := m.openPlaces(); err != nil {
		return nil, fmt.Errorf("transform: %w", err)
	}
	q := place.NewQuery(x, docs)
	if err := m.chain().Place(ctx, q); err != nil {
		return nil, err
	}
	out := make([]Assignment, len(docs))
	for i := range out {
		out[i].Topic, out[i].Probability = q.Result(i)
	}
	return out, nil
}

// checkNew reports embeddings that do not belong to docs, or that cannot be compared with those of the
// model.
func (m *Model) checkNew(docs []string, x blas32.General) error {
	if !m.documents.hasEmbeddings() {
		if x.Rows != len(docs) {
			return fmt.Errorf("embeddings: %d rows for %d documents, want one row each", x.Rows, len(docs))
		}
	} else if err := checkRows(x, len(docs)); err != nil {
		return fmt.Errorf("embeddings: %w", err)
	}
	return m.documents.sameDimensions(x)
}
