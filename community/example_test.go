package community_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/sparse"
)

func ExampleFit() {
	// Two triangles of rows, held together by one weak edge.
	x := blas32.General{Rows: 6, Cols: 2, Stride: 2, Data: []float32{5, 1, 6, 1, 5, 0, 1, 5, 0, 6, 1, 6}}
	g := sparse.CSR[float32]{
		Cols:   6,
		RowPtr: []int{0, 2, 4, 7, 10, 12, 14},
		Col:    []int32{1, 2, 0, 2, 0, 1, 3, 2, 4, 5, 3, 5, 3, 4},
		Value:  []float32{1, 1, 1, 1, 1, 1, 0.1, 0.1, 1, 1, 1, 1, 1, 1},
	}
	cfg := community.Config{}
	cfg.MinSize = 2
	m, err := community.Fit(context.Background(), x, g, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Labels())
	// Output: [0 0 0 1 1 1]
}

func ExampleModel_Memberships() {
	// Two triangles of rows, held together by one weak edge.
	x := blas32.General{Rows: 6, Cols: 2, Stride: 2, Data: []float32{5, 1, 6, 1, 5, 0, 1, 5, 0, 6, 1, 6}}
	g := sparse.CSR[float32]{
		Cols:   6,
		RowPtr: []int{0, 2, 4, 7, 10, 12, 14},
		Col:    []int32{1, 2, 0, 2, 0, 1, 3, 2, 4, 5, 3, 5, 3, 4},
		Value:  []float32{1, 1, 1, 1, 1, 1, 0.5, 0.5, 1, 1, 1, 1, 1, 1},
	}
	cfg := community.Config{}
	cfg.MinSize = 2
	m, err := community.Fit(context.Background(), x, g, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := m.Memberships(context.Background(), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range all.Rows() {
		fmt.Println(all.Row(i))
	}
	// Output:
	// [0] [1]
	// [0] [1]
	// [0 1] [0.8 0.2]
	// [0 1] [0.2 0.8]
	// [1] [1]
	// [1] [1]
}
