package supervised_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/supervised"
)

var both = map[string]stage.Clusterer{"fixed": supervised.Fixed{}, "logistic": supervised.Logistic{}}

func TestStages(t *testing.T) {
	for name, c := range both {
		t.Run(name, func(t *testing.T) { stagetest.TestClusterer(t, c) })
		require.Equal(t, stage.ClassesOnly, c.(stage.ClassUser).ClassUse())
	}
}

func TestBadInput(t *testing.T) {
	x := matrixOf([][]float32{{1, 2}, {3, 4}, {1, 2}})
	nan := matrixOf([][]float32{{1, 2}, {3, float32(math.NaN())}, {1, 2}})
	for name, c := range both {
		t.Run(name, func(t *testing.T) {
			for _, y := range [][]int{nil, {-1, -1, -1}} {
				_, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: y})
				require.ErrorIs(t, err, stage.ErrNoClasses)
			}
			_, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: []int{1, 2}})
			require.ErrorContains(t, err, "2 classes for 3 rows")
			var value *stage.ValueError
			_, err = c.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: []int{1, 2, -2}})
			require.ErrorAs(t, err, &value)
			require.Equal(t, 2, value.Row)
			_, err = c.Cluster(t.Context(), stage.Run{}, stage.Data{X: nan, Classes: []int{1, 2, 2}})
			require.ErrorAs(t, err, &value)
			require.Equal(t, 1, value.Row)
			m, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: []int{1, 2, 2}})
			require.NoError(t, err)
			_, _, err = m.Predict(t.Context(), nan)
			require.ErrorAs(t, err, &value)
			_, _, err = m.Predict(t.Context(), matrixOf([][]float32{{1, 2, 3}}))
			require.ErrorContains(t, err, "3 dimensions, want 2")
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, _, err = m.Predict(ctx, x)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

func TestFixedExact(t *testing.T) {
	x := matrixOf([][]float32{{1, 0}, {3, 0.5}, {0, 2}, {-1, 0}, {0, -7}})
	m, err := supervised.Fixed{}.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: []int{7, 7, 2, -1, 30}})
	require.NoError(t, err)
	require.Equal(t, []int{7, 7, 2, -1, 30}, m.Labels())
	q := matrixOf([][]float32{{5, 0}, {0, 5}, {-1, -9}, {0, 0}})
	labels, strengths, err := m.Predict(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []int{7, 2, 30, 2}, labels)
	require.InDelta(t, 4/math.Hypot(4, 0.5), strengths[0], 1e-7)
	require.InDelta(t, 9/math.Hypot(1, 9), strengths[2], 1e-7)
	require.Zero(t, strengths[3])
	opposite, err := supervised.Fixed{}.Cluster(t.Context(), stage.Run{}, stage.Data{X: matrixOf([][]float32{{1, 0}}), Classes: []int{0}})
	require.NoError(t, err)
	labels, strengths, err = opposite.Predict(t.Context(), matrixOf([][]float32{{-1, 0}}))
	require.NoError(t, err)
	require.Equal(t, []int{0}, labels)
	require.Equal(t, []float64{0}, strengths)
}

func TestRowsWithoutColumns(t *testing.T) {
	y := make([]int, 1500)
	for i := range y {
		y[i] = i%3 - 1
	}
	for name, c := range both {
		m, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: blas32.General{Rows: len(y), Stride: 1}, Classes: y})
		require.NoError(t, err, name)
		require.Equal(t, y, m.Labels())
		stagetest.Reload(t, m)
	}
}

// TestOrderDoesNotMatter: the same rows in another order give the same classes to new rows.
func TestOrderDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var rows [][]float32
	var y []int
	for i := range 60 {
		rows, y = append(rows, []float32{float32(rng.IntN(5)), float32(rng.IntN(5)), 1}), append(y, i%4)
	}
	fit := func(c stage.Clusterer) []int {
		m, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: matrixOf(rows), Classes: y})
		require.NoError(t, err)
		labels, _, err := m.Predict(t.Context(), matrixOf([][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {3, 1, 1}}))
		require.NoError(t, err)
		return labels
	}
	for name, c := range both {
		want := fit(c)
		slices.Reverse(rows)
		slices.Reverse(y)
		require.Equal(t, want, fit(c), name)
	}
}

func TestDamagedState(t *testing.T) {
	x := matrixOf([][]float32{{1, 2}, {3, 4}, {1, 7}})
	for name, c := range both {
		m, err := c.Cluster(t.Context(), stage.Run{}, stage.Data{X: x, Classes: []int{1, 2, 5}})
		require.NoError(t, err)
		whole := stagetest.Files{}
		require.NoError(t, state.Save(whole, m))
		rng := rand.New(rand.NewPCG(1, 2))
		refused := 0
		for range 400 {
			files := whole.Unpack(t).Damage(rng)
			back, err := state.Load(stage.Run{}, fstest.MapFS(files))
			if err != nil {
				refused++
				continue
			}
			// What was loaded works: for as many columns as there are now.
			for cols := range 5 {
				_, _, _ = back.(stage.Clustering).Predict(t.Context(), blas32.General{Rows: 1, Cols: cols, Stride: max(cols, 1), Data: make([]float32, cols)})
			}
		}
		require.Greater(t, refused, 200, name)
	}
}

func ExampleLogistic() {
	c := supervised.Logistic{}
	m, err := c.Cluster(context.Background(), stage.Run{}, stage.Data{
		X:       matrixOf([][]float32{{0, 1}, {1, 0}, {0, 2}, {2, 0}, {1, 1}}),
		Classes: []int{3, 8, 3, 8, stage.Outlier},
	})
	if err != nil {
		panic(err)
	}
	labels, _, err := m.Predict(context.Background(), matrixOf([][]float32{{0, 5}, {5, 0}}))
	fmt.Println(m.Labels(), labels, err)
	// Output: [3 8 3 8 -1] [3 8] <nil>
}

func ExampleFixed() {
	m, err := supervised.Fixed{}.Cluster(context.Background(), stage.Run{}, stage.Data{
		X:       matrixOf([][]float32{{0, 1}, {1, 0}}),
		Classes: []int{3, 8},
	})
	if err != nil {
		panic(err)
	}
	labels, strengths, err := m.Predict(context.Background(), matrixOf([][]float32{{0, 5}, {5, 5}}))
	fmt.Printf("%d %.3f %v\n", labels, strengths, err)
	// Output: [3 3] [1.000 0.707] <nil>
}
