package simd_test

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// A layer's weights, one output a row, are packed once and multiplied with many inputs.
func ExampleKernels_MulNT() {
	k, err := simd.For(simd.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := k.Pack(blas32.General{Rows: 3, Cols: 2, Stride: 2, Data: []float32{1, 0, 0, 1, 1, 1}})
	inputs := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{5, 7, -1, 2}}
	outputs := blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: make([]float32, 6)}
	k.MulNT(outputs, inputs, weights)
	fmt.Println(outputs.Data)
	// Output: [5 7 12 -1 2 1]
}
