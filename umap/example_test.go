package umap_test

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/umap"
)

// circles is 3 rings of 40 points each in 4 dimensions, far apart.
func circles() blas32.General {
	x := blas32.General{Rows: 120, Cols: 4, Stride: 4, Data: make([]float32, 480)}
	for i := range x.Rows {
		row := x.Data[4*i : 4*i+4]
		sin, cos := math.Sincos(2 * math.Pi * float64(i/3) / 40)
		row[0], row[1] = float32(cos), float32(sin)
		row[2+i%2] = 0.1
		row[i%3] += 20
	}
	return x
}

func ExampleFit() {
	cfg := umap.Config{}
	cfg.Neighbors = 10
	m, err := umap.Fit(context.Background(), circles(), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	y := m.Points()
	fmt.Println(y.Rows, "points in", y.Cols, "dimensions")

	// The nearest point to every point is of its own ring.
	same := 0
	for i := range y.Rows {
		nearest, best := 0, math.Inf(1)
		for j := range y.Rows {
			if d := math.Hypot(float64(y.Data[2*i]-y.Data[2*j]), float64(y.Data[2*i+1]-y.Data[2*j+1])); i != j && d < best {
				nearest, best = j, d
			}
		}
		if i%3 == nearest%3 {
			same++
		}
	}
	fmt.Println(same, "next to a point of their own ring")
	// Output:
	// 120 points in 2 dimensions
	// 120 next to a point of their own ring
}

func ExampleModel_Transform() {
	x := circles()
	m, err := umap.Fit(context.Background(), x, umap.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Transform(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fitted := m.Points()
	moved := 0
	for i, v := range y.Data {
		if v != fitted.Data[i] {
			moved++
		}
	}
	fmt.Println(moved, "coordinates of fitted points have moved")
	// Output: 0 coordinates of fitted points have moved
}

// The stages can be run one by one, to see or change what is between them.
func ExampleFuzzySimplicialSet() {
	ctx := context.Background()
	nb, err := umap.NearestNeighbors(ctx, circles(), 10, umap.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rho, sigma, err := umap.SmoothKNN(ctx, nb, 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := umap.FuzzySimplicialSet(ctx, nb, rho, sigma, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	crossing := 0
	for i := range g.Rows() {
		for _, j := range g.Col[g.RowPtr[i]:g.RowPtr[i+1]] {
			if i%3 != int(j)%3 {
				crossing++
			}
		}
	}
	fmt.Println(g.Rows(), "vertices,", crossing, "edges from ring to ring")
	// Output: 120 vertices, 0 edges from ring to ring
}

// Classes that are known for some rows hold the rows of each together.
func ExampleFitData() {
	x := circles()
	classes := make([]int, x.Rows)
	for i := range classes {
		classes[i] = i % 3
		if i%5 == 0 {
			classes[i] = -1 // not known
		}
	}
	m, err := umap.FitData(context.Background(), umap.Data{X: x, Classes: classes}, umap.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Points().Rows, "points")
	// Output: 120 points
}

// A layout can be looked at between epochs.
func ExampleLayout() {
	ctx, x := context.Background(), circles()
	cfg := umap.Config{}
	m, err := umap.Fit(ctx, x, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	start, err := umap.PCALayout(ctx, x, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := umap.NewLayout(start, m.Graph(), 0, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for l.Epoch() < l.Epochs() {
		if err := l.Run(ctx, 100); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(l.Epoch(), " ")
	}
	fmt.Println("of", l.Epochs())
	// Output: 100 200 300 400 500 of 500
}

// The graphs of two views of the same rows are combined and laid out.
func ExampleIntersection() {
	ctx, x := context.Background(), circles()
	cfg := umap.Config{}
	left, err := umap.Fit(ctx, x, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg.Metric = metric.Cosine
	right, err := umap.Fit(ctx, x, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := umap.Intersection(left.Graph(), right.Graph(), 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	if g, err = umap.Rescale(g, true); err != nil {
		fmt.Println(err)
		return
	}
	both, err := umap.FitData(ctx, umap.Data{X: x, Graph: g}, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(both.Points().Rows, "points")
	// Output: 120 points
}

func ExampleModel_InverseTransform() {
	m, err := umap.Fit(context.Background(), circles(), umap.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	y := m.Points()
	y.Rows = 1 // of the ring whose first coordinate is about 20
	x, err := m.InverseTransform(context.Background(), y)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Cols, "columns, the first about", 10*math.Round(float64(x.Data[0])/10))
	// Output: 4 columns, the first about 20
}

func ExampleModel_Update() {
	x := circles()
	first := x
	first.Rows = 90
	m, err := umap.Fit(context.Background(), first, umap.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rest := x
	rest.Rows, rest.Data = 30, x.Data[90*4:]
	if m, err = m.Update(context.Background(), rest); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Points().Rows, "points")
	// Output: 120 points
}

func ExampleFitAligned() {
	x := circles()
	early, late := x, x
	early.Rows = 90
	late.Rows, late.Data = 90, x.Data[30*4:]
	var shared umap.Relation
	for i := 30; i < 90; i++ {
		shared = append(shared, [2]int{i, i - 30})
	}
	cfg := umap.AlignedConfig{}
	a, err := umap.FitAligned(context.Background(), []umap.Data{{X: early}, {X: late}}, []umap.Relation{shared}, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(a.Models()), "layouts that can be compared")
	// Output: 2 layouts that can be compared
}

func ExampleFindAB() {
	a, b := umap.FindAB(0.1, 1)
	fmt.Printf("%.4f %.4f\n", a, b)
	// Output: 1.5769 0.8951
}

func ExampleConfig_Validate() {
	cfg := umap.Config{}
	cfg.Neighbors, cfg.MinDist = 1, 1.5
	fmt.Println(cfg.Validate())
	// Output:
	// umap.Config.Neighbors is 1, want from 2 to 65536, or 0 for 15
	// umap.Config.MinDist is 1.5, want at most Spread, 0 for 0.1, or stage.None for 0
}

// Neighbors that were found elsewhere, or distances of which nothing else is known, are enough for a layout.
func ExampleFitData_neighbors() {
	ctx := context.Background()
	nb, err := umap.NearestNeighbors(ctx, circles(), 15, umap.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := umap.FitData(ctx, umap.Data{Neighbors: nb}, umap.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Points().Rows, "points")
	// Output: 120 points
}

// Local radii say where rows are dense, in the input and in the layout; DensMAP makes the second follow the first.
func ExampleModel_Radii() {
	ctx := context.Background()
	cfg := umap.Config{}
	cfg.DensMAP = true
	m, err := umap.Fit(ctx, circles(), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	original, embedded, err := m.Radii(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(original), "radii among the rows,", len(embedded), "among the positions")
	// Output: 120 radii among the rows, 120 among the positions
}
