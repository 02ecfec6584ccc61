package place_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// signs is a clustering of points by the sign of their first value; 0 is an outlier.
type signs struct{}

func (signs) label(x float32) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return 0
	}
	return stage.Outlier
}

func (s signs) Cluster(_ context.Context, _ stage.Run, d stage.Data) (stage.Clustering, error) {
	labels, _, err := s.Predict(context.Background(), d.X)
	return fitted{s, labels}, err
}

func (s signs) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	labels := make([]int, x.Rows)
	for i := range labels {
		labels[i] = s.label(dense.Row(x, i)[0])
	}
	return labels, nil, nil
}

type fitted struct {
	signs
	labels []int
}

func (f fitted) Labels() []int { return f.labels }

// soft is fitted with memberships: all of a row in its label.
type soft struct{ fitted }

func (s soft) Memberships(ctx context.Context, top int) (sparse.CSR[float64], error) {
	return memberships(s.labels), nil
}

func (s soft) PredictMemberships(ctx context.Context, x blas32.General, top int) (sparse.CSR[float64], error) {
	labels, _, err := s.Predict(ctx, x)
	return memberships(labels), err
}

func memberships(labels []int) sparse.CSR[float64] {
	m := sparse.CSR[float64]{Cols: 2}
	for _, l := range labels {
		if l == stage.Outlier {
			m.AppendRow([]int32{0, 1}, []float64{0.25, 0.25})
		} else {
			m.AppendRow([]int32{int32(l)}, []float64{0.5})
		}
	}
	return m
}

func matrix(rows ...[]float32) blas32.General {
	x := dense.New(len(rows), len(rows[0]))
	for i, r := range rows {
		copy(dense.Row(x, i), r)
	}
	return x
}

// learn fits the clusterer to rows.
func learn(t *testing.T, x blas32.General, offset int) place.Fitted {
	t.Helper()
	f, err := place.Learner{Clusterer: signs{}, Offset: offset}.Learn(t.Context(), place.NewQuery(x, nil))
	require.NoError(t, err)
	return f
}

// Every placer takes its documents in the order of the chain, and none that an earlier one took.
func TestPlaceAsksInOrderExact(t *testing.T) {
	f := learn(t, matrix([]float32{1, 0, 0}, []float32{-1, 0, 0}), 1)
	c := &place.Chain{
		Known: &place.Known{
			Find: func(text string, _ []float32) int {
				if text == "known" {
					return 7
				}
				return -1
			},
			Assigned: func(doc int) (int, float64) { return doc, 0.7 },
		},
		Labels:   &place.Nearest{Centroids: dense.NewCentroids(matrix([]float32{0, 1, 0}), nil), Floor: 0.9},
		Clusters: []*place.Clusters{f.Clusters},
		Outliers: &place.Nearest{Centroids: dense.NewCentroids(matrix([]float32{0, -1, 0}), []int{9}), Floor: 0.9},
		Route:    &place.Route{To: map[int][]int{0: {10}, 1: {11}, 2: {12}, 9: {19}}},
		Rules: []place.Placer{&place.Rule{Match: func(_ context.Context, x blas32.General, texts []string) ([]int, []float64, error) {
			require.Equal(t, []string{"far"}, texts)
			return []int{20}, []float64{0.2}, nil
		}}},
	}
	x := matrix([]float32{1, 0, 0}, []float32{1, 0, 0}, []float32{0.1, 5, 0}, []float32{-2, 0, 0}, []float32{3, 0, 0}, []float32{0, -1, 0}, []float32{0, 0, 1})
	q := place.NewQuery(x, []string{" ", "known", "named", "minus", "plus", "policy", "far"})
	require.NoError(t, c.Place(t.Context(), q))
	var topics []int
	for i := range x.Rows {
		topic, _ := q.Result(i)
		topics = append(topics, topic)
	}
	require.Equal(t, []int{-1, 7, 10, 11, 12, 19, 20}, topics)

	q = place.NewQuery(x, nil) // the part of a model that was merged with others
	require.NoError(t, c.PlaceByClusters(t.Context(), q))
	topics = nil
	for i := range x.Rows {
		topic, _ := q.Result(i)
		topics = append(topics, topic)
	}
	require.Equal(t, []int{12, 12, 10, 11, 12, -1, -1}, topics)
}

// A label that leads nowhere makes an outlier that no rule asks for.
func TestALabelThatLeadsNowhereExact(t *testing.T) {
	f := learn(t, matrix([]float32{1}, []float32{-1}), 0)
	c := &place.Chain{
		Clusters: []*place.Clusters{f.Clusters}, Route: &place.Route{To: map[int][]int{1: {5}}},
		Rules: []place.Placer{&place.Rule{Match: func(context.Context, blas32.General, []string) ([]int, []float64, error) {
			t.Error("a rule was asked")
			return nil, nil, nil
		}}},
	}
	q := place.NewQuery(matrix([]float32{-3}, []float32{3}), []string{"a", "b"})
	require.NoError(t, c.Place(t.Context(), q))
	topic, strength := q.Result(0)
	require.Equal(t, stage.Outlier, topic)
	require.Zero(t, strength)
	topic, strength = q.Result(1)
	require.Equal(t, 5, topic)
	require.EqualValues(t, 1, strength)
}

