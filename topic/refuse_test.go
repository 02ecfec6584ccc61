package topic_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// nothing is a stage that returns neither a result nor an error.
type nothing struct{}

func (*nothing) Reduce(context.Context, stage.Run, stage.Data) (stage.Reduction, error) {
	return nil, nil
}

func (*nothing) Cluster(context.Context, stage.Run, stage.Data) (stage.Clustering, error) {
	return nil, nil
}

func (*nothing) Embed(context.Context, []string) (blas32.General, error) {
	return blas32.General{}, nil
}

// A stage that is a nil pointer, or that returns nothing, is reported and does not crash.
func TestMissingStagesAreReported(t *testing.T) {
	for field, set := range map[string]func(*topic.Config){
		"topic.Config.Embedder":        func(c *topic.Config) { c.Embedder = (*nothing)(nil) },
		"topic.Config.Reducer":         func(c *topic.Config) { c.Reducer = (*nothing)(nil) },
		"topic.Config.Clusterer":       func(c *topic.Config) { c.Clusterer = (*nothing)(nil) },
		"topic.Config.Representers[0]": func(c *topic.Config) { c.Representers = []topic.Representer{(*absent)(nil)} },
	} {
		cfg := config()
		set(&cfg)
		_, err := topic.Fit(t.Context(), themes(5), cfg)
		var bad *stage.ConfigError
		require.ErrorAs(t, err, &bad, field)
		require.Equal(t, field, bad.Field)
	}
	for want, set := range map[string]func(*topic.Config){
		"returned neither a reduction nor an error":  func(c *topic.Config) { c.Reducer = &nothing{} },
		"returned neither a clustering nor an error": func(c *topic.Config) { c.Clusterer = &nothing{} },
	} {
		cfg := config()
		set(&cfg)
		_, err := topic.Fit(t.Context(), themes(5), cfg)
		require.ErrorContains(t, err, want)
	}
}

// absent is a representer.
type absent struct{}

func (*absent) Represent(context.Context, topic.View, [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	return nil, nil
}

// A blank label or seed is refused: nothing is similar to it.
func TestBlankLabelsAreRefused(t *testing.T) {
	cfg := config()
	cfg.ZeroShot.Labels = []string{"cats", " \t"}
	cfg.Seeds = [][]string{{"cat", ""}}
	err := cfg.Validate()
	require.ErrorContains(t, err, "topic.Config.ZeroShot.Labels[1]")
	require.ErrorContains(t, err, "topic.Config.Seeds[0]")
}

// odd has memberships that are none.
type odd struct {
	stage.Clustering
	value float64
}

func (o odd) Memberships(context.Context, int) (sparse.CSR[float64], error) {
	return sparse.CSR[float64]{Cols: 1, RowPtr: []int{0, 1, 1, 1, 1, 1, 1}, Col: []int32{0}, Value: []float64{o.value}}, nil
}

func (o odd) PredictMemberships(context.Context, blas32.General, int) (sparse.CSR[float64], error) {
	return sparse.CSR[float64]{}, nil
}

type oddClusterer struct {
	inner stage.Clusterer
	value float64
}

func (c oddClusterer) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	fitted, err := c.inner.Cluster(ctx, run, d)
	return odd{fitted, c.value}, err
}

// Memberships of a caller's clusterer outside [0, 1] are reported.
func TestOddMembershipsAreReported(t *testing.T) {
	for _, value := range []float64{-0.1, 1.1} {
		cfg := config()
		cfg.Reducer, cfg.Clusterer = nil, oddClusterer{labelled{0, 1, 0, 1, 0, 1}, value}
		m, err := topic.Fit(t.Context(), themes(2), cfg)
		require.NoError(t, err)
		_, err = m.Probabilities(t.Context(), 0)
		require.ErrorContains(t, err, "add up to at most 1")
	}
}

// Options of a split that contradict each other are refused.
func TestContradictorySplitsAreRefused(t *testing.T) {
	m, _ := fitThemes(t, 3, 20)
	for field, opt := range map[string]topic.SplitOptions{
		"topic.SplitOptions.Clusterer": {Parts: 2, Clusterer: labelled{0, 1}},
		"topic.SplitOptions.Outliers":  {Parts: 2, Outliers: true},
		"topic.SplitOptions.MinSize":   {Parts: 2, MinSize: 3},
	} {
		_, err := m.SplitTopic(t.Context(), 0, opt)
		var bad *stage.ConfigError
		require.ErrorAs(t, err, &bad)
		require.Equal(t, field, bad.Field)
	}
}
