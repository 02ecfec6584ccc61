package assignment_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/gobertopic/gobertopic/internal/assignment"
	"github.com/gobertopic/gobertopic/stage"
)

func matrix(rows, cols int, data []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// checkMatching checks that a matching is one, of as many pairs as there can be.
func checkMatching(t *testing.T, x blas64.General, m assignment.Matching) {
	t.Helper()
	require.Len(t, m.Col, x.Rows)
	require.Len(t, m.Row, x.Cols)
	pairs, total := 0, 0.0
	for i, j := range m.Col {
		if j >= 0 {
			require.Equal(t, i, m.Row[j])
			pairs++
			total += x.Data[i*x.Stride+j]
		}
	}
	require.Equal(t, min(x.Rows, x.Cols), pairs)
	back := 0
	for _, i := range m.Row {
		if i >= 0 {
			back++
		}
	}
	require.Equal(t, pairs, back)
	require.Equal(t, total, m.Total)
}

// testdata/golden.json.gz is made by scripts/golden/assignment.py.
func TestMatchingWithin1e9OfSciPy(t *testing.T) {
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g struct {
		Cases []struct {
			Rows, Cols       int
			Maximize, Unique bool
			Cost             []*float64
			I, J             []int
		}
	}
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	require.Greater(t, len(g.Cases), 100)
	infeasible := 0
	for n, c := range g.Cases {
		find, forbidden := assignment.Min, math.Inf(1)
		if c.Maximize {
			find, forbidden = assignment.Max, math.Inf(-1)
		}
		x := matrix(c.Rows, c.Cols, make([]float64, len(c.Cost)))
		for i, v := range c.Cost {
			x.Data[i] = forbidden
			if v != nil {
				x.Data[i] = *v
			}
		}
		m, err := find(t.Context(), x)
		if len(c.I) == 0 {
			require.ErrorIs(t, err, assignment.ErrInfeasible, "case %d", n)
			infeasible++
			continue
		}
		require.NoError(t, err, "case %d", n)
		checkMatching(t, x, m)
		total := 0.0
		for k, i := range c.I {
			total += x.Data[i*x.Stride+c.J[k]]
			if c.Unique {
				require.Equal(t, c.J[k], m.Col[i], "case %d", n)
			}
		}
		require.InDelta(t, total, m.Total, 1e-9, "case %d", n)
	}
	require.Greater(t, infeasible, 2)
}

// best tries all assignments.
func best(x blas64.General, row int, taken []bool, skips int) float64 {
	if row == x.Rows {
		return 0
	}
	least := math.Inf(1)
	for j := range x.Cols {
		if !taken[j] {
			taken[j] = true
			least = min(least, x.Data[row*x.Stride+j]+best(x, row+1, taken, skips))
			taken[j] = false
		}
	}
	if skips > 0 {
		least = min(least, best(x, row+1, taken, skips-1))
	}
	return least
}

func TestMatchingExactAgainstAllAssignments(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		x := blas64.General{Rows: rng.IntN(7), Cols: rng.IntN(7)}
		x.Stride = x.Cols + rng.IntN(3)
		x.Data = make([]float64, x.Rows*x.Stride)
		most := 1 + rng.IntN(20)
		for i := range x.Data {
			if x.Data[i] = float64(rng.IntN(most) - 3); rng.IntN(10) == 0 {
				x.Data[i] = math.Inf(1)
			}
		}
		want := best(x, 0, make([]bool, x.Cols), max(0, x.Rows-x.Cols))
		m, err := assignment.Min(t.Context(), x)
		if math.IsInf(want, 1) {
			require.ErrorIs(t, err, assignment.ErrInfeasible)
			continue
		}
		require.NoError(t, err)
		checkMatching(t, x, m)
		require.Equal(t, want, m.Total)
		for i := range x.Data {
			x.Data[i] = -x.Data[i]
		}
		o, err := assignment.Max(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, m.Col, o.Col)
		require.Equal(t, -m.Total, o.Total+0)
	}
}

// Equal costs everywhere pair row i with column i.
func TestTiesGoToTheLowestExact(t *testing.T) {
	for _, shape := range [][2]int{{5, 5}, {3, 7}, {7, 3}} {
		x := matrix(shape[0], shape[1], make([]float64, shape[0]*shape[1]))
		m, err := assignment.Min(t.Context(), x)
		require.NoError(t, err)
		for i, j := range m.Col {
			if i < shape[1] {
				require.Equal(t, i, j)
			} else {
				require.Equal(t, -1, j)
			}
		}
	}
}

func TestMatchingErrors(t *testing.T) {
	var bad *stage.ValueError
	_, err := assignment.Min(t.Context(), matrix(2, 2, []float64{0, 1, math.NaN(), 0}))
	require.ErrorAs(t, err, &bad)
	require.Equal(t, 1, bad.Row)
	_, err = assignment.Min(t.Context(), matrix(1, 2, []float64{0, math.Inf(-1)}))
	require.ErrorContains(t, err, "is -Inf, want a finite number, or +Inf")
	_, err = assignment.Max(t.Context(), matrix(1, 2, []float64{0, math.Inf(1)}))
	require.ErrorContains(t, err, "is +Inf, want a finite number, or -Inf")
	_, err = assignment.Min(t.Context(), blas64.General{Rows: 2, Cols: 2, Stride: 1, Data: make([]float64, 4)})
	require.ErrorContains(t, err, "stride 1")
	_, err = assignment.Min(t.Context(), matrix(2, 2, make([]float64, 3)))
	require.ErrorContains(t, err, "3 values")
	cause := errors.New("enough")
	stopped, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err = assignment.Min(stopped, matrix(1, 1, []float64{1}))
	require.ErrorIs(t, err, cause)
	m, err := assignment.Min(t.Context(), blas64.General{Rows: 3})
	require.NoError(t, err)
	require.Equal(t, assignment.Matching{Col: []int{-1, -1, -1}, Row: []int{}}, m)
}

func BenchmarkMin500(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := matrix(500, 500, make([]float64, 250000))
	for i := range x.Data {
		x.Data[i] = rng.Float64()
	}
	for b.Loop() {
		if _, err := assignment.Min(b.Context(), x); err != nil {
			b.Fatal(err)
		}
	}
}
