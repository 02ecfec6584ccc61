package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// ErrNoMemberships is returned where memberships are asked of a model whose clusterer has none.
var ErrNoMemberships = errors.New("the clusterer has no memberships; topic.HDBSCAN and topic.Communities have, and analysis.ApproximateDistribution needs none")

// PredictMemberships is met by a Clustering that has Memberships for new points too: a point with the place of a fitted one
// has its memberships.
type PredictMemberships interface {
	PredictMemberships(ctx context.Context, points blas32.General, top int) (*hdbscan.Memberships, error)
}

// Probabilities is how strongly each fitted document belongs to each topic: a row per document, a column per topic without
// the outliers. Only the top clusters nearest to a document are looked at, or all when top is 0; what a row lacks to 1 is how
// strongly the document is an outlier. After a merge the memberships in what was merged are added up. A blank document
// has an empty row. BERTopic's probabilities_ with calculate_probabilities.
//
// What a number means is the clusterer's to say: with HDBSCAN it is a probability by the distances to exemplars and by density
// (hdbscan.Model.Memberships), with Communities the share of the weight of the document's ties to its neighbours that leads
// into the topic, that of its own topic being its Assignment.Probability as long as no neighbour is an outlier
// (community.Model.Memberships). What a zero-shot label took has that topic alone, with its cosine. In a model that was grown
// a document has the memberships in what was found when it was clustered or placed last, and in nothing else; of merged
// models those in the topics of its own.
//
// It fails with ErrNoMemberships.
func (m *Model) Probabilities(ctx context.Context, top int) (sparse.CSR[float64], error) {
	of, err := m.fittedMemberships(ctx, top)
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	out := m.probabilityRows(len(m.docs))
	point := 0
	for doc := range m.docs {
		if point < m.fitted() && m.document(point) == doc {
			m.addProbabilities(&out, of, point, func(label int) int { return m.route(label, doc) })
			point++
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out, nil
}

// TransformProbabilities is Probabilities for new documents: a document that was fitted gets the row that Probabilities has,
// one that was fitted several times that of the first. With HDBSCAN the formula is the same for new ones; with Communities it
// is the share of the votes by which Transform decides. In a model that was grown a document that is at home nowhere has an
// empty row. A row does not depend on the other documents of the call.
//
// It fails with ErrNoEmbedder, with ErrNoMemberships, and with what a stage returns.
func (m *Model) TransformProbabilities(ctx context.Context, docs []string, top int) (sparse.CSR[float64], error) {
	if m.cfg.Embedder == nil {
		return sparse.CSR[float64]{}, ErrNoEmbedder
	}
	x, _, err := embedTexts(ctx, m.cfg.Embedder, docs, m.cfg.Run)
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	return m.TransformProbabilitiesEmbedded(ctx, docs, x, top)
}

// TransformProbabilitiesEmbedded is TransformProbabilities for documents whose embeddings are already there.
func (m *Model) TransformProbabilitiesEmbedded(ctx context.Context, docs []string, x blas32.General, top int) (sparse.CSR[float64], error) {
	fail := func(err error) (sparse.CSR[float64], error) { return sparse.CSR[float64]{}, err }
	if err := checkRows(x, len(docs)); err != nil {
		return fail(fmt.Errorf("embeddings: %w", err))
	}
	if err := m.sameDimensions(x); err != nil {
		return fail(err)
	}
	if err := m.hasMemberships(); err != nil {
		return fail(err)
	}
	at := make([]int, len(docs)) // the fitted document, −1 for a new one, −2 for a blank one
	skip := make([]bool, len(docs))
	anyKnown := false
	for i, text := range docs {
		if at[i] = -2; strings.TrimSpace(text) != "" {
			at[i] = m.known.find(m, text, dense.Row(x, i))
		}
		skip[i] = at[i] != -1
		anyKnown = anyKnown || at[i] >= 0
	}
	var old, fresh *hdbscan.Memberships
	var err error
	if anyKnown {
		if old, err = m.fittedMemberships(ctx, top); err != nil {
			return fail(err)
		}
	}
	if rows, _ := without(x, skip); slices.Contains(skip, false) {
		points, err := m.reduction.Transform(ctx, rows)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", StageReduce, err))
		}
		if fresh, err = m.newMemberships(ctx, rows, points, top); err != nil {
			return fail(err)
		}
	}
	out := m.probabilityRows(len(docs))
	next := 0
	for i, doc := range at {
		switch {
		case doc >= 0:
			m.addProbabilities(&out, old, m.point(doc), func(label int) int { return m.route(label, doc) })
		case doc == -1:
			m.addProbabilities(&out, fresh, next, func(label int) int { return m.choose(label, dense.Row(x, i)) })
			next++
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out, nil
}

// point is the place of a document with text among those with text.
func (m *Model) point(doc int) int {
	if m.active == nil {
		return doc
	}
	at, _ := slices.BinarySearch(m.active, doc)
	return at
}

func (m *Model) probabilityRows(rows int) sparse.CSR[float64] {
	return sparse.CSR[float64]{Cols: len(m.topics) - m.outliers(), RowPtr: make([]int, 1, rows+1)}
}

// addProbabilities appends the memberships of a point, where route says which topic stands for a label.
func (m *Model) addProbabilities(out *sparse.CSR[float64], of *hdbscan.Memberships, point int, route func(label int) int) {
	labels, p := of.Row(point)
	begin := len(out.Col)
	for k, label := range labels {
		t := route(int(label))
		if t == Outlier || p[k] <= 0 {
			continue
		}
		at, found := slices.BinarySearch(out.Col[begin:], int32(t))
		at += begin
		if found {
			out.Value[at] += p[k]
			continue
		}
		out.Col, out.Value = slices.Insert(out.Col, at, int32(t)), slices.Insert(out.Value, at, p[k])
	}
}
