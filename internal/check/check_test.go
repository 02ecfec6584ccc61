package check

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"
)

func TestFields(t *testing.T) {
	var f Fields
	require.NoError(t, f.Err())
	f.Want(true, "a.A", 1, "anything")
	require.NoError(t, f.Err())
	f.Want(false, "a.B", -1, "0 or more")
	f.Want(false, "a.C", nil, "a reducer")
	require.EqualError(t, f.Err(), "a.B is -1, want 0 or more\na.C is <nil>, want a reducer")
	var field *ConfigError
	require.ErrorAs(t, f.Err(), &field)
	require.Equal(t, "a.B", field.Field)
}

func TestMatrix(t *testing.T) {
	matrix := func(rows, cols, stride int, data ...float32) error {
		return Matrix(blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: data})
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	require.NoError(t, matrix(0, 5, 0))
	require.NoError(t, matrix(5, 0, 0))
	require.NoError(t, matrix(2, 2, 3, 1, 2, nan, 3, 4), "what lies between the rows does not count")
	require.EqualError(t, matrix(-1, 2, 2), "matrix has a negative size: -1×2")
	require.EqualError(t, matrix(2, 2, 1, 1, 2, 3, 4), "matrix has stride 1, less than its 2 columns")
	require.EqualError(t, matrix(2, 2, 3, 1, 2, 3, 4), "matrix of 2×2 with stride 3 needs 5 values, has 4")
	err := matrix(2, 2, 2, 1, 2, 3, inf)
	require.EqualError(t, err, "row 1, column 1: is -Inf, want a finite number")
	var value *ValueError
	require.ErrorAs(t, matrix(2, 2, 2, 1, nan, inf, 4), &value)
	require.Equal(t, ValueError{Row: 0, Col: 1, Why: "is NaN, want a finite number"}, *value)
	require.EqualError(t, &ValueError{Row: 3, Col: -1, Why: "is empty"}, "row 3: is empty")
}
