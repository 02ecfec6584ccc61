package topic_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// readGolden reads a file of testdata into v.
func readGolden(t *testing.T, name string, v any) {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(v))
}

// TestReduceOutliersAsBERTopicExact: scripts/golden/reduce_outliers.py.
func TestReduceOutliersAsBERTopicExact(t *testing.T) {
	var golden struct {
		Docs   []string
		Y      []int
		X      [][]float32
		Topics []int
		Cases  []struct {
			Strategy  string
			Threshold float64
			Topics    []int
		}
	}
	readGolden(t, "reduce_outliers.json.gz", &golden)
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: golden.Docs, Embeddings: matrixOf(golden.X), Classes: golden.Y}, cfg)
	require.NoError(t, err)
	alike := func(want []int, got []topic.Assignment) { // the numbers of topics of equal size may differ
		to := map[int]int{-1: -1}
		for i, a := range got {
			if _, ok := to[want[i]]; !ok {
				to[want[i]] = a.Topic
			}
			require.Equal(t, to[want[i]], a.Topic, "document %d", i)
		}
	}
	alike(golden.Topics, m.Assignments())
	for _, c := range golden.Cases {
		next, err := m.ReduceOutliers(t.Context(), topic.OutlierRule{Strategy: topic.OutlierStrategy(c.Strategy), Threshold: c.Threshold})
		require.NoError(t, err)
		require.NoError(t, next.Check())
		alike(c.Topics, next.Assignments())
		before := m.Topics()[0].Size
		for i, a := range next.Assignments() {
			if a.Topic != topic.Outlier && golden.Topics[i] == topic.Outlier {
				before--
				require.GreaterOrEqual(t, a.Probability, c.Threshold)
			}
		}
		if before > 0 {
			require.Equal(t, before, next.Topics()[0].Size)
		} else {
			require.Equal(t, 0, next.Topics()[0].ID, "no outliers are left")
		}
		again, err := next.TransformEmbedded(t.Context(), golden.Docs, matrixOf(golden.X))
		require.NoError(t, err)
		require.Equal(t, next.Assignments(), again)
	}
}

// TestRescueOfNewDocuments: a new document that the clusterer leaves outside is treated by the rule of the fitted ones.
func TestRescueOfNewDocuments(t *testing.T) {
	docs := append(themes(40), "zebra quagga okapi gnu cat dog", "quite unlike everything", "xylophone bassoon cat engine")
	cfg := config()
	cfg.Reducer = nil
	m, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	probe := []string{"zebra quagga okapi gnu cat dog and", "quite another thing"}
	found, err := m.Transform(t.Context(), probe)
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: -1}, {Topic: -1}}, found)
	next, err := m.ReduceOutliers(t.Context(), topic.OutlierRule{Strategy: topic.ByWords, Threshold: 0.05})
	require.NoError(t, err)
	now, err := next.Transform(t.Context(), probe)
	require.NoError(t, err)
	require.Equal(t, next.Assignments()[len(docs)-3].Topic, now[0].Topic)
	require.GreaterOrEqual(t, now[0].Probability, 0.05)
	require.Equal(t, topic.Assignment{Topic: topic.Outlier}, now[1])

	_, err = m.ReduceOutliers(t.Context(), topic.OutlierRule{Strategy: "luck", Threshold: 3})
	require.ErrorContains(t, err, "topic.OutlierRule.Strategy is luck")
	require.ErrorContains(t, err, "topic.OutlierRule.Threshold is 3")
	_, err = m.ReduceOutliers(t.Context(), topic.OutlierRule{})
	require.ErrorContains(t, err, "reduce outliers: ")
}

// TestRescueWithoutOutliers: a rule that the model cannot follow is refused also when there is nobody to rescue yet.
func TestRescueWithoutOutliers(t *testing.T) {
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	docs := themes(10)
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: make([]int, len(docs))}, cfg)
	require.NoError(t, err)
	require.Equal(t, 0, m.Topics()[0].ID)
	_, err = m.ReduceOutliers(t.Context(), topic.OutlierRule{Strategy: topic.ByProbabilities})
	require.ErrorIs(t, err, topic.ErrNoMemberships)
	next, err := m.ReduceOutliers(t.Context(), topic.OutlierRule{Strategy: topic.ByDistributions})
	require.NoError(t, err)
	require.Equal(t, m.Assignments(), next.Assignments())
}

func matrixOf(rows [][]float32) blas32.General {
	x := blas32.General{Rows: len(rows), Cols: len(rows[0]), Stride: len(rows[0])}
	for _, r := range rows {
		x.Data = append(x.Data, r...)
	}
	return x
}
