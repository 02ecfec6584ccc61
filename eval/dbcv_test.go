package eval_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/stage"
)

// testdata/dbcv.json.gz is made by scripts/golden/hdbscan_more.py; an int that stands for an array is its number.
func TestDBCVWithin1e6OfHDBSCAN(t *testing.T) {
	var g struct {
		Versions map[string]string
		Arrays   []string
		Sets     []struct {
			Name, Metric       string
			Dims, Rows, Labels int
			Value              float64
			Per                []float64
		}
	}
	readJSON(t, "dbcv.json.gz", &g)
	require.Equal(t, "0.8.44", g.Versions["hdbscan"])
	require.Len(t, g.Sets, 20)
	words := func(i int) []uint32 {
		b, err := base64.StdEncoding.DecodeString(g.Arrays[i])
		require.NoError(t, err)
		v := make([]uint32, len(b)/4)
		for j := range v {
			v[j] = binary.LittleEndian.Uint32(b[4*j:])
		}
		return v
	}
	metrics := map[string]eval.Metric{"euclidean": eval.Euclidean, "cosine": eval.Cosine}
	for _, s := range g.Sets {
		var data []float32
		for _, v := range words(s.Rows) {
			data = append(data, math.Float32frombits(v))
		}
		var labels []int
		for _, v := range words(s.Labels) {
			labels = append(labels, int(int32(v)))
		}
		x := matrix(len(labels), s.Dims, data)
		got, err := eval.DBCV(context.Background(), x, labels, metrics[s.Metric])
		require.NoError(t, err)
		require.InDelta(t, s.Value, got.Index, 1e-6, "%s, %s", s.Name, s.Metric)
		require.Len(t, got.Clusters, len(s.Per))
		for i, v := range s.Per {
			require.InDelta(t, v, got.Clusters[i], 1e-6, "%s, %s", s.Name, s.Metric)
		}
	}
}

// Powers of hundreds of dimensions stay within range.
func TestDBCVOfManyColumns(t *testing.T) {
	const n, cols = 60, 768
	data := make([]float32, n*cols)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % 2
		for j := range cols {
			data[i*cols+j] = float32(math.Sin(float64(i*cols+j)))*0.01 + float32(i%2)
		}
	}
	r, err := eval.DBCV(context.Background(), matrix(n, cols, data), labels, eval.Euclidean)
	require.NoError(t, err)
	require.Greater(t, r.Index, 0.9)
	require.Len(t, r.Clusters, 2)
}

func TestDBCVErrors(t *testing.T) {
	ctx := context.Background()
	x := matrix(4, 1, []float32{0, 1, 5, 6})
	_, err := eval.DBCV(ctx, x, []int{0, 0, 1}, eval.Euclidean)
	require.ErrorContains(t, err, "3 labels for 4 rows")
	_, err = eval.DBCV(ctx, x, []int{0, 0, 1, -2}, eval.Euclidean)
	require.ErrorContains(t, err, "row 3 has label -2")
	_, err = eval.DBCV(ctx, x, []int{0, 0, 1, 4}, eval.Euclidean)
	require.ErrorContains(t, err, "the largest label is 4")
	_, err = eval.DBCV(ctx, x, []int{0, 0, 1, -1}, eval.Euclidean)
	require.ErrorContains(t, err, "1 labels with at least two rows")
	_, err = eval.DBCV(ctx, x, []int{0, 0, 1, 1}, eval.Metric(9))
	require.ErrorContains(t, err, "unknown metric")
	bad := matrix(4, 1, []float32{0, 1, float32(math.NaN()), 6})
	_, err = eval.DBCV(ctx, bad, []int{0, 0, 1, 1}, eval.Euclidean)
	var value *stage.ValueError
	require.ErrorAs(t, err, &value)
	require.Equal(t, 2, value.Row)
	cause := errors.New("enough")
	stopped, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	_, err = eval.DBCV(stopped, x, []int{0, 0, 1, 1}, eval.Euclidean)
	require.ErrorIs(t, err, cause)

	r, err := eval.DBCV(ctx, x, []int{0, 0, 2, 2}, eval.Euclidean)
	require.NoError(t, err)
	require.Equal(t, []float64{r.Clusters[0], 0, r.Clusters[0]}, r.Clusters)
	require.InDelta(t, 0.8, r.Index, 1e-12)
}

// What has no field for the number of workers uses all processors, and does not depend on their number.
func TestSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, cols = 600, 7
	data, labels := make([]float32, n*cols), make([]int, n)
	for i := range labels {
		labels[i] = rng.IntN(6) - 1
		for j := range cols {
			data[i*cols+j] = float32(rng.NormFloat64() + float64(3*labels[i]))
		}
	}
	x, y := matrix(n, cols, data), blas32.General{Rows: n, Cols: 2, Stride: cols, Data: data}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var density eval.DBCVResult
	var trust float64
	for i, processors := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(processors)
		d, err := eval.DBCV(t.Context(), x, labels, eval.Euclidean)
		require.NoError(t, err)
		v, err := eval.Trustworthiness(t.Context(), x, y, 10, eval.Cosine)
		require.NoError(t, err)
		if i == 0 {
			density, trust = d, v
		}
		require.Equal(t, density, d)
		require.Equal(t, trust, v)
	}
}
