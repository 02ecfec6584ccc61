package hdbscan_test

import (
	"context"
	"fmt"
	"log"
	"math"

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
	fmt.Printf("%.2f\n", m.Strengths())
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

func ExampleFitData() {
	// Rows 2 and 7 count three times, and rows 0 and 1 must not be in one cluster.
	d := hdbscan.Data{
		Points:     points,
		Weights:    []float64{1, 1, 3, 1, 1, 1, 1, 3, 1, 1, 1},
		CannotLink: [][2]int{{0, 1}},
	}
	cfg := hdbscan.DefaultConfig()
	cfg.MinClusterSize = 3
	cfg.MinSamples = 2
	m, err := hdbscan.FitData(context.Background(), d, cfg)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Labels())
	// Output:
	// [-1 0 0 0 0 1 1 1 1 1 -1]
}

func ExampleModel_Reselect() {
	cfg := hdbscan.DefaultConfig()
	cfg.MinClusterSize = 3
	cfg.ClusterSelectionMethod = hdbscan.Leaf
	cfg.ClusterSelectionEpsilon = 100
	cfg.AllowSingleCluster = true
	m, err := fit().Reselect(context.Background(), cfg)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Labels())
	// Output:
	// [0 0 0 0 0 0 0 0 0 0 0]
}

func ExampleModel_Locate() {
	found, err := fit().Locate(context.Background(), blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{5.2, 5.2, 10, 10}})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range found {
		fmt.Printf("cluster %d, strength %.2f, outlier score %.2f, by row %d\n", p.Label, p.Strength, p.OutlierScore, p.Neighbour)
	}
	// Output:
	// cluster 1, strength 1.00, outlier score 0.00, by row 9
	// cluster -1, strength 0.00, outlier score 0.97, by row 8
}

func ExampleModel_Memberships() {
	all, err := fit().Memberships(context.Background(), 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range []int{0, 6, 10} {
		labels, values := all.Row(row)
		fmt.Printf("row %d: %v %.3f\n", row, labels, values)
	}
	// Output:
	// row 0: [0 1] [0.981 0.018]
	// row 6: [0 1] [0.011 0.911]
	// row 10: [0 1] [0.006 0.007]
}

func ExampleModel_Flat() {
	m, err := fit().Flat(context.Background(), 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Labels())
	_, err = m.Flat(context.Background(), 3)
	fmt.Println(err)
	// Output:
	// [0 0 0 0 0 0 0 0 0 0 -1]
	// hdbscan: 3 clusters are not possible, want from 1 to 2
}

// Robust single linkage is a fit with Alpha √2 that is cut.
func ExampleModel_Cut() {
	cfg := hdbscan.DefaultConfig()
	cfg.MinSamples, cfg.Alpha = 2, math.Sqrt2
	m, err := hdbscan.Fit(context.Background(), points, cfg)
	if err != nil {
		log.Fatal(err)
	}
	labels, err := m.Cut(1, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)
	// Output:
	// [0 0 0 0 0 1 1 1 1 1 -1]
}

func ExampleModel_Layers() {
	// Six groups of four points, three by three near each other.
	x := blas32.General{Cols: 1, Stride: 1}
	for _, at := range []float32{0, 3, 7, 30, 33, 37} {
		for i := range 4 {
			x.Data = append(x.Data, at+float32(i*i)/50)
		}
	}
	x.Rows = len(x.Data)
	cfg := hdbscan.DefaultConfig()
	cfg.MinSamples = 2
	m, err := hdbscan.Fit(context.Background(), x, cfg)
	if err != nil {
		log.Fatal(err)
	}
	layers, trace, err := m.Layers(context.Background(), hdbscan.DefaultLayerConfig())
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range layers {
		fmt.Printf("clusters larger than %v, persistence %v: %v\n", l.Size, l.LayerPersistence, l.Labels())
	}
	fmt.Println(trace.Size, trace.Clusters)
	// Output:
	// clusters larger than 2, persistence 12: [2 2 2 2 3 3 3 3 0 0 0 0 4 4 4 4 5 5 5 5 1 1 1 1]
	// clusters larger than 4, persistence 16: [0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1]
	// [2 4 12] [6 2 0]
}

func ExampleModel_Exemplars() {
	m := fit()
	fmt.Println(m.Exemplars())
	medoids, err := m.Medoids(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	centroids, err := m.Centroids(points)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %.2f\n", medoids, centroids.Data)
	fmt.Printf("%.2f\n", m.OutlierScores())
	validity, err := m.RelativeValidity()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", validity)
	// Output:
	// [[1 3 4] [7 8 9]]
	// [4 9] [0.18 0.14 5.15 5.20]
	// [0.00 0.00 0.10 0.00 0.00 0.18 0.08 0.00 0.00 0.00 0.99]
	// 0.87
}

func ExampleModel_Branches() {
	// Three arms of 30 points, thinner towards their ends.
	x := blas32.General{Cols: 2, Stride: 2}
	for arm := range 3 {
		for i := range 30 {
			at := 0.1*float64(i) + 0.002*float64(i*i)
			sin, cos := math.Sincos(2 * math.Pi / 3 * float64(arm))
			x.Data = append(x.Data, float32(at*cos), float32(at*sin))
		}
	}
	x.Rows = 90
	cfg := hdbscan.DefaultConfig()
	cfg.AllowSingleCluster = true
	cfg.ClusterSelectionEpsilon = 2
	m, err := hdbscan.Fit(context.Background(), x, cfg)
	if err != nil {
		log.Fatal(err)
	}
	b, err := m.Branches(context.Background(), hdbscan.BranchConfig{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(m.Persistence()), "cluster with", len(b.Persistence[0]), "branches")
	fmt.Println(b.Branch[29], b.Branch[59], b.Branch[89])
	// Output:
	// 1 cluster with 3 branches
	// 0 1 2
}

func ExampleModel_TreePlot() {
	for _, c := range fit().TreePlot().Clusters {
		fmt.Printf("x %.1f: λ from %.2f to %.2f, %d rows at first, label %d\n", c.X, c.Birth, c.Death, c.Steps[0].Size, c.Label)
	}
	// Output:
	// x 0.5: λ from 0.00 to 0.15, 11 rows at first, label -1
	// x 0.0: λ from 0.15 to 3.72, 5 rows at first, label 0
	// x 1.0: λ from 0.15 to 4.85, 5 rows at first, label 1
}

func ExampleParseMetric() {
	m, err := hdbscan.ParseMetric("l1")
	fmt.Println(m, err)
	cfg := hdbscan.DefaultConfig()
	cfg.Metric = hdbscan.Minkowski
	cfg.MinkowskiP = -1
	fmt.Println(cfg.Validate())
	// Output:
	// manhattan <nil>
	// hdbscan.Config.MinkowskiP is -1, want above 0 with the metric minkowski, or 0
}
