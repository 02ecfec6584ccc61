package knn_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
)

var points = blas32.General{Rows: 4, Cols: 2, Stride: 2, Data: []float32{
	0, 0,
	3, 4,
	0, 1,
	3, 4,
}}

func ExampleSelf() {
	n, err := knn.Self(context.Background(), points, 2, knn.Euclidean, knn.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range points.Rows {
		fmt.Println(n.Index[i*n.K:][:n.K], n.Distance[i*n.K:][:n.K])
	}
	// Output:
	// [0 2] [0 1]
	// [1 3] [0 0]
	// [2 0] [0 1]
	// [3 1] [0 0]
}

func ExampleQuery() {
	q := blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{0, 5}}
	n, err := knn.Query(context.Background(), points, q, 3, knn.Cosine, knn.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Index, n.Distance) // of the rows at equal distance the lowest come first
	// Output: [2 1 3] [0 0.2 0.2]
}

func ExampleOpen() {
	ctx := context.Background()
	ix, err := knn.Open(ctx, points, knn.Metric{Kind: metric.Manhattan}, knn.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := ix.Query(ctx, blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{1, 1}}, 2)
	fmt.Println(n.Index, n.Distance, err)
	// Output: [2 0] [1 2] <nil>
}

func ExampleNewSparse() {
	ctx := context.Background()
	words := sparse.CSR[float32]{Cols: 1000, RowPtr: []int{0, 2, 4, 5}, Col: []int32{3, 700, 3, 701, 9}, Value: []float32{1, 1, 1, 1, 1}}
	ix, err := knn.NewSparse(ctx, words, knn.Metric{Kind: metric.Jaccard}, knn.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := ix.Self(ctx, 2)
	fmt.Println(n.Index, n.Distance, err)
	// Output: [0 1 1 0 2 0] [0 0.6666667 0 0.6666667 0 1] <nil>
}
