package embed_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/stage"
)

func Example() {
	x := blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: []float32{1, 2, 3, 4, 5, 6}}
	var file bytes.Buffer
	if err := embed.WriteNPY(&file, x); err != nil {
		panic(err)
	}
	y, err := embed.ReadNPY(&file)
	fmt.Println(y.Rows, y.Cols, y.Data, err)
	// Output:
	// 2 3 [1 2 3 4 5 6] <nil>
}

func ExampleWriteNPY() {
	x := blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{1, float32(math.NaN())}}
	err := embed.WriteNPY(io.Discard, x)
	fmt.Println(err)
	var bad *stage.ValueError
	if errors.As(err, &bad) {
		fmt.Println(bad.Row, bad.Col)
	}
	// Output:
	// row 0, column 1: is NaN, want a finite number
	// 0 1
}

func ExampleReadNPY() {
	var file bytes.Buffer
	x := blas32.General{Rows: 3, Cols: 1, Stride: 1, Data: []float32{1, 2, 3}}
	if err := embed.WriteNPY(&file, x); err != nil {
		panic(err)
	}
	file.Truncate(file.Len() - 2)
	_, err := embed.ReadNPY(&file)
	fmt.Println(err)
	fmt.Println(errors.Is(err, io.ErrUnexpectedEOF))
	// Output:
	// array is cut short: the header promises 3 rows of 1 float32, and 2 of 3 rows are there, it ends at byte 138: unexpected EOF
	// true
}

// Half the size of float32, for vectors of length 1.
func ExampleNPYFormat() {
	x := blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{0.6, -0.8}}
	var file bytes.Buffer
	if err := (embed.NPYFormat{Type: embed.NPYFloat16}).Write(&file, x); err != nil {
		panic(err)
	}
	y, err := embed.ReadNPY(&file)
	fmt.Println(y.Data, err)
	// Output:
	// [0.60009766 -0.7998047] <nil>
}
