package eval_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
)

func ExampleARI() {
	v, err := eval.ARI([]int{0, 0, 1, 1, 1}, []int{7, 7, 3, 3, 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", v)
	// Output: 0.167
}

func ExampleNMI() {
	v, err := eval.NMI([]int{0, 0, 1, 1}, []int{1, 1, 0, 0}) // the same groups under other names
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", v)
	// Output: 1.000
}

func ExampleTrustworthiness() {
	x := blas32.General{Rows: 6, Cols: 2, Stride: 2, Data: []float32{0, 0, 1, 0, 0, 2, 9, 9, 8, 9, 9, 7}}
	y := blas32.General{Rows: 6, Cols: 1, Stride: 1, Data: []float32{0, 1, 2, 9, 8, 3}}
	v, err := eval.Trustworthiness(context.Background(), x, y, 2, eval.Euclidean)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", v)
	// Output: 0.867
}

func ExampleDBCV() {
	x := blas32.General{Rows: 7, Cols: 1, Stride: 1, Data: []float32{0, 0.1, 0.2, 9, 9.1, 9.2, 50}}
	index, perCluster, err := eval.DBCV(context.Background(), x, []int{0, 0, 0, 1, 1, 1, -1}, eval.Euclidean)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f of %.3f\n", index, perCluster)
	// Output:
	// 0.844 of [0.985 0.985]
}
