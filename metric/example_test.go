package metric_test

import (
	"fmt"

	"github.com/gobertopic/gobertopic/metric"
)

func ExampleMetric_Distance() {
	a, b := []float32{3, 0, 1}, []float32{0, 4, 1}
	for _, name := range []string{"euclidean", "manhattan", "chebyshev", "jaccard"} {
		kind, err := metric.Parse(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v %.3f\n", kind, metric.Metric{Kind: kind}.Distance(a, b))
	}
	// Output:
	// euclidean 5.000
	// manhattan 7.000
	// chebyshev 4.000
	// jaccard 0.667
}

func ExampleMetric_Validate() {
	fmt.Println(metric.Metric{Kind: metric.Minkowski, P: -1}.Validate())
	// Output: Metric.P is -1, want greater than 0, or 0 for 2
}
