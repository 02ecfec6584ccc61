package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
)

// ErrNoMemberships is returned where memberships are asked of a model whose clusterer has none.
var ErrNoMemberships = errors.New("the clusterer has no memberships; topic.HDBSCAN has, and ApproximateDistribution needs none")

// PredictMemberships is met by a Clustering that has Memberships for new points too, by the same formula: a point with the
// place of a fitted one has its memberships.
type PredictMemberships interface {
	PredictMemberships(ctx context.Context, points blas32.General, top int) (*hdbscan.Memberships, error)
}

// Probabilities is how strongly each fitted document belongs to each topic: a row per document, a column per topic without
// the outliers. Only the top clusters nearest to a document are looked at, or all when top is 0; what a row lacks to 1 is how
// strongly the document is an outlier. After a merge the memberships in what was merged are added up. A blank document
// has an empty row. BERTopic's probabilities_ with calculate_probabilities.
//
// It fails with ErrNoMemberships.
func (m *Model) Probabilities(ctx context.Context, top int) (ctfidf.Matrix, error) {
	c, ok := m.clustering.(Memberships)
	if !ok {
		return ctfidf.Matrix{}, ErrNoMemberships
	}
	of, err := m.fittedMemberships(ctx, c, top)
	if err != nil {
		return ctfidf.Matrix{}, err
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

// TransformProbabilities is Probabilities for new documents, by the same formula: a document that was fitted gets the row
// that Probabilities has, one that was fitted several times that of the first. A row does not depend on the other documents
// of the call.
//
// It fails with ErrNoEmbedder, with ErrNoMemberships, and with what a stage returns.
func (m *Model) TransformProbabilities(ctx context.Context, docs []string, top int) (ctfidf.Matrix, error) {
	if m.cfg.Embedder == nil {
		return ctfidf.Matrix{}, ErrNoEmbedder
	}
	x, _, err := embedTexts(ctx, m.cfg.Embedder, docs, m.cfg.Run)
	if err != nil {
		return ctfidf.Matrix{}, err
	}
	return m.TransformProbabilitiesEmbedded(ctx, docs, x, top)
}

// TransformProbabilitiesEmbedded is TransformProbabilities for documents whose embeddings are already there.
func (m *Model) TransformProbabilitiesEmbedded(ctx context.Context, docs []string, x blas32.General, top int) (ctfidf.Matrix, error) {
	fail := func(err error) (ctfidf.Matrix, error) { return ctfidf.Matrix{}, err }
	if err := checkRows(x, len(docs)); err != nil {
		return fail(fmt.Errorf("embeddings: %w", err))
	}
	if err := m.sameDimensions(x); err != nil {
		return fail(err)
	}
	fitted, unseen, err := m.bothMemberships()
	if err != nil {
		return fail(err)
	}
	at := make([]int, len(docs)) // the fitted document, −1 for a new one, −2 for a blank one
	skip := make([]bool, len(docs))
	anyKnown := false
	for i, text := range docs {
		if at[i] = -2; strings.TrimSpace(text) != "" {
			at[i] = m.known.find(m, text, row(x, i))
		}
		skip[i] = at[i] != -1
		anyKnown = anyKnown || at[i] >= 0
	}
	var old, fresh *hdbscan.Memberships
	if anyKnown {
		if old, err = m.fittedMemberships(ctx, fitted, top); err != nil {
			return fail(err)
		}
	}
	if rows, _ := without(x, skip); slices.Contains(skip, false) {
		points, err := m.reduction.Transform(ctx, rows)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", StageReduce, err))
		}
		if fresh, err = unseen.PredictMemberships(ctx, points, top); err != nil {
			return fail(fmt.Errorf("%s: %w", StageCluster, err))
		}
		if fresh.Rows != points.Rows {
			return fail(fmt.Errorf("%s: memberships of %d points, want %d", StageCluster, fresh.Rows, points.Rows))
		}
	}
	out := m.probabilityRows(len(docs))
	next := 0
	for i, doc := range at {
		switch {
		case doc >= 0:
			m.addProbabilities(&out, old, m.point(doc), func(label int) int { return m.route(label, doc) })
		case doc == -1:
			m.addProbabilities(&out, fresh, next, func(label int) int { return m.choose(label, row(x, i)) })
			next++
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out, nil
}

// bothMemberships is the clustering as one with memberships of fitted and of new points.
func (m *Model) bothMemberships() (Memberships, PredictMemberships, error) {
	fitted, ok := m.clustering.(Memberships)
	unseen, also := m.clustering.(PredictMemberships)
	if !ok || !also {
		return nil, nil, ErrNoMemberships
	}
	return fitted, unseen, nil
}

// fittedMemberships is what the clusterer says of the fitted points.
func (m *Model) fittedMemberships(ctx context.Context, c Memberships, top int) (*hdbscan.Memberships, error) {
	of, err := c.Memberships(ctx, top)
	if err == nil && of.Rows != m.fitted() {
		err = fmt.Errorf("memberships of %d points, want %d", of.Rows, m.fitted())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	return of, nil
}

// point is the place of a document with text among those with text.
func (m *Model) point(doc int) int {
	if m.active == nil {
		return doc
	}
	at, _ := slices.BinarySearch(m.active, doc)
	return at
}

func (m *Model) probabilityRows(rows int) ctfidf.Matrix {
	return ctfidf.Matrix{Cols: len(m.topics) - m.outliers(), RowPtr: make([]int, 1, rows+1)}
}

// addProbabilities appends the memberships of a point, where route says which topic stands for a label.
func (m *Model) addProbabilities(out *ctfidf.Matrix, of *hdbscan.Memberships, point int, route func(label int) int) {
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
