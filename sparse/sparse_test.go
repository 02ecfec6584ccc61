package sparse

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// example is
//
//	3 0 4
//	0 0 0
//	0 5 1
func example() CSR[float32] {
	return CSR[float32]{Cols: 3, RowPtr: []int{0, 2, 2, 4}, Col: []int32{0, 2, 1, 2}, Value: []float32{3, 4, 5, 1}}
}

func TestRowsOfCSR(t *testing.T) {
	m := example()
	require.Equal(t, 3, m.Rows())
	require.Zero(t, CSR[float64]{}.Rows())
	require.Zero(t, CSR[float64]{RowPtr: []int{0}}.Rows())
	cols, values := m.Row(2)
	require.Equal(t, []int32{1, 2}, cols)
	require.Equal(t, []float32{5, 1}, values)
	cols, _ = m.Row(0)
	_ = append(cols, 9)
	require.Equal(t, example(), m, "append to a row writes into the next")
}

func TestCopiesOfCSR(t *testing.T) {
	m := example()
	require.Equal(t, CSR[float32]{Cols: 3, RowPtr: []int{0, 2, 4, 4}, Col: []int32{1, 2, 0, 2}, Value: []float32{5, 1, 3, 4}}, m.Pick([]int32{2, 0, 1}))
	require.Equal(t, CSR[float32]{Cols: 3, RowPtr: []int{0}, Col: []int32{}, Value: []float32{}}, m.Pick(nil))

	one := CSR[float32]{Cols: 3}
	one.AppendRow([]int32{2}, []float32{7})
	one.AppendRow(nil, nil)
	one.Append(CSR[float32]{Cols: 3})
	one.Append(m)
	require.Equal(t, CSR[float32]{Cols: 3, RowPtr: []int{0, 1, 1, 3, 3, 5}, Col: []int32{2, 0, 2, 1, 2}, Value: []float32{7, 3, 4, 5, 1}}, one)
	var all CSR[float32]
	all.Cols = 3
	all.Append(m)
	require.Equal(t, m, all)

	c := m.Clone()
	c.Value[0], c.Col[0], c.RowPtr[1] = 0, 1, 1
	require.Equal(t, example(), m)
}

func TestTranspose(t *testing.T) {
	m := example()
	want := CSR[float32]{Cols: 3, RowPtr: []int{0, 1, 2, 4}, Col: []int32{0, 2, 0, 2}, Value: []float32{3, 5, 4, 1}}
	require.Equal(t, want, m.Transpose())
	require.Equal(t, m, want.Transpose())
	require.Equal(t, CSR[float32]{Cols: 0, RowPtr: []int{0, 0, 0}, Col: []int32{}, Value: []float32{}}, CSR[float32]{Cols: 2, RowPtr: []int{0}}.Transpose())
}

func TestCosineOfRows(t *testing.T) {
	m := example()
	require.Equal(t, 5.0, m.Norm(0))
	require.Equal(t, 4.0, m.Dot(0, m, 2))
	require.InDelta(t, 4/(5*math.Sqrt(26)), m.Cosine(0, m, 2), 1e-16)
	require.Zero(t, m.Cosine(0, m, 1))
	require.Zero(t, m.Cosine(1, m, 1))
	require.InDelta(t, 1, m.Cosine(2, m, 2), 1e-15)
}
