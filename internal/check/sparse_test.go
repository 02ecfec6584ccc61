package check

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

func TestSparse(t *testing.T) {
	good := func() sparse.CSR[float64] {
		return sparse.CSR[float64]{Cols: 5, RowPtr: []int{0, 2, 2, 4}, Col: []int32{1, 4, 0, 3}, Value: []float64{1, -2, 0, 4}}
	}
	require.NoError(t, Sparse(good()))
	require.NoError(t, Sparse(sparse.CSR[float32]{}))
	require.NoError(t, Sparse(sparse.CSR[float32]{Cols: 3, RowPtr: []int{0}}))
	var value *stage.ValueError
	for want, change := range map[string]func(m *sparse.CSR[float64]){
		"has the size 3×-1":             func(m *sparse.CSR[float64]) { m.Cols = -1 },
		"pointers from 1 to 4":          func(m *sparse.CSR[float64]) { m.RowPtr[0] = 1 },
		"pointers from 0 to 2":          func(m *sparse.CSR[float64]) { m.RowPtr = m.RowPtr[:3] },
		"pointers from 0 to 0":          func(m *sparse.CSR[float64]) { m.RowPtr = nil },
		"4 columns and 3 values":        func(m *sparse.CSR[float64]) { m.Value = m.Value[:3] },
		"row 0 from 0 to 9":             func(m *sparse.CSR[float64]) { m.RowPtr[1] = 9 },
		"row 1 from 2 to 1":             func(m *sparse.CSR[float64]) { m.RowPtr[2] = 1 },
		"row 0: has column 1":           func(m *sparse.CSR[float64]) { m.Col[1] = 1 },
		"row 2: has column 5":           func(m *sparse.CSR[float64]) { m.Col[3] = 5 },
		"row 2: has column -1":          func(m *sparse.CSR[float64]) { m.Col[2] = -1 },
		"row 2, column 3: is NaN":       func(m *sparse.CSR[float64]) { m.Value[3] = math.NaN() },
		"row 0, column 1: is -Inf":      func(m *sparse.CSR[float64]) { m.Value[0] = math.Inf(-1) },
		"3 columns and 4 values does n": func(m *sparse.CSR[float64]) { m.Col = m.Col[:3] },
	} {
		m := good()
		change(&m)
		err := Sparse(m)
		require.ErrorContains(t, err, want)
		require.Equal(t, strings.Contains(want, "has column") || strings.Contains(want, ": is"), errors.As(err, &value), want)
	}
}
