package topic

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// home is where the documents of a label lie: their mean embedding, and how alike a document must be to it to be at home.
type home struct {
	centre []float32
	floor  float64
}

// settle finds the homes of the labels from offset on.
func (m *Model) settle(labels []int, offset int) {
	for l, docs := range m.members(labels, offset) {
		h := home{centre: make([]float32, m.embeddings.Cols)}
		dense.SetMean(h.centre, dense.Sum(m.embeddings, docs), len(docs))
		var mean, square float64
		for _, d := range docs {
			c := dense.Cosine(dense.Row(m.embeddings, d), h.centre)
			mean += c
			square += float64(c * c)
		}
		n := float64(len(docs))
		mean /= n
		h.floor = mean - 3*math.Sqrt(max(square/n-float64(mean*mean), 0)) - 1e-6
		m.homes[l] = h
	}
}

// predict finds the labels of new rows, whose embeddings are x and whose points are points, how strongly they belong there,
// and the parts that say so, nil for what the clustering of the fit says.
func (m *Model) predict(ctx context.Context, x, points blas32.General) (labels []int, strength []float64, by []*part, err error) {
	labels, strength, err = m.clustering.Predict(ctx, points)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	if len(labels) != points.Rows || strength != nil && len(strength) != points.Rows {
		return nil, nil, nil, fmt.Errorf("%s: %d labels and %d strengths for %d points, want one each", StageCluster, len(labels), len(strength), points.Rows)
	}
	how := certain(labels, strength)
	if m.homes == nil {
		return labels, how, make([]*part, len(labels)), nil
	}
	labels, by = slices.Clone(labels), make([]*part, len(labels))
	var strangers []int
	for i, l := range labels {
		if !m.atHome(l, dense.Row(x, i)) {
			labels[i], how[i] = Outlier, 0
			strangers = append(strangers, i)
		}
	}
	for _, p := range m.parts {
		if len(strangers) == 0 {
			break
		}
		rows := dense.Pick(x, strangers)
		points, err := p.reduction.Transform(ctx, rows)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("%s: %w", StageReduce, err)
		}
		found, strength, err := p.clustering.Predict(ctx, points)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("%s: %w", StageCluster, err)
		}
		strength = certain(found, strength)
		var left []int
		for k, i := range strangers {
			if found[k] == Outlier || !m.atHome(p.offset+found[k], dense.Row(x, i)) {
				left = append(left, i)
				continue
			}
			labels[i], how[i], by[i] = p.offset+found[k], strength[k], p
		}
		strangers = left
	}
	return labels, how, by, nil
}

// atHome says whether a row lies where the documents of a label do.
func (m *Model) atHome(label int, x []float32) bool {
	h, ok := m.homes[label]
	return ok && dense.Cosine(x, h.centre) >= h.floor
}
