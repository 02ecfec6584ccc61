package analysis_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic/analysis"
)

// A text may have several topics.
func ExampleApproximateDistribution() {
	docs := []string{"the dog barks while the car stalls"}
	found, err := analysis.ApproximateDistribution(context.Background(), pets(), docs, analysis.DistributionOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	topics, shares := found.Rows.Row(0)
	for k, t := range topics {
		fmt.Printf("%d %.2f\n", t, shares[k])
	}
	// Output:
	// 0 0.59
	// 2 0.41
}