func TestRouteOfSeveralTopicsExact(t *testing.T) {
	r := place.Route{To: map[int][]int{0: {3, 4}, 1: {5}}, Nearest: func(_ []float32, topics []int) int { return topics[1] }}
	require.Equal(t, 3, r.Topic(0, nil, 3), "the document's own")
	require.Equal(t, 4, r.Topic(0, nil, 5), "the most similar")
	require.Equal(t, 5, r.Topic(1, nil, 3))
	require.Equal(t, stage.Outlier, r.Topic(2, nil, 3))
}

func TestRegionsExact(t *testing.T) {
	x := matrix([]float32{1, 0}, []float32{1, 0.2}, []float32{0, 1}, []float32{1, 0.1})
	r := place.Regions{4: place.NewRegion(x, []int{0, 1, 3})}
	require.True(t, r.Has(4, []float32{1, 0.1}))
	require.False(t, r.Has(4, []float32{0, 1}))
	require.False(t, r.Has(5, []float32{1, 0.1}))
	require.True(t, place.Regions(nil).Has(5, []float32{0, 1}), "no regions accept all")
}

func TestBlendExact(t *testing.T) {
	x := matrix([]float32{1, 0}, []float32{0, 1}, []float32{1, 1})
	b := place.Blend{Seeds: matrix([]float32{1, 0}, []float32{1, 1})} // a seed and the mean
	got, seeds := b.Rows(x)
	require.Equal(t, []int{0, -1, -1}, seeds)
	require.Equal(t, x.Data, got.Data, "a row on its seed does not move, nor does one near to the mean")
	got, seeds = b.Rows(matrix([]float32{3, 0}))
	require.Equal(t, []int{0}, seeds)
	require.Equal(t, []float32{2.5, 0}, got.Data)
	same, none := place.Blend{}.Rows(x)
	require.Nil(t, none)
	require.Equal(t, x, same)
}

// A growth has labels of its own; what lies in no region of the fit goes on to it.
func TestMembershipsOfAGrownChainExact(t *testing.T) {
	fit := &place.Clusters{Clustering: soft{fitted{labels: []int{1, 0}}}, Rows: []int{0, 1}}
	c := &place.Chain{Clusters: []*place.Clusters{fit}, Route: &place.Route{}}
	require.True(t, c.Soft())
	m, err := c.Memberships(t.Context(), place.NewQuery(matrix([]float32{2, 0}, []float32{0, 1}), nil), 0)
	require.NoError(t, err)
	require.Equal(t, []float64{0.5, 0.25, 0.25}, m.Value, "an outlier has what the clusterer says")

	near := *fit
	near.Accept = place.Regions{1: {Center: []float32{1, 0}, Floor: 0.9}}
	growth := &place.Clusters{Clustering: soft{fitted{labels: []int{0, 0}}}, Offset: 2, Rows: []int{2, 3}, Same: []int{0, 0}}
	c = &place.Chain{Clusters: []*place.Clusters{&near, growth}, Route: &place.Route{}}
	q := place.NewQuery(matrix([]float32{2, 0}, []float32{-1, 0}, []float32{0, 1}), nil)
	m, err = c.Memberships(t.Context(), q, 0)
	require.NoError(t, err)
	labels, _ := q.Labels()
	require.Equal(t, []int{1, 2, -1}, labels)
	require.Equal(t, []int{0, 1, 2, 2}, m.RowPtr)
	require.Equal(t, []int32{1, 2}, m.Col)

	x := matrix([]float32{2, 0}, []float32{-2, 0}, []float32{-3, 0}, []float32{-3, 0})
	m, err = c.FittedMemberships(t.Context(), x, []int{1, 0, 2, 2}, []float64{1, 1, 1, 1}, 0)
	require.NoError(t, err)
	require.Equal(t, []int32{1, 0, 2, 2}, m.Col)

	hard := &place.Chain{Clusters: []*place.Clusters{{Clustering: fitted{}}}}
	_, err = hard.Memberships(t.Context(), q, 0)
	require.ErrorIs(t, err, place.ErrNoMemberships)
}

// Zero-shot labels that take every row leave nothing to the clusterer, and nothing fails.
func TestNothingLeftForTheClustererExact(t *testing.T) {
	x := matrix([]float32{1, 0}, []float32{2, 0})
	q := place.NewQuery(x, nil)
	named := &place.Nearest{Centroids: dense.NewCentroids(matrix([]float32{1, 0}), nil), Floor: 0.5}
	require.NoError(t, named.Place(t.Context(), q))
	f, err := place.Learner{Clusterer: signs{}, Offset: 1}.Learn(t.Context(), q)
	require.NoError(t, err)
	labels, strengths, err := f.Clusters.Clustering.Predict(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, []int{-1, -1}, labels)
	require.Nil(t, strengths)
	c := &place.Chain{Labels: named, Clusters: []*place.Clusters{f.Clusters}, Route: &place.Route{}}
	m, err := c.FittedMemberships(t.Context(), x, []int{0, 0}, []float64{1, 1}, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1}, m.Value)
}
