package supervised_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/supervised"
)

func matrixOf(rows [][]float32) blas32.General {
	x := blas32.General{Rows: len(rows), Cols: len(rows[0]), Stride: len(rows[0])}
	for _, r := range rows {
		x.Data = append(x.Data, r...)
	}
	return x
}

// TestLogisticAsScikitLearnWithinTolerance: scripts/golden/logistic.py. Both stop short of the minimum, where the
// gradient is 1e-4.
func TestLogisticAsScikitLearnWithinTolerance(t *testing.T) {
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
		var models []stage.Clustering
		for _, workers := range []int{1, 3} {
			m, err := supervised.Logistic{C: c.C}.Cluster(t.Context(), stage.Run{Workers: workers}, stage.Data{X: matrixOf(c.X), Classes: c.Y})
			require.NoError(t, err)
			require.Empty(t, m.(stage.Warner).Warnings())
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

func TestLogisticOddInput(t *testing.T) {
	x := matrixOf([][]float32{{1, 2}, {3, 4}, {1, 2}})
	for name, y := range map[string][]int{"one class": {4, -1, 4}, "equal rows": {0, 1, 1}} {
		m, err := supervised.Logistic{}.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: y})
		require.NoError(t, err, name)
		labels, _, err := m.Predict(t.Context(), x)
		require.NoError(t, err)
		for _, l := range labels {
			require.Contains(t, y, l)
		}
	}
	m, err := supervised.Logistic{MaxIterations: 1}.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: []int{0, 1, 2}})
	require.NoError(t, err)
	require.ErrorContains(t, m.(stage.Warner).Warnings()[0], "MaxIterations")
	require.Equal(t, fmt.Sprint(m.(stage.Warner).Warnings()), fmt.Sprint(stagetest.Reload(t, m).(stage.Warner).Warnings()))
	_, _, err = m.Predict(t.Context(), matrixOf([][]float32{{1}}))
	require.ErrorContains(t, err, "1 dimensions, want 2")
	err = supervised.Logistic{C: -1, MaxIterations: -1}.Validate()
	require.ErrorContains(t, err, "supervised.Logistic.C is -1")
	require.ErrorContains(t, err, "supervised.Logistic.MaxIterations is -1")
	require.Error(t, supervised.Logistic{MaxIterations: 1e6 + 1}.Validate())
}
