package topic_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

// The classes that a Reducer is given reach umap.
func TestUMAPTakesClassesExact(t *testing.T) {
	s := rng.New(1)
	x := blas32.General{Rows: 60, Cols: 4, Stride: 4, Data: make([]float32, 240)}
	y := make([]int, x.Rows)
	for i := range x.Data {
		x.Data[i] = float32(s.Float64())
		y[i/4] = i / 4 % 3
	}
	cfg := umap.Config{}
	cfg.NEpochs = 30
	run := stage.Run{Seed: 42, Workers: 1}
	got, err := cfg.Reduce(t.Context(), run, stage.Data{X: x, Classes: y})
	require.NoError(t, err)
	want, err := umap.FitData(t.Context(), umap.Data{X: x, Classes: y}, cfg)
	require.NoError(t, err)
	require.Equal(t, want.Points(), got.Points())
	plain, err := cfg.Reduce(t.Context(), run, stage.Data{X: x})
	require.NoError(t, err)
	require.NotEqual(t, got.Points(), plain.Points())
}
