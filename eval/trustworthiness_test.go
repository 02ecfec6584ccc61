package eval_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/stage"
)

type golden struct {
	Trustworthiness []struct {
		Rows, Cols, Dim int
		X, Y            []float32
		Values          []struct {
			K      int
			Metric string
			Value  float64
		}
	}
	Labels []struct {
		A, B     []int
		ARI, NMI float64
	}
}

func readGolden(t *testing.T) golden {
	var g golden
	readJSON(t, "golden.json.gz", &g)
	require.NotEmpty(t, g.Trustworthiness)
	require.NotEmpty(t, g.Labels)
	return g
}

func matrix(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

func TestTrustworthinessWithin1e12OfScikitLearn(t *testing.T) {
	metrics := map[string]eval.Metric{"euclidean": eval.Euclidean, "cosine": eval.Cosine}
	for _, c := range readGolden(t).Trustworthiness {
		x, y := matrix(c.Rows, c.Cols, c.X), matrix(c.Rows, c.Dim, c.Y)
		for _, v := range c.Values {
			got, err := eval.Trustworthiness(context.Background(), x, y, v.K, metrics[v.Metric])
			require.NoError(t, err)
			require.InDelta(t, v.Value, got, 1e-12, "%d rows, k %d, %s", c.Rows, v.K, v.Metric)
		}
	}
}

func TestTrustworthinessHonoursStrideExact(t *testing.T) {
	c := readGolden(t).Trustworthiness[0]
	wide := blas32.General{Rows: c.Rows, Cols: c.Cols, Stride: c.Cols + 3, Data: make([]float32, c.Rows*(c.Cols+3))}
	for i := range c.Rows {
		copy(wide.Data[i*wide.Stride:], c.X[i*c.Cols:(i+1)*c.Cols])
	}
	y := matrix(c.Rows, c.Dim, c.Y)
	for _, m := range []eval.Metric{eval.Euclidean, eval.Cosine} {
		a, err := eval.Trustworthiness(context.Background(), wide, y, 5, m)
		require.NoError(t, err)
		b, err := eval.Trustworthiness(context.Background(), matrix(c.Rows, c.Cols, c.X), y, 5, m)
		require.NoError(t, err)
		require.Equal(t, b, a)
	}
}

func TestTrustworthinessErrors(t *testing.T) {
	ctx := context.Background()
	x := matrix(4, 1, []float32{0, 1, 2, 3})
	_, err := eval.Trustworthiness(ctx, x, matrix(3, 1, []float32{0, 1, 2}), 1, eval.Euclidean)
	require.ErrorContains(t, err, "y has 3")
	for _, k := range []int{0, -1, 2, 9} {
		_, err = eval.Trustworthiness(ctx, x, x, k, eval.Euclidean)
		require.ErrorContains(t, err, "less than half of the 4 rows")
	}
	_, err = eval.Trustworthiness(ctx, x, x, 1, eval.Metric(7))
	require.ErrorContains(t, err, "Metric(7)")
	var bad *stage.ValueError
	_, err = eval.Trustworthiness(ctx, x, matrix(4, 1, []float32{0, 1, float32(math.NaN()), 3}), 1, eval.Euclidean)
	require.ErrorAs(t, err, &bad)
	require.Equal(t, 2, bad.Row)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = eval.Trustworthiness(cancelled, x, x, 1, eval.Euclidean)
	require.ErrorIs(t, err, context.Canceled)
	got, err := eval.Trustworthiness(ctx, x, x, 1, eval.Euclidean)
	require.NoError(t, err)
	require.Equal(t, 1.0, got)
}

func TestLabelsWithin1e12OfScikitLearn(t *testing.T) {
	for i, c := range readGolden(t).Labels {
		got, err := eval.ARI(c.A, c.B)
		require.NoError(t, err)
		require.InDelta(t, c.ARI, got, 1e-12, "ARI of case %d", i)
		got, err = eval.NMI(c.A, c.B)
		require.NoError(t, err)
		require.InDelta(t, c.NMI, got, 1e-12, "NMI of case %d", i)
	}
	_, err := eval.ARI([]int{1}, nil)
	require.ErrorContains(t, err, "1 labels and 0 labels")
	_, err = eval.NMI([]int{1}, nil)
	require.Error(t, err)
}
