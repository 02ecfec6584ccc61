package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
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
	m.clustering, m.homes = u, map[int]home{}
	m.settle(u.labels, 0)
	u.homes = m.homes
}

// Predict asks every model. The points are embeddings.
func (u *union) Predict(ctx context.Context, x blas32.General) ([]int, []float64, error) {
	labels, strength, best := make([]int, x.Rows), make([]float64, x.Rows), make([]float64, x.Rows)
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
			if c := cosineOf(row(x, i), h.centre); c >= h.floor && (labels[i] == Outlier || c > best[i]) {
				labels[i], strength[i], best[i] = u.offsets[k]+a.Topic, a.Probability, c
			}
		}
	}
	return labels, strength, nil
}

// placeByClusters finds the topics of rows by the fit alone: no policy, no rule and no fitted document has a say.
func (m *Model) placeByClusters(ctx context.Context, x blas32.General) ([]Assignment, error) {
	if m.clustering == nil {
		return m.placeByEmbeddings(ctx, x, -1)
	}
	_, out, err := m.placeByLabels(ctx, x)
	if err != nil || m.zero == nil {
		return out, err
	}
	for i, match := range m.zero.match(x) {
		if match.label >= 0 {
			if out[i] = (Assignment{m.choose(match.label, row(x, i)), min(max(match.cosine, 0), 1)}); out[i].Topic == Outlier {
				out[i].Probability = 0
			}
		}
	}
	return out, nil
}
