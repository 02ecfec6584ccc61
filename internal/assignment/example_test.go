package assignment_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/gobertopic/gobertopic/internal/assignment"
)

func ExampleMax() {
	similar := blas64.General{Rows: 2, Cols: 3, Stride: 3, Data: []float64{
		0.9, 0.8, 0.1,
		0.8, 0.1, 0.2,
	}}
	m, err := assignment.Max(context.Background(), similar)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d %d %.1f\n", m.Col, m.Row, m.Total)
	// Output: [1 0] [1 0 -1] 1.6
}
