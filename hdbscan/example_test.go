package hdbscan_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
)

// Two tight groups of five points and one point far from both.
var points = blas32.General{Rows: 11, Cols: 2, Stride: 2, Data: []float32{
	0, 0, 0.1, 0.25, 0.3, 0, 0.35, 0.3, 0.15, 0.12,
	5, 5, 5.2, 5.1, 5.1, 5.35, 5.3, 5.3, 5.15, 5.2,
	20, -3,
}}

func fit() *hdbscan.Model {
	cfg := hdbscan.DefaultConfig()
	cfg.MinClusterSize = 3
	cfg.MinSamples = 2
	m, err := hdbscan.Fit(context.Background(), points, cfg)
	if err != nil {
		log.Fatal(err)
	}
	return m
}

func ExampleFit() {
	m := fit()
	fmt.Println(m.Labels())
	fmt.Printf("%.2f\n", m.Probabilities())
	fmt.Printf("%.2f\n", m.Persistence())
	fmt.Println(m.Warnings())
	// Output:
	// [0 0 0 0 0 1 1 1 1 1 -1]
	// [1.00 1.00 0.90 1.00 1.00 0.82 0.92 1.00 1.00 1.00 0.00]
	// [0.72 0.92]
	// []
}

func ExampleModel_Predict() {
	m := fit()
	labels, strength, err := m.Predict(context.Background(), blas32.General{Rows: 3, Cols: 2, Stride: 2, Data: []float32{
		0.2, 0.2, // in the first group
		5.6, 5.6, // beside the second
		10, 10, // nowhere
	}})
	if err != nil {
		log.Fatal(err)
	}
	for i, l := range labels {
		fmt.Printf("%d %.2f\n", l, strength[i])
	}
	// Output:
	// 0 1.00
	// 1 0.37
	// -1 0.00
}

func ExampleModel_CondensedTree() {
	for _, e := range fit().CondensedTree()[:4] {
		fmt.Printf("%d → %d, %d rows, λ %.3f\n", e.Parent, e.Child, e.Size, e.Lambda)
	}
	// Output:
	// 11 → 10, 1 rows, λ 0.059
	// 11 → 12, 5 rows, λ 0.151
	// 11 → 13, 5 rows, λ 0.151
	// 12 → 2, 1 rows, λ 3.333
}

func ExampleModel_MinimumSpanningTree() {
	m := fit()
	edges := m.MinimumSpanningTree()
	last := edges[len(edges)-1]
	fmt.Printf("%d edges, the longest from row %d to row %d: %.2f\n", len(edges), last.A, last.B, last.Weight)
	merges := m.SingleLinkageTree()
	fmt.Printf("the last merge makes %d rows\n", merges[len(merges)-1].Size)
	fmt.Printf("core distance of row 10: %.2f\n", m.CoreDistances()[10])
	// Output:
	// 10 edges, the longest from row 6 to row 10: 16.88
	// the last merge makes 11 rows
	// core distance of row 10: 16.88
}

func ExampleConfig_Validate() {
	cfg := hdbscan.DefaultConfig()
	cfg.MinClusterSize = 1
	cfg.Alpha = 0
	fmt.Println(cfg.Validate())
	// Output:
	// hdbscan.Config.MinClusterSize is 1, want at least 2
	// hdbscan.Config.Alpha is 0, want from 1e-9 to 1e9
}
