package topic

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
)

// badStage is a reducer and a clusterer that give wrong answers for new rows alone.
type badStage struct {
	cols     int
	value    float32
	strength float64
}

type badFit struct {
	badStage
	rows int
}

func (b badStage) Reduce(_ context.Context, _ stage.Run, d stage.Data) (stage.Reduction, error) {
	return badFit{b, d.X.Rows}, nil
}

func (b badStage) Cluster(_ context.Context, _ stage.Run, d stage.Data) (stage.Clustering, error) {
	return badFit{b, d.X.Rows}, nil
}

func (f badFit) Points() blas32.General {
	x := blas32.General{Rows: f.rows, Cols: 2, Stride: 2, Data: make([]float32, 2*f.rows)}
	for i := range x.Data {
		x.Data[i] = 1
	}
	return x
}

func (f badFit) Transform(_ context.Context, x blas32.General) (blas32.General, error) {
	out := blas32.General{Rows: x.Rows, Cols: f.cols, Stride: f.cols, Data: make([]float32, f.cols*x.Rows)}
	for i := range out.Data {
		out.Data[i] = f.value
	}
	return out, nil
}

func (f badFit) Labels() []int { return make([]int, f.rows) }

func (f badFit) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	s := make([]float64, x.Rows)
	for i := range s {
		s[i] = f.strength
	}
	return make([]int, x.Rows), s, nil
}

func TestWrongAnswersForNewRows(t *testing.T) {
	ctx := context.Background()
	x := blas32.General{Rows: 3, Cols: 3, Stride: 3, Data: []float32{1, 0, 0, 0, 1, 0, 0, 0, 1}}
	y := blas32.General{Rows: 1, Cols: 3, Stride: 3, Data: []float32{1, 1, 1}}
	for _, test := range []struct {
		bad       badStage
		transform string // "" where only growth can tell
		grow      string
	}{
		{badStage{2, 1, math.NaN()}, "strength NaN", "strength NaN"},
		{badStage{2, 1, 1.5}, "strength 1.5", "strength 1.5"},
		{badStage{2, float32(math.NaN()), 1}, "NaN", "NaN"},
		{badStage{1, 1, 1}, "", "points of 1 dimensions, want 2"},
	} {
		m, err := FitEmbedded(ctx, []string{"one cat", "two dogs", "three cows"}, x, Config{Reducer: test.bad, Clusterer: test.bad})
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.TransformEmbedded(ctx, []string{"new"}, y)
		if test.transform != "" && (err == nil || !strings.Contains(err.Error(), test.transform)) {
			t.Errorf("Transform with %+v: %v", test.bad, err)
		}
		if _, err = m.GrowEmbedded(ctx, []string{"new"}, y); err == nil || !strings.Contains(err.Error(), test.grow) {
			t.Errorf("Grow with %+v: %v", test.bad, err)
		}
	}
}
