package online_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/online"
)

// batch is rows of two columns.
func batch(values ...float32) blas32.General {
	return blas32.General{Rows: len(values) / 2, Cols: 2, Stride: 2, Data: values}
}

func ExamplePCA() {
	ctx := context.Background()
	p, err := online.NewPCA(online.PCAConfig{NComponents: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []blas32.General{batch(0, 0, 3, 4), batch(6, 8), batch(9, 12, 12, 16)} {
		if p, err = p.Update(ctx, x); err != nil {
			fmt.Println(err)
			return
		}
	}
	points, err := p.Transform(ctx, batch(6, 8, 9, 12))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d rows, mean %.1f, axis %.1f, points %.1f\n", p.Rows(), p.Means(), p.Axes(), points.Data)
	// Output: 5 rows, mean [6.0 8.0], axis [[0.6 0.8]], points [0.0 5.0]
}

func ExampleKMeans() {
	ctx := context.Background()
	cfg := online.KMeansConfig{}
	cfg.NClusters = 2
	k, err := online.NewKMeans(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []blas32.General{batch(0, 0, 10, 10, 0, 2), batch(10, 12, 1, 1)} {
		if k, err = k.Update(ctx, x); err != nil {
			fmt.Println(err)
			return
		}
	}
	labels, _, err := k.Predict(ctx, batch(0, 1, 10, 9, 1, 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(labels[0] == labels[2], labels[0] == labels[1])
	// Output: true false
}

func ExampleDBStream() {
	ctx := context.Background()
	cfg := online.DBStreamConfig{}
	cfg.Radius, cfg.MinWeight = 1, 2
	s, err := online.NewDBStream(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []blas32.General{batch(0, 0, 0.2, 0.1, 5, 5), batch(9, 9, 5.1, 5.2)} {
		if s, err = s.Update(ctx, x); err != nil {
			fmt.Println(err)
			return
		}
		labels, _, err := s.Predict(ctx, batch(0, 0, 5, 5, 9, 9))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.Clusters(), labels)
	}
	// Output:
	// [0] [0 -1 -1]
	// [0 1] [0 1 -1]
}
