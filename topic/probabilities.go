package topic

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// Probabilities returns how strongly each document of the model belongs to each topic: a row per
// document, a column per topic without the outliers. Only the top clusters that are nearest to a
// document count, or all if top is 0. What a row lacks to 1 is how strongly the document is an outlier.
// After a merge the memberships in what was merged are added up. A blank document has an empty row.
// BERTopic's probabilities_ with calculate_probabilities.
//
// The clusterer decides what a number means: with HDBSCAN it is a probability from the distances to
// exemplars and from density (hdbscan.Model.Memberships), with communities the share of the weight of
// the document's edges to its neighbors that leads into the topic (community.Model.Memberships). A
// document that a zero-shot label took has that topic alone, with its cosine. In a model that was grown
// a document has the memberships in what was found when it was clustered or placed last, and in nothing
// else; of merged models those in the topics of its own.
//
// It fails with ErrNoMemberships, and with ErrNoEmbeddings for a model that was saved without them.
func (m *Model) Probabilities(ctx context.Context, top int) (sparse.CSR[float64], error) {
	d := m.documents
	if err := m.rowsOnly("probabilities"); err != nil {
		return sparse.CSR[float64]{}, err
	}
	of, err := m.fittedMemberships(ctx, top)
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	out := m.newProbabilities(d.n)
	for given := range d.n {
		if doc := d.at(given); d.isRow(doc) {
			out.add(of, d.row(doc), d.embedding(doc), m.grouping.assignments[doc].Topic)
		}
		out.endRow()
	}
	return out.CSR, nil
}

// TransformProbabilities is Probabilities for new documents, which are embedded if in has no embeddings
// of theirs; nothing else of in counts. A document of the model gets the row that
// Probabilities has, one that occurs several times that of the first. With HDBSCAN the formula is the
// same for new documents; with communities it is the share of the votes by which Transform decides. In
// a model that was grown a document that lies in no region has an empty row. A row does not depend on
// the other documents of the call.
//
// It fails with ErrNoEmbedder, with ErrNoMemberships, with ErrNoEmbeddings for a model that was saved
// without them, and with the error of a stage.
func (m *Model) TransformProbabilities(ctx context.Context, in Input, top int) (sparse.CSR[float64], error) {
	if err := m.rowsOnly("probabilities"); err != nil {
		return sparse.CSR[float64]{}, err
	}
	x := in.Embeddings
	if x.Cols == 0 {
		if m.description.embedder == nil {
			return sparse.CSR[float64]{}, ErrNoEmbedder
		}
		var err error
		if x, err = m.embed(ctx, in.Docs); err != nil {
			return sparse.CSR[float64]{}, err
		}
	}
	if err := m.checkNew(in.Docs, x); err != nil {
		return sparse.CSR[float64]{}, err
	}
	return m.probabilities(ctx, x, in.Docs, top)
}

// probabilities returns how strongly rows of embeddings belong to the topics. texts is nil if the
// texts are not known.
func (m *Model) probabilities(ctx context.Context, x blas32.General, texts []string, top int) (sparse.CSR[float64], error) {
	c := m.chain()
	if !c.Soft() {
		return sparse.CSR[float64]{}, ErrNoMemberships
	}
	const blank, fresh = -2, -1
	known := make([]int, x.Rows) // the document of the model that is equal
	var others []int
	anyKnown := false
	for i := range known {
		text := ""
		if texts != nil {
			text = texts[i]
		}
		if known[i] = blank; (texts == nil || strings.TrimSpace(text) != "") && !dense.IsZero(dense.Row(x, i)) {
			known[i] = m.documents.find(text, dense.Row(x, i))
		}
		anyKnown = anyKnown || known[i] >= 0
		if known[i] == fresh {
			others = append(others, i)
		}
	}
	var old, found sparse.CSR[float64]
	var err error
	if anyKnown {
		if old, err = m.fittedMemberships(ctx, top); err != nil {
			return sparse.CSR[float64]{}, err
		}
	}
	if len(others) > 0 {
		q := place.NewQuery(dense.Pick(x, others), nil)
		if found, err = c.Memberships(ctx, q, top); err != nil {
			return sparse.CSR[float64]{}, memberErr(err)
		}
	}
	out := m.newProbabilities(x.Rows)
	next := 0
	for i, doc := range known {
		switch {
		case doc >= 0:
			out.add(old, m.documents.row(doc), m.documents.embedding(doc), m.grouping.assignments[doc].Topic)
		case doc == fresh:
			out.add(found, next, dense.Row(x, i), Outlier)
			next++
		}
		out.endRow()
	}
	return out.CSR, nil
}

// fittedMemberships returns the memberships of all rows in the labels.
func (m *Model) fittedMemberships(ctx context.Context, top int) (sparse.CSR[float64], error) {
	rows := m.pipeline.rows
	of, err := m.chain().FittedMemberships(ctx, m.documents.x(), rows.labels, rows.strengths, top)
	return of, memberErr(err)
}

// memberErr returns the error of this package where a chain has no memberships.
func memberErr(err error) error {
	if errors.Is(err, place.ErrNoMemberships) {
		return ErrNoMemberships
	}
	return err
}

// probabilities is a matrix under construction: a row per document, a column per topic.
type probabilities struct {
	sparse.CSR[float64]
	route *place.Route
}

func (m *Model) newProbabilities(rows int) probabilities {
	return probabilities{sparse.CSR[float64]{Cols: len(m.grouping.ids()), RowPtr: make([]int, 1, rows+1)}, m.chain().Route}
}

// add adds a row of memberships in labels to the current row. x and own are the embedding and the
// topic of the document, own is Outlier for a new one.
func (p *probabilities) add(of sparse.CSR[float64], row int, x []float32, own int) {
	labels, values := of.Row(row)
	begin := p.RowPtr[len(p.RowPtr)-1]
	for k, label := range labels {
		t := p.route.Topic(int(label), x, own)
		if t == Outlier || values[k] <= 0 {
			continue
		}
		at, found := slices.BinarySearch(p.Col[begin:], int32(t))
		at += begin
		if found {
			p.Value[at] += values[k]
			continue
		}
		p.Col, p.Value = slices.Insert(p.Col, at, int32(t)), slices.Insert(p.Value, at, values[k])
	}
}

func (p *probabilities) endRow() { p.RowPtr = append(p.RowPtr, len(p.Col)) }

// topicMemberships returns documents × topics, in the order of the topics, the outliers included: how
// strongly each document counts in each topic. Documents without text are outliers.
func (m *Model) topicMemberships(ctx context.Context) (sparse.CSR[float64], error) {
	d, g, route := m.documents, m.grouping, m.chain().Route
	of, err := m.fittedMemberships(ctx, softTopics)
	if err != nil {
		return sparse.CSR[float64]{}, err
	}
	out := sparse.CSR[float64]{Cols: len(g.topics), RowPtr: make([]int, 1, d.n+1)}
	values := make([]float64, len(g.topics))
	row := 0
	for doc := range d.n {
		outside := 1.0
		if row < d.rows() && d.doc(row) == doc {
			labels, shares := of.Row(row)
			for k, label := range labels {
				if t := route.Topic(int(label), d.embedding(doc), g.assignments[doc].Topic); t != Outlier {
					values[g.at(t)] += shares[k]
					outside -= shares[k]
				}
			}
			row++
		}
		if g.has(Outlier) {
			values[0] = max(outside, 0)
		}
		for i, v := range values { // ascending columns
			if v > 0 {
				out.Col, out.Value = append(out.Col, int32(i)), append(out.Value, v)
			}
			values[i] = 0
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out, nil
}
