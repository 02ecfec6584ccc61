package topic

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// labelOffsets is what is added to the topics of each model to make labels of them.
func labelOffsets(models []*Model) []int {
	offsets, next := make([]int, len(models)), 0
	for k, m := range models {
		offsets[k] = next
		next += len(m.topics)
	}
	return offsets
}

// union is the clustering of models that were merged: the label of a document is its topic in its model.
type union struct {
	models  []*Model
	offsets []int
	homes   map[int]home // of the labels
	labels  []int
	how     []float64
}

func (u *union) Labels() []int        { return u.labels }
func (u *union) Strengths() []float64 { return u.how }

// unite makes the clustering of the sources, and their homes.
func (m *Model) unite() {
	u := &union{models: m.sources, offsets: labelOffsets(m.sources)}
	for k, s := range m.sources {
		for i := range s.fitted() {
			a := s.assignments[s.document(i)]
			if a.Topic != Outlier {
				a.Topic += u.offsets[k]
			}
			u.labels, u.how = append(u.labels, a.Topic), append(u.how, a.Probability)
		}
	}
	m.homes = map[int]home{}
	m.settle(u.labels, 0)
	u.homes = m.homes
	if m.clustering = u; allHaveMemberships(m.sources) {
		m.clustering = unionMembers{u}
	}
}

func allHaveMemberships(models []*Model) bool {
	return !slices.ContainsFunc(models, func(m *Model) bool { return m.hasMemberships() != nil })
}

// Predict asks every model. The points are embeddings.
func (u *union) Predict(ctx context.Context, x blas32.General) (labels []int, strength []float64, err error) {
	labels, strength = make([]int, x.Rows), make([]float64, x.Rows)
	best := make([]float64, x.Rows)
	for i := range labels {
		labels[i] = Outlier
	}
	for k, m := range u.models {
		found, err := m.placeByClusters(ctx, x)
		if err != nil {
			return nil, nil, fmt.Errorf("model %d: %w", k, err)
		}
		for i, a := range found {
			if a.Topic == Outlier {
				continue
			}
			h := u.homes[u.offsets[k]+a.Topic]
			if c := dense.Cosine(dense.Row(x, i), h.centre); c >= h.floor && (labels[i] == Outlier || c > best[i]) {
				labels[i], strength[i], best[i] = u.offsets[k]+a.Topic, a.Probability, c
			}
		}
	}
	return labels, strength, nil
}

// unionMembers is a union of models that all have memberships.
type unionMembers struct {
	*union
}

// Memberships has, for each document, the probabilities that its model gives it.
func (u unionMembers) Memberships(ctx context.Context, top int) (*hdbscan.Memberships, error) {
	var from []membershipRow
	for k, m := range u.models {
		p, err := m.Probabilities(ctx, top)
		if err != nil {
			return nil, fmt.Errorf("model %d: %w", k, err)
		}
		of := membershipsOf(p)
		for i := range m.fitted() {
			from = append(from, membershipRow{of, m.document(i), u.offsets[k]})
		}
	}
	return joinRows(from), nil
}

// PredictMemberships has, for each row, those of the model that Predict has its label of.
func (u unionMembers) PredictMemberships(ctx context.Context, x blas32.General, top int) (*hdbscan.Memberships, error) {
	labels, _, err := u.Predict(ctx, x)
	if err != nil {
		return nil, err
	}
	from := make([]membershipRow, x.Rows)
	for k, m := range u.models {
		var at []int
		for i, l := range labels {
			if l >= u.offsets[k] && l < u.offsets[k]+len(m.topics) {
				at = append(at, i)
			}
		}
		if len(at) == 0 {
			continue
		}
		texts := slices.Repeat([]string{"?"}, len(at)) // any without words: the embeddings say all
		p, err := m.TransformProbabilitiesEmbedded(ctx, texts, dense.Pick(x, at), top)
		if err != nil {
			return nil, fmt.Errorf("model %d: %w", k, err)
		}
		of := membershipsOf(p)
		for row, i := range at {
			from[i] = membershipRow{of, row, u.offsets[k]}
		}
	}
	return joinRows(from), nil
}

// membershipsOf is probabilities of topics as memberships in labels.
func membershipsOf(p sparse.CSR[float64]) *hdbscan.Memberships {
	return &hdbscan.Memberships{Rows: p.Rows(), Clusters: p.Cols, Start: p.RowPtr, Label: p.Col, Value: p.Value}
}

// placeByClusters finds the topics of rows by the fit alone: no policy, no rule and no fitted document has a say.
func (m *Model) placeByClusters(ctx context.Context, x blas32.General) ([]Assignment, error) {
	_, out, err := m.placeByLabels(ctx, x)
	if err != nil || m.zero == nil {
		return out, err
	}
	for i, match := range m.zero.match(x) {
		if match.label >= 0 {
			out[i] = m.assign(match.label, match.strength(), dense.Row(x, i))
		}
	}
	return out, nil
}
