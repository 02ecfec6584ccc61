package dense

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// gapped is a 4×3 matrix with a Stride of 5, without values behind its last row.
func gapped() blas32.General {
	x := blas32.General{Rows: 4, Cols: 3, Stride: 5, Data: make([]float32, 3*5+3)}
	for i := range x.Data {
		x.Data[i] = -1
	}
	for i := range x.Rows {
		for j := range x.Cols {
			x.Data[i*x.Stride+j] = float32(10*i + j)
		}
	}
	return x
}

func TestRowsOfAMatrixWithGaps(t *testing.T) {
	x := gapped()
	require.Equal(t, []float32{30, 31, 32}, Row(x, 3))
	_ = append(Row(x, 1), 99)
	require.Equal(t, float32(-1), x.Data[8], "append writes into the matrix")

	require.Equal(t, []float32{20, 21, 22}, Row(Slice(x, 1, 4), 1))
	require.Equal(t, 3, Slice(x, 1, 4).Rows)
	require.Equal(t, blas32.General{Cols: 3, Stride: 5}, Slice(x, 4, 4))
	Row(Slice(x, 1, 2), 0)[0] = 7
	require.Equal(t, float32(7), Row(x, 1)[0], "a slice does not alias its matrix")

	x = gapped()
	require.Equal(t, blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: []float32{30, 31, 32, 0, 1, 2}}, Pick(x, []int{3, 0}))
	require.Equal(t, Pick(x, []int{0, 1, 2, 3}), Compact(x))
	require.Equal(t, Compact(x), Pick(x, []int32{0, 1, 2, 3}))
	require.Equal(t, x, Pick[int](x, nil))
	require.Equal(t, blas32.General{Cols: 3, Stride: 3, Data: []float32{}}, Pick(x, []int{}))
}

func TestStackAndAppend(t *testing.T) {
	x, y := gapped(), New(2, 3)
	y.Data[0] = 5
	both := Stack(x, y, New(0, 3))
	require.Equal(t, 6, both.Rows)
	require.Equal(t, Row(x, 2), Row(both, 2))
	require.Equal(t, []float32{5, 0, 0}, Row(both, 4))
	require.Equal(t, both, Stack(blas32.General{}, x, y))
	require.Equal(t, New(0, 0), Stack())
	require.Equal(t, New(0, 3), Stack(New(0, 3), New(0, 3)))
	require.Panics(t, func() { Stack(x, New(1, 2)) })

	room := Compact(x)
	room.Data = append(make([]float32, 0, 64), room.Data...)
	longer := Append(room, y)
	require.Equal(t, both.Data, longer.Data)
	require.Equal(t, 6, longer.Rows)
	require.Same(t, &room.Data[0], &longer.Data[0], "rows are copied though there is room")
	require.NotSame(t, &room.Data[0], &Append(Clip(room), y).Data[0])
	require.Equal(t, both, Append(Append(blas32.General{}, x), y))
	require.Equal(t, room, Append(room, New(0, 3)))
}

func TestMeanOfRows(t *testing.T) {
	x := gapped()
	sum := Sum(x, []int{1, 3})
	require.Equal(t, []float64{40, 42, 44}, sum)
	mean := make([]float32, 3)
	SetMean(mean, sum, 2)
	require.Equal(t, []float32{20, 21, 22}, mean)
}

// The order of a sum is part of what Dot and DotInOrder promise.
func TestOrderOfSumsExact(t *testing.T) {
	r := rng.New(1)
	for _, n := range []int{0, 1, 7, 8, 9, 64, 383} {
		a, b, c := make([]float32, n), make([]float32, n), make([]float64, n)
		for i := range a {
			a[i], b[i], c[i] = float32(r.Float64()-0.5), float32(r.Float64()-0.5), r.Float64()
		}
		var eight [8]float64
		one, mixed, aa := 0.0, 0.0, 0.0
		for i, v := range a {
			eight[i%8] += float64(v) * float64(b[i]) // exact in float64
			one += float64(v) * float64(b[i])
			aa += float64(v) * float64(v)
			mixed += float64(float64(v) * c[i])
		}
		all := ((eight[0] + eight[4]) + (eight[2] + eight[6])) + ((eight[1] + eight[5]) + (eight[3] + eight[7]))
		require.InDelta(t, all, Dot(a, b), 1e-12)
		require.Equal(t, one, DotInOrder(a, b))
		require.Equal(t, mixed, DotInOrder(a, c))
		require.Equal(t, math.Sqrt(aa), NormInOrder(a))
		if n > 0 {
			require.InDelta(t, CosineInOrder(a, b), Cosine(a, b), 1e-12)
			require.InDelta(t, 1, Cosine(a, a), 1e-12)
		}
	}
	zero := make([]float32, 3)
	require.Zero(t, Cosine(zero, []float32{1, 2, 3}))
	require.Zero(t, CosineInOrder([]float32{1, 2, 3}, zero))
	require.Equal(t, 5.0, Norm([]float32{3, 4}))
}
