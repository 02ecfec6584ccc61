package check

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
)

func TestFieldsExact(t *testing.T) {
	var f Fields
	require.NoError(t, f.Err())
	f.Want(true, "a.A", 1, "anything")
	require.NoError(t, f.Err())
	f.Want(false, "a.B", -1, "0 or more")
	f.Want(true, "a.C", 2, "anything")
	f.Want(false, "a.D", nil, "a reducer")
	f.Want(false, "a.E", math.NaN(), "a finite number")
	require.EqualError(t, f.Err(), "a.B is -1, want 0 or more\na.D is <nil>, want a reducer\na.E is NaN, want a finite number")

	// Every field can be found in what Err joins, also when it is wrapped.
	joined, ok := f.Err().(interface{ Unwrap() []error })
	require.True(t, ok)
	var fields []string
	for _, err := range joined.Unwrap() {
		var field *stage.ConfigError
		require.ErrorAs(t, fmt.Errorf("stage: %w", err), &field)
		fields = append(fields, field.Field)
	}
	require.Equal(t, []string{"a.B", "a.D", "a.E"}, fields)
	var first *stage.ConfigError
	require.ErrorAs(t, fmt.Errorf("stage: %w", f.Err()), &first)
	require.Equal(t, stage.ConfigError{Field: "a.B", Value: -1, Want: "0 or more"}, *first)
}

func TestMatrixExact(t *testing.T) {
	nan, up, down := float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
	matrix := func(rows, cols, stride int, data ...float32) blas32.General {
		return blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: data}
	}
	for name, c := range map[string]struct {
		x    blas32.General
		says string
		at   [2]int // of the value at fault, {-1, -1} when it is the shape
	}{
		"none":                  {x: matrix(0, 0, 0)},
		"no rows":               {x: matrix(0, 5, 0)},
		"no columns":            {x: matrix(5, 0, 0)},
		"one":                   {x: matrix(1, 1, 1, 0)},
		"dense":                 {x: matrix(2, 2, 2, 1, 2, 3, 4)},
		"gaps":                  {x: matrix(2, 2, 3, 1, 2, nan, 3, 4)},
		"more after the end":    {x: matrix(1, 2, 2, 1, 2, nan, up)},
		"one row, any stride":   {x: matrix(1, 2, 100, 1, 2)},
		"extremes":              {x: matrix(1, 4, 4, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)))},
		"negative rows":         {matrix(-1, 2, 2), "matrix has a negative size: -1×2", [2]int{-1, -1}},
		"negative columns":      {matrix(1, -2, 2), "matrix has a negative size: 1×-2", [2]int{-1, -1}},
		"small stride":          {matrix(2, 2, 1, 1, 2, 3, 4), "matrix has stride 1, less than its 2 columns", [2]int{-1, -1}},
		"negative stride":       {matrix(2, 2, -2, 1, 2, 3, 4), "matrix has stride -2, less than its 2 columns", [2]int{-1, -1}},
		"little data":           {matrix(2, 2, 3, 1, 2, 3, 4), "matrix of 2×2 with stride 3 needs 5 values, has 4", [2]int{-1, -1}},
		"no data":               {matrix(1, 1, 1), "matrix of 1×1 with stride 1 needs 1 values, has 0", [2]int{-1, -1}},
		"NaN":                   {matrix(1, 1, 1, nan), "row 0, column 0: is NaN, want a finite number", [2]int{0, 0}},
		"the first of several":  {matrix(2, 2, 2, 1, nan, up, 4), "row 0, column 1: is NaN, want a finite number", [2]int{0, 1}},
		"Inf":                   {matrix(2, 2, 3, 1, 2, nan, up, nan), "row 1, column 0: is +Inf, want a finite number", [2]int{1, 0}},
		"−Inf in the last":      {matrix(2, 2, 2, 1, 2, 3, down), "row 1, column 1: is -Inf, want a finite number", [2]int{1, 1}},
		"a NaN of another kind": {matrix(1, 1, 1, math.Float32frombits(0xffc12345)), "row 0, column 0: is NaN, want a finite number", [2]int{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			err := Matrix(c.x)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.says)
			value := &stage.ValueError{Row: -1, Col: -1}
			_ = errors.As(err, &value)
			require.Equal(t, c.at, [2]int{value.Row, value.Col})
		})
	}
	require.EqualError(t, &stage.ValueError{Row: 3, Col: -1, Why: "is empty"}, "row 3: is empty")
}
