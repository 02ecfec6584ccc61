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

// Weights in int8 are packed once; activations are quantised row by row, on the way into a product.
func ExampleKernels_MulInt8() {
	k, err := simd.For(simd.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := k.PackInt8(2, 3, []int8{1, 2, 3, -4, 0, 4}, []float32{0.5, 1})
	inputs := blas32.General{Rows: 1, Cols: 3, Stride: 3, Data: []float32{-100, 0, 155}}
	outputs := blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: make([]float32, 2)}
	var q simd.Quantised
	k.Quantise(&q, inputs)
	k.MulInt8(outputs, &q, weights, []float32{0, 1})
	fmt.Println(outputs.Data)
	// Output: [182.5 1021]
}
