package eval_test

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/eval"
)

// testdata/dbcv.json.gz is made by scripts/golden/hdbscan_more.py; an int that stands for an array is its number.
func TestDBCVWithin1e6OfHDBSCAN(t *testing.T) {
	f, err := os.Open("testdata/dbcv.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
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
	require.NoError(t, json.NewDecoder(z).Decode(&g))
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
		got, per, err := eval.DBCV(context.Background(), x, labels, metrics[s.Metric])
		require.NoError(t, err)
		require.InDelta(t, s.Value, got, 1e-6, "%s, %s", s.Name, s.Metric)
		require.Len(t, per, len(s.Per))
		for i, v := range s.Per {
			require.InDelta(t, v, per[i], 1e-6, "%s, %s", s.Name, s.Metric)
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
	v, per, err := eval.DBCV(context.Background(), matrix(n, cols, data), labels, eval.Euclidean)
	require.NoError(t, err)
	require.Greater(t, v, 0.9)
	require.Len(t, per, 2)
}

func TestDBCVErrors(t *testing.T) {
	ctx := context.Background()
	x := matrix(4, 1, []float32{0, 1, 5, 6})
	_, _, err := eval.DBCV(ctx, x, []int{0, 0, 1}, eval.Euclidean)
	require.ErrorContains(t, err, "3 labels for 4 rows")
	_, _, err = eval.DBCV(ctx, x, []int{0, 0, 1, -2}, eval.Euclidean)
	require.ErrorContains(t, err, "row 3 has label -2")
	_, _, err = eval.DBCV(ctx, x, []int{0, 0, 1, 4}, eval.Euclidean)
	require.ErrorContains(t, err, "the largest label is 4")
	_, _, err = eval.DBCV(ctx, x, []int{0, 0, 1, -1}, eval.Euclidean)
	require.ErrorContains(t, err, "1 labels with at least two rows")
	_, _, err = eval.DBCV(ctx, x, []int{0, 0, 1, 1}, eval.Metric(9))
	require.ErrorContains(t, err, "unknown metric")
	bad := matrix(4, 1, []float32{0, 1, float32(math.NaN()), 6})
	_, _, err = eval.DBCV(ctx, bad, []int{0, 0, 1, 1}, eval.Euclidean)
	var value *eval.ValueError
	require.ErrorAs(t, err, &value)
	require.Equal(t, 2, value.Row)
	cause := errors.New("enough")
	stopped, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	_, _, err = eval.DBCV(stopped, x, []int{0, 0, 1, 1}, eval.Euclidean)
	require.ErrorIs(t, err, cause)

	v, per, err := eval.DBCV(ctx, x, []int{0, 0, 2, 2}, eval.Euclidean)
	require.NoError(t, err)
	require.Equal(t, []float64{per[0], 0, per[0]}, per)
	require.InDelta(t, 0.8, v, 1e-12)
}
