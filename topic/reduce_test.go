package topic_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// Classes reach the reducer: rows that nothing else tells apart lie with their class.
func TestUMAPWithClassesStatistical(t *testing.T) {
	s := rng.New(1)
	x := blas32.General{Rows: 150, Cols: 6, Stride: 6, Data: make([]float32, 900)}
	for i := range x.Data {
		x.Data[i] = float32(s.Float64())
	}
	classes := make([]int, x.Rows)
	for i := range classes {
		classes[i] = i % 3
	}
	reducer := topic.UMAP{Config: umap.DefaultConfig()}
	apart := func(y []int) float64 { // the distance between the means of the classes 0 and 1
		r, err := reducer.Reduce(t.Context(), topic.Run{Seed: 42}, x, y)
		require.NoError(t, err)
		p := r.Points()
		var mean [2][2]float64
		for i := range p.Rows {
			if c := i % 3; c < 2 {
				for d := range 2 {
					mean[c][d] += float64(p.Data[i*p.Stride+d]) / 50
				}
			}
		}
		dx, dy := mean[0][0]-mean[1][0], mean[0][1]-mean[1][1]
		return dx*dx + dy*dy
	}
	require.Greater(t, apart(classes), 10*apart(nil))
	_, err := reducer.Reduce(t.Context(), topic.Run{}, x, classes[1:])
	require.ErrorContains(t, err, "149 classes for 150 rows")
}
