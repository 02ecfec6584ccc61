package topic_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/topic"
)

func matrixOf(rows [][]float32) blas32.General {
	x := blas32.General{Rows: len(rows), Cols: len(rows[0]), Stride: len(rows[0])}
	for _, r := range rows {
		x.Data = append(x.Data, r...)
	}
	return x
}

// TestLogisticRegressionAsScikitLearnWithinTolerance: scripts/golden/logistic.py. Both stop short of the minimum, where the
// gradient is 1e-4.
func TestLogisticRegressionAsScikitLearnWithinTolerance(t *testing.T) {
	f, err := os.Open("testdata/logistic.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var golden struct {
		Cases []struct {
			X, New [][]float32
			Y      []int
			C      float64
			P      []float64
			Label  []int
		}
	}
	require.NoError(t, json.NewDecoder(z).Decode(&golden))
	for i, c := range golden.Cases {
		var models []topic.Clustering
		for _, workers := range []int{1, 3} {
			m, err := topic.LogisticRegression{C: c.C}.ClusterClasses(t.Context(), topic.Run{Workers: workers}, matrixOf(c.X), c.Y)
			require.NoError(t, err)
			require.Empty(t, m.(topic.Warner).Warnings())
			require.Equal(t, c.Y, m.Labels())
			models = append(models, m)
		}
		labels, p, err := models[0].Predict(t.Context(), matrixOf(c.New))
		require.NoError(t, err)
		require.Equal(t, c.Label, labels, "case %d", i)
		require.InDeltaSlice(t, c.P, p, 2e-3, "case %d", i)
		_, same, err := models[1].Predict(t.Context(), matrixOf(c.New))
		require.NoError(t, err)
		require.Equal(t, p, same, "any number of workers")
		one, q, err := models[0].Predict(t.Context(), matrixOf(c.New[3:4]))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(labels[3], p[3]), fmt.Sprint(one[0], q[0]), "alone or in company")
	}
}

func TestLogisticRegressionOddInput(t *testing.T) {
	x := matrixOf([][]float32{{1, 2}, {3, 4}, {1, 2}})
	for name, y := range map[string][]int{"none known": {-1, -1, -1}, "one class": {4, -1, 4}, "equal points": {0, 1, 1}} {
		m, err := topic.LogisticRegression{}.ClusterClasses(t.Context(), topic.Run{}, x, y)
		require.NoError(t, err, name)
		labels, _, err := m.Predict(t.Context(), x)
		require.NoError(t, err)
		for _, l := range labels {
			require.Contains(t, append(y, -1), l)
		}
	}
	m, err := topic.LogisticRegression{MaxIterations: 1}.ClusterClasses(t.Context(), topic.Run{}, x, []int{0, 1, 2})
	require.NoError(t, err)
	require.ErrorContains(t, m.(topic.Warner).Warnings()[0], "MaxIterations")
	_, _, err = m.Predict(t.Context(), matrixOf([][]float32{{1}}))
	require.ErrorContains(t, err, "1 dimensions, want 2")
	require.ErrorContains(t, topic.LogisticRegression{C: -1, MaxIterations: -1}.Validate(), "topic.LogisticRegression.MaxIterations")
}
